#include "../async/run.hpp"

#include <aio/async/event.hpp>
#include <aio/async/sleep.hpp>
#include <aio/signal/bus.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace signal_ = aio::signal;
using signal_::event;
using signal_::listen_options;
using signal_::queue_policy;

namespace {

struct fixture {
    explicit fixture(std::uint64_t seed = 0) : time(seed) {}

    aio::async::virtual_clock time;
    aio::async::loop at{"main", 0, time};
    std::string heard;
    std::vector<std::string> errors;
    signal_::bus signals{at, [this](const std::string& line, auto&) { errors.push_back(line); }};
    int running = 0;
    int most_running = 0;

    static listen_options queue(std::size_t most, queue_policy policy) {
        listen_options how;
        how.queue = most;
        how.policy = policy;
        how.name = "slow";
        return how;
    }

    /// Takes a second for each event.
    void listen_slowly(std::size_t most, queue_policy policy) {
        signals.listen(
            "s",
            [this](event what) -> aio::task<void> {
                most_running = std::max(most_running, ++running);
                co_await aio::sleep(1s);
                --running;
                heard += what.data<char>();
            },
            queue(most, policy)
        );
    }

    aio::task<void> emit(std::string all) {
        for (const char one : all)
            co_await signals.emit("s", one);
    }

    signal_::signal_statistics counted(const std::string& name) {
        for (const auto& one : signals.statistics())
            if (one.name == name)
                return one;
        return {};
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(backlog, fixture)

BOOST_AUTO_TEST_CASE(the_emitter_waits_only_when_the_queue_is_full) {
    listen_slowly(2, queue_policy::wait);
    test::run(at, [&]() -> aio::task<void> {
        const auto start = time.now();
        co_await emit("ab");
        BOOST_TEST((time.now() == start));
        BOOST_TEST(heard.empty());
        co_await emit("cde");
        BOOST_TEST((time.now() > start));
        BOOST_TEST((time.now() - start <= 3s));
        co_await aio::sleep(10s);
    });
    BOOST_TEST(heard == "abcde");
    BOOST_TEST(most_running == 1);
    const auto all = counted("s");
    BOOST_TEST(all.drops == 0u);
    BOOST_TEST(all.emits == 5u);
    BOOST_TEST(all.deliveries == 5u);
    BOOST_REQUIRE(all.queues.size() == 1u);
    BOOST_TEST(all.queues[0].listener == "slow");
    BOOST_TEST(all.queues[0].length == 0u);
    BOOST_TEST(all.queues[0].longest == 2u);
    BOOST_TEST(all.queues[0].most == 2u);
}

BOOST_AUTO_TEST_CASE(who_waits_for_room_is_before_who_comes_when_there_is_some) {
    listen_slowly(1, queue_policy::wait);
    test::run(at, [&]() -> aio::task<void> {
        aio::async::task_group group(at);
        co_await emit("ab");
        group.spawn("waits", emit("c"));
        co_await aio::sleep(1s); // a is over, b has left the queue: c may go on, but has not yet
        co_await emit("d");
        co_await group.join();
        co_await signals.drained();
    });
    BOOST_TEST(heard == "abcd");
}

BOOST_AUTO_TEST_CASE(who_gives_up_waiting_for_room_lets_the_next_go_on) {
    listen_slowly(1, queue_policy::wait);
    test::run(at, [&]() -> aio::task<void> {
        aio::async::task_group first(at);
        aio::async::task_group second(at);
        co_await emit("ab");
        first.spawn("waits", emit("c"));
        second.spawn("waits", emit("d"));
        first.cancel();
        co_await first.join();
        co_await second.join();
        co_await signals.drained();
    });
    BOOST_TEST(heard == "abd");
}

BOOST_AUTO_TEST_CASE(who_gives_up_when_it_may_go_on_passes_its_place_to_the_next) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        fixture one(seed);
        one.listen_slowly(1, queue_policy::wait);
        test::run(one.at, [&]() -> aio::task<void> {
            aio::async::task_group first(one.at);
            aio::async::task_group others(one.at);
            co_await one.emit("ab");
            first.spawn("waits", one.emit("c"));
            co_await aio::sleep(1ms);
            for (const char next : {'d', 'e', 'f'}) {
                others.spawn("waits", one.emit(std::string(1, next)));
                co_await aio::sleep(1ms);
            }
            co_await aio::sleep(997ms); // b leaves the queue about now
            first.cancel();
            co_await first.join();
            co_await others.join();
            co_await one.signals.drained();
        });
        std::string others = one.heard;
        std::erase(others, 'c'); // was it woken or cancelled first?
        BOOST_TEST(others == "abdef");
    }
}

BOOST_AUTO_TEST_CASE(room_for_one_wakes_one_of_the_waiting_emitters) {
    const auto steps_of = [](std::size_t emitters) {
        fixture one(1);
        std::string all;
        one.listen_slowly(1, queue_policy::wait);
        test::run(one.at, [&]() -> aio::task<void> {
            aio::async::task_group group(one.at);
            for (std::size_t i = 0; i < emitters; ++i) {
                all += static_cast<char>(' ' + i % 90);
                group.spawn("waits", one.emit(all.substr(i)));
            }
            co_await group.join();
            co_await one.signals.drained();
        });
        BOOST_TEST(one.heard == all);
        return one.time.steps();
    };
    const std::uint64_t few = steps_of(50);
    const std::uint64_t many = steps_of(500);
    BOOST_TEST(many <= 10 * few, many << " steps for 500 emitters, " << few << " for 50");
}

BOOST_AUTO_TEST_CASE(room_for_many_lets_many_go_on_in_their_order) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        fixture one(seed);
        one.signals.listen(
            "s",
            [&](const event& what) { one.heard += what.data<char>(); },
            one.queue(3, queue_policy::wait)
        );
        test::run(one.at, [&]() -> aio::task<void> {
            aio::async::task_group group(one.at);
            for (const char next : std::string("abcdefghij"))
                group.spawn("waits", one.emit(std::string(1, next)));
            co_await group.join();
            co_await one.signals.drained();
        });
        BOOST_TEST(one.heard == "abcdefghij");
    }
}

