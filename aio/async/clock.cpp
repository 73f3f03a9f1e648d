#include <aio/async/clock.hpp>

#include <time.h>

namespace aio::async {

clock::~clock() = default;

time_point real_clock::now() const noexcept {
    return std::chrono::steady_clock::now();
}

time_point real_clock::recent() const noexcept {
    ::timespec read{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &read);
    return time_point(std::chrono::seconds(read.tv_sec) + std::chrono::nanoseconds(read.tv_nsec));
}

wall_point real_clock::wall() const noexcept {
    return std::chrono::system_clock::now();
}

} // namespace aio::async
