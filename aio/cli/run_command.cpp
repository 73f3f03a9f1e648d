// aio run [-d] [-l LEVEL] [--debug] [--stop-timeout T] [--pid-file FILE]

#include <aio/app/awaited_signals.hpp>
#include <aio/app/daemon.hpp>
#include <aio/app/exit_status.hpp>
#include <aio/app/process.hpp>
#include <aio/app/watchdog.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/base/nowhere.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/text.hpp>
#include <aio/base/units.hpp>
#include <aio/bean/words.hpp>
#include <aio/cli/command.hpp>
#include <aio/cli/command_line.hpp>
#include <aio/cli/help.hpp>
#include <aio/cli/report.hpp>
#include <aio/config/convert.hpp>
#include <aio/config/render.hpp>
#include <aio/log/level.hpp>
#include <aio/log/short_way.hpp>
#include <aio/log/spec.hpp>
#include <aio/process/first_process.hpp>
#include <aio/process/open_descriptors.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace aio::cli {
namespace {

using texts = std::vector<std::string>;

struct run_options {
    command_line shared;
    app::process_options process;
    texts beans;
    bool debug = false;
};

void override_with(
    const po::variables_map& parsed, const char* name, const char* key, command_line& line
) {
    if (parsed.count(name))
        line.overrides.push_back(fmt::format("aio:{}={}", key, parsed[name].as<std::string>()));
}

/// A bad word on the command line is wrong usage (2), not a wrong configuration (78).
void check_values(const po::variables_map& parsed) {
    if (parsed.count("log-level")) {
        const std::string& text = parsed["log-level"].as<std::string>();
        if (!log::parse_level(text))
            throw usage_error(
                fmt::format("-l {}: there is no such level; {}", text, log::level_hint(text))
            );
    }
    if (!parsed.count("stop-timeout"))
        return;
    const std::string& text = parsed["stop-timeout"].as<std::string>();
    if (config::exceeds(config::type::duration, text))
        throw usage_error(fmt::format(
            "--stop-timeout {}: out of range, 0s to {}", text, base::format(base::duration::max())
        ));
    if (!base::equal_ignoring_case(text, "none") && !base::parse_duration(text))
        throw usage_error(
            "--stop-timeout " + text + ": not a duration such as 30s or 1m30s, or none"
        );
}

po::options_description known_options() {
    po::options_description own;
    // clang-format off
    own.add_options()
        ("help,h", "show this help and exit")
        ("daemon,d", "run in the background; return when everything has started")
        ("log-level,l", po::value<std::string>()->value_name("LEVEL"), "trace, debug, info, warning, error, critical or off")
        ("debug", "-l debug, and print the effective configuration as JSON on standard error")
        ("stop-timeout", po::value<std::string>()->value_name("T"), "time limit of the whole stop: 30s, 1m, none")
        ("pid-file", po::value<std::string>()->value_name("FILE"), "write the process id to this file; locked while the app runs");
    // clang-format on
    po::options_description all;
    return all.add(own).add(shared_options());
}

/// Dedicated flags override -o.
void take_overrides(const po::variables_map& parsed, command_line& line) {
    if (parsed.count("debug"))
        line.overrides.emplace_back("aio:log_level=debug");
    override_with(parsed, "log-level", "log_level", line);
    override_with(parsed, "stop-timeout", "stop_timeout", line);
    override_with(parsed, "pid-file", "pid_file", line);
}

void check_beans(const texts& words) {
    try {
        for (const std::string& text : words)
            bean::parse_words(text);
    } catch (const bean::bad_words& e) {
        throw usage_error(e.what());
    }
}

run_options parse(const invocation& call) {
    const po::options_description all = known_options();
    run_options result;
    const auto parsed = parse_options(call.arguments, all, &result.beans);
    if ((result.shared.help = parsed.count("help") != 0)) {
        print_command_help(
            "aio run [-d] [-l LEVEL] [--debug] [--stop-timeout T] [--pid-file FILE] "
            "[BEAN[:key=value,...]]...",
            "Runs what the configuration lists, and each BEAN (my.module.name), until SIGTERM, "
            "SIGINT or\n"
            "SIGHUP, or until all beans have ended if nothing else runs.",
            all
        );
        return result;
    }
    check_beans(result.beans);
    check_values(parsed);
    take_shared(parsed, result.shared);
    take_overrides(parsed, result.shared);
    result.debug = parsed.count("debug") != 0;
    result.process.daemon = parsed.count("daemon") != 0;
    return result;
}

/// Of the time before anything starts: the first stop signal ends the process at once. Reading can
/// wait for a pipe without a writer or for a resolver, and messages for the reader of standard
/// error.
app::watchdog_hooks nothing_started() {
    app::watchdog_hooks hooks;
    hooks.stop = [](int) {
        std::ignore = base::write_text(
            STDERR_FILENO, "aio: told to stop while the configuration was read\n", {}
        );
        ::_exit(app::success);
    };
    return hooks;
}

/// The caller has closed standard output, which is a log at most: standard error takes its place,
/// and the result is true. A daemon leaves both, so there it leads nowhere.
bool replace_closed_output(bool daemon) {
    if (!base::is_refused_output(STDOUT_FILENO))
        return false;
    const base::descriptor nowhere = daemon ? base::no_output() : base::descriptor();
    std::ignore = ::dup2(nowhere ? nowhere.get() : STDERR_FILENO, STDOUT_FILENO);
    return !daemon;
}

void warn_of_closed_output(const log::spec& logging) {
    const bool logs_there =
        std::ranges::any_of(logging.handlers, [&](const log::handler_spec& handler) {
            const auto* stream = std::get_if<log::stream_args>(&handler.args);
            const auto* file = std::get_if<log::file_args>(&handler.args);
            return logging.used(handler) && ((stream && stream->target == log::stream::out) ||
                                             (file && file->path == "/dev/stdout"));
        });
    if (logs_there)
        base::say(
            "warning: standard output is closed: the log goes to standard error",
            base::layout::one_line
        );
}

int nothing_to_run(const app::configuration& loaded) {
    std::string files;
    for (const std::string& file : loaded.source.files)
        files += (files.empty() ? "" : ", ") + file;
    base::say(
        fmt::format(
            "warning: there is nothing to run in {}",
            files.empty() ? "the defaults: no configuration file was found" : files
        ),
        base::layout::one_line
    );
    return app::success;
}

} // namespace

