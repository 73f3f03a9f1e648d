#include <aio/base/signal_wait.hpp>

#include <time.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace aio::base {

void require_signal_wait() {
    sigset_t none;
    ::sigemptyset(&none);
    const timespec at_once{};
    if (::sigtimedwait(&none, nullptr, &at_once) < 0 && !can_wait_again(errno))
        throw std::system_error(
            errno, std::generic_category(), "cannot wait for signals (rt_sigtimedwait)"
        );
}

bool can_wait_again(int error) noexcept {
    return error == EINTR || error == EAGAIN;
}

} // namespace aio::base
