#include <aio/base/pass_signal.hpp>
#include <aio/base/signal_wait.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/process/ending.hpp>
#include <aio/process/first_process.hpp>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace aio::process {

namespace {

constexpr int signal_base = 128;
constexpr auto patience = std::chrono::seconds(1); // with the reader of standard error

int status_of(const siginfo_t& how) noexcept {
    return how.si_code == CLD_EXITED ? how.si_status : signal_base + how.si_status;
}

/// Takes the status of every child that has ended; that of the worker is returned. Without any
/// child, the worker's status is lost, and that is a failure.
std::optional<int> collect(pid_t worker) noexcept {
    std::optional<int> status;
    for (;;) {
        siginfo_t how{};
        if (::waitid(P_ALL, 0, &how, WEXITED | WNOHANG) != 0) {
            if (errno == EINTR)
                continue;
            return status.value_or(EXIT_FAILURE);
        }
        if (how.si_pid == 0)
            return status;
        if (how.si_pid == worker)
            status = status_of(how);
    }
}

/// A terminal's signals reach the worker by themselves.
bool is_passed_on(const siginfo_t& info) noexcept {
    switch (info.si_signo) {
    case SIGCHLD:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return false;
    default:
        return info.si_code != SI_KERNEL;
    }
}

void pass_on(pid_t worker, int signal) {
    const int error = base::pass_signal(worker, signal);
    if (error != 0 && error != ESRCH)
        base::say(
            fmt::format(
                "{} cannot be passed on to process {}: {}",
                signal_name(signal),
                worker,
                base::system_reason(error)
            ),
            base::layout::message,
            patience
        );
}

int wait_for(pid_t worker, const sigset_t& all) {
    for (;;) {
        if (const auto status = collect(worker))
            return *status;
        siginfo_t info{};
        if (::sigwaitinfo(&all, &info) > 0 && is_passed_on(info))
            pass_on(worker, info.si_signo);
    }
}

/// Without one of these calls the first process would spin, or would never learn of the worker's
/// end.
void require_waits() {
    base::require_signal_wait();
    siginfo_t how{};
    if (::waitid(P_ALL, 0, &how, WEXITED | WNOHANG | WNOWAIT) != 0 && errno != ECHILD &&
        errno != EINTR)
        throw std::system_error(
            errno, std::generic_category(), "cannot wait for processes (waitid)"
        );
}

} // namespace

std::optional<int> serve_as_first_process() {
    if (::getpid() != 1) {
        ::prctl(PR_SET_CHILD_SUBREAPER, 0);
        return std::nullopt;
    }
    require_waits();
    ::signal(SIGCHLD, SIG_DFL); // ignored, the system would throw the status of the worker away
    sigset_t all, before;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, &before);
    const pid_t worker = ::fork();
    if (worker < 0)
        throw std::system_error(errno, std::generic_category(), "fork");
    if (worker == 0) {
        ::sigprocmask(SIG_SETMASK, &before, nullptr);
        return std::nullopt;
    }
    return wait_for(worker, all);
}

} // namespace aio::process
