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

BOOST_AUTO_TEST_CASE(what_may_block_is_not_called_on_a_running_loop) {
    in_world([](world& w) -> task<void> {
        w.supervise("s").replacement = "x/spare";
        w.add("x/a under s");
        w.add("x/spare");
        co_await w.start();
        const fake& spare = *w.units["x/spare"];
        BOOST_TEST(w.units["x/a"]->prepared == 1);
        w.crash("x/a");
        co_await aio::sleep(1s);
        BOOST_TEST(spare.runs());
        w.crash("x/spare");
        co_await aio::sleep(1s);
        BOOST_TEST(spare.runs());
        BOOST_TEST(spare.prepared == 0);
        co_await w.stop();
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

BOOST_AUTO_TEST_SUITE_END()
