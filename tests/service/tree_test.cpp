#include "fake_tree.hpp"

#include <boost/test/unit_test.hpp>

using namespace test;
using service::strategy;

namespace {

std::string text(service::state of) {
    return std::string(service::name(of));
}

bool logged(world& w, std::string_view part) {
    return w.app.logged(part) != 0;
}

} // namespace

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

BOOST_AUTO_TEST_CASE(who_is_waited_for_is_named_every_second) {
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

BOOST_AUTO_TEST_CASE(a_crash_without_a_supervisor_is_the_end_of_the_app) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        w.add("x/b after x/a");
        co_await w.start();
        w.crash("x/a");
        co_await aio::sleep(1s);
        BOOST_TEST(w.failed);
        BOOST_TEST(logged(w, "x/a crashed: boom"));
        BOOST_TEST(text(w.state("x/a")) == "given_up");
        BOOST_TEST(text(w.state("x/b")) == "running");
    });
}

BOOST_AUTO_TEST_CASE(case_176_only_the_one_that_crashed_starts_again) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.add("x/y under s");
        w.add("x/z under s");
        co_await w.start();
        w.since();
        w.crash("x/z");
        co_await aio::sleep(1s);
        BOOST_TEST(w.since() == "keep z, stop z, down z, start z, up z");
        BOOST_TEST(logged(w, "x/z crashed: boom; it starts again in "));
        BOOST_TEST(logged(w, "x/z runs again"));
        BOOST_TEST(!w.failed);
        const auto counts = co_await w.tree->statistics();
        BOOST_TEST(counts[0].starts == 1u);
        BOOST_TEST(counts[1].starts == 2u);
        BOOST_TEST(counts[1].crashes == 1u);
        BOOST_TEST(counts[1].restarts == 1u);
    });
}

BOOST_AUTO_TEST_CASE(case_177_all_stop_in_reverse_and_start_again) {
    in_world([](world& w) -> task<void> {
        w.supervise("s", strategy::one_for_all);
        w.add("x/a under s");
        w.add("x/b after x/a under s");
        w.add("x/c after x/b under s");
        w.add("x/other after x/b");
        co_await w.start();
        w.since();
        w.crash("x/b");
        co_await aio::sleep(1s);
        BOOST_TEST(
            w.since() == "keep c, stop c, down c, keep b, stop b, down b, keep a, stop a, down a, "
                         "start a, up a, start b, up b, start c, up c"
        );
        BOOST_TEST(text(w.state("x/other")) == "running");
    });
}

BOOST_AUTO_TEST_CASE(those_that_started_after_it_start_again) {
    in_world([](world& w) -> task<void> {
        w.supervise("s", strategy::rest_for_one);
        w.add("x/a under s");
        w.add("x/b under s");
        w.add("x/c under s");
        co_await w.start();
        w.since();
        w.crash("x/b");
        co_await aio::sleep(1s);
        BOOST_TEST(
            w.since() == "keep b, stop b, down b, keep c, stop c, down c, start b, up b, start c, "
                         "up c"
        );
    });
}

BOOST_AUTO_TEST_CASE(case_178_who_is_forfeited_stays_stopped) {
    for (const strategy how : {strategy::forfeit_one, strategy::forfeit_all})
        in_world([how](world& w) -> task<void> {
            w.supervise("s", how);
            w.add("x/y under s");
            w.add("x/z under s");
            co_await w.start();
            w.since();
            w.crash("x/z");
            co_await aio::sleep(1h);
            const bool one = how == strategy::forfeit_one;
            BOOST_TEST(w.since() == (one ? "stop z, down z" : "stop z, down z, stop y, down y"));
            BOOST_TEST(text(w.state("x/y")) == (one ? "running" : "stopped"));
            BOOST_TEST(text(w.state("x/z")) == "given_up");
            BOOST_TEST(!w.failed);
        });
}

BOOST_AUTO_TEST_CASE(case_179_too_many_restarts_are_given_up) {
    in_world([](world& w) -> task<void> {
        auto& s = w.supervise("s");
        s.max_restarts = 3;
        s.over = 1s;
        s.backoff = 1ms;
        w.add("x/z under s");
        co_await w.start();
        for (int i = 0; i < 10 && !w.failed; ++i) {
            w.crash("x/z", "boom " + std::to_string(i));
            co_await aio::sleep(20ms);
        }
        BOOST_TEST(w.failed);
        BOOST_TEST((co_await w.tree->statistics())[0].starts == 4u);
        BOOST_TEST(logged(w, "supervisor/s: Max restarts exceeded (3 within 1s)"));
        BOOST_TEST(logged(w, "caused by: boom 3"));
        BOOST_TEST(text(w.state("x/z")) == "given_up");
    });
}

BOOST_AUTO_TEST_CASE(case_180_the_replacement_takes_the_place) {
    in_world([](world& w) -> task<void> {
        w.supervise("s", strategy::rest_for_one).replacement = "x/s4";
        w.add("x/s1 under s");
        w.add("x/s2 under s");
        w.add("x/s3 under s");
        w.add("x/s4");
        co_await w.start();
        BOOST_TEST(w.since() == "start s1, up s1, start s2, up s2, start s3, up s3");
        w.crash("x/s2");
        co_await aio::sleep(1s);
        BOOST_TEST(
            w.since() == "stop s2, down s2, keep s3, stop s3, down s3, start s4, up s4, start s3, up s3"
        );
        BOOST_TEST(w.tree->find("x/s2") == w.tree->find("x/s4"));
        BOOST_TEST(w.tree->units()[1]->name() == "x/s4");
        w.crash("x/s2"); // has not been there for a while
        w.crash("x/s4");
        co_await aio::sleep(1s);
        BOOST_TEST(
            w.since() ==
            "keep s4, stop s4, down s4, keep s3, stop s3, down s3, start s4, up s4, start s3, up s3"
        );
        co_await w.stop();
        BOOST_TEST(w.since() == "stop s3, down s3, stop s4, down s4, stop s1, down s1");
    });
}

