#include "fake_tree.hpp"

#include <boost/test/unit_test.hpp>

using namespace test;
using service::strategy;

BOOST_AUTO_TEST_SUITE(tree)

BOOST_AUTO_TEST_CASE(dependencies_come_first_and_are_left_last) {
    in_world([](world& w) -> task<void> {
        w.add("service/db");
        w.add("service/cache after service/db");
        w.add("server/web after service/db service/cache");
        co_await w.start();
        BOOST_TEST(w.since() == "start db, up db, start cache, up cache, start web, up web");
        BOOST_TEST(text(w.state("server/web")) == "running");
        co_await w.stop();
        BOOST_TEST(w.since() == "stop web, down web, stop cache, down cache, stop db, down db");
        BOOST_TEST(text(w.state("server/web")) == "stopped");
        BOOST_TEST(!w.tree->has_failed());
    });
}

BOOST_AUTO_TEST_CASE(independent_branches_start_and_stop_at_once) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        w.add("x/b");
        w.add("x/c after x/a");
        w.how["x/a"].start_takes = w.how["x/b"].start_takes = 300ms;
        w.how["x/b"].stop_takes = w.how["x/c"].stop_takes = 200ms;
        const auto begin = w.at.time().now();
        co_await w.start();
        BOOST_TEST((w.at.time().now() - begin == 300ms));
        BOOST_TEST(w.since() == "start a, start b, up a, start c, up c, up b");
        co_await w.stop();
        BOOST_TEST((w.at.time().now() - begin == 500ms));
        BOOST_TEST(w.since() == "stop c, stop b, down c, stop a, down a, down b");
    });
}

BOOST_AUTO_TEST_CASE(others_have_their_turn_while_thousands_start_and_stop) {
    in_world([](world& w) -> task<void> {
        for (int i = 0; i < 2000; ++i)
            w.add("x/u" + std::to_string(i));
        w.make();
        const auto turns_during = [&w](task<void> what) -> task<int> {
            int turns = 0;
            bool over = false;
            aio::async::task_group beside(w.at);
            beside.spawn("turns", [](world& of, int& count, bool& end) -> task<void> {
                while (!end) {
                    co_await aio::async::sleep_until(of.at.time().now());
                    ++count;
                }
            }(w, turns, over));
            co_await std::move(what);
            over = true;
            co_await beside.join();
            co_return turns;
        };
        BOOST_TEST(co_await turns_during(w.tree->start()) >= 19);
        BOOST_TEST(w.tree->units().size() == 2000u);
        for (const auto* one : w.tree->units())
            BOOST_TEST_REQUIRE(text(one->state()) == "running");
        BOOST_TEST(co_await turns_during(w.stop()) >= 19);
        for (const auto* one : w.tree->units())
            BOOST_TEST_REQUIRE(text(one->state()) == "stopped");
    });
}

BOOST_AUTO_TEST_CASE(who_is_waited_for_is_named) {
    in_world([](world& w) -> task<void> {
        w.add("x/slow");
        w.how["x/slow"].start_takes = 2500ms;
        w.how["x/slow"].stop_takes = 1500ms;
        co_await w.start();
        BOOST_TEST(w.app.logged("Waiting for x/slow: start awaits sleep") == 2u);
        co_await w.stop();
        BOOST_TEST(w.app.logged("Waiting for x/slow: awaits something") == 1u);
    });
}

BOOST_AUTO_TEST_CASE(a_long_start_is_told_ever_more_rarely_and_a_stop_every_second) {
    in_world([](world& w) -> task<void> {
        w.add("x/slow");
        w.how["x/slow"].start_takes = 5min + 500ms;
        w.how["x/slow"].stop_takes = 10500ms;
        co_await w.start();
        // After 1, 2, 4, 8, 16, 32, 64, 124, 184, 244 seconds.
        BOOST_TEST(w.app.logged("Waiting for x/slow: start awaits sleep") == 10u);
        co_await w.stop();
        BOOST_TEST(w.app.logged("Waiting for x/slow: awaits something") >= 9u);
    });
}

BOOST_AUTO_TEST_CASE(case_181_a_start_that_fails_is_the_failure_of_the_tree) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        w.add("x/b");
        w.add("x/c after x/b");
        w.how["x/b"].failing_starts = 1;
        BOOST_CHECK_EXCEPTION(co_await w.start(), service::start_error, [](const auto& e) {
            return std::string(e.what()) == "x/b cannot start";
        });
        BOOST_TEST(w.failed);
        BOOST_TEST(w.tree->has_failed());
        co_await w.stop();
        BOOST_TEST(w.since() == "start a, up a, start b, stop a, down a");
        BOOST_TEST(text(w.state("x/b")) == "given_up");
    });
}

