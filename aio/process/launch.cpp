#include <aio/base/nowhere.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/user_change.hpp>
#include <aio/process/argument_limit.hpp>
#include <aio/process/environment.hpp>
#include <aio/process/executable.hpp>
#include <aio/process/guard.hpp>
#include <aio/process/launch.hpp>
#include <aio/process/open_descriptors.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

namespace aio::process {

namespace {

constexpr std::size_t signal_set_size = 8; // of the kernel, on every architecture but MIPS

/// What the child does before its program begins.
enum class step {
    lead_session,
    take_groups,
    take_group,
    become_user,
    ask_for_death_signal,
    limit_open_files,
    enter_directory,
    take_descriptors,
    execute
};

/// What the child writes when a step fails.
struct failure {
    step failed;
    int error;
};

/// Everything the child reads, made before the fork: between fork and exec nothing may allocate or
/// lock.
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

[[noreturn]] void give_up(const recipe& how, step failed) noexcept {
    const failure what{failed, errno};
    [[maybe_unused]] const auto written = ::write(how.complaint, &what, sizeof what);
    ::_exit(127);
}

/// System calls, which the C library and a sanitizer do not note: the memory may be the parent's.
void reset_signals() noexcept {
    const std::array<unsigned long, 8> standard{}; // a kernel's sigaction of zeros: SIG_DFL
    for (int number = 1; number < NSIG; ++number)
        ::syscall(SYS_rt_sigaction, number, standard.data(), nullptr, signal_set_size);
}

void unblock_signals() noexcept {
    const std::array<unsigned long, 2> none{};
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, none.data(), nullptr, signal_set_size);
}

/// System calls: the functions of the C library change every thread of the process.
void change_user(const recipe& how) noexcept {
    const credentials& who = *how.as;
    if (::syscall(SYS_setgroups, who.groups.size(), who.groups.data()) != 0)
        give_up(how, step::take_groups);
    if (::syscall(SYS_setresgid, who.group, who.group, who.group) != 0)
        give_up(how, step::take_group);
    if (::syscall(SYS_setresuid, who.user, who.user, who.user) != 0)
        give_up(how, step::become_user);
}

/// The signal comes when the thread that forked ends. That may have happened already.
void die_with_parent(const recipe& how) noexcept {
    if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        give_up(how, step::ask_for_death_signal);
    if (::getppid() != how.parent)
        ::_exit(127);
}

void take_descriptors(const recipe& how) noexcept {
    if (::dup2(how.input, 0) < 0 || ::dup2(how.output, 1) < 0 || ::dup2(how.errors, 2) < 0)
        give_up(how, step::take_descriptors);
}

[[noreturn]] void become_program(const recipe& how) noexcept {
    reset_signals();
    // As under systemd and s6: without a terminal, a read from one cannot stop the child.
    if (::setsid() < 0)
        give_up(how, step::lead_session);
    if (how.guard_line >= 0)
        tell_guard(how.guard_line, ::getpid());
    if (how.as)
        change_user(how);
    die_with_parent(how); // after the change of user, which clears it
    close_on_exec(3);     // of a module that did not mark them; needs the limit of aio for all
    if (how.limit && ::setrlimit(RLIMIT_NOFILE, &how.open_files) != 0)
        give_up(how, step::limit_open_files);
    if (how.directory && ::chdir(how.directory) != 0)
        give_up(how, step::enter_directory);
    take_descriptors(how);
    unblock_signals();
    ::execve(how.program, how.arguments.data(), how.environment.data());
    give_up(how, step::execute);
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

/// Like fork(), but returns when the child has begun its program or has ended. The functions of the
/// C library that prepare a fork are left out: the child makes system calls only.
pid_t fork_and_wait() noexcept {
    constexpr unsigned long flags = CLONE_VFORK | SIGCHLD;
#if defined(__s390__) || defined(__CRIS__)
    return static_cast<pid_t>(::syscall(SYS_clone, 0UL, flags, 0UL, 0UL, 0UL));
#else
    return static_cast<pid_t>(::syscall(SYS_clone, flags, 0UL, 0UL, 0UL, 0UL));
#endif
}

/// Returns when the child has begun its program or has ended. vfork does not copy the tables of a
/// large memory, and other threads keep running. A child of another user gets a copy of the memory
/// instead: that user may read and change the memory of the child.
pid_t fork_into(const recipe& how) {
    const signals_blocked meanwhile;
    const pid_t pid = how.as ? fork_and_wait()
                             : ::vfork(); // NOLINT(bugprone-unsafe-functions): posix_spawn cannot
    if (pid == 0)
        become_program(how);
    return pid;
}

struct ends {
    base::descriptor read, write;
};

/// Not one of the first three numbers, which the child needs, even if they are closed here.
base::descriptor above_standard(base::descriptor fd) {
    if (fd.get() > 2)
        return fd;
    base::descriptor above(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
    if (!above)
        throw launch_error(fmt::format("cannot copy a descriptor: {}", base::system_reason(errno)));
    return above;
}

ends make_pipe() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0)
        throw launch_error(fmt::format("cannot make a pipe: {}", base::system_reason(errno)));
    ends made{base::descriptor(fds[0]), base::descriptor(fds[1])};
    made.read = above_standard(std::move(made.read));
    made.write = above_standard(std::move(made.write));
    return made;
}

base::descriptor no_input() {
    base::descriptor opened = base::no_input();
    if (!opened)
        throw launch_error(fmt::format("cannot make an empty input: {}", base::system_reason(errno))
        );
    return above_standard(std::move(opened));
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    all.reserve(texts.size() + 1);
    for (const std::string& text : texts)
        all.push_back(const_cast<char*>(text.c_str())); // execve does not write there
    all.push_back(nullptr);
    return all;
}

recipe prepare(const launch_request& request) {
    recipe how;
    how.program = request.program.c_str();
    how.arguments = pointers(request.arguments);
    how.environment = pointers(request.environment);
    how.directory = request.directory.empty() ? nullptr : request.directory.c_str();
    how.as = request.as ? &*request.as : nullptr;
    how.parent = ::getpid();
    if (request.open_files != 0 && ::getrlimit(RLIMIT_NOFILE, &how.open_files) == 0) {
        how.limit = request.open_files <= how.open_files.rlim_max;
        how.open_files.rlim_cur = request.open_files;
    }
    return how;
}

/// The child may open its output once more, as /dev/stdout.
void give_away(
    const credentials& owner, const base::descriptor& output, const base::descriptor& errors
) {
    for (const int fd : {output.get(), errors.get()})
        if (::fchown(fd, owner.user, owner.group) != 0)
            throw launch_error(fmt::format(
                "cannot give its output to user {} and group {}: {}",
                owner.user,
                owner.group,
                base::reason_refused(base::user_step::give_file, owner.user, owner.group, errno)
            ));
}

/// While SIGCHLD is ignored, as the process that started aio may have left it, the kernel discards
/// exit statuses.
void keep_statuses() noexcept {
    struct sigaction now{};
    if (::sigaction(SIGCHLD, nullptr, &now) == 0 && now.sa_handler == SIG_IGN)
        ::signal(SIGCHLD, SIG_DFL);
}

void do_not_block(const base::descriptor& pipe) {
    if (::fcntl(pipe.get(), F_SETFL, O_NONBLOCK) != 0)
        throw launch_error(fmt::format("cannot set up a pipe: {}", base::system_reason(errno)));
}

std::optional<base::user_step> change_of_user(step failed) noexcept {
    switch (failed) {
    case step::take_groups:
        return base::user_step::take_groups;
    case step::take_group:
        return base::user_step::take_group;
    case step::become_user:
        return base::user_step::take_user;
    default:
        return std::nullopt;
    }
}

std::string text_of(step failed, const launch_request& request) {
    if (const auto changed = change_of_user(failed))
        return base::describe(*changed, request.as->user, request.as->group);
    switch (failed) {
    case step::lead_session:
        return "lead a session";
    case step::ask_for_death_signal:
        return "ask for the parent's death signal";
    case step::limit_open_files:
        return "set its limit of open files";
    case step::enter_directory:
        return "enter " + request.directory;
    case step::take_descriptors:
        return "take its descriptors";
    default:
        return "execute " + request.program;
    }
}

std::string reason_of(const failure& why, const launch_request& request) {
    if (const auto changed = change_of_user(why.failed))
        return base::reason_refused(*changed, request.as->user, request.as->group, why.error);
    if (why.failed != step::execute)
        return base::system_reason(why.error);
    if (why.error == E2BIG)
        return reason_too_long(request.arguments, request.environment);
    return reason_not_executed(
        why.error, request.program, request.directory, value_of(request.environment, "PATH")
    );
}

std::string text_of(const failure& why, const launch_request& request) {
    return fmt::format("cannot {}: {}", text_of(why.failed, request), reason_of(why, request));
}

/// A complaint was written before the fork returned, unless something between aio and the system
/// makes a plain fork of it (the thread sanitizer, an emulator). Then a moment is waited for it.
/// Not longer: a process that another thread forks may hold a copy of the other end.
ssize_t read_complaint(int complaint, failure& why) {
    const ssize_t size = ::read(complaint, &why, sizeof why);
    if (size >= 0 || errno != EAGAIN)
        return size;
    constexpr int patience_ms = 250;
    pollfd ready{complaint, POLLIN, 0};
    return ::poll(&ready, 1, patience_ms) > 0 ? ::read(complaint, &why, sizeof why) : -1;
}

void refuse_if_failed(pid_t pid, const recipe& how, int complaint, const launch_request& request) {
    failure why{};
    if (read_complaint(complaint, why) <= 0)
        return;
    if (how.guard_line >= 0)
        tell_guard(how.guard_line, -pid);
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    throw launch_error(text_of(why, request));
}

} // namespace

launched launch(const launch_request& request, int guard_line) {
    recipe how = prepare(request);
    how.guard_line = guard_line;
    ends output = make_pipe(), errors = make_pipe(), complaint = make_pipe();
    const base::descriptor input = no_input();
    how.input = input.get();
    how.output = output.write.get();
    how.errors = errors.write.get();
    how.complaint = complaint.write.get();
    do_not_block(output.read);
    do_not_block(errors.read);
    do_not_block(complaint.read);
    if (request.as)
        give_away(*request.as, output.write, errors.write);
    keep_statuses();
    launched made;
    made.pid = fork_into(how);
    if (made.pid < 0)
        throw launch_error(fmt::format("cannot make a process: {}", base::system_reason(errno)));
    complaint.write.reset();
    refuse_if_failed(made.pid, how, complaint.read.get(), request);
    made.ended.reset(static_cast<int>(::syscall(SYS_pidfd_open, made.pid, 0U)));
    made.output = std::move(output.read);
    made.errors = std::move(errors.read);
    return made;
}

} // namespace aio::process
