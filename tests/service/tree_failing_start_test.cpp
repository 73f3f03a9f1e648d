// Units that cannot start, or not in time.

#include "fake_tree.hpp"

#include <boost/test/unit_test.hpp>

using namespace test;
using service::strategy;

namespace {

/// Starts one unit, whose name may hold blanks and whose first start fails.
task<void> start_failing(world& w, std::string name, std::string error) {
    w.add("x/y under s").section = name;
    w.how[name].failing_starts = 1;
    w.how[name].start_error = std::move(error);
    co_await w.start();
}

} // namespace

BOOST_AUTO_TEST_SUITE(tree_failing_start)

BOOST_AUTO_TEST_CASE(a_start_that_fails_is_tried_again_under_a_supervisor) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.add("x/a under s");
        w.add("x/b after x/a");
        w.how["x/a"].failing_starts = 2;
        co_await w.start();
        BOOST_TEST(w.since() == "start a, keep a, start a, keep a, start a, up a, start b, up b");
        BOOST_TEST(w.app.logged("x/a cannot start; it starts again in") == 2u);
    });
}

BOOST_AUTO_TEST_CASE(who_says_itself_that_it_could_not_start_is_not_named_twice) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        for (const char* one : {"x/a", "x/b"}) {
            w.add(std::string(one) + " under s");
            w.how[one].failing_starts = 1;
        }
        w.how["x/a"].start_error = "Server(a) failed to start: busy";
        w.how["x/b"].start_error = "x/b: no such thing";
        co_await w.start();
        BOOST_TEST(w.app.logged("aio Server(a) failed to start: busy; it starts again in") == 1u);
        BOOST_TEST(w.app.logged("aio x/b: no such thing; it starts again in") == 1u);
        BOOST_TEST(w.app.logged("could not start") == 0u);
    });
}

BOOST_AUTO_TEST_CASE(a_name_with_a_blank_or_a_colon_and_the_path_of_a_child_are_not_named_twice) {
    const std::vector<std::pair<std::string, std::string>> all{
        {"x/a b", "Server(a b) failed to start: busy"},
        {"x/c:d", "Server(c:d) failed to start: busy"},
        {"x/e f", "x/e f: busy"},
        {"x/g", "x/g/child: busy"},
        {"x/h", "x/h/child/grandchild could not start"},
    };
    for (const auto& [name, error] : all)
        in_world([&](world& w) -> task<void> {
            w.supervise("s");
            co_await start_failing(w, name, error);
            BOOST_TEST(w.app.logged("aio " + error + "; it starts again in") == 1u, error);
        });
}

BOOST_AUTO_TEST_CASE(a_text_that_names_another_unit_is_named) {
    for (const char* error :
         {"x/ab: busy", "cannot open (a)", "Server(ab) failed", "(a) failed", "x"})
        in_world([&](world& w) -> task<void> {
            w.supervise("s");
            co_await start_failing(w, "x/a", error);
            BOOST_TEST(w.app.logged("aio x/a could not start: " + std::string(error)) == 1u, error);
        });
}

BOOST_AUTO_TEST_CASE(a_start_that_fails_is_logged_with_the_name_of_who_could_not_start) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.supervise("t", strategy::forfeit_one);
        w.add("x/a under s");
        w.add("x/b under t");
        for (const char* one : {"x/a", "x/b"}) {
            w.how[one].failing_starts = 1;
            w.how[one].start_error = "port in use";
        }
        co_await w.start();
        BOOST_TEST(w.app.logged("aio x/a could not start: port in use; it starts again in") == 1u);
        BOOST_TEST(w.app.logged("aio x/b could not start: port in use; it stays stopped") == 1u);
    });
}

BOOST_AUTO_TEST_CASE(a_start_that_always_fails_is_given_up_and_fails_the_tree) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.add("x/a under s");
        w.add("x/b after x/a");
        w.how["x/a"].failing_starts = 100;
        BOOST_CHECK_THROW(co_await w.start(), service::start_error);
        BOOST_TEST((co_await w.tree->statistics())[0].starts == 6u);
        BOOST_TEST(logged(w, "caused by: x/a cannot start"));
    });
}

BOOST_AUTO_TEST_CASE(a_crash_during_the_start_is_a_crash) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.add("x/a under s");
        w.how["x/a"].start_takes = 1s;
        w.make();
        aio::async::task_group group(w.at);
        group.spawn("start", w.tree->start());
        co_await aio::sleep(500ms);
        w.crash("x/a");
        co_await group.join();
        BOOST_TEST(w.since() == "start a, keep a, start a, up a");
        BOOST_TEST(text(w.state("x/a")) == "running");
    });
}

