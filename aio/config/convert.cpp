#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/config/convert.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace aio::config {

namespace {

constexpr std::size_t longest_shown = 40;

std::string shown(std::string_view text) {
    text = base::strip(text);
    std::size_t index = 0;
    for (std::size_t n = 0; index < text.size() && text[index] != '\n' && n < longest_shown; ++n)
        index += base::decode(text, index).bytes;
    return fmt::format("'{}{}'", text.substr(0, index), index < text.size() ? "..." : "");
}

template <typename T>
typed or_nothing(const std::optional<T>& value) {
    return value ? typed{*value} : typed{};
}

typed parse_as(type value_type, std::string_view text) {
    switch (value_type) {
    case type::boolean:
        return or_nothing(base::parse_boolean(text));
    case type::integer:
        return or_nothing(base::parse_integer(text));
    case type::real:
        return or_nothing(base::parse_real(text));
    case type::duration:
        return or_nothing(base::parse_duration(text));
    case type::size:
        return or_nothing(base::parse_size(text));
    case type::rate:
        return or_nothing(base::parse_rate(text));
    case type::list:
        return base::parse_list(text);
    default:
        return std::string{text};
    }
}

// What a range is compared with: seconds, bytes, events a second.
std::optional<double> measure(const typed& value) {
    if (const auto* v = std::get_if<std::int64_t>(&value))
        return static_cast<double>(*v);
    if (const auto* v = std::get_if<double>(&value))
        return *v;
    if (const auto* v = std::get_if<base::duration>(&value))
        return std::chrono::duration<double>(*v).count();
    if (const auto* v = std::get_if<base::size>(&value))
        return static_cast<double>(v->bytes);
    if (const auto* v = std::get_if<base::rate>(&value))
        return v->per_second;
    return std::nullopt;
}

// A bound as the user would write it for this type.
std::string bound(type value_type, double value) {
    switch (value_type) {
    case type::duration:
        return base::format(
            std::chrono::duration_cast<base::duration>(std::chrono::duration<double>(value))
        );
    case type::size:
        return base::format(base::size{static_cast<std::uint64_t>(value)});
    case type::rate:
        return base::format(base::rate{value});
    default:
        return fmt::format("{}", value);
    }
}

std::string range_text(const option& declared) {
    if (declared.least && declared.most)
        return fmt::format(
            "{} to {}",
            bound(declared.value_type, *declared.least),
            bound(declared.value_type, *declared.most)
        );
    return declared.least ? fmt::format("{} or more", bound(declared.value_type, *declared.least))
                          : fmt::format("{} or less", bound(declared.value_type, *declared.most));
}

// The ends of a type, as the user would write them.
std::pair<std::string, std::string> ends(type kind) {
    constexpr double largest = std::numeric_limits<double>::max();
    using whole = std::numeric_limits<std::int64_t>;
    switch (kind) {
    case type::integer:
        return {fmt::format("{}", whole::min()), fmt::format("{}", whole::max())};
    case type::duration:
        return {"0s", base::format(base::duration::max())};
    case type::size:
        return {"0", fmt::format("{}", std::numeric_limits<std::uint64_t>::max())};
    case type::rate:
        return {"0/s", fmt::format("{}/s", largest)};
    default:
        return {fmt::format("{}", -largest), fmt::format("{}", largest)};
    }
}

// Both ends: the type is narrower than "1 or more" says.
std::string whole_range_text(const option& declared) {
    const auto [lowest, highest] = ends(declared.value_type);
    return fmt::format(
        "{} to {}",
        declared.least ? bound(declared.value_type, *declared.least) : lowest,
        declared.most ? bound(declared.value_type, *declared.most) : highest
    );
}

// Each row of digits becomes a 1: the form stays, and every type holds the value.
std::string with_small_numbers(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at)
        if (!digit(text[at]))
            out += text[at];
        else if (at == 0 || !digit(text[at - 1]))
            out += '1';
    return out;
}

bool is_number(type kind) {
    return kind == type::integer || kind == type::real || kind == type::duration ||
           kind == type::size || kind == type::rate;
}

bool reads_as(type kind, std::string_view text) {
    return !std::holds_alternative<std::monostate>(parse_as(kind, text));
}

std::string or_words(const option& declared) {
    return declared.words.empty() ? "" : fmt::format(" or {}", fmt::join(declared.words, ", "));
}

converted choose(const option& declared, std::string_view text) {
    converted out{.value = {}, .shown = shown(text), .wrong = {}, .hint = {}};
    const std::string_view word = base::strip(text);
    for (const std::string& allowed : declared.allowed) {
        if (base::equal_ignoring_case(allowed, word)) {
            out.value = base::choice{allowed, declared.allowed};
            return out;
        }
    }
    out.wrong =
        fmt::format("is none of {}{}", fmt::join(declared.allowed, ", "), or_words(declared));
    out.hint = base::did_you_mean(word, declared.allowed);
    return out;
}

} // namespace

bool exceeds(type kind, std::string_view text) {
    return is_number(kind) && !reads_as(kind, text) && reads_as(kind, with_small_numbers(text));
}

converted convert(const option& declared, std::string_view text) {
    if (declared.value_type == type::choice)
        return choose(declared, text);
    converted out{
        .value = parse_as(declared.value_type, text), .shown = shown(text), .wrong = {}, .hint = {}
    };
    if (declared.filled && base::strip(text).empty()) {
        out.wrong = "is empty";
        out.hint = fmt::format("give '{}' a value, or leave it out", declared.name);
        return out;
    }
    if (exceeds(declared.value_type, text)) {
        out.wrong = fmt::format("is out of range, {}", whole_range_text(declared));
        return out;
    }
    if (std::holds_alternative<std::monostate>(out.value)) {
        out.wrong = fmt::format("is not {}{}", describe(declared.value_type), or_words(declared));
        return out;
    }
    const std::optional<double> size = measure(out.value);
    if (size &&
        ((declared.least && *size < *declared.least) || (declared.most && *size > *declared.most)))
        out.wrong = fmt::format("is out of range, {}", range_text(declared));
    return out;
}

} // namespace aio::config
