#include <aio/base/signal_wait.hpp>

#include <boost/test/unit_test.hpp>

#include <cerrno>

using namespace aio::base;

BOOST_AUTO_TEST_SUITE(signal_wait)

BOOST_AUTO_TEST_CASE(this_system_lets_threads_wait_for_signals) {
    BOOST_CHECK_NO_THROW(require_signal_wait());
}

BOOST_AUTO_TEST_CASE(an_interrupted_wait_and_one_whose_time_has_passed_can_be_repeated) {
    for (const int error : {EINTR, EAGAIN})
        BOOST_TEST(can_wait_again(error));
    for (const int error : {EPERM, ENOSYS, EINVAL, EACCES, 0})
        BOOST_TEST(!can_wait_again(error));
}

BOOST_AUTO_TEST_SUITE_END()
