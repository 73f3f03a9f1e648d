// aio test [MODULE]... [-- Boost.Test arguments]

#include <aio/app/exit_status.hpp>
#include <aio/app/modules.hpp>
#include <aio/app/sections.hpp>
#include <aio/app/settings.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/base/text.hpp>
#include <aio/cli/command.hpp>
#include <aio/cli/command_line.hpp>
#include <aio/cli/help.hpp>
#include <aio/cli/output.hpp>
#include <aio/cli/report.hpp>
#include <aio/cli/test_child.hpp>
#include <aio/config/options.hpp>
#include <aio/module/abi.hpp>
#include <aio/module/elf.hpp>
#include <aio/module/library.hpp>
#include <aio/process/first_process.hpp>

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

namespace aio::cli {
namespace {

using texts = std::vector<std::string>;

struct wanted {
    texts modules;
    texts passed_on; ///< after --
};

/// The modules to test when none are named: those of [aio/testing], otherwise the built-in ones
/// and those of [aio] modules.
texts default_modules(const config::tree& configuration, const app::settings& process) {
    base::diagnostics reported; // by check_testing()
    if (auto modules = app::read_testing(configuration, reported))
        return std::move(modules->names);
    texts all = process.builtin;
    for (const std::string& text : process.modules)
        if (std::ranges::find(all, text) == all.end())
            all.push_back(text);
    return all;
}

/// Nothing: errno says why the status is unknown.
std::optional<int> wait_for(pid_t child) {
    int status = 0;
    pid_t ended = 0;
    do
        ended = ::waitpid(child, &status, 0);
    while (ended < 0 && errno == EINTR);
    return ended == child ? std::optional(status) : std::nullopt;
}

/// Whether the child has come to the end of its tests: it has written into the pipe.
bool has_reported(const base::descriptor& pipe) {
    char byte = 0;
    return ::read(pipe.get(), &byte, 1) == 1;
}

/// Starts `aio` with these arguments; returns an errno.
int start_child(const texts& arguments, int kept_open, pid_t& child) {
    std::vector<char*> values;
    for (const std::string& text : arguments)
        values.push_back(const_cast<char*>(text.data()));
    values.push_back(nullptr);
    ::posix_spawn_file_actions_t actions;
    int error = ::posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return error;
    error = ::posix_spawn_file_actions_adddup2(&actions, kept_open, kept_open);
    if (error == 0)
        error = ::posix_spawn(&child, "/proc/self/exe", &actions, nullptr, values.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    return error;
}

/// Runs the test library in a process of its own. 0: all tests passed; otherwise it was printed
/// why.
int run_library(const std::string& library, const std::string& module, const texts& passed_on) {
    int ends[2] = {-1, -1};
    int error = ::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0 ? 0 : errno;
    const base::descriptor report(ends[0]), written(ends[1]);
    texts arguments{
        "aio",
        test_child_word,
        std::to_string(::getpid()),
        std::to_string(written.get()),
        library,
        module
    };
    arguments.insert(arguments.end(), passed_on.begin(), passed_on.end());
    flush_output();
    if (::isatty(STDOUT_FILENO) == 0)
        ::setenv("BOOST_TEST_COLOR_OUTPUT", "no", 0); // Boost.Test would colour a file, too
    pid_t child = 0;
    if (error == 0)
        error = start_child(arguments, written.get(), child);
    if (error != 0) {
        base::say(
            fmt::format("cannot start the tests of {}: {}", module, base::system_reason(error))
        );
        return app::failure;
    }
    const std::optional<int> status = wait_for(child);
    if (!status)
        base::say(
            fmt::format("cannot wait for the tests of {}: {}", module, base::system_reason(errno))
        );
    else if (WIFSIGNALED(*status))
        base::say(fmt::format(
            "the tests of {} were ended by signal {} ({})",
            module,
            WTERMSIG(*status),
            ::strsignal(WTERMSIG(*status))
        ));
    if (!status || !WIFEXITED(*status))
        return app::failure;
    if ((WEXITSTATUS(*status) == 0 || WEXITSTATUS(*status) == not_reported) &&
        !has_reported(report)) {
        base::say(fmt::format(
            "the tests of {} ended without a report: one has called exit(), or closed "
            "descriptors of others",
            module
        ));
        return app::failure;
    }
    return WEXITSTATUS(*status);
}

/// False: it was reported that the module cannot be loaded. Linked modules have no file.
bool is_library(const std::string& module, const std::filesystem::path& file) {
    try {
        if (!file.empty()) {
            const module::library_file opened(file);
            const module::elf_file headers(opened.bytes());
        }
        return true;
    } catch (const module::elf_error& why) {
        base::say(fmt::format("{} cannot be loaded: {} is {}", module, file.string(), why.what()));
        return false;
    }
}

int test_module(const std::string& name, const module::loader& modules, const texts& passed_on) {
    const auto place = modules.files_of(name);
    if (place && place->hidden) {
        base::diagnostics problems;
        modules.report_unknown(name, {}, problems);
        report(std::move(problems));
        return app::failure;
    }
    if (!place || place->tests.empty()) {
        if (place && !is_library(name, place->library))
            return app::failure;
        print_output("No tests for {}\n", name);
        return 0;
    }
    print_output("Running tests for {}...\n", name);
    return run_library(place->tests.string(), name, passed_on);
}

wanted parse(const invocation& call, command_line& shared) {
    wanted result;
    texts before = call.arguments;
    if (const auto dashes = std::ranges::find(before, "--"); dashes != before.end()) {
        result.passed_on.assign(dashes + 1, before.end());
        before.erase(dashes, before.end());
    }
    po::options_description known;
    known.add_options()("help,h", "show this help and exit");
    po::options_description all;
    all.add(known).add(shared_options());
    const auto parsed = parse_options(before, all, &result.modules);
    take_shared(parsed, shared);
    if ((shared.help = parsed.count("help") != 0))
        print_command_help(
            "aio test [MODULE]... [-- BOOST_TEST_ARGUMENT...]",
            "Runs the tests of modules, each module in its own process. Without MODULE, it tests "
            "the\n"
            "modules of [aio/testing] modules, or else those of [aio] builtin and modules.",
            all
        );
    return result;
}

} // namespace

int test_command(const invocation& call) {
    command_line shared;
    const wanted asked = parse(call, shared);
    if (shared.help)
        return app::success;
    if (const auto ended = process::serve_as_first_process())
        return *ended;
    const app::loaded source = app::load(with_shared(call.config, shared));
    base::diagnostics problems = source.problems;
    const app::settings process = app::read_settings(source.tree, problems);
    const module::loader from = app::make_loader(process);
    if (asked.modules.empty())
        app::check_testing(source.tree, from, problems);
    if (report(problems, source.tree))
        return source.missing_file ? app::usage : app::bad_config;

    const texts names =
        asked.modules.empty() ? default_modules(source.tree, process) : asked.modules;
    const texts choices = from.names();
    for (const std::string& name : names)
        if (!from.knows(name))
            throw usage_error(
                "there is no module '" + name + "': " + invalid_choice(name, choices)
            );

    ::signal(SIGCHLD, SIG_DFL); // while it is ignored, the system discards exit statuses
    int failed = 0;
    for (const std::string& name : names)
        failed += test_module(name, from, asked.passed_on) != 0;
    return failed == 0 ? app::success : app::failure;
}

} // namespace aio::cli
