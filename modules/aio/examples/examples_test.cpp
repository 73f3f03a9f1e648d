#include "adder.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(aio_examples)

BOOST_AUTO_TEST_CASE(a_sum_is_numbers_with_a_plus_between_them) {
    BOOST_TEST(examples::sum("2 + 2 + 3").value() == 7);
    BOOST_TEST(examples::sum("2+-2").value() == 0);
    BOOST_TEST(examples::sum(" 40 ").value() == 40);
    for (auto line : {"", "+", "2 +", "2 2", "two", "2 + x", "9223372036854775807 + 1"})
        BOOST_TEST(!examples::sum(line), line);
}

BOOST_AUTO_TEST_CASE(a_sum_is_answered_as_soon_as_it_has_arrived) {
    BOOST_TEST(examples::answer("17 + 5 + 1", false).value() == "23\n");
    BOOST_TEST(examples::answer("2 + 2 + 3\n", false).value() == "7\n");
    BOOST_TEST(examples::answer("2 + 2\n2 + 3\n", false).value() == "4\n");
    for (auto text : {"", "2 +", "2 + -", "tw"})
        BOOST_TEST(!examples::answer(text, false), text);
    BOOST_TEST(examples::answer("2 +", true).value() == "not a sum: 2 +\n");
    BOOST_TEST(examples::answer("two\n", false).value() == "not a sum: two\n");
    BOOST_TEST(examples::answer(std::string(5000, '+'), false).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
