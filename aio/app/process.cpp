#include <aio/app/daemon.hpp>
#include <aio/app/exit_status.hpp>
#include <aio/app/limits.hpp>
#include <aio/app/pid_file.hpp>
#include <aio/app/privileges.hpp>
#include <aio/app/process.hpp>
#include <aio/app/watchdog.hpp>
#include <aio/app/watching.hpp>
#include <aio/app/write_text.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/config/tree.hpp>
#include <aio/log/tree.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <tuple>
#include <vector>

namespace aio::app {
namespace {

using namespace std::chrono_literals;

/// How long the main loop waits for somebody to read what it writes to standard error.
constexpr auto patience = 100ms;

int status_of(outcome end) noexcept {
    switch (end) {
    case outcome::clean:
        return success;
    case outcome::crashed:
        return failure;
    case outcome::unfinished:
        return forced;
    }
    return failure;
}

/// What `aio run` is made of, in the order it is taken down again.
struct process {
    process_options options;
    pid_file pid;
    starting_line caller;
    daemon_output output; ///< until it is taken over
    app application;
    log::capture reasons; ///< a daemon's start: what goes wrong is printed, too
    async::loop main;
    async::task_group tasks;
    std::unique_ptr<watchdog> dog;
    int status = success;
    bool detached = false; ///< from the caller's output

    process(configuration from, const process_options& with)
        : options(with), application(std::move(from)),
          tasks(main, "aio", [this](std::string_view name, std::exception_ptr why) {
              application.crashed(name, why);
          }) {}

