#pragma once

// Decides when something repeated is due next, from the period or the cron line and the clocks.
// Pure. Schedules and the timers of services use it.

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

/// Runs every period. Times count from the start of the plan. With spacing::start they are whole
/// periods after the first run, whatever happens in between, so nothing drifts.
class AIO_API periodic {
  public:
    periodic(base::duration period, base::duration first, timetable::spacing from);

    static constexpr base::duration never = base::duration::max();

    /// When the next run is due; `never` while the run before has to end first (spacing::end).
    base::duration next() const noexcept { return next_; }

    /// The run that is due begins, `late` after the moment chosen for it.
    fire<base::duration> take(base::duration late);
    /// The run has ended at `now`.
    void ended(base::duration now);
    /// Leaves out the runs that were due before `now`; returns how many.
    std::uint64_t skip_to(base::duration now);

  private:
    base::duration period_;
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
/// The clock may be set. If it is set by less than three hours, no run is lost and none comes
/// twice: a run that was passed over is due at once, and a time that comes again is not due again.
/// If it is set by three hours or more, also in several steps backwards, only the new time counts.
class AIO_API by_calendar {
  public:
    using wall_point = timetable::wall_point;

    by_calendar(cron line, zone place, moment now);

    /// Earlier than now when a run was passed over.
    wall_point next() const noexcept { return next_; }

    /// The run that is due begins, `late` after the moment chosen for it. `missed` counts to
    /// 100,000 at most.
    fire<wall_point> take(base::duration late);
    /// To be called whenever the wall clock may have been set, and before it is read for anything
    /// else. How far it was set forward (negative: back) since the last call; the small difference
    /// in speed of the two clocks counts, too.
    base::duration clock_set(moment now);

    /// True after the clock was set back, while the next run would be earlier if earlier runs did
    /// not count.
    bool held_back(wall_point now) const { return after(now) < next_; }

    /// Leaves out the runs that were due before `now`; returns whether there was one.
    bool skip_to(wall_point now);

  private:
    wall_point after(wall_point time) const;

    cron line_;
    zone place_;
    base::duration ahead_; ///< the wall clock's time minus the steady clock's
    wall_point taken_;     ///< runs up to here were taken or left out; min(): none yet
    wall_point next_;
};

/// `a + b`, or the end of time when that overflows.
AIO_API base::duration add(base::duration a, base::duration b) noexcept;

/// `a - b`, or an end of time when that overflows.
AIO_API base::duration subtract(base::duration a, base::duration b) noexcept;

} // namespace aio::timetable
