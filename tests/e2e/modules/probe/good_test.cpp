#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_CASE(a_test_of_the_module) {
    BOOST_TEST(1 + 1 == 2);
}
