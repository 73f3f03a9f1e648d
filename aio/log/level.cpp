#include <aio/base/text.hpp>
#include <aio/log/level.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace aio::log {

namespace {

constexpr std::array<std::string_view, 7> names{
    "TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "OFF"
};

constexpr std::array<std::pair<std::string_view, level>, 3> other_names{{
    {"WARN", level::warning},
    {"FATAL", level::critical},
    {"NOTSET", level::trace},
}};

/// Python's numbers are thresholds: what lies between two levels lets only the higher one through.
level of_number(unsigned number) {
    constexpr std::array<unsigned, 6> python{5, 10, 20, 30, 40, 50};
    std::size_t offset = 0;
    while (offset < python.size() && python[offset] < number)
        ++offset;
    return static_cast<level>(offset);
}

} // namespace

std::string_view name(level value) noexcept {
    return names[static_cast<std::size_t>(value)];
}

std::optional<level> parse_level(std::string_view text) noexcept {
    text = base::strip(text);
    for (std::size_t i = 0; i < names.size(); ++i)
        if (base::equal_ignoring_case(text, names[i]))
            return static_cast<level>(i);
    for (const auto& [other, is] : other_names)
        if (base::equal_ignoring_case(text, other))
            return is;
    unsigned number = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (wrong != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return of_number(number);
}

} // namespace aio::log
