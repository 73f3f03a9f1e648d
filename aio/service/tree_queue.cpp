// Which units the tree looks at, in which order, and which step each takes then.

#include <aio/service/tree_state.hpp>

#include <cstddef>
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

} // namespace

rest_of_pump::~rest_of_pump() {
    owner.surroundings.main.remove_timer(*this);
}

void rest_of_pump::fire() {
    owner.pump();
}

void tree::state::want_up(unit_state& n) {
    if (!std::exchange(n.wanted, true) && progress != course::made)
        touch_depends(n); // they need not wait for it any more
    touch(n);
}

void tree::state::want_down(unit_state& n) {
    n.wanted = false;
    if (n.subject->state() == service::state::starting)
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

void pump_request::make() {
    if (tree)
        tree->pump();
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
