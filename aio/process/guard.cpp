#include <aio/base/system_reason.hpp>
#include <aio/process/guard.hpp>
#include <aio/process/open_descriptors.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace asio = boost::asio;

namespace aio::process {

namespace {

constexpr std::size_t most_numbers = std::size_t{1} << 22; // PID_MAX_LIMIT of the kernel
constexpr int patience = 100; // milliseconds in which a guard that runs empties its line
constexpr std::size_t bits = CHAR_BIT * sizeof(std::uint64_t);

/// One bit for each number a process can have. Only what is used takes memory.
class group_set {
  public:
    group_set() noexcept
        : words_(static_cast<std::uint64_t*>(::mmap(
              nullptr,
              most_numbers / CHAR_BIT,
              PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS,
              -1,
              0
          ))) {}

    explicit operator bool() const noexcept { return words_ != MAP_FAILED; }

    void note(pid_t number) noexcept {
        const auto group = static_cast<std::size_t>(number < 0 ? -number : number);
        const std::uint64_t bit = std::uint64_t{1} << group % bits;
        if (group <= 1 || group >= most_numbers)
            return;
        if (number < 0)
            words_[group / bits] &= ~bit;
        else
            words_[group / bits] |= bit;
    }

    void kill_all() const noexcept {
        for (std::size_t group = 0; group < most_numbers; ++group)
            if ((words_[group / bits] >> group % bits & 1) != 0)
                ::kill(-static_cast<pid_t>(group), SIGKILL);
    }

  private:
    std::uint64_t* words_;
};

/// Notes the groups until aio has ended. The end of the line alone does not tell: a process that a
/// module forked without executing a program holds a copy of its other end. `owner` is the pidfd of
/// aio, -1 where the kernel has none.
void hear(int line, int owner, group_set& groups) noexcept {
    for (;;) {
        std::array<::pollfd, 2> both{{{line, POLLIN, 0}, {owner, POLLIN, 0}}};
        if (::poll(both.data(), both.size(), -1) < 0 && errno != EINTR)
            return;
        pid_t number = 0;
        const ssize_t got = ::recv(line, &number, sizeof number, MSG_DONTWAIT);
        const bool nothing = got < 0 && (errno == EINTR || errno == EAGAIN);
        if (got == sizeof number)
            groups.note(number);
        else if (!nothing || both[1].revents != 0) // all that aio has sent was read
            return;
    }
}

constexpr std::string_view guard_name = "orphan-guard"; // 15 bytes at most

/// Where the system reads the command line of this process; empty: not known.
std::span<char> command_line() {
    std::ifstream from("/proc/self/stat");
    const std::string all{std::istreambuf_iterator<char>(from), {}};
    std::istringstream fields(all.substr(std::min(all.rfind(')') + 1, all.size())));
    std::string skipped;
    std::uintptr_t begin = 0, end = 0;
    for (int field = 3; field < 48; ++field)
        fields >> skipped;
    if (!(fields >> begin >> end) || begin == 0 || end <= begin)
        return {};
    return {reinterpret_cast<char*>(begin), end - begin}; // NOLINT(performance-no-int-to-ptr)
}

/// The last byte stays zero: without it the system shows what follows, which is the environment.
void take_name(std::span<char> command_line) noexcept {
    ::prctl(PR_SET_NAME, guard_name.data());
    std::ranges::fill(command_line, '\0');
    if (!command_line.empty())
        std::ranges::copy(guard_name.substr(0, command_line.size() - 1), command_line.begin());
}

/// A copy of a process with many threads: only what is safe in a signal handler may be called.
[[noreturn]] void stand(int line, int owner, std::span<char> command_line) noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr);
    ::setsid();
    take_name(command_line);
    const int kept = owner < 0 ? -1 : ::fcntl(owner, F_DUPFD, 2); // not 0, which is replaced
    ::dup2(line, 0);
    if (kept >= 0)
        ::dup2(kept, 1);
    close_all(kept < 0 ? 1 : 2);
    [[maybe_unused]] const int left = ::chdir("/"); // so that no file system is kept in use
    group_set groups;
    if (!groups)
        ::_exit(1);
    hear(0, kept < 0 ? -1 : 1, groups);
    groups.kill_all();
    ::_exit(0);
}

[[noreturn]] void fail(const char* name) {
    throw base::system_failure(errno, name);
}

