#pragma once

// Waits for tasks that use the frame of the caller. Private to bean/.

#include <aio/async/task_group.hpp>

namespace aio::bean {

/// Waits for a group of tasks.
/// Completes: when all have ended.
/// Loop: the group's.
/// Cancelled: it cancels them, waits for their ends nevertheless, and then throws. The cancellation
/// state of the caller stays as it is.
task<void> settle(async::task_group& all);

} // namespace aio::bean
