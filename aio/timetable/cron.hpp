#pragma once

// When a cron line fires. It has five fields (minute, hour, day of month, month, day of week) and
// an optional sixth, the second. A field holds `*`, values, names (jan, mon), ranges, steps and
// lists; 0 and 7 are Sunday. A line may also be @hourly, @daily, @midnight, @weekly, @monthly,
// @yearly or
// @annually.
//
// When neither the day of month nor the day of week begins with `*`, a day that matches one of them
// fires, as in Vixie cron; otherwise a day has to match both.

#include <aio/base/api.hpp>
#include <aio/timetable/zone.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::timetable {

/// What is wrong with a line, and at which byte of it.
struct cron_error {
    std::size_t offset = 0;
    std::string text;
    std::string hint;
};

/// A parsed line: for each field the set of its values, bit n for value n.
class AIO_API cron {
  public:
    /// Nothing when the line is wrong; `errors` gets one entry for each bad field then. A line that
    /// can never fire (30 February) is wrong, too.
    static std::optional<cron> parse(std::string_view line, std::vector<cron_error>& errors);

    /// The first instant later than `after` at which it fires, on the wall clock of a zone.
    ///
    /// A wall time that the zone skips fires at the first instant after the gap. A wall time that
    /// comes twice fires the first time only, unless the line allows every hour: such a line also
    /// fires in the repeated hour.
    instant next(instant after, const zone& place) const;

    friend bool operator==(const cron&, const cron&) = default;

  private:
    cron() = default;

    std::optional<wall_time> next_wall(wall_time from) const;
    std::optional<std::chrono::seconds> next_time_of_day(std::chrono::seconds from) const;
    std::uint32_t days_of(std::chrono::year_month month) const;

    bool every_hour() const noexcept { return hours_ == (1U << 24) - 1; }

    std::uint64_t seconds_ = 1, minutes_ = 0;
    std::uint32_t hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;
    bool either_day_ = false; // day of month or day of week, not both
};

/// What a good line probably does not mean as it is written: with six fields, the last one `*` and
/// another one not, its writer had the seconds first. Nothing when there is no such doubt.
AIO_API std::optional<cron_error> cron_doubt(std::string_view line);

} // namespace aio::timetable
