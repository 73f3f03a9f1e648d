#include <aio/app/app.hpp>
#include <aio/app/daemon.hpp>
#include <aio/app/exit_status.hpp>
#include <aio/app/process_signals.hpp>
#include <aio/base/environment.hpp>
#include <aio/base/file_rights.hpp>
#include <aio/base/nowhere.hpp>
#include <aio/base/pass_signal.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/config/secrets.hpp>
#include <aio/log/file_status.hpp>
#include <aio/log/target.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <tuple>

namespace aio::app {
namespace {

/// How many milliseconds a process may take to end once its descriptors are closed.
constexpr int last_moments = 5000;

[[noreturn]] void fail(const char* name) {
    throw base::system_failure(errno, name);
}

/// Stop signals are blocked since the start of the process: they are read here.
base::descriptor stop_requests() {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int number : stop_signals())
        ::sigaddset(&set, number);
    return base::descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

void pass_on(int requests, pid_t daemon) {
    signalfd_siginfo request{};
    while (::read(requests, &request, sizeof request) == sizeof request) {
        const int error = base::pass_signal(daemon, static_cast<int>(request.ssi_signo));
        if (error != 0 && error != ESRCH)
            base::say(
                fmt::format(
                    "the stop cannot be passed on to process {}: {}",
                    daemon,
                    base::system_reason(error)
                ),
                base::layout::message,
                std::chrono::seconds(1)
            );
    }
}

void say(int line, int number) noexcept {
    while (::write(line, &number, sizeof number) < 0 && errno == EINTR) {
    }
}

/// Reads the next number that the daemon writes; nothing when it has ended.
std::optional<int> hear(int line) {
    int said = 0;
    ssize_t n = 0;
    do
        n = ::read(line, &said, sizeof said);
    while (n < 0 && errno == EINTR);
    return n == sizeof said ? std::optional(said) : std::nullopt;
}

/// Reports on standard error that the daemon has ended without an answer.
/// Returns the status for the caller.
int status_of_end(int ended) {
    if (WIFSIGNALED(ended)) {
        base::say(
            fmt::format("{}: ended before everything had started", ::strsignal(WTERMSIG(ended))),
            base::layout::one_line
        );
        return signal_base + WTERMSIG(ended);
    }
    base::say(
        fmt::format("ended with status {} before everything had started", WEXITSTATUS(ended)),
        base::layout::one_line
    );
    return WEXITSTATUS(ended);
}

/// The status of a daemon that has closed the line without an answer, as it does when it ends.
/// Fails when the daemon goes on, or when the system does not return its status.
int status_without_answer(pid_t daemon, const base::descriptor& end) {
    pollfd ended{end.get(), POLLIN, 0};
    while (end && ::poll(&ended, 1, last_moments) < 0 && errno == EINTR) {
    }
    int status = 0;
    pid_t found = 0;
    do
        found = ::waitpid(daemon, &status, end ? WNOHANG : 0);
    while (found < 0 && errno == EINTR);
    return found == daemon ? status_of_end(status) : failure;
}

/// The daemon has ended. An answer that it wrote before counts; the end of the line does not come
/// while a process that it has forked holds a copy of the other end.
std::optional<int> last_answer(int line) {
    pollfd written{line, POLLIN, 0};
    return ::poll(&written, 1, 0) > 0 ? hear(line) : std::nullopt;
}

/// Waits until the daemon answers or ends; nothing when it does not answer. A stop signal that
/// comes meanwhile is passed on to the daemon, which knows how to stop.
std::optional<int> wait_for_answer(int line, pid_t daemon, const base::descriptor& end) {
    const base::descriptor requests = stop_requests();
    for (;;) {
        pollfd all[] = {{line, POLLIN, 0}, {requests.get(), POLLIN, 0}, {end.get(), POLLIN, 0}};
        if (::poll(all, std::size(all), -1) < 0) {
            if (errno == EINTR)
                continue;
            return hear(line); // stop signals are not passed on
        }
        if (all[1].revents != 0)
            pass_on(requests.get(), daemon);
        if (all[0].revents != 0)
            return hear(line);
        if (all[2].revents != 0)
            return last_answer(line);
    }
}

/// The status for the caller. `first` is the child that makes the daemon and ends. The daemon says
/// its process id first; it is a child of this process once `first` has ended.
int status_of_start(int line, pid_t first) {
    const std::optional<pid_t> daemon = hear(line);
    ::waitpid(first, nullptr, 0);
    if (!daemon)
        return failure;
    const base::descriptor end(static_cast<int>(::syscall(SYS_pidfd_open, *daemon, 0U)));
    const std::optional<int> answer = wait_for_answer(line, *daemon, end);
    return answer ? *answer : status_without_answer(*daemon, end);
}

/// Why a daemon has no log in this descriptor. Nothing: it has.
const char* why_lost(log::named_descriptor named) noexcept {
    switch (named) {
    case log::named_descriptor::terminal:
        return " is a terminal, which a daemon leaves";
    case log::named_descriptor::nowhere:
        return " leads nowhere: it is closed, /dev/null, a removed file or a pipe without a reader";
    case log::named_descriptor::none:
    case log::named_descriptor::lasting:
        break;
    }
    return nullptr;
}

/// An error for each log that names a descriptor in which the records of a daemon are lost.
base::diagnostics lost_logs(const log::spec& logging, const std::string& directory) {
    base::diagnostics problems;
    for (const log::handler_spec& each : logging.handlers) {
        const char* why = why_lost(log::descriptor_named_by(each, directory));
        if (why && logging.used(each))
            problems.error(
                each.where,
                each.title() + why,
                "set [aio] log_file to a file, or redirect the output to one"
            );
    }
    return problems;
}

} // namespace

starting_line& starting_line::operator=(starting_line&& other) noexcept {
    const base::descriptor before(end_.exchange(other.end_.exchange(none)));
    return *this;
}

starting_line::~starting_line() {
    const base::descriptor last(end_.exchange(none));
}

void starting_line::tell(int status) noexcept {
    const base::descriptor last(end_.exchange(none));
    if (last)
        say(last.get(), status);
}

refusal check_daemon(const configuration& loaded) {
    for (const char* name : {"NOTIFY_SOCKET", "LISTEN_FDS"})
        if (base::variable(name))
            return {
                fmt::format(
                    "{} is set: a service manager runs aio in the foreground, without -d", name
                ),
                usage,
                {}
            };
    const log::spec& logging = loaded.plan.logging;
    const std::string& directory = loaded.plan.process.working_directory;
    if (log::outlives_terminal(logging, directory))
        return {};
    refusal result{{}, bad_config, lost_logs(logging, directory)};
    if (result.problems.empty())
        result.text = "a daemon needs somewhere to log to: set [aio] log_file, or log_format to "
                      "syslog or journald";
    else
        result.problems = config::masked(result.problems, loaded.source.tree);
    return result;
}

starting_line daemonize(const std::vector<int>& of_caller) {
    int line[2];
    if (::pipe2(line, O_CLOEXEC) != 0)
        fail("pipe");
    std::fflush(nullptr);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1UL); // of this process alone: it has the status of the daemon
    struct sigaction before{};
    ::sigaction(SIGCHLD, nullptr, &before);
    ::signal(SIGCHLD, SIG_DFL); // ignored, the system would discard that status
    const pid_t first = ::fork();
    if (first < 0)
        fail("fork");
    if (first > 0) {
        ::close(line[1]);
        ::_exit(status_of_start(line[0], first));
    }
    ::sigaction(SIGCHLD, &before, nullptr);
    ::close(line[0]);
    starting_line to_caller{base::descriptor(line[1])};
    if (::setsid() < 0)
        fail("setsid");
    const pid_t second = ::fork();
    if (second < 0)
        fail("fork");
    if (second > 0)
        ::_exit(success);
    for (const int number : of_caller)
        ::close(number);
    say(line[1], ::getpid());
    return to_caller;
}

