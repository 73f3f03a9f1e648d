#include <aio/log/retry_pause.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>

using aio::log::latest_record;
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
    BOOST_TEST(pause.due(start - latest_record - 1s));
}

BOOST_AUTO_TEST_CASE(records_that_are_late_make_no_attempt_and_no_longer_pause) {
    const retry_pause::time_point start{100h};
    retry_pause pause;
    pause.begin(start);
    for (const auto late : {1ms, 2ms, 500ms, 10'000ms})
        BOOST_TEST(!pause.due(start - late));
    BOOST_TEST(!pause.due(start + 999ms));
    BOOST_TEST(pause.due(start + 1s));
    BOOST_TEST(!pause.due(start));
    BOOST_TEST(pause.due(start + 3s));
}

BOOST_AUTO_TEST_CASE(a_pause_that_has_ended_holds_no_late_record) {
    const retry_pause::time_point start{100h};
    retry_pause pause;
    BOOST_TEST(!pause.waits(start));
    pause.begin(start);
    pause.end();
    BOOST_TEST(pause.due(start - 1s));
}

BOOST_AUTO_TEST_CASE(the_pause_tells_when_it_does_not_grow) {
    retry_pause::time_point now{100h};
    retry_pause pause;
    for (int i = 0; i < 6; ++i, now += 60s)
        pause.attempt(now);
    BOOST_TEST(!pause.at_longest());
    pause.attempt(now);
    BOOST_TEST(pause.at_longest());
}

BOOST_AUTO_TEST_SUITE_END()
