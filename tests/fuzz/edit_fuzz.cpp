// Editing: an option is set in a text, then taken out again. What was set reads back; setting what
// was not there only inserts; and with and without the change, the rest is the same bytes.
//
// Input: section NUL option NUL value NUL text.
#include <aio/config/document.hpp>
#include <aio/config/edit.hpp>
#include <aio/config/fold.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

namespace {

using namespace aio::config;

void require(bool holds) {
    if (!holds)
        std::abort();
}

std::string_view take_part(std::string_view& from) {
    const std::string_view part = from.substr(0, from.find('\0'));
    from.remove_prefix(std::min(part.size() + 1, from.size()));
    return part;
}

std::optional<std::string>
value_in(std::string_view text, std::string_view section, std::string_view option) {
    const auto parsed = parse(std::make_shared<const aio::base::source>("fuzz", std::string{text}));
    require(!parsed->failed);
    for (const entry& one : parsed->entries)
        if (parsed->sections[one.section].name == section && one.name == fold(option))
            return std::string{one.raw};
    return std::nullopt;
}

bool only_inserts(std::string_view before, std::string_view after) {
    const auto head = std::mismatch(before.begin(), before.end(), after.begin(), after.end());
    const auto same = static_cast<std::size_t>(head.first - before.begin());
    return after.ends_with(before.substr(same));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest{reinterpret_cast<const char*>(data), size};
    const std::string_view section = take_part(rest);
    const std::string_view option = take_part(rest);
    const std::string_view value = take_part(rest);
    const edited set = set_option(rest, section, option, value, dollar_check::any);
    if (!set.refused.empty()) {
        require(set.text == rest);
        return 0;
    }
    require(value_in(set.text, section, option) == value);
    const bool was_there = value_in(rest, section, option).has_value();
    require(was_there || only_inserts(rest, set.text));
    const edited again = set_option(set.text, section, option, value, dollar_check::any);
    require(again.refused.empty() && again.text == set.text);
    const edited without = unset_option(set.text, section, option);
    if (without.refused.empty()) {
        require(without.found && !value_in(without.text, section, option));
        const edited before = unset_option(rest, section, option);
        require(!was_there || !before.refused.empty() || before.text == without.text);
    }
    const edited gone = unset_section(set.text, section);
    require(gone.refused.empty() ? gone.found : gone.text == set.text);
    (void)unified_diff("fuzz", rest, set.text, rest, set.text);
    (void)mask_secrets(set.text, [](auto, std::string_view name) { return name.size() % 2 == 0; });
    return 0;
}
