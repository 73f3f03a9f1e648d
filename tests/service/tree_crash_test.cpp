#include "fake_tree.hpp"

#include <boost/test/unit_test.hpp>

using namespace test;
using service::strategy;

BOOST_AUTO_TEST_SUITE(tree_crash)

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
            BOOST_TEST(w.tree->has_failed()); // the app goes on, its status will be 1
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

BOOST_AUTO_TEST_CASE(no_secret_of_an_error_comes_into_the_log) {
    in_world([](world& w) -> task<void> {
        w.shown = [](std::string text) {
            for (auto at = text.find("hunter2"); at != text.npos; at = text.find("hunter2"))
                text.replace(at, 7, "***");
            return text;
        };
        w.supervise("s").max_restarts = 0;
        w.add("x/a under s");
        w.add("x/b");
        w.how["x/b"].stop_error = "cannot say bye to hunter2";
        co_await w.start();
        w.crash("x/a", "no way in with hunter2");
        co_await aio::sleep(1s);
        co_await w.stop();
        BOOST_TEST(logged(w, "caused by: no way in with ***"));
        BOOST_TEST(logged(w, "x/b failed while stopping: cannot say bye to ***"));
        BOOST_TEST(!logged(w, "hunter2"));
        w.tree.reset();
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
            w.since() ==
            "stop s2, down s2, keep s3, stop s3, down s3, start s4, up s4, start s3, up s3"
        );
        BOOST_TEST(w.tree->find("x/s2") == w.tree->find("x/s4"));
        BOOST_TEST(logged(w, "x/s4 runs in place of x/s2"));
        BOOST_TEST(!logged(w, "x/s4 runs again"));
        BOOST_TEST(w.tree->units()[1]->name() == "x/s4");
        w.crash("x/s2"); // has not been there for a while
        w.crash("x/s4");
        co_await aio::sleep(1s);
        BOOST_TEST(
            w.since() ==
            "keep s4, stop s4, down s4, keep s3, stop s3, down s3, start s4, up s4, start s3, up s3"
        );
        BOOST_TEST(logged(w, "x/s4 runs again"));
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
        const auto begin = w.at.time().now();
        co_await w.stop(10s);
        BOOST_TEST((w.at.time().now() - begin).count() == 0); // its time was over before
        BOOST_TEST(w.tree->unfinished().size() == 1u);
    });
}

BOOST_AUTO_TEST_CASE(who_hung_and_has_ended_after_all_is_not_unfinished) {
    in_world([](world& w) -> task<void> {
        w.supervise("s", strategy::forfeit_one);
        w.add("x/a under s").stop_timeout = 2s;
        w.how["x/a"].stop_takes = 20s;
        w.how["x/a"].refuses_cancel = true;
        co_await w.start();
        w.crash("x/a");
        co_await aio::sleep(30s);
        BOOST_TEST(logged(w, "x/a has not ended, it cannot be started again"));
        co_await w.stop(10s);
        BOOST_TEST(w.tree->unfinished().size() == 0u);
    });
}

BOOST_AUTO_TEST_CASE(a_stop_keeps_its_order_across_who_is_down_already) {
    enum how { forfeited, hung, both_down, late };

    for (const how what : {forfeited, hung, both_down, late})
        in_world([what](world& w) -> task<void> {
            w.supervise("s", strategy::forfeit_one);
            w.add("x/a");
            w.add("x/b after x/a under s").stop_timeout = 2s;
            w.add("x/m after x/b under s");
            w.add("x/c after x/m");
            w.add("x/d after x/b");
            w.how["x/b"].refuses_cancel = what == hung;
            w.how["x/b"].stop_takes = what == hung ? 1h : what == late ? 500ms : 0s;
            w.how["x/c"].stop_takes = 1s;
            w.how["x/d"].stop_takes = 2s;
            co_await w.start();
            w.crash("x/b");
            if (what == both_down)
                w.crash("x/m");
            co_await aio::sleep(what == late ? 1ms : 30s);
            w.since();
            co_await w.stop();
            const std::string all = w.since();
            BOOST_TEST_CONTEXT(what << ": " << all) {
                BOOST_TEST(all.find("stop a") != all.npos);
                BOOST_TEST(all.find("stop a") > all.find("down c"));
                BOOST_TEST(all.find("stop a") > all.find("down d"));
            }
        });
}

BOOST_AUTO_TEST_CASE(a_crash_in_the_stop_counts_as_before) {
    const struct {
        const char* unit;
        service::restart policy;
        int crashes; // before the stop, all handled
        bool waiting;
        bool fails;
    } table[] = {
        {"x/a", service::restart::never, 0, false, true},
        {"x/a", service::restart::never, 0, true, true},
        {"x/a", service::restart::on_failure, 0, false, false},
        {"x/a under once", service::restart::on_failure, 0, false, false},
        {"x/a under once", service::restart::on_failure, 0, true, false},
        {"x/a under once", service::restart::on_failure, 1, false, true},
        {"x/a under once", service::restart::never, 0, false, true},
        {"x/a under inner", service::restart::never, 0, false, false}, // by the one above
        {"x/a under lost", service::restart::on_failure, 0, false, true},
        {"x/a under lost", service::restart::on_failure, 0, true, true},
    };

    for (const auto& row : table)
        in_world([&](world& w) -> task<void> {
            w.supervise("once").max_restarts = 1;
            w.supervise("inner").supervisor = "once";
            w.supervise("lost", strategy::forfeit_one);
            w.add(row.unit).restart = row.policy;
            w.add("x/last after x/a");
            w.how["x/a"].stop_takes = 1s;
            w.how["x/last"].stop_takes = row.waiting ? 1s : 0s;
            co_await w.start();
            for (int i = 0; i < row.crashes; ++i) {
                w.crash("x/a");
                co_await aio::sleep(3s);
            }
            BOOST_TEST(!w.tree->has_failed());
            aio::async::task_group group(w.at);
            group.spawn("stop", w.stop());
            co_await aio::sleep(500ms);
            w.crash("x/a");
            co_await group.join();
            BOOST_TEST(w.tree->has_failed() == row.fails, "row " << &row - table);
            BOOST_TEST(!w.failed);
        });
}

BOOST_AUTO_TEST_CASE(a_crash_at_its_own_end_is_a_crash_and_the_app_hears_of_it) {
    in_world([](world& w) -> task<void> {
        w.supervise("s", strategy::forfeit_one);
        w.supervise("other");
        w.add("x/alone");
        w.add("x/forfeited under s").restart = service::restart::never;
        w.add("x/b under other");
        w.how["x/alone"].stop_takes = w.how["x/forfeited"].stop_takes = 1s;
        co_await w.start();
        w.tree->ended("x/forfeited");
        co_await aio::sleep(100ms);
        w.crash("x/forfeited");
        co_await aio::sleep(10s);
        BOOST_TEST(!w.failed);
        BOOST_TEST(!w.tree->has_given_up());
        BOOST_TEST(w.tree->has_failed());
        w.since();
        w.crash("x/b");
        co_await aio::sleep(10s);
        BOOST_TEST(w.since() == "keep b, stop b, down b, start b, up b");
        w.tree->ended("x/alone");
        co_await aio::sleep(100ms);
        w.crash("x/alone");
        co_await aio::sleep(10s);
        BOOST_TEST(w.failed);
        BOOST_TEST(w.tree->has_failed());
        BOOST_TEST(logged(w, "x/alone crashed while it was stopping: boom"));
    });
}

BOOST_AUTO_TEST_SUITE_END()
