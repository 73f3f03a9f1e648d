#include <aio/schedule/next_fire.hpp>

namespace aio::schedule {

namespace {

using std::chrono::seconds;

base::duration period(const spec& of) {
    return of.every.value_or(seconds{1});
}

} // namespace

periodic::periodic(const spec& of)
    : timetable::periodic(
          period(of),
          of.first_after_period ? timetable::add(of.delay, period(of)) : of.delay,
          of.spacing
      ) {}

base::duration draw_jitter(base::duration most, std::minstd_rand& from) {
    if (most <= base::duration::zero())
        return base::duration::zero();
    return base::duration{std::uniform_int_distribution<base::duration::rep>{0, most.count()}(from)
    };
}

} // namespace aio::schedule
