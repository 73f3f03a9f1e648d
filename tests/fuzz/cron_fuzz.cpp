// Whatever stands in `cron = …`: a line is refused with places inside it, or fires later and later,
// in every kind of zone.

#include <aio/timetable/cron.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

using namespace aio::timetable;

namespace {

void walk(const cron& line, const zone& in, instant from) {
    for (int i = 0; i < 8; ++i) {
        const instant next = line.next(from, in);
        if (next <= from || next - from > std::chrono::years{50})
            std::abort();
        from = next;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const zone berlin = zone::find("Europe/Berlin").value_or(zone{});
    static const zone lord_howe = zone::find("Australia/Lord_Howe").value_or(zone{});
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<cron_error> errors;
    const auto line = cron::parse(text, errors);
    if (line.has_value() != errors.empty())
        std::abort();
    for (const cron_error& one : errors)
        if (one.offset > text.size() || one.text.empty())
            std::abort();
    const auto doubt = cron_doubt(text);
    if (doubt && (doubt->offset > text.size() || doubt->text.empty() || doubt->hint.empty()))
        std::abort();
    if (!line)
        return 0;
    // Shortly before changes of the clocks, and anywhere.
    constexpr std::chrono::sys_days spring{std::chrono::year{2026} / 3 / 29};
    constexpr std::chrono::sys_days autumn{std::chrono::year{2026} / 10 / 25};
    for (const zone& in : {zone{}, berlin, lord_howe}) {
        walk(*line, in, spring);
        walk(*line, in, autumn);
        walk(*line, in, instant{std::chrono::seconds{size * 86'399'000}});
    }
    return 0;
}
