#include <aio/log/logger.hpp>
#include <aio/schedule/run.hpp>
#include <aio/schedule/scheduler.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

namespace aio::schedule {

namespace {

// Different in each process, and the same each time under a virtual clock.
std::uint_fast32_t seed(const std::string& section, const async::clock& time) {
    const auto now = static_cast<std::size_t>(time.wall().time_since_epoch().count());
    return static_cast<std::uint_fast32_t>(std::hash<std::string>{}(section) ^ now);
}

timetable::moment both_clocks(const async::clock& time) {
    return {time.wall(), time.now().time_since_epoch()};
}

// The schedules that begin in the same millisecond are due at the same instants, so that they wake
// their loop once and not one by one.
async::time_point common_start(async::time_point now) {
    return std::chrono::ceil<std::chrono::milliseconds>(now);
}

/// Negative when `due` has passed.
base::duration left_until(async::wall_point due, async::wall_point now) {
    return timetable::subtract(due.time_since_epoch(), now.time_since_epoch());
}

} // namespace

scheduler::scheduler(std::shared_ptr<const job> plan, aio::service::runtime& app, async::loop& home)
    : unit(plan->spec.common), loop_(home), jitter_(plan->spec.jitter),
      cb_(plan->cb ? &plan->cb : nullptr), err_(plan->err ? &plan->err : nullptr),
      timed_(plan->spec.timeout && plan->function.coroutine), function_(plan->function),
      job_(std::move(plan)), app_(app), log_(app.log("aio")),
      data_(std::string(short_name()), name(), of().options, app, app.log(job_->module)),
      random_(seed(name(), home.time())) {
    idle_.set();
}

scheduler::~scheduler() {
    note(change::told_to_stop);
}

task<void> scheduler::start() {
    log_.info("Scheduler started ({}): {}", data_.name, of().func);
    phase_ = after(phase_, change::started);
    idle_.reset();
    start_ = loop_.time().now();
    if (of().cron) {
        plan_.emplace<by_calendar>(*of().cron, of().place, both_clocks(loop_.time()));
        loop_.watch_wall(*this);
    } else {
        start_ = common_start(start_);
        plan_.emplace<periodic>(of());
    }
    plan_next();
    co_return;
}

void scheduler::plan_next() {
    if (phase_ != phase::active)
        return;
    if (const auto* plan = std::get_if<periodic>(&plan_)) {
        if (plan->next() == periodic::never)
            return;
        planned_ = async::later(start_, plan->next());
    } else {
        const wall_point next = std::get<by_calendar>(plan_).next();
        planned_ = async::later(loop_.time().now(), left_until(next, loop_.time().wall()));
    }
    if (jitter_ > base::duration::zero())
        planned_ = async::later(planned_, draw_jitter(jitter_, random_));
    loop_.add_timer(*this, planned_);
}

// The clock may have been set, and nobody has told it yet: where the system does not report that,
// it is seen once a second.
void scheduler::fire() {
    if (auto* plan = std::get_if<by_calendar>(&plan_)) {
        const timetable::moment moment = both_clocks(loop_.time());
        const base::duration forward = follow_clock(*plan, moment);
        if (moment.wall < plan->next()) {
            plan_next(); // or the wall clock is a little slower than the steady one
            return;
        }
        planned_ -= forward;
    }
    const async::time_point now = loop_.time().now(); // the time of the turn may be far behind
    const event::occurrence due = take(now);
    plan_next();
    act(due, now);
}

event::occurrence scheduler::take(async::time_point now) {
    event::occurrence due;
    const base::duration late = now - planned_;
    latest_ = std::max(latest_, late);
    if (auto* plan = std::get_if<periodic>(&plan_)) {
        const auto [offset, missed] = plan->take(late);
        due.since_start = offset;
        due.due = loop_.date(start_ + offset);
        due.missed = missed;
    } else {
        const auto [moment, missed] = std::get<by_calendar>(plan_).take(late);
        due.due = moment;
        due.since_start = moment - loop_.date(start_);
        due.missed = missed;
    }
    return due;
}

void scheduler::act(const event::occurrence& due, async::time_point now) {
    if (running_.empty()) {
        begin(due, now);
        return;
    }
    warn_of_overlap();
    const due_action action = on_due(of(), running_.size(), waiting_.has_value());
    if (action == due_action::start)
        begin(due, now);
    else if (action != due_action::skip)
        waiting_ = due;
    if (action == due_action::replace)
        running_.front()->cancel();
}

void scheduler::warn_of_overlap() {
    const async::time_point now = loop_.now();
    const auto silent = warning_.note(now.time_since_epoch());
    if (!silent)
        return;
    const auto run_time =
        std::chrono::floor<std::chrono::milliseconds>(now - running_.front()->started);
    log_.warning(
        "{} overlaps: due {}, but a run is still at work after {}{}",
        name(),
        of().every ? "every " + base::format(*of().every)
                   : "by cron '" + of().options.text("cron").value_or("") + "'",
        base::format(run_time),
        base::once_a_minute::unmentioned(*silent)
    );
}

void scheduler::begin(const event::occurrence& which, async::time_point now) {
    std::unique_ptr<run> one = std::move(spare_);
    if (!one)
        one = std::make_unique<run>(*this);
    run& started = *running_.emplace_back(std::move(one));
    event::occurrence numbered = which;
    numbered.run = ++runs_;
    started.call(numbered, now);
}

void scheduler::function_ended(run& done, std::exception_ptr why) {
    if (timed_)
        done.disarm();
    tell_if_cut_off(done, why);
    const bool good = !why;
    done.error = done.judge(std::move(why));
    if (done.error)
        failed(done);
    const callback* to = done.error ? err_ : cb_;
    if (to && (good || done.error)) // a cancelled run has neither
        done.call_back(*to, loop_.time().now() - done.started);
    else
        ended(done);
}

void scheduler::tell_if_cut_off(const run& done, const std::exception_ptr& why) {
    if (done.was_cut_off(why))
        app_.cut_off(name(), fmt::format("run {}, which has shield = yes,", done.which.run));
}

/// Decides what an error does to the schedule. Every run would repeat a mistake.
on_error scheduler::effect_of(const std::exception_ptr& why) const {
    return base::is_mistake(why) ? on_error::crash : of().on_error;
}

void scheduler::failed(const run& done) {
    ++failures_;
    const on_error effect = effect_of(done.error);
    if (!err_ || base::is_mistake(done.error))
        log_.error("{}: {} failed: {}", name(), of().func, message_of(done.error));
    if (effect == on_error::go_on)
        return;
    if (phase_ == phase::active)
        log_.info("Scheduler stopped ({}): run {} failed", data_.name, done.which.run);
    note(effect == on_error::crash ? change::crashed : change::ended_by_itself);
}

void scheduler::callback_ended(run& done, std::exception_ptr why) {
    tell_if_cut_off(done, why);
    if (const auto error = done.judge(std::move(why))) {
        log_.error("{}: {} failed: {}", name(), done.error ? of().err : of().cb, message_of(error));
        if (base::is_mistake(error)) {
            note(change::crashed);
            done.error = error;
        }
    }
    ended(done);
}

void scheduler::ended(run& done) {
    std::exception_ptr crash;
    if (done.error && effect_of(done.error) == on_error::crash)
        crash = done.error;
    const auto found = std::ranges::find(running_, &done, &std::unique_ptr<run>::get);
    spare_ = std::move(*found);
    running_.erase(found);
    if (auto* plan = std::get_if<periodic>(&plan_); plan && plan->next() == periodic::never) {
        plan->ended(loop_.time().now() - start_);
        plan_next();
    }
    if (waiting_ && running_.empty()) {
        const event::occurrence next = *waiting_;
        waiting_.reset();
        begin(next, loop_.time().now());
    }
    if (phase_ != phase::active && running_.empty())
        rest();
    if (crash)
        app_.crashed(name(), crash);
}

void scheduler::wall_set() {
    follow_clock(std::get<by_calendar>(plan_), both_clocks(loop_.time()));
    loop_.remove_timer(*this);
    plan_next();
}

/// How far the clock was set forward since the last call.
base::duration scheduler::follow_clock(by_calendar& plan, const timetable::moment& now) {
    const bool due = plan.next() <= now.wall;
    const base::duration forward = plan.clock_set(now);
    if (due && plan.next() > now.wall)
        log_.info(
            "{}: the clock went forward by {}; what was due meanwhile is left out",
            name(),
            base::format(std::chrono::floor<std::chrono::seconds>(forward))
        );
    const auto back = std::chrono::floor<std::chrono::milliseconds>(-forward);
    if (back > base::duration::zero() && plan.held_back(now.wall))
        log_.info(
            "{}: the clock was set back by {}; what has run does not run again, the next run is in "
            "{}",
            name(),
            base::format(back),
            base::format(std::chrono::ceil<std::chrono::seconds>(left_until(plan.next(), now.wall)))
        );
    return forward;
}

void scheduler::stop_schedule() noexcept {
    if (phase_ != phase::active)
        return;
    log_.info("Scheduler stopped ({})", data_.name);
    note(change::ended_by_itself);
}

// When it is not active any more, nothing begins; the runs at work go on.
void scheduler::note(change what) noexcept {
    const phase before = std::exchange(phase_, after(phase_, what));
    if (before != phase::active || phase_ == phase::active)
        return;
    loop_.remove_timer(*this);
    if (of().cron)
        loop_.unwatch_wall(*this);
    waiting_.reset();
    if (running_.empty())
        rest();
}

void scheduler::rest() noexcept {
    const phase before = std::exchange(phase_, after(phase_, change::last_run_ended));
    idle_.set();
    if (before == phase::ending)
        app_.ended(name());
}

void scheduler::end_intake() noexcept {
    note(change::intake_ended);
}

void scheduler::begin_stop() noexcept {
    note(change::told_to_stop);
    if (!of().shield)
        cancel();
}

void scheduler::cancel() noexcept {
    for (std::size_t i = running_.size(); i-- > 0;)
        if (i < running_.size() && of().shield)
            running_[i]->cut_off();
        else if (i < running_.size())
            running_[i]->cancel();
}

task<void> scheduler::wait_stopped() {
    co_await idle_.wait("the end of a run");
}

std::vector<std::string> scheduler::unfinished() const {
    std::vector<std::string> all;
    for (const auto& run : running_)
        if (const async::task_node* node = run->node())
            all.push_back(async::describe(*node, loop_.now()).text());
    return all;
}

std::vector<service::statistic> scheduler::statistics() const {
    return {
        {"runs", static_cast<double>(runs_)},
        {"failures", static_cast<double>(failures_)},
        {"running", static_cast<double>(running_.size())},
        {"most_late_seconds", std::chrono::duration<double>(latest_).count()}
    };
}

} // namespace aio::schedule
