#include "run.hpp"

#include <aio/async/ask.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

using namespace std::chrono_literals;
using aio::async::ask;
using aio::async::loop;

namespace {

struct fixture {
    loop at, one{"one", 1}, two{"two", 2};
};

std::string name_of(const loop& asked) {
    return asked.name();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(asking_loops, fixture)

BOOST_AUTO_TEST_CASE(every_loop_answers_on_its_own_thread) {
    std::thread first([&] { one.run(); }), second([&] { two.run(); });
    test::run(at, [&]() -> aio::task<void> {
        std::vector<loop*> all{&one, &at, &two};
        const auto who = co_await ask(all, 60s, [](loop&) { return std::this_thread::get_id(); });
        BOOST_TEST((who[0] == first.get_id()));
        BOOST_TEST((who[1] == std::this_thread::get_id()));
        BOOST_TEST((who[2] == second.get_id()));
        BOOST_TEST((co_await ask({}, 60s, name_of)).empty());
        BOOST_CHECK_THROW(
            co_await ask(
                all, 60s, [](loop& from) -> int { throw std::runtime_error("from " + from.name()); }
            ),
            std::runtime_error
        );
    });
    one.stop();
    two.stop();
    first.join();
    second.join();
}

BOOST_AUTO_TEST_CASE(a_blocked_loop_is_not_waited_for_and_not_asked_later) {
    std::promise<void> unblock;
    one.post([&] { unblock.get_future().wait(); });
    std::thread first([&] { one.run(); }), second([&] { two.run(); });
    const auto asked = std::make_shared<std::atomic<int>>(0);
    test::run(at, [&]() -> aio::task<void> {
        const auto who = co_await ask({&one, &two}, 50ms, [asked](loop& from) {
            ++*asked;
            return from.name();
        });
        BOOST_TEST(!who[0]);
        BOOST_TEST(*who[1] == "two");
        unblock.set_value();
        co_await ask({&one}, 60s, name_of);
        BOOST_TEST(*asked == 1);
    });
    one.stop();
    two.stop();
    first.join();
    second.join();
}

BOOST_AUTO_TEST_CASE(who_asks_can_be_cancelled) {
    test::run(at, [&]() -> aio::task<void> { // nobody turns the others
        aio::async::task_group group(at, "test", [](std::string_view, std::exception_ptr) {});
        const auto wait = [&]() -> aio::task<void> { co_await ask({&one}, 1h, name_of); };
        group.spawn("asks", wait());
        group.cancel();
        co_await group.join();
        one.poll();
    });
}

BOOST_AUTO_TEST_SUITE_END()
