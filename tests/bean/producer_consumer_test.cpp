#include "pods.hpp"

#include <aio/bean/producer_consumer.hpp>

#include <boost/asio/experimental/awaitable_operators.hpp>

using namespace test;
using aio::bean::context;

namespace {

/// Does what the fields say.
struct flow : aio::bean::producer_consumer<int> {
    flow(const aio::bean::context& given, std::size_t consumers)
        : producer_consumer(given, consumers) {}

    aio::generator<int> produce() override {
        for (int i = 1; i <= items; ++i) {
            if (i == produce_fails_at)
                throw std::runtime_error("producer");
            co_yield i;
        }
        if (endless)
            co_await aio::async::sleep(1h);
    }

    task<void> consume(int item) override {
        most = std::max(most, ++busy);
        co_await aio::async::sleep(1s);
        --busy;
        if (item == consume_fails_at)
            throw std::runtime_error("consumer");
        sum += item;
    }

    int items = 25, produce_fails_at = 0, consume_fails_at = 0, sum = 0, busy = 0, most = 0;
    bool endless = false;
};

/// Has always one more.
struct counting final : flow {
    using flow::flow;

    aio::generator<int> produce() override {
        for (;;) {
            co_await aio::async::sleep(1ms);
            yielded += ++last;
            co_yield last;
        }
    }

    int last = 0, yielded = 0;
};

/// Runs one as the bean m.f; `f` is called while it runs.
template <typename Prepare, typename Check, typename F>
void run(
    pods& p,
    Prepare prepare,
    Check check,
    F f,
    std::size_t consumers = 10,
    const std::string& arguments = {}
) {
    p.bean("f", [&, consumers](context given) -> task<void> {
        flow one(given, consumers);
        prepare(one);
        std::exception_ptr why;
        try {
            co_await one();
        } catch (...) {
            why = std::current_exception();
        }
        check(one);
        if (why)
            std::rethrow_exception(why);
    });
    p.run("[bean/a]\ncore = m.f\n" + arguments + "\n", f);
}

const auto nothing = [](flow&) {};

} // namespace

BOOST_AUTO_TEST_SUITE(producer_consumer)

