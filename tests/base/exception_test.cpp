#include <aio/base/exception.hpp>

#include <boost/test/unit_test.hpp>

#include <stdexcept>

using aio::base::message_of;

BOOST_AUTO_TEST_SUITE(exception_)

BOOST_AUTO_TEST_CASE(an_exception_says_what_it_is_anything_else_that_it_is_none) {
    BOOST_TEST(message_of(std::make_exception_ptr(std::runtime_error("broken"))) == "broken");
    BOOST_TEST(
        message_of(std::make_exception_ptr(42)) == "something that is no std::exception was thrown"
    );
}

BOOST_AUTO_TEST_SUITE_END()
