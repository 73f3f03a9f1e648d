#include <aio/app/presses.hpp>

namespace aio::app {

press presses::count(std::chrono::steady_clock::time_point now) noexcept {
    if (!first_) {
        first_ = now;
        return press::first;
    }
    return now - *first_ <= one_press ? press::same : press::again;
}

} // namespace aio::app
