#include <boost/test/unit_test.hpp>

#include <cstdlib>

BOOST_AUTO_TEST_CASE(fine) {
    BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(fails) {
    BOOST_TEST(1 + 1 == 3);
}

BOOST_AUTO_TEST_CASE(dies, *boost::unit_test::disabled()) {
    std::_Exit(3);
}

BOOST_AUTO_TEST_CASE(leaves, *boost::unit_test::disabled()) {
    std::_Exit(0);
}
