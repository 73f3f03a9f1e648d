#include "../async/run.hpp"
#include "../support/cpu_time.hpp"

#include <aio/async/hop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/service/values.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

using namespace std::chrono_literals;
using aio::service::value_error;

namespace {

struct fixture {
    aio::async::virtual_clock time;
    aio::async::loop at{"main", 0, time};
    aio::service::values all;
};

bool names_both(const value_error& e) {
    const std::string text = e.what();
    return text.find("'port' is a int") != text.npos && text.find("std::string") != text.npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(values, fixture)

BOOST_AUTO_TEST_CASE(what_is_set_is_found_replaced_and_removed) {
    BOOST_TEST(!all.find<int>("port"));
    all.set("port", 1);
    all.set("port", 2);
    BOOST_TEST(all.find<int>("port").value() == 2);
    BOOST_CHECK_EXCEPTION(all.find<std::string>("port"), value_error, names_both);
    all.remove("port");
    all.remove("never set");
    BOOST_TEST(!all.find<int>("port"));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_wait_does_not_cost_more_because_there_are_many) {
    test::run(at, [&]() -> aio::task<void> {
        const auto ask = [](aio::service::values& from) -> aio::task<void> {
            co_await from.get<int>("port");
        };
        aio::async::task_group group(at);
        const auto started = test::cpu_time_of([&] {
            for (int i = 0; i < 10'000; ++i)
                group.spawn("one", ask(all));
        });
        const auto before = test::cpu_time();
        all.set("port", 10);
        co_await group.join();
        const auto ended = test::cpu_time() - before;
        BOOST_TEST(ended.count() < 4 * started.count());
    });
}

BOOST_AUTO_TEST_CASE(who_asks_early_waits) {
    test::run(at, [&]() -> aio::task<void> {
        int got = 0;
        const auto ask = [&]() -> aio::task<void> { got += co_await all.get<int>("port"); };
        aio::async::task_group group(at);
        group.spawn("one", ask());
        group.spawn("two", ask());
        all.set("other", 7);
        co_await aio::sleep(1s);
        BOOST_TEST(got == 0);
        all.set("port", 10);
        co_await group.join();
        BOOST_TEST(got == 20);
        BOOST_TEST(co_await all.get<int>("port") == 10);
        BOOST_CHECK_EXCEPTION(co_await all.get<std::string>("port"), value_error, names_both);
    });
}

BOOST_AUTO_TEST_CASE(who_waits_may_give_up) {
    test::run(at, [&]() -> aio::task<void> {
        aio::async::task_group group(at);
        const auto ask = [&]() -> aio::task<void> { co_await all.get<int>("port"); };
        group.spawn("one", ask());
        group.cancel();
        co_await group.join();
        all.set("port", 1);
        BOOST_TEST(all.find<int>("port").value() == 1);
    });
}

BOOST_AUTO_TEST_CASE(it_comes_from_any_loop) {
    aio::async::loop there("there", 1, time);
    std::thread thread([&] { there.run(); });
    test::run(at, [&]() -> aio::task<void> {
        aio::async::task_group group(at);
        group.spawn("sets", aio::async::on(there, [&]() -> aio::task<void> {
                        co_await aio::sleep(1s);
                        all.set("port", 5);
                    }));
        BOOST_TEST(co_await all.get<int>("port") == 5);
        BOOST_TEST(at.running_here());
        co_await group.join();
    });
    there.stop();
    thread.join();
}

BOOST_AUTO_TEST_CASE(who_waited_may_have_gone_with_its_loop) {
    auto there = std::make_unique<aio::async::loop>("there", 1);
    {
        const auto ask = [&]() -> aio::task<void> { co_await all.get<int>("port"); };
        aio::async::task_group group(*there);
        group.spawn("asks", ask());
    }
    there.reset();
    all.set("port", 1);
    BOOST_TEST(all.find<int>("port").value() == 1);
}

BOOST_AUTO_TEST_CASE(who_waits_may_go_with_its_loop_while_the_value_comes) {
    for (int i = 0; i < 300; ++i) {
        std::atomic<int> ready = 0;
        std::thread other([&] {
            auto there = std::make_unique<aio::async::loop>("there", 1);
            {
                const auto ask = [&]() -> aio::task<void> { co_await all.get<int>("port"); };
                aio::async::task_group group(*there);
                for (int n = 0; n < 20; ++n)
                    group.spawn("asks", ask());
                ++ready;
                while (ready != 2) {
                }
            }
            there.reset();
        });
        while (ready != 1) {
        }
        ++ready;
        all.set("port", i);
        other.join();
        all.remove("port");
    }
}

BOOST_AUTO_TEST_CASE(who_waits_may_outlive_the_values) {
    auto there = std::make_unique<aio::async::loop>("there", 1);
    auto gone = std::make_unique<aio::service::values>();
    aio::async::task_group group(*there);
    group.spawn("asks", [](aio::service::values& of) -> aio::task<void> {
        co_await of.get<int>("port");
    }(*gone));
    gone.reset();
    group.cancel();
    there->poll();
    BOOST_TEST(group.empty());
}

BOOST_AUTO_TEST_SUITE_END()
