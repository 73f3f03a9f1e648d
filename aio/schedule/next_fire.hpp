#pragma once

// Decides when the next run of a schedule is due, from the spec and the clock. Pure. aio/timetable
// has the part that services use as well.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/schedule/spec.hpp>
#include <aio/timetable/due.hpp>

#include <random>

namespace aio::schedule {

using timetable::by_calendar;
using timetable::fire;

/// Runs every period, as a spec says; times count from the start of the schedule.
class AIO_API periodic : public timetable::periodic {
  public:
    explicit periodic(const spec& section);
};

/// The extra delay of one run: evenly distributed in [0, most].
AIO_API base::duration draw_jitter(base::duration most, std::minstd_rand& random);

} // namespace aio::schedule