/// Not a child of aio: whatever waits for children must not meet it. Its number is sent to the
/// other end of the line.
void fork_twice(int line) {
    const base::descriptor owner(static_cast<int>(::syscall(SYS_pidfd_open, ::getpid(), 0U)));
    const std::span<char> shown = command_line();
    const pid_t first = ::fork();
    if (first < 0)
        fail("cannot make a process");
    if (first == 0) {
        const pid_t second = ::fork();
        if (second == 0)
            stand(line, owner.get(), shown);
        if (second > 0)
            tell_guard(line, second);
        ::_exit(second < 0 ? errno : 0);
    }
    int status = 0;
    while (::waitpid(first, &status, 0) < 0 && errno == EINTR) {
    }
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EAGAIN;
    if (errno != 0)
        fail("cannot make a process");
}

class keeper final : public asio::execution_context::service {
  public:
    static inline asio::execution_context::id id;

    explicit keeper(asio::execution_context& context)
        : service(context), end_(static_cast<asio::io_context&>(context)) {}

    /// Calls `lost` when the line of the guard has ended. Without a way to see that, nobody does.
    void watch(async::loop& main, bool replaces, guard::loss_handler lost) {
        const auto enough = main.now() + std::chrono::seconds(replaces ? 1 : 0);
        base::descriptor line(::fcntl(its_guard->descriptor(), F_DUPFD_CLOEXEC, 0));
        boost::system::error_code failed;
        std::ignore = end_.close(failed);
        if (!line || end_.assign(line.get(), failed))
            return;
        line.release();
        end_.async_wait(
            asio::posix::stream_descriptor::wait_read,
            [this, &main, enough, lost = std::move(lost)](const boost::system::error_code& why) {
                if (!why && its_guard && !its_guard->stands())
                    lost(main.now() >= enough);
            }
        );
    }

    std::shared_ptr<guard> its_guard;
    bool failure_told = false;

  private:
    void shutdown() override {
        boost::system::error_code ignored;
        std::ignore = end_.close(ignored);
        its_guard.reset();
    }

    asio::posix::stream_descriptor end_;
};

} // namespace

std::shared_ptr<guard> guard::of(async::loop& main, loss_handler lost) {
    auto& its_keeper = asio::use_service<keeper>(main.context());
    auto& kept = its_keeper.its_guard;
    if (kept && kept->stands())
        return kept;
    auto next = std::make_shared<guard>();
    const bool replaces = kept != nullptr;
    if (replaces)
        kept->replace_by(next);
    kept = std::move(next);
    its_keeper.failure_told = false;
    if (lost)
        its_keeper.watch(main, replaces, std::move(lost));
    return kept;
}

bool guard::new_failure(async::loop& main) {
    return !std::exchange(asio::use_service<keeper>(main.context()).failure_told, true);
}

guard::guard() {
    std::array<int, 2> both{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, both.data()) != 0)
        fail("cannot make a socket");
    base::descriptor ours(both[0]), theirs(both[1]);
    fork_twice(theirs.get());
    pid_t number = 0;
    if (::recv(ours.get(), &number, sizeof number, MSG_DONTWAIT) == sizeof number)
        process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, number, 0U)));
    line_ = std::move(ours);
}

void guard::add(pid_t group) {
    const std::scoped_lock hold(mutex_);
    if (next_)
        return next_->add(group);
    groups_.insert(group);
    tell(group);
}

void guard::remove(pid_t group) noexcept {
    const std::scoped_lock hold(mutex_);
    if (next_)
        return next_->remove(group);
    groups_.erase(group);
    tell(-group);
}

// The line of a new guard that takes over many groups may be full for a moment. A guard that is
// given up is killed: if it went on later, it would kill groups whose end it was not told.
void guard::tell(pid_t group) noexcept {
    if (given_up_ || tell_guard(line_.get(), group))
        return;
    ::pollfd room{line_.get(), POLLOUT, 0};
    if (::poll(&room, 1, patience) > 0 && tell_guard(line_.get(), group))
        return;
    given_up_ = true;
    if (process_)
        ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0U);
}

// After the constructor nothing comes from the other end: this one is readable only when that one
// is closed.
bool guard::stands() const noexcept {
    char nothing = 0;
    return !given_up_ && ::recv(line_.get(), &nothing, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

void guard::replace_by(std::shared_ptr<guard> next) {
    const std::scoped_lock hold(mutex_);
    for (const pid_t group : groups_)
        next->add(group);
    next_ = std::move(next);
}

bool tell_guard(int line, pid_t group) noexcept {
    ssize_t sent = 0;
    do
        sent = ::send(line, &group, sizeof group, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent == sizeof group;
}

} // namespace aio::process
