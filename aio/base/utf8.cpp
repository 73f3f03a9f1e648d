#include <aio/base/utf8.hpp>

#include <cstring>

namespace aio::base {

code_point decode_multibyte(std::string_view text, std::size_t offset) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[offset + i]); };
    const code_point bad{0xFFFD, 1, false};
    const unsigned first = byte(0);
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() - offset < length)
        return bad;
    char32_t value = first & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80)
            return bad;
        value = value << 6 | (byte(i) & 0x3Fu);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return bad;
    return {value, static_cast<std::uint8_t>(length), true};
}

void encode(std::string& out, char32_t value) {
    const auto tail = [&](int shift) {
        out += static_cast<char>(0x80 | ((value >> shift) & 0x3F));
    };
    if (value < 0x80) {
        out += static_cast<char>(value);
    } else if (value < 0x800) {
        out += static_cast<char>(0xC0 | value >> 6);
        tail(0);
    } else if (value < 0x10000) {
        out += static_cast<char>(0xE0 | value >> 12);
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0 | value >> 18);
        tail(12);
        tail(6);
        tail(0);
    }
}

namespace {

// The offset of the first byte above 0x7F from `offset` on, or the size. Eight bytes a step.
std::size_t skip_ascii(std::string_view text, std::size_t offset) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080u;
    for (; offset + sizeof(std::uint64_t) <= text.size(); offset += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, text.data() + offset, sizeof word);
        if (word & high_bits)
            break;
    }
    while (offset < text.size() && static_cast<unsigned char>(text[offset]) < 0x80)
        ++offset;
    return offset;
}

} // namespace

std::size_t find_invalid_utf8(std::string_view text) noexcept {
    std::size_t offset = skip_ascii(text, 0);
    while (offset < text.size()) {
        const code_point c = decode(text, offset);
        if (!c.valid)
            return offset;
        offset += c.bytes;
        if (offset < text.size() && static_cast<unsigned char>(text[offset]) < 0x80)
            offset = skip_ascii(text, offset);
    }
    return std::string_view::npos;
}

bool is_ascii(std::string_view text) noexcept {
    return skip_ascii(text, 0) == text.size();
}

} // namespace aio::base
