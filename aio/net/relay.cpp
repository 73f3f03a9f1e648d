#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/net/relay.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <utility>

namespace aio::net {

namespace {

struct direction {
    stream& from;
    stream& to;
    std::uint64_t bytes = 0;
    bool whole = false; ///< the end of the peer was passed on
};

task<void> pass_on(direction& way) {
    while (const auto data = co_await way.from.read()) {
        co_await way.to.write(data);
        way.bytes += data.size();
    }
    way.whole = way.from.end_reason() == end_reason::peer;
    if (way.whole)
        co_await way.to.shutdown();
}

} // namespace

task<relayed> relay(stream& first, stream& second) {
    direction forward{first, second}, backward{second, first};
    std::exception_ptr why;
    async::loop& home = *async::loop::of(co_await boost::asio::this_coro::executor);
    async::task_group both(home, {}, [&](std::string_view, std::exception_ptr failure) {
        if (why)
            return;
        why = std::move(failure);
        first.abort();
        second.abort();
    });
    both.spawn("relay", pass_on(forward));
    both.spawn("relay", pass_on(backward));
    try {
        co_await both.join();
    } catch (...) { // cancelled: thrown on after both directions
        why = std::current_exception();
    }
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    both.cancel();
    co_await both.join();
    if (why)
        std::rethrow_exception(why);
    if (!forward.whole)
        second.abort();
    if (!backward.whole)
        first.abort();
    co_return relayed{forward.bytes, backward.bytes};
}

} // namespace aio::net
