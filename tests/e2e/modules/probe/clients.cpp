// Clients: what becomes of each target, as soon as it is known.

#include "probe.hpp"

#include <aio/async/task_group.hpp>

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <vector>

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

/// Dials `target` again and again, and keeps each connection.
class holder final : public aio::service_base {
    aio::task<void> on_start() override {
        every(context().option<aio::duration>("period"), [this] { return dial_one(); });
        co_return;
    }

    aio::task<void> dial_one() {
        try {
            held_.push_back(co_await aio::connect(context().option<std::string>("target")));
        } catch (const std::exception& e) {
            say("holds {}: {}", held_.size(), e.what());
        }
    }

    std::vector<aio::stream> held_;
};

} // namespace

void add_clients(aio::module_builder& to) {
    to.command("dial", dial_all)
        .option("proxy", "", "URL of an HTTP proxy")
        .option("timeout", std::chrono::seconds(20), "for each target");
    to.service<holder>("holder")
        .required<std::string>("target", "of each connection")
        .option("period", std::chrono::milliseconds(10), "between two connections");
}

} // namespace probe
