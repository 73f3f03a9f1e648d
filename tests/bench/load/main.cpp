// The load generator of scripts/bench: one mode per run, one line of JSON per measurement.

#include "modes.hpp"

#include <sched.h>
#include <sys/prctl.h>

#include <cstdio>
#include <exception>
#include <map>
#include <stdexcept>
#include <string_view>

namespace {

using mode = void (*)(const bench::options&);

const std::map<std::string_view, mode> modes{
    {"echo", bench::echo},
    {"churn", bench::churn},
    {"idle", bench::idle},
    {"start", bench::start},
    {"stop", bench::stop},
    {"udp", bench::udp},
    {"cpu", bench::cpu},
    {"serve", bench::serve},
    {"handshakes", bench::handshakes},
    {"bulk", bench::bulk},
    {"flood", bench::flood},
    {"deaf", bench::deaf},
};

void stay_on(int core) {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(static_cast<std::size_t>(core), &cores);
    if (core >= 0 && sched_setaffinity(0, sizeof cores, &cores) != 0) {
        throw std::runtime_error("cannot run on core " + std::to_string(core));
    }
}

} // namespace

int main(int argc, char** argv) try {
    const auto asked = bench::read_options(argc, argv);
    const auto found = modes.find(asked.mode);
    if (found == modes.end()) {
        throw std::invalid_argument("unknown mode: " + asked.mode);
    }
    prctl(PR_SET_TIMERSLACK, 1UL);
    stay_on(asked.core);
    found->second(asked);
    return 0;
} catch (const std::invalid_argument& error) {

    std::fprintf(stderr, "load: %s\n", error.what());
    return 2;
} catch (const std::exception& error) {
    std::fprintf(stderr, "load: %s\n", error.what());
    return 1;
}
