#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/base/visible.hpp>
#include <aio/config/characters.hpp>

#include <algorithm>

namespace aio::config {

namespace {

constexpr char32_t ideographic_space = 0x3000, ogham_space = 0x1680;
constexpr char32_t no_break_space = 0x00A0, narrow_no_break_space = 0x202F;

// People compare names by their look, so a character that does not look like itself is wrong.
bool wrong_in_name(std::string_view name, std::size_t offset, const base::code_point& c) {
    if (c.value == '\t' || c.value == ideographic_space || c.value == ogham_space)
        return false;
    if (base::is_control(c.value))
        return c.value != 0; // told as a NUL
    return base::is_invisible(c.value) && !base::is_part_of_word(name, offset);
}

// Keyboards have keys for these, and writers of sentences mean them.
bool is_typed_blank(char32_t c) {
    return c == no_break_space || c == narrow_no_break_space || c == ideographic_space;
}

bool wrong_in_value(std::string_view value, std::size_t offset, const base::code_point& c) {
    if (base::is_control(c.value))
        return c.value != '\t' && c.value != '\n' && c.value != '\r' &&
               c.value != 0; // told as a NUL
    return base::is_invisible(c.value) && !is_typed_blank(c.value) &&
           !base::is_part_of_word(value, offset);
}

// The offset of the first character that is wrong; npos: none is.
template <typename Wrong>
std::size_t find_wrong(std::string_view text, Wrong&& wrong) {
    for (std::size_t offset = 0; offset < text.size();) {
        const base::code_point c = base::decode(text, offset);
        if (wrong(text, offset, c))
            return offset;
        offset += c.bytes;
    }
    return std::string_view::npos;
}

std::uint32_t width(std::string_view text) {
    return static_cast<std::uint32_t>(base::code_points(text));
}

// Most texts need no closer look: nothing in them but printable ASCII, tabs and line ends.
bool is_plain(std::string_view text) noexcept {
    unsigned strange = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const unsigned printable = byte >= 0x20 && byte < 0x7F ? 1 : 0;
        const unsigned layout = byte == '\t' || byte == '\n' || byte == '\r' ? 1 : 0;
        strange |= 1 - (printable | layout);
    }
    return strange == 0;
}

void find_in_sections(document& parsed) {
    for (const header& written : parsed.sections) {
        const std::size_t offset = find_wrong(written.name, wrong_in_name);
        if (offset == std::string_view::npos)
            continue;
        problem& p = parsed.problems.emplace_back();
        p.kind = problem_kind::unseen_in_section;
        p.line = written.line;
        p.column = written.column + 1 + width(written.name.substr(0, offset));
        p.section = written.name;
    }
}

void find_in_options(document& parsed) {
    for (const entry& item : parsed.entries) {
        const std::size_t offset = find_wrong(item.name, wrong_in_name);
        if (offset == std::string_view::npos)
            continue;
        problem& p = parsed.problems.emplace_back();
        p.kind = problem_kind::unseen_in_option;
        p.line = item.line;
        p.column = item.column + width(item.name.substr(0, offset));
        p.option = item.name;
    }
}

void find_in_values(document& parsed) {
    for (const entry& item : parsed.entries) {
        const std::size_t offset = find_unseen_in_value(item.raw);
        if (offset == std::string_view::npos)
            continue;
        const place where = parsed.place_of(item, offset);
        problem& p = parsed.problems.emplace_back();
        p.kind = problem_kind::unseen_in_value;
        p.line = where.line;
        p.column = where.column;
        p.section = parsed.sections[item.section].name;
        p.option = item.name;
        const std::size_t line_start = item.raw.substr(0, offset).rfind('\n') + 1; // npos + 1 is 0
        p.value_column = parsed.place_of(item, line_start).column;
    }
}

} // namespace

place place_in(std::string_view text, std::size_t offset) noexcept {
    place out{1, 0};
    const std::string_view before = text.substr(0, offset);
    std::size_t start = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i] == '\n' || before[i] == '\r') {
            i += before.substr(i).starts_with("\r\n") ? 1 : 0;
            start = i + 1;
            ++out.line;
        }
    }
    out.column = width(before.substr(start)) + 1;
    return out;
}

bool is_unseen_in_name(std::string_view name) noexcept {
    return find_wrong(name, wrong_in_name) != std::string_view::npos;
}

std::size_t find_unseen_in_value(std::string_view value) noexcept {
    return find_wrong(value, wrong_in_value);
}

void find_unseen(document& parsed) {
    const std::string_view text = parsed.source->text;
    if (is_plain(text))
        return;
    const bool read = std::ranges::none_of(parsed.problems, [](const problem& mistake) {
        return mistake.kind == problem_kind::other_encoding ||
               mistake.kind == problem_kind::not_utf8;
    });
    if (!read)
        return;
    const std::size_t nul = text.find('\0');
    if (nul != std::string_view::npos) {
        const std::size_t mark =
            text.starts_with(base::byte_order_mark) ? base::byte_order_mark.size() : 0;
        const place where = place_in(text.substr(mark), nul - mark);
        problem& p = parsed.problems.emplace_back();
        p.kind = problem_kind::nul;
        p.line = where.line;
        p.column = where.column;
    }
    find_in_sections(parsed);
    find_in_options(parsed);
    find_in_values(parsed);
}

} // namespace aio::config
