#include "../async/run.hpp"

#include <aio/async/hop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/timeout.hpp>
#include <aio/signal/bus.hpp>
#include <aio/signal/counts.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
namespace signal_ = aio::signal;
using signal_::bus;
using signal_::event;
using signal_::listen_options;
using results = std::vector<std::any>;

namespace {

struct fixture {
    aio::async::virtual_clock time;
    aio::async::loop at{"main", 0, time};
    std::vector<std::string> heard;
    std::vector<std::string> errors;
    bus signals{at, [this](const std::string& line, auto&) { errors.push_back(line); }};

    auto print() {
        return [this](const event& what) {
            heard.push_back(what.name() + "=" + what.data<std::string>());
        };
    }

    auto note(std::string text) {
        return [this, text](const event&) { heard.push_back(text); };
    }

    template <typename F>
    void run(F f) {
        test::run(at, std::move(f));
    }
};

int calls = 0;

void count() {
    ++calls;
}

void count_too(const event&) {
    ++calls;
}

aio::task<void> count_by_coroutine(event) {
    ++calls;
    co_return;
}

aio::task<std::string> slow(event what) {
    co_await aio::sleep(2s);
    co_return "done with " + what.name();
}

} // namespace

#define CHECK_TEXTS(of, ...)                                                                       \
    BOOST_TEST(of == (std::vector<std::string>{__VA_ARGS__}), boost::test_tools::per_element())

BOOST_FIXTURE_TEST_SUITE(bus_, fixture)

BOOST_AUTO_TEST_CASE(case_57_a_listener_gets_name_data_and_emitter) {
    signals.listen("test-signal", [&](const event& what) {
        heard.push_back(what.name() + " " + what.data<std::string>() + " " + what.emitter());
    });
    run([&]() -> aio::task<void> {
        co_await signals.emit("test-signal", std::string("BOOM!"), "me");
    });
    CHECK_TEXTS(heard, "test-signal BOOM! me");
}

BOOST_AUTO_TEST_CASE(case_58_several_functions_run_in_order_of_subscription) {
    signals.listen("s", note("a"));
    signals.listen("s", [this](event) -> aio::task<void> {
        heard.push_back("b");
        co_return;
    });
    signals.listen("s", note("c"));
    run([&]() -> aio::task<void> { co_await signals.emit("s"); });
    CHECK_TEXTS(heard, "a", "b", "c");
}

