#include <aio/base/text.hpp>
#include <aio/timetable/zone.hpp>
#include <aio/timetable/zone_file.hpp>
#include <aio/timetable/zone_rules.hpp>

#include <dlfcn.h>

#include <algorithm>
#include <utility>

namespace aio::timetable {

namespace {

constexpr std::string_view utc = "UTC";

/// nullptr: the library cannot be loaded; `why` is set then.
read_zone* load_library(std::string& why) {
    void* const library = ::dlopen(AIO_ZONES_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    void* const found = library ? ::dlsym(library, read_zone_name) : nullptr;
    if (const char* const failure = found ? nullptr : ::dlerror())
        why = failure;
    return reinterpret_cast<read_zone*>(found);
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
    std::shared_ptr<const zone_rules> offsets;
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
    rules read{std::string{name}, nullptr};
    std::string failure;
    read_zone* const read_from_file = load_library(failure);
    if (!read_from_file) {
        put(why, {"time zones cannot be read: " + failure, ""});
        return std::nullopt;
    }
    if (!read_from_file(read.name, read.offsets)) {
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
    if (!rules_)
        return {instant::min(), instant::max()};
    return rules_->offsets->period(instant);
}

} // namespace aio::timetable
