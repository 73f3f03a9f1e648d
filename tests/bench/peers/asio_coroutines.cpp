// Many coroutines that wait on a timer until they are cancelled (`asio_coroutines COUNT`): how
// long it takes to start them all, and to cancel and await them all.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>

namespace asio = boost::asio;
using clock_type = std::chrono::steady_clock;

namespace {

asio::awaitable<void> wait(std::size_t& waiting) {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(24));
    ++waiting;
    co_await timer.async_wait(asio::use_awaitable);
}

double ms(clock_type::duration of) {
    return std::chrono::duration<double, std::milli>(of).count();
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t count = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
    if (count == 0) {
        std::fprintf(stderr, "usage: %s COUNT\n", argv[0]);
        return 2;
    }
    asio::io_context context(1);
    std::deque<asio::cancellation_signal> cancels;
    std::size_t waiting = 0;
    std::size_t ended = 0;

    const auto begin = clock_type::now();
    for (std::size_t i = 0; i < count; ++i) {
        auto& cancel = cancels.emplace_back();
        co_spawn(
            context,
            wait(waiting),
            asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr) { ++ended; })
        );
    }
    while (waiting < count)
        context.poll();
    const auto up = clock_type::now();
    for (auto& cancel : cancels)
        cancel.emit(asio::cancellation_type::terminal);
    context.restart();
    context.run();
    const auto end = clock_type::now();
    std::printf("{\"start_ms\": %.3f, \"stop_ms\": %.3f}\n", ms(up - begin), ms(end - up));
    return ended == count ? 0 : 1;
}
