// One unit, one step: down -> starting -> up -> stopping -> down, whichever way is wanted.

#include <aio/async/aborted.hpp>
#include <aio/async/hop.hpp>
#include <aio/base/exception.hpp>
#include <aio/service/tree_state.hpp>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace aio::service {

namespace {

/// The number of steps in one turn of the loop. With thousands of units, other work has its turn in
/// between, and the memory that one group frees is still in the cache when the next group needs it.
constexpr std::size_t steps_in_a_turn = 100;

/// Whether it will be up, but is not up now.
bool is_coming(const unit_state& n) noexcept {
    return (n.wanted || n.waits_in) && !(n.current == phase::up && n.wanted);
}

/// Whether it is on its way down.
bool is_going(const unit_state& n) noexcept {
    return !n.wanted && n.current != phase::down && !n.unfinished && !n.is_hung();
}

/// The units it depends on have to wait: it is on its way down, or a unit that depends on it is,
/// across units that are already down.
bool is_in_the_way(const unit_state& n) noexcept {
    return is_going(n) || n.bridge;
}

/// "x/a: …" and "x/a/child …", but not "x/ab …", for x/a.
bool begins_with_name(std::string_view text, std::string_view name) noexcept {
    constexpr std::string_view ends = " :/.,;'";
    return text.starts_with(name) &&
           (text.size() == name.size() || ends.find(text[name.size()]) != ends.npos);
}

/// "Server(a) …" for server/a. Only one word stands before the bracket.
bool begins_with_label(std::string_view text, std::string_view short_name) noexcept {
    const auto bracket = text.find('(');
    if (bracket == text.npos || bracket == 0 || text.find_first_of(" :") < bracket)
        return false;
    text.remove_prefix(bracket + 1);
    return text.starts_with(short_name) && text.substr(short_name.size()).starts_with(')');
}

/// The text names the unit once: some texts begin with it or with a child of it. A text that names
/// a section somewhere else, such as that of an option, does not say what could not start.
std::string failed_start(const unit& unit, const std::string& text) {
    if (begins_with_name(text, unit.name()) || begins_with_label(text, unit.short_name()))
        return text;
    return fmt::format("{} could not start: {}", unit.name(), text);
}

task<void> take_up(unit_state& n) {
    if (n.hearing)
        co_await n.owner.hear_first(n, about_to_start);
    if (n.owner.held)
        n.owner.want(n, false);
    if (n.is_cancelled() || !n.wanted)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    n.to_stop = extent::all;
    unit* part = n.subject.get();
    n.holds = holding::taken;
    if (n.home == &n.owner.surroundings.main) // like on(), without its frames
        co_return co_await part->start();
    co_await async::on(*n.home, [part] { return part->start(); });
}

/// A unit that does not run, or has never run, is not waited for: it closes what it holds at once.
task<void> tell_to_close(unit& unit) {
    unit.begin_stop();
    co_return;
}

task<void> tell_to_stop(unit& unit, bool keep, bool cancelled) {
    if (keep)
        unit.expect_restart();
    unit.begin_stop();
    if (cancelled)
        unit.cancel();
    return unit.wait_stopped();
}

task<void> take_down(unit_state& n) {
    if (n.to_stop == extent::nothing)
        co_return;
    if (n.hearing)
        co_await n.owner.hear_first(n, about_to_stop);
    unit* it = n.subject.get();
    const bool keep = n.holds == holding::kept;
    const bool cancelled = n.is_cancelled(); // its time was over before it was told
    const bool runs = n.to_stop == extent::all;
    const auto tell = [=] {
        return runs ? tell_to_stop(*it, keep, cancelled) : tell_to_close(*it);
    };
    if (n.home == &n.owner.surroundings.main)
        co_return co_await tell();
    co_await async::on(*n.home, tell);
}

} // namespace

unit_state::~unit_state() {
    owner.surroundings.main.remove_timer(*this);
    if (running)
        running->disown();
}

void unit_state::ended(async::runner&, std::exception_ptr why) noexcept {
    running = nullptr;
    if (current == phase::starting)
        owner.start_over(*this, std::move(why));
    else
        owner.stop_over(*this, std::move(why));
    owner.pump();
}

void unit_state::fire() {
    owner.out_of_time(*this);
    owner.pump();
}

rest_of_pump::~rest_of_pump() {
    owner.surroundings.main.remove_timer(*this);
}

void rest_of_pump::fire() {
    owner.pump();
}

void tree::state::want(unit_state& n, bool up) {
    if (std::exchange(n.wanted, up) != up && up && progress != course::made)
        touch_depends(n); // they need not wait for us any more
    if (!up && n.subject->state() == service::state::starting)
        n.subject->becomes(service::state::stopping);
    touch(n);
}

void tree::state::touch(unit_state& n) {
    if (std::exchange(n.queued, true))
        return;
    queue.push_back(&n);
}

void tree::state::touch_depends(unit_state& n) {
    for (unit_state* unit : n.depends)
        touch(*unit);
}

void tree::state::touch_dependents(unit_state& n) {
    for (unit_state* unit : n.dependents)
        touch(*unit);
}

/// During a stop, a unit that is already down still holds back its dependencies while any dependent
/// is stopping.
void tree::state::watch_dependents(unit_state& n) {
    n.bridge = stops() && !is_going(n) && n.after.find(n.dependents, is_in_the_way);
}

