#include <aio/timetable/due.hpp>

#include <algorithm>

namespace aio::timetable {

namespace {

using std::chrono::seconds;

// The ends of the calendar that nanoseconds since 1970 can hold.
constexpr instant last_instant{std::chrono::floor<seconds>(base::duration::max())};

} // namespace

base::duration add(base::duration a, base::duration b) noexcept {
    return a > base::duration::max() - b ? base::duration::max() : a + b;
}

periodic::periodic(base::duration every, base::duration first, timetable::spacing from)
    : every_(every), from_end_(from == spacing::end), next_(first) {}

fire<base::duration> periodic::take(base::duration late) {
    fire<base::duration> run{next_};
    if (from_end_) {
        next_ = never;
        return run;
    }
    run.missed = late <= base::duration::zero() ? 0 : static_cast<std::uint64_t>(late / every_);
    next_ = add(next_, every_ * static_cast<base::duration::rep>(run.missed));
    next_ = add(next_, every_);
    return run;
}

void periodic::ended(base::duration now) {
    if (from_end_)
        next_ = add(now, every_);
}

std::uint64_t periodic::skip_to(base::duration now) {
    return next_ < now ? take(now - next_ - base::duration{1}).missed + 1 : 0;
}

by_calendar::by_calendar(cron line, zone in, wall_point now)
    : line_(line), in_(in), next_(after(now)) {}

fire<by_calendar::wall_point> by_calendar::take(base::duration late) {
    constexpr std::uint64_t most = 100'000;
    fire<wall_point> run{next_};
    const wall_point now = next_ + std::max(late, base::duration::zero());
    next_ = after(next_);
    while (next_ <= now && run.missed < most) {
        ++run.missed;
        next_ = after(next_);
    }
    if (next_ <= now)
        next_ = after(now);
    return run;
}

void by_calendar::clock_set(wall_point now) {
    next_ = after(now);
}

by_calendar::wall_point by_calendar::after(wall_point at) const {
    const instant found = line_.next(std::chrono::floor<seconds>(at), in_);
    return found > last_instant ? wall_point::max() : wall_point{found};
}

} // namespace aio::timetable
