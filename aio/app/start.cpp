// The start, one paragraph: listeners, aio-starting, the services in dependency order, aio-started.
// A failure is logged, and what had started is stopped in reverse. Nothing starts any more once a
// stop was asked for.

#include <aio/app/state.hpp>
#include <aio/base/exception.hpp>

namespace aio::app {
namespace {

task<void> start_in_order(app::state& s) {
    s.listeners->begin(s.from.plan.listeners);
    co_await s.bus->emit("aio-starting");
    if (s.asked || s.held)
        s.tree->hold();
    co_await s.tree->start();
    co_await s.bus->emit("aio-started");
}

} // namespace

task<void> start_everything(app::state& s) {
    std::exception_ptr why;
    try {
        co_await start_in_order(s);
    } catch (...) {
        why = std::current_exception();
    }
    if (!why)
        co_return;
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    if (s.held)
        co_await s.asked_to_stop->made.wait(); // stop_soon() follows: the reason is logged first
    if (!s.asked && !s.tree->has_given_up()) { // a unit that failed was logged
        s.own.error("{}", base::message_of(why));
        s.has_crashed = true;
    }
    ask_to_stop(s); // the stop deadline counts from here
    co_await stop_everything(s);
    throw start_failed(s.logs.shown(base::message_of(why)));
}

} // namespace aio::app
