#include <aio/base/secrets.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::base;

namespace {

secret_texts of(std::initializer_list<std::string_view> all) {
    secret_texts out;
    for (const std::string_view one : all)
        out.add(one);
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(secrets)

BOOST_AUTO_TEST_CASE(every_occurrence_is_masked_whatever_its_case) {
    BOOST_TEST(
        of({"Hunter2"}).mask("'hunter2' and /HUNTER2/x, hunter3") ==
        "'********' and /********/x, hunter3"
    );
    BOOST_TEST(secret_texts{}.empty());
    BOOST_TEST(of({" \n "}).empty());
    BOOST_TEST(secret_texts{}.mask("as it is") == "as it is");
}

BOOST_AUTO_TEST_CASE(the_longest_is_masked_first) {
    BOOST_TEST(of({"abcd", "abcdef"}).mask("abcdef, abcd") == "********, ********");
}

BOOST_AUTO_TEST_CASE(a_text_full_of_secrets_is_masked_in_one_pass) {
    constexpr std::size_t count = 50'000;
    std::string text, masked, quoted, masked_quoted;
    for (std::size_t i = 0; i < count; ++i) {
        text += "abcde,";
        masked += "********,";
        quoted += "'a',";
        masked_quoted += "'********',";
    }
    BOOST_TEST((of({"abcde"}).mask(text) == masked));
    BOOST_TEST((of({"a"}).mask(quoted) == masked_quoted));
}

BOOST_AUTO_TEST_CASE(a_short_one_is_masked_in_quotes_only) {
    const secret_texts a = of({"a"});
    BOOST_TEST(a.mask("a level 'a' is a bad 'ab' a") == "a level '********' is a bad 'ab' a");
    BOOST_TEST(a.mask("'a'a'a'") == "'********'a'********'");
    BOOST_TEST(a.mask("not 'a") == "not 'a");
    BOOST_TEST(a.mask("''a'") == "''********'");
}

BOOST_AUTO_TEST_CASE(lines_entries_and_sides_of_a_colon_are_secrets_too) {
    const secret_texts all = of({"unix:/run/x\nfirst, second"});
    BOOST_TEST(all.mask("/run/x: in use") == "********: in use");
    BOOST_TEST(all.mask("second of first") == "******** of ********");
    const secret_texts url = of({"postgres://me:hunter2@host/"});
    BOOST_TEST(url.mask("postgres: //me:hunter2@host/ is down") == "postgres: ******** is down");
}

BOOST_AUTO_TEST_CASE(words_and_quotations_are_masked_where_the_message_is_about_it) {
    const secret_texts all = of({"lab.hunter2.go"});
    BOOST_TEST(all.mask("'lab.hunter2' is none") == "'lab.hunter2' is none");
    BOOST_TEST(all.mask_closely("'lab.hunter2' is none") == "'********' is none");
    BOOST_TEST(all.mask_closely("hunter2: 'go', 'tick'") == "********: '********', 'tick'");
    BOOST_TEST(
        of({"a $x"}).mask_closely("no '$' after '$' in '$x'") == "no '$' after '$' in '********'"
    );
    diagnostic one{severity::error, {}, "no hunter2", "no 'go'"};
    BOOST_TEST(masked(one, all).text == "no hunter2");
    one.where.secret_from = 3;
    BOOST_TEST(masked(one, all).text == "no ********");
    BOOST_TEST(masked(one, all).hint == "no '********'");
}

BOOST_AUTO_TEST_CASE(a_mask_is_not_masked_again) {
    BOOST_TEST(of({"****", "secret"}).mask("secret") == "********");
}

BOOST_AUTO_TEST_SUITE_END()
