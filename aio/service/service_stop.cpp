// The stop of a service: its hooks, the children in reverse, its tasks, its on_exit functions.

#include <aio/async/aborted.hpp>
#include <aio/base/exception.hpp>
#include <aio/service/service_inside.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace aio::service {

namespace asio = boost::asio;
using log::level;

/// A service itself has no intake; its children may have one.
void service::end_intake() noexcept {
    inside_->intake_over = true;
    inside_->tell_children(&service::end_intake);
}

void service::expect_restart() noexcept {
    inside_->restart_follows = true;
}

/// A service that has crashed has begun its stop by itself, and its owner decides only now whether
/// it starts again.
void service::begin_stop() noexcept {
    if (!std::exchange(inside_->restart_follows, false))
        close_kept();
    inside_->begin_stop();
}

void service::close_kept() noexcept {
    inside_->tell_children(&service::close_kept);
}

void service::inside::begin_stop() noexcept {
    if (!alive() || asked())
        return;
    enter(stage::stopping);
    if (!why)
        self.becomes(state::stopping);
    say(level::info, "Stopping");
    interrupt();
    ending->spawn("stop", run_stop());
}

task<void> service::inside::run_stop() {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    if (start_is == readiness::pending) {
        starting->cancel();
        settle(readiness::failed);
        co_await starting->join();
    }
    co_await tell_crash();
    co_await run_hook("on_stop", [this] { return self.on_stop(); });
    co_await stop_children();
    co_await end_work();
    while (!leaves.empty()) {
        const auto leave = std::move(leaves.back());
        leaves.pop_back();
        co_await run_hook("on_exit", leave);
    }
    co_await tell_crash(); // a crash during the stop
    co_await run_hook("on_shutdown", [this] { return self.on_shutdown(); });
    co_await tell_crash(); // a crash at its end
    co_await end_calls();  // calls that came after the end of its tasks
    self.becomes(why ? state::crashed : state::stopped);
    say(level::info, "Stopped");
    enter(stage::stopped);
    stopped.set();
}

task<void> service::inside::tell_crash() {
    if (why && !std::exchange(crash_told, true))
        co_await run_hook("on_crash", [this] { return self.on_crash(why); });
}

task<void> service::inside::stop_children() {
    for (std::size_t i = children.size(); i-- > 0; i = std::min(i, children.size())) {
        const std::shared_ptr<inside> target = children[i]->inside_; // it may be removed meanwhile
        if (target->apart) {
            co_await stop_apart(target, departure::stop);
            continue;
        }
        target->begin_stop();
        if (forced)
            target->self.cancel();
        co_await target->stopped.wait("the end of a child");
    }
}

task<void> service::inside::end_work() {
    enter(stage::closing);
    starting->cancel();
    work->cancel();
    if (!work->empty())
        co_await work->join();
    if (!starting->empty())
        co_await starting->join();
    co_await end_calls();
}

namespace {

task<void> tell_end(task<void> hook, bool& ended) {
    co_await std::move(hook);
    ended = true;
}

} // namespace

/// Runs a hook of the stop: its error is logged, and the stop goes on. A group does not tell that a
/// task was cancelled, so the hook itself notes that it came to its end.
task<void> service::inside::run_hook(const char* hook_name, std::function<task<void>()> call) {
    bool ended = false, failed = false;
    const auto tell = [&](const std::exception_ptr& error) {
        failed = true;
        say(level::error, "{} failed: {}", hook_name, base::message_of(error));
        own_context->app().stop_failed(self.name());
    };
    async::task_group group(*home, self.name(), [&](std::string_view, std::exception_ptr error) {
        if (!forced || !async::is_aborted(error))
            tell(error);
    });
    hook = &group;
    try { // a hook need not be a coroutine: what it throws when it is called counts the same
        group.spawn(hook_name, tell_end(call(), ended));
    } catch (...) {
        tell(std::current_exception());
    }
    if (forced)
        group.cancel();
    if (!group.empty())
        co_await group.join();
    hook = nullptr;
    if (ended || failed || !forced)
        co_return;
    say(level::error, "{} was cut off, its time was over", hook_name);
    own_context->app().cut_off(self.name(), hook_name);
}

task<void> service::wait_stopped() {
    co_await inside_->stopped.wait("the end of a service");
}

void service::cancel() noexcept {
    inside& own = *inside_;
    if (!own.alive())
        return;
    own.begin_stop();
    own.forced = true;
    own.tell_children(&service::cancel);
    if (own.starting)
        own.starting->cancel();
    if (own.hook)
        own.hook->cancel();
    if (own.work)
        own.work->cancel();
    own.cancel_calls();
}

} // namespace aio::service
