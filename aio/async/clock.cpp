#include <aio/async/clock.hpp>

namespace aio::async {

clock::~clock() = default;

time_point real_clock::now() const noexcept {
    return std::chrono::steady_clock::now();
}

wall_point real_clock::wall() const noexcept {
    return std::chrono::system_clock::now();
}

} // namespace aio::async
