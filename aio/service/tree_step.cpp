// One unit, one step: down -> starting -> up -> stopping -> down, whichever way is wanted.

#include <aio/async/aborted.hpp>
#include <aio/async/hop.hpp>
#include <aio/base/exception.hpp>
#include <aio/service/tree_state.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aio::service {

namespace {

/// Steps taken in one turn of the loop. With thousands of units others have their turn in between,
/// and what one group has let go of is still in the cache when the next one needs it.
constexpr std::size_t steps_in_a_turn = 100;

/// It will be up, though it is not now.
bool is_coming(const node& n) noexcept {
    return (n.wanted || n.in) && !(n.at == phase::up && n.wanted);
}

/// It goes down, and has not yet.
bool is_going(const node& n) noexcept {
    return !n.wanted && n.at != phase::down && !n.unfinished && !n.hung;
}

/// Units that say themselves who could not start, as "Server(x) …" does, are not named twice.
std::string failed_start(const std::string& name, const std::string& text) {
    const std::string short_name = "(" + name.substr(name.find('/') + 1) + ")";
    if (text.find(name) != text.npos || text.find(short_name) != text.npos)
        return text;
    return fmt::format("{} could not start: {}", name, text);
}

task<void> take_up(node& n) {
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

task<void> take_down(node& n) {
    unit* it = n.it.get();
    const bool keep = n.kept;
    if (n.home == &n.of.in.main) {
        if (keep)
            it->expect_restart();
        it->begin_stop();
        co_return co_await it->wait_stopped();
    }
    co_await async::on(*n.home, [it, keep] {
        if (keep)
            it->expect_restart();
        it->begin_stop();
        return it->wait_stopped();
    });
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
        for (node* one : n.depends)
            touch(*one); // it need not wait for us any more
    if (!up && n.it->state() == service::state::starting)
        n.it->becomes(service::state::stopping);
    touch(n);
}

void tree::state::touch(node& n) {
    if (std::exchange(n.queued, true))
        return;
    queue.push_back(&n);
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
    if (initial_left == 0 && begun)
        started.set();
    if (stopping && left == 0)
        stopped.set();
    if (active == 0 && enders != 0 && started.is_set() && !failed && !stopping &&
        !std::exchange(told_finished, true) && in.finished)
        in.finished();
}

void tree::state::step(node& n) {
    if (n.waits)
        return;
    switch (n.at) {
    case phase::down:
        if (n.wanted && !failed && !n.before.find(n.depends, is_coming))
            begin_start(n);
        else if (!n.wanted && n.kept && !n.in)
            begin_stop(n); // it will not start again: what it has kept goes
        break;
    case phase::starting:
        if (!n.wanted)
            cancel(n);
        break;
    case phase::up:
        if (!n.wanted && !n.after.find(n.dependents, is_going))
            begin_stop(n);
        break;
    case phase::stopping:
        break;
    }
}

void tree::state::begin_start(node& n) {
    n.at = phase::starting;
    n.error = nullptr;
    n.cancelled = n.late = n.ending = n.finished = n.given_up = n.kept = false;
    n.it->becomes(service::state::starting);
    ++n.starts;
    n.restarts += n.again;
    emit("service-starting", n);
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
                   : failed_start(n.name(), base::message_of(why))
        );
    n.it->becomes(service::state::running);
    const bool again = std::exchange(n.again, false);
    if (std::exchange(n.replaces, false))
        in.log.info("{} runs in place of {}", n.name(), n.retired.back()->name());
    else if (again)
        in.log.info("{} runs again", n.name());
    emit("service-started", n);
    for (node* one : n.dependents)
        touch(*one);
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
    n.cancelled = false;
    n.kept = n.in && n.in->replaced != &n;
    if (!n.quiet)
        n.it->becomes(service::state::stopping);
    if (!n.quiet)
        emit("service-stopping", n);
    std::exception_ptr why;
    n.running = async::start_inline(in.main, take_down(n), n, why);
    if (!n.running)
        return stop_over(n, std::move(why));
    n.running->call("stop", n.name());
    if (const auto limit = patience(n); limit != async::never)
        in.main.add_timer(n, limit);
}

void tree::state::stop_over(node& n, std::exception_ptr why) {
    in.main.remove_timer(n);
    if (why && !async::is_aborted(why))
        in.log.error("{} failed while stopping: {}", n.name(), shown(base::message_of(why)));
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
    touch(n);
    for (node* one : n.depends)
        touch(*one);
    for (node* one : n.dependents)
        touch(*one);
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
        --initial_left;
    }
}

void tree::state::emit(const char* name, const node& n) {
    if (in.bus && in.bus->listeners(name) != 0)
        in.bus->post(name, std::string(n.name()));
}

} // namespace aio::service