BOOST_AUTO_TEST_CASE(case_110_the_end_of_the_producer_drains_the_queue) {
    pods p;
    run(
        p,
        nothing,
        [](flow& one) {
            BOOST_TEST(one.sum == 25 * 26 / 2);
            BOOST_TEST(one.most == 10);
        },
        [&] { return p.all_ended(); }
    );
    BOOST_TEST((p.time.now().time_since_epoch() >= 3s));
    BOOST_TEST(p.app.ends.size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_section_says_how_many_consume_and_wait) {
    struct waits final : flow {
        explicit waits(const aio::bean::context& given) : flow(given, 10) {}

        aio::generator<int> produce() override {
            for (yielded = 1; yielded <= 9; ++yielded)
                co_yield yielded;
            co_await aio::async::sleep(1h);
        }

        int yielded = 0;
    };

    pods p;
    p.bean("f", [&](context given) -> task<void> {
        waits one(given);
        aio::async::task_group group(given.loop());
        group.spawn("it", one());
        co_await aio::async::sleep(1ms);
        BOOST_TEST(one.busy == 2);
        BOOST_TEST(one.yielded == 2 + 3 + 1); // with consumers, in the queue, waiting for room
        group.cancel();
        co_await group.join();
    });
    p.run("[bean/a]\ncore = m.f\nconsumers = 2\nqueue_size = 3\n", [&] { return p.all_ended(); });
    BOOST_TEST(p.app.crashes.empty());
}

BOOST_AUTO_TEST_CASE(a_number_that_is_none_is_the_beans_error) {
    for (const std::string wrong : {"consumers = 0", "consumers = many", "queue_size = -1"}) {
        pods p;
        run(p, nothing, nothing, [&] { return p.all_ended(); }, 10, wrong);
        BOOST_REQUIRE(p.app.crashes.size() == 1u);
        BOOST_TEST(p.app.crashes.front().find("is no number from 1 to") != std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(case_111_on_a_signal_the_producer_stops_and_what_is_queued_is_consumed) {
    pods p;
    run(
        p,
        [](flow& one) {
            one.items = 8;
            one.endless = true;
        },
        [](flow& one) { BOOST_TEST(one.sum == 36); },
        []() -> task<void> { co_await aio::async::sleep(1500ms); },
        1
    );
    BOOST_TEST(p.app.crashes.empty());
}

BOOST_AUTO_TEST_CASE(case_111_the_producer_may_wait_for_several) {
    struct waits_for_two final : flow {
        using flow::flow;

        aio::generator<int> produce() override {
            using namespace boost::asio::experimental::awaitable_operators;
            co_yield 1;
            co_await (aio::async::sleep(1h) && aio::async::sleep(2h));
        }
    };

    pods p;
    p.bean("f", [&](context given) -> task<void> {
        waits_for_two one(given, 2);
        co_await one();
        BOOST_TEST(one.sum == 1);
    });
    p.run("[bean/a]\ncore = m.f\n", []() -> task<void> { co_await aio::async::sleep(2s); });
    BOOST_TEST(p.app.crashes.empty());
    BOOST_TEST(p.app.ends.size() == 1u);
}

BOOST_AUTO_TEST_CASE(case_112_an_error_of_the_producer_ends_it_all) {
    pods p;
    run(p, [](flow& one) { one.produce_fails_at = 15; }, nothing, [&] { return p.all_ended(); });
    BOOST_TEST(p.app.crashes == std::vector<std::string>{"bean/a: producer"});
}

BOOST_AUTO_TEST_CASE(case_112_an_error_of_a_consumer_ends_it_all_though_the_queue_is_full) {
    pods p;
    run(
        p,
        [](flow& one) {
            one.items = 1000;
            one.consume_fails_at = 3;
        },
        nothing,
        [&] { return p.all_ended(); },
        1
    );
    BOOST_TEST(p.app.crashes == std::vector<std::string>{"bean/a: consumer"});
}

BOOST_AUTO_TEST_CASE(case_112_a_second_error_is_logged_and_the_first_one_counts) {
    struct both final : flow {
        using flow::flow;

        task<void> consume(int) override {
            try {
                co_await aio::async::sleep(1s);
            } catch (const std::exception&) {
                throw std::runtime_error("second");
            }
            throw std::runtime_error("first");
        }
    };

    pods p;
    p.bean("f", [&](context given) -> task<void> {
        both one(given, 2);
        co_await one();
    });
    p.run("[bean/a]\ncore = m.f\n", [&] { return p.all_ended(); });
    BOOST_TEST(p.app.crashes == std::vector<std::string>{"bean/a: first"});
    BOOST_TEST(p.app.logged("Bean(a) failed, too: second") == 1u);
}

BOOST_AUTO_TEST_CASE(case_111_stopped_while_the_queue_is_full_nothing_yielded_is_lost) {
    pods p;
    p.bean("f", [&](context given) -> task<void> {
        counting one(given, 2);
        co_await one();
        BOOST_TEST(one.last > 10); // it was full
        BOOST_TEST(one.sum == one.yielded);
    });
    p.run("[bean/a]\ncore = m.f\n", []() -> task<void> { co_await aio::async::sleep(1500ms); });
    BOOST_TEST(p.app.crashes.empty());
    BOOST_TEST(p.app.ends.size() == 1u);
}

BOOST_AUTO_TEST_CASE(case_111_a_last_item_after_the_signal_is_consumed_and_an_error_is_one) {
    struct leaves final : flow {
        using flow::flow;

        aio::generator<int> produce() override {
            try {
                co_await aio::async::sleep(1h);
            } catch (const std::exception&) {
            }
            co_yield 5;
            throw std::runtime_error("not asked for more");
        }
    };

    pods p;
    p.bean("f", [&](context given) -> task<void> {
        leaves one(given, 2);
        co_await one();
        BOOST_TEST(one.sum == 5);
    });
    p.run("[bean/a]\ncore = m.f\n", []() -> task<void> { co_return; });
    BOOST_TEST(p.app.crashes.empty());
}

BOOST_AUTO_TEST_CASE(cancelled_it_leaves_nothing) {
    pods p;
    run(
        p,
        [](flow& one) { one.endless = true; },
        nothing,
        [&]() -> task<void> {
            co_await aio::async::sleep(500ms);
            p.beans.front()->cancel();
            co_await p.all_ended();
        }
    );
    BOOST_TEST(p.app.crashes.empty());
}

BOOST_AUTO_TEST_CASE(case_111_and_case_112_whatever_happens_first) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        pods p(seed);
        const auto dice = [&](std::uint64_t most) { return p.time.random() % (most + 1); };
        const bool fails = dice(2) == 0;
        const std::string arguments =
            fmt::format("consumers = {}\nqueue_size = {}\n", 1 + dice(3), 1 + dice(3));
        p.bean("f", [&](context given) -> task<void> {
            counting one(given, 1);
            if (fails)
                one.consume_fails_at = 1 + static_cast<int>(dice(5));
            co_await one();
            BOOST_TEST(one.sum == one.yielded);
        });
        p.run("[bean/a]\ncore = m.f\n" + arguments, [&]() -> task<void> {
            co_await aio::async::sleep(dice(12) * 500ms);
        });
        if (!fails)
            BOOST_TEST(p.app.crashes.empty());
        BOOST_TEST(p.app.crashes.size() + p.app.ends.size() == 1u, "seed " << seed);
    }
}

BOOST_AUTO_TEST_SUITE_END()
