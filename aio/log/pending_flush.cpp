#include <aio/async/loop.hpp>
#include <aio/log/handler.hpp>
#include <aio/log/pending_flush.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace aio::log {

namespace {

/// The handlers that one turn has to flush. Shared by the thread and the work in the queue of its
/// loop: either may end first.
struct batch {
    async::loop* home = nullptr;
    std::vector<std::shared_ptr<handler>> handlers;
    bool queued = false;

    void flush() noexcept {
        queued = false;
        for (const auto& each : std::exchange(handlers, {}))
            each->flush();
    }
};

/// It also flushes when it is dropped because the loop ends.
class flush_work {
  public:
    explicit flush_work(std::shared_ptr<batch> group) : batch_(std::move(group)) {}

    flush_work(flush_work&&) noexcept = default;
    flush_work& operator=(flush_work&&) noexcept = default;

    ~flush_work() {
        if (batch_)
            batch_->flush();
    }

    void operator()() && {}

  private:
    std::shared_ptr<batch> batch_;
};

/// Records may still come when the variables of the thread are destroyed: exit() does that before
/// it calls the destructors of static objects.
constinit thread_local bool ended = false;

struct kept_batch {
    std::shared_ptr<batch> current;

    kept_batch() = default;
    kept_batch(const kept_batch&) = delete;
    kept_batch& operator=(const kept_batch&) = delete;

    ~kept_batch() { ended = true; }
};

thread_local kept_batch kept;

} // namespace

bool flush_with_turn(const std::shared_ptr<handler>& target) {
    async::loop* home = async::loop::here();
    if (!home || home->simulation() || ended) // a simulation shuffles what is queued
        return false;
    auto& current = kept.current;
    if (!current || (current->queued && current->home != home))
        current = std::make_shared<batch>();
    auto& all = current->handlers;
    if (std::ranges::find(all, target) == all.end())
        all.push_back(target);
    if (!std::exchange(current->queued, true)) {
        current->home = home;
        home->post_unordered(flush_work(current));
    }
    return true;
}

} // namespace aio::log
