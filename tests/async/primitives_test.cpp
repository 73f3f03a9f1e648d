#include "../support/cpu_time.hpp"
#include "run.hpp"

#include <aio/async/event.hpp>
#include <aio/async/hop.hpp>
#include <aio/async/queue.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/suspend.hpp>
#include <aio/async/timeout.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

using namespace aio::async;
using namespace std::chrono_literals;

namespace {

struct fixture {
    virtual_clock time;
    loop at{"test", 0, time};
    std::vector<std::string> heard;
};

aio::task<void> produce(queue<int>& products, int count) {
    for (int i = 0; i < count; ++i)
        co_await products.push(i);
    products.close();
}

aio::task<int> slow_number(int number) {
    co_await aio::sleep(2s);
    co_return number;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(primitives, fixture)

BOOST_AUTO_TEST_CASE(an_event_wakes_all_who_wait) {
    test::run(at, [&]() -> aio::task<void> {
        event done;
        task_group group(at);
        const auto wait = [&](std::string name) -> aio::task<void> {
            co_await done.wait();
            heard.push_back(name);
        };
        group.spawn("a", wait("a"));
        group.spawn("b", wait("b"));
        group.spawn("cancelled", done.wait());
        BOOST_TEST(group.unfinished().at(0).awaits == "event");
        done.set();
        BOOST_TEST(heard.empty());
        co_await group.join();
        BOOST_TEST(heard.size() == 2u);
        co_await done.wait();
        done.reset();
        group.spawn("c", done.wait());
        BOOST_TEST(group.size() == 1u);
        group.cancel();
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(a_set_and_a_cancel_in_one_turn_is_a_set) {
    test::run(at, [&]() -> aio::task<void> {
        event done;
        task_group group(at);
        group.spawn("a", [](event& on, std::vector<std::string>& to) -> aio::task<void> {
            co_await on.wait();
            to.push_back("heard");
        }(done, heard));
        done.set();
        group.cancel();
        co_await group.join();
    });
    BOOST_TEST(heard.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_queue_is_bounded_and_drained_when_closed) {
    test::run(at, [&]() -> aio::task<void> {
        queue<int> items(2);
        task_group group(at);
        group.spawn("producer", produce(items, 5));
        BOOST_TEST(items.size() == 2u);
        BOOST_TEST(group.unfinished().at(0).awaits == "queue.push");
        int next = 0;
        while (const auto one = co_await items.pop())
            BOOST_TEST(*one == next++);
        BOOST_TEST(next == 5);
        BOOST_TEST(!co_await items.push(1));
        BOOST_TEST(!(co_await items.pop()).has_value());
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(many_consumers_share_a_queue) {
    test::run(at, [&]() -> aio::task<void> {
        queue<int> items(3);
        task_group group(at);
        int sum = 0;
        const auto consume = [&]() -> aio::task<void> {
            while (const auto one = co_await items.pop()) {
                co_await aio::sleep(1ms);
                sum += *one;
            }
        };
        for (int i = 0; i < 10; ++i)
            group.spawn("consumer", consume());
        group.spawn("producer", produce(items, 101));
        co_await group.join();
        BOOST_TEST(sum == 5050);
    });
}

BOOST_AUTO_TEST_CASE(who_waits_for_a_queue_goes_on_in_order_behind_one_that_comes_when_there_is_room
) {
    test::run(at, [&]() -> aio::task<void> {
        queue<std::string> items(1);
        task_group group(at);
        const auto push = [&](std::string what) -> aio::task<void> {
            BOOST_TEST(co_await items.push(std::move(what)));
        };
        for (const char* one : {"first", "a", "b", "c"})
            group.spawn("push", push(one));
        BOOST_TEST(*items.try_pop() == "first");
        group.spawn("push", push("at once"));
        std::string order;
        while (!group.empty() || !items.empty())
            order += *co_await items.pop() + " ";
        BOOST_TEST(order == "at once a b c ");

        const auto pop = [&](std::string who) -> aio::task<void> {
            order += who + " " + *co_await items.pop() + ", ";
        };
        order.clear();
        for (const char* one : {"x", "y", "z"})
            group.spawn("pop", pop(one));
        for (const char* one : {"1", "2", "3"})
            BOOST_TEST(co_await items.push(one));
        co_await group.join();
        BOOST_TEST(order == "x 1, y 2, z 3, ");
    });
}

BOOST_AUTO_TEST_CASE(what_is_cancelled_at_a_queue_leaves_nothing_and_takes_nothing) {
    test::run(at, [&]() -> aio::task<void> {
        queue<std::shared_ptr<int>> items(1);
        task_group pops(at), pushes(at);
        const auto pop = [&](int& got) -> aio::task<void> { got = **co_await items.pop(); };
        int cancelled = 0, got = 0;
        {
            task_group away(at);
            away.spawn("pop", pop(cancelled));
            pops.spawn("pop", pop(got));
            away.cancel();
            co_await away.join();
        }
        BOOST_TEST(items.try_push(std::make_shared<int>(1)));
        co_await pops.join();
        BOOST_TEST(cancelled == 0);
        BOOST_TEST(got == 1);

        const auto push = [&](std::shared_ptr<int> one) -> aio::task<void> {
            BOOST_TEST(co_await items.push(std::move(one)));
        };
        auto gone = std::make_shared<int>(3);
        const std::weak_ptr<int> watched = gone;
        BOOST_TEST(items.try_push(std::make_shared<int>(2)));
        {
            task_group away(at);
            away.spawn("push", push(std::move(gone)));
            pushes.spawn("push", push(std::make_shared<int>(4)));
            away.cancel();
            co_await away.join();
        }
        BOOST_TEST(watched.expired());
        BOOST_TEST(items.size() == 1u);
        BOOST_TEST(**items.try_pop() == 2);
        co_await pushes.join();
        BOOST_TEST(**items.try_pop() == 4);
    });
}

BOOST_AUTO_TEST_CASE(what_was_woken_at_a_queue_is_not_stopped_by_a_cancellation) {
    test::run(at, [&]() -> aio::task<void> {
        queue<int> items(1);
        task_group group(at);
        int got = 0;
        const auto pop = [&]() -> aio::task<void> { got = *co_await items.pop(); };
        group.spawn("pop", pop());
        BOOST_TEST(items.try_push(5));
        group.cancel();
        co_await group.join();
        BOOST_TEST(got == 5);
        BOOST_TEST(items.empty());
    });
}

BOOST_AUTO_TEST_CASE(
    a_coroutine_that_was_woken_at_a_queue_and_is_cancelled_leaves_its_place_to_the_next
) {
    test::run(at, [&]() -> aio::task<void> {
        queue<int> items(1);
        task_group away(at), group(at);
        std::vector<int> got;
        const auto pop = [&]() -> aio::task<void> { got.push_back(*co_await items.pop()); };
        away.spawn("pop", pop());
        group.spawn("pop", pop());
        BOOST_TEST(items.try_push(1)); // wakes the first
        BOOST_TEST(*items.try_pop() == 1);
        away.cancel();
        co_await away.join();
        BOOST_TEST(items.try_push(2));
        co_await group.join();
        BOOST_TEST(got == std::vector<int>{2}, boost::test_tools::per_element());

        const auto push = [&](int number) -> aio::task<void> {
            BOOST_TEST(co_await items.push(number));
        };
        BOOST_TEST(items.try_push(3));
        away.spawn("push", push(4));
        group.spawn("push", push(5));
        BOOST_TEST(*items.try_pop() == 3); // wakes the first
        BOOST_TEST(items.try_push(6));
        away.cancel();
        co_await away.join();
        BOOST_TEST(*items.try_pop() == 6);
        co_await group.join();
        BOOST_TEST(*items.try_pop() == 5);
    });
}

BOOST_AUTO_TEST_CASE(a_coroutine_that_finds_nothing_at_a_queue_keeps_its_place) {
    test::run(at, [&]() -> aio::task<void> {
        queue<int> items(1);
        task_group group(at);
        std::string order;
        const auto pop = [&](std::string name) -> aio::task<void> {
            order += name + std::to_string(*co_await items.pop());
        };
        for (const char* name : {"a", "b", "c"})
            group.spawn("pop", pop(name));
        BOOST_TEST(items.try_push(0));
        BOOST_TEST(*items.try_pop() == 0);
        co_await aio::sleep(0s);
        for (int number : {1, 2, 3})
            BOOST_TEST(co_await items.push(number));
        co_await group.join();
        BOOST_TEST(order == "a1b2c3");
    });
}

// Whatever comes, waits and is cancelled in whatever order: nobody waits for what is there.
BOOST_AUTO_TEST_CASE(no_wake_up_at_a_queue_is_lost) {
    for (unsigned seed = 0; seed < 200; ++seed)
        test::run(at, [&]() -> aio::task<void> {
            std::minstd_rand dice(seed);
            queue<int> items(2);
            std::vector<std::unique_ptr<task_group>> pops, pushes;
            std::size_t waiting_pops = 0, waiting_pushes = 0;
            const auto pop = [&]() -> aio::task<void> { co_await items.pop(); };
            const auto push = [&]() -> aio::task<void> { co_await items.push(1); };
            const auto cancel_one = [&](auto& all) {
                if (!all.empty())
                    all[dice() % all.size()]->cancel();
            };
            for (int step = 0; step < 60; ++step) {
                switch (dice() % 8) {
                case 0:
                case 1:
                    pops.push_back(std::make_unique<task_group>(at));
                    pops.back()->spawn("pop", pop());
                    break;
                case 2:
                case 3:
                    pushes.push_back(std::make_unique<task_group>(at));
                    pushes.back()->spawn("push", push());
                    break;
                case 4:
                    items.try_pop();
                    break;
                case 5:
                    items.try_push(1);
                    break;
                case 6:
                    cancel_one(dice() % 2 == 0 ? pops : pushes);
                    break;
                default:
                    co_await aio::sleep(0s);
                    co_await aio::sleep(0s);
                    const auto gone = [](const auto& group) { return group->empty(); };
                    std::erase_if(pops, gone);
                    std::erase_if(pushes, gone);
                    waiting_pops = pops.size();
                    waiting_pushes = pushes.size();
                    BOOST_REQUIRE((waiting_pops == 0 || items.empty()));
                    BOOST_REQUIRE((waiting_pushes == 0 || items.size() == 2));
                }
            }
            items.close();
            for (auto& group : pops)
                co_await group->join();
            for (auto& group : pushes)
                co_await group->join();
        });
}

BOOST_AUTO_TEST_CASE(an_item_wakes_one_coroutine_however_many_wait) {
    const auto cost = [&](int waiting) {
        std::chrono::nanoseconds spent{};
        test::run(at, [&]() -> aio::task<void> {
            queue<int> items(1);
            task_group group(at);
            const auto pop = [&]() -> aio::task<void> { co_await items.pop(); };
            const auto push = [&]() -> aio::task<void> { co_await items.push(1); };
            const auto before = test::cpu_time();
            for (int i = 0; i < waiting; ++i)
                group.spawn("pop", pop());
            while (!group.empty())
                co_await items.push(1);
            for (int i = 0; i < waiting; ++i)
                group.spawn("push", push());
            while (!group.empty())
                co_await items.pop();
            spent = test::cpu_time() - before;
        });
        return spent;
    };
    cost(250);
    const auto few = cost(250);
    const auto many = cost(2000); // eight times as many, or sixty-four
    BOOST_TEST_MESSAGE("250: " << few.count() << " ns, 2000: " << many.count() << " ns");
    BOOST_TEST(many.count() < 24 * few.count());
}

BOOST_AUTO_TEST_CASE(a_timeout_cancels_and_says_so) {
    const auto start = time.now();
    test::run(at, [&]() -> aio::task<void> {
        BOOST_TEST(co_await aio::with_timeout(3s, slow_number(1)) == 1);
        BOOST_TEST((time.now() - start == 2s));
        BOOST_CHECK_THROW(co_await aio::with_timeout(1s, slow_number(2)), aio::timeout_error);
        BOOST_TEST((time.now() - start == 3s));
        co_await aio::with_timeout(1s, aio::sleep(0s));
        BOOST_TEST(at.timers() == 0u);
    });
}

BOOST_AUTO_TEST_CASE(a_timeout_of_several_at_once_is_one) {
    using namespace boost::asio::experimental::awaitable_operators;
    test::run(at, [&]() -> aio::task<void> {
        BOOST_CHECK_THROW(
            co_await aio::with_timeout(1s, aio::sleep(1h) && aio::sleep(2h)), aio::timeout_error
        );
    });
}

BOOST_AUTO_TEST_CASE(cancelling_who_waits_with_a_timeout_is_no_timeout) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at, "x", [&](std::string_view, std::exception_ptr) {
            heard.push_back("an error");
        });
        group.spawn("waits", aio::with_timeout(1h, aio::sleep(2h)));
        BOOST_TEST(group.unfinished().at(0).awaits == "timeout");
        BOOST_TEST(at.snapshot().size() == 2u);
        group.cancel();
        co_await group.join();
        BOOST_TEST(heard.empty());
        BOOST_TEST(at.timers() == 0u);
    });
}

BOOST_AUTO_TEST_CASE(a_call_on_another_loop_comes_back) {
    loop there("there", 1, time);
    std::thread thread([&] { there.run(); });
    const auto here_id = std::this_thread::get_id();
    test::run(at, [&]() -> aio::task<void> {
        const auto where = co_await on(there, [] { return std::this_thread::get_id(); });
        BOOST_TEST((where == thread.get_id()));
        BOOST_TEST((std::this_thread::get_id() == here_id));
        BOOST_TEST(co_await on(there, [] { return slow_number(7); }) == 7);
        BOOST_TEST((std::this_thread::get_id() == here_id));
        BOOST_CHECK_THROW(
            co_await on(there, [] { throw std::runtime_error("over there"); }), std::runtime_error
        );
        BOOST_TEST(co_await on(at, [] { return 8; }) == 8);
        task_group group(at);
        group.spawn("asks", on(there, [] { return aio::sleep(1h); }));
        const auto start = time.now();
        group.cancel();
        co_await group.join();
        BOOST_TEST((time.now() == start));
    });
    there.stop();
    thread.join();
}

BOOST_AUTO_TEST_CASE(a_call_on_a_loop_that_ends_fails) {
    auto there = std::make_unique<loop>("there", 1, time);
    test::run(at, [&]() -> aio::task<void> {
        at.post([&] { there.reset(); });
        BOOST_CHECK_THROW(co_await on(*there, [] { return 1; }), std::runtime_error);
    });
}

BOOST_AUTO_TEST_CASE(awaiting_ours_outside_of_a_loop_is_an_error) {
    virtual_clock other_time;
    BOOST_TEST(loop::of(boost::asio::any_io_executor()) == nullptr);
    BOOST_TEST(task_node::of(at.executor()) == nullptr);
    BOOST_TEST(loop::of(at.executor()) == &at);
}

BOOST_AUTO_TEST_CASE(a_call_under_way_goes_with_either_of_its_loops) {
    for (const bool there_first : {true, false}) {
        auto here = std::make_unique<loop>("here");
        auto there = std::make_unique<loop>("there", 1);
        bool begun = false;
        {
            task_group group(*here);
            group.spawn("asks", on(*there, [&begun] {
                            begun = true;
                            return aio::sleep(1h);
                        }));
            there->poll();
        }
        BOOST_TEST(begun);
        (there_first ? there : here).reset();
        (there_first ? here : there).reset();
    }
}

BOOST_AUTO_TEST_CASE(a_wait_that_cannot_begin_fails_where_the_coroutine_waits) {
    struct refused final : waiter {
        void begin() override {
            if (refuse)
                throw std::runtime_error("no room");
            wake();
        }

        bool refuse = true;
    };

    for (const bool suspended_before : {false, true})
        test::run(at, [&]() -> aio::task<void> {
            task_group group(at);
            group.spawn(
                "waits",
                [](bool sleeps, std::vector<std::string>& told) -> aio::task<void> {
                    if (sleeps)
                        co_await aio::sleep(1s);
                    refused place;
                    co_await place.suspend("a place");
                    try {
                        place.throw_if_cancelled();
                    } catch (const std::runtime_error& error) {
                        told.emplace_back(error.what());
                    }
                    place.refuse = false;
                    co_await place.suspend("a place");
                    place.throw_if_cancelled();
                    told.emplace_back("ended");
                }(suspended_before, heard)
            );
            BOOST_TEST(co_await group.join());
            BOOST_TEST(heard == (std::vector<std::string>{"no room", "ended"}));
            heard.clear();
        });
}

BOOST_AUTO_TEST_SUITE_END()
