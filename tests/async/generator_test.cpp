#include "run.hpp"

#include <aio/async/event.hpp>
#include <aio/async/generator.hpp>
#include <aio/async/sleep.hpp>

#include <boost/asio/error.hpp>
#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

using namespace aio::async;
using namespace std::chrono_literals;
using boost::system::system_error;

namespace {

using strings = std::vector<std::string>;

struct fixture {
    virtual_clock time;
    loop at{"test", 0, time};
    strings heard;
};

struct leaving {
    strings& to;

    ~leaving() { to.push_back("left"); }
};

aio::task<int> slow_number(int number) {
    co_await aio::sleep(1s);
    co_return number;
}

aio::task<void> slow_failure() {
    co_await aio::sleep(1s);
    throw std::runtime_error("awaited");
}

generator<int> upto(int last) {
    for (int i = 1; i <= last; ++i)
        co_yield i;
}

generator<int> slow(int last) {
    for (int i = 1; i <= last; ++i)
        co_yield co_await slow_number(i);
}

generator<int> waits_at(int number, strings& heard) {
    const leaving at_end{heard};
    for (int i = 1;; ++i) {
        if (i == number)
            co_await aio::sleep(1h);
        co_yield i;
    }
}

generator<int> doubles(generator<int> numbers) {
    while (const auto number = co_await numbers.next())
        co_yield *number * 2;
}

generator<std::unique_ptr<std::string>> moved() {
    auto one = std::make_unique<std::string>("moved");
    co_yield std::move(one);
    co_yield nullptr;
}

template <typename T>
aio::task<std::vector<T>> all_of(generator<T> values) {
    std::vector<T> all;
    while (auto value = co_await values.next())
        all.push_back(std::move(*value));
    co_return all;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_generator, fixture)

BOOST_AUTO_TEST_CASE(gives_what_its_body_yields_and_nothing_ever_after) {
    test::run(at, [&]() -> aio::task<void> {
        BOOST_TEST(co_await all_of(upto(3)) == (std::vector{1, 2, 3}));
        BOOST_TEST((co_await all_of(upto(0))).empty());
        BOOST_TEST((co_await all_of(generator<int>())).empty());
        auto one = upto(1);
        BOOST_TEST(*co_await one.next() == 1);
        for (int again = 0; again < 3; ++again)
            BOOST_TEST(!(co_await one.next()).has_value());
    });
}

BOOST_AUTO_TEST_CASE(awaits_tasks_between_its_values) {
    test::run(at, [&]() -> aio::task<void> {
        const auto since = at.now();
        BOOST_TEST(co_await all_of(slow(3)) == (std::vector{1, 2, 3}));
        BOOST_TEST((at.now() - since == 3s));
        BOOST_TEST(co_await all_of(doubles(doubles(slow(2)))) == (std::vector{4, 8}));
    });
}

BOOST_AUTO_TEST_CASE(carries_what_can_only_be_moved) {
    test::run(at, [&]() -> aio::task<void> {
        auto all = co_await all_of(moved());
        BOOST_REQUIRE(all.size() == 2u);
        BOOST_TEST(*all[0] == "moved");
        BOOST_TEST(!all[1]);
    });
}

BOOST_AUTO_TEST_CASE(is_lazy_and_knows_its_loop) {
    test::run(at, [&]() -> aio::task<void> {
        auto one = [](strings& heard) -> generator<bool> {
            heard.push_back("begun");
            const auto executor = co_await boost::asio::this_coro::executor;
            co_yield loop::of(executor) != nullptr;
        }(heard);
        BOOST_TEST(heard.empty());
        BOOST_TEST(*co_await one.next());
        BOOST_TEST(heard == strings{"begun"}, boost::test_tools::per_element());
    });
}

BOOST_AUTO_TEST_CASE(throws_what_its_body_throws_once) {
    test::run(at, [&]() -> aio::task<void> {
        auto one = [](strings& heard) -> generator<int> {
            const leaving at_end{heard};
            co_yield 1;
            throw std::runtime_error("body");
        }(heard);
        BOOST_TEST(*co_await one.next() == 1);
        std::string what;
        try {
            co_await one.next();
        } catch (const std::runtime_error& e) {
            what = e.what();
        }
        BOOST_TEST(what == "body");
        BOOST_TEST(heard.size() == 1u);
        BOOST_TEST(!(co_await one.next()).has_value());
    });
}

BOOST_AUTO_TEST_CASE(sees_the_errors_of_what_it_awaits) {
    test::run(at, [&]() -> aio::task<void> {
        const auto all = co_await all_of([]() -> generator<std::string> {
            std::string what;
            try {
                co_await slow_failure();
            } catch (const std::runtime_error& e) {
                what = e.what();
            }
            co_yield what;
            co_await aio::sleep(1s); // goes on as if nothing had been
            co_yield "more";
        }());
        BOOST_TEST(all == (strings{"awaited", "more"}), boost::test_tools::per_element());
    });
}

BOOST_AUTO_TEST_CASE(cancelled_where_it_waits_it_unwinds_and_ends) {
    test::run(at, [&]() -> aio::task<void> {
        auto one = waits_at(2, heard);
        task_group group(at);
        group.spawn("asks", [](generator<int>& of, strings& to) -> aio::task<void> {
            try {
                while (const auto number = co_await of.next())
                    to.push_back(std::to_string(*number));
            } catch (const system_error& e) {
                to.push_back(e.code() == boost::asio::error::operation_aborted ? "aborted" : "?");
            }
        }(one, heard));
        BOOST_TEST(group.unfinished().at(0).awaits == "sleep");
        group.cancel();
        co_await group.join();
        BOOST_TEST(heard == (strings{"1", "left", "aborted"}), boost::test_tools::per_element());
        BOOST_TEST(!(co_await one.next()).has_value());
    });
}

BOOST_AUTO_TEST_CASE(cancelled_it_may_give_a_last_value) {
    test::run(at, [&]() -> aio::task<void> {
        auto one = []() -> generator<int> {
            try {
                co_await aio::sleep(1h);
            } catch (const system_error&) {
            }
            int last = 6;
            try {
                co_await aio::sleep(1h); // as in any task: refused from now on
            } catch (const system_error&) {
                ++last;
            }
            co_yield last;
        }();
        task_group group(at);
        group.spawn("asks", [](generator<int>& of, strings& to) -> aio::task<void> {
            to.push_back(std::to_string(*co_await of.next()));
        }(one, heard));
        group.cancel();
        co_await group.join();
        BOOST_TEST(heard == strings{"7"}, boost::test_tools::per_element());
    });
}

BOOST_AUTO_TEST_CASE(asked_by_one_already_cancelled_its_body_hears_of_it) {
    test::run(at, [&]() -> aio::task<void> {
        auto one = waits_at(2, heard);
        task_group group(at);
        group.spawn("asks", [](generator<int> of, strings& to) -> aio::task<void> {
            try {
                co_await aio::sleep(1h);
            } catch (const system_error&) {
                to.push_back("cancelled");
            }
            auto asked = of.next(); // made before: awaiting it is what is refused
            try {
                co_await std::move(asked);
            } catch (const system_error&) {
                to.push_back("refused");
            }
        }(std::move(one), heard));
        group.cancel();
        co_await group.join();
        BOOST_TEST(heard == (strings{"cancelled", "refused"}), boost::test_tools::per_element());
    });
}

BOOST_AUTO_TEST_CASE(dropped_half_way_is_destroyed_where_it_stands) {
    test::run(at, [&]() -> aio::task<void> {
        {
            auto never_asked = waits_at(2, heard);
        }
        BOOST_TEST(heard.empty());
        {
            auto one = waits_at(2, heard);
            co_await one.next();
            auto other = std::move(one);
            BOOST_TEST(heard.empty());
            other = upto(1);
            BOOST_TEST(*co_await other.next() == 1);
        }
        BOOST_TEST(heard == strings{"left"}, boost::test_tools::per_element());
    });
}

BOOST_AUTO_TEST_CASE(whose_asker_is_destroyed_can_be_asked_again) {
    auto one = waits_at(1, heard);
    {
        virtual_clock other_time;
        loop other("other", 0, other_time);
        auto group = std::make_unique<task_group>(other);
        other.post([&] {
            group->spawn("asks", [](generator<int>& of) -> aio::task<void> {
                co_await of.next();
            }(one));
            other.stop();
        });
        other.run();
    } // the asker goes with its loop
    BOOST_TEST(heard.empty());
    test::run(at, [&]() -> aio::task<void> {
        BOOST_CHECK_THROW(co_await one.next(), system_error);
        BOOST_TEST(heard == strings{"left"}, boost::test_tools::per_element());
    });
}

BOOST_AUTO_TEST_CASE(answers_one_at_a_time) {
    test::run(at, [&]() -> aio::task<void> {
        auto one = waits_at(1, heard);
        task_group group(at);
        const auto ask = [](generator<int>& of) -> aio::task<void> { co_await of.next(); };
        group.spawn("first", ask(one));
        BOOST_CHECK_THROW(co_await one.next(), std::logic_error);
        BOOST_TEST(heard.empty());
        group.cancel();
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(gives_many_values_without_a_deep_stack) {
    test::run(at, [&]() -> aio::task<void> {
        const auto ready = [](int i) -> aio::task<int> { co_return i; };
        const auto many = [](auto make) -> generator<int> {
            for (int i = 0; i < 200000; ++i)
                co_yield co_await make(i);
        };
        long long sum = 0;
        auto one = many(ready);
        while (const auto number = co_await one.next())
            sum += *number;
        BOOST_TEST(sum == 199999LL * 200000 / 2);
    });
}

BOOST_AUTO_TEST_SUITE_END()
