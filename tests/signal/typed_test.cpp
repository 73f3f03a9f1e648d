#include "../async/run.hpp"

#include <aio/async/sleep.hpp>
#include <aio/base/mistake.hpp>
#include <aio/signal/typed.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
namespace signal_ = aio::signal;
using signal_::from;
using signal_::scoped_connection;
using signal_::typed;

namespace {

struct ticker {
    typed<int, std::string> ticked{*this};
};

struct fixture {
    aio::async::virtual_clock time;
    aio::async::loop at{"main", 0, time};
    std::vector<std::string> heard;

    auto note(std::string name) {
        return [this, name](int number, const std::string& text) {
            heard.push_back(name + " " + std::to_string(number) + " " + text);
        };
    }

    template <typename F>
    void run(F f) {
        test::run(at, std::move(f));
    }
};

int calls = 0;

void count(int, const std::string&) {
    ++calls;
}

} // namespace

#define CHECK_TEXTS(of, ...)                                                                       \
    BOOST_TEST(of == (std::vector<std::string>{__VA_ARGS__}), boost::test_tools::per_element())

BOOST_FIXTURE_TEST_SUITE(typed_, fixture)

BOOST_AUTO_TEST_CASE(case_188_each_object_has_its_own_and_a_payload_and_disconnect_counts) {
    ticker x, y;
    const auto on_x = x.ticked.connect(note("x"));
    y.ticked.connect(note("y"));
    run([&]() -> aio::task<void> {
        co_await x.ticked.emit(303, "sorry not sorry");
        CHECK_TEXTS(heard, "x 303 sorry not sorry");
        BOOST_TEST(x.ticked.disconnect(on_x));
        BOOST_TEST(!on_x.disconnect());
        co_await x.ticked.emit(304, "again");
        BOOST_TEST(heard.size() == 1u);
        co_await y.ticked.emit(1, "one");
    });
    BOOST_TEST(heard.back() == "y 1 one");
}

BOOST_AUTO_TEST_CASE(of_a_shared_one_only_the_sender_asked_for_is_heard) {
    typed<int> all;
    ticker x, y;
    std::vector<std::string> got;
    all.connect([&](int n) { got.push_back("all " + std::to_string(n)); });
    all.connect([&](int n) { got.push_back("x " + std::to_string(n)); }, from(x));
    all.connect([&](signal_::sender by, int) { got.push_back(by.is(y) ? "y" : "other"); });
    run([&]() -> aio::task<void> {
        co_await all.emit_from(&x, 1);
        co_await all.emit_from(&y, 2);
        co_await all.emit(3);
    });
    CHECK_TEXTS(got, "all 1", "x 1", "other", "all 2", "y", "all 3", "other");
}

BOOST_AUTO_TEST_CASE(a_mistake_of_a_handler_is_one_of_the_emitter) {
    ticker x;
    bool mistaken = false;
    const auto throwing = x.ticked.connect([&](int, const std::string&) {
        if (mistaken)
            throw aio::base::mistake("no such option");
        throw std::runtime_error("boom");
    });
    run([&]() -> aio::task<void> {
        for (const bool now : {false, true}) {
            mistaken = now;
            std::exception_ptr why;
            try {
                co_await x.ticked.emit(1, "a");
            } catch (const signal_::emit_error& error) {
                BOOST_TEST(error.errors().size() == 1u);
                why = std::current_exception();
            }
            BOOST_TEST(aio::base::is_mistake(why) == now);
        }
    });
}

BOOST_AUTO_TEST_CASE(emit_waits_for_coroutines_and_tells_of_errors) {
    ticker x;
    x.ticked.connect([&](int n, std::string text) -> aio::task<void> {
        co_await aio::sleep(2s);
        heard.push_back(text + std::to_string(n));
    });
    x.ticked.connect([](int, const std::string&) { throw std::runtime_error("boom"); });
    x.ticked.connect(note("last"));
    run([&]() -> aio::task<void> {
        const auto start = time.now();
        BOOST_CHECK_THROW(co_await x.ticked.emit(7, "done"), signal_::emit_error);
        BOOST_TEST((time.now() - start == 2s));
    });
    CHECK_TEXTS(heard, "last 7 done", "done7");
}

