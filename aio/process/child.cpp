#include <aio/process/child.hpp>

#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace aio::process {

namespace {

int wait_for(pid_t pid, siginfo_t& into, int how) noexcept {
    int failed = 0;
    do
        failed = ::waitid(P_PID, static_cast<id_t>(pid), &into, how);
    while (failed != 0 && errno == EINTR);
    return failed;
}

ending ending_of(const siginfo_t& from) noexcept {
    ending made;
    if (from.si_code == CLD_EXITED)
        made.status = from.si_status;
    else
        made.signal = from.si_status;
    made.dumped = from.si_code == CLD_DUMPED;
    return made;
}

} // namespace

child::child(const launch_request& what, reach whom) : of_(launch(what)), whom_(whom) {}

child::child(child&& from) noexcept : of_(std::exchange(from.of_, {})), whom_(from.whom_) {}

child& child::operator=(child&& from) noexcept {
    if (this != &from) {
        finish();
        of_ = std::exchange(from.of_, {});
        whom_ = from.whom_;
    }
    return *this;
}

child::~child() {
    finish();
}

void child::finish() noexcept {
    if (!of_.pid)
        return;
    send(SIGKILL);
    siginfo_t ignored{};
    wait_for(of_.pid, ignored, WEXITED);
    of_.pid = 0;
}

// One that has left its group is reached by itself.
void child::send(int signal) noexcept {
    if (!of_.pid)
        return;
    if (whom_ == reach::process || ::kill(-of_.pid, signal) != 0)
        ::kill(of_.pid, signal);
}

// It is looked at first and taken afterwards: until then the number of its group is taken, too.
std::optional<ending> child::ended() noexcept {
    siginfo_t how{};
    if (!of_.pid)
        return std::nullopt;
    if (wait_for(of_.pid, how, WEXITED | WNOHANG | WNOWAIT) != 0) {
        of_.pid = 0;
        return ending{};
    }
    if (how.si_pid == 0)
        return std::nullopt;
    if (whom_ == reach::group)
        send(SIGKILL);
    wait_for(of_.pid, how, WEXITED);
    of_.pid = 0;
    return ending_of(how);
}

} // namespace aio::process
