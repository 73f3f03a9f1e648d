#include <aio/process/environment.hpp>
#include <aio/process/executable.hpp>
#include <aio/process/guard.hpp>
#include <aio/process/launch.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace aio::process {

namespace {

constexpr std::size_t signal_set_size = 8; // of the kernel, on every architecture but MIPS

/// What the child says when it does not get as far as its program.
struct failure {
    const char* step; ///< a literal: the same address in both
    int error;
};

/// Everything the child looks at, made before it exists: between fork and exec nothing may
/// allocate or lock.
struct recipe {
    const char* program = nullptr;
    std::vector<char*> arguments, environment;
    const char* directory = nullptr;
    rlimit open_files{};
    bool limit = false;
    const credentials* as = nullptr;
    pid_t parent = 0;
    int input = -1, output = -1, errors = -1, complaint = -1, guard_line = -1;
};

[[noreturn]] void give_up(const recipe& how, const char* step) noexcept {
    const failure what{step, errno};
    [[maybe_unused]] const auto written = ::write(how.complaint, &what, sizeof what);
    ::_exit(127);
}

/// Kernel calls, past the C library's and a sanitizer's books: the memory may be the parent's.
void reset_signals() noexcept {
    const std::array<unsigned long, 8> standard{}; // a kernel's sigaction of zeros: SIG_DFL
    for (int number = 1; number < NSIG; ++number)
        ::syscall(SYS_rt_sigaction, number, standard.data(), nullptr, signal_set_size);
}

void unblock_signals() noexcept {
    const std::array<unsigned long, 2> none{};
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, none.data(), nullptr, signal_set_size);
}

/// Kernel calls: the C library's make every thread of the process follow.
void change_user(const recipe& how) noexcept {
    const credentials& to = *how.as;
    if (::syscall(SYS_setgroups, to.groups.size(), to.groups.data()) != 0)
        give_up(how, "take the groups of its user");
    if (::syscall(SYS_setresgid, to.group, to.group, to.group) != 0)
        give_up(how, "take its group");
    if (::syscall(SYS_setresuid, to.user, to.user, to.user) != 0)
        give_up(how, "become its user");
}

/// The signal comes when the thread that forked ends; who forked may be gone already.
void die_with_parent(const recipe& how) noexcept {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        give_up(how, "ask for the parent's death signal");
    if (::getppid() != how.parent)
        ::_exit(127);
}

void take_descriptors(const recipe& how) noexcept {
    if (::dup2(how.input, 0) < 0 || ::dup2(how.output, 1) < 0 || ::dup2(how.errors, 2) < 0)
        give_up(how, "take its descriptors");
    ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC); // a module's may be open
}

[[noreturn]] void become_program(const recipe& how) noexcept {
    reset_signals();
    if (::setsid() < 0)
        give_up(how, "lead a session");
    if (how.guard_line >= 0)
        tell_guard(how.guard_line, ::getpid());
    if (how.as)
        change_user(how);
    die_with_parent(how); // a change of user would undo it
    if (how.limit && ::setrlimit(RLIMIT_NOFILE, &how.open_files) != 0)
        give_up(how, "set its limit of open files");
    if (how.directory && ::chdir(how.directory) != 0)
        give_up(how, "enter");
    take_descriptors(how);
    unblock_signals();
    ::execve(how.program, how.arguments.data(), how.environment.data());
    give_up(how, "execute");
}

