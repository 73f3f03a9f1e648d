#pragma once

// What a stop does for signals: listeners hear what was emitted, within the deadlines of the stop.
// Private to app/.

#include <aio/app/state.hpp>

namespace aio::app {

/// Has the listeners hear what was emitted so far, while the services still run.
/// Completes: when all was heard, or half of the time until `limit` has passed; the rest is heard
/// while the services end.
/// Loop: the main one.
/// Cancelled: nothing emitted is lost.
task<void> hear_what_came(app::state& s, async::time_point limit);

/// Has the listeners hear everything, when no service runs any more. At `limits.cancel` the
/// listeners that are still at work are cancelled. Completes: true when all have ended; false at
/// `limits.end`, then the others were named in the log. Loop: the main one.
task<bool> hear_the_rest(app::state& s, service::stop_deadlines limits);

/// Runs `work`, cancelled at `limit`.
/// Completes: true when it has ended; false when the time was over first.
/// Loop: the main one.
task<bool> within(app::state& s, async::time_point limit, task<void> work);

} // namespace aio::app
