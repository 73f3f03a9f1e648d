#pragma once

// What a stop signal means, given the stop signals before it. Pure.

#include <aio/base/api.hpp>

#include <chrono>
#include <optional>

namespace aio::app {

enum class press {
    first, ///< stop in order
    same,  ///< part of the same key press, or of one `kill` to a whole group: ignored
    again  ///< end at once
};

class AIO_API presses {
  public:
    /// A signal this soon after the first one counts as the same.
    static constexpr auto one_press = std::chrono::milliseconds(250);

    press count(std::chrono::steady_clock::time_point now) noexcept;

  private:
    std::optional<std::chrono::steady_clock::time_point> first_;
};

} // namespace aio::app
