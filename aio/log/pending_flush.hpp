#pragma once

// Writes out what was logged in a turn of a loop, at the end of that turn at the latest.

#include <memory>

namespace aio::log {

class handler;

/// Flushes the handler once, after the work that is ready on the loop of this thread and before
/// that loop waits again. Returns false when this thread runs no loop; then the caller has to
/// flush.
bool flush_with_turn(const std::shared_ptr<handler>& target);

} // namespace aio::log
