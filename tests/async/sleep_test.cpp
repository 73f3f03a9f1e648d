#include "run.hpp"

#include <aio/async/sleep.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <ctime>
#include <memory>
#include <string>
#include <vector>

using namespace aio::async;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(sleep_)

BOOST_AUTO_TEST_CASE(virtual_time_jumps_to_the_deadline) {
    virtual_clock time;
    loop at("test", 0, time);
    const auto start = time.now();
    const auto wall = time.wall();
    test::run(at, []() -> aio::task<void> {
        co_await aio::sleep(1h);
        co_await aio::sleep(0s);
    });
    BOOST_TEST((time.now() - start == 1h));
    BOOST_TEST((time.wall() - wall == 1h));
}

BOOST_AUTO_TEST_CASE(real_time_passes) {
    loop at;
    const auto start = std::chrono::steady_clock::now();
    test::run(at, []() -> aio::task<void> { co_await aio::sleep(20ms); });
    BOOST_TEST((std::chrono::steady_clock::now() - start >= 20ms));
}

BOOST_AUTO_TEST_CASE(sleepers_wake_in_order_of_deadline_then_of_start) {
    virtual_clock time;
    loop at("test", 0, time);
    std::vector<std::string> woken;
    task_group group(at);
    const auto one = [&](std::string name, duration how_long) -> aio::task<void> {
        co_await aio::sleep(how_long);
        woken.push_back(name);
    };
    test::run(at, [&]() -> aio::task<void> {
        group.spawn("a", one("a", 3s));
        group.spawn("b", one("b", 1s));
        group.spawn("c", one("c", 2s));
        group.spawn("d", one("d", 1s));
        co_await group.join();
    });
    BOOST_TEST(
        woken == (std::vector<std::string>{"b", "d", "c", "a"}), boost::test_tools::per_element()
    );
}

BOOST_AUTO_TEST_CASE(cancellation_ends_it) {
    virtual_clock time;
    loop at("test", 0, time);
    const auto start = time.now();
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        group.spawn("sleeper", aio::sleep(1h));
        BOOST_TEST(at.timers() == 1u);
        group.cancel();
        BOOST_TEST(group.size() == 1u);
        BOOST_TEST(co_await group.join());
        BOOST_TEST(at.timers() == 0u);
    });
    BOOST_TEST((time.now() == start));
}

BOOST_AUTO_TEST_CASE(ten_thousand_due_together_fire_in_one_turn) {
    virtual_clock time;
    loop at("test", 0, time);
    int woken = 0;
    task_group group(at);
    const auto one = [&]() -> aio::task<void> {
        co_await aio::sleep(1s);
        ++woken;
        if (woken == 1) {
            at.post([&] { BOOST_TEST(woken == 10000); });
        }
    };
    test::run(at, [&]() -> aio::task<void> {
        for (int i = 0; i < 10000; ++i)
            group.spawn("one", one());
        co_await group.join();
    });
    BOOST_TEST(woken == 10000);
}

BOOST_AUTO_TEST_CASE(a_year_of_hours_is_quick_and_the_same_each_time) {
    const auto year = [] {
        virtual_clock time;
        loop at("test", 0, time);
        std::vector<long> fired;
        test::run(at, [&]() -> aio::task<void> {
            const auto start = time.now();
            for (int hour = 1; hour <= 365 * 24; ++hour) {
                co_await sleep_until(start + std::chrono::hours(hour));
                fired.push_back((time.now() - start).count());
            }
        });
        return fired;
    };
    const std::clock_t start = std::clock(); // of the processor: others may be busy too
    const auto first = year();
    BOOST_TEST(std::clock() - start < CLOCKS_PER_SEC);
    BOOST_TEST(first.size() == 8760u);
    BOOST_TEST((first == year()));
}

BOOST_AUTO_TEST_CASE(by_hand_time_goes_as_far_as_it_is_let) {
    virtual_clock time(virtual_clock::moves::by_hand);
    loop at("test", 0, time);
    int hours = 0;
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        group.spawn("clock", [](int& count) -> aio::task<void> {
            for (;;) {
                co_await aio::sleep(1h);
                ++count;
            }
        }(hours));
        const auto start = time.now();
        co_await time.settle();
        BOOST_TEST((time.now() == start));
        time.advance(150min);
        co_await time.settle();
        BOOST_TEST((time.now() - start == 150min));
        BOOST_TEST(hours == 2);
        time.advance(30min);
        co_await time.settle();
        BOOST_TEST(hours == 3);
        group.cancel();
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(a_date_is_reached_or_the_clock_is_set) {
    virtual_clock time(virtual_clock::moves::by_hand);
    loop at("test", 0, time);
    std::vector<bool> results;
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        const auto until = time.wall() + 1h;
        const auto wait = [&](wall_point when) -> aio::task<void> {
            const bool due = co_await sleep_until_wall(when);
            results.push_back(due);
        };
        group.spawn("one", wait(until));
        time.advance(59min);
        co_await time.settle();
        BOOST_TEST(results.empty());
        time.advance(1min);
        co_await time.settle();
        BOOST_TEST(results.size() == 1u);
        BOOST_TEST(results.back());
        group.spawn("two", wait(time.wall() + 1h));
        time.set_wall(time.wall() + 24h);
        co_await group.join();
        BOOST_TEST(results.size() == 2u);
        BOOST_TEST(!results.back());
        BOOST_TEST(at.timers() == 0u);
    });
}

BOOST_AUTO_TEST_CASE(an_operation_of_asio_shows_as_foreign) {
    loop at;
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at, "server/x");
        group.spawn("asio", []() -> aio::task<void> {
            boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 1h);
            co_await timer.async_wait(boost::asio::use_awaitable);
        }());
        group.spawn("ours", aio::sleep(1h));
        const auto all = group.unfinished();
        BOOST_REQUIRE(all.size() == 2u);
        BOOST_TEST(all[0].text() == "server/x: asio awaits a foreign operation for 0.0 s");
        BOOST_TEST(all[1].text() == "server/x: ours awaits sleep for 0.0 s");
        group.cancel();
        BOOST_TEST(co_await group.join());
        BOOST_TEST(at.snapshot().size() == 1u);
    });
}

BOOST_AUTO_TEST_CASE(what_still_sleeps_goes_with_the_loop) {
    auto alive = std::make_shared<int>(0);
    {
        virtual_clock time;
        loop at("test", 0, time);
        task_group group(at);
        group.spawn("sleeper", [](std::shared_ptr<int> kept) -> aio::task<void> {
            for (;;)
                co_await aio::sleep(1h);
            (void)kept;
        }(alive));
        BOOST_TEST(alive.use_count() == 2);
    }
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
