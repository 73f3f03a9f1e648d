// Faults that users of other signal libraries have reported, tried here.

#include "../async/run.hpp"

#include <aio/async/sleep.hpp>
#include <aio/async/timeout.hpp>
#include <aio/signal/bus.hpp>
#include <aio/signal/typed.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
namespace signal_ = aio::signal;
using signal_::bus;
using signal_::event;
using signal_::listen_options;

namespace {

struct fixture {
    aio::async::virtual_clock time;
    aio::async::loop at{"main", 0, time};
    std::vector<std::string> errors;
    bus signals{at, [this](const std::string& line) { errors.push_back(line); }};

    template <typename F>
    void run(F f) {
        test::run(at, std::move(f));
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(reports, fixture)

// nodejs/node-v0.x-archive#6503, quasarframework/quasar#18431
BOOST_AUTO_TEST_CASE(once_is_once_when_a_listener_emits_the_signal_again) {
    listen_options once;
    once.once = true;
    int first = 0;
    int second = 0;
    signals.listen(
        "e",
        [&](event) -> aio::task<void> {
            ++first;
            co_await signals.emit("e");
        },
        once
    );
    signals.listen("e", [&](event) { ++second; }, once);
    run([&]() -> aio::task<void> {
        co_await signals.emit("e");
        co_await signals.emit("e");
    });
    BOOST_TEST(first == 1);
    BOOST_TEST(second == 1);
}

// dartsim/dart#1460, palacaze/sigslot#38
BOOST_AUTO_TEST_CASE(a_listener_that_has_ended_is_released_although_nobody_ever_emits) {
    std::vector<std::weak_ptr<int>> held;
    signal_::typed<> typed;
    for (int i = 0; i < 100; ++i) {
        const auto one = std::make_shared<int>(i);
        held.push_back(one);
        signals.unlisten(signals.listen("e", [one](const event&) {}));
        typed.connect([one] {}).disconnect();
    }
    for (const auto& each : held)
        BOOST_TEST(each.expired());
}

// TheWisp/signals#23
BOOST_AUTO_TEST_CASE(a_signal_that_ends_before_its_connection_releases_the_handler) {
    const auto held = std::make_shared<int>(1);
    auto typed = std::make_unique<signal_::typed<>>();
    const signal_::scoped_connection mine = typed->connect([held] {});
    typed.reset();
    BOOST_TEST(held.use_count() == 1);
}

// pbhogan/Signals#4, xmikos/signaller#1, HaxeFlixel/flixel#1420
BOOST_AUTO_TEST_CASE(a_handler_may_disconnect_itself_and_the_next_is_called_nevertheless) {
    signal_::typed<> typed;
    std::string heard;
    signal_::connection self;
    self = typed.connect([&] {
        heard += "a";
        self.disconnect();
    });
    typed.connect([&] { heard += "b"; });
    run([&]() -> aio::task<void> {
        co_await typed.emit();
        co_await typed.emit();
    });
    BOOST_TEST(heard == "abb");
}

// A handler that ends the signal that calls it: a use after free in several libraries.
BOOST_AUTO_TEST_CASE(a_handler_may_end_the_signal_that_calls_it) {
    auto typed = std::make_unique<signal_::typed<>>();
    int calls = 0;
    typed->connect([&] {
        ++calls;
        typed.reset();
    });
    typed->connect([&] { ++calls; });
    run([&]() -> aio::task<void> { co_await typed->emit(); });
    BOOST_TEST(calls == 2);
}

// BaseIntelligence/bounty-challenge#9009, apache/spark#26924
BOOST_AUTO_TEST_CASE(a_listener_may_add_and_remove_listeners_while_an_emit_waits_for_it) {
    signals.listen("e", [&](event) -> aio::task<void> {
        const auto added = signals.listen("e", [](const event&) {});
        co_await aio::sleep(1s);
        signals.unlisten(added);
        signals.cancel_queues();
    });
    run([&]() -> aio::task<void> {
        co_await aio::async::with_timeout(10s, [](bus& on) -> aio::task<void> {
            co_await on.emit("e");
        }(signals));
    });
    BOOST_TEST(signals.listeners("e") == 1u);
}

// OpenNMS/opennms#1226
BOOST_AUTO_TEST_CASE(a_listener_that_emits_into_its_own_full_queue_gets_an_error) {
    listen_options queue;
    queue.queue = 1;
    queue.name = "m.echo";
    int heard = 0;
    signals.listen(
        "e",
        [&](event what) -> aio::task<void> {
            ++heard;
            if (what.emitter().empty())
                for (int i = 0; i < 3; ++i)
                    co_await signals.emit("e", {}, "echo");
        },
        queue
    );
    run([&]() -> aio::task<void> {
        co_await signals.emit("e");
        co_await aio::async::with_timeout(1min, signals.drained());
    });
    BOOST_TEST(heard == 2); // its own first event had room
    BOOST_REQUIRE(errors.size() >= 1u);
    BOOST_TEST(
        errors.front() ==
        "Error calling listener: it emits 'e' into its own full queue, and would wait for itself "
        "(m.echo, signal 'e')"
    );
}

// The same for one that waits for its own signal through a post: nobody waits, nothing is lost.
BOOST_AUTO_TEST_CASE(a_listener_may_post_into_its_own_full_queue) {
    listen_options queue;
    queue.queue = 1;
    int heard = 0;
    signals.listen(
        "e",
        [&](event what) -> aio::task<void> {
            ++heard;
            if (what.emitter().empty())
                for (int i = 0; i < 3; ++i)
                    signals.post("e", {}, "echo");
            co_return;
        },
        queue
    );
    run([&]() -> aio::task<void> {
        co_await signals.emit("e");
        co_await aio::async::with_timeout(1min, signals.drained());
    });
    BOOST_TEST(heard == 4);
    BOOST_TEST(errors.empty());
}

BOOST_AUTO_TEST_SUITE_END()
