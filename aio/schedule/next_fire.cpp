#include <aio/schedule/next_fire.hpp>

namespace aio::schedule {

namespace {

using std::chrono::seconds;

base::duration period(const spec& section) {
    return section.every.value_or(seconds{1});
}

} // namespace

periodic::periodic(const spec& section)
    : timetable::periodic(
          period(section),
          section.first_after_period ? timetable::add(section.delay, period(section))
                                     : section.delay,
          section.spacing
      ) {}

base::duration draw_jitter(base::duration most, std::minstd_rand& random) {
    if (most <= base::duration::zero())
        return base::duration::zero();
    return base::duration{std::uniform_int_distribution<base::duration::rep>{0, most.count()}(random
    )};
}

} // namespace aio::schedule
