// S5: what a connection costs that has exchanged one message and then is silent.

#include "clock.hpp"
#include "json_line.hpp"
#include "modes.hpp"
#include "socket.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

namespace bench {

void idle(const options& asked) {
    if (asked.server == 0) {
        throw std::invalid_argument("idle: --server is needed");
    }
    const std::int64_t before = resident_memory(asked.server);
    const auto connections = connect_many(asked.port, asked.connections, asked.size);
    std::this_thread::sleep_for(std::chrono::duration<double>(asked.settle));
    const std::int64_t after = resident_memory(asked.server);
    json_line()
        .add("value", static_cast<double>(after - before) / static_cast<double>(connections.size()))
        .add("connections", connections.size())
        .add("before_kib", before / 1024)
        .add("after_kib", after / 1024)
        .print();
}

} // namespace bench
