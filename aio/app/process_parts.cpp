#include <aio/app/deadlines.hpp>
#include <aio/app/privileges.hpp>
#include <aio/app/process_parts.hpp>
#include <aio/async/aborted.hpp>
#include <aio/async/sleep.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/error_words.hpp>
#include <aio/base/nowhere.hpp>
#include <aio/base/path_reason.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/config/secrets.hpp>
#include <aio/log/spec.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

namespace aio::app {

using namespace std::chrono_literals;

void set_up_surroundings(const settings& process) {
    if (process.umask)
        ::umask(*process.umask);
    if (!process.working_directory.empty() && ::chdir(process.working_directory.c_str()) != 0)
        throw start_failed(fmt::format(
            "working_directory {}: {}",
            process.working_directory,
            base::path_reason(errno, process.working_directory)
        ));
}

namespace {

std::string locked_by_other(const already_running& holder) {
    std::string said =
        fmt::format("pid file {}: it is locked by another running process", holder.path);
    return holder.pid == 0 ? said + ", which has written no number"
                           : fmt::format("{}; it holds the number {}", said, holder.pid);
}

/// "[aio] user = nobody, group = adm": what of the two is set.
std::string named_identity(const settings& process) {
    const std::string user = process.user.empty() ? "" : "user = " + process.user;
    const std::string group = process.group.empty() ? "" : "group = " + process.group;
    return fmt::format("[aio] {}{}{}", user, user.empty() || group.empty() ? "" : ", ", group);
}

/// Whether the path, and not the state of the machine, is what is wrong.
bool is_wrong_path(int error) noexcept {
    return error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG;
}

[[noreturn]] void refuse_pid_file(const app& application, const std::string& why) {
    base::diagnostics problem;
    const config::value* written = application.config().find("aio", "pid_file");
    problem.error(
        written ? written->text_where : base::location{},
        fmt::format("[aio] pid_file {}: {}", application.process().pid_file, why)
    );
    throw bad_configuration(base::render(config::masked(problem, application.config())));
}

} // namespace

pid_file take_pid_file(const app& application) {
    const std::string& path = application.process().pid_file;
    if (path.empty())
        return {};
    try {
        pid_file taken(path);
        taken.take();
        return taken;
    } catch (const already_running& e) {
        throw start_failed(locked_by_other(e));
    } catch (const std::system_error& e) {
        if (is_wrong_path(e.code().value()))
            refuse_pid_file(application, base::path_reason(e.code().value(), path));
        throw start_failed(fmt::format("pid file {}", e.what()));
    } catch (const std::runtime_error& e) {
        throw start_failed(fmt::format("pid file {}", e.what()));
    }
}

void drop_privileges(process& p) {
    const auto& identity = p.application.who();
    if (!identity)
        return;
    p.application.give_to(identity->user, identity->group);
    p.output.give_to(identity->user, identity->group);
    try {
        become(*identity);
    } catch (const std::system_error& e) {
        throw start_failed(fmt::format("{}: {}", named_identity(p.application.process()), e.what())
        );
    }
}

namespace {

/// Lists that are requested without a pause must leave the loop time for other work.
constexpr base::duration between_lists = 100ms;

/// Logs what cannot be printed: a request for information must never stop the app.
task<void> print_tasks(app& app) {
    const std::string text = co_await app.tasks();
    const auto log_instead = [&](std::string_view why) {
        app.log("aio").warning(
            "The task list cannot be written to standard error ({}):\n{}", why, text
        );
    };
    if (base::leads_nowhere(STDERR_FILENO))
        log_instead("it leads nowhere");
    else if (const int error = base::write_text(STDERR_FILENO, text, patience).error; error != 0)
        log_instead(base::system_reason(error));
}

task<void> answer_list_request(process& p) {
    p.list.begin();
    try {
        co_await print_tasks(p.application);
    } catch (const std::exception& e) { // no memory; a later request is answered
        if (async::is_aborted(std::current_exception()))
            throw;
        p.application.log("aio").error("The task list cannot be made: {}", base::words_of(e));
    }
}

task<void> answer_list_requests(process& p) {
    co_await answer_list_request(p);
    while (p.list.end()) {
        co_await async::sleep(between_lists);
        co_await answer_list_request(p);
    }
}

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
    p.searching_output = false;
    p.application.logs().standard_output_replaced();
    p.application.logs().reopen();
    p.application.log("aio").warning(
        "Standard output and error go to {} again, {} records were lost meanwhile",
        path,
        p.application.logs().lost() - lost_before
    );
}

/// The output and error of a daemon go to its log file, so they are reopened with it.
void reopen(process& p) {
    const std::uint64_t lost_before = p.application.logs().lost();
    p.application.reopen_logs();
    if (!p.detached)
        return;
    const std::string wrong =
        reopen_output(p.application.process().log_file, p.application.logs().directory());
    if (wrong.empty())
        return p.application.logs().standard_output_replaced();
    p.application.log("aio").error("Standard output and error not reopened: {}", wrong);
    search_output(p, lost_before);
}

void reopen_soon(process& p) {
    p.main.post([&p] {
        p.reopening.begin();
        try {
            reopen(p);
        } catch (const std::exception& e) { // no memory; a later request is answered
            p.application.log("aio").error("Log files not reopened: {}", base::words_of(e));
        }
        if (p.reopening.end())
            reopen_soon(p);
    });
}

watchdog_hooks hooks(process& p) {
    watchdog_hooks all;
    all.stop = [&p](int number) {
        p.main.post([&p, number] {
            p.application.log("aio").info("{} received", ::strsignal(number));
            p.application.values().set(
                "aio.stop_signal", std::string(number == SIGINT ? "SIGINT" : "SIGTERM")
            );
            p.application.stop_soon();
        });
        p.application.hold(); // the loop may be blocked by a unit that starts
    };
    all.reopen = [&p] {
        if (p.reopening.come())
            reopen_soon(p);
    };
    all.flush_log = [&p] { p.application.logs().flush_if_free(); };
    all.flush_log_at_end = [&p] { p.application.logs().flush_at_end(); };
    all.print_tasks = [&p] {
        if (p.list.come())
            p.main.post([&p] { p.tasks.spawn("task list", answer_list_requests(p)); });
    };
    return all;
}

} // namespace

void start_watchdog(process& p) {
    const settings& process = p.application.process();
    const auto limit = force_after(process.stop_timeout);
    p.rest.dog = std::make_unique<watchdog>(hooks(p), process.blocking_timeout, limit);
    p.application.on_unfinished([&p](std::string text) { p.rest.dog->last_words(std::move(text)); }
    );
    p.application.on_worker_thread(admit_process_signals);
    if (limit)
        p.application.on_stop_asked([&p, limit = *limit] { p.rest.dog->arm(limit); });
}

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

void search_output(process& p, std::uint64_t lost_before) {
    if (!std::exchange(p.searching_output, true))
        p.tasks.spawn("search for standard output", find_output(p, lost_before));
}

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

void prepare(process& p) {
    p.rest.dog->last_words("aio: no service has started yet, they were being prepared\n");
    p.rest.dog->preparing();
    p.application.prepare(p.main);
}

void end_preparation(process& p) {
    p.application.finish_preparation();
    p.rest.dog->prepared();
    p.rest.dog->last_words("");
}

void leave_pid_file(process& p) {
    if (const std::error_code failed = p.rest.pid.remove())
        p.application.log("aio").warning(
            "Pid file {} cannot be removed ({}), it is empty now",
            p.application.process().pid_file,
            failed.message()
        );
}

} // namespace aio::app
