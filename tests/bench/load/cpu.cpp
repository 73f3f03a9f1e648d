// S8: the share of a core that a process uses between `warmup` and `warmup + secs` from now.

#include "clock.hpp"
#include "json_line.hpp"
#include "modes.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

namespace bench {

void cpu(const options& asked) {
    if (asked.server == 0) {
        throw std::invalid_argument("cpu: --server is needed");
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(asked.warmup));
    const nanoseconds begin = now();
    const nanoseconds used = cpu_time(asked.server);
    std::this_thread::sleep_for(std::chrono::duration<double>(asked.secs));
    const nanoseconds spent = cpu_time(asked.server) - used;
    const nanoseconds wall = now() - begin;
    json_line()
        .add("value", 100.0 * static_cast<double>(spent) / static_cast<double>(wall))
        .add("secs", seconds(wall))
        .print();
}

} // namespace bench
