#pragma once

// Threads whose failure to start says what was meant to start.

#include <system_error>
#include <thread>
#include <utility>

namespace aio::base {

/// Starts a thread that runs `work`. Throws std::system_error: std::thread's own says only
/// "Resource temporarily unavailable" when a limit of memory, processes or tasks is in the way.
template <typename F>
std::thread start_thread(F work) {
    try {
        return std::thread(std::move(work));
    } catch (const std::system_error& e) {
        throw std::system_error(
            e.code(), "cannot start a thread (see the limits of memory, processes and tasks)"
        );
    }
}

} // namespace aio::base
