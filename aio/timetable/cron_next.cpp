#include <aio/timetable/cron.hpp>

#include <bit>

namespace aio::timetable {

namespace {

using namespace std::chrono;

// The lowest set bit at or above `from`; -1 without one.
int next_bit(std::uint64_t bits, unsigned from) {
    if (from >= 64)
        return -1;
    bits &= ~std::uint64_t{0} << from;
    return bits == 0 ? -1 : std::countr_zero(bits);
}

constexpr std::uint64_t every_seventh = 0x10204081; // bits 0, 7, 14, 21, 28

wall_time wall_of(year_month_day day) {
    return wall_time{local_days{day}};
}

} // namespace

// For a fixed line, later wall times map to later instants (a gap maps to its end, a repeated time
// to its first pass), so one search suffices. For a line that allows every hour, each period of the
// zone is searched, because a repeated wall time counts again in the second one.
instant cron::next(instant after, const zone& place) const {
    zone_period period = place.period(after);
    wall_time from = period.wall(after) + 1s;
    if (!every_hour() && period.begin != instant::min()) {
        const zone_period before = place.period(period.begin - 1s);
        from = std::max(from, before.wall(period.begin));
    }
    for (;;) {
        const std::optional<wall_time> found = next_wall(from);
        if (!found)
            return instant::max();
        if (period.at(*found) < period.end)
            return period.at(*found);
        const instant change = period.end;
        const wall_time left = period.wall(change);
        period = place.period(change);
        const wall_time entered = period.wall(change);
        if (*found < entered)
            return change;
        from = every_hour() ? entered : std::max(entered, left);
    }
}

std::optional<wall_time> cron::next_wall(wall_time from) const {
    const local_days today = floor<days>(from);
    const year_month_day date{today};
    if (days_of(date.year() / date.month()) >> static_cast<unsigned>(date.day()) & 1)
        if (const auto time = next_time_of_day(from - today))
            return wall_time{today} + *time;

    // 29 February may be 8 years away, on a given weekday 40; the calendar repeats after 400.
    unsigned after = static_cast<unsigned>(date.day()) + 1;
    const year_month last = date.year() / date.month() + years{400};
    for (year_month month = date.year() / date.month(); month <= last;) {
        if (const int day = next_bit(days_of(month), after); day >= 0)
            return wall_of(month / day) + *next_time_of_day(0s);
        after = 1;
        const int later = next_bit(months_, static_cast<unsigned>(month.month()) + 1);
        month =
            later >= 0 ? month.year() / later : (month.year() + years{1}) / next_bit(months_, 1);
    }
    return std::nullopt;
}

std::optional<seconds> cron::next_time_of_day(seconds from) const {
    const auto total = static_cast<unsigned>(from.count());
    const unsigned hour = total / 3600, minute = total / 60 % 60;
    const int first_minute = next_bit(minutes_, 0), first_second = next_bit(seconds_, 0);
    int h = next_bit(hours_, hour);
    if (h < 0)
        return std::nullopt;
    if (h == static_cast<int>(hour)) {
        int m = next_bit(minutes_, minute);
        if (m == static_cast<int>(minute)) {
            if (const int s = next_bit(seconds_, total % 60); s >= 0)
                return hours{h} + minutes{m} + seconds{s};
            m = next_bit(minutes_, minute + 1);
        }
        if (m >= 0)
            return hours{h} + minutes{m} + seconds{first_second};
        h = next_bit(hours_, hour + 1);
    }
    if (h < 0)
        return std::nullopt;
    return hours{h} + minutes{first_minute} + seconds{first_second};
}

// Bit n: day n of the month fires; 0 when the month does not.
std::uint32_t cron::days_of(year_month month) const {
    if (!(months_ >> static_cast<unsigned>(month.month()) & 1))
        return 0;
    const weekday first{local_days{month / 1}};
    std::uint64_t by_weekday = 0;
    for (unsigned day = 1; day <= 7; ++day)
        if (weekdays_ >> (first + days{day - 1}).c_encoding() & 1)
            by_weekday |= every_seventh << day;
    const auto last = static_cast<unsigned>((month / std::chrono::last).day());
    const std::uint64_t exist = ((std::uint64_t{1} << last) - 1) << 1;
    const std::uint64_t chosen = either_day_ ? days_ | by_weekday : days_ & by_weekday;
    return static_cast<std::uint32_t>(chosen & exist);
}

} // namespace aio::timetable
