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

int signal_thread(pthread_t thread, int signal) noexcept {
    const int error = ::pthread_kill(thread, signal);
    if (error != EPERM && error != EACCES && error != ENOSYS)
        return error;
    return ::pthread_sigqueue(thread, signal, sigval{}) == 0 ? 0 : error;
}

void require_thread_signal() {
    if (const int error = signal_thread(::pthread_self(), 0))
        throw std::system_error(
            error, std::generic_category(), "cannot signal a thread (tgkill, rt_tgsigqueueinfo)"
        );
}

} // namespace aio::base
