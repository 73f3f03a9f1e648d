#include <aio/app/hearing.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/timeout.hpp>

#include <algorithm>

namespace aio::app {
namespace {

using async::time_point;
using namespace std::chrono_literals;

base::duration left(const app::state& s, time_point limit) {
    return std::max(limit - s.main->time().now(), base::duration::zero());
}

/// Logs every second what the stop waits for.
task<void> report(app::state& s) {
    for (;;) {
        co_await async::sleep(1s);
        tell_who_is_left(s);
        for (const std::string& text : s.bus->unfinished())
            s.own.info("Waiting for {}", text);
    }
}

task<bool> heard_within(app::state& s, time_point limit, task<void> work) {
    async::task_group reports(*s.main, "signal");
    reports.spawn("report", report(s));
    const bool all = co_await within(s, limit, std::move(work));
    reports.cancel();
    co_await reports.join();
    co_return all;
}

} // namespace

task<bool> within(app::state& s, time_point limit, task<void> work) {
    if (limit == async::never) {
        co_await std::move(work);
        co_return true;
    }
    try {
        co_await async::with_timeout(left(s, limit), std::move(work));
        co_return true;
    } catch (const async::timeout_error&) {
        co_return false;
    }
}

task<void> hear_what_came(app::state& s, time_point limit) {
    const time_point half =
        limit == async::never ? limit : s.main->time().now() + left(s, limit) / 2;
    co_await heard_within(s, half, s.bus->heard());
}

task<bool> hear_the_rest(app::state& s, service::stop_deadlines limits) {
    if (co_await heard_within(s, limits.cancel, s.bus->drained()))
        co_return true;
    for (const std::string& text : s.bus->cancel_queues()) {
        s.own.warning("Lost, not heard in time: {}", text);
        note_cut_off(s, text + ": not heard, and lost,");
    }
    if (co_await within(s, limits.end, s.bus->drained()))
        co_return true;
    for (const std::string& text : s.bus->unfinished())
        s.own.error("Not over within the stop deadline: {}", text);
    co_return false;
}

} // namespace aio::app
