// The stop, one paragraph: announce it → no unit takes new work → listeners hear what was emitted →
// the tree: each unit, when all that depend on it have ended, finishes what is in work, and is
// cancelled when its time is over → listeners hear what the units emitted meanwhile → loops. All
// within the app's stop_timeout. A unit that has not ended by then is named, with what it awaits.

#include <aio/app/hearing.hpp>
#include <aio/app/state.hpp>
#include <aio/base/visible.hpp>
#include <aio/signal/at_work.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

namespace aio::app {
namespace {

using async::time_point;
using namespace std::chrono_literals;

service::stop_deadlines deadlines(const app::state& s) {
    service::stop_deadlines stop_deadlines;
    if (const auto whole = s.from.plan.process.stop_timeout) {
        stop_deadlines.end = async::later(s.main->time().now(), *whole);
        stop_deadlines.cancel = stop_deadlines.end - std::min<base::duration>(1s, *whole / 5);
    }
    return stop_deadlines;
}

task<void> emit(app::state& s, std::string name) {
    try {
        co_await s.bus->emit(name);
    } catch (const signal::emit_error&) {
        // each error was logged when it happened; a stop goes on
    }
}

task<void> announce(app::state& s, std::string name, time_point until) {
    async::task_group telling(*s.main, "aio");
    telling.spawn("stop", emit(s, name));
    if (co_await telling.join(until))
        co_return;
    const std::string listeners = signal::listeners_at_work(*s.main, name);
    s.own.warning("{} did not finish in time, they are cancelled", listeners);
    note_cut_off(s, listeners + " were cut off");
    if (s.who_is_left)
        s.who_is_left(fmt::format("aio: {} have not ended\n", listeners));
    telling.cancel();
    co_await telling.join();
}

outcome with_cut_off(app::state& s, outcome end) {
    const std::lock_guard lock(s.guard);
    return end == outcome::unfinished || s.cut_off.empty() ? end : outcome::cut_short;
}

} // namespace

void tell_who_is_left(app::state& s) {
    if (!s.who_is_left)
        return;
    std::string text = s.tree->last_words();
    for (const std::string& one : s.bus->unfinished())
        text += "aio: not heard: " + one + "\n";
    s.who_is_left(base::visible(s.logs.shown(text)));
}

namespace {

/// What ran until now decides. Announcements and posted work that follow can still crash.
outcome as_crashed(const app::state& s) {
    const bool failed = s.has_crashed || s.has_failed_to_stop || s.tree->has_failed();
    return failed ? outcome::crashed : outcome::clean;
}

outcome conclude(app::state& s) {
    bool unfinished = false;
    for (const auto& left : s.tree->left_units()) {
        if (!left.unfinished)
            continue;
        unfinished = true;
        s.own.error("{} has not ended within the stop deadline", left.name);
        for (const std::string& text : left.awaits)
            s.own.error("{}", service::said_of(left.name, text));
    }
    if (unfinished) {
        tell_who_is_left(s);
        return outcome::unfinished;
    }
    return as_crashed(s);
}

} // namespace

task<outcome> stop_everything(app::state& s) {
    if (s.ended)
        co_return *s.ended;
    if (!s.main)
        co_return outcome::clean; // nothing has started
    const service::stop_deadlines stop_deadlines = deadlines(s);
    s.stopping = true;
    s.own.info("Stopping");
    tell_who_is_left(s);
    co_await announce(s, "aio-stopping", stop_deadlines.cancel);
    s.tree->end_intake();
    co_await hear_what_came(s, stop_deadlines.cancel);
    co_await s.tree->stop(stop_deadlines, [&s] { tell_who_is_left(s); });
    outcome result = conclude(s);
    if (result != outcome::unfinished) {
        const bool all = co_await hear_the_rest(s, stop_deadlines);
        co_await announce(s, "aio-stopped", stop_deadlines.end);
        if (!all || !co_await hear_the_rest(s, stop_deadlines)) {
            result = outcome::unfinished;
            tell_who_is_left(s);
        }
    }
    if (result != outcome::unfinished) {
        s.others.stop();
        s.own.info("Stopped");
        result = as_crashed(s);
    }
    s.listeners->end();
    s.ended = result = with_cut_off(s, result);
    s.logs.flush();
    if (s.last_lines && result != outcome::unfinished)
        s.last_lines->set(exit_call::after_stop);
    co_return result;
}

} // namespace aio::app
