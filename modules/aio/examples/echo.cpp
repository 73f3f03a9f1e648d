#include "examples.hpp"

namespace examples {

// One coroutine for each connection. When it returns, what was written is sent and the connection
// is closed.
aio::task<void> echo(aio::stream stream) {
    while (auto data = co_await stream.read()) // empty: the peer has sent its last
        co_await stream.write(data);
}

} // namespace examples
