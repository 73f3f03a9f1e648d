#include "run.hpp"

#include <aio/async/sleep.hpp>
#include <aio/async/worker_pool.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace aio::async;
using namespace std::chrono_literals;

namespace {

struct fixture {
    virtual_clock time;
    loop at{"test", 0, time};
    std::vector<std::string> heard;
};

// A door that threads wait at; no sleeping in tests.
struct door {
    void open() {
        const std::lock_guard lock(mutex);
        is_open = true;
        changed.notify_all();
    }

    void pass() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return is_open; });
    }

    std::mutex mutex;
    std::condition_variable changed;
    bool is_open = false;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(workers, fixture)

BOOST_AUTO_TEST_CASE(blocking_calls_run_elsewhere_and_come_back) {
    worker_pool pool(2);
    const auto start = time.now();
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        group.spawn("sleeper", aio::sleep(1h)); // virtual time must not jump meanwhile
        const auto worker = co_await pool.run([] { return std::this_thread::get_id(); });
        BOOST_TEST((worker != std::this_thread::get_id()));
        BOOST_TEST((time.now() == start));
        BOOST_CHECK_THROW(
            co_await pool.run([] { throw std::runtime_error("no"); }), std::runtime_error
        );
        group.cancel();
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(a_cancelled_call_is_dropped_unless_it_has_begun) {
    worker_pool pool(1);
    door begun;
    door go;
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        int ran = 0;
        const auto call = [&]() -> aio::task<void> {
            co_await pool.run([&] {
                begun.open();
                go.pass();
                ++ran;
            });
            heard.push_back("came back");
        };
        group.spawn("begun", call());
        begun.pass();
        group.spawn("waiting", call());
        BOOST_TEST(pool.waiting() == 1u);
        group.cancel();
        BOOST_TEST(pool.waiting() == 0u);
        go.open();
        co_await group.join();
        BOOST_TEST(ran == 1);
        BOOST_TEST(heard.size() == 1u);
    });
}

BOOST_AUTO_TEST_CASE(what_is_returned_may_be_anything) {
    worker_pool pool(1);
    test::run(at, [&]() -> aio::task<void> {
        auto text = co_await pool.run([] { return std::make_unique<std::string>("x"); });
        BOOST_TEST(*text == "x");
        co_await pool.run([moved = std::move(text)] { BOOST_TEST(*moved == "x"); });
    });
}

BOOST_AUTO_TEST_CASE(the_queue_has_a_bound) {
    worker_pool pool(1, "worker", 2);
    door begun;
    door go;
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        const auto call = [&](std::string name) -> aio::task<void> {
            co_await pool.run([&] {
                begun.open();
                go.pass();
            });
            heard.push_back(name);
        };
        group.spawn("a", call("a"));
        begun.pass();
        group.spawn("b", call("b"));
        group.spawn("c", call("c"));
        bool ran = false;
        BOOST_CHECK_THROW(co_await pool.run([&] { ran = true; }), pool_full);
        BOOST_TEST(pool.waiting() == 2u);
        go.open();
        co_await group.join();
        BOOST_TEST(heard == (std::vector<std::string>{"a", "b", "c"}));
        co_await pool.run([&] { heard.push_back("d"); });
        BOOST_TEST(!ran);
    });
}

// A thread that is about to begin takes a call off the queue already.
BOOST_AUTO_TEST_CASE(without_a_queue_there_are_as_many_calls_as_threads) {
    for (int i = 0; i < 50; ++i) {
        worker_pool pool(3, "worker", 0);
        door go;
        test::run(at, [&]() -> aio::task<void> {
            task_group group(at);
            for (int n = 0; n < 3; ++n)
                group.spawn("call", pool.run([&] { go.pass(); }));
            BOOST_CHECK_THROW(co_await pool.run([] {}), pool_full);
            go.open();
            co_await group.join();
        });
    }
}

