#include <aio/base/utf8.hpp>
#include <aio/base/visible.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace aio::base;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(visible_)

BOOST_AUTO_TEST_CASE(ordinary_text_stays) {
    for (const std::string& text : {""s, "a b\tc ~"s, "Grüße, 世界 🙂"s, "two\nlines"s})
        BOOST_TEST(visible(text) == text);
}

BOOST_AUTO_TEST_CASE(report_cfg_7_what_cannot_be_seen_is_an_escape) {
    const std::pair<std::string, std::string> rows[] = {
        {"po\u200brt", "po\\u200brt"},
        {"\ufeff[x]", "\\ufeff[x]"},
        {"a\u00adb", "a\\u00adb"},
        {"\u202e0808", "\\u202e0808"},
        {"a\u00a0b", "a\\u00a0b"},
        {"\u2060\u2066\u061c", "\\u2060\\u2066\\u061c"},
        {"a\U000e0041", "a\\U000e0041"},
        {"\x1b[31m", "\\x1b[31m"},
        {"a\0b"s, "a\\x00b"},
        {"\u009b"
         "2J",
         "\\xc2\\x9b2J"}, // the same as ESC [ to some terminals
        {"\x7f", "\\x7f"},
        {"\xff \u00fc \xc3", "\\xff \u00fc \\xc3"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, // half a surrogate pair
        {"\ufff9a\ufffab\ufffb", "\\ufff9a\\ufffab\\ufffb"},
        {"\xff", "\\xff"},
        {"a\u2028b", "a\\u2028b"},
        {"a\u200db", "a\\u200db"}, // a joiner between letters that need none
    };
    for (const auto& [text, shown] : rows)
        BOOST_TEST(visible(text) == shown);
    BOOST_TEST(visible("a\nb", layout::one_line) == "a\\x0ab");
}

BOOST_AUTO_TEST_CASE(a_log_shows_the_same_but_for_lines_and_blanks) {
    const auto shown = [](std::string_view text) { return visible(text, layout::log); };
    BOOST_TEST(shown("one\ntwo\r\nthree\r\n\n") == "one\n    | two\n    | three");
    BOOST_TEST(shown("a\rb\0c"s) == "a\\x0db\\x00c");
    BOOST_TEST(shown("a\u00a0b\u3000c\u202fd\u2003e") == "a\u00a0b\u3000c\u202fd\u2003e");
    BOOST_TEST(shown("a\u2028b\u2029c\u0085d") == "a\\u2028b\\u2029c\\xc2\\x85d");
    for (char32_t c = 0xA0; c < 0x110000; ++c) {
        std::string text;
        if (c < 0xD800 || c > 0xDFFF)
            encode(text, c);
        if (!is_blank(c))
            BOOST_REQUIRE(shown(text) == visible(text));
    }
}

BOOST_AUTO_TEST_CASE(joiners_of_a_script_and_of_emoji_are_part_of_the_word) {
    const std::string family = "\U0001F468\u200d\U0001F469", persian = "\u0645\u06cc\u200c\u062e";
    const std::string heart = "\u2764\ufe0f", eye = "\U0001F441\ufe0f\u200d\U0001F5E8\ufe0f";
    for (const std::string& text : {family, persian, heart, eye})
        BOOST_TEST(visible(text) == text);
    BOOST_TEST(visible("\u0645\u200c") == "\u0645\\u200c"); // nothing to join
    BOOST_TEST(visible("\xff\u200d\xff") == "\\xff\\u200d\\xff");
    BOOST_TEST(visible("\xff\ufe0f") == "\\xff\\ufe0f");
}

BOOST_AUTO_TEST_CASE(the_hint_names_the_first_such_character) {
    BOOST_TEST(invisible_hint("plain") == "");
    BOOST_TEST(
        invisible_hint("po\u200brt\u00ad") ==
        "\\u200b is a zero width space, which cannot be seen: "
        "delete it, or write a space instead"
    );
    for (char32_t c = 0; c < 0x110000; ++c)
        if (is_invisible(c))
            BOOST_REQUIRE(!name_of_invisible(c).empty());
}

BOOST_AUTO_TEST_SUITE_END()
