#pragma once

// A time zone: which offset from UTC holds when. Used by cron only.
//
// The time component of Abseil (timetable/zone_library) reads the changes listed in the zone's file
// and the rule at its end, so a zone also changes its clocks after the last listed change: in the
// slim files of some systems, and after 2037 in every file.

#include <aio/base/api.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aio::timetable {

/// An instant in whole seconds, and what a clock on the wall shows at it.
using instant = std::chrono::sys_seconds;
using wall_time = std::chrono::local_seconds;

/// A stretch of time [begin, end) with one offset: wall time = instant + offset.
struct zone_period {
    instant begin, end;
    std::chrono::seconds offset{0};

    wall_time wall(instant instant) const {
        return wall_time{(instant + offset).time_since_epoch()};
    }

    instant at(wall_time wall) const { return instant{wall.time_since_epoch() - offset}; }
};

/// Why there is no such zone, in words for the user.
struct zone_error {
    std::string text;
    std::string hint;
};

/// Cheap to copy.
class AIO_API zone {
  public:
    /// UTC; needs no data of the system.
    zone() = default;

    /// The zone of an IANA name such as "Europe/Berlin", read from the system's time zone files
    /// ($TZDIR, or /usr/share/zoneinfo); "UTC" in any case. Nothing when there is no such file or
    /// when it cannot be read in full; `why` (unless nullptr) is set then.
    static std::optional<zone> find(std::string_view name, zone_error* why = nullptr);
    /// Every name the system has a file for, and "UTC"; sorted.
    static std::vector<std::string> known();

    std::string name() const;
    zone_period period(instant instant) const;

  private:
    struct rules;

    std::shared_ptr<const rules> rules_; // nullptr: UTC
};

} // namespace aio::timetable
