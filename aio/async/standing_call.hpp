#pragma once

// A call that a loop makes whenever any thread asks for it, without an allocation.

#include <aio/async/loop.hpp>
#include <aio/async/work.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace aio::async {

/// Calls a member function of its owner, of which it is a part. Requests that come before a call
/// begins are one request.
template <typename Owner, void (Owner::*Member)()>
class standing_call final : work {
  public:
    explicit standing_call(Owner& owner) noexcept : work(&standing_call::call), owner_(owner) {
        ordered = true;
    }

    standing_call(const standing_call&) = delete;
    standing_call& operator=(const standing_call&) = delete;

    /// Calls in a later turn of `home`, which is always the same loop; never once that is closed.
    /// The call sees what the caller wrote before.
    /// The requests of one thread keep their order, also among those of other calls. `kept` lives
    /// until then; without it the owner has to outlive the loop. From any thread.
    void request(loop& home, std::shared_ptr<const void> kept = {}) noexcept {
        if (asked_.exchange(true, std::memory_order_acq_rel))
            return;
        kept_ = std::move(kept);
        home.submit(*this);
    }

  private:
    /// The owner may end with the call.
    static void call(work& entry, verdict what) {
        auto& self = static_cast<standing_call&>(entry);
        Owner& owner = self.owner_;
        const std::shared_ptr<const void> kept = std::move(self.kept_);
        self.asked_.exchange(false, std::memory_order_acq_rel); // what a request has told is seen
        if (what == verdict::run)
            (owner.*Member)();
    }

    Owner& owner_;
    std::shared_ptr<const void> kept_;
    std::atomic<bool> asked_{false};
};

} // namespace aio::async
