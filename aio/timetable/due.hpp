#pragma once

// When something repeated is due next: decided from the period or the cron line and the clock
// alone. Nothing here waits. Schedules and the timers of services run by it.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/timetable/cron.hpp>
#include <aio/timetable/zone.hpp>

#include <chrono>
#include <cstdint>

namespace aio::timetable {

/// A run that starts now.
template <typename Time>
struct fire {
    Time due;                 ///< when it should have started
    std::uint64_t missed = 0; ///< runs due since then that this one stands for
};

/// A period is counted from the start of the run before, or from its end.
enum class spacing { start, end };

/// Runs `every` so often. Times count from the start of it all; with spacing = start they are whole
/// periods from the first one whatever happens in between, so nothing drifts.
class AIO_API periodic {
  public:
    periodic(base::duration every, base::duration first, timetable::spacing from);

    static constexpr base::duration never = base::duration::max();

    /// The next run; `never` while the run before has to end first (spacing = end).
    base::duration next() const noexcept { return next_; }

    /// Its time has come, `late` after the moment chosen for it.
    fire<base::duration> take(base::duration late);
    /// The run has ended at `now`.
    void ended(base::duration now);
    /// Lets go of the runs that were due before `now`; how many.
    std::uint64_t skip_to(base::duration now);

  private:
    base::duration every_;
    bool from_end_;
    base::duration next_;
};

using wall_point = std::chrono::time_point<std::chrono::system_clock, base::duration>;

/// What both clocks show at one moment. The steady one counts from anywhere.
struct moment {
    wall_point wall;
    base::duration steady{0};
};

/// Runs by the wall clock.
///
/// Somebody may set that clock. By less than three hours, no run is lost and none comes twice: a
/// run that was passed over is due at once, and a time that comes again is not due again. By three
/// hours or more, also in several steps backwards, the new time counts as it is.
class AIO_API by_calendar {
  public:
    using wall_point = timetable::wall_point;

    by_calendar(cron line, zone in, moment now);

    /// Earlier than now when a run was passed over.
    wall_point next() const noexcept { return next_; }

    /// Its time has come, `late` after the moment chosen for it. Far behind, `missed` stops at
    /// 100,000.
    fire<wall_point> take(base::duration late);
    /// To be called whenever the wall clock may have been set, and before it is read for anything
    /// else. How far it was set forward (negative: back) since the last call; the small difference
    /// in speed of the two clocks counts, too.
    base::duration clock_set(moment now);

    /// The next run would be earlier if others had not run already: the clock was set back.
    bool held_back(wall_point now) const { return after(now) < next_; }

    /// Lets go of the runs that were due before `now`; whether there was one.
    bool skip_to(wall_point now);

  private:
    wall_point after(wall_point at) const;

    cron line_;
    zone in_;
    base::duration ahead_; ///< the wall clock's time minus the steady clock's
    wall_point taken_;     ///< up to here runs were taken or let go; min(): none yet
    wall_point next_;
};

/// `a + b`, or the end of time when that overflows.
AIO_API base::duration add(base::duration a, base::duration b) noexcept;

/// `a - b`, or an end of time when that overflows.
AIO_API base::duration subtract(base::duration a, base::duration b) noexcept;

} // namespace aio::timetable