BOOST_AUTO_TEST_CASE(a_start_that_takes_too_long_is_cancelled_and_said_so) {
    in_world([](world& w) -> task<void> {
        w.add("x/a").start_timeout = 2s;
        w.how["x/a"].start_takes = 1h;
        BOOST_CHECK_EXCEPTION(co_await w.start(), service::start_error, [](const auto& e) {
            return std::string(e.what()) == "x/a was not ready within 2s";
        });
    });
}

BOOST_AUTO_TEST_CASE(a_stop_comes_in_the_middle_of_a_start) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        w.add("x/b after x/a");
        w.add("x/c after x/b");
        w.how["x/b"].start_takes = 1h;
        w.make();
        aio::async::task_group group(w.at);
        group.spawn("start", w.tree->start());
        co_await aio::sleep(1s);
        const auto begin = w.at.time().now();
        group.cancel();
        co_await w.stop();
        BOOST_TEST((w.at.time().now() - begin == 0s));
        BOOST_TEST(w.since() == "start a, up a, start b, stop a, down a");
        BOOST_TEST(!w.tree->has_failed());
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(case_193_what_does_not_stop_is_cancelled_then_left) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        w.add("x/b after x/a");
        w.how["x/b"].stop_takes = 1h;
        w.how["x/b"].refuses_cancel = true;
        co_await w.start();
        w.since();
        const auto begin = w.at.time().now();
        co_await w.stop(10s);
        BOOST_TEST((w.at.time().now() - begin == 10s));
        BOOST_TEST(w.since() == "stop b, cancel b, stop a, down a");
        BOOST_REQUIRE(w.tree->unfinished().size() == 1u);
        BOOST_TEST(w.tree->unfinished()[0]->name() == "x/b");
    });
}

BOOST_AUTO_TEST_CASE(what_does_not_stop_leaves_time_to_those_it_depends_on) {
    const struct {
        std::optional<aio::base::duration> own, db_takes;
        aio::base::duration whole, told_by;
    } table[] = {
        {300ms, 500ms, 9s, 5s},      // half of the rest
        {300ms, 500ms, 60s, 5400ms}, // five seconds
        {{}, 20ms, 1s, 900ms},       // half of what is left when all are cancelled
    };

    for (const auto& row : table)
        in_world([&](world& w) -> task<void> {
            w.add("x/db");
            w.add("x/web after x/db").stop_timeout = row.own;
            w.how["x/db"].stop_takes = *row.db_takes;
            w.how["x/web"].stop_takes = 1h;
            w.how["x/web"].refuses_cancel = true;
            co_await w.start();
            w.since();
            const auto begin = w.at.time().now();
            aio::base::duration told{};
            w.watch = [&](const std::string& what, const fake& who) {
                if (what == "stop" && who.name() == "x/db")
                    told = w.at.time().now() - begin;
            };
            co_await w.stop(row.whole);
            BOOST_TEST(w.since() == "stop web, cancel web, stop db, down db");
            BOOST_TEST((told > 0s && told <= row.told_by));
            BOOST_TEST((w.at.time().now() - begin == row.whole));
            BOOST_TEST(w.app.logged("db did not finish in time") == 0u);
            BOOST_REQUIRE(w.tree->unfinished().size() == 1u);
            BOOST_TEST(w.tree->unfinished()[0]->name() == "x/web");
        });
}

BOOST_AUTO_TEST_CASE(a_start_that_does_not_end_leaves_time_to_those_it_depends_on) {
    in_world([](world& w) -> task<void> {
        w.add("x/db");
        w.add("x/web after x/db");
        w.how["x/db"].stop_takes = 1s;
        w.how["x/web"].start_takes = 1h;
        w.how["x/web"].start_refuses_cancel = true;
        w.make();
        aio::async::task_group group(w.at, "test", [](auto, auto) {});
        group.spawn("start", w.tree->start());
        co_await aio::sleep(1s);
        w.since();
        co_await w.stop(10s);
        BOOST_TEST(w.since() == "stop db, cancel web, down db");
        BOOST_REQUIRE(w.tree->unfinished().size() == 1u);
        co_await aio::sleep(2h);
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(a_stop_timeout_of_its_own_ends_the_patience_earlier) {
    in_world([](world& w) -> task<void> {
        w.add("x/a").stop_timeout = 2s;
        w.how["x/a"].stop_takes = 1h;
        co_await w.start();
        const auto begin = w.at.time().now();
        co_await w.stop();
        BOOST_TEST((w.at.time().now() - begin < 2100ms));
        BOOST_TEST(w.tree->unfinished().empty());
    });
}

BOOST_AUTO_TEST_CASE(what_has_ended_by_itself_is_stopped) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        w.add("x/b");
        w.how["x/a"].ends_by_itself = true;
        co_await w.start();
        w.since();
        w.tree->ended("x/a");
        co_await aio::sleep(1s);
        BOOST_TEST(w.since() == "stop a, down a");
        BOOST_TEST(text(w.state("x/a")) == "stopped");
        BOOST_TEST(!w.finished); // b is no such one
        w.tree->ended("x/b");
        co_await aio::sleep(1s);
        BOOST_TEST(text(w.state("x/b")) == "stopped");
        BOOST_TEST(!w.finished); // not even when it has ended
    });
}

