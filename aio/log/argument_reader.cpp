#include <aio/base/text.hpp>
#include <aio/log/argument_reader.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

namespace aio::log {

std::string argument_reader::path() {
    const literal* one = next();
    const auto* text = one ? std::get_if<std::string>(&one->value) : nullptr;
    if (text && !text->empty() && text->find('\0') == text->npos)
        return *text;
    wrong_(one ? one->at : 0, "the first argument has to be the file's name in quotes");
    return "/dev/null";
}

bool argument_reader::append() {
    const literal* one = next();
    const auto* text = one ? std::get_if<std::string>(&one->value) : nullptr;
    if (one && (!text || text->empty() || ((*text)[0] != 'a' && (*text)[0] != 'w')))
        error(*one, "the mode has to be 'a' (append) or 'w' (empty the file first)");
    return !text || !text->starts_with('w');
}

std::int64_t
argument_reader::number(std::string_view what, std::int64_t least, std::int64_t standard) {
    const literal* one = next();
    if (!one)
        return standard;
    const auto* value = std::get_if<std::int64_t>(&one->value);
    if (value && *value >= least)
        return *value;
    error(*one, fmt::format("{} has to be a whole number of at least {}", what, least));
    return standard;
}

unsigned argument_reader::count(std::string_view what, unsigned least, unsigned standard) {
    const std::int64_t value = number(what, least, standard);
    return static_cast<unsigned>(std::min<std::int64_t>(value, 1'000'000));
}

bool argument_reader::truth(bool standard) {
    const literal* one = next();
    if (!one)
        return standard;
    if (const auto* value = std::get_if<bool>(&one->value))
        return *value;
    if (const auto* value = std::get_if<std::int64_t>(&one->value))
        return *value != 0;
    error(*one, "has to be True or False");
    return standard;
}

void argument_reader::encoding_and_delay() {
    const literal* one = next();
    const auto* text = one ? std::get_if<std::string>(&one->value) : nullptr;
    const bool utf8 = text && (base::equal_ignoring_case(*text, "utf-8") ||
                               base::equal_ignoring_case(*text, "utf8"));
    if (one && !utf8 && !std::holds_alternative<literal::none>(one->value))
        error(*one, "the encoding has to be 'utf-8' or None");
    truth(false);
}

void argument_reader::end() {
    if (const literal* one = next())
        error(*one, "too many arguments");
}

} // namespace aio::log
