#include <aio/bean/number.hpp>

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace aio::bean {

namespace {

/// Of a class that was not registered as one, nobody has declared it.
std::optional<std::string> said(const config::options& section, std::string_view name) {
    try {
        const auto number = section.find<std::int64_t>(name);
        return number ? std::optional{fmt::format("{}", *number)} : std::nullopt;
    } catch (const config::option_error&) {
        return section.text(name);
    }
}

void declare(
    config::schema& to, std::string_view name, number_range within, std::string_view help
) {
    to.add(name, config::type::integer, help)
        .least(static_cast<double>(within.least))
        .most(static_cast<double>(within.most));
}

} // namespace

void declare_flow(config::schema& to) {
    declare(
        to, "consumers", consumers_range, "so many consume at a time; 10, or what the class says"
    );
    declare(
        to,
        "queue_size",
        queue_size_range,
        "so many items wait at most for a consumer; 10, or what the class says"
    );
}

std::size_t
number_of(const context& given, std::string_view name, std::size_t otherwise, number_range within) {
    const auto text = said(given.shared_data()->options, name);
    if (!text)
        return otherwise;
    std::size_t number = 0;
    const char* const last = text->data() + text->size();
    const auto [end, failed] = std::from_chars(text->data(), last, number);
    if (failed != std::errc{} || end != last || number < within.least || number > within.most)
        throw std::invalid_argument(fmt::format(
            "{} '{}' is no number from {} to {}", name, *text, within.least, within.most
        ));
    return number;
}

} // namespace aio::bean
