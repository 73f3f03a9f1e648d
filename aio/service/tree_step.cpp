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
#include <utility>

namespace aio::service {

namespace {

/// Steps taken in one turn of the loop. With thousands of units others have their turn in between,
/// and what one group has let go of is still in the cache when the next one needs it.
constexpr std::size_t steps_in_a_turn = 100;

constexpr const char* about_to_start = "service-starting";
constexpr const char* about_to_stop = "service-stopping";

/// It will be up, though it is not now.
bool is_coming(const node& n) noexcept {
    return (n.wanted || n.in) && !(n.at == phase::up && n.wanted);
}

/// It goes down, and has not yet.
bool is_going(const node& n) noexcept {
    return !n.wanted && n.at != phase::down && !n.unfinished && !n.hung;
}

/// Neither it nor, across those that are down already, anybody who depends on it may be left
/// behind.
bool is_in_the_way(const node& n) noexcept {
    return is_going(n) || n.bridge;
}

/// Units that say themselves who could not start, as "Server(x) …" does, are not named twice.
std::string failed_start(const unit& one, const std::string& text) {
    const std::string in_brackets = fmt::format("({})", one.short_name());
    if (text.find(one.name()) != text.npos || text.find(in_brackets) != text.npos)
        return text;
    return fmt::format("{} could not start: {}", one.name(), text);
}

task<void> take_up(node& n) {
    if (n.hearing)
        co_await n.of.hear_first(n, about_to_start);
    if (n.of.held)
        n.of.want(n, false);
    if (n.cancelled || !n.wanted)
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    n.untouched = false;
    unit* it = n.it.get();
    const bool first = !std::exchange(n.prepared, true);
    if (n.home == &n.of.in.main) { // as on() does, without its frames
        if (first)
            it->prepare();
        co_return co_await it->start();
    }
    co_await async::on(*n.home, [it, first] {
        if (first)
            it->prepare();
        return it->start();
    });
}

task<void> tell_to_stop(unit& one, bool keep, bool cancelled) {
    if (keep)
        one.expect_restart();
    one.begin_stop();
    if (cancelled)
        one.cancel();
    return one.wait_stopped();
}

task<void> take_down(node& n) {
    if (n.untouched)
        co_return;
    if (n.hearing)
        co_await n.of.hear_first(n, about_to_stop);
    unit* it = n.it.get();
    const bool keep = n.kept;
    const bool cancelled = n.cancelled; // its time was over before it was told
    if (n.home == &n.of.in.main)
        co_return co_await tell_to_stop(*it, keep, cancelled);
    co_await async::on(*n.home, [=] { return tell_to_stop(*it, keep, cancelled); });
}

} // namespace

node::~node() {
    of.in.main.remove_timer(*this);
    if (running)
        running->disown();
}

void node::ended(async::runner&, std::exception_ptr why) noexcept {
    running = nullptr;
    if (at == phase::starting)
        of.start_over(*this, std::move(why));
    else
        of.stop_over(*this, std::move(why));
    of.pump();
}

void node::fire() {
    of.out_of_time(*this);
    of.pump();
}

rest_of_pump::~rest_of_pump() {
    of.in.main.remove_timer(*this);
}

void rest_of_pump::fire() {
    of.pump();
}

void tree::state::want(node& n, bool up) {
    if (std::exchange(n.wanted, up) != up && up && begun)
        touch_depends(n); // they need not wait for us any more
    if (!up && n.it->state() == service::state::starting)
        n.it->becomes(service::state::stopping);
    touch(n);
}

void tree::state::touch(node& n) {
    if (std::exchange(n.queued, true))
        return;
    queue.push_back(&n);
}

void tree::state::touch_depends(node& n) {
    for (node* one : n.depends)
        touch(*one);
}

void tree::state::touch_dependents(node& n) {
    for (node* one : n.dependents)
        touch(*one);
}

/// Who goes no more himself stands, in a stop, for those that depend on him and still go.
void tree::state::watch_dependents(node& n) {
    n.bridge = stopping && !is_going(n) && n.after.find(n.dependents, is_in_the_way);
}

// What one step makes possible is done after it, not inside it: chains may be longer than a stack.
void tree::state::pump() {
    if (rest.armed() || std::exchange(pumping, true))
        return;
    for (std::size_t i = 0; i < steps_in_a_turn && !queue.empty(); ++i) {
        node& n = *queue.front();
        queue.pop_front();
        n.queued = false;
        step(n);
        account(n);
    }
    pumping = false;
    if (!queue.empty())
        return in.main.add_timer(rest, in.main.time().now());
    if (begun && (initial_left == 0 || held))
        started.set();
    if (stopping && left == 0 && news == 0)
        stopped.set();
    const bool ends_by_itself = enders != 0 && others == 0;
    if (active == 0 && ends_by_itself && started.is_set() && !failed && !stopping &&
        !std::exchange(told_finished, true) && in.finished)
        in.finished();
}

void tree::state::step(node& n) {
    if (n.waits)
        return;
    if (n.bridge) {
        watch_dependents(n);
        if (!n.bridge)
            touch_depends(n);
    }
    switch (n.at) {
    case phase::down:
        if (n.wanted && !failed && !held && !n.before.find(n.depends, is_coming))
            begin_start(n);
        else if (!n.wanted && n.kept && !n.in)
            begin_stop(n); // it will not start again: what it has kept goes
        break;
    case phase::starting:
        if (!n.wanted)
            cancel(n);
        break;
    case phase::up:
        if (!n.wanted && !n.after.find(n.dependents, is_in_the_way))
            begin_stop(n);
        break;
    case phase::stopping:
        break;
    }
}

void tree::state::begin_start(node& n) {
    n.at = phase::starting;
    n.error = nullptr;
    n.up_since.reset();
    n.cancelled = n.late = n.ending = n.finished = n.given_up = n.kept = false;
    n.it->becomes(service::state::starting);
    ++n.starts;
    n.restarts += n.again;
    n.untouched = true;
    n.hearing = heard(about_to_start);
    std::exception_ptr why;
    n.running = async::start_inline(in.main, take_up(n), n, why);
    if (!n.running)
        return start_over(n, std::move(why));
    n.running->call("start", n.name());
    if (const auto limit = n.it->common().start_timeout)
        in.main.add_timer(n, async::later(in.main.time().now(), *limit));
}

void tree::state::start_over(node& n, std::exception_ptr why) {
    in.main.remove_timer(n);
    n.at = phase::up; // also when it failed: it is stopped all the same
    touch(n);
    if (!n.wanted)
        return;
    if (n.late)
        why = std::make_exception_ptr(std::runtime_error(
            fmt::format("not ready within {}", base::format(*n.it->common().start_timeout))
        ));
    if (why)
        return crash(
            n,
            why,
            n.late ? fmt::format("{} was {}", n.name(), base::message_of(why))
                   : failed_start(*n.it, base::message_of(why))
        );
    n.it->becomes(service::state::running);
    n.up_since = in.main.time().now();
    const bool again = std::exchange(n.again, false);
    if (std::exchange(n.replaces, false))
        in.log.info("{} runs in place of {}", n.name(), n.retired.back()->name());
    else if (again)
        in.log.info("{} runs again", n.name());
    emit("service-started", n);
    touch_dependents(n);
    if (n.ending)
        on_ended(n);
}

void tree::state::cancel(node& n) {
    if (!n.running || std::exchange(n.cancelled, true))
        return;
    n.running->cancel(boost::asio::cancellation_type::terminal);
}

void tree::state::begin_stop(node& n) {
    n.quiet = n.at == phase::down;
    n.at = phase::stopping;
    n.cancelled = n.hung = false;
    n.kept = n.in && n.in->replaced != &n;
    if (!n.quiet)
        n.it->becomes(service::state::stopping);
    n.hearing = !n.quiet && !n.untouched && heard(about_to_stop);
    std::exception_ptr why;
    n.running = async::start_inline(in.main, take_down(n), n, why);
    if (!n.running)
        return stop_over(n, std::move(why));
    n.running->call("stop", n.name());
    limit(n, patience(n));
}

void tree::state::stop_over(node& n, std::exception_ptr why) {
    in.main.remove_timer(n);
    if (why && !async::is_aborted(why))
        in.log.error("{} failed while stopping: {}", n.name(), base::message_of(why));
    n.at = phase::down;
    n.hung = false;
    n.it->becomes(
        n.given_up        ? service::state::given_up
        : n.in && n.error ? service::state::crashed
                          : service::state::stopped
    );
    if (!n.quiet)
        emit("service-stopped", n);
    is_down(n);
    watch_dependents(n);
    touch(n);
    touch_depends(n);
    touch_dependents(n);
}

bool tree::state::over(const node& n) const noexcept {
    return n.at == phase::down ? !n.kept : n.unfinished && (n.at == phase::starting || !n.running);
}

/// Counts who runs, who is still to start, and who has not stopped.
void tree::state::account(node& n) {
    const bool runs = stopping ? !over(n) : n.wanted || n.in || n.at != phase::down;
    if (std::exchange(n.counted, runs) != runs) {
        active += runs ? 1 : -1;
        if (stopping) {
            left = active;
            if (tell_left && left <= few_left)
                tell_left();
        }
    }
    if (n.initial && !is_coming(n)) {
        n.initial = false;
        cut_short |= held && n.at != phase::up;
        --initial_left;
    }
}

} // namespace aio::service
