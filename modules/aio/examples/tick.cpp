#include "examples.hpp"

#include <cstdio>

namespace examples {

aio::task<void> tick(aio::scheduled_event event) {
    event.log().info("tick {} of {}", event.run(), event.name());
    co_await event.app().signals().emit("ticked", event.option<std::string>("data"));
}

// A plain function: there is nothing to wait for.
void print(aio::signal_event event) {
    const auto* text = event.data_if<std::string>();
    std::printf("Listener received: %s\n", text ? text->c_str() : event.name().c_str());
    std::fflush(stdout);
}

} // namespace examples
