#include "probe.hpp"

#include <boost/asio/this_coro.hpp>

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

namespace probe {
namespace {

int args(aio::command_event event) {
    std::string all;
    for (const std::string& one : event.arguments())
        all += " [" + one + "]";
    say("args:{}", all);
    return 0;
}

int status(aio::command_event event) {
    return std::atoi(event.arguments().at(0).c_str());
}

aio::task<int> later(aio::command_event) {
    co_await aio::sleep(std::chrono::milliseconds{10});
    say("later is done");
    co_return 3;
}

int declared(aio::command_event event) {
    say("count={} who={}", event.option<int>("count"), event.option<std::string>("who"));
    return 0;
}

int raising(aio::command_event) {
    throw std::runtime_error("boom");
}

/// Waits for ever; what it does when it is told to stop is its argument: see below.
aio::task<int> waiting(aio::command_event event) {
    const std::string how = event.arguments().at(0);
    std::exception_ptr why;
    say("waiting");
    try {
        co_await aio::sleep(std::chrono::hours{1});
    } catch (...) {
        why = std::current_exception();
    }
    co_await boost::asio::this_coro::reset_cancellation_state();
    co_await aio::sleep(std::chrono::milliseconds{how == "hang" ? 3600000 : 10});
    say("cleaned up");
    if (how == "break")
        throw std::runtime_error("broken");
    if (how != "end")
        std::rethrow_exception(why);
    co_return 0;
}

aio::task<int> stopping(aio::command_event) {
    aio::async::loop::of(co_await boost::asio::this_coro::executor)->stop();
    co_await aio::sleep(std::chrono::hours{1});
    co_return 0;
}

int busy(aio::command_event) {
    say("busy");
    for (;;)
        ::pause();
}

int logs_arguments(aio::command_event event) {
    for (const std::string& argument : event.arguments())
        event.log().warning("{}", argument);
    return 0;
}

int crashing(aio::command_event event) {
    event.log().info("the last line");
    std::abort();
}

} // namespace

void add_commands(aio::module_builder& to) {
    to.command("args", args);
    to.command("status", status);
    to.command("later_command", later);
    to.command("declared", declared)
        .help("prints its options")
        .option("count", 1, "how often")
        .option("who", "nobody", "for whom");
    to.command("raising_command", raising);
    to.command("waiting_command", waiting);
    to.command("busy_command", busy);
    to.command("stopping_command", stopping);
    to.command("crashing_command", crashing);
    to.command("logging_command", logs_arguments);
}

} // namespace probe
