// Faults that users of other asynchronous libraries have reported, tried here.

#include "run.hpp"

#include <aio/async/aborted.hpp>
#include <aio/async/event.hpp>
#include <aio/async/queue.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/timeout.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <string>

using namespace std::chrono_literals;
using aio::async::task_group;

namespace {

struct fixture {
    aio::async::virtual_clock time;
    aio::async::loop at{"main", 0, time};
    aio::async::time_point start = time.now();

    template <typename F>
    void run(F f) {
        test::run(at, std::move(f));
    }

    aio::async::duration passed() const { return time.now() - start; }
};

/// Needs a second to clean up after its cancellation.
aio::task<void> slow_to_end() {
    try {
        co_await aio::sleep(1h);
    } catch (...) {
    }
    co_await boost::asio::this_coro::reset_cancellation_state();
    co_await aio::sleep(1s);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(reports, fixture)

// python/cpython#155418
BOOST_AUTO_TEST_CASE(a_task_that_cancels_its_group_before_it_waits_is_cancelled_too) {
    run([&]() -> aio::task<void> {
        task_group group(at);
        const auto child = [](task_group& own) -> aio::task<void> {
            own.cancel();
            co_await aio::sleep(1h);
        };
        group.spawn("child", child(group));
        co_await group.join();
    });
    BOOST_TEST((passed() < 1min));
}

// python/cpython#155433, ethereum/trinity#2041
BOOST_AUTO_TEST_CASE(an_outer_limit_is_not_lost_while_an_inner_one_waits_for_its_task) {
    bool timed_out = false;
    run([&]() -> aio::task<void> {
        const auto outer = []() -> aio::task<void> {
            try {
                co_await aio::async::with_timeout(100ms, slow_to_end());
            } catch (const aio::async::timeout_error&) {
            }
            co_await aio::sleep(1h); // the cancellation came meanwhile
        };
        try {
            co_await aio::async::with_timeout(500ms, outer());
        } catch (const aio::async::timeout_error&) {
            timed_out = true;
        }
    });
    BOOST_TEST(timed_out);
    BOOST_TEST((passed() < 1min));
}

// kyuupichan/aiorpcX#37
BOOST_AUTO_TEST_CASE(waiting_for_a_task_that_refuses_to_end_can_be_given_up) {
    run([&]() -> aio::task<void> {
        task_group group(at);
        const auto stubborn = []() -> aio::task<void> {
            co_await boost::asio::this_coro::reset_cancellation_state(
                boost::asio::disable_cancellation()
            );
            co_await aio::sleep(1min);
        };
        group.spawn("stubborn", stubborn());
        group.cancel();
        const auto wait = [](task_group& of) -> aio::task<void> { co_await of.join(); };
        BOOST_CHECK_THROW(
            co_await aio::async::with_timeout(1s, wait(group)), aio::async::timeout_error
        );
        BOOST_TEST((passed() == 1s));
        BOOST_TEST(group.size() == 1u);
        co_await group.join();
    });
}

// lbryio/lbry-sdk#2667
BOOST_AUTO_TEST_CASE(a_group_without_tasks_is_joined_at_once_also_after_a_cancel) {
    run([&]() -> aio::task<void> {
        task_group group(at);
        group.cancel();
        co_await group.join();
    });
    BOOST_TEST((passed() == 0s));
}

// python/asyncio#107 and its kin: what was taken in the very moment of the time limit is not lost.
BOOST_AUTO_TEST_CASE(an_item_that_comes_with_the_time_limit_is_taken_or_stays) {
    run([&]() -> aio::task<void> {
        aio::async::queue<int> items(10);
        task_group group(at);
        const auto give = [](aio::async::queue<int>& into) -> aio::task<void> {
            co_await aio::sleep(1s);
            into.try_push(7);
        };
        group.spawn("give", give(items));
        int taken = 0;
        try {
            const auto got = co_await aio::async::with_timeout(1s, items.pop());
            taken = got.value_or(0);
        } catch (const aio::async::timeout_error&) {
        }
        BOOST_TEST(((taken == 7) != (items.size() == 1u)));
        co_await group.join();
    });
}

// smol-rs/event-listener#76: a wake-up that is given to a waiter which gives up is not lost.
BOOST_AUTO_TEST_CASE(an_item_is_not_lost_on_a_waiter_that_gave_up) {
    run([&]() -> aio::task<void> {
        aio::async::queue<int> items(1);
        task_group group(at);
        int taken = 0;
        const auto take = [](aio::async::queue<int>& from, int& to) -> aio::task<void> {
            to = (co_await from.pop()).value_or(0);
        };
        task_group impatient(at);
        impatient.spawn("first", take(items, taken));
        group.spawn("second", take(items, taken));
        impatient.cancel();
        items.try_push(5);
        co_await group.join();
        co_await impatient.join();
        BOOST_TEST(taken == 5);
    });
}

// agronholm/anyio#49: an error of one task comes out although the waiting one has been cancelled.
BOOST_AUTO_TEST_CASE(an_error_of_a_task_comes_out_of_the_join_after_the_one_that_was_given_up) {
    run([&]() -> aio::task<void> {
        task_group group(at);
        const auto fails = []() -> aio::task<void> {
            co_await aio::sleep(2s);
            throw std::runtime_error("late");
        };
        group.spawn("fails", fails());
        BOOST_TEST(!co_await group.join_for(1s));
        BOOST_CHECK_EXCEPTION(co_await group.join(), std::runtime_error, [](const auto& error) {
            return std::string(error.what()) == "late";
        });
    });
}

BOOST_AUTO_TEST_SUITE_END()
