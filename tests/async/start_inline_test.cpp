#include "run.hpp"

#include <aio/async/event.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/start_inline.hpp>
#include <aio/async/timeout.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>
#include <boost/version.hpp>

#include <exception>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

using namespace aio::async;
using namespace std::chrono_literals;

namespace {

struct listener final : keeper {
    void ended(runner& by, std::exception_ptr error) noexcept override {
        last = &by;
        why = std::move(error);
        ++times;
    }

    runner* last = nullptr;
    std::exception_ptr why;
    int times = 0;
};

aio::task<void> nothing() {
    co_return;
}

aio::task<void> fail() {
    throw std::runtime_error("no");
    co_return;
}

aio::task<void> deep(int levels) {
    if (levels > 0)
        co_await deep(levels - 1);
    else
        co_await aio::sleep(1s);
}

} // namespace

namespace {

/// Waits for ever, and takes its cancellation for one more error.
template <typename Wait>
aio::task<void> go_on_for_ever(Wait wait, int& errors) {
    for (;;)
        try {
            co_await wait();
        } catch (const std::exception&) {
            ++errors;
        }
}

aio::task<void> wait_by_asio() {
    boost::asio::steady_timer foreign(co_await boost::asio::this_coro::executor);
    foreign.expires_after(1h);
    co_await foreign.async_wait(boost::asio::use_awaitable);
}

/// How often a task that ignores its cancellation was refused a wait, or interrupted in one, in the
/// minute after it.
template <typename Wait>
int errors_in_a_minute(virtual_clock& time, Wait wait) {
    loop at("main", 0, time);
    int errors = 0, within = 0;
    task_group ignoring(at, "test", [](std::string_view, std::exception_ptr) {});
    test::run(at, [&]() -> aio::task<void> {
        ignoring.spawn("ignores", go_on_for_ever(wait, errors));
        co_await aio::sleep(1s);
        ignoring.cancel();
        co_await aio::sleep(1min);
        within = errors;
    });
    at.close();
    return within;
}

} // namespace

BOOST_AUTO_TEST_SUITE(start_inline_)

BOOST_AUTO_TEST_CASE(a_coroutine_that_ignores_its_cancellation_lets_its_loop_turn) {
    virtual_clock time;
    loop at("main", 0, time);
    int errors = 0;
    task_group ignoring(at, "test", [](std::string_view, std::exception_ptr) {});
    test::run(at, [&]() -> aio::task<void> {
        ignoring.spawn("ignores", go_on_for_ever([] { return aio::sleep(1h); }, errors));
        co_await aio::sleep(1s);
        ignoring.cancel();
        co_await aio::sleep(50ms);
        BOOST_TEST(errors == 21); // the first wait was interrupted, the next ones were refused
        co_await aio::sleep(1s);
        BOOST_TEST(errors == 24); // after 100, 300 and 700 ms
        co_await aio::sleep(1min);
        BOOST_TEST(errors > 30);
        BOOST_TEST(errors < 45);
    });
    at.close();
}

BOOST_AUTO_TEST_CASE(in_a_simulation_it_lets_its_loop_turn_as_well) {
    virtual_clock time(1);
    const int errors = errors_in_a_minute(time, [] { return aio::sleep(1h); });
    BOOST_TEST(errors > 30);
    BOOST_TEST(errors < 45);
}

BOOST_AUTO_TEST_CASE(a_wait_with_a_timeout_is_cancelled_again_after_a_pause_as_well) {
    virtual_clock time;
    const auto wait = [] { return aio::with_timeout(2h, aio::sleep(1h)); };
    const int errors = errors_in_a_minute(time, wait);
    BOOST_TEST(errors > 25);
    BOOST_TEST(errors < 50);
}

// It is cancelled before it waits: no wait is interrupted, all are refused.
BOOST_AUTO_TEST_CASE(a_wait_of_asio_is_cancelled_again_as_well) {
    loop at;
    int errors = 0;
    task_group ignoring(at, "test", [](std::string_view, std::exception_ptr) {});
    test::run(at, [&]() -> aio::task<void> {
        ignoring.spawn("ignores", go_on_for_ever(wait_by_asio, errors));
        ignoring.cancel();
        while (errors < 22)
            co_await aio::sleep(1ms);
    });
    at.close();
}

