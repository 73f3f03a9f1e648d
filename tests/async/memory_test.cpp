// What goes on without memory.

#include "../support/scripted_memory.hpp"

#ifndef AIO_TEST_THREAD_SANITIZER

#include "counted.hpp"
#include "run.hpp"

#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/standing_call.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/timer_queue.hpp>
#include <aio/async/worker_pool.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <new>
#include <vector>

using namespace aio::async;
using namespace std::chrono_literals;
using test::counted;

BOOST_AUTO_TEST_SUITE(memory)

BOOST_AUTO_TEST_CASE(without_memory_a_timer_is_not_added_and_the_others_stay) {
    std::vector<int> fired;
    for (std::size_t count = 0; count < 2; ++count) {
        timer_queue queue;
        std::vector<std::unique_ptr<counted>> all;
        for (int i = 0; i < 64; ++i) { // a power of two: the next one needs memory
            all.push_back(std::make_unique<counted>(fired, i));
            queue.add(*all.back(), time_point(duration(i)));
        }
        counted last(fired, 64);
        {
            const test::one_failed_allocation lack(count);
            BOOST_CHECK_THROW(queue.add(last, time_point(duration(0))), std::bad_alloc);
        }
        BOOST_TEST(!last.armed());
        queue.remove(last);
        BOOST_TEST(queue.fire(time_point(duration(100))) == 64u);
        queue.add(last, time_point(duration(0)));
        BOOST_TEST(queue.fire(time_point(duration(100))) == 1u);
    }
    BOOST_TEST(fired.size() == 130u);
}

BOOST_AUTO_TEST_CASE(a_timer_with_room_needs_no_memory) {
    std::vector<int> fired;
    timer_queue queue;
    std::vector<std::unique_ptr<counted>> kept, others;
    for (int i = 0; i < 100; ++i) {
        kept.push_back(std::make_unique<counted>(fired, i));
        queue.keep_room(*kept.back());
        queue.keep_room(*kept.back());
    }
    for (int i = 0; i < 100; ++i) { // they do not take the rooms
        others.push_back(std::make_unique<counted>(fired, 100 + i));
        queue.add(*others.back(), time_point(duration(1)));
    }
    for (int round = 0; round < 3; ++round) {
        const test::one_failed_allocation lack(0);
        for (const auto& each : kept)
            queue.add(*each, time_point(duration(0)));
        for (const auto& each : kept)
            queue.add(*each, time_point(duration(1)));
        BOOST_TEST(!test::one_failed_allocation::has_failed());
        queue.fire(time_point(duration(0)));
    }
    BOOST_TEST(queue.size() == 200u);
    for (const auto& each : kept)
        queue.release(*each);
    BOOST_TEST(queue.fire(time_point(duration(1))) == 100u);
}

BOOST_AUTO_TEST_CASE(a_loop_is_woken_asked_and_timed_without_memory) {
    loop home("main", 0);
    std::vector<int> fired;
    fired.reserve(10);
    counted soon(fired, 1), late(fired, 2);
    home.keep_room(soon);
    home.keep_room(late);
    home.add_timer(late, home.now() + 2h); // a first wait makes the queue of Asio
    home.poll();

    struct caller {
        void make() { ++calls; }

        int calls = 0;
        standing_call<caller, &caller::make> call{*this};
    } caller;

    for (int round = 0; round < 3; ++round) {
        const test::one_failed_allocation lack(0);
        BOOST_TEST(!home.ask());
        caller.call.request(home);
        caller.call.request(home);
        home.add_timer(late, home.now() + 1h);
        home.poll();
        home.add_timer(soon, home.now());
        home.poll();
        home.add_timer(soon, home.now() + 1min);
        home.poll();
        home.remove_timer(soon);
        home.remove_timer(late);
        BOOST_TEST(!test::one_failed_allocation::has_failed());
        BOOST_TEST(!home.owes_answer());
        BOOST_TEST(caller.calls == round + 1);
    }
    home.release_timer(soon);
    home.release_timer(late);
}

BOOST_AUTO_TEST_CASE(a_group_that_goes_cancels_its_tasks_without_memory) {
    virtual_clock time;
    loop at("test", 0, time);
    test::run(at, [&]() -> aio::task<void> {
        auto kept = std::make_shared<int>();
        auto group = std::make_unique<task_group>(at);
        for (int i = 0; i < 10; ++i)
            group->spawn("x", [](std::shared_ptr<int> held) -> aio::task<void> {
                co_await aio::sleep(1h);
                (void)held;
            }(kept));
        {
            const test::one_failed_allocation lack(0);
            group.reset();
            BOOST_TEST(!test::one_failed_allocation::has_failed());
        }
        co_await aio::sleep(0s);
        BOOST_TEST(kept.use_count() == 1);
    });
}

BOOST_AUTO_TEST_CASE(a_worker_thread_without_memory_answers_its_caller) {
    loop at("test", 0);
    worker_pool pool(1);
    test::run(at, [&]() -> aio::task<void> {
        co_await pool.run([] { test::allocations_left = 0; });
        const bool failed = co_await pool.run([] {
            return std::exchange(test::allocations_left, test::no_failure) == test::no_failure;
        });
        BOOST_TEST(!failed);
    });
}

BOOST_AUTO_TEST_SUITE_END()

#endif
