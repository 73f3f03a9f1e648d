#pragma once

// Waits for tasks that use the frame of the caller. Private to bean/.

#include <aio/async/task_group.hpp>

#include <functional>

namespace aio::bean {

/// Calls `begin`, which spawns tasks into `all`, and waits for them.
/// Completes: when all have ended.
/// Loop: the group's.
/// Cancelled: before it has begun, `begin` is not called. Later, and inside `begin`, the tasks are
/// cancelled, and their ends are still waited for. Then operation_aborted. The cancellation state
/// of the caller does not change.
/// Throws: what `begin` throws, when the tasks have ended.
task<void> settle(async::task_group& all, std::function<void()> begin);

} // namespace aio::bean