BOOST_AUTO_TEST_CASE(calls_that_have_not_begun_end_with_the_pool) {
    auto pool = std::make_unique<worker_pool>(1);
    door begun;
    door go;
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        bool ran = false;
        const auto call = [&]() -> aio::task<void> {
            try {
                co_await pool->run([&] { ran = true; });
            } catch (const boost::system::system_error& e) {
                BOOST_TEST((e.code() == boost::asio::error::operation_aborted));
                heard.push_back("dropped");
            }
        };
        group.spawn("begun", pool->run([&] {
            begun.open();
            go.pass();
        }));
        begun.pass();
        group.spawn("waiting", call());
        group.spawn("waiting", call());
        worker_pool& closing = *pool;
        std::thread opener([&] {
            while (closing.waiting() > 0) // until the destructor has taken them
                std::this_thread::yield();
            go.open();
        });
        pool.reset();
        opener.join();
        group.cancel(); // they are on their way back already
        co_await group.join();
        BOOST_TEST(!ran);
        BOOST_TEST(heard.size() == 2u);
    });
}

BOOST_AUTO_TEST_CASE(a_call_that_may_be_left_holds_up_neither_its_caller_nor_the_pool) {
    auto pool = std::make_unique<worker_pool>(1, "lookup", 10, begun_calls::left);
    const auto begun = std::make_shared<door>();
    const auto go = std::make_shared<door>();
    const auto over = std::make_shared<door>();

    struct leaver {
        ~leaver() { over->open(); }

        std::shared_ptr<door> over;
    };

    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        const auto call = [&]() -> aio::task<void> {
            try {
                co_await pool->run([=, last = std::make_unique<leaver>(over)] {
                    begun->open();
                    go->pass();
                });
            } catch (const boost::system::system_error& e) {
                BOOST_TEST((e.code() == boost::asio::error::operation_aborted));
                heard.push_back("left");
            }
        };
        group.spawn("begun", call());
        begun->pass();
        group.cancel();
        co_await group.join();
        pool.reset();
    });
    BOOST_TEST(heard == std::vector<std::string>{"left"});
    go->open();
    over->pass(); // by then the thread has let go of the call and of the loop
}

BOOST_AUTO_TEST_CASE(a_call_that_may_be_left_answers_who_still_waits_though_the_pool_is_gone) {
    auto pool = std::make_unique<worker_pool>(1, "lookup", 10, begun_calls::left);
    const auto begun = std::make_shared<door>();
    const auto go = std::make_shared<door>();
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        const auto call = [&]() -> aio::task<void> {
            heard.push_back(co_await pool->run([=] {
                begun->open();
                go->pass();
                return std::string("answer");
            }));
        };
        group.spawn("begun", call());
        begun->pass();
        pool.reset();
        go->open();
        co_await group.join();
    });
    BOOST_TEST(heard == std::vector<std::string>{"answer"});
}

BOOST_AUTO_TEST_CASE(what_is_handed_over_runs_and_nobody_waits_for_it) {
    worker_pool pool(1, "worker", 0);
    door begun, go, over;
    test::run(at, [&]() -> aio::task<void> {
        pool.hand_over(at, [&] {
            begun.open();
            go.pass();
            over.open();
        });
        begun.pass();
        BOOST_CHECK_THROW(pool.hand_over(at, [] {}), pool_full);
        co_return;
    });
    go.open();
    over.pass();
}

BOOST_AUTO_TEST_CASE(what_is_handed_over_is_destroyed_without_a_call_when_the_pool_goes_before) {
    auto pool = std::make_unique<worker_pool>(1);
    door begun, go;
    const auto kept = std::make_shared<int>();
    int ran = 0;
    test::run(at, [&]() -> aio::task<void> {
        pool->hand_over(at, [&] {
            begun.open();
            go.pass();
        });
        begun.pass();
        pool->hand_over(at, [&ran, kept] { ++ran; });
        BOOST_TEST(kept.use_count() == 2);
        co_return;
    });
    worker_pool& closing = *pool;
    std::thread opener([&] {
        while (closing.waiting() > 0) // until the destructor has taken it
            std::this_thread::yield();
        go.open();
    });
    pool.reset();
    opener.join();
    BOOST_TEST(ran == 0);
    BOOST_TEST(kept.use_count() == 1);
}

