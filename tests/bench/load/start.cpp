// S6: from fork and exec until a connection stands, and until it is answered; the median of the
// runs.

#include "child.hpp"
#include "json_line.hpp"
#include "modes.hpp"
#include "socket.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace bench {

namespace {

struct run {
    double connect_ms = 0;
    double answer_ms = 0;
    double cpu_ms = 0;
    double memory_kib = 0;
};

bool accepts(std::uint16_t port) {
    const descriptor probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(port);
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(probe.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server) == 0;
}

double ms_since(nanoseconds begin) {
    return static_cast<double>(now() - begin) / 1e6;
}

run start_once(const options& asked) {
    child server(asked.command);
    run measured;
    while (!accepts(asked.port)) {
        if (server.ended() || ms_since(server.started()) > 20'000) {
            throw std::runtime_error("the server does not start");
        }
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    measured.connect_ms = ms_since(server.started());
    connect_many(asked.port, 1, asked.size);
    measured.answer_ms = ms_since(server.started());
    measured.cpu_ms = static_cast<double>(cpu_time(server.pid())) / 1e6;
    measured.memory_kib = static_cast<double>(resident_memory(server.pid())) / 1024;
    server.signal(SIGTERM);
    if (!server.wait(10)) {
        throw std::runtime_error("the server does not end within 10 s of SIGTERM");
    }
    return measured;
}

double median(const std::vector<run>& runs, double run::* figure) {
    std::vector<double> values;
    for (const auto& one : runs) {
        values.push_back(one.*figure);
    }
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

} // namespace

void start(const options& asked) {
    if (accepts(asked.port)) {
        throw std::runtime_error("port " + std::to_string(asked.port) + " is taken");
    }
    std::vector<run> runs;
    while (runs.size() < asked.runs) {
        runs.push_back(start_once(asked));
    }
    json_line()
        .add("value", median(runs, &run::connect_ms))
        .add("answer_ms", median(runs, &run::answer_ms))
        .add("cpu_ms", median(runs, &run::cpu_ms))
        .add("memory_kib", median(runs, &run::memory_kib))
        .add("runs", runs.size())
        .print();
}

} // namespace bench
