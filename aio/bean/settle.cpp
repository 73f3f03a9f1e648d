#include <aio/async/child.hpp>
#include <aio/bean/settle.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

namespace aio::bean {

namespace {

task<void> settled(async::task_group& all, std::function<void()> begin) {
    std::exception_ptr why;
    try {
        begin();
        co_await all.join();
    } catch (...) {
        why = std::current_exception();
    }
    if (why) {
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation(
        ));
        all.cancel();
        co_await all.join();
        std::rethrow_exception(why);
    }
}

} // namespace

// The child has a cancellation state of its own, and is waited for whatever happens to the caller.
task<void> settle(async::task_group& all, std::function<void()> begin) {
    struct apart final : async::child {
    } waiting;

    co_await waiting.run(settled(all, std::move(begin)), "those called");
}

} // namespace aio::bean
