#include "fake_tree.hpp"

#include <aio/async/event.hpp>

#include <boost/test/unit_test.hpp>

using namespace test;

namespace {

/// Notes what it hears, after a while.
void listen(world& w, const std::string& name, duration takes = 0s) {
    w.app.bus.listen(name, [&w, takes](aio::signal::event of) -> task<void> {
        w.happened.push_back(of.name() + " begins");
        if (takes > 0s)
            co_await aio::sleep(takes);
        w.happened.push_back(of.name() + " ends");
    });
}

} // namespace

BOOST_AUTO_TEST_SUITE(tree_hooks)

BOOST_AUTO_TEST_CASE(who_listens_for_a_start_or_a_stop_comes_before_it_and_is_awaited) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        listen(w, "service-starting", 1s);
        listen(w, "service-stopping", 1s);
        co_await w.start();
        BOOST_TEST(w.since() == "service-starting begins, service-starting ends, start a, up a");
        co_await w.stop();
        BOOST_TEST(w.since() == "service-stopping begins, service-stopping ends, stop a, down a");
    });
}

BOOST_AUTO_TEST_CASE(an_error_of_a_listener_changes_nothing) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        const auto fails = [](aio::signal::event) { throw std::runtime_error("boom"); };
        w.app.bus.listen("service-st*", fails);
        co_await w.start();
        co_await w.stop();
        BOOST_TEST(w.since() == "start a, up a, stop a, down a");
        BOOST_TEST(!w.failed);
        BOOST_TEST(!w.tree->has_failed());
    });
}

// Its supervisor waits for a listener of the restart when the one above stops them all.
BOOST_AUTO_TEST_CASE(a_restart_that_is_called_off_while_it_is_heard_of_keeps_nothing) {
    in_world([](world& w) -> task<void> {
        w.supervise("outer", service::strategy::forfeit_all);
        w.supervise("inner").supervisor = "outer";
        w.add("x/a under inner");
        w.add("x/b under outer");
        co_await w.start();
        listen(w, "service-starting", 1h);
        w.crash("x/a");
        co_await aio::sleep(10s);
        BOOST_TEST(w.units["x/a"]->keeps());
        w.crash("x/b");
        co_await aio::sleep(30s);
        BOOST_TEST(text(w.state("x/a")) == "stopped");
        BOOST_TEST(!w.units["x/a"]->keeps());
    });
}

BOOST_AUTO_TEST_CASE(a_first_start_that_is_called_off_while_it_is_heard_of_keeps_nothing) {
    enum how { with_its_batch, alone, replaced };

    for (const how what : {with_its_batch, alone, replaced})
        in_world([what](world& w) -> task<void> {
            w.supervise("outer", service::strategy::forfeit_all);
            auto& inner = w.supervise("inner", service::strategy::one_for_all);
            inner.supervisor = "outer";
            inner.backoff = 10s;
            w.add("x/b under outer");
            w.add("x/c under inner");
            w.add("x/a after x/c under inner");
            if (what == replaced) {
                inner.replacement = "x/r";
                w.add("x/r");
                w.plans[2].common.start_timeout = 1s;
            }
            w.app.bus.listen("service-starting", [](aio::signal::event of) -> task<void> {
                if (of.data<std::string>() == "x/a")
                    co_await aio::sleep(1h);
            });
            w.make();
            aio::async::task_group group(w.at, "test", [](std::string_view, std::exception_ptr) {});
            group.spawn("start", w.tree->start());
            co_await aio::sleep(100ms);
            BOOST_TEST(w.units["x/a"]->keeps());
            BOOST_TEST(text(w.state("x/a")) == "starting");
            if (what == with_its_batch) {
                w.crash("x/c");
                co_await aio::sleep(1s);
                BOOST_TEST(w.units["x/a"]->keeps()); // its start is still to come
            }
            if (what != replaced)
                w.crash("x/b");
            co_await aio::sleep(1min);
            BOOST_TEST_CONTEXT(what << ": " << w.since()) {
                BOOST_TEST(!w.units["x/a"]->keeps());
                BOOST_TEST(!w.failed);
            }
            group.cancel();
            co_await group.join();
        });
}