    ~process() { application.watch_loops({}, {}); } // the watchdog goes first
};

void say(const std::string& text) {
    fmt::print(stderr, "aio: {}\n", text);
}

/// Umask, working directory: what nothing of ours has to undo.
void set_up_surroundings(const settings& of) {
    if (of.umask)
        ::umask(*of.umask);
    if (!of.working_directory.empty() && ::chdir(of.working_directory.c_str()) != 0)
        throw start_failed(
            fmt::format("working_directory {}: {}", of.working_directory, std::strerror(errno))
        );
}

pid_file take_pid_file(const std::string& path) {
    if (path.empty())
        return {};
    try {
        pid_file taken(path);
        taken.take();
        return taken;
    } catch (const already_running& e) {
        throw start_failed(
            fmt::format("already running with process id {} (pid file {})", e.pid, e.path)
        );
    } catch (const std::runtime_error& e) {
        throw start_failed(fmt::format("pid file {}", e.what()));
    }
}

void drop_privileges(process& p) {
    const auto& who = p.application.who();
    if (!who)
        return;
    p.pid.give_to(who->user, who->group);
    p.application.give_to(who->user, who->group);
    p.output.give_to(who->user, who->group);
    become(*who);
}

/// What cannot be printed is logged: asking what the app does never stops it.
task<void> print_tasks(app& of) {
    const std::string text = co_await of.tasks();
    if (const int error = write_text(STDERR_FILENO, text, patience); error != 0)
        of.log("aio").warning(
            "The task list cannot be written to standard error ({}):\n{}",
            std::strerror(error),
            text
        );
}

/// A daemon's output and error go where its log goes, so they follow it.
void reopen(process& p) {
    if (!p.application.reopen_logs() || !p.detached)
        return;
    try {
        reopen_output(p.application.process().log_file);
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
        p.application.hold(); // the loop may be blocked, by what is starting
    };
    all.reopen = [&p] { p.main.post([&p] { reopen(p); }); };
    all.flush_log = [&p] { p.application.logs().flush_if_free(); };
    all.print_tasks = [&p] {
        p.main.post([&p] { p.tasks.spawn("task list", print_tasks(p.application)); });
    };
    return all;
}

/// A moment after the orderly stop had to be over.
std::optional<base::duration> force_after(const settings& of) {
    if (!of.stop_timeout)
        return std::nullopt;
    return *of.stop_timeout + 200ms;
}

/// Before anything that may take long, such as a name that is looked up: signals are heard from
/// here on. The first one waits for the loop to turn, the second one does not.
void start_watchdog(process& p) {
    const settings& of = p.application.process();
    p.dog = std::make_unique<watchdog>(hooks(p), of.blocking_timeout, force_after(of));
    p.application.on_unfinished([&p](std::string text) { p.dog->last_words(std::move(text)); });
}

/// The caller of a daemon sees why it did not start; its log may be out of reach.
void print_reasons(process& p) {
    if (!p.options.daemon)
        return;
    p.reasons = p.application.logs().on_record([](const log::record& one) {
        if (one.at >= log::level::error)
            say(std::string(one.message));
    });
}

/// What takes long here is a name that is looked up, or a key that is read from a pipe.
void prepare(process& p) {
    p.dog->last_words("aio: no service has started yet, they were being prepared\n");
    p.application.prepare(p.main);
    p.dog->last_words("");
}

void started(process& p) {
    p.application.log("aio").info("Started");
    if ((p.detached = p.options.daemon))
        p.output.take_over();
    p.application.logs().flush();
    p.caller.tell(success);
}

/// Runs beside the wait for a stop, so that a stop during the start cancels it.
task<void> start(process& p) {
    p.application.log("aio").info("Starting");
    try {
        co_await p.application.start();
        p.reasons = {};
        started(p);
    } catch (const start_failed&) { // all is said; stop() tells how it ended
        p.application.stop_soon();
    }
}

task<void> run(process& p) {
    async::task_group starting(p.main, "aio", [&p](std::string_view name, std::exception_ptr why) {
        p.application.crashed(name, why);
    });
    starting.spawn("start", start(p));
    co_await p.application.stop_requested();
    if (const auto limit = force_after(p.application.process()))
        p.dog->arm(*limit);
    starting.cancel();
    co_await starting.join();
    p.status = status_of(co_await p.application.stop());
    if (p.status == forced)
        std::ignore = write_text(STDERR_FILENO, p.dog->report(), patience);
    p.dog->disarm();
    p.dog->unwatch_all();
    p.main.stop();
}

/// An exception out of posted work is a crash, not the end of the loop.
void turn(process& p) {
    for (;;) {
        try {
            p.main.run();
            return;
        } catch (...) {
            p.application.crashed("the main loop", std::current_exception());
        }
    }
}

void run_on_loop(process& p) {
    p.tasks.spawn("run", run(p));
    turn(p);
    p.tasks.cancel();
    p.main.poll();
}

/// In a folder that is not the user's the file stays; nobody is to take the number for ours.
void leave_pid_file(process& p) {
    if (const std::error_code failed = p.pid.remove())
        p.application.log("aio").warning(
            "Pid file {} cannot be removed ({}), it is empty now",
            p.application.process().pid_file,
            failed.message()
        );
}

} // namespace

int run_process(configuration from, const process_options& options) {
    starting_line caller;
    if (options.daemon)
        caller = daemonize();
    process p(std::move(from), options);
    p.caller = std::move(caller);
    try {
        start_watchdog(p);
        set_up_surroundings(p.application.process());
        p.application.open_files_before(raise_open_files().before);
        p.pid = take_pid_file(p.application.process().pid_file);
        p.dog->before_force([&p](int status) {
            std::ignore = p.pid.remove();
            p.caller.tell(status);
        });
        print_reasons(p);
        prepare(p);
        if (options.daemon)
            p.output = daemon_output(p.application.process().log_file);
        drop_privileges(p);
        watch_everything(*p.dog, p.application, p.main);
        run_on_loop(p);
    } catch (const bad_configuration& e) {
        fmt::print(stderr, "{}", e.what());
        p.status = bad_config;
    } catch (const std::exception& e) {
        say(p.application.logs().shown(e.what()));
        p.status = failure;
    }
    p.caller.tell(p.status);
    if (p.status == forced) { // user code still runs: nothing may be destroyed under it
        leave_pid_file(p);
        p.application.logs().flush();
        std::fflush(nullptr);
        ::_exit(forced);
    }
    leave_pid_file(p);
    return p.status;
}

} // namespace aio::app
