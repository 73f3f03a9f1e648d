#include <aio/app/daemon_log.hpp>
#include <aio/app/deadlines.hpp>
#include <aio/app/inherited_descriptors.hpp>
#include <aio/app/limits.hpp>
#include <aio/app/process_parts.hpp>
#include <aio/app/standstill.hpp>
#include <aio/app/watching.hpp>
#include <aio/async/sleep.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/standard_error.hpp>
#include <aio/log/tree.hpp>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <tuple>

namespace aio::app {
namespace {

using namespace std::chrono_literals;

/// A standstill is reported when all units have waited for nearly this long.
constexpr base::duration standstill_after = 5s, standstill_slack = 100ms;
/// How many steps the main loop may make after the stop, for cancelled tasks. The limit is needed
/// because some code always has another step.
constexpr int last_turns = 1000;
/// What is left of a process whose stop has failed.
constexpr base::duration last_moment = 1s;

int status_of(outcome end) noexcept {
    switch (end) {
    case outcome::clean:
        return success;
    case outcome::crashed:
        return failure;
    case outcome::cut_short:
    case outcome::unfinished:
        return forced;
    }
    return failure;
}

/// Prints once what the units wait for, for a user at a terminal who sees no output.
task<void> tell_standstill(process& p) {
    for (search_pauses pauses(standstill_after);;) {
        co_await async::sleep(pauses.next(p.everything_started));
        const std::string text =
            co_await p.application.standstill(standstill_after - standstill_slack);
        if (text.empty())
            continue;
        std::ignore = base::write_text(STDERR_FILENO, text, patience);
        co_return;
    }
}

void started(process& p) {
    p.application.log("aio").info("Started");
    if (p.options.daemon) {
        p.stage = output_stage::own;
        p.output.take_over();
        p.application.logs().lead_standard_output();
        p.application.logs().standard_output_replaced();
        if (p.output.to_be_found())
            search_output(p, p.application.logs().lost());
    }
    p.application.logs().flush();
    p.rest.caller.tell(success);
}

/// Runs beside the wait for a stop, so that a stop during the start cancels it.
task<void> start(process& p) {
    p.application.log("aio").info("Starting");
    if (!p.options.daemon && ::isatty(STDERR_FILENO) != 0)
        p.tasks.spawn("search for a standstill", tell_standstill(p));
    try {
        co_await p.application.start();
        p.everything_started = true;
        p.reasons = {};
        started(p);
    } catch (const start_failed&) { // everything is logged; stop() returns the outcome
        p.application.stop_soon();
    }
}

/// The status of an orderly stop does not tell the caller of a daemon that it does not run.
void tell_stopped_in_start(process& p) {
    if (p.options.daemon && p.stage == output_stage::caller)
        base::say("stopped before everything had started", base::layout::one_line, patience);
}

task<void> run(process& p) {
    async::task_group starting(p.main, "aio", [&p](std::string_view name, std::exception_ptr why) {
        p.application.crashed(name, why);
    });
    starting.spawn("start", start(p));
    co_await p.application.stop_requested();
    starting.cancel();
    co_await starting.join();
    const outcome end = co_await p.application.stop();
    p.rest.status = status_of(end);
    if (end == outcome::clean)
        tell_stopped_in_start(p);
    p.rest.user_code_runs = end == outcome::unfinished;
    if (p.rest.user_code_runs)
        std::ignore = base::write_text(STDERR_FILENO, p.rest.dog->report(), patience);
    else if (end == outcome::cut_short)
        std::ignore = base::write_text(STDERR_FILENO, p.application.cut_off_hooks(), patience);
}

/// What breaks off the run, such as a lack of memory, leaves nobody who carries out the stop.
void end_by_force(process& p, const std::exception_ptr& why) noexcept {
    p.rest.status = forced;
    p.rest.user_code_runs = true;
    base::say("the app cannot stop in order, ending by force", base::layout::one_line, patience);
    try {
        p.application.log("aio").critical("The stop has failed: {}", base::message_of(why));
    } catch (...) { // it ends with the message above
    }
    p.rest.dog->shorten(last_moment); // user code may run, and the stop may have no deadline
}

task<void> run_to_the_end(process& p) {
    try {
        co_await run(p);
    } catch (...) {
        end_by_force(p, std::current_exception());
    }
    p.rest.dog->unwatch_all();
    p.run_is_over = true;
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

/// False when nothing is ready.
bool turn_once(process& p) {
    try {
        return p.main.poll_one();
    } catch (...) {
        p.application.crashed("the main loop", std::current_exception());
        if (p.rest.status == success)
            p.rest.status = failure;
        return true;
    }
}

/// The units start in a turn of the loop: the watchdog watches turns, not the time between them.
void run_on_loop(process& p) {
    p.main.post([&p] { p.tasks.spawn("run", run_to_the_end(p)); });
    for (turn(p); !p.run_is_over; turn(p))
        p.application.crashed(
            "the main loop",
            std::make_exception_ptr(std::runtime_error("code of a module has stopped it"))
        );
    p.tasks.cancel();
    for (int i = 0; i < last_turns && !p.tasks.empty() && turn_once(p); ++i) {
    }
}

int status_of_held(process& p) {
    p.application.log("aio").info("Stopped");
    tell_stopped_in_start(p);
    return success;
}

int status_of_failure(process& p, const std::exception_ptr& why) {
    base::say(p.application.logs().shown(base::message_of(why)), base::layout::one_line);
    return failure;
}

void run_app(process& p) {
    try {
        take_environment(p);
        p.application.open_files_before(raise_open_files().before);
        start_watchdog(p);
        set_up_surroundings(p.application.process());
        p.rest.pid = take_pid_file(p.application);
        p.rest.dog->before_force([&rest = p.rest](int status) {
            std::ignore = rest.pid.remove();
            rest.caller.tell(status);
        });
        print_reasons(p);
        prepare(p);
        if (p.options.daemon)
            p.output =
                daemon_output(p.application.process().log_file, p.application.logs().directory());
        check_daemon_log(p);
        drop_privileges(p);
        end_preparation(p);
        watch_everything(*p.rest.dog, p.application, p.main);
        run_on_loop(p);
    } catch (const bad_configuration& e) {
        base::print_error(e.what());
        p.rest.status = bad_config;
    } catch (const held_back&) {
        p.rest.status = status_of_held(p);
    } catch (...) {
        p.rest.status = status_of_failure(p, std::current_exception());
    }
    p.rest.caller.tell(p.rest.status);
    leave_pid_file(p);
    if (const auto limit = force_after(p.application.process().stop_timeout); limit && p.rest.dog)
        p.rest.dog->arm(*limit);  // counts when no stop has armed it
    p.application.logs().flush(); // a log handler of a module may hang
}

} // namespace

void run_process(configuration from, const process_options& options) {
    lasting rest;
    if (options.daemon)
        rest.caller = daemonize(not_named(options.inherited, from));
    {
        process p(std::move(from), options, rest);
        p.application.write_last_lines();
        run_app(p);
        if (rest.user_code_runs) {
            std::fflush(nullptr);
            ::_exit(forced);
        }
    }
    std::exit(rest.status); // the watchdog stays until the last destructor of a module has run
}

} // namespace aio::app
