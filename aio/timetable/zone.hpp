#pragma once

// A time zone: which offset from UTC holds when. Used by cron only; hides the library behind it.
//
// The library (date-tz 3.0) reads the changes listed in the zone's file and not the rule at its
// end: after 2037 a zone keeps its last offset. The first name looked up costs some 15 ms, UTC
// nothing.

#include <aio/base/api.hpp>

#include <chrono>
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

    wall_time wall(instant at) const { return wall_time{(at + offset).time_since_epoch()}; }

    instant at(wall_time wall) const { return instant{wall.time_since_epoch() - offset}; }
};

/// Cheap to copy.
class AIO_API zone {
  public:
    /// UTC; needs no data of the system.
    zone() = default;

    /// The zone of an IANA name such as "Europe/Berlin", read from the system's tzdata; "UTC" in
    /// any case. Nothing when the system has no such zone.
    static std::optional<zone> find(std::string_view name);
    /// Every name the system knows, sorted.
    static std::vector<std::string> known();

    std::string name() const;
    zone_period period(instant at) const;

  private:
    const void* data_ = nullptr; // the library's zone; nullptr: UTC
};

} // namespace aio::timetable
