#pragma once

// The processor time of the calling thread: what a test compares when the cost of something has to
// grow with its number and no faster. A busy machine does not change it much.

#include <chrono>
#include <ctime>

namespace test {

inline std::chrono::nanoseconds cpu_time() {
    ::timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

template <typename F>
std::chrono::nanoseconds cpu_time_of(F work) {
    const auto before = cpu_time();
    work();
    return cpu_time() - before;
}

} // namespace test
