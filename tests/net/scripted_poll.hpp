#pragma once

// Something happens after a poll(2), before its caller goes on. The library under test finds this
// program's poll before that of libc. In one file of a program.

#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <functional>
#include <utility>

namespace test {

inline thread_local std::function<void()> current_after_poll;

/// Calls the function after the next poll of this thread.
struct after_poll {
    explicit after_poll(std::function<void()> function) {
        current_after_poll = std::move(function);
    }

    after_poll(const after_poll&) = delete;
    after_poll& operator=(const after_poll&) = delete;

    ~after_poll() { current_after_poll = nullptr; }
};

} // namespace test

extern "C" __attribute__((visibility("default"))) int
poll(::pollfd* all, ::nfds_t count, int timeout) {
    const auto result = static_cast<int>(::syscall(SYS_poll, all, count, timeout));
    if (auto function = std::exchange(test::current_after_poll, nullptr))
        function();
    return result;
}
