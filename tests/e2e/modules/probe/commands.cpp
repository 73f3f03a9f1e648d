#include "probe.hpp"

#include <cstdlib>
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
}

} // namespace probe
