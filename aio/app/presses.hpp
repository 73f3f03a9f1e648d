#pragma once

// What a signal that asks for a stop means after those before it. Pure.

#include <aio/base/api.hpp>

#include <chrono>
#include <optional>

namespace aio::app {

enum class press {
    first, ///< stop in good order
    same,  ///< the same key press, or the same `kill` to a whole group: nothing
    again  ///< end at once
};

class AIO_API presses {
  public:
    /// What comes within this time after the first is the first.
    static constexpr auto one_press = std::chrono::milliseconds(250);

    press count(std::chrono::steady_clock::time_point now) noexcept;

  private:
    std::optional<std::chrono::steady_clock::time_point> first_;
};

} // namespace aio::app
