#include "run.hpp"

#include <aio/async/sleep.hpp>
#include <aio/async/user_function.hpp>
#include <aio/async/virtual_clock.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>

using namespace aio;
using namespace std::chrono_literals;
using async::invoke_user_function;
using async::run_user_function;
using async::takes_values;
using async::task_function;

namespace {

task<std::string> by_value(std::string text) {
    co_await async::sleep(1ms);
    co_return text;
}

task<std::string> by_reference(const std::string& text) {
    co_await async::sleep(1ms);
    co_return text;
}

struct loop_in_virtual_time {
    async::virtual_clock time;
    async::loop at{"main", 0, time};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(user_function, loop_in_virtual_time)

BOOST_AUTO_TEST_CASE(what_is_known_of_parameters) {
    BOOST_TEST(takes_values<decltype(&by_value)>);
    BOOST_TEST(!takes_values<decltype(&by_reference)>);
    const auto lambda = [](std::string) {};
    [[maybe_unused]] const auto changing = [n = 0](std::string) mutable { return ++n; };
    const auto referring = [](std::string&&) {};
    const auto generic = [](auto) {};
    BOOST_TEST(takes_values<decltype(lambda)>);
    BOOST_TEST(takes_values<std::remove_const_t<decltype(changing)>>);
    BOOST_TEST(!takes_values<decltype(referring)>);
    BOOST_TEST(!takes_values<decltype(generic)>); // nobody knows
}

BOOST_AUTO_TEST_CASE(arguments_live_as_long_as_a_coroutine_that_refers_to_them) {
    const std::string text(100, 'x');
    const auto generic = [](const auto& given) -> task<std::string> {
        co_await async::sleep(1ms);
        co_return given;
    };
    test::run(at, [&]() -> task<void> {
        auto value = by_value;
        auto reference = by_reference;
        BOOST_TEST(co_await invoke_user_function(value, text) == text);
        task<std::string> later = invoke_user_function(reference, std::string(text));
        BOOST_TEST(co_await std::move(later) == text);
        BOOST_TEST(co_await invoke_user_function(generic, std::string(text)) == text);
    });
}

BOOST_AUTO_TEST_CASE(every_kind_of_function_becomes_a_task) {
    int calls = 0;
    test::run(at, [&]() -> task<void> {
        co_await run_user_function([&] { ++calls; });
        co_await run_user_function([&] { return ++calls; });
        co_await run_user_function([&]() -> task<void> {
            ++calls;
            co_return;
        });
        co_await run_user_function([&]() -> task<int> { co_return ++calls; });
        co_await run_user_function([&](int by) { calls += by; }, 6);
    });
    BOOST_TEST(calls == 10);
}

BOOST_AUTO_TEST_CASE(a_function_keeps_its_state_from_call_to_call) {
    std::string seen;
    const auto plain = task_function([&, n = 0]() mutable { seen += std::to_string(++n); });
    const auto coroutine = task_function([&, n = 0]() mutable -> task<int> {
        seen += std::to_string(++n);
        co_return n;
    });
    test::run(at, [&]() -> task<void> {
        for (const auto& call : {plain, coroutine}) {
            co_await call();
            co_await call();
        }
    });
    BOOST_TEST(seen == "1212");
}

BOOST_AUTO_TEST_SUITE_END()
