// S19: connections that never read. Says how much memory they take at both ends, as soon as it does
// not grow any more, and holds them until the standard input ends.

#include "clock.hpp"
#include "json_line.hpp"
#include "modes.hpp"
#include "socket.hpp"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace bench {

namespace {

/// What the buffers of all TCP sockets of this machine take.
std::int64_t buffered_by_tcp() {
    std::ifstream file("/proc/net/sockstat");
    std::string word;
    while (file >> word && word != "TCP:") {
    }
    while (file >> word) {
        if (std::int64_t pages = 0; word == "mem" && file >> pages) {
            return pages * sysconf(_SC_PAGESIZE);
        }
    }
    throw std::runtime_error("cannot read /proc/net/sockstat");
}

void pause(double secs) {
    std::this_thread::sleep_for(std::chrono::duration<double>(secs));
}

/// The largest figure: once it has not grown for `settle` seconds.
std::int64_t settled_buffers(double settle) {
    constexpr nanoseconds patience = 40'000'000'000;
    const nanoseconds begun = now();
    std::int64_t most = 0;
    for (nanoseconds grown = begun; now() - grown < from_seconds(settle); pause(0.05)) {
        if (const std::int64_t taken = buffered_by_tcp(); taken > most + most / 200) {
            most = taken;
            grown = now();
        }
        if (now() - begun > patience) {
            throw std::runtime_error("the buffers still grow after 40 s");
        }
    }
    return most;
}

std::vector<descriptor> connect_all(const options& asked) {
    source_addresses sources;
    std::vector<descriptor> made;
    while (made.size() < asked.connections) {
        made.push_back(start_connect(asked.port, sources));
        finish_connect(made.back().get());
    }
    return made;
}

} // namespace

void deaf(const options& asked) {
    if (asked.server == 0) {
        throw std::invalid_argument("deaf: --server is needed");
    }
    need_descriptors(asked.connections);
    const std::int64_t before = buffered_by_tcp();
    const auto connections = connect_all(asked);
    const std::int64_t kernel = settled_buffers(asked.settle) - before;
    const std::int64_t resident = resident_memory(asked.server);
    json_line()
        .add("value", kernel + resident)
        .add("kernel", kernel)
        .add("resident", resident)
        .add("connections", connections.size())
        .print();
    std::fflush(stdout);
    while (!input_ended()) {
        pause(0.02);
    }
}

} // namespace bench
