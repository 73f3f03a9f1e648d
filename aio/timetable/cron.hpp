#pragma once

// When a cron line fires. Five fields (minute, hour, day of month, month, day of week) and an
// optional sixth, the second; `*`, values, names (jan, mon), ranges, steps and lists; 7 is Sunday
// too; @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually.
//
// Day of month and day of week: when neither begins with `*` either one is enough, as in Vixie
// cron; otherwise both have to match.

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
    /// Nothing when the line is wrong; then `errors` holds one entry for each bad field. A line
    /// that can never fire (30 February) is wrong too.
    static std::optional<cron> parse(std::string_view line, std::vector<cron_error>& errors);

    /// The first instant later than `after` at which it fires, on the wall clock of a zone.
    ///
    /// A wall time the zone skips fires at the first instant after the gap. One that comes twice
    /// fires the first time only, unless the line allows every hour: what runs every hour or
    /// every minute goes on through the repeated hour.
    instant next(instant after, const zone& in) const;

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
