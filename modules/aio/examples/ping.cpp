#include "examples.hpp"

namespace examples {

// The protocol of a client. When it returns, or the connection breaks, the client connects again
// and calls it anew.
aio::task<void> ping(aio::stream stream, aio::client_context context) {
    for (int number = 1;; ++number) {
        co_await stream.write(fmt::format("ping {}\n", number));
        const auto answer = co_await stream.read_line();
        if (!answer)
            co_return; // the server has ended, or the client stops
        context.log().info("Answer: {}", *answer);
        co_await aio::sleep(context.option<aio::duration>("every"));
    }
}

} // namespace examples
