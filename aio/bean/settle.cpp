#include <aio/async/child.hpp>
#include <aio/bean/settle.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>

namespace aio::bean {

namespace {

task<void> settled(async::task_group& all) {
    std::exception_ptr cancelled;
    try {
        co_await all.join();
    } catch (...) {
        cancelled = std::current_exception();
    }
    if (cancelled) {
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation(
        ));
        all.cancel();
        co_await all.join();
        std::rethrow_exception(cancelled);
    }
}

} // namespace

task<void> settle(async::task_group& all) {
    struct apart final : async::child {
    } waiting; // the state reset is this one's

    co_await waiting.run(settled(all), "those called");
}

} // namespace aio::bean
