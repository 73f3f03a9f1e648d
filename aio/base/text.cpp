#include <aio/base/lookalike.hpp>
#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/base/visible.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace aio::base {

namespace {

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::u32string decode_all(std::string_view text) {
    std::u32string out;
    out.reserve(text.size());
    for (std::size_t offset = 0; offset < text.size();) {
        const code_point c = decode(text, offset);
        out += c.value;
        offset += c.bytes;
    }
    return out;
}

/// Equal for names that differ only in case and in what an eye does not see.
std::string likeness(std::string_view name) {
    return lower_ascii(seeming(name));
}

/// What edits are counted in: a blank between letters is one.
std::u32string letters(std::string_view name) {
    return decode_all(lower_ascii(seeming(name, inner_blanks::kept)));
}

bool is_swap(std::u32string_view a, std::u32string_view b) {
    if (a.size() != b.size())
        return false;
    const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin());
    if (a.end() - x < 2)
        return false;
    return x[0] == y[1] && x[1] == y[0] && std::equal(x + 2, a.end(), y + 2);
}

std::size_t distance(std::u32string_view a, std::u32string_view b) {
    const std::size_t width = b.size() + 1;
    std::vector<std::size_t> before(width), above(width), row(width);
    for (std::size_t j = 0; j < width; ++j)
        above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j < width; ++j) {
            const std::size_t substituted = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, substituted});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(above);
        above.swap(row);
    }
    return above[b.size()];
}

// How far a candidate is from a name, for nearest(); nothing when it is no candidate at all.
constexpr std::size_t too_far = static_cast<std::size_t>(-1);

// Nobody mistypes a longer name, and the work grows with the product of both lengths.
constexpr std::size_t longest_compared = 256;

bool too_long(std::string_view a, std::string_view b) noexcept {
    return std::max(a.size(), b.size()) > longest_compared;
}

std::size_t rank(std::string_view name, std::string_view candidate) {
    if (too_long(name, candidate))
        return too_far;
    if (likeness(name) == likeness(candidate))
        return 0;
    const std::u32string a = letters(name);
    const std::u32string b = letters(candidate);
    const std::size_t longer = std::max(a.size(), b.size());
    const std::size_t shorter = std::min(a.size(), b.size());
    const std::size_t limit = std::max<std::size_t>(longer < 4 ? 1 : 2, longer / 3);
    const bool prefix = shorter >= 3 && a.substr(0, shorter) == b.substr(0, shorter);
    if (longer - shorter > limit)
        return prefix ? 3 : too_far;
    const std::size_t d = distance(a, b);
    if (d <= limit && d < shorter)
        return is_swap(a, b) ? 1 : 2 * d;
    return prefix ? 3 : too_far;
}

} // namespace

std::string_view strip(std::string_view text) noexcept {
    text.remove_prefix(leading_blanks(text));
    return strip_right(text);
}

std::string lower_ascii(std::string_view text) {
    std::string out{text};
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return lower(x) == lower(y);
    });
}

std::vector<std::string_view> lines(std::string_view text) {
    std::vector<std::string_view> all;
    for (std::size_t offset = 0; offset <= text.size();) {
        const std::size_t end = std::min(text.find('\n', offset), text.size());
        all.push_back(text.substr(offset, end - offset));
        offset = end + 1;
    }
    return all;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (std::size_t offset = 0; offset <= text.size();) {
        const std::size_t end = std::min(text.find(separator, offset), text.size());
        if (const std::string_view part = strip(text.substr(offset, end - offset)); !part.empty())
            parts.emplace_back(part);
        offset = end + 1;
    }
    return parts;
}

std::string join(std::span<const std::string> parts, std::string_view separator) {
    return fmt::format("{}", fmt::join(parts, separator));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    return distance(decode_all(a), decode_all(b));
}

bool nearly(std::string_view name, std::string_view known) {
    if (name == known)
        return false;
    if (likeness(name) == likeness(known))
        return true;
    if (too_long(name, known))
        return false;
    const std::u32string a = letters(name);
    const std::u32string b = letters(known);
    if (is_swap(a, b))
        return true;
    const std::size_t allowed = b.size() >= 9 ? 2 : b.size() >= 5 ? 1 : 0;
    const std::size_t apart = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
    return apart <= allowed && allowed > 0 && distance(a, b) <= allowed;
}

std::vector<std::string>
nearest(std::string_view name, std::span<const std::string> candidates, std::size_t most) {
    std::vector<std::pair<std::size_t, std::size_t>> found; // how far, which
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (candidates[i] == name)
            continue;
        if (const std::size_t d = rank(name, candidates[i]); d != too_far)
            found.emplace_back(d, i);
    }
    std::sort(found.begin(), found.end());
    std::vector<std::string> out;
    for (const auto& [d, i] : found) {
        // A clear winner is the only answer.
        if (out.size() == most || d > found.front().first + 1)
            break;
        if (std::find(out.begin(), out.end(), candidates[i]) == out.end())
            out.push_back(candidates[i]);
    }
    return out;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
    const std::vector<std::string> near = nearest(name, candidates);
    if (near.empty())
        return {};
    std::string out = "did you mean ";
    for (std::size_t i = 0; i < near.size(); ++i) {
        if (i > 0)
            out += i + 1 == near.size() ? " or " : ", ";
        out += '\'' + near[i] + '\'';
    }
    return out + '?';
}

std::size_t code_points(std::string_view text) noexcept {
    std::size_t count = 0;
    for (std::size_t offset = 0; offset < text.size(); ++count)
        offset += decode(text, offset).bytes;
    return count;
}

namespace {

// JSON has escapes of four digits only: beyond them, a pair of surrogates.
void append_json_escape(std::string& out, char32_t c) {
    constexpr std::string_view named = "\"\\\n\r\t", names = "\"\\nrt";
    const auto value = static_cast<unsigned>(c);
    if (const auto at = c < 0x80 ? named.find(static_cast<char>(c)) : named.npos; at != named.npos)
        (out += '\\') += names[at];
    else if (value > 0xFFFF)
        fmt::format_to(
            std::back_inserter(out),
            "\\u{:04x}\\u{:04x}",
            0xD7C0 + (value >> 10),
            0xDC00 + (value & 0x3FF)
        );
    else
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", value);
}

bool is_escaped_in_json(char32_t c) noexcept {
    return c == '"' || c == '\\' || is_control(c) || is_invisible(c);
}

} // namespace

void append_json(std::string& out, std::string_view text) {
    std::size_t plain = 0; // what is copied as it is starts here
    for (std::size_t at = 0; at < text.size();) {
        const code_point c = decode(text, at);
        if (c.valid && !is_escaped_in_json(c.value)) {
            at += c.bytes;
            continue;
        }
        out.append(text.substr(plain, at - plain));
        if (c.valid)
            append_json_escape(out, c.value);
        else
            encode(out, c.value);
        at += c.bytes;
        plain = at;
    }
    out.append(text.substr(plain));
}

std::string json_quote(std::string_view text) {
    std::string out = "\"";
    append_json(out, text);
    return out + '"';
}

} // namespace aio::base
