#include "pods.hpp"

#include <aio/bean/producer_consumer.hpp>

using namespace test;
using aio::bean::context;

namespace {

/// Does what the fields say.
struct flow : aio::bean::producer_consumer<int> {
    flow(const aio::bean::context& given, pods& in_, std::size_t consumers = 10)
        : producer_consumer(given, consumers, 10), in(in_) {}

    task<void> produce(put to) override {
        for (int i = 1; i <= items; ++i) {
            if (i == produce_fails_at)
                throw std::runtime_error("producer");
            if (!co_await to(i))
                in.note("refused");
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

    pods& in;
    int items = 25, produce_fails_at = 0, consume_fails_at = 0, sum = 0, busy = 0, most = 0;
    bool endless = false;
};

struct generated : aio::bean::producer_consumer<int> {
    using producer_consumer::producer_consumer;

    task<std::optional<int>> next() override {
        co_await aio::async::sleep(1ms);
        co_return ++made <= 100 ? std::optional(made) : std::nullopt;
    }

    task<void> consume(int item) override {
        sum += item;
        co_return;
    }

    int made = 0, sum = 0;
};

/// Runs one as the bean m.f; `f` is called while it runs.
template <typename Prepare, typename Check, typename F>
void run(pods& p, Prepare prepare, Check check, F f, std::size_t consumers = 10) {
    p.bean("f", [&, consumers](context given) -> task<void> {
        flow one(given, p, consumers);
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
    p.run("[bean/a]\ncore = m.f\n", f);
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

BOOST_AUTO_TEST_CASE(a_generator_is_asked_until_it_has_nothing) {
    pods p;
    p.bean("f", [](context given) -> task<void> {
        generated one(given);
        co_await one();
        BOOST_TEST(one.sum == 100 * 101 / 2);
    });
    p.run("[bean/a]\ncore = m.f\n", [&] { return p.all_ended(); });
    BOOST_TEST(p.app.ends.size() == 1u);
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

BOOST_AUTO_TEST_SUITE_END()
