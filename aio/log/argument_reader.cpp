#include <aio/base/text.hpp>
#include <aio/log/argument_reader.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace aio::log {

std::string argument_reader::path() {
    const literal* argument = next();
    const auto* text = argument ? std::get_if<std::string>(&argument->value) : nullptr;
    if (text && !text->empty() && text->find('\0') == text->npos)
        return *text;
    wrong_(
        argument ? argument->offset : 0, "the first argument has to be the file's name in quotes"
    );
    return "/dev/null";
}

bool argument_reader::append() {
    const literal* argument = next();
    const auto* text = argument ? std::get_if<std::string>(&argument->value) : nullptr;
    if (argument && (!text || text->empty() || ((*text)[0] != 'a' && (*text)[0] != 'w')))
        error(*argument, "the mode has to be 'a' (append) or 'w' (empty the file first)");
    return !text || !text->starts_with('w');
}

std::int64_t
argument_reader::number(std::string_view name, std::int64_t least, std::int64_t standard) {
    const literal* argument = next();
    if (!argument)
        return standard;
    const auto* value = std::get_if<std::int64_t>(&argument->value);
    if (value && *value >= least)
        return *value;
    error(*argument, fmt::format("{} has to be a whole number of at least {}", name, least));
    return standard;
}

unsigned argument_reader::count(std::string_view name, unsigned least, unsigned standard) {
    const std::int64_t value = number(name, least, standard);
    return static_cast<unsigned>(std::min<std::int64_t>(value, 1'000'000));
}

bool argument_reader::truth(bool standard) {
    const literal* argument = next();
    if (!argument)
        return standard;
    if (const auto* value = std::get_if<bool>(&argument->value))
        return *value;
    if (const auto* value = std::get_if<std::int64_t>(&argument->value))
        return *value != 0;
    error(*argument, "has to be True or False");
    return standard;
}

namespace {

/// Python's codecs take any case, and any marks between letters and digits.
bool is_utf8(std::string_view name) {
    std::string plain;
    for (const char c : base::lower_ascii(name))
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.')
            plain += c;
        else if (!plain.empty() && plain.back() != '_')
            plain += '_';
    if (plain.ends_with('_'))
        plain.pop_back();
    constexpr std::array names{"utf_8", "utf8", "u8", "utf", "utf8_ucs2", "utf8_ucs4", "cp65001"};
    return std::ranges::find(names, plain) != names.end();
}

} // namespace

void argument_reader::encoding() {
    const literal* argument = next();
    if (!argument || std::holds_alternative<literal::none>(argument->value))
        return;
    const auto* text = std::get_if<std::string>(&argument->value);
    if (!text || !is_utf8(*text))
        error(*argument, "the encoding has to be 'utf-8' or None");
}

void argument_reader::errors() {
    const literal* argument = next();
    if (argument && !std::holds_alternative<std::string>(argument->value) &&
        !std::holds_alternative<literal::none>(argument->value))
        error(*argument, "errors has to be a name in quotes or None");
}

void argument_reader::encoding_and_delay() {
    encoding();
    truth(false);
    errors();
}

void argument_reader::end() {
    if (const literal* argument = next())
        error(*argument, "too many arguments");
}

} // namespace aio::log
