#include <aio/base/lookalike.hpp>
#include <aio/base/text.hpp>
#include <aio/base/utf8.hpp>
#include <aio/base/visible.hpp>

#include <fmt/format.h>

#include <cstdint>

namespace aio::base {

namespace {

/// Letters that look like the Latin letter below them: Cyrillic, Greek, Armenian, phonetic and
/// small capital ones, Roman numerals.
constexpr std::u32string_view lookalikes =
    U"\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u04cf"
    U"\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0408\u0405"
    U"\u03b1\u03bf\u03bd\u03c1\u03c5\u03b9\u03ba"
    U"\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    U"\u0585\u057d\u0578\u0570\u0566\u0575\u0261"
    U"\u043a\u0475\u0251\u026a\u0269\u1d0f\u1d04\u1d1c\u1d20\u1d21\u1d22\ua731"
    U"\u2170\u2174\u2179\u217c\u217d\u217e\u217f"
    U"\u2160\u2164\u2169\u216c\u216d\u216e\u216f";
constexpr std::string_view looked_like = "aeopcyxijshdqwl"
                                         "ABEKMHOPCTXIJS"
                                         "aovpuik"
                                         "ABEZHIKMNOPTYX"
                                         "ounhqjg"
                                         "kvaiiocuvwzs"
                                         "ivxlcdm"
                                         "IVXLCDM";
static_assert(lookalikes.size() == looked_like.size());

bool is_latin(char32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// 0: it looks like no Latin letter.
char latin_of(char32_t c) {
    constexpr char32_t full_width = 0xfee0; // less the letter of ASCII
    if (c > full_width && is_latin(c - full_width))
        return static_cast<char>(c - full_width);
    constexpr char32_t first_bold = 0x1d400, end_of_alphabets = 0x1d6a4; // A to Z, a to z, 13 times
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    if (c >= first_bold && c < end_of_alphabets)
        return alphabet[(c - first_bold) % alphabet.size()];
    const std::size_t at = lookalikes.find(c);
    return at == lookalikes.npos ? '\0' : looked_like[at];
}

/// The character of ASCII that a whole name seems to have there. Beyond latin_of: the letter of the
/// Turkish alphabet, which is no mistake in a text, and the marks that divide a name.
char ascii_of(char32_t c) {
    constexpr std::u32string_view others =
        U"\u0131\u2044\u2215\u29f8\uff0f\uff3f\uff1a\ua789\u2236\u2010\u2011\u2012\u2013\u2212"
        U"\uff0d\uff0e\u2024";
    constexpr std::string_view seen = "i////_:::------..";
    static_assert(others.size() == seen.size());
    const std::size_t at = others.find(c);
    return at == others.npos ? latin_of(c) : seen[at];
}

bool leaves_no_mark(char32_t c) {
    return is_blank(c) || is_control(c) || is_invisible(c);
}

std::string_view name_of_blank(char32_t c) {
    return c == ' ' ? "space" : c == '\t' ? "tab" : "control character";
}

std::string mistaken_letter(char32_t found, char seen) {
    return fmt::format(
        "\\u{1:04x} is not the {2} '{0}', although it looks like it: write '{0}'",
        seen,
        static_cast<std::uint32_t>(found),
        is_latin(static_cast<unsigned char>(seen)) ? "letter" : "character"
    );
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
        if (latin && !foreign && found != 0)
            return mistaken_letter(found, latin_of(found));
        if (at < text.size() && !belongs_to_name(c))
            at += c.bytes;
    }
    return {};
}

std::string seeming(std::string_view name, inner_blanks inner) {
    if (inner == inner_blanks::kept)
        name = strip(name);
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
        const code_point c = decode(name, at);
        const char seen = c.value < 0x80 ? '\0' : ascii_of(c.value);
        if (seen != '\0')
            out += seen;
        else if (!leaves_no_mark(c.value) || (inner == inner_blanks::kept && is_blank(c.value)))
            out += name.substr(at, c.bytes);
        at += c.bytes;
    }
    return out;
}

namespace {

/// What `seeming` changes, unless a diagnostic says it anyway.
std::string seeming_hint(std::string_view name) {
    for (std::size_t at = 0; at < name.size();) {
        const code_point c = decode(name, at);
        if (is_invisible(c.value))
            return {};
        if (leaves_no_mark(c.value))
            return fmt::format("delete the {} in the name", name_of_blank(c.value));
        if (const char seen = c.value < 0x80 ? '\0' : ascii_of(c.value); seen != '\0')
            return lookalike_hint(name).empty() ? mistaken_letter(c.value, seen) : std::string();
        at += c.bytes;
    }
    return {};
}

} // namespace

std::string with_seeming(std::string hint, std::string_view name, std::string_view known) {
    const bool alike = name != known && equal_ignoring_case(seeming(name), seeming(known));
    const std::string unseen = alike ? seeming_hint(name) : std::string();
    return unseen.empty() ? hint : hint + '\n' + unseen;
}

} // namespace aio::base