BOOST_AUTO_TEST_CASE(the_oldest_make_room) {
    listen_slowly(2, queue_policy::drop_oldest);
    test::run(at, [&]() -> aio::task<void> {
        const auto start = time.now();
        co_await emit("abcde");
        BOOST_TEST((time.now() == start));
        BOOST_TEST(counted("s").queues.at(0).length == 2u);
        co_await aio::sleep(10s);
    });
    BOOST_TEST(heard == "de");
    BOOST_TEST(counted("s").drops == 3u);
    BOOST_TEST(counted("s").queues.at(0).drops == 3u);
}

BOOST_AUTO_TEST_CASE(the_newest_are_not_heard) {
    listen_slowly(2, queue_policy::drop_newest);
    test::run(at, [&]() -> aio::task<void> {
        co_await signals.drained();
        co_await emit("abcde");
        co_await signals.drained();
        BOOST_TEST(heard == "ab");
        co_await emit("f");
        co_await signals.drained();
    });
    BOOST_TEST(heard == "abf");
    BOOST_TEST(counted("s").drops == 3u);
}

BOOST_AUTO_TEST_CASE(its_errors_are_logged_and_do_not_come_to_the_emitter) {
    signals.listen(
        "s",
        [this](event what) {
            if (what.data<char>() == 'b')
                throw std::runtime_error("boom");
            heard += what.data<char>();
        },
        queue(5, queue_policy::wait)
    );
    test::run(at, [&]() -> aio::task<void> {
        co_await emit("abc");
        co_await aio::sleep(1s);
    });
    BOOST_TEST(heard == "ac");
    BOOST_REQUIRE(errors.size() == 1u);
    BOOST_TEST(errors[0] == "Error calling listener: boom (slow, signal 's')");
    BOOST_TEST(counted("s").errors == 1u);
}

