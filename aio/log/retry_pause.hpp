#pragma once

// How often a log that cannot be reached is tried again: after 1 s, then after pauses that double
// up to 60 s.

#include <aio/log/record_order.hpp>

#include <algorithm>
#include <chrono>

namespace aio::log {

/// Pure: the caller passes the time of the record. A clock that was set back ends the pause; a
/// record that is only late (record_order.hpp) does not.
class retry_pause {
  public:
    using time_point = std::chrono::system_clock::time_point;

    static constexpr std::chrono::seconds shortest{1}, longest{60};

    /// The log was reached until now.
    void begin(time_point now) noexcept {
        tried_ = now;
        pause_ = shortest;
    }

    /// The next attempt is due at once.
    void end() noexcept { pause_ = {}; }

    /// Whether no attempt is due.
    bool waits(time_point now) const noexcept {
        return pause_ > pause_.zero() && now >= tried_ - latest_record && now < tried_ + pause_;
    }

    /// Whether the pause does not become longer.
    bool at_longest() const noexcept { return pause_ == longest; }

    /// An attempt is made: the next pause is longer.
    void attempt(time_point now) noexcept {
        tried_ = now;
        pause_ = std::clamp(pause_ * 2, shortest, longest);
    }

    /// Whether an attempt is due. If so, it counts as made.
    bool due(time_point now) noexcept {
        if (waits(now))
            return false;
        attempt(now);
        return true;
    }

  private:
    time_point tried_;
    std::chrono::seconds pause_{};
};

} // namespace aio::log
