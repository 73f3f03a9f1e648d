#include <aio/base/lookalike.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using aio::base::lookalike_hint;

BOOST_AUTO_TEST_SUITE(lookalike)

BOOST_AUTO_TEST_CASE(a_letter_of_another_script_in_a_latin_name_is_named) {
    const std::string hint = "\\u0430 is not the letter 'a', although it looks like it: write 'a'";
    BOOST_TEST(lookalike_hint("'\u0430io.examples.tick'") == hint);
    BOOST_TEST(lookalike_hint("no such name: se\u0430rver-1") == hint);
    BOOST_TEST(
        lookalike_hint("p\uff4frt") ==
        "\\uff4f is not the letter 'o', although it looks like it: write 'o'"
    );
    BOOST_TEST(lookalike_hint("\u03bfption").starts_with("\\u03bf is not the letter 'o'"));
    for (const char* plain :
         {"",
          "aio.examples.tick",
          "\u0430\u0430",
          "\u0444\u0430\u0439\u043b.conf",
          "caf\u00e9",
          "\u0430 b",
          "\xff\xfe"})
        BOOST_TEST(lookalike_hint(plain) == "", plain);
}

BOOST_AUTO_TEST_SUITE_END()
