#include <aio/timetable/due.hpp>

#include <algorithm>
#include <utility>

namespace aio::timetable {

namespace {

using std::chrono::seconds;

// A clock that is set by this much shows another time, not a better one. As in Vixie cron.
constexpr base::duration another_time = std::chrono::hours(3);

// The last second that a count of nanoseconds since 1970 can hold.
constexpr instant last_instant{std::chrono::floor<seconds>(base::duration::max())};

} // namespace

base::duration add(base::duration a, base::duration b) noexcept {
    return a > base::duration::max() - b ? base::duration::max() : a + b;
}

periodic::periodic(base::duration period, base::duration first, timetable::spacing from)
    : period_(period), from_end_(from == spacing::end), next_(first) {}

fire<base::duration> periodic::take(base::duration late) {
    fire<base::duration> run{next_};
    if (from_end_) {
        next_ = never;
        return run;
    }
    run.missed = late <= base::duration::zero() ? 0 : static_cast<std::uint64_t>(late / period_);
    next_ = add(next_, period_ * static_cast<base::duration::rep>(run.missed));
    next_ = add(next_, period_);
    return run;
}

void periodic::ended(base::duration now) {
    if (from_end_)
        next_ = add(now, period_);
}

std::uint64_t periodic::skip_to(base::duration now) {
    return next_ < now ? take(now - next_ - base::duration{1}).missed + 1 : 0;
}

base::duration subtract(base::duration a, base::duration b) noexcept {
    if (b < base::duration::zero())
        return add(a, -b);
    return a < base::duration::min() + b ? base::duration::min() : a - b;
}

by_calendar::by_calendar(cron line, zone place, moment now)
    : line_(line), place_(std::move(place)),
      ahead_(subtract(now.wall.time_since_epoch(), now.steady)), taken_(wall_point::min()),
      next_(after(now.wall)) {}

fire<wall_point> by_calendar::take(base::duration late) {
    constexpr std::uint64_t most = 100'000;
    fire<wall_point> run{next_};
    const wall_point now{add(next_.time_since_epoch(), std::max(late, base::duration::zero()))};
    taken_ = next_;
    next_ = after(next_);
    while (next_ <= now && run.missed < most) {
        ++run.missed;
        taken_ = next_;
        next_ = after(next_);
    }
    if (next_ <= now)
        skip_to(now);
    return run;
}

base::duration by_calendar::clock_set(moment now) {
    const base::duration ahead = subtract(now.wall.time_since_epoch(), now.steady);
    const base::duration amount = subtract(ahead, std::exchange(ahead_, ahead));
    const bool far = amount >= another_time || amount <= -another_time;
    if (far || subtract(taken_.time_since_epoch(), now.wall.time_since_epoch()) >= another_time) {
        taken_ = wall_point::min();
        next_ = after(now.wall);
    }
    next_ = std::min(next_, after(std::max(taken_, now.wall)));
    return amount;
}

bool by_calendar::skip_to(wall_point now) {
    if (next_ >= now)
        return false;
    taken_ = now;
    next_ = after(now);
    return true;
}

wall_point by_calendar::after(wall_point time) const {
    const instant found = line_.next(std::chrono::floor<seconds>(time), place_);
    return found > last_instant ? wall_point::max() : wall_point{found};
}

} // namespace aio::timetable
