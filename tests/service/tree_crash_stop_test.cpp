// Crashes before and in a stop, and units that do not end.

#include "fake_tree.hpp"

#include <boost/test/unit_test.hpp>

using namespace test;
using service::strategy;

BOOST_AUTO_TEST_SUITE(tree_crash_stop)

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

BOOST_AUTO_TEST_CASE(what_does_not_end_is_started_again_by_no_supervisor_above) {
    in_world([](world& w) -> task<void> {
        w.supervise("outer");
        w.supervise("inner").supervisor = "outer";
        w.add("x/a under inner").stop_timeout = 2s;
        w.add("x/b under inner");
        w.how["x/a"].stop_takes = 1h;
        w.how["x/a"].refuses_cancel = true;
        co_await w.start();
        w.since();
        w.crash("x/a");
        co_await aio::sleep(10s);
        BOOST_TEST(w.failed);
        BOOST_TEST(w.app.logged("it starts again") == 1u); // before it was known to hang
        BOOST_TEST(w.since() == "keep a, stop a, cancel a, stop a");
        BOOST_TEST(!w.units["x/a"]->keeps());
        BOOST_TEST(text(w.state("x/a")) == "given_up");
        BOOST_TEST(text(w.state("x/b")) == "running");
        co_await w.stop(10s);
    });
}

BOOST_AUTO_TEST_CASE(a_unit_that_hangs_keeps_nothing_and_hears_of_no_end_of_the_app) {
    enum where { start, restart, stop, hearing_of_the_start, hearing_of_the_stop };

    for (const where hangs : {start, restart, stop, hearing_of_the_start, hearing_of_the_stop})
        in_world([hangs](world& w) -> task<void> {
            w.supervise("outer", strategy::forfeit_one);
            w.supervise("inner").supervisor = "outer";
            auto& unit = w.add("x/a under inner");
            unit.start_timeout = unit.stop_timeout = 2s;
            behaviour& how = w.how["x/a"];
            how.refuses_cancel = hangs == stop;
            how.stop_takes = hangs == stop ? 1h : 0s;
            const auto start_hangs = [&] {
                how.start_refuses_cancel = true;
                how.start_takes = 1h;
            };
            const auto hearing_hangs = [&w](const char* name) {
                w.app.bus.listen(name, [](aio::signal::event) -> task<void> {
                    co_await boost::asio::this_coro::reset_cancellation_state(
                        boost::asio::disable_cancellation()
                    );
                    co_await aio::sleep(5min);
                });
            };
            if (hangs == start)
                start_hangs();
            if (hangs == hearing_of_the_start)
                hearing_hangs("service-starting");
            co_await w.start();
            if (hangs == restart)
                start_hangs();
            if (hangs == hearing_of_the_stop)
                hearing_hangs("service-stopping");
            if (hangs != start && hangs != hearing_of_the_start)
                w.crash("x/a");
            co_await aio::sleep(1min);
            const std::string all = w.since();
            BOOST_TEST_CONTEXT(hangs << ": " << all) {
                BOOST_TEST(!w.units["x/a"]->keeps());
                BOOST_TEST(all.find("no more") == all.npos);
                BOOST_TEST(!w.failed);
            }
            co_await aio::sleep(10min); // a listener must not outlive the bus
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

BOOST_AUTO_TEST_CASE(a_crash_after_the_end_of_intake_is_the_last_unless_it_would_start_again) {
    for (const bool again : {false, true})
        in_world([again](world& w) -> task<void> {
            w.add("x/a").restart = again ? service::restart::on_failure : service::restart::never;
            co_await w.start();
            w.tree->end_intake();
            w.crash("x/a");
            co_await aio::sleep(1s);
            const char* said = again ? "ERROR aio x/a crashed: boom; it is not restarted"
                                     : "CRITICAL aio x/a crashed: boom";
            BOOST_TEST(w.app.logged(said) == 1u);
            BOOST_TEST(w.tree->has_failed() == !again);
        });
}

BOOST_AUTO_TEST_CASE(a_crash_in_the_last_turn_of_a_stop_counts_too) {
    for (const char* when : {"stop", "down"})
        in_world([when](world& w) -> task<void> {
            w.add("x/a");
            w.watch = [&w, when](const std::string& what, const fake& who) {
                if (what == when && !std::exchange(w.finished, true))
                    w.crash(who.name());
            };
            co_await w.start();
            co_await w.stop();
            BOOST_TEST_CONTEXT(when) {
                BOOST_TEST(w.tree->has_failed());
                BOOST_TEST(w.app.logged("x/a crashed while it was stopping: boom") == 1u);
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
