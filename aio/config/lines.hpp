#pragma once

// The layout of the INI dialect: classifies each line of a text as header, option, continuation and
// so on. The parser and the editor both use it.

#include <aio/base/utf8.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace aio::config {

enum class line_kind : std::uint8_t {
    comment,
    blank,
    continuation, ///< belongs to the value of the option above
    header,
    option,
    nameless, ///< a delimiter with nothing before it
    bad,      ///< neither header nor option
    preamble, ///< text before the first header
};

struct line {
    line_kind kind = line_kind::blank;
    bool in_value = false;    ///< blank: adds an empty line to the value above
    std::uint32_t number = 0; ///< from 1
    std::uint32_t indent = 0; ///< code points before the first visible one
    std::size_t from = 0;     ///< where it begins in the text
    std::size_t end = 0;      ///< where its line end begins
    std::size_t next = 0;     ///< where the next line begins
    std::string_view content; ///< without blanks at both ends
    std::string_view name;    ///< of the section, or of the option as it is spelled
    std::string_view value;   ///< of the option, its first line
};

namespace detail {

struct layout {
    bool in_section = false;
    bool has_current = false; // an option that continuation lines extend
    std::uint32_t mark = 0;   // indentation of the last header, option or bad line
};

// The next line end of one kind, remembered until it is passed.
struct next_end {
    std::string_view text;
    char kind;
    std::size_t at = 0;
    bool known = false;

    next_end(std::string_view text_, char kind_) : text(text_), kind(kind_) {}

    std::size_t from(std::size_t position) {
        if (!known || at < position) {
            const void* found = std::memchr(text.data() + position, kind, text.size() - position);
            at = found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data())
                       : text.size();
            known = true;
        }
        return at;
    }
};

inline bool read_header(line& scanned) {
    if (scanned.content.front() != '[')
        return false;
    const std::size_t close = scanned.content.rfind(']');
    if (close == std::string_view::npos || close < 2)
        return false;
    scanned.name = scanned.content.substr(1, close - 1);
    scanned.kind = line_kind::header;
    return true;
}

inline void read_option(line& scanned) {
    const std::string_view text = scanned.content;
    const auto is_delimiter = [](char c) { return c == '=' || c == ':'; };
    const auto found = std::find_if(text.begin(), text.end(), is_delimiter);
    if (found == text.end()) {
        scanned.kind = line_kind::bad;
        return;
    }
    const auto delimiter = static_cast<std::size_t>(found - text.begin());
    scanned.name = base::strip_right(text.substr(0, delimiter));
    scanned.value = text.substr(delimiter + 1);
    scanned.value.remove_prefix(base::leading_blanks(scanned.value));
    scanned.kind = scanned.name.empty() ? line_kind::nameless : line_kind::option;
}

inline void classify(line& scanned, layout& state) {
    if (scanned.content.empty()) {
        scanned.kind = line_kind::blank;
        scanned.in_value = state.has_current;
    } else if (scanned.content.front() == '#' || scanned.content.front() == ';') {
        scanned.kind = line_kind::comment;
    } else if (state.has_current && scanned.indent > state.mark) {
        scanned.kind = line_kind::continuation;
    } else {
        state.mark = scanned.indent;
        if (read_header(scanned)) {
            state.in_section = true;
            state.has_current = false;
        } else if (!state.in_section) {
            scanned.kind = line_kind::preamble;
            state.mark = 0;
        } else {
            read_option(scanned);
            if (scanned.kind != line_kind::bad)
                state.has_current = scanned.kind == line_kind::option;
        }
    }
}

inline void strip_line(line& scanned, std::string_view text) {
    std::size_t offset = scanned.from;
    while (offset < scanned.end && (text[offset] == ' ' || text[offset] == '\t'))
        ++offset;
    scanned.indent = static_cast<std::uint32_t>(offset - scanned.from);
    while (offset < scanned.end) {
        const base::code_point c = base::decode(text.substr(0, scanned.end), offset);
        if (!base::is_blank(c.value))
            break;
        offset += c.bytes;
        ++scanned.indent;
    }
    scanned.content = base::strip_right(text.substr(offset, scanned.end - offset));
}

} // namespace detail

/// Calls `each(const line&)` for every line of the text. Lines end with LF, CRLF or CR; a byte
/// order mark at the start is passed over.
template <typename Each>
void scan_lines(std::string_view text, Each&& each) {
    detail::layout state;
    // Each kind of end is looked for once, not once a line: a text may hold only one of them.
    detail::next_end lf{text, '\n'}, cr{text, '\r'};
    std::size_t offset = text.starts_with(base::byte_order_mark) ? base::byte_order_mark.size() : 0;
    for (std::uint32_t number = 1; offset < text.size(); ++number) {
        line row;
        row.number = number;
        row.from = offset;
        row.end = std::min(lf.from(offset), cr.from(offset));
        row.next = std::min(row.end + 1, text.size());
        if (row.next < text.size() && text[row.end] == '\r' && text[row.next] == '\n')
            ++row.next;
        detail::strip_line(row, text);
        detail::classify(row, state);
        each(static_cast<const line&>(row));
        offset = row.next;
    }
}

} // namespace aio::config
