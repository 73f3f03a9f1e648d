#pragma once

// For what may be said over and over: at most once a minute, and how often it was left out.

#include <aio/base/units.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace aio::base {

/// Of one kind of message. Not for several threads at once.
class once_a_minute {
  public:
    /// There is something to say at `now`: how much of it went unmentioned since the last time;
    /// nothing: say nothing now.
    std::optional<std::uint64_t> note(duration now) noexcept {
        if (last_ && now - *last_ < std::chrono::minutes{1}) {
            ++silent_;
            return std::nullopt;
        }
        last_ = now;
        return std::exchange(silent_, 0);
    }

    /// What ends the message: nothing, or " (3 more since the last warning)".
    static std::string unmentioned(std::uint64_t silent) {
        return silent == 0 ? std::string()
                           : " (" + std::to_string(silent) + " more since the last warning)";
    }

  private:
    std::optional<duration> last_;
    std::uint64_t silent_ = 0;
};

} // namespace aio::base
