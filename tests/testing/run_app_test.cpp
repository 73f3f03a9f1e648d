#include <aio/async/sleep.hpp>
#include <aio/async/timeout.hpp>
#include <aio/async/virtual_clock.hpp>
#include <aio/config/tree.hpp>
#include <aio/log/logger.hpp>
#include <aio/testing/captured_log.hpp>
#include <aio/testing/case.hpp>
#include <aio/testing/run_app.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <stdexcept>
#include <string>

using namespace aio;
using namespace std::chrono_literals;
using testing::app_options;
using testing::captured_log;
using testing::virtual_time;

namespace {

const std::string quiet = "[logger_root]\nhandlers =\n";

task<void> nothing(app::app&) {
    co_return;
}

task<void> fail(app::app&) {
    co_await sleep(1ms);
    throw std::runtime_error("boom");
}

} // namespace

BOOST_AUTO_TEST_SUITE(run_app)

BOOST_AUTO_TEST_CASE(the_body_runs_between_start_and_stop) {
    captured_log log;
    bool ran = false;
    testing::run(
        quiet + "[x]\na = 1\n",
        [&ran](app::app& app) -> task<void> {
            ran = app.config().find("x") != nullptr;
            app.log("body").info("here");
            co_return;
        },
        {},
        app_options(log)
    );
    BOOST_TEST(ran);
    BOOST_TEST(log.has("INFO(body): here"));
    BOOST_TEST(log.texts().back() == "INFO(aio): Stopped");
}

BOOST_AUTO_TEST_CASE(case_79_an_error_in_the_body_comes_out_after_the_stop) {
    captured_log log;
    BOOST_CHECK_THROW(testing::run(quiet, fail, {}, app_options(log)), std::runtime_error);
    BOOST_TEST(log.has("Stopped"));
}

BOOST_AUTO_TEST_CASE(a_wrong_configuration_comes_out_rendered) {
    BOOST_CHECK_EXCEPTION(
        testing::run("[aio]\nlop = 1\n", nothing),
        app::bad_configuration,
        [](const std::exception& e) { return std::string(e.what()).find("test:2:1: error: ") == 0; }
    );
}

BOOST_AUTO_TEST_CASE(a_body_has_a_time_limit_and_the_app_stops_all_the_same) {
    captured_log log;
    const auto body = [](app::app&) -> task<void> { co_await sleep(1h); };
    BOOST_CHECK_THROW(testing::run(quiet, body, 20ms, app_options(log)), timeout_error);
    BOOST_TEST(log.has("Stopped"));
}

BOOST_AUTO_TEST_CASE(case_79_waiting_before_and_lingering_after) {
    async::virtual_clock clock;
    const async::time_point before = clock.now();
    async::time_point called;
    testing::run(
        quiet,
        [&](app::app&) -> task<void> {
            called = clock.now();
            co_return;
        },
        clock,
        app_options(1s, 3s)
    );
    BOOST_TEST((called - before == 1s));
    BOOST_TEST((clock.now() - before >= 4s));
}

BOOST_AUTO_TEST_CASE(a_crash_is_a_bad_end) {
    const auto body = [](app::app& app) -> task<void> {
        app.crashed("x", std::make_exception_ptr(std::runtime_error("gone")));
        co_return;
    };
    BOOST_CHECK_THROW(testing::run(quiet, body), testing::bad_end);
}

AIO_TEST_CASE(two_apps_live_side_by_side, virtual_time) {
    const auto outer = [](app::app& one) -> task<void> {
        const auto inner = [&one](app::app& other) -> task<void> {
            BOOST_TEST(&one != &other);
            co_await sleep(1h);
        };
        co_await testing::with_app(quiet, inner);
    };
    co_await testing::with_app(quiet, outer);
}

BOOST_AUTO_TEST_SUITE_END()
