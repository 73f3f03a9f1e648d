#include <aio/base/utf8.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::base;

BOOST_AUTO_TEST_SUITE(utf8)

BOOST_AUTO_TEST_CASE(every_code_point_survives_the_round_trip) {
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        std::string text;
        encode(text, c);
        const code_point back = decode(text, 0);
        if (!back.valid || back.value != c || back.bytes != text.size())
            BOOST_FAIL("U+" << std::hex << static_cast<unsigned>(c));
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_utf8_is_found_at_its_first_byte) {
    const std::pair<std::string, std::size_t> rows[] = {
        {"abc\xff", 3},
        {"\xc3", 0},
        {"12345678\xed\xa0\x80", 8},
        {"\xc0\xaf", 0},
        {"\xf5\x80\x80\x80", 0},
        {"x\x80", 1},
        {"\xe2\x82", 0},
        {"\xf4\x90\x80\x80", 0},
        {"é\xe9", 2},
        {"\xf0\x8f\xbf\xbf", 0},
        {"aaaaaaaaaaaaaaaaa\xc3(", 17},
    };
    for (const auto& [text, offset] : rows)
        BOOST_TEST(find_invalid_utf8(text) == offset);
    BOOST_TEST(find_invalid_utf8("日本 \U0001F600 plain text all the way") == std::string::npos);
    BOOST_TEST(find_invalid_utf8(std::string("\0\x7f", 2)) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(strip_right_copes_with_broken_bytes) {
    BOOST_TEST(strip_right("x\x80\x80\x80\x80\x80") == "x\x80\x80\x80\x80\x80");
    BOOST_TEST(strip_right("x\u3000\u00a0 ") == "x");
    BOOST_TEST(strip_right("\x80") == "\x80");
}

BOOST_AUTO_TEST_SUITE_END()
