#include <aio/base/units.hpp>
#include <aio/config/number.hpp>

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace aio::config {

std::optional<std::int64_t>
whole_number(const options& section, std::string_view name, number_range within) {
    std::optional<std::string> text;
    try {
        if (const auto number = section.find<std::int64_t>(name))
            text = fmt::format("{}", *number);
    } catch (const option_error&) { // not declared, or not as a number
        text = section.text(name);
    }
    return text ? std::optional(whole_number_of(*text, name, within)) : std::nullopt;
}

std::int64_t whole_number_of(std::string_view text, std::string_view name, number_range within) {
    const auto number = base::parse_integer(text);
    if (!number || *number < within.least || *number > within.most)
        throw std::invalid_argument(
            fmt::format("{} '{}' is no number from {} to {}", name, text, within.least, within.most)
        );
    return *number;
}

} // namespace aio::config
