#include <aio/cli/shell_word.hpp>

#include <boost/test/unit_test.hpp>

using aio::cli::shell_word;

BOOST_AUTO_TEST_SUITE(cli_shell_word)

BOOST_AUTO_TEST_CASE(a_word_is_quoted_only_where_it_must_be) {
    BOOST_TEST(shell_word("my/example-1.x") == "my/example-1.x");
    BOOST_TEST(shell_word("") == "''");
    BOOST_TEST(shell_word("it's new") == "'it'\\''s new'");
    BOOST_TEST(shell_word("\u00e9") == "'\u00e9'");
    BOOST_TEST(shell_word("-x") == "./-x");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_seen_is_an_escape_that_a_shell_reads) {
    BOOST_TEST(shell_word("a\nb'\\") == "$'a\\x0ab\\'\\\\'");
    BOOST_TEST(shell_word("a\u200bb") == "$'a\\xe2\\x80\\x8bb'");
    BOOST_TEST(shell_word("\xff\t") == "$'\\xff\\x09'");
}

BOOST_AUTO_TEST_SUITE_END()
