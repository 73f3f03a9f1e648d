// The life of a service until its stop: the start and the crash, each a paragraph.

#include <aio/async/aborted.hpp>
#include <aio/base/exception.hpp>
#include <aio/service/service_inside.hpp>

#include <boost/asio/cancellation_type.hpp>

namespace aio::service {

namespace asio = boost::asio;
using log::level;

namespace {

bool is_early_stop(const std::exception_ptr& why) {
    try {
        std::rethrow_exception(why);
    } catch (const stopped_while_starting&) {
        return true;
    } catch (...) {
        return false;
    }
}

} // namespace

// ---- start ----

task<void> service::start() {
    const std::shared_ptr<inside> kept = inside_; // a child may be removed while it starts
    inside& own = *kept;
    while (own.alive() && should_stop())
        co_await own.stopped.wait("the end of its stop");
    const bool begins =
        !own.alive(); // otherwise another caller has started it: both wait for the same start
    if (begins)
        own.begin_life();
    std::exception_ptr cancelled;
    try {
        if (own.start_is == readiness::pending)
            co_await own.settling.wait("its start");
    } catch (...) {
        cancelled = std::current_exception();
    }
    if (cancelled) {
        if (begins && own.parent && !own.is_ending_above())
            close_kept(); // only its parent's stop may be followed by a restart
        if (begins)
            own.begin_stop();
        std::rethrow_exception(cancelled);
    }
    if (own.start_is == readiness::ready)
        co_return;
    co_await own.stopped.wait("the end of a start that failed");
    if (own.why)
        std::rethrow_exception(own.why);
    throw stopped_while_starting(own.name + " was stopped before it had started");
}

void service::inside::begin_life() {
    has_a_place();
    if (is_ending_above())
        throw stopped_while_starting(self.name() + " does not start: its parent is stopping");
    enter(stage::starting);
    start_is = readiness::pending;
    forced = removed = crash_told = intake_over = false;
    why = nullptr;
    apart_starting = 0;
    ++lives;
    children_begun = 0;
    settling.reset();
    stopped.reset();
    self.becomes(state::starting);
    say(level::info, "Starting");
    starting.emplace(*home, self.name(), [this](std::string_view, std::exception_ptr error) {
        fail_start(std::move(error));
    });
    work.emplace(*home, self.name(), [this](std::string_view task, std::exception_ptr error) {
        fail_work(task, std::move(error));
    });
    starting->spawn("start", run_start());
}

/// Throws when the service has no place to run in.
void service::inside::has_a_place() const {
    if (waits_for_its_turn())
        throw std::logic_error(
            parent->name() + "/" + name + " cannot start: its parent has not started it yet"
        );
    if (ending && self.shared_home())
        return;
    throw std::logic_error(
        self.name().empty() ? "a service starts in its place: see place()"
                            : self.name() + " cannot start: it has been removed"
    );
}

/// The parent makes the first start of each of its own lives.
bool service::inside::waits_for_its_turn() const noexcept {
    const std::uint64_t begun = apart ? life_above : begun_in;
    return parent && (begun == 0 || begun != parent->inside_->lives);
}

task<void> service::inside::run_start() {
    co_await run_hooks_of_start();
    if (asked() || why)
        co_return;
    self.ready();
    say(level::info, "Started");
}

task<void> service::inside::run_hooks_of_start() {
    if (was_started) {
        co_await self.on_restart();
    } else {
        co_await self.on_first_start();
        was_started = true;
    }
    if (asked() || why)
        co_return;
    co_await self.on_start();
    enter(stage::with_children);
    co_await start_children();
    if (asked() || why)
        co_return;
    co_await self.on_started();
}

void service::inside::settle(readiness how) {
    start_is = how;
    settling.set();
}

void service::ready() noexcept {
    inside& own = *inside_;
    if (own.start_is != readiness::pending || should_stop())
        return;
    becomes(state::running);
    own.settle(readiness::ready);
}

void service::inside::fail_work(std::string_view task, std::exception_ptr error) {
    if ((async::is_aborted(error) || is_early_stop(error)) && is_ending())
        return; // a service that it called or started has stopped before it
    const char* advice = "";
    try {
        std::rethrow_exception(error);
    } catch (const call_ended& ended) {
        if (ended.app_stops || intake_over)
            return; // the next step would stop it
        advice = " (a call into a service ends so when that stops first: catch operation_aborted)";
    } catch (...) {
    }
    say(level::error, "{} failed: {}{}", task, base::message_of(error), advice);
    crash(std::move(error));
}

void service::inside::fail_start(std::exception_ptr error) {
    if (why || is_early_stop(error) || (asked() && async::is_aborted(error)))
        return; // already logged, or intended
    say(level::error, "Start failed: {}", base::message_of(error));
    crash(std::move(error));
}

// ---- crash ----

/// The highest service above it on the same loop.
service::inside& service::inside::head() noexcept {
    inside* top = this;
    while (top->parent && !top->apart)
        top = top->parent->inside_.get();
    return *top;
}

void service::inside::each(std::vector<std::shared_ptr<inside>>& into) {
    into.push_back(shared_from_this());
    for (const auto& service : children)
        if (!service->inside_->apart)
            service->inside_->each(into);
}

void service::crash(std::exception_ptr why) {
    if (!why)
        throw std::invalid_argument("a crash has a reason");
    if (inside_->lives == 0)
        too_early("crash()");
    inside_->say(log::level::error, "Crashed: {}", base::message_of(why));
    inside_->crash(std::move(why));
}

void service::inside::crash(std::exception_ptr reason) {
    if (why)
        return;
    inside& top = head();
    const bool tell = !top.parent && top.alive() && top.start_is == readiness::ready;
    std::vector<std::shared_ptr<inside>> tree; // an interrupted wait may remove a child
    top.each(tree);
    for (const auto& target : tree) {
        if (target->why)
            continue;
        target->why = reason;
        target->self.becomes(state::crashed);
    }
    for (const auto& target : tree) {
        target->interrupt();
        target->crash_apart(reason);
    }
    if (top.parent)
        return top.crash_above(reason); // which stops this one in its turn
    inside* highest = alive() ? this : nullptr;
    for (inside* target = this; target->parent; target = target->parent->inside_.get())
        if (target->parent->inside_->alive())
            highest = target->parent->inside_.get();
    if (highest)
        highest->stop_soon();
    if (tell)
        top.own_context->app().crashed(top.self.name(), reason);
}

/// In a turn of its own: the caller may be a function of the service itself.
void service::inside::stop_soon() noexcept {
    home->post([weak = weak_from_this(), life = lives.load()] {
        if (const auto own = weak.lock(); own && own->lives_in(life))
            own->begin_stop();
    });
}

void service::inside::interrupt() noexcept {
    while (!waits.empty()) {
        waiting& last = waits.back();
        waits.pop_back();
        last.interrupted = true;
        last.cancel(asio::cancellation_type::terminal);
    }
}

void service::done() {
    inside& own = *inside_;
    if (own.lives == 0)
        too_early("done()");
    if (!own.alive() || own.asked() || own.why)
        return;
    if (own.parent) {
        close_kept();
        own.stop_soon();
    } else {
        own.own_context->app().ended(name());
    }
}

bool service::should_stop() const noexcept {
    return inside_->asked() || inside_->why;
}

} // namespace aio::service