class signals_blocked {
  public:
    signals_blocked() noexcept {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }

    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;

    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

/// vfork: the size of this process costs nothing, and its other threads go on. A child that is to
/// be another user gets memory of its own: that user may look into it and change it.
pid_t fork_into(const recipe& how) {
    const signals_blocked meanwhile;
    const pid_t pid =
        how.as ? ::fork() : ::vfork(); // NOLINT(bugprone-unsafe-functions): posix_spawn cannot
    if (pid == 0)
        become_program(how);
    return pid;
}

struct ends {
    base::descriptor read, write;
};

/// Never one of the first three numbers, even when those are closed: the child needs them.
base::descriptor above_standard(base::descriptor fd) {
    if (fd.get() > 2)
        return fd;
    return base::descriptor(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
}

ends make_pipe() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0)
        throw launch_error(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    ends made{base::descriptor(fds[0]), base::descriptor(fds[1])};
    made.read = above_standard(std::move(made.read));
    made.write = above_standard(std::move(made.write));
    return made;
}

base::descriptor no_input() {
    base::descriptor opened(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!opened)
        throw launch_error(fmt::format("cannot open /dev/null: {}", std::strerror(errno)));
    return above_standard(std::move(opened));
}

std::vector<char*> pointers(const std::vector<std::string>& to) {
    std::vector<char*> all;
    all.reserve(to.size() + 1);
    for (const std::string& one : to)
        all.push_back(const_cast<char*>(one.c_str())); // execve does not write there
    all.push_back(nullptr);
    return all;
}

recipe prepare(const launch_request& what) {
    recipe how;
    how.program = what.program.c_str();
    how.arguments = pointers(what.arguments);
    how.environment = pointers(what.environment);
    how.directory = what.directory.empty() ? nullptr : what.directory.c_str();
    how.as = what.as ? &*what.as : nullptr;
    how.parent = ::getpid();
    if (what.open_files != 0 && ::getrlimit(RLIMIT_NOFILE, &how.open_files) == 0) {
        how.limit = what.open_files <= how.open_files.rlim_max;
        how.open_files.rlim_cur = what.open_files;
    }
    return how;
}

/// So that it may open them once more, as /dev/stdout.
void give_away(const credentials& to, const base::descriptor& one, const base::descriptor& other) {
    for (const int fd : {one.get(), other.get()})
        if (::fchown(fd, to.user, to.group) != 0)
            throw launch_error(fmt::format("cannot give a pipe away: {}", std::strerror(errno)));
}

/// With SIGCHLD ignored (whoever started us may have left it so) the kernel throws the exit
/// statuses away.
void keep_statuses() noexcept {
    struct sigaction now{};
    if (::sigaction(SIGCHLD, nullptr, &now) == 0 && now.sa_handler == SIG_IGN)
        ::signal(SIGCHLD, SIG_DFL);
}

void do_not_block(const base::descriptor& pipe) {
    if (::fcntl(pipe.get(), F_SETFL, O_NONBLOCK) != 0)
        throw launch_error(fmt::format("cannot set up a pipe: {}", std::strerror(errno)));
}

std::string text_of(const failure& why, const launch_request& what) {
    const std::string_view step = why.step;
    if (step == "execute")
        return fmt::format(
            "cannot execute {}: {}",
            what.program,
            reason_not_executed(
                why.error, what.program, what.directory, value_of(what.environment, "PATH")
            )
        );
    return fmt::format(
        "cannot {}{}: {}",
        step,
        step == "enter" ? " " + what.directory : "",
        std::strerror(why.error)
    );
}

/// Blocks until the program has begun: its copy of the pipe is closed then.
void wait_for_program(pid_t pid, const recipe& how, int complaint, const launch_request& what) {
    failure why{};
    ssize_t got = 0;
    do
        got = ::read(complaint, &why, sizeof why);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return;
    if (how.guard_line >= 0)
        tell_guard(how.guard_line, -pid);
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    throw launch_error(text_of(why, what));
}

} // namespace

launched launch(const launch_request& what, int guard_line) {
    recipe how = prepare(what);
    how.guard_line = guard_line;
    ends output = make_pipe(), errors = make_pipe(), complaint = make_pipe();
    const base::descriptor input = no_input();
    how.input = input.get();
    how.output = output.write.get();
    how.errors = errors.write.get();
    how.complaint = complaint.write.get();
    do_not_block(output.read);
    do_not_block(errors.read);
    if (what.as)
        give_away(*what.as, output.write, errors.write);
    keep_statuses();
    launched made;
    made.pid = fork_into(how);
    if (made.pid < 0)
        throw launch_error(fmt::format("cannot make a process: {}", std::strerror(errno)));
    complaint.write.reset();
    wait_for_program(made.pid, how, complaint.read.get(), what);
    made.ended.reset(static_cast<int>(::syscall(SYS_pidfd_open, made.pid, 0U)));
    made.output = std::move(output.read);
    made.errors = std::move(errors.read);
    return made;
}

} // namespace aio::process
