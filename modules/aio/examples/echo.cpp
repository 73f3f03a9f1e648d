#include "examples.hpp"

namespace examples {

// One coroutine runs for each connection. When it returns, all that was written is sent, and the
// connection is closed.
aio::task<void> echo(aio::stream stream) {
    while (auto data = co_await stream.read()) // empty: the peer has ended
        co_await stream.write(data);
}

} // namespace examples
