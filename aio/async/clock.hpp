#pragma once

// Time as the program sees it: a steady clock for durations and a wall clock for dates. A loop
// asks its clock; under test that is a virtual_clock (aio/async/virtual_clock.hpp).

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <chrono>

namespace aio::async {

using base::duration;

/// A moment of the steady clock, which is never set: for durations.
using time_point = std::chrono::time_point<std::chrono::steady_clock, duration>;

/// A moment of the wall clock in UTC, which people and NTP set: for dates.
using wall_point = std::chrono::time_point<std::chrono::system_clock, duration>;

/// Later than everything.
inline constexpr time_point never = time_point::max();

/// All members may be called from any thread.
class AIO_API clock {
  public:
    clock() = default;
    clock(const clock&) = delete;
    clock& operator=(const clock&) = delete;
    virtual ~clock();

    virtual time_point now() const noexcept = 0;
    virtual wall_point wall() const noexcept = 0;

    /// Not later than now(), and a tick of the system (4 to 10 ms) earlier at most: cheaper.
    virtual time_point recent() const noexcept { return now(); }
};

/// The clocks of the operating system.
class AIO_API real_clock final : public clock {
  public:
    time_point now() const noexcept override;
    wall_point wall() const noexcept override;
    time_point recent() const noexcept override;
};

/// `at + by`, or the end of time when that overflows.
constexpr time_point later(time_point moment, duration amount) noexcept {
    return amount > duration::zero() && moment > never - amount ? never : moment + amount;
}

} // namespace aio::async
