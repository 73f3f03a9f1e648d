#include "run.hpp"

#include <aio/async/sleep.hpp>
#include <aio/async/start_inline.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>
#include <boost/version.hpp>

#include <stdexcept>

using namespace aio::async;
using namespace std::chrono_literals;

namespace {

struct listener final : keeper {
    void ended(runner& by, std::exception_ptr error) noexcept override {
        last = &by;
        why = std::move(error);
        ++times;
    }

    runner* last = nullptr;
    std::exception_ptr why;
    int times = 0;
};

aio::task<void> nothing() {
    co_return;
}

aio::task<void> fail() {
    throw std::runtime_error("no");
    co_return;
}

aio::task<void> deep(int levels) {
    if (levels > 0)
        co_await deep(levels - 1);
    else
        co_await aio::sleep(1s);
}

} // namespace

BOOST_AUTO_TEST_SUITE(start_inline_)

// Start_inline.cpp drives awaitables by what these versions of Asio have inside. With another one,
// run these tests under the sanitizers and raise the bound.
BOOST_AUTO_TEST_CASE(was_checked_with_this_boost) {
    BOOST_TEST(BOOST_VERSION >= 108100);
    BOOST_TEST(BOOST_VERSION <= 108300);
}

BOOST_AUTO_TEST_CASE(what_does_not_suspend_has_no_owner) {
    loop at;
    listener keeper;
    std::exception_ptr why;
    for (int i = 0; i < 1000; ++i)
        BOOST_TEST(start_inline(at, nothing(), keeper, why) == nullptr);
    BOOST_TEST(!why);
    BOOST_TEST(start_inline(at, fail(), keeper, why) == nullptr);
    BOOST_CHECK_THROW(std::rethrow_exception(why), std::runtime_error);
    BOOST_TEST(keeper.times == 0);
    BOOST_TEST(at.snapshot().empty());
}

BOOST_AUTO_TEST_CASE(what_suspends_is_owned_until_it_ends) {
    virtual_clock time;
    loop at("test", 0, time);
    listener keeper;
    test::run(at, [&]() -> aio::task<void> {
        std::exception_ptr why;
        runner* one = start_inline(at, deep(100), keeper, why);
        BOOST_REQUIRE(one != nullptr);
        BOOST_TEST(at.snapshot().size() == 1u);
        co_await aio::sleep(2s);
        BOOST_TEST(keeper.times == 1);
        BOOST_TEST(keeper.last == one);
        BOOST_TEST(!keeper.why);
        BOOST_TEST(start_inline(at, aio::sleep(1s), keeper, why) == one);
        co_await aio::sleep(2s);
    });
}

BOOST_AUTO_TEST_CASE(a_source_is_asked_until_it_says_which_coroutine_is_the_last) {
    struct three final : source {
        bool next(aio::task<void>& into) noexcept override {
            ++asked;
            last_ = tells && given == 2;
            if (given == 3)
                return false;
            into = ++given == 2 ? fail() : nothing();
            return true;
        }

        void failed(std::exception_ptr) noexcept override { ++failures; }

        bool tells = false;
        int asked = 0, given = 0, failures = 0;
    };

    loop at;
    listener keeper;
    for (const bool tells : {false, true}) {
        three from;
        from.tells = tells;
        BOOST_TEST(runner::run(at, from, keeper) == nullptr);
        BOOST_TEST(from.given == 3);
        BOOST_TEST(from.failures == 1);
        BOOST_TEST(from.asked == (tells ? 3 : 4));
    }
    BOOST_TEST(at.snapshot().empty());
}

BOOST_AUTO_TEST_CASE(starts_nest) {
    virtual_clock time;
    loop at("test", 0, time);
    listener keeper;
    test::run(at, [&]() -> aio::task<void> {
        const auto nest = [&](auto self, int levels) -> aio::task<void> {
            std::exception_ptr why;
            if (levels > 0)
                start_inline(at, self(self, levels - 1), keeper, why);
            co_await aio::sleep(levels * 1s);
        };
        std::exception_ptr why;
        start_inline(at, nest(nest, 10), keeper, why);
        co_await aio::sleep(20s);
        BOOST_TEST(keeper.times == 11);
    });
}

BOOST_AUTO_TEST_CASE(an_executor_that_outlives_its_task_does_no_harm) {
    virtual_clock time;
    loop at("test", 0, time);
    listener keeper;
    boost::asio::any_io_executor kept;
    test::run(at, [&]() -> aio::task<void> {
        std::exception_ptr why;
        start_inline(
            at,
            [](boost::asio::any_io_executor& to) -> aio::task<void> {
                to = co_await boost::asio::this_coro::executor;
                co_await aio::sleep(1s);
            }(kept),
            keeper,
            why
        );
        co_await aio::sleep(2s);
        BOOST_TEST(loop::of(kept) == &at);
        BOOST_TEST(task_node::of(kept) == keeper.last);
    });
}

BOOST_AUTO_TEST_SUITE_END()