int run_command(const invocation& call) {
    std::vector<int> inherited = process::open_descriptors(STDERR_FILENO + 1);
    run_options options = parse(call);
    if (options.process.daemon)
        options.process.inherited = std::move(inherited);
    if (options.shared.help)
        return app::success;
    if (options.process.daemon && ::getpid() == 1)
        throw usage_error(
            "-d is not possible as the first process (PID 1): its end ends all processes"
        );
    const bool closed_output = replace_closed_output(options.process.daemon);
    if (const auto ended = process::serve_as_first_process())
        return *ended;
    app::block_process_signals();
    app::load_request request = with_shared(call.config, options.shared);
    request.beans = options.beans;
    request.daemon = options.process.daemon;
    std::optional<app::watchdog> meanwhile(std::in_place, nothing_started(), std::nullopt);
    app::configuration from = app::configure(request);
    if (report(from.problems))
        return from.source.missing_file ? app::usage : app::bad_config;
    if (options.debug)
        base::print_error(config::render_json(from.source.tree) + '\n');
    if (from.plan.empty())
        return nothing_to_run(from);
    if (closed_output)
        warn_of_closed_output(from.plan.logging);
    if (options.process.daemon)
        if (const app::refusal why = app::check_daemon(from); why.status != 0) {
            if (!report(why.problems))
                base::say(why.text);
            return why.status;
        }
    meanwhile.reset();
    app::run_process(std::move(from), options.process);
}

} // namespace aio::cli
