#pragma once

// Limits a repeated message to one a minute, and counts those that were left out.

#include <aio/base/units.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace aio::base {

/// For one kind of message. Not thread-safe.
class once_a_minute {
  public:
    /// Asks whether a message may be printed at `now`. Returns how many messages were left out
    /// since the last printed one; nothing when this message is left out.
    std::optional<std::uint64_t> note(duration now) noexcept {
        if (now < next()) {
            leave_out();
            return std::nullopt;
        }
        last_ = now;
        return std::exchange(silent_, 0);
    }

    /// The first time at which a message may be printed.
    duration next() const noexcept {
        return last_ ? *last_ + std::chrono::minutes{1} : duration::min();
    }

    /// Counts a message that is left out without a question.
    void leave_out() noexcept { ++silent_; }

    /// The end of the message: empty, or " (3 more since the last warning)".
    static std::string unmentioned(std::uint64_t silent) {
        return silent == 0 ? std::string()
                           : " (" + std::to_string(silent) + " more since the last warning)";
    }

  private:
    std::optional<duration> last_;
    std::uint64_t silent_ = 0;
};

} // namespace aio::base
