// The stop, one paragraph: announce → each service, when all that depend on it have ended: take no
// new work, finish what is in work, cancel the rest → listeners → loops. All within the app's
// stop_timeout; who has not ended then is named, with what it awaits.

#include <aio/app/state.hpp>
#include <aio/async/hop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/timeout.hpp>

#include <fmt/format.h>

namespace aio::app {
namespace {

using async::time_point;
using namespace std::chrono_literals;

/// When the stop has to be over, and when what still runs is cancelled so that it can be.
struct deadlines {
    time_point cancel = async::never;
    time_point end = async::never;

    explicit deadlines(const app::state& s) {
        const auto whole = s.from.plan.process.stop_timeout;
        if (!whole)
            return;
        const time_point now = s.main->time().now();
        end = async::later(now, *whole);
        cancel = end - std::min<base::duration>(1s, *whole / 5);
    }
};

base::duration left(const app::state& s, time_point until) {
    return std::max(until - s.main->time().now(), base::duration::zero());
}

/// False when the time was over first.
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

task<void> ended(running& one) {
    co_await async::on(*one.home, [&one] { return one.it->wait_stopped(); });
}

task<void> call(running& one, void (service::unit::*what)() noexcept) {
    co_await async::on(*one.home, [&one, what] { (one.it.get()->*what)(); });
}

time_point patience(const app::state& s, const running& one, const deadlines& by) {
    const auto own = one.it->common().stop_timeout;
    if (!own)
        return by.cancel;
    return std::min(by.cancel, async::later(s.main->time().now(), *own));
}

/// As many as are worth naming one by one.
constexpr std::size_t few = 20;

/// What the watchdog says if it has to end the process.
void tell_who_is_left(app::state& s) {
    if (!s.who_is_left)
        return;
    std::string text;
    std::size_t named = 0;
    for (const auto& one : s.services) {
        if (one->stopped->is_set() || !one->started)
            continue;
        if (named++ == few) {
            text += fmt::format("aio: and more, {} in all\n", s.left);
            break;
        }
        text += fmt::format("aio: {} has not ended\n", one->it->name());
        if (one->home == s.main)
            for (const std::string& what : one->it->unfinished())
                text += fmt::format("aio:     {}\n", what);
    }
    s.who_is_left(std::move(text));
}

task<void> stop_service(app::state& s, running& one, deadlines by) {
    for (running* dependent : one.dependents)
        co_await dependent->stopped->wait();
    if (one.started) {
        co_await call(one, &service::unit::begin_stop);
        if (!co_await within(s, patience(s, one, by), ended(one))) {
            s.own.warning("{} did not finish in time, it is cancelled", one.it->name());
            if (s.left <= few)
                tell_who_is_left(s);
            co_await call(one, &service::unit::cancel);
            one.unfinished = !co_await within(s, by.end, ended(one));
        }
    }
    one.stopped->set();
    if (--s.left <= few)
        tell_who_is_left(s);
}

/// Every second: who is still waited for and what it awaits.
task<void> report_waiting(app::state& s) {
    for (;;) {
        co_await async::sleep(1s);
        tell_who_is_left(s);
        for (const auto& one : s.services) {
            if (one->stopped->is_set())
                continue;
            const auto what =
                co_await async::on(*one->home, [&one] { return one->it->unfinished(); });
            if (what.empty())
                s.own.info("Waiting for {}", one->it->name());
            for (const std::string& text : what)
                s.own.info("Waiting for {}: {}", one->it->name(), text);
        }
    }
}

task<void> emit(app::state& s, std::string name) {
    try {
        co_await s.bus->emit(name);
    } catch (const signal::emit_error&) {
        // each error was logged when it happened; a stop goes on
    }
}

task<void> announce(app::state& s, std::string name, time_point until) {
    auto telling = emit(s, name);
    if (!co_await within(s, until, std::move(telling)))
        s.own.warning("Listeners of {} did not finish in time", name);
}

task<void> stop_services(app::state& s, const deadlines& by) {
    async::task_group group(*s.main, "stop", [&s](std::string_view name, std::exception_ptr) {
        s.own.error("{} failed while stopping", name);
    });
    for (auto one = s.services.rbegin(); one != s.services.rend(); ++one)
        group.spawn((*one)->it->name(), stop_service(s, **one, by));
    async::task_group reports(*s.main, "stop", [](std::string_view, std::exception_ptr) {});
    reports.spawn("stop report", report_waiting(s));
    co_await group.join();
    reports.cancel();
    co_await reports.join();
}

outcome conclude(app::state& s) {
    bool all = true;
    for (const auto& one : s.services) {
        if (!one->unfinished)
            continue;
        all = false;
        const auto what = one->it->unfinished();
        s.own.error("{} has not ended within the stop deadline", one->it->name());
        for (const std::string& text : what)
            s.own.error("{}: {}", one->it->name(), text);
    }
    if (!all)
        return outcome::unfinished;
    return s.has_crashed ? outcome::crashed : outcome::clean;
}

} // namespace

task<outcome> stop_everything(app::state& s) {
    if (s.ended)
        co_return *s.ended;
    const deadlines by(s);
    s.own.info("Stopping");
    s.left = s.services.size();
    tell_who_is_left(s);
    co_await announce(s, "aio-stopping", by.cancel);
    co_await stop_services(s, by);
    const outcome result = conclude(s);
    if (result != outcome::unfinished) {
        co_await announce(s, "aio-stopped", by.end);
        s.others.stop();
        s.own.info("Stopped");
    }
    s.listeners->end();
    s.logs.flush();
    s.ended = result;
    co_return result;
}

} // namespace aio::app
