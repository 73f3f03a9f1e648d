// Clients: what becomes of each target, as soon as it is known.

#include "probe.hpp"

#include <aio/async/task_group.hpp>

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <exception>
#include <string>

namespace probe {
namespace {

aio::task<void> dial(std::string where, aio::connect_options how) {
    try {
        auto server = co_await aio::connect(where, how);
        co_await server.write("hello\n");
        say("{}: {}", where, (co_await server.read_line()).value_or("(end)"));
    } catch (const std::exception& e) {
        say("{}: failed: {}", where, e.what());
    }
}

aio::task<void> dial_all(aio::command_event event) {
    aio::connect_options how;
    how.proxy(event.option<std::string>("proxy"));
    how.timeout(event.option<aio::duration>("timeout"));
    auto& home = *aio::async::loop::of(co_await boost::asio::this_coro::executor);
    aio::async::task_group group(home);
    for (const std::string& where : event.arguments())
        group.spawn("dial", dial(where, how));
    co_await group.join();
}

} // namespace

void add_clients(aio::module_builder& to) {
    to.command("dial", dial_all)
        .option("proxy", "", "URL of an HTTP proxy")
        .option("timeout", std::chrono::seconds(20), "for each target");
}

} // namespace probe
