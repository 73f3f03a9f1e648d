#include "clock.hpp"

#include "socket.hpp"

#include <cerrno>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string>

namespace bench {

namespace {

nanoseconds read_clock(clockid_t clock) {
    timespec time{};
    if (clock_gettime(clock, &time) != 0) {
        fail("clock_gettime");
    }
    return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

} // namespace

nanoseconds now() {
    return read_clock(CLOCK_MONOTONIC);
}

nanoseconds cpu_time(pid_t pid) {
    if (pid == 0) {
        return 0;
    }
    clockid_t clock{};
    if (const int error = clock_getcpuclockid(pid, &clock); error != 0) {
        errno = error;
        fail("processor time of the server");
    }
    return read_clock(clock);
}

std::int64_t resident_memory(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    for (std::string word; file >> word;) {
        if (std::int64_t kilobytes = 0; word == "Rss:" && file >> kilobytes) {
            return kilobytes * 1024;
        }
    }
    throw std::runtime_error("cannot read the memory of process " + std::to_string(pid));
}

} // namespace bench
