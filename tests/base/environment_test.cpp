#include <aio/base/environment.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>

BOOST_AUTO_TEST_SUITE(environment)

BOOST_AUTO_TEST_CASE(report_cfg_5_set_but_empty_counts_as_not_set) {
    ::unsetenv("AIO_TEST_VARIABLE");
    BOOST_TEST(!aio::base::variable("AIO_TEST_VARIABLE"));
    ::setenv("AIO_TEST_VARIABLE", "", 1);
    BOOST_TEST(!aio::base::variable("AIO_TEST_VARIABLE"));
    ::setenv("AIO_TEST_VARIABLE", " ", 1);
    BOOST_TEST(aio::base::variable("AIO_TEST_VARIABLE").value() == " ");
    ::unsetenv("AIO_TEST_VARIABLE");
}

BOOST_AUTO_TEST_SUITE_END()
