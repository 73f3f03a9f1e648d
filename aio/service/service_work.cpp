// The tasks, timers, resources and waits of a service.

#include <aio/async/aborted.hpp>
#include <aio/async/sleep.hpp>
#include <aio/base/exception.hpp>
#include <aio/base/text.hpp>
#include <aio/service/drift.hpp>
#include <aio/service/service_inside.hpp>
#include <aio/timetable/due.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace aio::service {

namespace {

using wall_point = timetable::by_calendar::wall_point;

task<void> call(std::function<task<void>()> f) {
    co_await f();
}

timetable::cron parse(std::string_view line) {
    std::vector<timetable::cron_error> errors;
    const auto parsed = timetable::cron::parse(line, errors);
    if (parsed)
        return *parsed;
    std::string text = fmt::format("cron '{}'", line);
    for (const timetable::cron_error& cron_error : errors)
        text += ": " + cron_error.text;
    throw std::invalid_argument(text);
}

timetable::zone zone_of(std::string_view name) {
    if (name.empty())
        return {};
    timetable::zone_error why;
    if (const auto found = timetable::zone::find(name, &why))
        return *found;
    throw std::invalid_argument(why.text);
}

timetable::moment both_clocks(const async::clock& time) {
    return {time.wall(), time.now().time_since_epoch()};
}

} // namespace

void service::spawn(std::string_view name, task<void> work) {
    inside& own = *inside_;
    if (!own.work)
        too_early("spawn()");
    if (takes_tasks(own.current))
        own.work->spawn(name, std::move(work));
}

void service::cast_task(std::function<task<void>()> f) {
    const auto there = shared_home();
    if (!there)
        return;
    there->post([weak = std::weak_ptr(inside_), f = std::move(f)]() mutable {
        if (const auto own = weak.lock(); own && own->alive() && !own->asked())
            own->self.spawn("cast", aio::service::call(std::move(f)));
    });
}

void service::on_exit_task(std::function<task<void>()> leave) {
    inside_->leaves.push_back(std::move(leave));
}

void service::inside::warn_of_overlap(
    base::once_a_minute& lately, const std::string& timer, base::duration took
) {
    const auto silent = lately.note(home->time().now().time_since_epoch());
    if (!silent)
        return;
    say(log::level::warning,
        "{} is overlapping (runtime={}){}",
        timer,
        base::format(std::chrono::floor<std::chrono::milliseconds>(took)),
        base::once_a_minute::unmentioned(*silent));
}

void service::inside::say_drift(base::duration period, base::duration late) {
    say(log::level::info,
        "every {} woke up too late, with a drift of +{}",
        base::format(period),
        base::format(std::chrono::floor<std::chrono::milliseconds>(late)));
}

void service::inside::say_missed(const std::string& line, std::uint64_t runs) {
    say(log::level::warning,
        "cron '{}' runs once for {} runs that were due: the clock was set or the loop was late",
        line,
        runs + 1);
}

task<void> service::inside::run_periodic(
    base::duration period, std::function<task<void>()> f, first_call first
) {
    async::clock& time = home->time();
    const async::time_point start = time.now();
    timetable::periodic plan(
        period,
        first == first_call::now ? base::duration::zero() : period,
        timetable::spacing::start
    );
    base::once_a_minute warned;
    for (;;) {
        const async::time_point due = async::later(start, plan.next());
        if (due > time.now())
            co_await async::sleep_until(due);
        const async::time_point now = time.now();
        plan.take(now - due);
        if (is_drift(period, now - due))
            say_drift(period, now - due);
        plan.skip_to(
            time.now() - start
        ); // the loop was late: these runs do not overlap with a call
        co_await f();
        const base::duration took = time.now() - now;
        if (plan.skip_to(time.now() - start) != 0)
            warn_of_overlap(warned, "every " + base::format(period), took);
    }
}

void service::every_task(base::duration period, std::function<task<void>()> f, first_call first) {
    if (period < std::chrono::milliseconds(1))
        throw std::invalid_argument("every: a period is at least 1ms, not " + base::format(period));
    if (!inside_->work)
        too_early("every()");
    spawn("every " + base::format(period), inside_->run_periodic(period, std::move(f), first));
}

// Runs that came due while `f` ran are dropped with a warning. A run that was passed over because
// the clock was set is due at once.
task<void> service::inside::run_by_calendar(
    std::string line, timetable::by_calendar plan, std::function<task<void>()> f
) {
    async::clock& time = home->time();
    base::once_a_minute warned;
    for (;;) {
        if (!co_await async::sleep_until_wall(plan.next())) {
            plan.clock_set(both_clocks(time));
            continue;
        }
        const timetable::moment start = both_clocks(time);
        plan.clock_set(start); // the system may not have reported it yet
        if (start.wall < plan.next())
            continue;
        const async::time_point begun = time.now();
        if (const auto run = plan.take(start.wall - plan.next()); run.missed != 0)
            say_missed(line, run.missed);
        co_await f();
        const timetable::moment now = both_clocks(time);
        const base::duration forward = std::max(plan.clock_set(now), base::duration::zero());
        if (plan.skip_to(now.wall - forward))
            warn_of_overlap(warned, "cron '" + line + "'", time.now() - begun);
    }
}

void service::cron_task(
    std::string_view line, std::function<task<void>()> f, std::string_view zone
) {
    if (!inside_->work)
        too_early("cron()");
    timetable::by_calendar plan(parse(line), zone_of(zone), both_clocks(home().time()));
    if (const auto doubt = timetable::cron_doubt(line))
        inside_->say(log::level::warning, "cron '{}': {} ({})", line, doubt->text, doubt->hint);
    spawn(
        fmt::format("cron {}", line),
        inside_->run_by_calendar(std::string(line), plan, std::move(f))
    );
}

task<bool> service::wait(task<void> work) {
    if (should_stop())
        co_return false;
    inside::waiting waiting(*inside_);
    try {
        co_await waiting.run(std::move(work), "wait");
        co_return true;
    } catch (...) {
        if (!waiting.interrupted || !async::is_aborted(std::current_exception()))
            throw;
    }
    co_return false;
}

task<bool> service::sleep(base::duration how_long) {
    return wait(async::sleep(how_long));
}

} // namespace aio::service
