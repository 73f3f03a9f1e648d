#include <aio/base/utf8.hpp>
#include <aio/base/visible.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace aio::base {

namespace {

struct range {
    char32_t first, last;
};

// Sorted. From the Unicode properties Default_Ignorable_Code_Point, Cf and Zs.
constexpr std::array invisible_ranges{
    range{0x00A0, 0x00A0},   range{0x00AD, 0x00AD},   range{0x034F, 0x034F},
    range{0x061C, 0x061C},   range{0x115F, 0x1160},   range{0x1680, 0x1680},
    range{0x17B4, 0x17B5},   range{0x180B, 0x180F},   range{0x2000, 0x200F},
    range{0x2028, 0x202F},   range{0x205F, 0x206F},   range{0x2800, 0x2800},
    range{0x3000, 0x3000},   range{0x3164, 0x3164},   range{0xFE00, 0xFE0F},
    range{0xFEFF, 0xFEFF},   range{0xFFA0, 0xFFA0},   range{0xFFF0, 0xFFFB},
    range{0xFFFE, 0xFFFF},   range{0x13430, 0x1343F}, range{0x1BCA0, 0x1BCA3},
    range{0x1D173, 0x1D17A}, range{0xE0000, 0xE0FFF},
};

struct named {
    char32_t first, last;
    std::string_view name;
};

constexpr std::array names{
    named{0x00A0, 0x00A0, "no-break space"},
    named{0x00AD, 0x00AD, "soft hyphen"},
    named{0x061C, 0x061C, "mark that changes the direction of text"},
    named{0x200B, 0x200B, "zero width space"},
    named{0x200C, 0x200C, "zero width non-joiner"},
    named{0x200D, 0x200D, "zero width joiner"},
    named{0x200E, 0x200F, "mark that changes the direction of text"},
    named{0x2028, 0x2029, "line or paragraph separator"},
    named{0x202A, 0x202E, "mark that changes the direction of text"},
    named{0x202F, 0x202F, "no-break space"},
    named{0x2060, 0x2060, "word joiner"},
    named{0x2066, 0x2069, "mark that changes the direction of text"},
    named{0xFE00, 0xFE0F, "variation selector"},
    named{0xFEFF, 0xFEFF, "byte order mark"},
};

constexpr char32_t zero_width_non_joiner = 0x200C, zero_width_joiner = 0x200D;
// Scripts that are written with joiners, and emoji, begin here.
constexpr char32_t first_joined = 0x0600;
constexpr char32_t first_symbol = 0x2000;
// What decode() gives for a byte that is shown as an escape of its own.
constexpr char32_t not_utf8 = 0xFFFD;

bool is_line_separator(char32_t c) noexcept {
    return c == 0x2028 || c == 0x2029;
}

bool is_variation_selector(char32_t c) noexcept {
    return c >= 0xFE00 && c <= 0xFE0F;
}

// Where the character before `position` begins.
std::size_t start_before(std::string_view text, std::size_t position) noexcept {
    std::size_t start = position - 1;
    while (start > 0 && position - start < 4 &&
           (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80)
        --start;
    return start + decode(text, start).bytes == position ? start : position - 1;
}

bool takes_joiner(char32_t c) noexcept {
    return c >= first_joined && c != not_utf8 && !is_invisible(c);
}

/// Most texts need no closer look: nothing in them but printable ASCII and tabs. Without a branch,
/// so that the compiler examines many bytes at once.
bool is_plain(std::string_view text) noexcept {
    unsigned strange = 0;
    for (const char c : text) {
        const unsigned printable = c >= ' ' && c <= '~' ? 1 : 0;
        const unsigned tab = c == '\t' ? 1 : 0;
        strange |= 1 - (printable | tab);
    }
    return strange == 0;
}

std::string_view without_line_ends(std::string_view text) noexcept {
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.remove_suffix(1);
    return text;
}

void append_escape(std::string& out, char32_t c) {
    if (c > 0xFFFF)
        fmt::format_to(std::back_inserter(out), "\\U{:08x}", static_cast<unsigned>(c));
    else
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
}

/// Whether the valid character at `text[position]` is shown as an escape.
bool is_hidden(std::string_view text, std::size_t position, char32_t c, layout as) noexcept {
    if (is_control(c))
        return c != '\t';
    if (!is_invisible(c) || is_part_of_word(text, position))
        return false;
    return as != layout::log || !is_blank(c) || is_line_separator(c);
}

/// Appends what takes the place of the hidden character `c`, which is at `text[position]`.
void append_hidden(
    std::string& out, std::string_view text, std::size_t position, const code_point& c, layout as
) {
    if (c.value == '\n' && as != layout::one_line)
        out.append("\n").append(as == layout::log ? continuation : "");
    else if (as == layout::log && text.substr(position).starts_with("\r\n"))
        return;
    else if (c.valid && !is_control(c.value))
        append_escape(out, c.value);
    else
        for (const char byte : text.substr(position, c.bytes))
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
}

} // namespace

bool is_control(char32_t c) noexcept {
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

bool is_invisible(char32_t c) noexcept {
    if (c < invisible_ranges.front().first)
        return false;
    const auto found = std::ranges::lower_bound(invisible_ranges, c, {}, &range::last);
    return found != invisible_ranges.end() && found->first <= c;
}

bool is_part_of_word(std::string_view text, std::size_t position) noexcept {
    if (position == 0)
        return false;
    const code_point c = decode(text, position);
    const std::size_t left_at = start_before(text, position);
    const char32_t left = decode(text, left_at).value;
    if (is_variation_selector(c.value))
        return !is_invisible(left) && left != not_utf8 &&
               (left >= first_symbol || left == 0xA9 || left == 0xAE);
    if (c.value != zero_width_joiner && c.value != zero_width_non_joiner)
        return false;
    const bool joins_left =
        takes_joiner(left) || (is_variation_selector(left) && is_part_of_word(text, left_at));
    return joins_left && position + c.bytes < text.size() &&
           takes_joiner(decode(text, position + c.bytes).value);
}

std::size_t append_visible(std::string& out, std::string_view text, std::size_t position) {
    const code_point c = decode(text, position);
    if (!c.valid || is_hidden(text, position, c.value, layout::one_line))
        append_hidden(out, text, position, c, layout::one_line);
    else
        out.append(text.substr(position, c.bytes));
    return c.bytes;
}

void append_visible(std::string& out, std::string_view text, layout as) {
    if (is_plain(text)) {
        out.append(text);
        return;
    }
    if (as == layout::log)
        text = without_line_ends(text);
    std::size_t appended = 0; // up to here
    for (std::size_t at = 0; at < text.size();) {
        const code_point c = decode(text, at);
        if (!c.valid || is_hidden(text, at, c.value, as)) {
            out.append(text.substr(appended, at - appended));
            append_hidden(out, text, at, c, as);
            appended = at + c.bytes;
        }
        at += c.bytes;
    }
    out.append(text.substr(appended));
}

std::string visible(std::string_view text, layout as) {
    std::string out;
    out.reserve(text.size());
    append_visible(out, text, as);
    return out;
}

std::string_view name_of_invisible(char32_t c) noexcept {
    const auto found = std::ranges::lower_bound(names, c, {}, &named::last);
    if (found != names.end() && found->first <= c)
        return found->name;
    return is_blank(c) ? "blank that is no space" : "character without a mark of its own";
}

std::string invisible_hint(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const code_point c = decode(text, at);
        if (c.valid && is_invisible(c.value) && !is_part_of_word(text, at)) {
            std::string out;
            append_escape(out, c.value);
            return out + fmt::format(
                             " is a {}, which cannot be seen: delete it, or write a space instead",
                             name_of_invisible(c.value)
                         );
        }
        at += c.bytes;
    }
    return {};
}

} // namespace aio::base