BOOST_AUTO_TEST_CASE(a_scoped_connection_ends_with_its_scope) {
    ticker x;
    scoped_connection kept;
    run([&]() -> aio::task<void> {
        {
            const scoped_connection mine = x.ticked.connect(note("mine"));
            kept = x.ticked.connect(note("kept"));
            co_await x.ticked.emit(1, "a");
        }
        co_await x.ticked.emit(2, "b");
        kept = scoped_connection();
        co_await x.ticked.emit(3, "c");
    });
    CHECK_TEXTS(heard, "mine 1 a", "kept 1 a", "kept 2 b");
    BOOST_TEST(x.ticked.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(one_that_is_disconnected_while_an_emit_goes_on_is_not_called) {
    ticker x;
    std::optional<scoped_connection> second;
    x.ticked.connect([&](int, const std::string&) { second.reset(); });
    second = x.ticked.connect(note("second"));
    run([&]() -> aio::task<void> { co_await x.ticked.emit(1, "a"); });
    BOOST_TEST(heard.empty());
}

BOOST_AUTO_TEST_CASE(a_connection_may_outlive_its_signal_and_a_signal_its_emit) {
    signal_::connection left;
    auto x = std::make_unique<ticker>();
    left = x->ticked.connect([&](int, std::string) -> aio::task<void> {
        x.reset();
        co_await aio::sleep(1s);
        heard.push_back("still");
    });
    run([&]() -> aio::task<void> { co_await x->ticked.emit(1, "a"); });
    CHECK_TEXTS(heard, "still");
    BOOST_TEST(!left.disconnect());
}

BOOST_AUTO_TEST_CASE(the_same_function_is_connected_once_and_disconnected_by_itself) {
    ticker x;
    calls = 0;
    x.ticked.connect(count);
    x.ticked.connect(count);
    run([&]() -> aio::task<void> {
        co_await x.ticked.emit(1, "a");
        BOOST_TEST(calls == 1);
        BOOST_TEST(x.ticked.disconnect(count));
        BOOST_TEST(!x.ticked.disconnect(count));
        co_await x.ticked.emit(1, "a");
    });
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(the_same_function_may_hear_two_senders) {
    ticker x, y, z;
    calls = 0;
    x.ticked.connect(count, from(x));
    x.ticked.connect(count, from(y));
    x.ticked.connect(count, from(y));
    run([&]() -> aio::task<void> {
        co_await x.ticked.emit_from(&x, 1, "x");
        co_await x.ticked.emit_from(&y, 2, "y");
        co_await x.ticked.emit_from(&z, 3, "z");
        BOOST_TEST(calls == 2);
        BOOST_TEST(x.ticked.disconnect(count));
        co_await x.ticked.emit_from(&x, 4, "x");
        co_await x.ticked.emit_from(&y, 5, "y");
    });
    BOOST_TEST(calls == 2);
}

BOOST_AUTO_TEST_CASE(a_handler_bound_to_the_loop_that_emits_hears_its_sender_only) {
    ticker x, y;
    auto how = from(x);
    how.loop = &at;
    x.ticked.connect(note("of x"), how);
    run([&]() -> aio::task<void> {
        co_await x.ticked.emit_from(&x, 1, "a");
        co_await x.ticked.emit_from(&y, 2, "b");
    });
    CHECK_TEXTS(heard, "of x 1 a");
}

BOOST_AUTO_TEST_CASE(one_bound_to_the_loop_that_emits_is_not_called_once_disconnected) {
    ticker x;
    std::optional<scoped_connection> second;
    const signal_::connect_options here(at);
    x.ticked.connect([&](int, const std::string&) { second.reset(); }, here);
    second = x.ticked.connect(note("second"), here);
    run([&]() -> aio::task<void> { co_await x.ticked.emit(1, "a"); });
    BOOST_TEST(heard.empty());
}

BOOST_AUTO_TEST_CASE(once_is_once_and_waits_for_its_sender) {
    ticker x, y;
    auto how = from(y);
    how.once = true;
    x.ticked.connect(note("once"), how);
    run([&]() -> aio::task<void> {
        co_await x.ticked.emit(1, "a");
        BOOST_TEST(heard.empty());
        co_await x.ticked.emit_from(&y, 2, "b");
        co_await x.ticked.emit_from(&y, 3, "c");
    });
    CHECK_TEXTS(heard, "once 2 b");
    BOOST_TEST(x.ticked.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(a_handler_may_live_on_another_loop) {
    aio::async::loop there("there", 1, time);
    std::thread thread([&] { there.run(); });
    ticker x;
    int right = 0; // Boost.Test is for one thread at a time
    x.ticked.connect(
        [&](int, std::string text) -> aio::task<void> {
            right += there.running_here() && text == "a";
            co_await aio::sleep(1s);
            right += there.running_here();
        },
        signal_::connect_options(there)
    );
    bool here = false;
    x.ticked.connect([&](int, const std::string&) { here = at.running_here(); });
    run([&]() -> aio::task<void> { co_await x.ticked.emit(1, "a"); });
    there.stop();
    thread.join();
    BOOST_TEST(right == 2);
    BOOST_TEST(here);
}

BOOST_AUTO_TEST_CASE(a_cancelled_emit_cancels_its_handlers) {
    ticker x;
    x.ticked.connect([](int, std::string) -> aio::task<void> { co_await aio::sleep(1h); });
    const auto start = time.now();
    run([&]() -> aio::task<void> {
        aio::async::task_group group(at);
        group.spawn("emit", x.ticked.emit(1, "a"));
        group.cancel();
        co_await group.join();
    });
    BOOST_TEST((time.now() == start));
}

BOOST_AUTO_TEST_CASE(an_emit_that_its_own_handler_cancels_cancels_the_others_and_waits_for_them) {
    ticker x;
    aio::async::task_group* emitters = nullptr;
    x.ticked.connect([this](int, const std::string& text) -> aio::task<void> {
        try {
            co_await aio::sleep(1h);
        } catch (const std::exception&) {
        }
        co_await boost::asio::this_coro::reset_cancellation_state();
        co_await aio::sleep(1s);
        heard.push_back(text);
    });
    x.ticked.connect([&](int, const std::string&) { emitters->cancel(); });
    const auto start = time.now();
    run([&]() -> aio::task<void> {
        aio::async::task_group group(at);
        emitters = &group;
        group.spawn("emit", [](ticker& of) -> aio::task<void> {
            co_await of.ticked.emit(1, "a text that is not in the string itself");
        }(x));
        co_await group.join();
        BOOST_TEST(at.snapshot().size() == 1u);
    });
    CHECK_TEXTS(heard, "a text that is not in the string itself");
    BOOST_TEST((time.now() - start == 1s));
}

BOOST_AUTO_TEST_CASE(it_has_any_arguments) {
    typed<> bare;
    typed<std::unique_ptr<int>> moved;
    int got = 0;
    bare.connect([&] { ++got; });
    moved.connect([&](const std::unique_ptr<int>& one) { got += *one; });
    run([&]() -> aio::task<void> {
        co_await bare.emit();
        co_await moved.emit(std::make_unique<int>(10));
    });
    BOOST_TEST(got == 11);
}

BOOST_AUTO_TEST_CASE(it_is_counted_like_a_named_one) {
    auto x = std::make_unique<ticker>();
    ticker y;
    aio::signal::bus signals(at);
    signals.include("x.ticked", x->ticked.inside());
    x->ticked.connect([](int, const std::string&) {});
    x->ticked.connect([](int n, const std::string&) {
        if (n == 2)
            throw std::runtime_error("boom");
    });
    x->ticked.connect([](int, const std::string&) {}, aio::signal::from(y));
    aio::signal::connect_options once;
    once.once = true;
    x->ticked.connect([](int, const std::string&) -> aio::task<void> { co_return; }, once);
    run([&]() -> aio::task<void> {
        co_await x->ticked.emit(1, "a");
        BOOST_CHECK_THROW(co_await x->ticked.emit(2, "b"), aio::signal::emit_error);
        co_await x->ticked.emit_from(&y, 3, "c");
        co_await y.ticked.emit(1, "nobody");
    });
    const auto all = signals.statistics();
    BOOST_REQUIRE(all.size() == 1u);
    BOOST_TEST(all[0].name == "x.ticked");
    BOOST_TEST(all[0].emits == 3u);
    BOOST_TEST(all[0].deliveries == 3u + 2u + 3u);
    BOOST_TEST(all[0].errors == 1u);
    BOOST_TEST(x->ticked.statistics().emits == 3u);
    BOOST_TEST(y.ticked.statistics().emits == 0u);
    x.reset();
    BOOST_TEST(signals.statistics().empty());
}

BOOST_AUTO_TEST_SUITE_END()
