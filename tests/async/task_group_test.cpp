#include "run.hpp"

#include <aio/async/event.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/task_group.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace aio::async;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

struct fixture {
    virtual_clock time;
    loop at{"test", 0, time};
    std::vector<std::string> heard;

    task_group::error_handler note() {
        return [this](std::string_view name, std::exception_ptr why) {
            try {
                std::rethrow_exception(why);
            } catch (const std::exception& error) {
                heard.push_back(std::string(name) + ": " + error.what());
            }
        };
    }
};

aio::task<void> fail_after(duration how_long, const char* text) {
    if (how_long != 0s)
        co_await aio::sleep(how_long);
    throw std::runtime_error(text);
}

aio::task<void> stubborn(std::vector<std::string>& heard) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    co_await asio::this_coro::throw_if_cancelled(false);
    try {
        co_await aio::sleep(1h);
    } catch (const boost::system::system_error&) {
        heard.push_back("asked to end");
    }
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    co_await aio::sleep(2s);
    heard.push_back("ended");
}

/// Waits until it is cancelled, calls `last` and ends, all inside the cancellation.
aio::task<void> ends_when_cancelled(std::function<void()> last) {
    try {
        co_await asio::
            async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(
                [&last](auto handler) {
                    auto slot = asio::get_associated_cancellation_slot(handler);
                    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
                    slot.assign([&last, kept](asio::cancellation_type) mutable {
                        const auto ends = std::exchange(kept, nullptr);
                        if (!ends)
                            return;
                        last();
                        (*ends)(asio::error::operation_aborted);
                    });
                },
                asio::use_awaitable
            );
    } catch (const boost::system::system_error&) {
    }
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(task_group_, fixture)

BOOST_AUTO_TEST_CASE(a_task_runs_on_the_spot_until_it_suspends) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at, "owner");
        group.spawn("quick", [](std::vector<std::string>& to) -> aio::task<void> {
            to.push_back("ran");
            co_return;
        }(heard));
        BOOST_TEST(heard.size() == 1u);
        BOOST_TEST(group.empty());
        BOOST_TEST(co_await group.join());
    });
}

BOOST_AUTO_TEST_CASE(errors_go_to_the_handler_with_the_name) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at, "owner", note());
        group.spawn("at once", fail_after(0s, "one"));
        group.spawn("later", fail_after(1s, "two"));
        co_await group.join();
    });
    BOOST_TEST(
        heard == (std::vector<std::string>{"at once: one", "later: two"}),
        boost::test_tools::per_element()
    );
}

BOOST_AUTO_TEST_CASE(without_a_handler_join_throws_the_first_error) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        group.spawn("a", fail_after(2s, "second"));
        group.spawn("b", fail_after(1s, "first"));
        BOOST_CHECK_EXCEPTION(co_await group.join(), std::runtime_error, [](const auto& error) {
            return error.what() == std::string("first");
        });
        BOOST_TEST(co_await group.join());
    });
}

BOOST_AUTO_TEST_CASE(join_gives_up_at_the_deadline_and_can_be_called_again) {
    const auto start = time.now();
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at, "server/x");
        group.spawn("slow", aio::sleep(5s));
        BOOST_TEST(!co_await group.join_for(2s));
        BOOST_TEST((time.now() - start == 2s));
        auto left = group.unfinished();
        BOOST_REQUIRE(left.size() == 1u);
        BOOST_TEST(left[0].text() == "server/x: slow awaits sleep for 2.0 s");
        left[0].name = "a\nb\x1b[2J\u202e";
        BOOST_TEST(left[0].text() == "server/x: a\\x0ab\\x1b[2J\\u202e awaits sleep for 2.0 s");
        BOOST_TEST(co_await group.join_for(10s));
        BOOST_TEST((time.now() - start == 5s));
        BOOST_TEST(at.timers() == 0u);
    });
}

BOOST_AUTO_TEST_CASE(softly_then_hard) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at, "owner", note());
        group.spawn("deaf to softness", aio::sleep(1h));
        group.spawn("stubborn", stubborn(heard));
        group.cancel(asio::cancellation_type::total);
        BOOST_TEST(!co_await group.join_for(1s));
        BOOST_TEST(group.size() == 2u);
        group.cancel(asio::cancellation_type::terminal);
        BOOST_TEST(!co_await group.join_for(0s));
        BOOST_TEST(co_await group.join());
    });
    BOOST_TEST(
        heard == (std::vector<std::string>{"asked to end", "ended"}),
        boost::test_tools::per_element()
    );
}