// The loser of an operator || is cancelled, and the runner of both is not.
BOOST_AUTO_TEST_CASE(what_another_operation_cancels_lets_its_loop_turn_as_well) {
    using namespace boost::asio::experimental::awaitable_operators;
    virtual_clock time;
    loop at("main", 0, time);
    int errors = 0;
    const auto race = [&]() -> aio::task<void> {
        co_await (go_on_for_ever([] { return aio::sleep(1h); }, errors) || aio::sleep(1s));
    };
    task_group group(at, "test", [](std::string_view, std::exception_ptr) {});
    test::run(at, [&]() -> aio::task<void> {
        group.spawn("race", race());
        co_await aio::sleep(1min);
        BOOST_TEST(errors == 251); // by the end of the race, and at once by its refusals
    });
    at.close();
}

BOOST_AUTO_TEST_CASE(a_reminder_ends_with_its_coroutine) {
    virtual_clock time;
    loop at("main", 0, time);
    task_group group(at, "test", [](std::string_view, std::exception_ptr) {});
    event always;
    always.set();
    const auto stubborn = [&]() -> aio::task<void> {
        group.cancel(); // before it has waited: it ends without having suspended
        for (int refused = 0; refused < 20;)
            try {
                co_await aio::sleep(1ms);
            } catch (const std::exception&) {
                ++refused;
            }
        co_await always.wait();
    };
    int errors = 0;
    test::run(at, [&]() -> aio::task<void> {
        group.spawn("stubborn", stubborn());
        BOOST_TEST(group.empty());
        group.spawn("another", go_on_for_ever([] { return aio::sleep(1h); }, errors));
        co_await aio::sleep(1min);
        BOOST_TEST(errors == 0);
    });
    at.close();
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_ends_after_some_refusals_is_reminded_no_more) {
    virtual_clock time;
    loop at("main", 0, time);
    int refused = 0;
    const auto stubborn = [&]() -> aio::task<void> {
        while (refused < 30)
            try {
                co_await aio::sleep(10ms);
            } catch (const std::exception&) {
                ++refused;
            }
    };
    task_group ending(at, "test", [](std::string_view, std::exception_ptr) {});
    test::run(at, [&]() -> aio::task<void> {
        ending.spawn("ends late", stubborn());
        ending.cancel();
        co_await ending.join();
        BOOST_TEST(refused == 30);
        int errors = 0; // the next coroutine has the same runner
        ending.spawn("another", go_on_for_ever([] { return aio::sleep(1h); }, errors));
        co_await aio::sleep(1min);
        BOOST_TEST(errors == 0);
    });
    at.close();
}

// Start_inline.cpp drives awaitables by what these versions of Asio have inside. With another one,
// run these tests under the sanitizers and raise the bound.
BOOST_AUTO_TEST_CASE(was_checked_with_this_boost) {
    BOOST_TEST(BOOST_VERSION >= 108100);
    BOOST_TEST(BOOST_VERSION <= 108300);
}

BOOST_AUTO_TEST_CASE(what_does_not_suspend_has_no_owner) {
    loop at;
    listener keeper;
    std::exception_ptr why;
    for (int i = 0; i < 1000; ++i)
        BOOST_TEST(start_inline(at, nothing(), keeper, why) == nullptr);
    BOOST_TEST(!why);
    BOOST_TEST(start_inline(at, fail(), keeper, why) == nullptr);
    BOOST_CHECK_THROW(std::rethrow_exception(why), std::runtime_error);
    BOOST_TEST(keeper.times == 0);
    BOOST_TEST(at.snapshot().empty());
}

