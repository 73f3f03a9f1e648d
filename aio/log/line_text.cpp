#include <aio/base/utf8.hpp>
#include <aio/log/line_text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace aio::log {

namespace {

bool is_plain(char c) noexcept {
    return (c >= ' ' && c <= '~') || c == '\t';
}

std::string_view without_line_ends(std::string_view text) noexcept {
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.remove_suffix(1);
    return text;
}

} // namespace

bool is_hidden(char32_t character) noexcept {
    return character < 0x20 || (character >= 0x7F && character < 0xA0) || // controls
           character == 0x2028 || character == 0x2029 ||                  // separators of lines
           character == 0x200E || character == 0x200F ||                  // marks of direction
           (character >= 0x202A && character <= 0x202E) ||                // embeddings, overrides
           (character >= 0x2066 && character <= 0x2069) || character == 0xFEFF; // isolates, BOM
}

void append_line_text(std::string& to, std::string_view text) {
    const auto first = std::ranges::find_if_not(text, is_plain);
    if (first == text.end()) {
        to.append(text);
        return;
    }
    text = without_line_ends(text);
    for (std::size_t at = 0; at < text.size();) {
        const base::code_point next = base::decode(text, at);
        const std::string_view bytes = text.substr(at, next.bytes);
        at += next.bytes;
        if (next.value == '\n')
            to.append("\n").append(continuation);
        else if (next.value == '\r' && at < text.size() && text[at] == '\n')
            continue;
        else if (next.value == '\t' || (next.valid && !is_hidden(next.value)))
            to.append(bytes);
        else if (!next.valid || next.value < 0x80)
            fmt::format_to(
                std::back_inserter(to), "\\x{:02x}", static_cast<unsigned char>(bytes[0])
            );
        else
            fmt::format_to(
                std::back_inserter(to), "\\u{:04x}", static_cast<std::uint32_t>(next.value)
            );
    }
}

} // namespace aio::log
