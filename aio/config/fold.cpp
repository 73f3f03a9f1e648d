#include <aio/base/utf8.hpp>
#include <aio/config/fold.hpp>

#include <utf8proc.h>

namespace aio::config {

namespace {

constexpr char32_t capital_sigma = 0x3A3;
constexpr char32_t final_sigma = 0x3C2;
constexpr char32_t capital_i_with_dot = 0x130;

bool is_cased(char32_t c) {
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
        return true;
    default:
        return false;
    }
}

bool is_case_ignorable(char32_t c) {
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
        return true;
    default:
        return c == '\'' || c == '.' || c == ':' || c == 0xB7 || c == 0x2018 || c == 0x2019;
    }
}

// A capital sigma becomes the final form after a letter when no letter follows.
bool ends_a_word(std::u32string_view text, std::size_t index) {
    std::size_t before = index;
    while (before > 0 && is_case_ignorable(text[before - 1]))
        --before;
    std::size_t after = index + 1;
    while (after < text.size() && is_case_ignorable(text[after]))
        ++after;
    return before > 0 && is_cased(text[before - 1]) &&
           (after == text.size() || !is_cased(text[after]));
}

std::string fold_unicode(std::string_view name) {
    std::u32string text;
    for (std::size_t index = 0; index < name.size();) {
        const base::code_point c = base::decode(name, index);
        text += c.value;
        index += c.bytes;
    }
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == capital_i_with_dot)
            out += "i\u0307";
        else if (text[i] == capital_sigma && ends_a_word(text, i))
            base::encode(out, final_sigma);
        else
            base::encode(
                out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(text[i])))
            );
    }
    return out;
}

bool is_folded_ascii(std::string_view name) {
    for (const char c : name)
        if ((c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80)
            return false;
    return true;
}

} // namespace

std::string fold(std::string_view name) {
    if (!base::is_ascii(name))
        return fold_unicode(name);
    std::string out{name};
    for (char& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

std::string_view fold(std::string_view name, std::string& room) {
    if (is_folded_ascii(name))
        return name;
    room = fold(name);
    return room;
}

} // namespace aio::config
