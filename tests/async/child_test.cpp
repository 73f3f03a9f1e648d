#include "run.hpp"

#include <aio/async/child.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/timeout.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace aio::async;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using boost::system::system_error;

namespace {

struct lone final : child {};

struct fixture {
    virtual_clock time;
    loop at{"test", 0, time};
    time_point start = time.now();
    std::vector<std::string> heard;

    duration passed() const { return time.now() - start; }

    /// Cancels the tasks of `group` before its first wait, and then cleans up for a second.
    aio::task<std::string> cancel_and_clean_up(task_group& group) {
        group.cancel();
        try {
            co_await aio::sleep(1h);
        } catch (const system_error&) {
            heard.push_back("cancelled");
        }
        co_await asio::this_coro::reset_cancellation_state();
        co_await aio::sleep(1s);
        co_return "a result that is too long for the string itself";
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(child_, fixture)

BOOST_AUTO_TEST_CASE(a_child_that_cancels_its_parent_before_it_waits_is_cancelled_and_waited_for) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        const auto parent = [this](task_group& own) -> aio::task<void> {
            heard.push_back(co_await aio::with_timeout(1h, cancel_and_clean_up(own)));
            co_await aio::sleep(1h); // the parent is still cancelled
        };
        group.spawn("parent", parent(group));
        BOOST_TEST(group.size() == 1u);
        co_await group.join();
        BOOST_TEST((passed() == 1s));
        BOOST_REQUIRE(heard.size() == 2u);
        BOOST_TEST(heard[0] == "cancelled");
        BOOST_TEST(heard[1] == "a result that is too long for the string itself");
        BOOST_TEST(at.timers() == 0u);
        BOOST_TEST(at.snapshot().size() == 1u); // this task
    });
}

BOOST_AUTO_TEST_CASE(children_of_children_are_cancelled_by_the_innermost_and_waited_for) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        const auto parent = [this](task_group& own) -> aio::task<void> {
            co_await aio::with_timeout(2h, aio::with_timeout(1h, cancel_and_clean_up(own)));
        };
        group.spawn("parent", parent(group));
        co_await group.join();
        BOOST_TEST((passed() == 1s));
        BOOST_TEST(at.snapshot().size() == 1u);
    });
}

BOOST_AUTO_TEST_CASE(a_parent_that_goes_on_after_its_cancellation_does_not_cancel_its_next_child) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        const auto parent = [](task_group& own) -> aio::task<void> {
            own.cancel();
            co_await asio::this_coro::throw_if_cancelled(false);
            co_await aio::with_timeout(1h, aio::sleep(3s));
            BOOST_TEST(!co_await asio::this_coro::throw_if_cancelled());
        };
        group.spawn("parent", parent(group));
        co_await group.join();
        BOOST_TEST((passed() == 3s));
    });
}

BOOST_AUTO_TEST_CASE(a_cancellation_before_the_run_counts_for_that_run_alone) {
    test::run(at, [&]() -> aio::task<void> {
        lone only;
        only.cancel(asio::cancellation_type::terminal);
        BOOST_CHECK_THROW(co_await only.run(aio::sleep(1h), "it"), system_error);
        BOOST_TEST((passed() == 0s));
        co_await only.run(aio::sleep(2s), "it");
        BOOST_TEST((passed() == 2s));
    });
}

BOOST_AUTO_TEST_CASE(a_child_that_cancels_itself_is_cancelled_at_its_next_wait) {
    test::run(at, [&]() -> aio::task<void> {
        lone only;
        const auto work = [](lone& own, duration before) -> aio::task<void> {
            if (before != 0s)
                co_await aio::sleep(before);
            own.cancel(asio::cancellation_type::terminal);
            co_await aio::sleep(1h);
        };
        BOOST_CHECK_THROW(co_await only.run(work(only, 0s), "it"), system_error);
        BOOST_TEST((passed() == 0s));
        BOOST_CHECK_THROW(co_await only.run(work(only, 1s), "it"), system_error);
        BOOST_TEST((passed() == 1s));
    });
}

BOOST_AUTO_TEST_CASE(a_cancellation_of_a_child_that_has_ended_at_once_does_not_reach_the_next) {
    test::run(at, [&]() -> aio::task<void> {
        lone only;
        const auto ends_at_once = [](lone& own) -> aio::task<void> {
            own.cancel(asio::cancellation_type::terminal);
            co_return;
        };
        co_await only.run(ends_at_once(only), "it");
        co_await only.run(aio::sleep(1s), "it");
        BOOST_TEST((passed() == 1s));
    });
}

BOOST_AUTO_TEST_SUITE_END()
