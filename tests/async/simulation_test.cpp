#include "run.hpp"

#include <aio/async/event.hpp>
#include <aio/async/hop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/worker_pool.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace aio::async;
using namespace std::chrono_literals;

namespace {

using trace = std::vector<std::string>;

/// Four loops of one clock that run on this thread.
struct several {
    explicit several(std::uint64_t seed) : time(seed), main("main", 0, time) {
        for (std::size_t i = 1; i < 4; ++i) {
            others.push_back(main.beside("loop-" + std::to_string(i), i));
            others.back()->run_along([this](std::exception_ptr) { ++failures; });
        }
    }

    virtual_clock time;
    loop main;
    std::vector<std::unique_ptr<loop>> others;
    int failures = 0;
};

aio::task<void> note(trace& notes, std::string what, duration after) {
    co_await aio::sleep(after);
    notes.push_back(what);
    co_await aio::sleep(0s);
    notes.push_back(what + "!");
}

/// What happens on one loop when five sleep as long as each other.
std::pair<trace, std::uint64_t> sleepers(std::uint64_t seed) {
    virtual_clock time(seed);
    loop at("test", 0, time);
    trace woken;
    task_group group(at);
    test::run(at, [&]() -> aio::task<void> {
        for (const char* name : {"a", "b", "c", "d", "e"})
            group.spawn(name, note(woken, name, 1s));
        group.spawn("first", note(woken, "first", 999ms));
        co_await group.join();
    });
    return {woken, time.digest()};
}

/// Each loop posts to each, counting.
trace posts(std::uint64_t seed) {
    several all(seed);
    trace got;
    std::vector<loop*> loops{&all.main};
    for (const auto& one : all.others)
        loops.push_back(one.get());
    for (loop* from : loops)
        from->post([&, from] {
            for (int i = 0; i < 5; ++i)
                for (loop* to : loops)
                    to->post([&got, from, to, i] {
                        BOOST_TEST(to->running_here());
                        got.push_back(from->name() + ">" + to->name() + " " + std::to_string(i));
                    });
        });
    test::run(all.main, []() -> aio::task<void> { co_await aio::sleep(1s); });
    return got;
}

} // namespace

BOOST_AUTO_TEST_SUITE(simulation)

BOOST_AUTO_TEST_CASE(the_same_seed_is_the_same_run_and_others_are_others) {
    std::set<trace> orders;
    std::set<std::uint64_t> digests;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const auto first = sleepers(seed);
        BOOST_TEST((first == sleepers(seed)));
        orders.insert(first.first);
        digests.insert(first.second);
    }
    BOOST_TEST(orders.size() > 90u);
    BOOST_TEST(digests.size() > 90u);
}

BOOST_AUTO_TEST_CASE(without_a_seed_the_order_is_that_of_insertion) {
    const auto [woken, digest] = sleepers(0);
    BOOST_TEST(
        woken == (trace{"first", "first!", "a", "b", "c", "d", "e", "a!", "b!", "c!", "d!", "e!"}),
        boost::test_tools::per_element()
    );
    BOOST_TEST(digest == 0u);
}

BOOST_AUTO_TEST_CASE(timers_fire_in_order_of_their_deadlines_whatever_the_seed) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
        BOOST_TEST(sleepers(seed).first.front() == "first");
}

BOOST_AUTO_TEST_CASE(what_one_loop_posts_to_another_comes_in_order_whatever_the_seed) {
    std::set<trace> orders;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const trace got = posts(seed);
        BOOST_TEST(got.size() == 80u);
        std::map<std::string, int> next;
        for (const std::string& one : got) {
            const std::size_t end = one.find(' ');
            BOOST_TEST(std::stoi(one.substr(end)) == next[one.substr(0, end)]++);
        }
        orders.insert(got);
        BOOST_TEST((got == posts(seed)));
    }
    BOOST_TEST(orders.size() > 90u);
}

BOOST_AUTO_TEST_CASE(calls_to_other_loops_come_back_with_time_standing_still) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        several all(seed);
        const auto start = all.time.now();
        test::run(all.main, [&]() -> aio::task<void> {
            for (const auto& one : all.others)
                BOOST_TEST(co_await on(*one, [&] { return one->running_here(); }));
            co_await on(*all.others[0], []() -> aio::task<void> { co_await aio::sleep(1h); });
        });
        BOOST_TEST((all.time.now() - start == 1h));
    }
}