BOOST_AUTO_TEST_CASE(calls_of_several_loops_come_back_to_each) {
    worker_pool pool(3);
    std::atomic<int> right{0};
    const auto work = [&] {
        virtual_clock own;
        loop mine("mine", 0, own);
        test::run(mine, [&]() -> aio::task<void> {
            task_group group(mine);
            const auto call = [&](int number) -> aio::task<void> {
                const int twice = co_await pool.run([number] { return 2 * number; });
                right += mine.running_here() && twice == 2 * number; // no BOOST_TEST off its thread
            };
            for (int i = 0; i < 500; ++i)
                group.spawn("call", call(i));
            co_await group.join();
        });
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i)
        threads.emplace_back(work);
    for (std::thread& one : threads)
        one.join();
    BOOST_TEST(right == 1500);
}

// What waits is taken back on one thread while the pool goes on another.
BOOST_AUTO_TEST_CASE(calls_are_cancelled_while_the_pool_goes) {
    for (int i = 0; i < 200; ++i) {
        auto pool = std::make_unique<worker_pool>(1);
        door begun, waits, go, gone;
        std::thread other([&] {
            virtual_clock own;
            loop mine("mine", 0, own);
            test::run(mine, [&]() -> aio::task<void> {
                task_group group(mine, "", [](std::string_view, std::exception_ptr) {});
                group.spawn("begun", pool->run([&] {
                    begun.open();
                    go.pass();
                }));
                begun.pass();
                for (int n = 0; n < 20; ++n)
                    group.spawn("waiting", pool->run([] {}));
                waits.open();
                go.open();
                group.cancel();
                co_await group.join();
            });
            gone.pass(); // the pool's last call into the loop may still be under way
        });
        waits.pass();
        pool.reset();
        gone.open();
        other.join();
    }
}

BOOST_AUTO_TEST_CASE(calls_are_cancelled_at_any_moment) {
    worker_pool pool(2);
    std::atomic<int> ran{0};
    for (int i = 0; i < 200; ++i)
        test::run(at, [&]() -> aio::task<void> {
            task_group group(at);
            for (int n = 0; n < 5; ++n)
                group.spawn("call", pool.run([&] { ++ran; }));
            if (i % 3)
                co_await pool.run([] {});
            group.cancel();
            co_await group.join();
            BOOST_TEST(pool.waiting() == 0u);
        });
    BOOST_TEST(ran <= 1000);
}

// The call uses what its caller owns, and comes back to a loop that is closed.
BOOST_AUTO_TEST_CASE(a_call_that_has_begun_is_waited_for_where_its_caller_is_destroyed) {
    loop goes("goes");
    auto pool = std::make_unique<worker_pool>(1);
    door begun;
    door go;
    std::string copied;
    const auto call = [&](std::string text) -> aio::task<void> {
        co_await pool->run([&] {
            begun.open();
            go.pass();
            copied = text;
        });
        heard.push_back("came back");
    };

    struct opener {
        door& of;

        ~opener() { of.open(); }
    };

    const auto wait = [](door& opened) -> aio::task<void> {
        const opener last{opened};
        co_await aio::sleep(1h);
    };
    boost::asio::co_spawn(
        goes.executor(), call("a text that is not in the string"), boost::asio::detached
    );
    goes.poll();
    begun.pass();
    boost::asio::co_spawn(goes.executor(), wait(go), boost::asio::detached); // destroyed first
    goes.poll();
    goes.close();
    BOOST_TEST(copied == "a text that is not in the string");
    pool.reset();
    BOOST_TEST(heard.empty());
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_or_may_be_left_does_not_hold_up_a_loop_that_is_closed) {
    for (const begun_calls begins : {begun_calls::finished, begun_calls::left}) {
        loop goes("goes");
        worker_pool pool(1, "worker", 10, begins);
        const auto begun = std::make_shared<door>();
        const auto go = std::make_shared<door>();
        loop stays("stays");
        loop& first = begins == begun_calls::left ? goes : stays;
        const auto call = [](worker_pool& workers, auto begin, auto end) -> aio::task<void> {
            co_await workers.run([=] {
                begin->open();
                end->pass();
            });
        };
        boost::asio::co_spawn(first.executor(), call(pool, begun, go), boost::asio::detached);
        first.poll();
        begun->pass();
        boost::asio::co_spawn(goes.executor(), call(pool, begun, go), boost::asio::detached);
        goes.poll();
        BOOST_TEST(pool.waiting() == 1u);
        goes.close();
        BOOST_TEST(pool.waiting() == 0u);
        go->open();
    }
}

BOOST_AUTO_TEST_SUITE_END()
