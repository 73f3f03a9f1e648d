#include <aio/app/signal_relay.hpp>
#include <aio/base/signal_wait.hpp>

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <tuple>

namespace aio::app {
namespace {

/// A signal handler gets no context of its own, so its data belongs to the process.
struct {
    std::atomic<pid_t> process{0};
    pthread_t receiver{};
} shared;

/// The signal is blocked in the handler: what is raised here comes when it returns.
void pass_on(int signal) noexcept {
    const int error = errno;
    if (::getpid() == shared.process) {
        std::ignore = base::signal_thread(shared.receiver, signal);
    } else {
        ::signal(signal, SIG_DFL);
        std::ignore = ::raise(signal);
    }
    errno = error;
}

} // namespace

signal_relay::signal_relay(pthread_t receiver, const sigset_t& signals) {
    shared.receiver = receiver;
    shared.process = ::getpid();
    struct sigaction ours{};
    ours.sa_handler = pass_on;
    ours.sa_flags = SA_RESTART | SA_ONSTACK;
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction now{};
        if (::sigismember(&signals, number) == 1 && ::sigaction(number, nullptr, &now) == 0 &&
            now.sa_handler == SIG_DFL && ::sigaction(number, &ours, nullptr) == 0)
            caught_.push_back(number);
    }
}

signal_relay::~signal_relay() {
    for (const int number : caught_) {
        struct sigaction now{};
        if (::sigaction(number, nullptr, &now) == 0 && now.sa_handler == pass_on)
            ::signal(number, SIG_DFL);
    }
    shared.process = 0;
}

} // namespace aio::app