BOOST_AUTO_TEST_CASE(an_error_on_a_loop_that_runs_along_is_told) {
    several all(7);
    all.others[1]->post([] { throw std::runtime_error("boom"); });
    test::run(all.main, []() -> aio::task<void> { co_await aio::sleep(1s); });
    BOOST_TEST(all.failures == 1);
}

BOOST_AUTO_TEST_CASE(a_loop_that_was_stopped_does_no_more) {
    several all(7);
    bool called = false;
    all.others[1]->stop();
    all.others[1]->post([&] { called = true; });
    test::run(all.main, []() -> aio::task<void> { co_await aio::sleep(1s); });
    BOOST_TEST(!called);
}

BOOST_AUTO_TEST_CASE(other_threads_may_post) {
    several all(7);
    int calls = 0;
    std::thread other;
    test::run(all.main, [&]() -> aio::task<void> {
        event done;
        all.main.hold(); // something outside will post
        other = std::thread([&] {
            for (auto& one : all.others)
                one->post([&] { ++calls; });
            all.main.post([&] { done.set(); });
        });
        co_await done.wait();
        all.main.release();
        co_await aio::sleep(1s);
    });
    other.join();
    BOOST_TEST(calls == 3);
}

BOOST_AUTO_TEST_CASE(calls_to_workers_happen_on_the_thread_of_the_simulation) {
    std::set<trace> orders;
    const auto calls = [](std::uint64_t seed) {
        several all(seed);
        worker_pool pool(4);
        trace order;
        const auto here = std::this_thread::get_id();
        task_group group(all.main);
        const auto one = [&](std::string name) -> aio::task<void> {
            BOOST_TEST((co_await pool.run([] { return std::this_thread::get_id(); }) == here));
            order.push_back(name);
        };
        test::run(all.main, [&]() -> aio::task<void> {
            for (const char* name : {"a", "b", "c", "d"})
                group.spawn(name, one(name));
            co_await group.join();
        });
        return order;
    };
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        const trace order = calls(seed);
        BOOST_TEST((order == calls(seed)));
        orders.insert(order);
    }
    BOOST_TEST(orders.size() > 10u);
}

BOOST_AUTO_TEST_CASE(one_worker_works_in_order_also_when_simulated) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        several all(seed);
        worker_pool pool(1);
        std::string order;
        task_group group(all.main);
        const auto one = [&](char name) -> aio::task<void> {
            co_await pool.run([&order, name] { order += name; });
        };
        test::run(all.main, [&]() -> aio::task<void> {
            for (const char name : {'a', 'b', 'c', 'd'})
                group.spawn("one", one(name));
            co_await group.join();
        });
        BOOST_TEST(order == "abcd");
    }
}

BOOST_AUTO_TEST_CASE(time_by_hand_works_under_a_seed) {
    virtual_clock time(virtual_clock::moves::by_hand, wall_point(std::chrono::days(1)), 5);
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
        time.advance(150min);
        co_await time.settle();
        BOOST_TEST(hours == 2);
        group.cancel();
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(a_simulation_runs_on_one_thread) {
    virtual_clock time(5);
    loop at("test", 0, time);
    loop other("other", 1, time);
    test::run(at, [&]() -> aio::task<void> {
        BOOST_CHECK_THROW(other.run(), std::logic_error);
        co_return;
    });
    bool called = false;
    other.post([&] { called = true; });
    BOOST_TEST(other.poll() == 1u);
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE(what_is_left_goes_with_the_loop) {
    auto alive = std::make_shared<int>(0);
    {
        several all(3);
        task_group group(all.main);
        group.spawn("sleeper", [](std::shared_ptr<int> kept) -> aio::task<void> {
            for (;;)
                co_await aio::sleep(1h);
            (void)kept;
        }(alive));
        all.main.post([alive] {});
        all.others[0]->post([alive] {});
        test::run(all.main, [&]() -> aio::task<void> {
            all.main.post([alive] {});
            co_return;
        });
        BOOST_TEST(alive.use_count() > 1);
    }
    BOOST_TEST(alive.use_count() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