BOOST_AUTO_TEST_CASE(what_suspends_is_owned_until_it_ends) {
    virtual_clock time;
    loop at("test", 0, time);
    listener keeper;
    test::run(at, [&]() -> aio::task<void> {
        std::exception_ptr why;
        runner* one = start_inline(at, deep(100), keeper, why);
        BOOST_REQUIRE(one != nullptr);
        BOOST_TEST(at.snapshot().size() == 1u);
        co_await aio::sleep(2s);
        BOOST_TEST(keeper.times == 1);
        BOOST_TEST(keeper.last == one);
        BOOST_TEST(!keeper.why);
        BOOST_TEST(start_inline(at, aio::sleep(1s), keeper, why) == one);
        co_await aio::sleep(2s);
    });
}

BOOST_AUTO_TEST_CASE(an_operation_that_cannot_begin_fails_its_coroutine_alone) {
    loop at;
    listener keeper;
    int ended = 0;
    auto cannot_begin = [](int& count) -> aio::task<void> {
        struct counted {
            ~counted() { ++number; }

            int& number;
        } const local{count};
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void()>(
            [](auto&& handler) {
                const auto taken = std::move(handler); // as Asio does before it allocates
                throw std::bad_alloc();
            },
            boost::asio::use_awaitable
        );
    };
    for (int i = 0; i < 3; ++i) {
        std::exception_ptr why;
        BOOST_TEST(start_inline(at, cannot_begin(ended), keeper, why) == nullptr);
        BOOST_CHECK_THROW(std::rethrow_exception(why), std::bad_alloc);
        BOOST_TEST(ended == i + 1);
        why = nullptr;
        BOOST_TEST(start_inline(at, nothing(), keeper, why) == nullptr);
        BOOST_TEST(!why);
    }
    BOOST_TEST(keeper.times == 0);
    BOOST_TEST(at.snapshot().empty());
}

BOOST_AUTO_TEST_CASE(a_source_is_asked_until_it_says_which_coroutine_is_the_last) {
    struct three final : source {
        bool next(aio::task<void>& into) noexcept override {
            ++asked;
            last_ = tells && given == 2;
            if (given == 3)
                return false;
            into = ++given == 2 ? fail() : nothing();
            return true;
        }

        void failed(std::exception_ptr) noexcept override { ++failures; }

        bool tells = false;
        int asked = 0, given = 0, failures = 0;
    };

    loop at;
    listener keeper;
    for (const bool tells : {false, true}) {
        three from;
        from.tells = tells;
        BOOST_TEST(runner::run(at, from, keeper) == nullptr);
        BOOST_TEST(from.given == 3);
        BOOST_TEST(from.failures == 1);
        BOOST_TEST(from.asked == (tells ? 3 : 4));
    }
    BOOST_TEST(at.snapshot().empty());
}

BOOST_AUTO_TEST_CASE(starts_nest) {
    virtual_clock time;
    loop at("test", 0, time);
    listener keeper;
    test::run(at, [&]() -> aio::task<void> {
        const auto nest = [&](auto self, int levels) -> aio::task<void> {
            std::exception_ptr why;
            if (levels > 0)
                start_inline(at, self(self, levels - 1), keeper, why);
            co_await aio::sleep(levels * 1s);
        };
        std::exception_ptr why;
        start_inline(at, nest(nest, 10), keeper, why);
        co_await aio::sleep(20s);
        BOOST_TEST(keeper.times == 11);
    });
}

BOOST_AUTO_TEST_CASE(an_executor_that_outlives_its_task_does_no_harm) {
    virtual_clock time;
    loop at("test", 0, time);
    listener keeper;
    boost::asio::any_io_executor kept;
    test::run(at, [&]() -> aio::task<void> {
        std::exception_ptr why;
        start_inline(
            at,
            [](boost::asio::any_io_executor& to) -> aio::task<void> {
                to = co_await boost::asio::this_coro::executor;
                co_await aio::sleep(1s);
            }(kept),
            keeper,
            why
        );
        co_await aio::sleep(2s);
        BOOST_TEST(loop::of(kept) == &at);
        BOOST_TEST(task_node::of(kept) == keeper.last);
    });
}

BOOST_AUTO_TEST_SUITE_END()
