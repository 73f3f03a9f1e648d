#include <aio/app/hearing.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/timeout.hpp>

#include <algorithm>

namespace aio::app {
namespace {

using async::time_point;
using namespace std::chrono_literals;

base::duration left(const app::state& s, time_point until) {
    return std::max(until - s.main->time().now(), base::duration::zero());
}

/// Every second: who is waited for.
task<void> report(app::state& s) {
    for (;;) {
        co_await async::sleep(1s);
        tell_who_is_left(s);
        for (const std::string& one : s.bus->unfinished())
            s.own.info("Waiting for {}", one);
    }
}

task<bool> heard_within(app::state& s, time_point until, task<void> what) {
    async::task_group reports(*s.main, "signal");
    reports.spawn("report", report(s));
    const bool all = co_await within(s, until, std::move(what));
    reports.cancel();
    co_await reports.join();
    co_return all;
}

} // namespace

task<bool> within(app::state& s, time_point until, task<void> what) {
    if (until == async::never) {
        co_await std::move(what);
        co_return true;
    }
    try {
        co_await async::with_timeout(left(s, until), std::move(what));
        co_return true;
    } catch (const async::timeout_error&) {
        co_return false;
    }
}

task<void> hear_what_came(app::state& s, time_point by) {
    const time_point half = by == async::never ? by : s.main->time().now() + left(s, by) / 2;
    co_await heard_within(s, half, s.bus->heard());
}

task<bool> hear_the_rest(app::state& s, service::stop_deadlines by) {
    if (co_await heard_within(s, by.cancel, s.bus->drained()))
        co_return true;
    for (const std::string& one : s.bus->unfinished())
        s.own.warning("Not heard in time, and lost: {}", one);
    s.bus->cancel_queues();
    if (co_await within(s, by.end, s.bus->drained()))
        co_return true;
    for (const std::string& one : s.bus->unfinished())
        s.own.error("Not over within the stop deadline: {}", one);
    co_return false;
}

} // namespace aio::app
