// The time limits of a start or stop, and what follows when they are over.

#include <aio/service/tree_state.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aio::service {

namespace {

using namespace std::chrono_literals;

/// The time that a cancelled unit has to end, when the app has that much time.
constexpr auto grace = 5s;

} // namespace

/// In a stop: a late unit leaves half of the remaining time to the units that wait for it.
async::time_point tree::state::halfway() const {
    const async::time_point now = surroundings.main.time().now();
    return limits.end == async::never ? async::never : now + (std::max(limits.end, now) - now) / 2;
}

/// The time at which a stop that begins now is cancelled.
async::time_point tree::state::patience(const unit_state& n) const {
    const async::time_point now = surroundings.main.time().now();
    const auto own = n.subject->common().stop_timeout;
    const auto limit = stops() || own ? own : surroundings.stop_timeout;
    const async::time_point until = limit ? async::later(now, *limit) : async::never;
    if (!stops())
        return until;
    return std::min(limits.cancel > now ? limits.cancel : halfway(), until);
}

/// The time until which others wait for a unit that is cancelled now. Before a stop that is to come
/// it has no end: the stop sets it.
async::time_point tree::state::last_patience(const unit_state& n) const {
    if (held && !stops())
        return async::never;
    const auto own = n.subject->common().stop_timeout;
    if (stops() && !own)
        return halfway();
    const bool starts = n.current == phase::starting;
    const async::time_point until =
        async::later(surroundings.main.time().now(), starts && own ? *own + grace : grace);
    return stops() ? std::min(halfway(), until) : until;
}

void tree::state::limit(unit_state& n, async::time_point until) {
    surroundings.main.remove_timer(n);
    if (until != async::never)
        surroundings.main.add_timer(n, until);
}

/// Limits a start or stop that is under way when the stop of the tree begins.
void tree::state::limit_in_stop(unit_state& n) {
    limit(n, n.is_cancelled() || n.current == phase::starting ? last_patience(n) : patience(n));
}

/// The time for a start or stop is over.
void tree::state::out_of_time(unit_state& n) {
    switch (on_expiry(n.current, n.past, stops())) {
    case expiry::cancel_start:
        if (n.hearing)
            tell_cut_off(n);
        cancel(n);
        n.past = overrun::late;
        limit(n, last_patience(n));
        break;
    case expiry::cancel_stop:
        cancel_stop(n);
        break;
    case expiry::stop_waiting:
        stop_waiting_for(n);
        break;
    case expiry::leave_unfinished:
        leave_unfinished(n);
        break;
    }
}

void tree::state::tell_cut_off(unit_state& n) {
    if (!n.hearing)
        return surroundings.log.warning("{} did not finish in time, it is cancelled", n.name());
    const std::string who = fmt::format("{}: {}", n.name(), hearers(n));
    surroundings.log.warning("{} did not finish in time, they are cancelled", who);
    if (stops() && surroundings.cut_off)
        surroundings.cut_off(who + " were cut off");
}

void tree::state::cancel_stop(unit_state& n) {
    tell_cut_off(n);
    if (stops() && tell_left && left <= few_left)
        tell_left();
    n.past = overrun::cancelled;
    if (n.hearing)
        n.running->cancel(boost::asio::cancellation_type::terminal);
    else
        n.home->post([pointer = n.subject.get()] { pointer->cancel(); });
    limit(n, last_patience(n));
}

void tree::state::stop_waiting_for(unit_state& n) {
    const bool crashes = n.past == overrun::late && n.wanted;
    n.past = overrun::hung;
    if (n.current == phase::starting) // its start was cancelled; now the unit itself is
        n.home->post([subject = n.subject.get()] { subject->cancel(); });
    if (!stops()) {
        give_back(n);
        return crashes ? crash_late(n) : stop_for_good(n);
    }
    watch_dependents(n);
    touch_depends(n);
    limit(n, limits.end);
}

/// A hung unit does not start again: clients would wait in vain for the sockets that it holds. The
/// app goes on, so this is no end of intake.
void tree::state::give_back(unit_state& n) {
    if (n.holds == holding::nothing)
        return;
    n.holds = holding::taken;
    n.home->post([subject = n.subject.get()] { subject->begin_stop(); });
}

void tree::state::leave_unfinished(unit_state& n) {
    n.unfinished = true;
    if (n.holds == holding::kept)
        n.holds = holding::taken; // so that it is not asked again
    watch_dependents(n);
    if (n.current == phase::stopping && n.running)
        n.running->cancel(boost::asio::cancellation_type::terminal);
    touch_depends(n);
    touch(n);
}

} // namespace aio::service
