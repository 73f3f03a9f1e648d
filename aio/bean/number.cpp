#include <aio/bean/number.hpp>

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>
#include <string>

namespace aio::bean {

std::size_t
number_of(const context& given, std::string_view name, std::size_t otherwise, number_range within) {
    const auto text = given.text(std::string{name});
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