BOOST_AUTO_TEST_CASE(a_start_is_late_also_by_its_listeners) {
    in_world([](world& w) -> task<void> {
        w.add("x/a").start_timeout = 1s;
        listen(w, "service-starting", 1h);
        BOOST_CHECK_THROW(co_await w.start(), service::start_error);
        BOOST_TEST(logged(w, "x/a was not ready within 1s"));
        BOOST_TEST(w.since() == "service-starting begins");
    });
}

BOOST_AUTO_TEST_CASE(a_listener_that_takes_the_time_of_a_stop_is_cancelled_and_the_unit_stops) {
    in_world([](world& w) -> task<void> {
        w.add("x/a").stop_timeout = 2s;
        listen(w, "service-stopping", 1h);
        co_await w.start();
        w.since();
        const auto begun = w.at.time().now();
        co_await w.stop();
        BOOST_TEST(w.since() == "service-stopping begins, stop a, cancel a, down a");
        BOOST_TEST((w.at.time().now() - begun < 3s));
        BOOST_TEST(w.tree->unfinished().empty());
    });
}

BOOST_AUTO_TEST_CASE(after_the_end_of_intake_a_crash_is_not_followed_by_a_restart) {
    in_world([](world& w) -> task<void> {
        w.supervise("s");
        w.add("x/a under s");
        w.add("x/b");
        co_await w.start();
        w.since();
        w.tree->end_intake();
        BOOST_TEST(w.since() == "no more a, no more b");
        w.crash("x/a");
        co_await aio::sleep(5s);
        BOOST_TEST(w.since() == "stop a, down a");
        BOOST_TEST(logged(w, "x/a crashed: boom; it is not restarted, because the app stops"));
        BOOST_TEST(!w.tree->has_failed());
        BOOST_TEST(text(w.state("x/b")) == "running");
    });
}

BOOST_AUTO_TEST_CASE(who_waits_for_its_restart_at_the_end_of_intake_stays_down) {
    in_world([](world& w) -> task<void> {
        w.supervise("s").backoff = 1s;
        w.add("x/a under s");
        co_await w.start();
        w.crash("x/a");
        co_await aio::sleep(10ms);
        w.since();
        w.tree->end_intake();
        co_await aio::sleep(10s);
        BOOST_TEST(w.since().find("start") == std::string::npos);
    });
}

BOOST_AUTO_TEST_CASE(a_crash_without_a_restart_after_the_end_of_intake_is_a_failure) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        co_await w.start();
        w.tree->end_intake();
        w.crash("x/a");
        co_await aio::sleep(1s);
        BOOST_TEST(w.tree->has_failed());
    });
}

BOOST_AUTO_TEST_CASE(when_a_stop_is_to_come_no_further_unit_starts) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        w.add("x/b after x/a");
        w.watch = [&w](const std::string& what, const fake&) {
            if (what == "up")
                w.tree->hold();
        };
        BOOST_CHECK_THROW(co_await w.start(), service::start_error);
        co_await w.stop();
        BOOST_TEST(w.since() == "start a, up a, stop a, down a");
        BOOST_TEST(!w.tree->has_failed());
    });
}

BOOST_AUTO_TEST_CASE(nor_the_one_whose_listener_has_asked_for_it) {
    in_world([](world& w) -> task<void> {
        w.add("x/a");
        w.app.bus.listen("service-starting", [&w](aio::signal::event) { w.tree->hold(); });
        BOOST_CHECK_THROW(co_await w.start(), service::start_error);
        co_await w.stop();
        BOOST_TEST(w.since() == "");
    });
}

BOOST_AUTO_TEST_SUITE_END()
