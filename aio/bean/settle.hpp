#pragma once

// Waiting for a group of tasks that use what stands in the frame of who waits. Private to bean/.

#include <aio/async/task_group.hpp>

namespace aio::bean {

/// Until all have ended. Cancelled, it cancels them, waits for their ends all the same, and only
/// then says so; the caller's own cancellation state stays as it is.
task<void> settle(async::task_group& all);

} // namespace aio::bean
