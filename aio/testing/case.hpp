#pragma once

// A test that is a coroutine, with Boost.Test:
//
//     AIO_TEST_CASE(sleeping_takes_time) {
//         co_await aio::sleep(10ms);
//     }
//     AIO_TEST_CASE(a_day_passes, aio::testing::virtual_time) { … }
//     AIO_TEST_CASE(it_is_quick, 2s) { … }
//     AIO_SIMULATED_TEST_CASE(both_get_their_turn) { … }             // 1,000 seeds
//     AIO_SIMULATED_TEST_CASE(rare_things_are_found, 10000) { … }
//
// The time limit is 30 s by default. BOOST_TEST and BOOST_REQUIRE work inside.

#include <aio/async/task.hpp>
#include <aio/testing/run.hpp>
#include <aio/testing/simulate.hpp>

#include <boost/test/results_collector.hpp>
#include <boost/test/unit_test_suite.hpp>

#include <utility>

namespace aio::testing {

/// For the macro: adds that failed checks of the running test case make a seed fail.
inline simulate_options with_checks(simulate_options how) {
    const auto failed = [] {
        namespace ut = boost::unit_test;
        const auto id = ut::framework::current_test_case_id();
        return !ut::results_collector.results(id).passed();
    };
    how.failed = failed;
    return how;
}

} // namespace aio::testing

/// AIO_TEST_CASE(name) or AIO_TEST_CASE(name, limit or virtual_time) and a coroutine body.
#define AIO_TEST_CASE(name, ...)                                                                   \
    static ::aio::task<void> name##_coroutine();                                                   \
    BOOST_AUTO_TEST_CASE(name) {                                                                   \
        ::aio::testing::run(name##_coroutine(), ::aio::testing::run_options{__VA_ARGS__});         \
    }                                                                                              \
    static ::aio::task<void> name##_coroutine()

/// The same with the members of a fixture. It is made for each case, and destroyed after the loop.
#define AIO_FIXTURE_TEST_CASE(name, fixture, ...)                                                  \
    struct name##_coroutine : fixture {                                                            \
        ::aio::task<void> run();                                                                   \
    };                                                                                             \
    BOOST_AUTO_TEST_CASE(name) {                                                                   \
        name##_coroutine made;                                                                     \
        ::aio::testing::run(made.run(), ::aio::testing::run_options{__VA_ARGS__});                 \
    }                                                                                              \
    ::aio::task<void> name##_coroutine::run()

/// AIO_SIMULATED_TEST_CASE(name) or (name, seeds) or (name, seeds, first) and a coroutine body.
#define AIO_SIMULATED_TEST_CASE(name, ...)                                                         \
    static ::aio::task<void> name##_coroutine();                                                   \
    BOOST_AUTO_TEST_CASE(name) {                                                                   \
        using options = ::aio::testing::simulate_options;                                          \
        ::aio::testing::simulate(                                                                  \
            name##_coroutine, ::aio::testing::with_checks(options{__VA_ARGS__})                    \
        );                                                                                         \
    }                                                                                              \
    static ::aio::task<void> name##_coroutine()
