#include <aio/base/text.hpp>
#include <aio/base/units.hpp>

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

namespace aio::base {

namespace {

using wide = unsigned __int128;

struct unit {
    std::string_view name;
    std::uint64_t worth;
};

constexpr std::uint64_t second_ns = 1'000'000'000;
// From the largest to the smallest: durations are written in this order.
constexpr std::array<unit, 8> duration_units{{
    {"d", 86'400 * second_ns},
    {"h", 3'600 * second_ns},
    {"m", 60 * second_ns},
    {"s", second_ns},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"\u00b5s", 1'000},
    {"ns", 1},
}};

constexpr std::array<unit, 4> rate_units{{{"s", 1}, {"m", 60}, {"h", 3'600}, {"d", 86'400}}};

bool digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) noexcept {
    std::size_t n = 0;
    while (n < text.size() && digit(text[n]))
        ++n;
    const std::string_view taken = text.substr(0, n);
    text.remove_prefix(n);
    return taken;
}

std::string_view take_letters(std::string_view& text) noexcept {
    std::size_t n = 0;
    while (n < text.size() && !digit(text[n]) && text[n] != ' ' && text[n] != '\t' &&
           text[n] != '\n')
        ++n;
    const std::string_view taken = text.substr(0, n);
    text.remove_prefix(n);
    return taken;
}

// digits.digits in units of `worth`, exactly; digits below one are dropped.
std::optional<std::uint64_t>
scaled(std::string_view whole, std::string_view fraction, std::uint64_t worth) {
    constexpr std::uint64_t limit = std::numeric_limits<std::int64_t>::max();
    wide value = 0;
    for (const char c : whole) {
        value = value * 10 + static_cast<unsigned>(c - '0');
        if (value > limit)
            return std::nullopt;
    }
    value *= worth;
    wide scale = worth;
    wide part = 0;
    wide divisor = 1;
    for (const char c : fraction.substr(0, 15)) {
        part = part * 10 + static_cast<unsigned>(c - '0');
        divisor *= 10;
    }
    value += part * scale / divisor;
    if (value > limit)
        return std::nullopt;
    return static_cast<std::uint64_t>(value);
}

struct number {
    std::string_view whole, fraction;
};

std::optional<number> take_number(std::string_view& text) noexcept {
    number out;
    out.whole = take_digits(text);
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        out.fraction = take_digits(text);
        if (out.fraction.empty())
            return std::nullopt;
    }
    if (out.whole.empty() && out.fraction.empty())
        return std::nullopt;
    return out;
}

/// Between a number and its unit. Another blank than these is a mistake that cannot be seen.
std::string_view skip_spaces(std::string_view text) noexcept {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    return text.substr(std::min(begin, text.size()));
}

} // namespace

std::optional<duration> parse_duration(std::string_view text) {
    text = strip(text);
    if (text.empty())
        return std::nullopt;
    std::uint64_t sum = 0;
    std::size_t next_unit = 0;
    while (!text.empty()) {
        const bool first = next_unit == 0;
        const std::optional<number> n = take_number(text);
        if (!n)
            return std::nullopt;
        text = skip_spaces(text);
        const std::string_view name = take_letters(text);
        if (name.empty() && !(first && text.empty()))
            return std::nullopt;
        std::size_t offset = next_unit;
        while (offset < duration_units.size() &&
               duration_units[offset].name != (name.empty() ? "s" : name))
            ++offset;
        if (offset == duration_units.size())
            return std::nullopt;
        const auto part = scaled(n->whole, n->fraction, duration_units[offset].worth);
        if (!part || __builtin_add_overflow(sum, *part, &sum) ||
            sum > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return std::nullopt;
        // The two spellings of a microsecond are one unit.
        next_unit = offset + (duration_units[offset].name == "us" ? 2 : 1);
        text = skip_spaces(text);
    }
    return duration{static_cast<std::int64_t>(sum)};
}

std::optional<size> parse_size(std::string_view text) {
    text = strip(text);
    const std::string_view whole = take_digits(text);
    if (whole.empty())
        return std::nullopt;
    std::string name = lower_ascii(skip_spaces(text));
    if (name.size() > 2 && name.ends_with("ib"))
        name.resize(name.size() - 2);
    else if (name.ends_with('b'))
        name.pop_back();
    if (name.size() > 1)
        return std::nullopt;
    int shift = 0;
    if (!name.empty()) {
        const std::size_t power = std::string_view{"kmgtp"}.find(name.front());
        if (power == std::string_view::npos)
            return std::nullopt;
        shift = static_cast<int>(power + 1) * 10;
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), value);
    if (error != std::errc{} || end != whole.data() + whole.size() ||
        value > std::numeric_limits<std::uint64_t>::max() >> shift)
        return std::nullopt;
    return size{value << shift};
}

std::optional<rate> parse_rate(std::string_view text) {
    text = strip(text);
    std::uint64_t per = 1;
    if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
        const std::string_view name = strip(text.substr(slash + 1));
        per = 0;
        for (const unit& u : rate_units)
            if (u.name == name)
                per = u.worth;
        if (per == 0)
            return std::nullopt;
        text = text.substr(0, slash);
    }
    const std::optional<double> value = parse_real(text);
    if (!value || *value < 0)
        return std::nullopt;
    return rate{*value / static_cast<double>(per)};
}

