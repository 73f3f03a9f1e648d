#pragma once

// aio as the first process of its PID namespace: PID 1 of a container.
//
// The system gives every orphan to that process, which has to wait for it, or it stays a zombie.
// aio cannot do so itself: waiting for everybody takes the status of children that others, modules
// too, wait for. So PID 1 only waits and passes signals on, and a child of it does the work.

#include <aio/base/api.hpp>

#include <optional>

namespace aio::process {

/// Call before any thread exists. In PID 1: returns when the child has ended, with the status to
/// end with, 128 and the number of the signal that killed it included. In that child, and in every
/// process that is not PID 1, it returns nothing, at once. A process that is to adopt the orphans
/// below it (a subreaper) adopts no more of them: they go to the next one above.
/// Throws std::system_error.
AIO_API std::optional<int> serve_as_first_process();

} // namespace aio::process
