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
        n.owner.want_down(n);
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

} // namespace aio::service
