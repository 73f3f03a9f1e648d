#pragma once

// Waiting for time to pass, on the clock of the loop.

#include <aio/async/clock.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

namespace aio::async {

/// Completes after `how_long`, always at least one turn of the loop later. Cancellation of any
/// kind ends it with operation_aborted.
AIO_API task<void> sleep(duration how_long);

AIO_API task<void> sleep_until(time_point when);

/// Completes when the wall clock shows `when` (true), or earlier when somebody set the wall clock
/// (false): then whatever was planned by it has to be planned anew. Cancellation as above.
AIO_API task<bool> sleep_until_wall(wall_point when);

} // namespace aio::async

namespace aio {

using async::sleep;

}