BOOST_AUTO_TEST_CASE(a_task_may_cancel_its_own_group) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        group.spawn("suicide", [](task_group& of) -> aio::task<void> {
            of.cancel();
            co_await aio::sleep(1h);
        }(group));
        BOOST_TEST(group.empty());
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(tasks_may_end_and_start_while_all_are_cancelled) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        const auto says = [&](std::string name) { return [this, name] { heard.push_back(name); }; };
        group.spawn("starts another", ends_when_cancelled([&] {
                        heard.emplace_back("first");
                        group.spawn("late", ends_when_cancelled(says("late")));
                    }));
        group.spawn("cancels all", ends_when_cancelled([&] {
                        heard.emplace_back("second");
                        group.cancel();
                    }));
        group.spawn("third", ends_when_cancelled(says("third")));
        group.spawn("last", ends_when_cancelled(says("last")));
        group.cancel();
        BOOST_TEST(group.empty());
        co_await group.join();
    });
    const std::vector<std::string> expected{"first", "second", "third", "last", "late"};
    BOOST_TEST(heard == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_that_starts_while_all_are_cancelled_is_not_among_them) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        group.spawn("starts another", ends_when_cancelled([&] {
                        group.spawn("late", aio::sleep(1h));
                    }));
        group.cancel();
        BOOST_TEST(group.size() == 1u);
        group.cancel();
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(a_runner_is_as_new_when_it_is_used_again) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        for (int round = 0; round < 3; ++round) {
            group.spawn("changes its state", stubborn(heard));
            group.cancel(asio::cancellation_type::total);
            co_await group.join();
            group.spawn("sleeper", aio::sleep(1h));
            group.cancel(asio::cancellation_type::total);
            BOOST_TEST(group.size() == 1u);
            group.cancel();
            co_await group.join();
        }
    });
}

BOOST_AUTO_TEST_CASE(tasks_spawned_by_tasks_are_joined_too) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        group.spawn("first", [](task_group& of, std::vector<std::string>& to) -> aio::task<void> {
            co_await aio::sleep(1s);
            of.spawn("second", [](std::vector<std::string>& into) -> aio::task<void> {
                co_await aio::sleep(1s);
                into.push_back("second");
            }(to));
        }(group, heard));
        co_await group.join();
    });
    BOOST_TEST(heard.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_group_that_goes_leaves_its_tasks_cancelled) {
    test::run(at, [&]() -> aio::task<void> {
        auto kept = std::make_shared<int>();
        {
            task_group group(at, "gone");
            group.spawn("x", [](std::shared_ptr<int> held) -> aio::task<void> {
                co_await aio::sleep(1h);
                (void)held;
            }(kept));
        }
        BOOST_TEST(kept.use_count() == 2);
        co_await aio::sleep(0s);
        BOOST_TEST(kept.use_count() == 1);
    });
}

BOOST_AUTO_TEST_CASE(asios_own_tools_work_inside) {
    using namespace asio::experimental::awaitable_operators;
    test::run(at, [&]() -> aio::task<void> {
        const auto start = time.now();
        const auto first = co_await (aio::sleep(1s) || aio::sleep(3s));
        BOOST_TEST(first.index() == 0u);
        BOOST_TEST((time.now() - start == 1s));
        co_await (aio::sleep(1s) && aio::sleep(2s));
        BOOST_TEST((time.now() - start == 3s));
        const auto executor = co_await asio::this_coro::executor;
        BOOST_TEST(loop::of(executor) == &at);
        const int five = co_await asio::co_spawn(
            executor,
            []() -> aio::task<int> {
                co_await asio::post(asio::use_awaitable);
                co_await aio::sleep(1s);
                co_return 5;
            },
            asio::use_awaitable
        );
        BOOST_TEST(five == 5);
        BOOST_TEST(at.running_here());
    });
}

