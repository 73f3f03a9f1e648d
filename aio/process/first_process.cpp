#include <aio/base/signal_wait.hpp>
#include <aio/process/first_process.hpp>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

namespace aio::process {

namespace {

constexpr int signal_base = 128;

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
bool is_passed_on(const siginfo_t& what) noexcept {
    switch (what.si_signo) {
    case SIGCHLD:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return false;
    default:
        return what.si_code != SI_KERNEL;
    }
}

int wait_for(pid_t worker, const sigset_t& all) noexcept {
    for (;;) {
        if (const auto status = collect(worker))
            return *status;
        siginfo_t what{};
        if (::sigwaitinfo(&all, &what) > 0 && is_passed_on(what))
            ::kill(worker, what.si_signo);
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
