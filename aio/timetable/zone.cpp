#include <aio/base/text.hpp>
#include <aio/timetable/zone.hpp>
#include <aio/timetable/zone_file.hpp>

#include <absl/time/time.h>

#include <algorithm>
#include <utility>

namespace aio::timetable {

namespace {

constexpr std::string_view utc = "UTC";

absl::Time time_of(instant instant) {
    return absl::FromUnixSeconds(instant.time_since_epoch().count());
}

instant moment_of(const absl::TimeZone& value, const absl::TimeZone::CivilTransition& change) {
    return instant{std::chrono::seconds{absl::ToUnixSeconds(value.At(change.to).trans)}};
}

std::string hint_for(std::string_view unknown) {
    const std::vector<std::string> names = zone::known();
    return names.size() == 1 ? "the system has no time zone files: install the package tzdata"
                             : base::did_you_mean(unknown, names);
}

void put(zone_error* why, zone_error what) {
    if (why)
        *why = std::move(what);
}

} // namespace

struct zone::rules {
    std::string name;
    absl::TimeZone in;
};

std::optional<zone> zone::find(std::string_view name, zone_error* why) {
    zone found;
    if (base::equal_ignoring_case(name, utc))
        return found;
    if (auto wrong = wrong_with_zone_file(name)) {
        if (wrong->hint.empty())
            wrong->hint = hint_for(name);
        put(why, std::move(*wrong));
        return std::nullopt;
    }
    rules read{std::string{name}, {}};
    if (!absl::LoadTimeZone(read.name, &read.in)) {
        put(why, damaged_zone_file(name));
        return std::nullopt;
    }
    found.rules_ = std::make_shared<const rules>(std::move(read));
    return found;
}

std::vector<std::string> zone::known() {
    std::vector<std::string> names = names_of_zone_files();
    names.emplace_back(utc);
    std::ranges::sort(names);
    const auto [from, to] = std::ranges::unique(names);
    names.erase(from, to);
    return names;
}

std::string zone::name() const {
    return rules_ ? rules_->name : std::string{utc};
}

zone_period zone::period(instant instant) const {
    zone_period found{instant::min(), instant::max()};
    if (!rules_)
        return found;
    const absl::TimeZone& value = rules_->in;
    found.offset = std::chrono::seconds{value.At(time_of(instant)).offset};
    absl::TimeZone::CivilTransition change;
    if (value.PrevTransition(time_of(instant) + absl::Seconds(1), &change))
        found.begin = moment_of(value, change);
    if (value.NextTransition(time_of(instant), &change))
        found.end = moment_of(value, change);
    return found;
}

} // namespace aio::timetable