std::optional<bool> parse_boolean(std::string_view text) {
    const std::string word = lower_ascii(strip(text));
    if (word == "1" || word == "yes" || word == "true" || word == "on")
        return true;
    if (word == "0" || word == "no" || word == "false" || word == "off")
        return false;
    return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    text = strip(text);
    std::string digits;
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
        if (text.front() == '-')
            digits += '-';
        text.remove_prefix(1);
    }
    char before = '_';
    for (const char c : text) {
        if (c == '_' ? before == '_' : !digit(c))
            return std::nullopt;
        if (c != '_')
            digits += c;
        before = c;
    }
    if (before == '_')
        return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size())
        return std::nullopt;
    return value;
}

std::optional<double> parse_real(std::string_view text) {
    text = strip(text);
    std::string_view rest = text;
    if (!rest.empty() && (rest.front() == '-' || rest.front() == '+'))
        rest.remove_prefix(1);
    if (text.starts_with('+')) // from_chars takes a minus only
        text = rest;
    const std::string_view whole = take_digits(rest);
    std::string_view fraction;
    if (!rest.empty() && rest.front() == '.') {
        rest.remove_prefix(1);
        fraction = take_digits(rest);
    }
    if (whole.empty() && fraction.empty())
        return std::nullopt;
    if (!rest.empty() && (rest.front() == 'e' || rest.front() == 'E')) {
        rest.remove_prefix(1);
        if (!rest.empty() && (rest.front() == '+' || rest.front() == '-'))
            rest.remove_prefix(1);
        if (take_digits(rest).empty())
            return std::nullopt;
    }
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!rest.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

list parse_list(std::string_view text) {
    return split(text, '\n');
}

std::string format(duration value) {
    if (value.count() < 0)
        return '-' + format(duration{value == duration::min() ? duration::max() : -value});
    auto rest = static_cast<std::uint64_t>(value.count());
    if (rest == 0)
        return "0s";
    std::string out;
    for (std::size_t i = 0; i < 3; ++i) {
        if (const std::uint64_t n = rest / duration_units[i].worth; n > 0)
            out += fmt::format("{}{}", n, duration_units[i].name);
        rest %= duration_units[i].worth;
    }
    if (rest == 0)
        return out;
    // The rest is one number in the largest unit that divides it.
    const unit* u = &duration_units[3];
    while (rest < u->worth)
        ++u;
    std::string fraction;
    for (std::uint64_t part = rest % u->worth, digit_worth = u->worth / 10; part > 0;
         part %= digit_worth, digit_worth /= 10)
        fraction += static_cast<char>('0' + part / digit_worth);
    return fmt::format(
        "{}{}{}{}{}", out, rest / u->worth, fraction.empty() ? "" : ".", fraction, u->name
    );
}

std::string format(size value) {
    std::string_view names = "kMGTP";
    std::uint64_t bytes = value.bytes;
    std::size_t power = 0;
    while (power < names.size() && bytes != 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        ++power;
    }
    return fmt::format("{}{}", bytes, power == 0 ? std::string_view{} : names.substr(power - 1, 1));
}

std::string format(rate value) {
    for (const unit& u : rate_units) {
        const std::string text =
            fmt::format("{:.15g}/{}", value.per_second * double(u.worth), u.name);
        if (text.find_first_of(".e") == std::string::npos && parse_rate(text) == value)
            return text;
    }
    return fmt::format("{}/s", value.per_second);
}

} // namespace aio::base
