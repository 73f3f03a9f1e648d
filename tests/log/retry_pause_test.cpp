#include <aio/log/retry_pause.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>

using aio::log::retry_pause;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(log_retry_pause)

BOOST_AUTO_TEST_CASE(the_pauses_double_up_to_a_minute) {
    const retry_pause::time_point start{100h};
    retry_pause pause;
    pause.begin(start);
    auto now = start;
    for (const auto expected : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        BOOST_TEST(!pause.due(now + expected - 1ms));
        now += expected;
        BOOST_TEST(pause.due(now));
    }
    pause.end();
    BOOST_TEST(pause.due(now));
}

BOOST_AUTO_TEST_CASE(a_clock_that_was_set_back_ends_the_pause) {
    const retry_pause::time_point start{100h};
    retry_pause pause;
    pause.begin(start);
    BOOST_TEST(pause.due(start - 1s));
}

BOOST_AUTO_TEST_SUITE_END()
