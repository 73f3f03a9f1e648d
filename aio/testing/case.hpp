#pragma once

// A test that is a coroutine, with Boost.Test:
//
//     AIO_TEST_CASE(sleeping_takes_time) {
//         co_await aio::sleep(10ms);
//     }
//     AIO_TEST_CASE(a_day_passes, aio::testing::virtual_time) { … }
//     AIO_TEST_CASE(it_is_quick, 2s) { … }
//
// It has 30 s unless told otherwise; BOOST_TEST and BOOST_REQUIRE work inside.

#include <aio/async/task.hpp>
#include <aio/testing/run.hpp>

#include <boost/test/unit_test_suite.hpp>

/// AIO_TEST_CASE(name) or AIO_TEST_CASE(name, limit or virtual_time) and a coroutine body.
#define AIO_TEST_CASE(name, ...)                                                                   \
    static ::aio::task<void> name##_coroutine();                                                   \
    BOOST_AUTO_TEST_CASE(name) {                                                                   \
        ::aio::testing::run(name##_coroutine(), ::aio::testing::run_options{__VA_ARGS__});         \
    }                                                                                              \
    static ::aio::task<void> name##_coroutine()

/// The same with the members of a fixture, which is made for each case and destroyed when the loop
/// is gone.
#define AIO_FIXTURE_TEST_CASE(name, fixture, ...)                                                  \
    struct name##_coroutine : fixture {                                                            \
        ::aio::task<void> run();                                                                   \
    };                                                                                             \
    BOOST_AUTO_TEST_CASE(name) {                                                                   \
        name##_coroutine made;                                                                     \
        ::aio::testing::run(made.run(), ::aio::testing::run_options{__VA_ARGS__});                 \
    }                                                                                              \
    ::aio::task<void> name##_coroutine::run()