daemon_output::daemon_output(const std::string& path, const std::string& directory)
    : in_(base::no_input()), nowhere_(base::no_output()) {
    if (!in_ || !nowhere_)
        fail("/dev/null");
    if (path.empty())
        return;
    std::optional<int> named = log::descriptor_of(path);
    try {
        const log::target found = log::find_target(path, directory);
        named = found.way.own_descriptor;
        log::open_target opened = log::open(found, log::beginning::keep, path);
        out_ = std::move(opened.file);
        created_ = opened.created;
    } catch (const log::nobody_reads&) { // /dev/null, until it is reopened
    } catch (const std::system_error& e) {
        if (!log::may_pass(e.code().value()))
            throw;
        named_ = named;
        to_be_found_ = !named_;
    }
}

void daemon_output::give_to(uid_t user, gid_t group) noexcept {
    if (out_ && created_)
        std::ignore = ::fchown(out_.get(), user, group);
}

void daemon_output::take_over() noexcept {
    if (!in_)
        return;
    std::fflush(nullptr);
    const int out = out_ ? out_.get() : named_.value_or(nowhere_.get());
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::dup2(in_.get(), STDIN_FILENO);
    in_.reset();
    out_.reset();
    nowhere_.reset();
}

std::string reopen_output(const std::string& path, const std::string& directory) {
    if (path.empty())
        return {};
    struct stat current{};
    if (::fstat(STDOUT_FILENO, &current) != 0)
        return std::generic_category().message(errno);
    const log::target_kind kind = log::kind_of(current.st_mode);
    try {
        const log::target found = log::find_target(path, directory);
        const bool lost = base::leads_nowhere(STDOUT_FILENO); // could not be opened at the start
        if (!lost && !log::opened_anew(kind, found.kind))
            return {};
        std::optional<base::file_rights> before;
        if (kind == log::target_kind::file)
            before = base::rights_of(STDOUT_FILENO);
        const log::open_target out = log::open_replacement(found, path, before);
        std::fflush(nullptr);
        ::dup2(out.file.get(), STDOUT_FILENO);
        ::dup2(out.file.get(), STDERR_FILENO);
        return {};
    } catch (const log::nobody_reads& e) {
        return kind == log::target_kind::file ? e.what() : "";
    } catch (const std::runtime_error& e) {
        return kind == log::target_kind::file || base::leads_nowhere(STDOUT_FILENO) ? e.what() : "";
    }
}

} // namespace aio::app
