#include <aio/base/text.hpp>
#include <aio/process/ending.hpp>
#include <aio/process/words.hpp>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <string>

using namespace aio::process;

namespace {

std::string split(std::string_view text) {
    const words made = split_words(text);
    if (made.error)
        return std::to_string(made.error->offset) + ": " + made.error->text;
    return aio::base::join(made.all, "|");
}

} // namespace

BOOST_AUTO_TEST_SUITE(words_of_a_command)

BOOST_AUTO_TEST_CASE(words_are_split_as_a_shell_does) {
    BOOST_TEST(split("") == "");
    BOOST_TEST(split("  a  b\tc\nd ") == "a|b|c|d");
    BOOST_TEST(split("'a b' c") == "a b|c");
    BOOST_TEST(split("a'b c'd") == "ab cd");
    BOOST_TEST(split("'' \"\" x") == "||x");
    BOOST_TEST(split("\"a b\" \"c'd\" 'e\"f'") == "a b|c'd|e\"f");
    BOOST_TEST(split("a\\ b c\\\\d \\'") == "a b|c\\d|'");
    BOOST_TEST(split("'a\\b' \"a\\b\" \"a\\\"b\\$c\"") == "a\\b|a\\b|a\"b$c");
    BOOST_TEST(split("a \\\n b") == "a|b");
    BOOST_TEST(split("\"a\\\nb\"") == "ab");
    BOOST_TEST(split("~ $HOME #x") == "~|$HOME|#x");
}

BOOST_AUTO_TEST_CASE(what_is_not_closed_is_an_error_at_its_place) {
    BOOST_TEST(split("a 'b") == "2: the quote ' is not closed");
    BOOST_TEST(split("ab \"b\\\"") == "3: the quote \" is not closed");
    BOOST_TEST(split("a b\\") == "3: a backslash at the end");
}

BOOST_AUTO_TEST_CASE(characters_for_shells_are_found_unless_quoted) {
    const words made = split_words("cat 'a|b' \"c>d\" e\\;f g | h & i");
    BOOST_TEST(made.shell_character == '|');
    BOOST_TEST(made.shell_offset == 23u);
    BOOST_TEST(split_words("cat 'a|b' -x").shell_character == 0);
}

BOOST_AUTO_TEST_CASE(signals_have_their_names) {
    BOOST_TEST((signal_number("TERM") == SIGTERM));
    BOOST_TEST((signal_number("sigint") == SIGINT));
    BOOST_TEST((signal_number("9") == SIGKILL));
    BOOST_TEST(!signal_number("0"));
    BOOST_TEST(!signal_number("-1"));
    BOOST_TEST(!signal_number("1000"));
    BOOST_TEST(!signal_number("STOPP"));
    BOOST_TEST(!signal_number(""));
    BOOST_TEST(!signal_number("SIG"));
    BOOST_TEST(signal_name(SIGKILL) == "SIGKILL");
    BOOST_TEST(signal_name(60) == "signal 60");
}

BOOST_AUTO_TEST_CASE(an_ending_is_told_in_words) {
    ending how;
    BOOST_TEST(describe(how) == "ended, its status is not known");
    BOOST_TEST(!how.clean());
    how.signal = SIGSEGV;
    BOOST_TEST(describe(how) == "was killed by SIGSEGV");
    how.dumped = true;
    BOOST_TEST(describe(how) == "was killed by SIGSEGV and left a core");
    how = {};
    how.status = 3;
    BOOST_TEST(describe(how) == "exited with status 3");
    BOOST_TEST(!how.clean());
    how.status = 0;
    BOOST_TEST(how.clean());
}

BOOST_AUTO_TEST_SUITE_END()