BOOST_AUTO_TEST_CASE(case_59_one_function_on_several_signals) {
    calls = 0;
    signals.listen("one", count);
    signals.listen("two", count);
    run([&]() -> aio::task<void> {
        co_await signals.emit("one");
        co_await signals.emit("two");
    });
    BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(case_61_the_same_function_twice_is_once) {
    calls = 0;
    const auto first = signals.listen("s", count);
    BOOST_TEST(signals.listen("S", count) == first);
    BOOST_TEST(signals.listen("s", &count) == first);
    BOOST_TEST(signals.listen("s", count_too) != first);
    signals.listen("s", count_by_coroutine);
    signals.listen("s", count_by_coroutine);
    BOOST_TEST(signals.listeners("s") == 3u);
    run([&]() -> aio::task<void> { co_await signals.emit("s"); });
    BOOST_TEST(calls == 3);
}

BOOST_AUTO_TEST_CASE(case_62_unlisten_known_again_and_unknown) {
    signals.listen("s", count);
    BOOST_TEST(signals.unlisten("S", count));
    BOOST_TEST(!signals.unlisten("s", count));
    BOOST_TEST(!signals.unlisten("unknown", count));
    signals.listen("s", count);
    BOOST_TEST(!signals.unlisten("s", count_too));
    const auto one = signals.listen("s", note("x"));
    BOOST_TEST(signals.unlisten(one));
    BOOST_TEST(!signals.unlisten(one));
    BOOST_TEST(signals.listeners("s") == 1u);
    CHECK_TEXTS(signals.names(), "s");
}

BOOST_AUTO_TEST_CASE(case_63_emit_waits_and_collects) {
    signals.listen("s", [] { return 1; });
    signals.listen("s", slow);
    signals.listen("s", count);
    signals.listen("s", []() -> aio::task<int> { co_return 3; });
    const auto start = time.now();
    run([&]() -> aio::task<void> {
        const auto all = co_await signals.emit("s");
        BOOST_REQUIRE(all.size() == 3u);
        BOOST_TEST(std::any_cast<int>(all[0]) == 1);
        BOOST_TEST(std::any_cast<std::string>(all[1]) == "done with s");
        BOOST_TEST(std::any_cast<int>(all[2]) == 3);
    });
    BOOST_TEST((time.now() - start == 2s));
}

BOOST_AUTO_TEST_CASE(those_that_suspend_run_side_by_side) {
    for (int i = 1; i <= 3; ++i)
        signals.listen("s", [this, i](event) -> aio::task<void> {
            heard.push_back("begin " + std::to_string(i));
            co_await aio::sleep(i * 1s);
            heard.push_back("end " + std::to_string(i));
        });
    const auto start = time.now();
    run([&]() -> aio::task<void> {
        co_await signals.emit("s");
        heard.push_back("emitted");
    });
    BOOST_TEST((time.now() - start == 3s));
    CHECK_TEXTS(heard, "begin 1", "begin 2", "begin 3", "end 1", "end 2", "end 3", "emitted");
}

BOOST_AUTO_TEST_CASE(case_64_without_listeners_it_returns_at_once) {
    const auto start = time.now();
    run([&]() -> aio::task<void> { BOOST_TEST((co_await signals.emit("nobody")).empty()); });
    BOOST_TEST((time.now() == start));
}

BOOST_AUTO_TEST_CASE(case_66_all_run_and_the_emitter_sees_every_error) {
    signals.listen("s", []() -> int { throw std::runtime_error("first"); });
    signals.listen("s", [](event) -> aio::task<void> {
        co_await aio::sleep(1s);
        throw std::runtime_error("second");
    });
    signals.listen("s", [](event) -> aio::task<void> {
        throw std::runtime_error("third");
        co_return;
    });
    signals.listen("s", [] { return 4; });
    signals.listen("s", note("last"));
    run([&]() -> aio::task<void> {
        try {
            co_await signals.emit("s");
            BOOST_ERROR("emit did not throw");
        } catch (const signal_::emit_error& error) {
            BOOST_TEST(error.what() == "3 listeners of 's' failed, first: first");
            BOOST_TEST(error.errors().size() == 3u);
            BOOST_REQUIRE(error.results().size() == 2u);
            BOOST_TEST(!error.results()[0].has_value());
            BOOST_TEST(std::any_cast<int>(error.results()[1]) == 4);
        }
    });
    CHECK_TEXTS(heard, "last");
    CHECK_TEXTS(
        errors,
        "Error calling listener: first (signal 's')",
        "Error calling listener: third (signal 's')",
        "Error calling listener: second (signal 's')"
    );
}

BOOST_AUTO_TEST_CASE(case_68_names_are_compared_without_case) {
    signals.listen("My-Signal", note("x"));
    run([&]() -> aio::task<void> {
        co_await signals.emit("my-signal");
        co_await signals.emit("MY-SIGNAL");
    });
    BOOST_TEST(heard.size() == 2u);
}

BOOST_AUTO_TEST_CASE(asking_for_the_wrong_type_names_both) {
    signals.listen("s", print());
    run([&]() -> aio::task<void> {
        try {
            co_await signals.emit("s", 42);
        } catch (const signal_::emit_error&) {
        }
    });
    CHECK_TEXTS(
        errors,
        "Error calling listener: the data of signal 's' is int, asked for std::string (signal 's')"
    );
}

BOOST_AUTO_TEST_CASE(a_copy_of_an_event_outlives_the_emit) {
    std::vector<event> kept;
    signals.listen("s", [&](const event& what) { kept.push_back(what); });
    run([&]() -> aio::task<void> { co_await signals.emit("s", std::string("data"), "me"); });
    BOOST_REQUIRE(kept.size() == 1u);
    const event copy = kept.front();
    kept.clear();
    BOOST_TEST(copy.name() == "s");
    BOOST_TEST(copy.data<std::string>() == "data");
    BOOST_TEST(copy.emitter() == "me");
}

BOOST_AUTO_TEST_CASE(a_label_chooses) {
    signals.listen("s", note("red"), listen_options("red"));
    signals.listen("s", note("blue"), listen_options("blue"));
    run([&]() -> aio::task<void> {
        co_await signals.emit_to("blue", "s");
        co_await signals.emit_to("green", "s");
    });
    CHECK_TEXTS(heard, "blue");
}

BOOST_AUTO_TEST_CASE(only_listeners_that_are_called_give_a_result) {
    aio::async::loop other("other", 1, time);
    listen_options shop("shop");
    listen_options far("elsewhere");
    far.loop = &other; // never runs: an emit that waited for it would not end
    listen_options once("shop");
    once.once = true;
    signals.listen("l", [] { return 1; }, shop);
    signals.listen("l", [] { return 2; });
    signals.listen("l", [] { return 3; }, far);
    signals.listen("l", []() -> aio::task<int> { co_return 4; }, once);
    signals.listen("l", [] {}, shop);
    signals.listen("l", []() -> aio::task<int> { co_return 5; });
    const auto numbers = [](const results& all) {
        std::vector<int> out;
        for (const std::any& each : all)
            out.push_back(std::any_cast<int>(each));
        return out;
    };
    run([&]() -> aio::task<void> {
        BOOST_TEST((numbers(co_await signals.emit_to("shop", "l")) == std::vector{1, 4}));
        BOOST_TEST((numbers(co_await signals.emit_to("shop", "l")) == std::vector{1}));
        BOOST_TEST(numbers(co_await signals.emit_to("nobody", "l")).empty());
    });
}

BOOST_AUTO_TEST_CASE(a_once_that_another_emit_has_taken_gives_no_result) {
    listen_options once;
    once.once = true;
    signals.listen("l", []() -> aio::task<int> {
        co_await aio::sleep(1s);
        co_return 1;
    });
    const auto nested = [this](event what) -> aio::task<int> {
        if (what.emitter().empty())
            BOOST_TEST((co_await signals.emit("l", {}, "inner")).size() == 3u);
        co_return 2;
    };
    signals.listen("l", nested);
    signals.listen("l", [] { return 3; }, once);
    run([&]() -> aio::task<void> { BOOST_TEST((co_await signals.emit("l")).size() == 2u); });
}

BOOST_AUTO_TEST_CASE(an_error_of_an_emit_to_a_label_has_the_results_of_the_label) {
    signals.listen("l", [] { return 1; });
    signals.listen("l", [] { return 2; }, listen_options("shop"));
    signals.listen("l", []() -> int { throw std::runtime_error("no"); }, listen_options("shop"));
    run([&]() -> aio::task<void> {
        try {
            co_await signals.emit_to("shop", "l");
            BOOST_ERROR("nothing thrown");
        } catch (const signal_::emit_error& error) {
            BOOST_REQUIRE(error.results().size() == 2u);
            BOOST_TEST(std::any_cast<int>(error.results()[0]) == 2);
            BOOST_TEST(!error.results()[1].has_value());
        }
    });
}

BOOST_AUTO_TEST_CASE(the_same_function_with_other_options_is_left_out_and_that_is_said) {
    aio::async::loop other("other", 1, time);
    listen_options queue;
    queue.queue = 3;
    listen_options once;
    once.once = true;
    const auto first = signals.listen("s", count);
    for (const auto& options : {queue, once, listen_options("shop"), listen_options(other)})
        BOOST_TEST(signals.listen("S", count, options) == first);
    BOOST_REQUIRE(errors.size() == 4u);
    const char* const differs[] = {"queue", "once", "label", "loop"};
    for (std::size_t i = 0; i < errors.size(); ++i)
        BOOST_TEST(
            errors[i].starts_with(
                "A function that listens to signal 's' is left out: it listens already, with "
                "another " +
                std::string(differs[i])
            ),
            errors[i]
        );
    BOOST_TEST(signals.listen("s", count, listen_options(at)) == first); // its loop in words
    BOOST_TEST(errors.size() == 4u);
    BOOST_TEST(signals.listeners("s") == 1u);
}

BOOST_AUTO_TEST_CASE(names_made_at_run_time_are_given_back) {
    using signal_::count_book;
    signals.listen("stays", note("stays"));
    listen_options queue;
    queue.queue = 1;
    run([&]() -> aio::task<void> {
        for (int i = 0; i < 100'000; ++i) {
            const std::string name = "connection " + std::to_string(i);
            const auto number =
                signals.listen(name, [](const event&) {}, i % 10 == 0 ? queue : listen_options());
            co_await signals.emit(name);
            if (i % 10 == 0)
                co_await signals.drained();
            signals.unlisten(number);
        }
        co_await signals.emit("stays");
    });
    const auto all = signals.statistics();
    BOOST_TEST(all.size() <= count_book::most_ended + 50);
    std::uint64_t emits = 0;
    for (const auto& each : all)
        emits += each.emits;
    BOOST_TEST(emits == 100'001u); // nothing that was counted is lost
    CHECK_TEXTS(signals.names(), "stays");
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_names_at_once_end_in_any_order) {
    std::vector<signal_::subscription> all;
    for (int i = 0; i < 100'000; ++i)
        all.push_back(signals.listen("connection " + std::to_string(i), [](const event&) {}));
    for (std::size_t i = 0; i < all.size(); i += 2)
        BOOST_TEST_REQUIRE(signals.unlisten(all[i]));
    for (std::size_t i = all.size(); i-- > 0;)
        if (i % 2 == 1)
            BOOST_TEST_REQUIRE(signals.unlisten(all[i]));
    BOOST_TEST(signals.names().empty());
}

BOOST_AUTO_TEST_CASE(a_name_that_is_listened_to_again_goes_on_counting) {
    for (int i = 0; i < 3; ++i) {
        const auto number = signals.listen("s", note("x"));
        run([&]() -> aio::task<void> { co_await signals.emit("s"); });
        signals.unlisten(number);
    }
    const auto all = signals.statistics();
    BOOST_REQUIRE(all.size() == 1u);
    BOOST_TEST(all.front().emits == 3u);
}

BOOST_AUTO_TEST_CASE(what_a_listener_holds_is_released_when_it_unlistens) {
    run([&]() -> aio::task<void> {
        auto held = std::make_shared<int>(1);
        const std::weak_ptr<int> left = held;
        const auto number = signals.listen("s", [held = std::move(held)](const event&) {});
        co_await signals.emit("s");
        BOOST_TEST(!left.expired());
        signals.unlisten(number);
        BOOST_TEST(left.expired());
    });
}

BOOST_AUTO_TEST_CASE(a_listener_alone_keeps_its_cancellation_state_to_itself) {
    signals.listen("s", []() -> aio::task<void> {
        co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation(
        ));
        co_await aio::sleep(1s);
    });
    bool cancelled = false;
    const auto start = time.now();
    run([&]() -> aio::task<void> {
        aio::async::task_group group(at, "test");
        const auto emitter = [](bus& on, bool& was_cancelled) -> aio::task<void> {
            co_await on.emit("s");
            try {
                co_await aio::sleep(1h);
            } catch (const boost::system::system_error&) {
                was_cancelled = true;
            }
        };
        group.spawn("emitter", emitter(signals, cancelled));
        co_await aio::sleep(2s);
        group.cancel();
        co_await group.join();
    });
    BOOST_TEST(cancelled);
    BOOST_TEST((time.now() - start < 1h));
}

BOOST_AUTO_TEST_CASE(a_listener_may_use_the_bus_where_it_is_destroyed) {
    struct guard {
        bus* signals;

        explicit guard(bus& owner) : signals(&owner) {}

        guard(guard&& other) noexcept : signals(std::exchange(other.signals, nullptr)) {}

        ~guard() {
            if (signals)
                signals->unlisten("other", count);
        }
    };

    signals.listen("other", count);
    auto bound = std::make_shared<guard>(signals);
    const auto number = signals.listen("s", [kept = std::move(bound)](const event&) {});
    BOOST_TEST(signals.unlisten(number));
    BOOST_TEST(signals.listeners("other") == 0u);
}

// "as" and "bs" displace each other in `lately`. A suspended emit of "as" is displaced twice.
BOOST_AUTO_TEST_CASE(what_a_listener_holds_is_released_after_an_emit_that_was_displaced_twice) {
    run([&]() -> aio::task<void> {
        const auto emit = [](bus& on) -> aio::task<void> { co_await on.emit("as"); };
        bool waits = true;
        auto held = std::make_shared<int>(1);
        const std::weak_ptr<int> left = held;
        const auto number = signals.listen("as", [&, held = std::move(held)]() -> aio::task<void> {
            if (std::exchange(waits, false))
                co_await aio::sleep(1s);
        });
        signals.listen("bs", count);
        aio::async::task_group group(at, "test");
        group.spawn("as", emit(signals));
        for (const char* name : {"bs", "as", "bs"})
            co_await signals.emit(name);
        signals.unlisten(number);
        BOOST_TEST(!left.expired());
        co_await group.join();
        BOOST_TEST(left.expired());
    });
}

// The last to use the audience is an emit: the end of the emit destroys the audience.
BOOST_AUTO_TEST_CASE(a_listener_that_is_destroyed_by_the_end_of_an_emit_may_use_the_bus) {
    struct guard {
        bus& signals;

        ~guard() { signals.unlisten("other", count); }
    };

    run([&]() -> aio::task<void> {
        const auto emit = [](bus& on, const char* name) -> aio::task<void> {
            co_await on.emit(name);
        };
        signals.listen("other", count);
        for (const char* name : {"t", "u"})
            signals.listen(name, []() -> aio::task<void> { co_await aio::sleep(2s); });
        auto bound = std::make_shared<guard>(signals);
        const auto number = signals.listen("s", [kept = std::move(bound)]() -> aio::task<void> {
            co_await aio::sleep(1s);
        });
        aio::async::task_group group(at, "test");
        group.spawn("t", emit(signals, "t"));
        group.spawn("s", emit(signals, "s"));
        signals.unlisten(number);
        group.spawn("u", emit(signals, "u"));
        BOOST_TEST(signals.listeners("other") == 1u);
        co_await group.join();
        BOOST_TEST(signals.listeners("other") == 0u);
    });
}

BOOST_AUTO_TEST_CASE(once_is_once) {
    listen_options once;
    once.once = true;
    signals.listen("s", note("once"), once);
    signals.listen("s", note("always"));
    run([&]() -> aio::task<void> {
        co_await signals.emit("s");
        BOOST_TEST(signals.listeners("s") == 1u);
        co_await signals.emit("s");
    });
    CHECK_TEXTS(heard, "once", "always", "always");
}

BOOST_AUTO_TEST_CASE(a_star_hears_many) {
    signals.listen("server.*", [this](const event& what) { heard.push_back(what.name()); });
    signals.listen("server.up", note("exact"));
    run([&]() -> aio::task<void> {
        co_await signals.emit("Server.up");
        co_await signals.emit("server.down");
        co_await signals.emit("service.up");
    });
    CHECK_TEXTS(heard, "server.up", "exact", "server.down");
    BOOST_TEST(signals.listeners("server.x") == 1u);
}

BOOST_AUTO_TEST_CASE(unlisten_during_emit_is_safe) {
    signal_::subscription self = 0;
    self = signals.listen("s", [&](const event&) {
        heard.push_back("self");
        signals.unlisten(self);
        signals.listen("s", note("late"));
    });
    signals.listen("s", note("other"));
    run([&]() -> aio::task<void> {
        co_await signals.emit("s");
        co_await signals.emit("s");
    });
    CHECK_TEXTS(heard, "self", "other", "other", "late");
}

BOOST_AUTO_TEST_CASE(post_returns_at_once_and_comes_later) {
    signals.listen("s", print());
    signals.listen("bad", [] { throw std::runtime_error("bad"); });
    run([&]() -> aio::task<void> {
        signals.post("s", std::string("later"));
        signals.post("bad");
        BOOST_TEST(heard.empty());
        co_await aio::sleep(0s);
        co_await signals.posted();
    });
    CHECK_TEXTS(heard, "s=later");
    BOOST_TEST(errors.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_was_posted_until_now_has_an_end_whatever_comes_meanwhile) {
    signals.listen("s", [this](event what) -> aio::task<void> {
        co_await aio::sleep(10ms);
        heard.push_back(what.data<std::string>());
    });
    run([&]() -> aio::task<void> {
        aio::async::task_group posts(at);
        posts.spawn("posts", [](bus& to) -> aio::task<void> {
            for (;;) {
                to.post("s", std::string("more"));
                co_await aio::sleep(5ms);
            }
        }(signals));
        signals.post("s", std::string("before"));
        BOOST_CHECK_THROW(
            co_await aio::async::with_timeout(1ms, signals.heard()), aio::async::timeout_error
        );
        signals.post("s", std::string("last before"));
        co_await aio::async::with_timeout(1s, signals.heard());
        BOOST_TEST(std::ranges::count(heard, "before") == 1);
        BOOST_TEST(std::ranges::count(heard, "last before") == 1);
        BOOST_TEST(signals.unfinished().size() == 1u); // those that came meanwhile
        posts.cancel();
        co_await posts.join();
        co_await signals.posted();
        BOOST_TEST(signals.unfinished().empty());
    });
}

BOOST_AUTO_TEST_CASE(a_cancelled_emit_cancels_its_listeners_and_waits_for_them) {
    signals.listen("s", [this](event) -> aio::task<void> {
        bool cancelled = false;
        try {
            co_await aio::sleep(1h);
        } catch (const boost::system::system_error&) {
            cancelled = true;
        }
        heard.push_back(cancelled ? "cancelled" : "not cancelled");
        co_await boost::asio::this_coro::reset_cancellation_state();
        co_await aio::sleep(1s);
        heard.push_back("cleaned up");
    });
    const auto start = time.now();
    run([&]() -> aio::task<void> {
        aio::async::task_group group(at);
        group.spawn("emit", [](bus& of) -> aio::task<void> { co_await of.emit("s"); }(signals));
        group.cancel();
        co_await group.join();
    });
    CHECK_TEXTS(heard, "cancelled", "cleaned up");
    BOOST_TEST((time.now() - start == 1s));
}

namespace {

/// Cleans up for a second after its cancellation; then it still uses the event.
aio::task<std::string> hear_slowly(const event& what) {
    try {
        co_await aio::sleep(1h);
    } catch (const boost::system::system_error&) {
    }
    co_await boost::asio::this_coro::reset_cancellation_state();
    co_await aio::sleep(1s);
    co_return what.name() + " " + what.data<std::string>() + ", which is no short text";
}

} // namespace

BOOST_AUTO_TEST_CASE(an_emit_that_its_own_listener_cancels_cancels_the_others_and_waits_for_them) {
    using way = aio::task<results> (*)(bus&);
    const std::vector<way> ways{
        [](bus& on) { return on.emit("s", std::string("data")); },
        [](bus& on) { return on.emit("s", std::string("data"), "an emitter"); },
        [](bus& on) { return on.emit_to("label", "s", std::string("data")); },
    };
    int completed = 0;
    listen_options labelled;
    labelled.label = "label";
    signals.listen(
        "s",
        [&](const event& what) -> aio::task<std::string> {
            std::string text = co_await hear_slowly(what);
            completed += text == "s data, which is no short text";
            co_return text;
        },
        labelled
    );
    aio::async::task_group* emitters = nullptr;
    signals.listen("s", [&](const event&) { emitters->cancel(); }, labelled);
    signals.listen("s", note("and the last one"), labelled);
    for (const way emit : ways) {
        const auto start = time.now();
        bool aborted = false;
        run([&]() -> aio::task<void> {
            aio::async::task_group group(at);
            emitters = &group;
            group.spawn("emit", [](bus& on, way call, bool& threw) -> aio::task<void> {
                try {
                    co_await call(on);
                } catch (const boost::system::system_error& error) {
                    threw = error.code() == boost::asio::error::operation_aborted;
                }
            }(signals, emit, aborted));
            BOOST_TEST(group.size() == 1u);
            co_await group.join();
            BOOST_TEST(at.snapshot().size() == 1u);
        });
        BOOST_TEST(aborted);
        BOOST_TEST((time.now() - start == 1s));
    }
    BOOST_TEST(completed == 3);
    CHECK_TEXTS(heard, "and the last one", "and the last one", "and the last one");
    BOOST_TEST(errors.empty());
}

BOOST_AUTO_TEST_CASE(an_emit_that_its_own_listener_cancels_waits_for_the_other_loops) {
    aio::async::loop there("there", 1, time);
    std::thread thread([&] { there.run(); });
    std::atomic<int> completed = 0;
    signals.listen(
        "s",
        [&](const event& what) -> aio::task<void> {
            completed += !(co_await hear_slowly(what)).empty();
        },
        listen_options(there)
    );
    aio::async::task_group* emitters = nullptr;
    signals.listen("s", [&](const event&) { emitters->cancel(); });
    run([&]() -> aio::task<void> {
        aio::async::task_group group(at);
        emitters = &group;
        group.spawn("emit", [](bus& on) -> aio::task<void> {
            co_await on.emit("s", std::string("data"));
        }(signals));
        co_await group.join();
        BOOST_TEST(completed == 1);
    });
    there.stop();
    thread.join();
}

BOOST_AUTO_TEST_CASE(what_a_cancelled_emit_cancels_is_no_error_of_a_listener) {
    for (int i = 0; i < 2; ++i)
        signals.listen("s", [](event) -> aio::task<void> { co_await aio::sleep(1h); });
    run([&]() -> aio::task<void> {
        aio::async::task_group group(at);
        group.spawn("emit", [](bus& of) -> aio::task<void> { co_await of.emit("s"); }(signals));
        group.cancel();
        co_await group.join();
    });
    BOOST_TEST(errors.empty());
    BOOST_TEST(signals.statistics().front().errors == 0u);
}

BOOST_AUTO_TEST_CASE(a_listener_that_changes_its_cancellation_does_not_change_the_next) {
    namespace coro = boost::asio::this_coro;
    signals.listen("s", [](event) -> aio::task<void> {
        co_await coro::reset_cancellation_state(boost::asio::disable_cancellation());
        co_await coro::throw_if_cancelled(false);
    });
    bool throws = false;
    signals.listen("s", [&](event) -> aio::task<void> {
        throws = co_await coro::throw_if_cancelled();
        co_await aio::sleep(1h);
    });
    const auto start = time.now();
    run([&]() -> aio::task<void> {
        aio::async::task_group group(at);
        group.spawn("emit", [](bus& of) -> aio::task<void> { co_await of.emit("s"); }(signals));
        group.cancel();
        co_await group.join();
    });
    BOOST_TEST(throws);
    BOOST_TEST((time.now() == start));
}

BOOST_AUTO_TEST_CASE(a_listener_runs_on_its_own_loop) {
    aio::async::loop there("there", 1, time);
    std::thread thread([&] { there.run(); });
    const auto other = thread.get_id();
    signals.listen(
        "s",
        [&, other](event) -> aio::task<std::string> {
            BOOST_TEST((std::this_thread::get_id() == other));
            co_await aio::sleep(1s);
            BOOST_TEST((std::this_thread::get_id() == other));
            co_return "there";
        },
        listen_options(there)
    );
    signals.listen("s", [] { throw std::runtime_error("there too"); }, listen_options(there));
    signals.listen("s", [] { return std::string("here"); });
    run([&]() -> aio::task<void> {
        try {
            co_await signals.emit("s");
            BOOST_ERROR("emit did not throw");
        } catch (const signal_::emit_error& error) {
            BOOST_TEST(error.errors().size() == 1u);
            BOOST_REQUIRE(error.results().size() == 2u);
            BOOST_TEST(std::any_cast<std::string>(error.results()[0]) == "there");
            BOOST_TEST(std::any_cast<std::string>(error.results()[1]) == "here");
        }
        // From over there, back to here.
        co_await aio::async::on(there, [&]() -> aio::task<void> {
            BOOST_TEST((std::this_thread::get_id() == other));
            co_await signals.emit("from-there");
        });
    });
    there.stop();
    thread.join();
}

BOOST_AUTO_TEST_CASE(a_loop_that_ends_does_not_keep_the_emitter_waiting) {
    auto there = std::make_unique<aio::async::loop>("there", 1, time);
    signals.listen("s", count, listen_options(*there));
    run([&]() -> aio::task<void> {
        at.post([&] { there.reset(); });
        try {
            co_await signals.emit("s");
            BOOST_ERROR("emit did not throw");
        } catch (const signal_::emit_error& error) {
            BOOST_TEST(
                error.what() == "1 listener of 's' failed: the loop of a listener has ended"
            );
        }
    });
}

BOOST_AUTO_TEST_CASE(one_that_ends_under_a_listener_does_not_either) {
    auto there = std::make_unique<aio::async::loop>("there", 1, time);
    const auto wait = [](event) -> aio::task<void> { co_await aio::sleep(1h); };
    signals.listen("s", wait, listen_options(*there));
    run([&]() -> aio::task<void> {
        at.post([&] {
            there->poll();
            there.reset();
        });
        BOOST_CHECK_EXCEPTION(
            co_await signals.emit("s"),
            signal_::emit_error,
            [](const signal_::emit_error& e) {
                return e.what() == std::string("1 listener of 's' failed: the loop of a listener "
                                               "has ended");
            }
        );
    });
}

BOOST_AUTO_TEST_CASE(an_emit_under_way_goes_with_either_of_its_loops) {
    for (const bool there_first : {true, false}) {
        auto here = std::make_unique<aio::async::loop>("here");
        auto there = std::make_unique<aio::async::loop>("there", 1);
        auto on_here = std::make_unique<signal_::bus>(*here);
        const auto wait = [](event) -> aio::task<void> { co_await aio::sleep(1h); };
        on_here->listen("s", wait, listen_options(*there));
        {
            const auto emit = [&]() -> aio::task<void> { co_await on_here->emit("s"); };
            aio::async::task_group group(*here);
            group.spawn("emit", emit());
            there->poll();
        }
        (there_first ? there : here).reset();
        (there_first ? here : there).reset();
    }
}

BOOST_AUTO_TEST_SUITE_END()
