#pragma once

// Waiting for time to pass, on the clock of the loop.

#include <aio/async/clock.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

namespace aio::async {

/// Waits for a duration.
/// Completes: after `how_long`, at the earliest in the next turn of the loop.
/// Loop: any; by the clock of that loop.
/// Cancelled: by any type; it ends at once. Then operation_aborted.
AIO_API task<void> sleep(duration how_long);

/// Waits until a moment of the steady clock. Otherwise the same contract as sleep().
/// Completes: at `when`, at the earliest in the next turn of the loop.
AIO_API task<void> sleep_until(time_point when);

/// Like sleep(), until a moment of the wall clock. Returns true when the wall clock shows `when`;
/// false when the wall clock was set meanwhile, so that the caller has to plan again.
AIO_API task<bool> sleep_until_wall(wall_point when);

} // namespace aio::async

namespace aio {

using async::sleep;

}
