#pragma once

// Which thread something happened on, and what it was at work for.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>

#include <sys/types.h>

#include <array>
#include <string>

namespace aio::app {

/// Valid while the thread goes no further.
struct thread_place {
    pid_t thread = 0;
    std::array<char, 16> name{};
    const async::loop* loop = nullptr;      ///< nullptr: the thread runs none
    const async::task_node* task = nullptr; ///< nullptr: none, or unknown

    thread_place() = default;

    /// That of the calling thread. Async-signal-safe.
    AIO_API static thread_place here() noexcept;
    /// "thread 12 (aio), loop main, at work for schedule/x: run 1". Allocates.
    AIO_API std::string text() const;
};

} // namespace aio::app
