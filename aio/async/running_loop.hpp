#pragma once

// From a thread to the loop that it runs. For code that has no executor at hand, such as a logger.

#include <aio/base/api.hpp>

namespace aio::async {

class loop;

/// The loop inside whose run() or poll() the calling thread is; the innermost one when they are
/// nested. nullptr on all other threads, and while a simulation makes the steps of its loops.
AIO_API loop* running_loop() noexcept;

} // namespace aio::async
