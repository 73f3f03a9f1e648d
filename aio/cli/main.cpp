// The entry point: finds the command that was asked for and runs it.

#include <aio/app/exit_status.hpp>
#include <aio/app/fatal_signals.hpp>
#include <aio/app/process_signals.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/nowhere.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/cli/command.hpp>
#include <aio/cli/command_line.hpp>
#include <aio/cli/help.hpp>
#include <aio/cli/output.hpp>
#include <aio/cli/test_child.hpp>
#include <aio/cli/user_command.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <tuple>
#include <vector>

namespace {

using namespace aio;

const cli::command* find(std::string_view name) {
    const auto all = cli::builtin_commands();
    const auto found = std::ranges::find(all, name, &cli::command::name);
    return found == all.end() ? nullptr : &*found;
}

app::load_request request_of(const cli::command_line& line) {
    app::load_request request;
    request.files = line.files;
    request.overrides = line.overrides;
    return request;
}

/// Commands run code of modules: a crash there is reported.
int run(const cli::command_line& line) {
    const app::fatal_signals crashes;
    if (line.version)
        return cli::print_version();
    if (line.help) {
        cli::write_output(cli::help_text(request_of(line)));
        return app::success;
    }
    if (line.command.empty()) {
        base::print_error(cli::help_text(request_of(line)));
        return app::usage;
    }
    const cli::invocation call{request_of(line), line.arguments};
    if (const cli::command* builtin = find(line.command))
        return builtin->run(call);
    return cli::user_command(line.command, call);
}

/// The parent may have closed them (`>&-`). The next files opened would take their numbers, and log
/// lines would go into a timer or a socket. Returns whether standard output was closed.
bool open_standard_descriptors() {
    const bool closed_output = ::fcntl(STDOUT_FILENO, F_GETFD) < 0;
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        if (::fcntl(fd, F_GETFD) >= 0)
            continue;
        base::descriptor opened = fd == STDIN_FILENO ? base::no_input() : base::no_output();
        if (opened.get() == fd) // executed programs have it as well
            std::ignore = ::fcntl(opened.release(), F_SETFD, 0);
        else if (opened)
            std::ignore = ::dup2(opened.get(), fd);
    }
    return closed_output;
}

/// What a command prints is its result, so a closed standard output is an error of each write to
/// it. `run` goes on: see run_command.
void refuse_writes_to_output() {
    const base::descriptor refused = base::refused_output();
    if (refused)
        std::ignore = ::dup2(refused.get(), STDOUT_FILENO);
}

/// Prints the reason.
int failed(const char* why, int status) {
    base::say(why);
    return status;
}

/// A reader that has gone away, as `head` does, needs no message.
int failed(const cli::output_error& why, int status) {
    const int count = status == app::success ? int{app::failure} : status;
    return why.code().value() == EPIPE ? count : failed(why.what(), count);
}

/// Output that cannot be written is a failure, as on a full disk. A server's log is not meant:
/// `run` does not come back from it.
int flushed(int status) {
    try {
        cli::flush_output();
        return status;
    } catch (const cli::output_error& e) {
        return failed(e, status);
    }
}

} // namespace

int main(int count, char** values) {
    const bool closed_output = open_standard_descriptors();
    app::catch_quietly(SIGXFSZ); // a file that may not grow is an error of the write
    const std::vector<std::string> arguments(values + 1, values + std::max(count, 1));
    try {
        if (cli::is_test_child(arguments))
            return flushed(cli::test_child(arguments));
        const cli::command_line line = cli::parse_command_line(arguments);
        if (closed_output)
            refuse_writes_to_output();
        return flushed(run(line));
    } catch (const cli::output_error& e) {
        return failed(e, app::success);
    } catch (const cli::usage_error& e) {
        base::say(e.what(), base::layout::one_line);
        return app::usage;
    } catch (...) {
        return failed(base::message_of(std::current_exception()).c_str(), app::failure);
    }
}
