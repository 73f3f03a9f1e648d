#include <aio/app/unit_error.hpp>

#include <fmt/format.h>

namespace aio::app {
namespace {

bool belongs_to_name(char c) noexcept {
    constexpr std::string_view others = "_-/@";
    const auto byte = static_cast<unsigned char>(c);
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           byte >= 0x80 || others.find(c) != others.npos;
}

/// A dot inside a name is followed by another character of it; a dot at the end of a sentence is
/// not.
bool goes_on(std::string_view rest) noexcept {
    if (rest.starts_with('.'))
        rest.remove_prefix(1);
    return !rest.empty() && belongs_to_name(rest.front());
}

bool ends_in_name(std::string_view before) noexcept {
    return !before.empty() && (before.back() == '.' || belongs_to_name(before.back()));
}

bool mentions(std::string_view text, std::string_view name) noexcept {
    for (auto found = text.find(name); found != text.npos; found = text.find(name, found + 1))
        if (!ends_in_name(text.substr(0, found)) && !goes_on(text.substr(found + name.size())))
            return true;
    return false;
}

} // namespace

std::string error_of_unit(std::string_view unit, std::string_view text) {
    return mentions(text, unit) ? std::string(text) : fmt::format("{}: {}", unit, text);
}

} // namespace aio::app