BOOST_AUTO_TEST_CASE(a_start_that_hangs_for_ever_is_tried_less_and_less) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        auto& a = w.add("x/a under s");
        a.start_timeout = 2s;
        w.add("x/b under s");
        w.how["x/a"].start_takes = 1h;
        w.make();
        aio::async::task_group group(w.at);
        group.spawn("start", w.tree->start());
        co_await aio::sleep(10min);
        const auto before = (co_await w.tree->statistics())[0].starts;
        co_await aio::sleep(10min);
        const auto more = (co_await w.tree->statistics())[0].starts - before;
        BOOST_TEST(more >= 600u / 32);
        BOOST_TEST(more <= 600u / 17 + 1);
        w.since();
        w.crash("x/b"); // for the first time
        co_await aio::sleep(100ms);
        BOOST_TEST(w.since().find("up b") != std::string::npos);
        co_await w.stop();
        group.cancel();
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(a_late_start_that_does_not_end_is_a_crash_for_good) {
    for (const bool supervised : {false, true})
        in_world([supervised](world& w) -> task<void> {
            w.supervise("s");
            w.add(supervised ? "x/a under s" : "x/a").start_timeout = 2s;
            w.add("x/b after x/a");
            w.how["x/a"].start_takes = 1h;
            w.how["x/a"].start_refuses_cancel = true;
            const auto begin = w.at.time().now();
            BOOST_CHECK_THROW(co_await w.start(), service::start_error);
            BOOST_TEST((w.at.time().now() - begin == 7s));
            BOOST_TEST(w.since() == "start a, cancel a");
            BOOST_TEST(logged(w, "x/a was not ready within 2s, and its start has not ended"));
            BOOST_TEST(w.app.logged("it starts again") == 0u);
            BOOST_TEST(w.failed);
            BOOST_TEST(text(w.state("x/a")) == "given_up");
            const auto stop = w.at.time().now();
            co_await w.stop(10s);
            BOOST_TEST((w.at.time().now() == stop)); // its time was over before
            BOOST_TEST(w.tree->unfinished().size() == 1u);
        });
}

BOOST_AUTO_TEST_CASE(dependents_of_a_late_start_that_is_forfeited_start_without_it) {
    in_world([](world& w) -> task<void> {
        w.supervise("s", strategy::forfeit_one);
        w.add("x/a under s").start_timeout = 2s;
        w.add("x/b after x/a");
        w.how["x/a"].start_takes = 20s;
        w.how["x/a"].start_refuses_cancel = true;
        co_await w.start();
        BOOST_TEST(w.since() == "start a, start b, up b, cancel a");
        BOOST_TEST(!w.failed);
        BOOST_TEST(w.tree->has_failed());
        co_await aio::sleep(20s); // it has ended after all
        BOOST_TEST(w.since() == "up a, stop a, down a");
        co_await w.stop();
        BOOST_TEST(w.since() == "stop b, down b");
        BOOST_TEST(w.tree->unfinished().empty());
    });
}

BOOST_AUTO_TEST_CASE(a_start_that_nothing_waits_for_any_more_is_not_said_to_be_waited_for) {
    in_world([](world& w) -> task<void> {
        w.supervise("s", strategy::forfeit_one);
        w.add("x/a under s").start_timeout = 2s;
        w.add("x/b after x/a");
        w.how["x/a"].start_takes = 1h;
        w.how["x/a"].start_refuses_cancel = true;
        w.how["x/b"].start_takes = 3500ms;
        co_await w.start();
        BOOST_TEST(w.app.logged("Waiting for x/a") == 3u); // before its verdict
        BOOST_TEST(w.app.logged("Waiting for x/b") == 3u);
    });
}

BOOST_AUTO_TEST_CASE(a_start_that_a_stop_to_come_has_cancelled_is_limited_by_that_stop) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        w.how["x/a"].start_takes = 8s;
        w.how["x/a"].start_refuses_cancel = true;
        w.make();
        aio::async::task_group group(w.at, {}, [](std::string_view, std::exception_ptr) {});
        group.spawn("start", w.tree->start());
        co_await aio::sleep(1s);
        w.tree->end_intake();
        co_await aio::sleep(6s); // listeners are heard before the units stop
        BOOST_TEST(!logged(w, "x/a has not ended"));
        co_await w.stop(10s);
        BOOST_TEST(w.tree->unfinished().empty());
        BOOST_TEST(!w.failed);
        BOOST_TEST(w.since() == "start a, up a, stop a, down a");
        co_await group.join();
    });
}

BOOST_AUTO_TEST_CASE(a_restart_of_several_does_not_wait_for_ever_for_a_start_that_was_cancelled) {
    for (const bool ends : {false, true})
        in_world([ends](world& w) -> task<void> {
            w.supervise("s", strategy::one_for_all);
            w.add("x/a under s");
            w.add("x/b under s");
            w.how["x/a"].start_takes = ends ? 4s : 1h;
            w.how["x/a"].start_refuses_cancel = true;
            w.make();
            aio::async::task_group group(w.at, {}, [](std::string_view, std::exception_ptr) {});
            group.spawn("start", w.tree->start());
            co_await aio::sleep(1s);
            w.crash("x/b");
            co_await aio::sleep(20s);
            BOOST_TEST(logged(w, "x/a has not ended, it cannot be started again") == !ends);
            BOOST_TEST(text(w.state("x/b")) == (ends ? "running" : "crashed")); // the app stops
            BOOST_TEST(text(w.state("x/a")) == (ends ? "running" : "given_up"));
            BOOST_TEST(w.failed == !ends);
            co_await w.stop(10s);
            BOOST_TEST(w.tree->unfinished().size() == (ends ? 0u : 1u));
            co_await group.join();
        });
}

BOOST_AUTO_TEST_SUITE_END()
