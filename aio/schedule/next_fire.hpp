#pragma once

// When the next run is due: decided from the spec and the clock alone. Nothing here waits.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/schedule/cron.hpp>
#include <aio/schedule/spec.hpp>

#include <chrono>
#include <cstdint>
#include <random>

namespace aio::schedule {

/// A run that starts now.
template <typename Time>
struct fire {
    Time due;                 ///< when it should have started, jitter apart
    std::uint64_t missed = 0; ///< runs due since then that this one stands for
};

/// Runs `every` so often. Times count from the start of the schedule; with spacing = start they
/// are whole periods from the first one whatever happens in between, so nothing drifts.
class AIO_API periodic {
  public:
    explicit periodic(const spec& of);

    static constexpr base::duration never = base::duration::max();

    /// The next run; `never` while the run before has to end first (spacing = end).
    base::duration next() const noexcept { return next_; }

    /// Its time has come, `late` after the moment chosen for it.
    fire<base::duration> take(base::duration late);
    /// The run has ended at `now`.
    void ended(base::duration now);

  private:
    base::duration every_;
    bool from_end_;
    base::duration next_;
};

/// Runs by the wall clock.
class AIO_API by_calendar {
  public:
    using wall_point = std::chrono::time_point<std::chrono::system_clock, base::duration>;

    by_calendar(cron line, zone in, wall_point now);

    wall_point next() const noexcept { return next_; }

    /// Its time has come, `late` after the moment chosen for it. Far behind, `missed` stops at
    /// 100,000.
    fire<wall_point> take(base::duration late);
    /// Somebody set the clock: what lies before `now` is not made up for.
    void clock_set(wall_point now);

  private:
    wall_point after(wall_point at) const;

    cron line_;
    zone in_;
    wall_point next_;
};

/// The extra delay of one run: evenly in [0, most].
AIO_API base::duration draw_jitter(base::duration most, std::minstd_rand& from);

} // namespace aio::schedule
