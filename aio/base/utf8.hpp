#pragma once

// Decoding and validation of UTF-8, and the blanks of the INI dialect. Inline, because the parser
// of configurations calls it for each character.

#include <aio/base/api.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aio::base {

/// One code point and its number of bytes. A byte that does not start a valid sequence is a code
/// point of its own, U+FFFD, with `valid` false.
struct code_point {
    char32_t value = 0;
    std::uint8_t bytes = 1;
    bool valid = true;
};

/// The code point at `text[offset]`; `offset` must be inside. Overlong forms, surrogates and values
/// above U+10FFFF are not valid.
AIO_API code_point decode_multibyte(std::string_view text, std::size_t offset) noexcept;

inline code_point decode(std::string_view text, std::size_t offset) noexcept {
    const auto byte = static_cast<unsigned char>(text[offset]);
    if (byte < 0x80)
        return {byte, 1, true};
    return decode_multibyte(text, offset);
}

/// Appends the UTF-8 form of a code point.
AIO_API void encode(std::string& out, char32_t value);

/// Offset of the first byte that is not valid UTF-8; npos when all of it is.
AIO_API std::size_t find_invalid_utf8(std::string_view text) noexcept;

/// True when there is no byte above 0x7F.
AIO_API bool is_ascii(std::string_view text) noexcept;

inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// White space of the INI dialect (Python's str.isspace).
inline constexpr bool is_blank(char32_t c) noexcept {
    if (c < 0x80)
        return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// Bytes of blanks at the beginning.
inline std::size_t leading_blanks(std::string_view text) noexcept {
    std::size_t offset = 0;
    while (offset < text.size()) {
        const code_point c = decode(text, offset);
        if (!is_blank(c.value))
            break;
        offset += c.bytes;
    }
    return offset;
}

/// The text without the blanks at its end.
inline std::string_view strip_right(std::string_view text) noexcept {
    while (!text.empty()) {
        std::size_t last = text.size() - 1;
        while (last > 0 && text.size() - last < 4 &&
               (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80)
            --last;
        const code_point c = decode(text, last);
        if (last + c.bytes != text.size() || !is_blank(c.value))
            break;
        text.remove_suffix(c.bytes);
    }
    return text;
}

} // namespace aio::base
