// S9: SIGTERM while connections are open. How long until the process is gone, with which status,
// and whether every client saw the end of its stream (FIN) or was cut off (RST).

#include "child.hpp"
#include "json_line.hpp"
#include "modes.hpp"
#include "socket.hpp"

#include <sys/socket.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace bench {

namespace {

constexpr nanoseconds patience = 40'000'000'000; // past the default stop_timeout of aio

struct ends {
    std::size_t finished = 0;
    std::size_t reset = 0;
};

void wait_until_up(child& server, std::uint16_t port) {
    for (;;) {
        try {
            connect_many(port, 1, 1);
            return;
        } catch (const std::system_error&) {
            if (server.ended() || now() - server.started() > 20'000'000'000) {
                throw;
            }
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

/// What the end of one stream looks like; a client answers it by closing, too.
void see_end(descriptor& connection, ends& seen) {
    char byte = 0;
    const ssize_t got = recv(connection.get(), &byte, 1, 0);
    if (got > 0) {
        throw std::runtime_error("a byte that nobody asked for");
    }
    ++(got == 0 ? seen.finished : seen.reset);
    connection.reset();
}

/// Watches the streams end; returns the moment at which the process was gone.
nanoseconds watch(child& server, std::vector<descriptor>& connections, ends& seen) {
    poll_set poll;
    for (std::size_t i = 0; i < connections.size(); ++i) {
        poll.add(connections[i].get(), EPOLLIN, i);
    }
    const nanoseconds begin = now();
    nanoseconds gone = 0;
    server.signal(SIGTERM);
    while (now() - begin < patience && (gone == 0 || now() - gone < 200'000'000)) {
        if (gone == 0 && server.ended()) {
            gone = now();
        }
        if (seen.finished + seen.reset < connections.size()) {
            for (const auto& event : poll.wait()) {
                see_end(connections[event.data.u64], seen);
            }
        } else if (gone != 0) {
            break;
        } else {
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
    }
    if (gone == 0) {
        throw std::runtime_error("the server does not end within 40 s of SIGTERM");
    }
    return gone - begin;
}

} // namespace

void stop(const options& asked) {
    child server(asked.command);
    wait_until_up(server, asked.port);
    auto connections = connect_many(asked.port, asked.connections, asked.size);
    ends seen;
    const nanoseconds took = watch(server, connections, seen);
    json_line()
        .add("value", static_cast<double>(took) / 1e6)
        .add("status", server.status())
        .add("finished", seen.finished)
        .add("reset", seen.reset)
        .add("left_open", connections.size() - seen.finished - seen.reset)
        .print();
}

} // namespace bench
