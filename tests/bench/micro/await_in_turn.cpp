#include "measure.hpp"
#include "peers.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <any>
#include <functional>
#include <vector>

namespace asio = boost::asio;

namespace bench {

namespace {

// Data of any type, as a signal has: kept by the emit, looked into by each listener.
using listener = std::function<asio::awaitable<void>(const std::any&)>;

asio::awaitable<void> count_up(std::int64_t& count, int value) {
    count += value;
    co_return;
}

asio::awaitable<void> emit(const std::vector<listener>& listeners, std::any data) {
    for (const auto& one : listeners) {
        co_await one(data);
    }
}

asio::awaitable<void> emit_often(const std::vector<listener>& listeners, turns& emits) {
    do {
        co_await emit(listeners, 1);
    } while (emits.next());
}

double emits_per_second(std::size_t size, double secs) {
    std::int64_t count = 0;
    const std::vector<listener> listeners(size, [&count](const std::any& data) {
        return count_up(count, std::any_cast<const int&>(data));
    });
    asio::io_context context(1);
    turns emits(secs, batch_for(size));
    co_spawn(context, emit_often(listeners, emits), asio::detached);
    context.run();
    return count != 0 ? emits.per_second() : 0;
}

} // namespace

void await_in_turn(double secs) {
    for (const std::size_t listeners : {1, 10, 1000}) {
        print("coroutine/" + std::to_string(listeners), emits_per_second(listeners, secs));
    }
}

} // namespace bench
