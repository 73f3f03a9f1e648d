#include <aio/process/child.hpp>

#include <poll.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace aio::process {

namespace {

constexpr int longest_wait = 200; // milliseconds; most killed processes end within one

int wait_for(pid_t pid, siginfo_t& into, int how) noexcept {
    int failed = 0;
    do
        failed = ::waitid(P_PID, static_cast<id_t>(pid), &into, how);
    while (failed != 0 && errno == EINTR);
    return failed;
}

/// False: it still runs, in a system call that cannot be interrupted.
bool reap_killed(pid_t pid, int end_descriptor) noexcept {
    siginfo_t how{};
    if (wait_for(pid, how, WEXITED | WNOHANG) != 0 || how.si_pid != 0)
        return true;
    ::pollfd end{end_descriptor, POLLIN, 0}; // without a descriptor this only waits
    while (::poll(&end, 1, longest_wait) < 0 && errno == EINTR) {
    }
    return wait_for(pid, how, WEXITED | WNOHANG) != 0 || how.si_pid != 0;
}

ending ending_of(const siginfo_t& info) noexcept {
    ending made;
    if (info.si_code == CLD_EXITED)
        made.status = info.si_status;
    else
        made.signal = info.si_status;
    made.dumped = info.si_code == CLD_DUMPED;
    return made;
}

} // namespace

child::child(const launch_request& request, reach signalled, std::shared_ptr<guard> group_guard)
    : of_(launch(request, group_guard ? group_guard->descriptor() : -1)), signalled_(signalled),
      guard_(std::move(group_guard)) {
    try {
        if (guard_)
            guard_->add(of_.pid);
    } catch (...) {
        finish(); // the destructor is not called
        throw;
    }
}

child::child(child&& from) noexcept
    : of_(std::exchange(from.of_, {})), signalled_(from.signalled_),
      guard_(std::move(from.guard_)) {}

child& child::operator=(child&& from) noexcept {
    if (this != &from) {
        finish();
        of_ = std::exchange(from.of_, {});
        signalled_ = from.signalled_;
        guard_ = std::move(from.guard_);
    }
    return *this;
}

child::~child() {
    finish();
}

// A process that cannot be killed is not waited for: it may run for any time. One that was killed
// and has not ended stays with the guard, which kills its group again when aio is gone.
void child::finish() noexcept {
    if (!of_.pid)
        return;
    const bool killed = send(SIGKILL) == 0;
    const bool left = killed && !reap_killed(of_.pid, of_.ended.get());
    if (siginfo_t how{}; !killed) // it may have ended, but no right to signal it is left
        wait_for(of_.pid, how, WEXITED | WNOHANG);
    if (guard_ && !left)
        guard_->remove(of_.pid);
    of_.pid = 0;
}

// A process that has left its group is signalled alone. A signal to a group succeeds when one
// member is reached, so a second call finds out about the process itself.
int child::send(int signal) noexcept {
    if (!of_.pid)
        return ESRCH;
    const bool to_group = signalled_ == reach::group && ::kill(-of_.pid, signal) == 0;
    return ::kill(of_.pid, to_group ? 0 : signal) == 0 ? 0 : errno;
}

std::optional<int> child::held_by() const noexcept {
    siginfo_t how{};
    if (!of_.pid || wait_for(of_.pid, how, WSTOPPED | WNOHANG | WNOWAIT) != 0 || how.si_pid == 0)
        return std::nullopt;
    return how.si_status;
}

bool child::continued() const noexcept {
    siginfo_t how{};
    return of_.pid != 0 && wait_for(of_.pid, how, WCONTINUED | WNOHANG | WNOWAIT) == 0 &&
           how.si_pid != 0;
}

bool child::is_over() const noexcept {
    siginfo_t how{};
    return of_.pid != 0 && wait_for(of_.pid, how, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           how.si_pid != 0;
}

// The status is read first and taken last: until then the number of the group is not reused.
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
    if (signalled_ == reach::group)
        ::kill(-of_.pid, SIGKILL); // fails when the group is empty
    if (guard_)
        guard_->remove(of_.pid);
    wait_for(of_.pid, how, WEXITED);
    of_.pid = 0;
    return ending_of(how);
}

} // namespace aio::process
