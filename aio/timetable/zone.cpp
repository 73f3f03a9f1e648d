#include <aio/base/text.hpp>
#include <aio/timetable/zone.hpp>

#include <date/tz.h>

#include <stdexcept>

namespace aio::timetable {

namespace {

const date::time_zone& zone_of(const void* data) {
    return *static_cast<const date::time_zone*>(data);
}

} // namespace

std::optional<zone> zone::find(std::string_view name) {
    zone found;
    if (base::equal_ignoring_case(name, "UTC"))
        return found;
    try {
        found.data_ = date::locate_zone(name);
    } catch (const std::runtime_error&) { // not a name, or no tzdata at all: unknown either way
        return std::nullopt;
    }
    return found;
}

std::vector<std::string> zone::known() {
    std::vector<std::string> names;
    try {
        for (const date::time_zone& one : date::get_tzdb().zones)
            names.push_back(one.name());
    } catch (const std::runtime_error&) {
        names.emplace_back("UTC");
    }
    return names;
}

std::string zone::name() const {
    return data_ ? zone_of(data_).name() : "UTC";
}

zone_period zone::period(instant at) const {
    if (!data_)
        return {instant::min(), instant::max(), std::chrono::seconds{0}};
    const date::sys_info info = zone_of(data_).get_info(at);
    // The library marks "for ever" by the first and last day it can write.
    const bool first = info.begin <= instant{date::sys_days{date::year::min() / 1 / 1}};
    const bool last = info.end >= instant{date::sys_days{date::year::max() / 12 / 31}};
    return {first ? instant::min() : info.begin, last ? instant::max() : info.end, info.offset};
}

} // namespace aio::timetable
