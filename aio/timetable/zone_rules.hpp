#pragma once

// The offsets of a time zone, as Abseil reads them from the system's file. They are in a library of
// their own, which is loaded with the first zone: its eleven libraries of Abseil would cost every
// start a millisecond. Private to timetable/.

#include <aio/timetable/zone.hpp>

#include <memory>
#include <string>

namespace aio::timetable {

class zone_rules {
  public:
    zone_rules() = default;
    zone_rules(const zone_rules&) = delete;
    zone_rules& operator=(const zone_rules&) = delete;
    virtual ~zone_rules() = default;

    virtual zone_period period(instant instant) const = 0;
};

/// Reads the zone of the system's file `name`. False: there is none, or it is damaged.
using read_zone = bool(const std::string& name, std::shared_ptr<const zone_rules>& target);

/// The name that the library has for this function.
inline constexpr const char* read_zone_name = "aio_read_zone";

} // namespace aio::timetable
