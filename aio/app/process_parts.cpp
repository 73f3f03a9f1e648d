#include <aio/app/deadlines.hpp>
#include <aio/app/privileges.hpp>
#include <aio/app/process_parts.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/system_reason.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <tuple>

namespace aio::app {

void set_up_surroundings(const settings& process) {
    if (process.umask)
        ::umask(*process.umask);
    if (!process.working_directory.empty() && ::chdir(process.working_directory.c_str()) != 0)
        throw start_failed(fmt::format(
            "working_directory {}: {}", process.working_directory, base::system_reason(errno)
        ));
}

namespace {

std::string locked_by_other(const already_running& holder) {
    std::string said =
        fmt::format("pid file {}: it is locked by another running process", holder.path);
    return holder.pid == 0 ? said + ", which has written no number"
                           : fmt::format("{}; it holds the number {}", said, holder.pid);
}

} // namespace

pid_file take_pid_file(const std::string& path) {
    if (path.empty())
        return {};
    try {
        pid_file taken(path);
        taken.take();
        return taken;
    } catch (const already_running& e) {
        throw start_failed(locked_by_other(e));
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
    become(*identity);
}

namespace {

/// Logs what cannot be printed: a request for information must never stop the app.
task<void> print_tasks(app& app) {
    const std::string text = co_await app.tasks();
    if (const int error = base::write_text(STDERR_FILENO, text, patience).error; error != 0)
        app.log("aio").warning(
            "The task list cannot be written to standard error ({}):\n{}",
            base::system_reason(error),
            text
        );
}

/// The output and error of a daemon go to its log file, so they are reopened with it.
void reopen(process& p) {
    p.application.reopen_logs();
    if (!p.detached)
        return;
    try {
        reopen_output(p.application.process().log_file);
        p.application.logs().standard_output_replaced();
    } catch (const std::runtime_error& e) {
        p.application.log("aio").error("Standard output and error not reopened: {}", e.what());
    }
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
    all.reopen = [&p] { p.main.post([&p] { reopen(p); }); };
    all.flush_log = [&p] { p.application.logs().flush_if_free(); };
    all.flush_log_at_end = [&p] { p.application.logs().flush_at_end(); };
    all.print_tasks = [&p] {
        p.main.post([&p] { p.tasks.spawn("task list", print_tasks(p.application)); });
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
