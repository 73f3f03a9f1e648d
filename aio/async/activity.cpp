#include <aio/async/activity.hpp>

#include <utility>

namespace aio::async {

void activity::bell(std::function<void()> call) {
    const std::lock_guard lock(guard_);
    bell_ = std::move(call);
}

void activity::ring() noexcept {
    if (!armed_.exchange(false, std::memory_order_relaxed))
        return;
    const std::lock_guard lock(guard_);
    if (bell_)
        bell_();
}

} // namespace aio::async
