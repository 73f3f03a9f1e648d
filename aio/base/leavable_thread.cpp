#include <aio/base/leavable_thread.hpp>
#include <aio/base/thread.hpp>

#include <condition_variable>
#include <mutex>
#include <utility>

namespace aio::base {

struct leavable_thread::state {
    std::mutex lock;
    std::condition_variable returned;
    bool done = false;

    void finish() {
        const std::scoped_lock hold(lock);
        done = true;
        returned.notify_all();
    }
};

// What the call owns goes before the call counts as returned.
leavable_thread::leavable_thread(std::function<void()> call) : state_(std::make_shared<state>()) {
    thread_ = start_thread([call = std::move(call), state = state_]() mutable {
        call();
        call = nullptr;
        state->finish();
    });
}

leavable_thread::leavable_thread(leavable_thread&&) noexcept = default;

leavable_thread::~leavable_thread() {
    if (thread_.joinable() && !join_until({}))
        thread_.detach();
}

void leavable_thread::join() {
    thread_.join();
}

bool leavable_thread::join_until(time_point end) {
    {
        std::unique_lock hold(state_->lock);
        if (!state_->returned.wait_until(hold, end, [this] { return state_->done; }))
            return false;
    }
    thread_.join();
    return true;
}

} // namespace aio::base