BOOST_AUTO_TEST_CASE(when_all_have_ended_that_end_the_app_has) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        w.add("x/b");
        w.how["x/a"].ends_by_itself = w.how["x/b"].ends_by_itself = true;
        w.how["x/b"].stop_takes = 1s;
        co_await w.start();
        w.tree->ended("x/b");
        w.tree->ended("x/a");
        co_await aio::sleep(500ms);
        BOOST_TEST(!w.finished);
        co_await aio::sleep(1s);
        BOOST_TEST(w.finished);
        BOOST_TEST(!w.failed);
    });
}

BOOST_AUTO_TEST_CASE(restart_always_starts_it_again_however_it_ended) {
    in_world([](world& w) -> task<void> {
        w.add("x/a").restart = service::restart::always;
        w.how["x/a"].ends_by_itself = true;
        co_await w.start();
        w.since();
        w.tree->ended("x/a");
        co_await aio::sleep(1s);
        BOOST_TEST(w.since() == "keep a, stop a, down a, start a, up a");
        BOOST_TEST(logged(w, "x/a has ended; it starts again in"));
        BOOST_TEST(!w.finished);
    });
}

BOOST_AUTO_TEST_CASE(one_that_ends_during_its_start_is_started_first) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        w.how["x/a"].ends_by_itself = true;
        w.how["x/a"].start_takes = 1s;
        w.make();
        aio::async::task_group group(w.at);
        group.spawn("start", w.tree->start());
        co_await aio::sleep(100ms);
        w.tree->ended("x/a");
        co_await group.join();
        co_await aio::sleep(100ms);
        BOOST_TEST(w.since() == "start a, up a, stop a, down a");
        BOOST_TEST(w.finished);
    });
}

BOOST_AUTO_TEST_CASE(a_crash_while_it_stops_is_logged_and_is_the_failure_of_who_is_not_restarted) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.add("x/a under s");
        w.add("x/b");
        w.how["x/a"].stop_takes = w.how["x/b"].stop_takes = 2s;
        co_await w.start();
        aio::async::task_group group(w.at);
        group.spawn("stop", w.stop());
        co_await aio::sleep(100ms);
        w.crash("x/a");
        co_await aio::sleep(100ms);
        BOOST_TEST(!w.tree->has_failed());
        w.crash("x/b");
        co_await group.join();
        BOOST_TEST(w.tree->has_failed());
        BOOST_TEST(w.app.logged("crashed while it was stopping: boom") == 2u);
    });
}

BOOST_AUTO_TEST_CASE(each_start_and_stop_is_told_by_signals) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.add("x/a under s");
        std::string heard;
        w.app.bus.listen("service-*", [&heard](aio::signal::event of) {
            heard += of.name().substr(8) + " " + of.data<std::string>() + "\n";
        });
        co_await w.start();
        w.crash("x/a");
        co_await aio::sleep(1s);
        co_await w.stop();
        co_await w.app.bus.posted();
        BOOST_TEST(
            heard == "starting x/a\nstarted x/a\ncrashed x/a\nstopping x/a\nstopped x/a\n"
                     "restarting x/a\nstarting x/a\nstarted x/a\nstopping x/a\nstopped x/a\n"
        );
    });
}

BOOST_AUTO_TEST_CASE(a_chain_of_ten_thousand_and_a_hub_of_ten_thousand_are_no_trouble) {
    in_world([](world& w) -> task<void> {
        w.add("x/0");
        for (int i = 1; i < 10000; ++i)
            w.add("x/" + std::to_string(i) + " after x/" + std::to_string(i - 1));
        w.add("hub/0");
        for (int i = 0; i < 10000; ++i)
            w.add("y/" + std::to_string(i) + " after hub/0");
        co_await w.start();
        BOOST_TEST(w.happened.back() == "up 9999");
        co_await w.stop();
        BOOST_TEST(w.happened.back() == "down 0");
    });
}

BOOST_AUTO_TEST_SUITE_END()
