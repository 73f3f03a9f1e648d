#include "counted.hpp"
#include "run.hpp"

#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace aio::async;
using namespace std::chrono_literals;
using test::counted;

namespace {

struct failing final : timer {
    void fire() override { throw std::runtime_error("a timer failed"); }
};

} // namespace

BOOST_AUTO_TEST_SUITE(loop_)

BOOST_AUTO_TEST_CASE(an_exception_out_of_a_turn_loses_no_timer) {
    loop at;
    std::vector<int> fired;
    failing bad;
    counted due(fired, 1), later(fired, 2);
    const time_point now = at.now();
    at.add_timer(bad, now);
    at.add_timer(due, now);
    BOOST_CHECK_THROW(at.run(), std::runtime_error);
    at.post([&] {
        at.add_timer(later, now + 5ms);
        throw std::runtime_error("a post failed");
    });
    BOOST_CHECK_THROW(at.run(), std::runtime_error);
    const auto end = std::chrono::steady_clock::now() + 1min;
    while (fired.size() < 2 && std::chrono::steady_clock::now() < end)
        at.poll();
    BOOST_TEST(fired == (std::vector<int>{1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(posts_from_other_threads_come_in_order_on_the_loops_thread) {
    loop at("main", 3);
    BOOST_TEST(at.name() == "main");
    BOOST_TEST(at.index() == 3u);
    std::vector<int> last(4, -1);
    std::atomic<int> left{4};
    std::vector<std::thread> threads;
    for (int number = 0; number < 4; ++number)
        threads.emplace_back([&, number] {
            for (int i = 0; i < 1000; ++i)
                at.post([&, number, i] {
                    BOOST_TEST(at.running_here());
                    BOOST_TEST(last[number] == i - 1);
                    last[number] = i;
                    if (i == 999 && --left == 0)
                        at.stop();
                });
        });
    at.run();
    for (auto& one : threads)
        one.join();
    BOOST_TEST(last == std::vector<int>(4, 999), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(dispatch_runs_at_once_on_the_loop_and_post_does_not) {
    loop at;
    std::vector<std::string> order;
    at.post([&] {
        boost::asio::dispatch(at.executor(), [&] { order.push_back("dispatched"); });
        boost::asio::post(at.executor(), [&] {
            order.push_back("posted");
            at.stop();
        });
        order.push_back("first");
    });
    at.run();
    BOOST_TEST(
        order == (std::vector<std::string>{"dispatched", "first", "posted"}),
        boost::test_tools::per_element()
    );
}

BOOST_AUTO_TEST_CASE(it_can_be_stopped_before_it_runs_and_run_again) {
    loop at;
    int ran = 0;
    at.stop();
    at.post([&] { ++ran; });
    at.run();
    BOOST_TEST(ran == 0);
    at.post([&] { at.stop(); });
    at.run();
    BOOST_TEST(ran == 1);
}

BOOST_AUTO_TEST_CASE(an_error_of_a_posted_function_comes_out_of_run_and_nothing_is_lost) {
    loop at;
    int ran = 0;
    at.post([] { throw std::runtime_error("posted"); });
    at.post([&] {
        ++ran;
        at.stop();
    });
    BOOST_CHECK_THROW(at.run(), std::runtime_error);
    at.run();
    BOOST_TEST(ran == 1);
}

BOOST_AUTO_TEST_CASE(timers_go_on_after_an_error_that_ended_a_turn) {
    struct failing final : timer {
        void fire() override { throw std::runtime_error("no"); }
    };

    struct stopping final : timer {
        explicit stopping(loop& loop) : of(loop) {}

        void fire() override { of.stop(); }

        loop& of;
    };

    loop at;
    failing first;
    stopping second(at);
    at.add_timer(first, at.now());
    at.add_timer(second, at.now() + 1ms);
    BOOST_CHECK_THROW(at.run(), std::runtime_error);
    std::promise<void> over;
    std::thread helper([&, ended = over.get_future()] {
        if (ended.wait_for(10s) != std::future_status::ready)
            at.stop(); // which makes no turn
    });
    at.run();
    over.set_value();
    helper.join();
    BOOST_TEST(!second.armed());
    at.remove_timer(second);
}

BOOST_AUTO_TEST_CASE(a_closed_loop_has_dropped_its_coroutines_and_drops_what_comes) {
    auto kept = std::make_shared<int>();
    loop at;
    task_group group(at);
    group.spawn("ours", [](std::shared_ptr<int> mine) -> aio::task<void> {
        co_await aio::sleep(1h);
        (void)mine;
    }(kept));
    group.spawn("asio's", [](std::shared_ptr<int> mine) -> aio::task<void> {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 1h);
        co_await timer.async_wait(boost::asio::use_awaitable);
        (void)mine;
    }(kept));
    at.post([kept] {});
    BOOST_TEST(kept.use_count() == 4);
    at.close();
    BOOST_TEST(kept.use_count() == 1);
    BOOST_TEST(group.empty());
    group.cancel();
    std::thread([&] { at.post([kept] {}); }).join();
    at.post([kept] {});
    at.close();
}

BOOST_AUTO_TEST_CASE(what_was_posted_and_never_ran_is_dropped) {
    auto kept = std::make_shared<int>();
    {
        loop at;
        at.post([kept] {});
        std::thread([&] { at.post([kept] {}); }).join();
        BOOST_TEST(kept.use_count() == 3);
    }
    BOOST_TEST(kept.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(the_watchdog_sees_a_loop_that_does_not_turn) {
    loop at;
    BOOST_TEST(!at.ask().has_value());
    const auto asked = at.ask();
    BOOST_REQUIRE(asked.has_value());
    BOOST_TEST((*asked <= std::chrono::steady_clock::now()));
    BOOST_TEST(at.answers() == 0u);
    at.poll();
    BOOST_TEST(at.answers() == 1u);
    BOOST_TEST(!at.ask().has_value());
}

BOOST_AUTO_TEST_CASE(turns_are_counted_and_the_bell_rings_once_after_it_was_armed) {
    loop at;
    int rung = 0;
    std::uint64_t inside = 0;
    at.turns().bell([&] { ++rung; });
    const std::uint64_t before = at.turns().count();
    const auto turn = [&] {
        at.post([&] { inside = at.turns().count(); });
        at.poll();
    };
    turn();
    BOOST_TEST(before % 2 == 0u);
    BOOST_TEST(inside % 2 == 1u);
    BOOST_TEST(at.turns().count() % 2 == 0u);
    BOOST_TEST(at.turns().count() > before);
    BOOST_TEST(rung == 0);
    at.turns().arm();
    turn();
    turn();
    BOOST_TEST(rung == 1);
    at.turns().arm();
    at.turns().bell({});
    turn();
    BOOST_TEST(rung == 1);
}

BOOST_AUTO_TEST_CASE(an_idle_loop_does_not_turn) {
    loop at;
    at.poll();
    const std::uint64_t before = at.turns().count();
    for (int i = 0; i < 3; ++i)
        at.poll();
    BOOST_TEST(at.turns().count() == before);
}

BOOST_AUTO_TEST_CASE(poll_one_does_one_thing_though_more_comes_for_ever) {
    loop at;
    int ran = 0;

    struct again {
        loop& at;
        int& ran;

        void operator()() const {
            ++ran;
            boost::asio::post(static_cast<boost::asio::io_context&>(at.context()), again(*this));
        }
    };

    boost::asio::post(static_cast<boost::asio::io_context&>(at.context()), again{at, ran});
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(at.poll_one());
    BOOST_TEST(ran == 3);
}

BOOST_AUTO_TEST_CASE(the_task_that_runs_is_known_and_so_is_the_loop) {
    loop at;
    BOOST_TEST(loop::here() == nullptr);
    BOOST_TEST(at.running_task() == nullptr);
    std::vector<std::string> seen;
    const auto see = [&](const char* where) {
        BOOST_TEST(loop::here() == &at);
        const task_node* const task = at.running_task();
        seen.push_back(std::string(where) + ": " + (task ? task->name : "nothing"));
    };
    {
        task_group group(at, "service/x");
        const auto inner = [&]() -> aio::task<void> {
            see("inner");
            co_await sleep(1ms);
            see("inner after a sleep");
        };
        const auto outer = [&]() -> aio::task<void> {
            see("outer");
            group.spawn("b", inner());
            see("outer again");
            co_await boost::asio::post(boost::asio::use_awaitable);
            see("outer after a post");
            boost::asio::steady_timer foreign(co_await boost::asio::this_coro::executor, 5ms);
            co_await foreign.async_wait(boost::asio::use_awaitable);
            see("outer after a foreign timer");
            at.stop();
        };
        at.post([&] {
            see("a function");
            group.spawn("a", outer());
            see("a function again");
        });
        at.run();
    }
    const std::vector<std::string> expected{
        "a function: nothing",
        "outer: a",
        "inner: b",
        "outer again: a",
        "a function again: nothing",
        "outer after a post: a",
        "inner after a sleep: b",
        "outer after a foreign timer: a"
    };
    BOOST_TEST(seen == expected, boost::test_tools::per_element());
    BOOST_TEST(loop::here() == nullptr);
}

BOOST_AUTO_TEST_CASE(timers_fire_in_order_whatever_was_added_and_removed) {
    std::mt19937 random(42);
    timer_queue queue;
    std::vector<int> fired;
    std::vector<std::unique_ptr<counted>> all;
    std::vector<long> deadline(1000);
    for (int i = 0; i < 1000; ++i) {
        all.push_back(std::make_unique<counted>(fired, i));
        deadline[i] = static_cast<long>(random() % 100);
        queue.add(*all[i], time_point(duration(deadline[i])));
    }
    for (int i = 0; i < 1000; i += 3)
        queue.remove(*all[i]);
    for (int i = 1; i < 1000; i += 3) {
        deadline[i] = static_cast<long>(random() % 100);
        queue.add(*all[i], time_point(duration(deadline[i])));
    }
    BOOST_TEST(queue.fire(time_point(duration(49))) == fired.size());
    for (int number : fired)
        BOOST_TEST(deadline[number] <= 49);
    queue.fire(time_point(duration(100)));
    BOOST_TEST(fired.size() == 666u);
    BOOST_TEST(queue.empty());
    BOOST_TEST((queue.next() == never));
    for (std::size_t i = 1; i < fired.size(); ++i)
        BOOST_TEST(deadline[fired[i - 1]] <= deadline[fired[i]]);
}

BOOST_AUTO_TEST_CASE(two_loops_of_one_clock_wait_for_each_other) {
    for (int round = 0; round < 20; ++round) {
        virtual_clock time;
        loop at("one", 0, time);
        loop there("two", 1, time);
        std::vector<long> order;
        const auto start = time.now();
        task_group others(there);
        there.post([&] {
            others.spawn(
                "ticks",
                [](loop& to, loop& of, std::vector<long>& into, time_point from
                ) -> aio::task<void> {
                    for (int i = 0; i < 50; ++i) {
                        co_await aio::sleep(2s);
                        to.post([&into, &of, from] {
                            into.push_back((of.time().now() - from) / 1s);
                        });
                    }
                }(at, there, order, start)
            );
        });
        at.post([] {}); // time waits for it from here on
        std::thread thread([&] { there.run(); });
        test::run(at, [&]() -> aio::task<void> {
            co_await aio::sleep(1s);
            for (int i = 0; i < 50; ++i) {
                order.push_back((time.now() - start) / 1s);
                co_await aio::sleep(2s);
            }
            co_await aio::sleep(10s);
        });
        there.stop();
        thread.join();
        BOOST_REQUIRE(order.size() == 100u);
        for (long i = 0; i < 100; ++i)
            BOOST_REQUIRE_EQUAL(order[i], i + 1);
    }
}

// Whoever begins a limit after a long piece of work would find it over.
BOOST_AUTO_TEST_CASE(its_time_goes_on_inside_a_turn) {
    loop at("main");
    at.post([&] {
        const time_point before = at.now();
        while (std::chrono::steady_clock::now() < before + 100ms) {
        }
        BOOST_TEST((at.now() > before + 50ms));
    });
    BOOST_TEST(at.poll() > 0u);
}

BOOST_AUTO_TEST_CASE(the_recent_time_is_a_little_behind_at_most) {
    const real_clock clock;
    for (int i = 0; i < 1000; ++i) {
        const time_point before = clock.now(), recent = clock.recent();
        BOOST_TEST((recent <= clock.now()));
        BOOST_TEST((recent > before - 1s));
    }
}

BOOST_AUTO_TEST_SUITE_END()
