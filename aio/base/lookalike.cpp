#include <aio/base/lookalike.hpp>
#include <aio/base/utf8.hpp>

#include <fmt/format.h>

#include <cstdint>

namespace aio::base {

namespace {

/// Letters that look like the Latin letter below them, of the Cyrillic, Greek and Armenian scripts.
constexpr std::u32string_view lookalikes =
    U"\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u04cf"
    U"\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405"
    U"\u03b1\u03bf\u03bd\u03c1\u03c5\u03b9\u03ba"
    U"\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    U"\u0585\u057d\u0578\u0261";
constexpr std::string_view looked_like = "aeopcyxijshdqwl"
                                         "ABEKMHOPCTXIJS"
                                         "aovpuik"
                                         "ABEZHIKMNOPTYX"
                                         "oun"
                                         "g";
static_assert(lookalikes.size() == looked_like.size());

bool is_latin(char32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// 0: it looks like no Latin letter.
char latin_of(char32_t c) {
    constexpr char32_t full_width = 0xfee0; // less the letter of ASCII
    if (c > full_width && is_latin(c - full_width))
        return static_cast<char>(c - full_width);
    const std::size_t at = lookalikes.find(c);
    return at == lookalikes.npos ? '\0' : looked_like[at];
}

bool belongs_to_name(const code_point& c) {
    return c.valid && (c.value >= 0x80 || is_latin(c.value) || (c.value >= '0' && c.value <= '9') ||
                       c.value == '_' || c.value == '.' || c.value == '-');
}

} // namespace

std::string lookalike_hint(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        bool latin = false, foreign = false;
        char32_t found = 0;
        code_point c = decode(text, at);
        for (; belongs_to_name(c); c = decode(text, at)) {
            latin |= is_latin(c.value);
            const bool alike = c.value >= 0x80 && latin_of(c.value) != '\0';
            foreign |= c.value >= 0x80 && !alike;
            if (alike && found == 0)
                found = c.value;
            at += c.bytes;
            if (at >= text.size())
                break;
        }
        if (latin && !foreign && found != 0) {
            return fmt::format(
                "\\u{1:04x} is not the letter '{0}', although it looks like it: write '{0}'",
                latin_of(found),
                static_cast<std::uint32_t>(found)
            );
        }
        if (at < text.size() && !belongs_to_name(c))
            at += c.bytes;
    }
    return {};
}

} // namespace aio::base