BOOST_AUTO_TEST_CASE(case_165_giving_up_is_a_crash_of_the_supervisor_above) {
    in_world([](world& w) -> task<void> {
        w.supervise("top", strategy::one_for_all).max_restarts = 1;
        auto& inner = w.supervise("inner");
        inner.max_restarts = 1;
        inner.supervisor = "top";
        w.add("x/a under top");
        w.add("x/b under inner");
        w.add("x/c under inner");
        co_await w.start();
        w.since();
        w.crash("x/c");
        co_await aio::sleep(1s);
        BOOST_TEST(w.since() == "keep c, stop c, down c, start c, up c");
        w.crash("x/c", "again");
        co_await aio::sleep(1s);
        BOOST_TEST(
            w.since() == "keep c, stop c, down c, keep a, stop a, down a, keep b, stop b, down b, "
                         "start a, up a, start b, up b, start c, up c"
        );
        w.crash("x/c");
        co_await aio::sleep(1s);
        BOOST_TEST(!w.failed); // inner counts anew
        w.crash("x/c", "the last");
        co_await aio::sleep(1s);
        BOOST_TEST(w.failed);
        BOOST_TEST(logged(w, "supervisor/top: Max restarts exceeded (1 within 10s)"));
        BOOST_TEST(logged(w, "caused by: supervisor/inner: Max restarts exceeded (1 within 10s)"));
        BOOST_TEST(logged(w, "caused by: the last"));
    });
}

BOOST_AUTO_TEST_CASE(restart_never_passes_the_crash_on_to_the_supervisor_above) {
    in_world([](world& w) -> task<void> {
        w.supervise("top");
        w.supervise("inner").supervisor = "top";
        w.add("x/a under inner").restart = service::restart::never;
        w.add("x/b under inner");
        w.add("x/c under top");
        co_await w.start();
        w.since();
        w.crash("x/a");
        co_await aio::sleep(1s);
        BOOST_TEST(
            w.since() ==
            "keep a, stop a, down a, keep b, stop b, down b, start a, up a, start b, up b"
        );
    });
}

BOOST_AUTO_TEST_CASE(restart_without_a_supervisor_has_one_of_its_own) {
    in_world([](world& w) -> task<void> {
        w.add("x/a").restart = service::restart::on_failure;
        co_await w.start();
        for (int i = 0; i < 6; ++i) {
            BOOST_TEST(!w.failed);
            w.crash("x/a");
            co_await aio::sleep(1600ms);
        }
        BOOST_TEST(w.failed);
        BOOST_TEST(logged(w, "x/a: Max restarts exceeded (5 within 10s)"));
    });
}

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

BOOST_AUTO_TEST_CASE(a_stop_comes_in_a_back_off) {
    in_world([](world& w) -> task<void> {
        w.supervise("s").backoff = 10s;
        w.add("x/a under s");
        co_await w.start();
        w.since();
        w.crash("x/a");
        co_await aio::sleep(1s);
        BOOST_TEST(text(w.state("x/a")) == "crashed");
        const auto begin = w.at.time().now();
        co_await w.stop();
        BOOST_TEST((w.at.time().now() - begin == 0s));
        co_await aio::sleep(1h);
        BOOST_TEST(w.since() == "keep a, stop a, down a");
        BOOST_TEST(!w.failed);
    });
}

BOOST_AUTO_TEST_CASE(a_second_crash_in_a_back_off_takes_its_group_over) {
    in_world([](world& w) -> task<void> {
        w.supervise("s", strategy::rest_for_one).backoff = 4s;
        w.add("x/a under s");
        w.add("x/b under s");
        w.add("x/c under s");
        co_await w.start();
        w.since();
        w.crash("x/c");
        co_await aio::sleep(1s);
        w.crash("x/a");
        co_await aio::sleep(1h);
        BOOST_TEST(
            w.since() == "keep c, stop c, down c, keep a, stop a, down a, keep b, stop b, down b, "
                         "start a, up a, start b, up b, start c, up c"
        );
    });
}

BOOST_AUTO_TEST_CASE(crashes_of_one_that_goes_down_already_count_once) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.add("x/a under s");
        w.how["x/a"].stop_takes = 500ms;
        co_await w.start();
        w.since();
        w.crash("x/a");
        w.crash("x/a");
        co_await aio::sleep(100ms);
        w.crash("x/a");
        co_await aio::sleep(1h);
        BOOST_TEST(w.since() == "keep a, stop a, down a, start a, up a");
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

BOOST_AUTO_TEST_CASE(what_does_not_end_after_a_crash_cannot_start_again) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.add("x/a under s").stop_timeout = 2s;
        w.add("x/b under s");
        w.how["x/a"].stop_takes = 1h;
        w.how["x/a"].refuses_cancel = true;
        co_await w.start();
        w.since();
        w.crash("x/a");
        co_await aio::sleep(10s);
        BOOST_TEST(w.failed);
        BOOST_TEST(logged(w, "x/a has not ended, it cannot be started again"));
        co_await w.stop(10s);
        BOOST_TEST(w.tree->unfinished().size() == 1u);
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
