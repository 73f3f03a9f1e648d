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

child::child(const launch_request& what, reach whom, std::shared_ptr<guard> guarded_by)
    : of_(launch(what, guarded_by ? guarded_by->descriptor() : -1)), whom_(whom),
      guard_(std::move(guarded_by)) {
    if (guard_)
        guard_->add(of_.pid);
}

child::child(child&& from) noexcept
    : of_(std::exchange(from.of_, {})), whom_(from.whom_), guard_(std::move(from.guard_)) {}

child& child::operator=(child&& from) noexcept {
    if (this != &from) {
        finish();
        of_ = std::exchange(from.of_, {});
        whom_ = from.whom_;
        guard_ = std::move(from.guard_);
    }
    return *this;
}

child::~child() {
    finish();
}

// One that cannot be killed is not waited for: it may live as long as it likes.
void child::finish() noexcept {
    if (!of_.pid)
        return;
    const bool killed = send(SIGKILL) == 0;
    siginfo_t ignored{};
    if (killed)
        wait_for(of_.pid, ignored, WEXITED);
    if (guard_)
        guard_->remove(of_.pid);
    of_.pid = 0;
}

// One that has left its group is reached by itself. A group counts as reached when one of its
// members is, so the process is asked for on its own.
int child::send(int signal) noexcept {
    if (!of_.pid)
        return ESRCH;
    const bool to_group = whom_ == reach::group && ::kill(-of_.pid, signal) == 0;
    return ::kill(of_.pid, to_group ? 0 : signal) == 0 ? 0 : errno;
}

std::optional<int> child::held_by() const noexcept {
    siginfo_t how{};
    if (!of_.pid || wait_for(of_.pid, how, WSTOPPED | WNOHANG | WNOWAIT) != 0 || how.si_pid == 0)
        return std::nullopt;
    return how.si_status;
}

// It is looked at first and taken afterwards: until then the number of its group is taken, too.
std::optional<ending> child::ended() noexcept {
    siginfo_t how{};
    if (!of_.pid)
        return std::nullopt;
    if (wait_for(of_.pid, how, WEXITED | WNOHANG | WNOWAIT) != 0) {
        if (guard_)
            guard_->remove(of_.pid);
        of_.pid = 0;
        return ending{};
    }
    if (how.si_pid == 0)
        return std::nullopt;
    if (whom_ == reach::group)
        ::kill(-of_.pid, SIGKILL); // fails when nobody is left
    if (guard_)
        guard_->remove(of_.pid);
    wait_for(of_.pid, how, WEXITED);
    of_.pid = 0;
    return ending_of(how);
}

} // namespace aio::process
