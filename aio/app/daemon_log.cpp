#include <aio/app/daemon_log.hpp>
#include <aio/async/sleep.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/nowhere.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/config/secrets.hpp>
#include <aio/log/spec.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace aio::app {

using namespace std::chrono_literals;

void print_reasons(process& p) {
    if (!p.options.daemon)
        return;
    p.reasons = p.application.logs().on_record([](const log::record& record) {
        if (record.severity >= log::level::error)
            base::say(record.message, base::layout::one_line, patience);
    });
}

namespace {

struct daemon_logs {
    std::vector<const log::handler_spec*> unreached;
    bool any_reached = false;
};

daemon_logs logs_of_daemon(process& p) {
    daemon_logs found;
    const log::spec& logging = p.application.logging();
    for (const log::handler_spec& each : logging.handlers) {
        if (!log::outlives_terminal(logging, each))
            continue;
        if (p.application.logs().reaches(each.name))
            found.any_reached = true;
        else
            found.unreached.push_back(&each);
    }
    return found;
}

/// `[aio] log_format` leaves no place for a log_file if its log is a socket.
bool excludes_file(const log::spec& logging) {
    return std::ranges::any_of(logging.handlers, [&](const log::handler_spec& each) {
        return logging.used(each) && each.asked_by == "[aio] log_format" &&
               !std::holds_alternative<log::stream_args>(each.args);
    });
}

void warn_of_lost_output(const log::spec& logging, base::diagnostics& problems) {
    problems.warning(
        {},
        "a daemon without [aio] log_file has no standard output and error: what is printed there "
        "is lost, also the report of a crash",
        excludes_file(logging)
            ? "set [aio] log_file to a file, and name a handler of the log in [aio] log_handlers, "
              "not in log_format"
            : "set [aio] log_file to a file"
    );
}

} // namespace

void check_daemon_log(process& p) {
    if (!p.options.daemon || p.output.kept())
        return;
    const daemon_logs logs = logs_of_daemon(p);
    base::diagnostics problems;
    for (const log::handler_spec* each : logs.unreached)
        if (logs.any_reached)
            problems.warning(
                each->where,
                each->title() + " cannot be reached, and a daemon has no standard error: its "
                                "records are lost until it can"
            );
        else
            problems.error(
                each->where,
                each->title() + " cannot be reached, and a daemon has no standard error",
                "set [aio] log_file to a file, or run it without -d"
            );
    if (p.application.process().log_file.empty())
        warn_of_lost_output(p.application.logging(), problems);
    const std::string text = base::render(config::masked(problems, p.application.config()));
    if (problems.failed())
        throw bad_configuration(text);
    base::print_error(text);
}

namespace {

/// Tries again, each time after a longer pause, until the output and error of a daemon go to its
/// log file.
task<void> find_output(process& p, std::uint64_t lost_before) {
    const std::string& path = p.application.process().log_file;
    for (base::duration pause = 1s;; pause = std::min<base::duration>(pause * 2, 60s)) {
        co_await async::sleep(pause);
        const std::string wrong = reopen_output(path, p.application.logs().directory());
        if (wrong.empty() && !base::leads_nowhere(STDOUT_FILENO))
            break;
    }
    p.stage = output_stage::own;
    p.application.logs().standard_output_replaced();
    p.application.logs().reopen();
    p.application.log("aio").warning(
        "Standard output and error go to {} again, {} records were lost meanwhile",
        path,
        p.application.logs().lost() - lost_before
    );
}

} // namespace

void search_output(process& p, std::uint64_t lost_before) {
    if (std::exchange(p.stage, output_stage::searched) != output_stage::searched)
        p.tasks.spawn("search for standard output", find_output(p, lost_before));
}

void reopen_logs(process& p) {
    const std::uint64_t lost_before = p.application.logs().lost();
    p.application.reopen_logs();
    if (p.stage == output_stage::caller)
        return;
    const std::string wrong =
        reopen_output(p.application.process().log_file, p.application.logs().directory());
    if (wrong.empty())
        return p.application.logs().standard_output_replaced();
    p.application.log("aio").error("Standard output and error not reopened: {}", wrong);
    search_output(p, lost_before);
}

} // namespace aio::app
