#include <aio/app/awaited_signals.hpp>
#include <aio/app/daemon_log.hpp>
#include <aio/app/deadlines.hpp>
#include <aio/app/privileges.hpp>
#include <aio/app/process_parts.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/nowhere.hpp>
#include <aio/base/path_reason.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/base/system_reason.hpp>
#include <aio/config/secrets.hpp>
#include <aio/process/environment.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

namespace aio::app {

using namespace std::chrono_literals;

namespace {

/// Logs what cannot be printed.
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

/// An answer that fails is logged: a request for information must never stop the app.
repeated_answer::options task_list(app& application) {
    return {
        "task list",
        100ms,
        [&application] { return print_tasks(application); },
        [&application](const std::exception_ptr& why) {
            application.log("aio").error("The task list cannot be made: {}", base::message_of(why));
        }
    };
}

task<void> reopen_logs_of(process& p) {
    reopen_logs(p);
    co_return;
}

repeated_answer::options reopened_logs(process& p) {
    return {
        "reopening of the log files",
        0s,
        [&p] { return reopen_logs_of(p); },
        [&p](const std::exception_ptr& why) {
            p.application.log("aio").error("Log files not reopened: {}", base::message_of(why));
        }
    };
}

} // namespace

process::process(configuration from, const process_options& options_, lasting& rest_)
    : options(options_), rest(rest_), application(std::move(from)),
      tasks(
          main,
          "aio",
          [this](std::string_view name, std::exception_ptr why) { application.crashed(name, why); }
      ),
      list(tasks, task_list(application)), reopening(tasks, reopened_logs(*this)) {}

process::~process() {
    application.watch_loops({}, {});
    if (rest.dog)
        rest.dog->retire("aio: all services have ended, but what the process does at its end has "
                         "not\n");
}

void process::obey_signal() {
    try {
        application.log("aio").info("{} received", ::strsignal(stop_signal));
        application.values().set(
            "aio.stop_signal", std::string(stop_signal == SIGINT ? "SIGINT" : "SIGTERM")
        );
    } catch (...) { // it stops without a word
    }
    application.stop_soon();
}

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

void take_environment(const process& p) {
    const auto& identity = p.application.who();
    if (identity && identity->user != ::geteuid())
        aio::process::take_variables_of(*identity);
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

watchdog_hooks hooks(process& p) {
    watchdog_hooks all;
    all.stop = [&p](int number) {
        p.spare.release();
        p.stop_signal = number;
        p.obedience.request(p.main);
        p.application.hold(); // the loop may be blocked by a unit that starts
    };
    all.reopen = [&p] { p.reopening.request(); };
    all.flush_log = [&p] { p.application.logs().flush_if_free(); };
    all.flush_log_at_end = [&p] { p.application.logs().flush_at_end(); };
    all.print_tasks = [&p] { p.list.request(); };
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
    p.application.on_stop_asked([&p, limit] {
        p.spare.release();
        if (limit)
            p.rest.dog->arm(*limit);
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

namespace {

/// The user of `[aio] user` has no right to remove what root has made, as is recommended.
bool is_of_the_set_up(const app& application, const std::error_code& failed) {
    const auto& identity = application.who();
    return identity && identity->user != 0 &&
           (failed == std::errc::permission_denied || failed == std::errc::operation_not_permitted);
}

} // namespace

void leave_pid_file(process& p) {
    const std::error_code failed = p.rest.pid.remove();
    if (!failed)
        return;
    p.application.log("aio").log(
        is_of_the_set_up(p.application, failed) ? log::level::info : log::level::warning,
        "Pid file {} cannot be removed ({}), it is empty now",
        p.application.process().pid_file,
        failed.message()
    );
}

} // namespace aio::app