BOOST_AUTO_TEST_CASE(cancelling_reaches_through_asios_tools) {
    using namespace asio::experimental::awaitable_operators;
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        group.spawn("both", []() -> aio::task<void> {
            co_await (aio::sleep(1h) && aio::sleep(2h));
        }());
        group.spawn("nested", []() -> aio::task<void> {
            co_await asio::co_spawn(
                co_await asio::this_coro::executor, aio::sleep(1h), asio::use_awaitable
            );
        }());
        const auto start = time.now();
        group.cancel();
        co_await group.join_for(1s);
        BOOST_TEST(group.empty());
        BOOST_TEST((time.now() == start));
    });
}

BOOST_AUTO_TEST_CASE(a_described_name_is_asked_for_only_when_needed) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at, "server/x");
        int asked = 0;
        const task_name name(
            [](const void* counter) {
                ++*static_cast<int*>(const_cast<void*>(counter));
                return std::string("connection 1");
            },
            &asked
        );
        group.spawn(name, aio::sleep(1h));
        BOOST_TEST(asked == 0);
        BOOST_TEST(group.unfinished().at(0).name == "connection 1");
        BOOST_TEST(asked == 1);
        group.cancel();
        co_await group.join();
        BOOST_TEST(asked == 1);
    });
}

BOOST_AUTO_TEST_CASE(ten_thousand_tasks_come_and_go) {
    test::run(at, [&]() -> aio::task<void> {
        task_group group(at);
        for (int round = 0; round < 3; ++round) {
            for (int i = 0; i < 10000; ++i)
                group.spawn("x", aio::sleep(1s));
            if (round == 1)
                group.cancel();
            co_await group.join();
        }
        BOOST_TEST(at.snapshot().size() == 1u);
    });
}

BOOST_AUTO_TEST_CASE(a_task_that_outlives_its_group_and_its_subject_is_still_shown_by_name) {
    test::run(at, [&]() -> aio::task<void> {
        co_await aio::sleep(1s); // from now on this task is shown, too
        auto subject = std::make_unique<std::string>("connection from 127.0.0.1");
        const auto describe = [](const void* of) { return *static_cast<const std::string*>(of); };
        const auto name = std::make_unique<std::string>(40, 'n');
        {
            task_group group(at, "server/a name that is not in the string itself");
            group.spawn(task_name(describe, subject.get()), stubborn(heard));
            group.spawn(*name, stubborn(heard));
            group.spawn(std::string(5000, 'x'), stubborn(heard));
        }
        *subject = "something else";
        subject.reset();
        std::vector<std::string> texts;
        for (const task_info& task : at.snapshot())
            texts.push_back(task.text());
        BOOST_REQUIRE(texts.size() == 4u);
        const std::string owner = "server/a name that is not in the string itself: ";
        BOOST_TEST(texts[1] == owner + "connection from 127.0.0.1 awaits sleep for 0.0 s");
        BOOST_TEST(texts[2] == owner + *name + " awaits sleep for 0.0 s");
        BOOST_TEST(texts[3].size() < 1000u);
        co_await aio::sleep(3s);
        BOOST_TEST(at.snapshot().size() == 1u);
    });
}

BOOST_AUTO_TEST_CASE(a_group_that_outlives_its_loop_has_no_tasks_left) {
    auto goes = std::make_unique<loop>("goes");
    task_group group(*goes, "owner");
    group.spawn("sleeps", aio::sleep(1h));
    group.spawn("asio", []() -> aio::task<void> {
        asio::steady_timer timer(co_await asio::this_coro::executor, 1h);
        co_await timer.async_wait(asio::use_awaitable);
    }());
    BOOST_TEST(group.size() == 2u);
    goes.reset();
    BOOST_TEST(group.empty());
}

// What one frame does in its destructor may reach the task of another frame that is gone already.
BOOST_AUTO_TEST_CASE(a_task_that_is_dropped_may_cancel_the_others) {
    struct canceller {
        task_group& of;

        ~canceller() { of.cancel(); }
    };

    const auto wait = [](task_group& all) -> aio::task<void> {
        const canceller last{all};
        co_await aio::sleep(1h);
    };
    loop goes;
    task_group group(goes);
    for (int i = 0; i < 5; ++i)
        group.spawn("waits", wait(group));
    goes.close();
    BOOST_TEST(group.empty());
}

BOOST_AUTO_TEST_SUITE_END()
