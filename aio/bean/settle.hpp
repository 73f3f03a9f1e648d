#pragma once

// Waits for tasks that use the frame of the caller. Private to bean/.

#include <aio/async/task_group.hpp>

namespace aio::bean {

/// Waits for a group of tasks.
/// Completes: when all have ended.
/// Loop: the group's.
/// Cancelled: the tasks are cancelled, and their ends are still waited for. Then operation_aborted.
/// The cancellation state of the caller does not change.
task<void> settle(async::task_group& all);

} // namespace aio::bean
