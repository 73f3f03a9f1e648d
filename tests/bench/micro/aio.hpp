#pragma once

namespace bench {

/// Nanoseconds a turn of a loop with a log call that is filtered out.
void filtered_log(double secs);
/// Emits a second to plain functions and to coroutines that do not suspend.
void emit_signals(double secs);
/// Nanoseconds a spawn by a task group, and what watching is of it.
void spawn_tasks(double secs);

} // namespace bench
