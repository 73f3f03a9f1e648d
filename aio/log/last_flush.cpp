#include <aio/base/thread.hpp>
#include <aio/log/last_flush.hpp>

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <system_error>

namespace aio::log {

namespace {

class countdown {
  public:
    explicit countdown(std::size_t from) : left_(from) {}

    void count() noexcept {
        const std::lock_guard guard(lock_);
        if (--left_ == 0)
            done_.notify_all();
    }

    void wait_for(std::chrono::milliseconds patience) {
        std::unique_lock guard(lock_);
        done_.wait_for(guard, patience, [this] { return left_ == 0; });
    }

  private:
    std::mutex lock_;
    std::condition_variable done_;
    std::size_t left_;
};

} // namespace

void flush_within(std::chrono::milliseconds patience, const handlers& targets) {
    const auto left = std::make_shared<countdown>(targets.size());
    for (const auto& target : targets) {
        try {
            base::start_thread([left, target] {
                target->flush();
                left->count();
            }).detach(); // nobody can end a flush that hangs, but the end of the process does
        } catch (const std::system_error&) {
            left->count(); // no thread is to be had: this target is not flushed
        }
    }
    left->wait_for(patience);
}

} // namespace aio::log
