#pragma once

// Delivers the emitted signals during a stop, within the deadlines of the stop. Private to app/.

#include <aio/app/state.hpp>

namespace aio::app {

/// Waits until the listeners have heard what was emitted so far, while the services still run.
/// Completes: when all was heard, or half of the time until `limit` has passed; the rest is heard
/// while the services end.
/// Loop: the main one.
/// Cancelled: nothing that was emitted is lost. Then operation_aborted.
task<void> hear_what_came(app::state& s, async::time_point limit);

/// Waits until the listeners have heard everything, when no service runs any more. Listeners that
/// still run at `limits.cancel` are cancelled.
/// Completes: with true when all have ended; with false at `limits.end`, after the listeners that
/// still run were named in the log.
/// Loop: the main one.
/// Cancelled: only the waiting ends. Then operation_aborted.
task<bool> hear_the_rest(app::state& s, service::stop_deadlines limits);

/// Runs `work`, cancelled at `limit`.
/// Completes: with true when it has ended; with false when `limit` came first.
/// Loop: the main one.
/// Cancelled: `work` is cancelled and waited for.
/// Throws: what `work` throws.
task<bool> within(app::state& s, async::time_point limit, task<void> work);

} // namespace aio::app
