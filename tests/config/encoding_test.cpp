#include <aio/config/encoding.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

using namespace aio::config;

namespace {

enum class order { little, big };

// ASCII text in units of `width` bytes.
std::string encoded(std::string_view text, std::size_t width, order bytes) {
    std::string out;
    for (const char c : text) {
        std::string unit(width, '\0');
        unit[bytes == order::little ? 0 : width - 1] = c;
        out += unit;
    }
    return out;
}

std::string guess(std::string_view text) {
    const auto found = guess_encoding(text);
    return std::string{found ? found->iconv : "none"};
}

constexpr std::string_view sample = "[server/e]\nprotocol = nonsense";

} // namespace

BOOST_AUTO_TEST_SUITE(encoding)

BOOST_AUTO_TEST_CASE(report_cfg_6_both_orders_are_known_with_and_without_a_mark) {
    for (const std::string_view text : {sample, std::string_view{"[a]\n"}}) {
        BOOST_TEST(guess(encoded(text, 2, order::little)) == "UTF-16LE");
        BOOST_TEST(guess(encoded(text, 2, order::big)) == "UTF-16BE");
        BOOST_TEST(guess(encoded(text, 4, order::little)) == "UTF-32LE");
        BOOST_TEST(guess(encoded(text, 4, order::big)) == "UTF-32BE");
    }
    BOOST_TEST(guess("\xFF\xFE" + encoded(sample, 2, order::little)) == "UTF-16LE");
    BOOST_TEST(guess("\xFE\xFF" + encoded(sample, 2, order::big)) == "UTF-16BE");
    BOOST_TEST(guess("\xFF\xFE") == "UTF-16LE");
    BOOST_TEST(
        guess("\xFF\xFE" + std::string(2, '\0') + encoded("a", 4, order::little)) == "UTF-32LE"
    );
}

BOOST_AUTO_TEST_CASE(text_with_other_scripts_in_it_is_known_too) {
    // Half ASCII, half Cyrillic: 'д' is 34 04.
    std::string mixed;
    for (int i = 0; i < 20; ++i)
        mixed += encoded("#", 2, order::little) + "\x34\x04";
    BOOST_TEST(guess(mixed) == "UTF-16LE");
}

BOOST_AUTO_TEST_CASE(utf_8_is_no_other_encoding_even_with_a_nul) {
    using namespace std::string_view_literals;
    for (const std::string_view text :
         {""sv, sample, "\xEF\xBB\xBF[a]"sv, "a\0b"sv, "\0"sv, "д = \0"sv})
        BOOST_TEST(guess(text) == "none");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said_in_words) {
    using namespace std::string_literals;
    BOOST_TEST(no_text("é") == "");
    BOOST_TEST(no_text("\xE9") == "it is not UTF-8");
    BOOST_TEST(no_text("a\0b"s) == "it holds a NUL");
    BOOST_TEST(no_text(encoded(sample, 2, order::big)) == "it is UTF-16, not UTF-8");
}

BOOST_AUTO_TEST_SUITE_END()
