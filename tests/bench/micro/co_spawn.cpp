#include "measure.hpp"
#include "peers.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace asio = boost::asio;

namespace bench {

namespace {

asio::awaitable<void> end_at_once(std::int64_t& count) {
    ++count;
    co_return;
}

asio::awaitable<void> suspend_once(std::int64_t& count) {
    co_await asio::post(asio::use_awaitable);
    ++count;
}

asio::awaitable<void> spawn_often(asio::awaitable<void> (*body)(std::int64_t&), double secs) {
    const auto here = co_await asio::this_coro::executor;
    constexpr std::int64_t batch = 100;
    std::int64_t count = 0;
    turns batches(secs, 10);
    do {
        const std::int64_t all = count + batch;
        for (std::int64_t i = 0; i < batch; ++i)
            co_spawn(here, body(count), asio::detached);
        while (count < all)
            co_await asio::post(asio::use_awaitable);
    } while (batches.next());
    print(
        body == suspend_once ? "spawn/suspends" : "spawn/ends", 1e9 / batch / batches.per_second()
    );
}

} // namespace

void co_spawn(double secs) {
    for (const auto body : {end_at_once, suspend_once}) {
        asio::io_context context(1);
        asio::co_spawn(context, spawn_often(body, secs), asio::detached);
        context.run();
    }
}

} // namespace bench
