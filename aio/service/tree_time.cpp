// What a start or a stop may take, and what happens when it has.

#include <aio/service/tree_state.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <algorithm>

namespace aio::service {

namespace {

using namespace std::chrono_literals;

/// How long what was cancelled after a crash has to end.
constexpr auto grace = 5s;

} // namespace

async::time_point tree::state::patience(const node& n) const {
    const auto own = n.it->common().stop_timeout;
    const auto limit = stopping || own ? own : in.stop_timeout;
    const async::time_point until =
        limit ? async::later(in.main.time().now(), *limit) : async::never;
    return stopping ? std::min(limits.cancel, until) : until;
}

/// A start or a stop has taken as long as it may.
void tree::state::out_of_time(node& n) {
    if (n.at == phase::starting && !stopping) {
        n.late = true;
        return cancel(n);
    }
    if (n.at == phase::stopping && !n.cancelled) {
        in.log.warning("{} did not finish in time, it is cancelled", n.name());
        if (stopping && tell_left && left <= few_left)
            tell_left();
        n.cancelled = true;
        if (n.hearing)
            n.running->cancel(boost::asio::cancellation_type::terminal);
        else
            n.home->post([it = n.it.get()] { it->cancel(); });
        if (!stopping)
            in.main.add_timer(n, async::later(in.main.time().now(), grace));
        else if (limits.end != async::never)
            in.main.add_timer(n, limits.end);
        return;
    }
    if (stopping)
        return leave_unfinished(n);
    n.hung = true;
    stop_for_good(n);
}

void tree::state::leave_unfinished(node& n) {
    n.unfinished = true;
    n.kept = false; // it is not asked a second time
    watch_dependents(n);
    if (n.at == phase::stopping && n.running)
        n.running->cancel(boost::asio::cancellation_type::terminal);
    touch_depends(n);
    touch(n);
}

} // namespace aio::service
