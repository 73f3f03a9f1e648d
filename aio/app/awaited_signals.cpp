#include <aio/app/awaited_signals.hpp>
#include <aio/app/process_signals.hpp>

#include <algorithm>

namespace aio::app {
namespace {

using clock = std::chrono::steady_clock;

sigset_t stop_set() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : stop_signals())
        ::sigaddset(&set, number);
    return set;
}

timespec to_timespec(clock::duration wait) {
    const auto left = std::max(wait, clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    timespec t{};
    t.tv_sec = seconds.count();
    t.tv_nsec = std::chrono::duration_cast<std::chrono::nanoseconds>(left - seconds).count();
    return t;
}

} // namespace

void block_process_signals() {
    const sigset_t set = awaited_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    catch_quietly(SIGPIPE);
}

void admit_process_signals() noexcept {
    const sigset_t set = awaited_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

int wake_signal() noexcept {
    return SIGRTMIN + 2;
}

// A blocked signal stays pending even if it is ignored, so signals that stay ignored are not
// blocked.
sigset_t awaited_signals() {
    sigset_t set = stop_set();
    for (const int number : {SIGUSR1, SIGUSR2, wake_signal()})
        ::sigaddset(&set, number);
    return set;
}

signal_intake::signal_intake() : all_(awaited_signals()), first_(stop_set()) {}

int signal_intake::next(clock::duration longest) const noexcept {
    const timespec at_once{};
    const int number = ::sigtimedwait(&first_, nullptr, &at_once);
    if (number > 0)
        return number;
    const timespec left = to_timespec(longest);
    return ::sigtimedwait(&all_, nullptr, &left);
}

} // namespace aio::app
