#pragma once

// What a stop does for signals: what was emitted is heard, within the deadlines of the stop.
// Private to app/.

#include <aio/app/state.hpp>

namespace aio::app {

/// While the services still run: what came until now. Takes half of the time until `by` at most;
/// what is left then is heard beside the end of the services.
task<void> hear_what_came(app::state& s, async::time_point by);

/// When no service runs any more: all of it. At `by.cancel` those listeners are cancelled that are
/// still at work, at `by.end` they are named; false then.
task<bool> hear_the_rest(app::state& s, service::stop_deadlines by);

/// False when the time was over first.
task<bool> within(app::state& s, async::time_point until, task<void> what);

} // namespace aio::app
