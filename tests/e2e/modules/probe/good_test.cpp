#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <cstdio>

BOOST_AUTO_TEST_CASE(a_test_of_the_module) {
    BOOST_TEST(1 + 1 == 2);
}

BOOST_AUTO_TEST_CASE(one_that_hangs, *boost::unit_test::disabled()) {
    std::printf("hanging %d\n", ::getpid());
    std::fflush(stdout);
    for (;;)
        ::pause();
}