BOOST_AUTO_TEST_CASE(a_cancelled_emit_waits_no_more_and_is_not_heard) {
    listen_slowly(1, queue_policy::wait);
    test::run(at, [&]() -> aio::task<void> {
        aio::async::task_group group(at);
        group.spawn("emit", emit("abc"));
        co_await aio::sleep(1ms);
        group.cancel();
        co_await group.join();
        co_await aio::sleep(10s);
    });
    BOOST_TEST(heard == "ab");
}

BOOST_AUTO_TEST_CASE(what_is_queued_is_heard_after_unlisten) {
    listen_slowly(5, queue_policy::wait);
    const auto names = signals.names();
    test::run(at, [&]() -> aio::task<void> {
        co_await emit("ab");
        for (signal_::subscription one = 1; one < 5; ++one)
            signals.unlisten(one);
        co_await emit("c");
        co_await aio::sleep(10s);
    });
    BOOST_TEST(heard == "ab");
    BOOST_TEST(counted("s").queues.empty());
}

BOOST_AUTO_TEST_CASE(the_order_stays_under_any_seed) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        fixture one(seed);
        one.listen_slowly(2, queue_policy::wait);
        test::run(one.at, [&]() -> aio::task<void> {
            co_await one.emit("abcdefgh");
            co_await aio::sleep(1h);
        });
        BOOST_TEST(one.heard == "abcdefgh");
        BOOST_TEST(one.most_running == 1);
    }
}

BOOST_AUTO_TEST_CASE(a_queue_in_the_middle_goes_with_its_loop) {
    listen_slowly(5, queue_policy::wait);
    test::run(at, [&]() -> aio::task<void> { co_await emit("abc"); });
    BOOST_TEST(heard.empty());
}

BOOST_AUTO_TEST_CASE(everything_is_counted_near_and_far) {
    const auto nothing = [](const event&) {};
    signals.listen("a", nothing);
    signals.listen("a", [](event) -> aio::task<void> { co_return; });
    signals.listen("pattern.*", nothing);
    signals.listen("bad", [] { throw std::runtime_error("boom"); });
    listen_options once;
    once.once = true;
    signals.listen("once", nothing, once);
    test::run(at, [&]() -> aio::task<void> {
        for (int i = 0; i < 100; ++i)
            co_await signals.emit("a");
        co_await signals.emit("A", {}, "somebody");
        signals.listen("a", [](const event&) {});
        co_await signals.emit("a");
        co_await signals.emit("pattern.1");
        co_await signals.emit("pattern.2");
        for (int i = 0; i < 20; ++i)
            signals.listen("other" + std::to_string(i), nothing);
        for (int i = 0; i < 20; ++i)
            co_await signals.emit("other" + std::to_string(i));
        BOOST_CHECK_THROW(co_await signals.emit("bad"), signal_::emit_error);
        co_await signals.emit("once");
        co_await signals.emit("once");
        co_await signals.emit("nobody");
        signals.post("a");
        co_await aio::sleep(1s);
    });
    BOOST_TEST(counted("a").emits == 103u);
    BOOST_TEST(counted("a").deliveries == 101u * 2 + 2 * 3);
    BOOST_TEST(counted("pattern.*").emits == 2u);
    BOOST_TEST(counted("pattern.*").deliveries == 2u);
    BOOST_TEST(counted("bad").errors == 1u);
    BOOST_TEST(counted("once").emits == 1u);
    BOOST_TEST(counted("once").deliveries == 1u);
    BOOST_TEST(counted("nobody").name == "");
    for (int i = 0; i < 20; ++i)
        BOOST_TEST(counted("other" + std::to_string(i)).deliveries == 1u);
}

BOOST_AUTO_TEST_CASE(a_queue_that_is_cancelled_before_its_listener_begins_is_idle_again) {
    signals.listen("s", [](const event&) {}, queue(5, queue_policy::drop_newest));
    test::run(at, [&]() -> aio::task<void> {
        aio::async::task_group group(at);
        at.post([&] { group.spawn("emit", emit("a")); });
        signals.cancel_queues();
        at.post([&] { group.spawn("idle", signals.drained()); });
        co_await aio::sleep(1s);
        BOOST_TEST(co_await group.join_for(1h));
        group.cancel();
    });
}

BOOST_AUTO_TEST_SUITE_END()
