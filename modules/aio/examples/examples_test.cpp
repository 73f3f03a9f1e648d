#include "examples.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(aio_examples)

BOOST_AUTO_TEST_CASE(a_sum_is_numbers_with_a_plus_between_them) {
    BOOST_TEST(examples::sum("2 + 2 + 3").value() == 7);
    BOOST_TEST(examples::sum("2+-2").value() == 0);
    BOOST_TEST(examples::sum(" 40 ").value() == 40);
    for (auto line : {"", "+", "2 +", "2 2", "two", "2 + x", "9223372036854775807 + 1"})
        BOOST_TEST(!examples::sum(line), line);
}

BOOST_AUTO_TEST_SUITE_END()
