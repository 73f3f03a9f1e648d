#pragma once

// One emit as a whole: it calls the listeners of the emitter's loop at once, posts to the other
// loops, and waits for all listeners that have not completed.

#include <aio/async/suspend.hpp>
#include <aio/signal/delivery.hpp>

#include <memory>
#include <vector>

namespace aio::signal {

class emission final : public delivery, public async::waiter {
  public:
    emission(const sending& parts, async::loop& here, std::shared_ptr<const audience> listeners)
        : delivery(parts, here), to_(std::move(listeners)) {}

    ~emission();

    /// True when all have completed; otherwise await outlast().
    bool start();
    /// Throws emit_error when one failed, operation_aborted when the emit was cancelled.
    void check();

  private:
    class away;

    void completed() noexcept override;
    bool withdraw() noexcept override;
    void arrived(away& from) noexcept;
    void one_less() noexcept;
    void leave_out_others() noexcept;
    bool is_meant_for(const async::loop& target) const noexcept;

    std::shared_ptr<const audience> to_;
    std::vector<std::shared_ptr<away>> away_;
    std::size_t open_ = 0;
    bool aborted_ = false;
};

} // namespace aio::signal
