#include <aio/base/lookalike.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace aio::base;

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

BOOST_AUTO_TEST_CASE(a_name_seems_to_be_what_is_read_by_eye) {
    for (const char* name :
         {"aio/x",
          " aio/x",
          "aio /x\t",
          "a\u00a0io/x",
          "aio\u200b/x",
          "aio\x01/x",
          "\u0430\u0456\u043e/x",
          "\uff41\uff49\uff4f/x",
          "a\u0131o/x",
          "\U0001d41a\U0001d422\U0001d428/x",
          "a\u2170o/x",
          "aio\u2215x",
          "aio\uff0fx"})
        BOOST_TEST(seeming(name) == "aio/x", name);
    for (const char* name : {"", "AIO", "caf\u00e9", "ai0", "a_b-c.d", "\xff"})
        BOOST_TEST(seeming(name) == name, name);
    BOOST_TEST(seeming(" m\u0443 own ", inner_blanks::kept) == "my own");
}

BOOST_AUTO_TEST_CASE(a_hint_says_what_of_a_name_is_not_seen) {
    const auto hint = [](std::string_view name) {
        return with_seeming("did you mean 'aio'?", name, "aio");
    };
    BOOST_TEST(hint("aoi") == "did you mean 'aio'?");
    BOOST_TEST(hint("aoi ") == "did you mean 'aio'?"); // the blank alone would not explain it
    BOOST_TEST(hint("aio ") == "did you mean 'aio'?\ndelete the space in the name");
    BOOST_TEST(hint("\taio") == "did you mean 'aio'?\ndelete the tab in the name");
    BOOST_TEST(
        hint("\u0430\u0456\u043e") ==
        "did you mean 'aio'?\n\\u0430 is not the letter 'a', although it "
        "looks like it: write 'a'"
    );
    BOOST_TEST(hint("\u0430io") == "did you mean 'aio'?"); // the diagnostic says it
}

BOOST_AUTO_TEST_SUITE_END()