// The steps that one step makes possible follow it in the queue: a chain may be longer than a
// stack.
void tree::state::pump() {
    if (rest.armed() || std::exchange(pumping, true))
        return;
    for (std::size_t i = 0; i < steps_in_a_turn && !queue.empty(); ++i) {
        unit_state& n = *queue.front();
        queue.pop_front();
        n.queued = false;
        step(n);
        account(n);
    }
    pumping = false;
    if (!queue.empty())
        return surroundings.main.add_timer(rest, surroundings.main.time().now());
    if (progress != course::made && (initial_left == 0 || held))
        started.set();
    if (stops() && left == 0 && news == 0)
        stopped.set();
    const bool ends_by_itself = enders != 0 && others == 0;
    if (progress == course::begun && active == 0 && ends_by_itself && started.is_set() &&
        worst != harm::given_up) {
        progress = course::finished;
        if (surroundings.finished)
            surroundings.finished();
    }
}

void tree::state::step(unit_state& n) {
    if (n.waits)
        return;
    if (n.bridge) {
        watch_dependents(n);
        if (!n.bridge)
            touch_depends(n);
    }
    const bool keeps_in_vain = n.holds == holding::kept && !n.waits_in;
    switch (next_step(n.current, n.wanted, keeps_in_vain)) {
    case step::start:
        if (worst != harm::given_up && !held && !n.before.find(n.depends, is_coming))
            begin_start(n);
        break;
    case step::cancel_start:
        cancel(n);
        break;
    case step::stop:
        if (n.current == phase::down || !n.after.find(n.dependents, is_in_the_way))
            begin_stop(n);
        break;
    case step::none:
        break;
    }
}

void tree::state::begin_start(unit_state& n) {
    n.current = phase::starting;
    n.error = nullptr;
    n.up_since.reset();
    n.past = overrun::none;
    n.end = fate::open;
    n.subject->becomes(service::state::starting);
    ++n.starts;
    n.restarts += n.next != turn::first;
    n.to_stop = extent::nothing;
    n.hearing = heard(about_to_start);
    std::exception_ptr why;
    n.running = async::start_inline(surroundings.main, take_up(n), n, why);
    if (!n.running)
        return start_over(n, std::move(why));
    n.running->call("start", n.name());
    if (const auto limit = n.subject->common().start_timeout)
        surroundings.main.add_timer(n, async::later(surroundings.main.time().now(), *limit));
}

void tree::state::start_over(unit_state& n, std::exception_ptr why) {
    surroundings.main.remove_timer(n);
    n.current = phase::up; // also after a failure: it is stopped like any other
    touch(n);
    if (!n.wanted)
        return;
    if (n.past == overrun::late)
        return crash_late(n);
    if (why)
        return crash(n, why, failed_start(*n.subject, base::message_of(why)));
    n.subject->becomes(service::state::running);
    n.up_since = surroundings.main.time().now();
    const turn which = std::exchange(n.next, turn::first);
    if (which == turn::in_place)
        surroundings.log.info("{} runs in place of {}", n.name(), n.retired.back()->name());
    else if (which == turn::again)
        surroundings.log.info("{} runs again", n.name());
    emit("service-started", n);
    touch_dependents(n);
    if (n.end == fate::ends_when_up)
        on_ended(n);
}

void tree::state::cancel(unit_state& n) {
    if (!n.running || n.is_cancelled())
        return;
    n.past = overrun::cancelled;
    n.running->cancel(boost::asio::cancellation_type::terminal);
    if (n.running && !stops()) // a stop has limited it when it began
        limit(n, last_patience(n));
}

void tree::state::begin_stop(unit_state& n) {
    if (n.current == phase::down)
        n.to_stop = extent::holding_only;
    else
        n.subject->becomes(service::state::stopping);
    n.current = phase::stopping;
    n.past = overrun::none;
    const bool comes_back = n.waits_in && n.waits_in->replaced != &n;
    if (n.holds != holding::nothing) {
        n.holds = comes_back ? holding::kept : holding::taken;
        if (n.to_stop == extent::nothing && !comes_back)
            n.to_stop = extent::untold;
    }
    n.hearing = n.to_stop == extent::all && heard(about_to_stop);
    std::exception_ptr why;
    n.running = async::start_inline(surroundings.main, take_down(n), n, why);
    if (!n.running)
        return stop_over(n, std::move(why));
    n.running->call("stop", n.name());
    limit(n, patience(n));
}

void tree::state::stop_over(unit_state& n, std::exception_ptr why) {
    surroundings.main.remove_timer(n);
    if (why && !async::is_aborted(why))
        surroundings.log.error("{} failed while stopping: {}", n.name(), base::message_of(why));
    n.current = phase::down;
    n.past = overrun::none;
    n.subject->becomes(
        n.end == fate::given_up ? service::state::given_up
        : n.waits_in && n.error ? service::state::crashed
                                : service::state::stopped
    );
    if (n.to_stop != extent::holding_only)
        emit("service-stopped", n);
    is_down(n);
    watch_dependents(n);
    touch(n);
    touch_depends(n);
    touch_dependents(n);
}

bool tree::state::over(const unit_state& n) const noexcept {
    return n.current == phase::down ? n.holds != holding::kept
                                    : n.unfinished && (n.current == phase::starting || !n.running);
}

/// Keeps the counts of units that run, that are still to start, and that have not stopped.
void tree::state::account(unit_state& n) {
    const bool runs = stops() ? !over(n) : n.wanted || n.waits_in || n.current != phase::down;
    if (std::exchange(n.counted, runs) != runs) {
        active += runs ? 1 : -1;
        if (stops()) {
            left = active;
            if (tell_left && left <= few_left)
                tell_left();
        }
    }
    if (n.initial && !is_coming(n)) {
        n.initial = false;
        cut_short |= held && n.current != phase::up;
        --initial_left;
    }
}

} // namespace aio::service
