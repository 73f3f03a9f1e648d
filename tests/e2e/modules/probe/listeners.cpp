#include "probe.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <thread>

namespace probe {

using namespace std::chrono_literals;

namespace {

std::string payload(const aio::signal_event& event) {
    if (!event.has_data())
        return "none";
    return event.data<std::string>();
}

void heard(aio::signal_event event) {
    say("heard {} {}", event.name(), payload(event));
}

aio::task<void> heard2(aio::signal_event event) {
    say("heard2 {} {}", event.name(), payload(event));
    co_return;
}

aio::task<std::string> later(aio::signal_event) {
    say("later begins");
    co_await aio::sleep(1s);
    say("later ends");
    co_return "done";
}

aio::task<void> hangs(aio::signal_event) {
    say("hangs begins");
    co_await aio::sleep(std::chrono::hours{24});
}

/// Is at work for as long as the app runs.
aio::task<void> types(aio::signal_event event) {
    for (int line = 1;; ++line) {
        say("line {} of {}", line, event.name());
        co_await aio::sleep(500ms);
    }
}

void blocks(aio::signal_event) {
    say("blocks begins");
    std::this_thread::sleep_for(std::chrono::hours{24});
}

void raising_listener(aio::signal_event) {
    throw std::runtime_error("boom");
}

void wants_number(aio::signal_event event) {
    say("number {}", event.data<int>());
}

void stop_listener(aio::signal_event event) {
    event.app().stop_soon();
}

void posts_error(aio::signal_event event) {
    event.app().main_loop().post([] { throw std::runtime_error("posted"); });
}

void touch(aio::signal_event) {
    ::close(::open("touched", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
}

} // namespace

void add_listeners(aio::module_builder& to) {
    to.listener("heard", heard);
    to.listener("heard2", heard2);
    to.listener("later", later);
    to.listener("hangs", hangs);
    to.listener("types", types);
    to.listener("blocks", blocks);
    to.listener("raising_listener", raising_listener);
    to.listener("wants_number", wants_number);
    to.listener("stop_listener", stop_listener);
    to.listener("posts_error", posts_error);
    to.listener("touch", touch);
}

} // namespace probe
