// The library libaio_zones: the only part of aio that knows Abseil.

#include <aio/base/api.hpp>
#include <aio/timetable/zone_rules.hpp>

#include <absl/time/time.h>

#include <chrono>

namespace aio::timetable {

namespace {

absl::Time time_of(instant instant) {
    return absl::FromUnixSeconds(instant.time_since_epoch().count());
}

instant moment_of(const absl::TimeZone& zone, const absl::TimeZone::CivilTransition& change) {
    return instant{std::chrono::seconds{absl::ToUnixSeconds(zone.At(change.to).trans)}};
}

class rules_of_file final : public zone_rules {
  public:
    explicit rules_of_file(const absl::TimeZone& zone) : zone_(zone) {}

    zone_period period(instant instant) const override {
        zone_period found{instant::min(), instant::max()};
        found.offset = std::chrono::seconds{zone_.At(time_of(instant)).offset};
        absl::TimeZone::CivilTransition change;
        if (zone_.PrevTransition(time_of(instant) + absl::Seconds(1), &change))
            found.begin = moment_of(zone_, change);
        if (zone_.NextTransition(time_of(instant), &change))
            found.end = moment_of(zone_, change);
        return found;
    }

  private:
    absl::TimeZone zone_;
};

} // namespace

extern "C" AIO_API bool
aio_read_zone(const std::string& name, std::shared_ptr<const zone_rules>& target) {
    absl::TimeZone read;
    if (!absl::LoadTimeZone(name, &read))
        return false;
    target = std::make_shared<const rules_of_file>(read);
    return true;
}

} // namespace aio::timetable
