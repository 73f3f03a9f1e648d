#pragma once

// When to try again while an operation on a socket fails over and over. Pure: its owner acts.

#include <aio/base/units.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace aio::net {

/// The failures of one operation since its last success. The pauses between them grow.
class failure_run {
  public:
    static constexpr base::duration first_pause = std::chrono::milliseconds(10);
    static constexpr base::duration longest_pause = std::chrono::seconds(1);
    /// Failures in a row that may each have a cause of their own. After them there is a pause, too.
    static constexpr std::size_t without_pause = 16;

    /// Called after a failure that comes again at once. Returns how long to wait.
    base::duration lasting() noexcept {
        ++paused_;
        return std::exchange(next_, std::min(next_ * 2, longest_pause));
    }

    /// Called after a failure that the next attempt may not have. Returns how long to wait;
    /// nothing: not at all.
    std::optional<base::duration> single() noexcept {
        return ++singles_ < without_pause ? std::nullopt : std::optional(lasting());
    }

    /// Called when there was nothing to do.
    void idle() noexcept { singles_ = 0; }

    /// The failures with a pause so far.
    std::size_t paused() const noexcept { return paused_; }

    /// Called when the log hears of this run. Returns false for the first time.
    bool told() noexcept { return std::exchange(told_, true); }

    /// Called after a success. Returns how many failures with a pause it ends, for the log; 0 when
    /// they were not logged.
    std::size_t succeeded() noexcept {
        next_ = first_pause;
        singles_ = 0;
        const std::size_t ended = std::exchange(paused_, 0);
        return std::exchange(told_, false) ? ended : 0;
    }

  private:
    std::size_t paused_ = 0;
    std::size_t singles_ = 0;
    bool told_ = false;
    base::duration next_ = first_pause;
};

} // namespace aio::net
