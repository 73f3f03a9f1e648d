#include <aio/process/readable.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using aio::process::readable;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(process_readable)

BOOST_AUTO_TEST_CASE(ordinary_text_is_left_as_it_is) {
    for (const std::string& line : {""s, "a b\tc ~"s, "Grüße, 世界 🙂"s, "\\x1b"s}) {
        std::string made;
        BOOST_TEST((readable(line, made).data() == line.data()));
        BOOST_TEST(made == "");
    }
}

BOOST_AUTO_TEST_CASE(what_would_act_or_is_no_text_is_spelled) {
    struct {
        std::string line, said;
    } const cases[] = {
        {"\x1b[31mred", "\\x1b[31mred"},
        {"a\rb\0c"s, "a\\x0db\\x00c"},
        {"\x7f", "\\x7f"},
        {"\xc2\x9b"
         "2J",
         "\\xc2\\x9b2J"}, // the same as ESC [ to some terminals
        {"\xff ü \xc3", "\\xff ü \\xc3"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, // half a surrogate pair
    };

    for (const auto& one : cases) {
        std::string made;
        BOOST_TEST(readable(one.line, made) == one.said);
    }
}

BOOST_AUTO_TEST_SUITE_END()
