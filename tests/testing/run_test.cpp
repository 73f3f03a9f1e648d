#include <aio/async/event.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/timeout.hpp>
#include <aio/testing/case.hpp>
#include <aio/testing/run.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <stdexcept>

using namespace std::chrono_literals;
using aio::testing::virtual_time;

namespace {

aio::task<void> fail() {
    co_await aio::sleep(1ms);
    throw std::runtime_error("boom");
}

aio::task<void> wait_for_ever() {
    aio::async::event never;
    co_await never.wait();
}

aio::task<void> nothing() {
    co_return;
}

struct counting {
    int before = 1;
};

} // namespace

BOOST_AUTO_TEST_SUITE(run)

BOOST_AUTO_TEST_CASE(case_79_an_error_inside_comes_out) {
    BOOST_CHECK_EXCEPTION(aio::testing::run(fail()), std::runtime_error, [](const auto& e) {
        return e.what() == std::string("boom");
    });
}

BOOST_AUTO_TEST_CASE(what_never_waits_is_over_at_once) {
    aio::testing::run(nothing());
}

BOOST_AUTO_TEST_CASE(a_test_has_a_time_limit) {
    BOOST_CHECK_THROW(aio::testing::run(wait_for_ever(), 10ms), aio::timeout_error);
}

BOOST_AUTO_TEST_CASE(in_virtual_time_waiting_for_nothing_fails_at_once) {
    BOOST_CHECK_THROW(aio::testing::run(wait_for_ever(), virtual_time), aio::timeout_error);
}

BOOST_AUTO_TEST_CASE(a_task_that_stops_its_loop_is_not_over) {
    const auto stops = []() -> aio::task<void> {
        co_await aio::sleep(1ms);
        aio::async::loop::here()->stop();
        co_await aio::sleep(1h);
    };
    BOOST_CHECK_EXCEPTION(aio::testing::run(stops()), std::runtime_error, [](const auto& e) {
        return e.what() == std::string("the task was not over when its loop was stopped");
    });
}

AIO_TEST_CASE(a_case_is_a_coroutine) {
    const auto before = std::chrono::steady_clock::now();
    co_await aio::sleep(5ms);
    BOOST_TEST((std::chrono::steady_clock::now() - before >= 5ms));
}

AIO_TEST_CASE(a_case_may_have_its_own_limit, 5s) {
    co_await aio::sleep(1ms);
}

AIO_TEST_CASE(a_day_takes_no_time, virtual_time) {
    const auto before = std::chrono::steady_clock::now();
    co_await aio::sleep(24h);
    BOOST_TEST((std::chrono::steady_clock::now() - before < 1h));
}

AIO_FIXTURE_TEST_CASE(a_case_may_have_a_fixture, counting) {
    co_await aio::sleep(1ms);
    BOOST_TEST(before == 1);
}

BOOST_AUTO_TEST_SUITE_END()
