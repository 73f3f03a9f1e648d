#include "world.hpp"

#include <boost/system/system_error.hpp>

#include <ctime>

using namespace aio;
using namespace std::chrono_literals;
using schedule::event;
using schedule::result;
using test::world;

namespace {

// A job that takes `how_long`, and notes its start and its end.
auto job_of(world& w, base::duration how_long) {
    return [&w, how_long](event e) -> task<void> {
        const auto run = e.run();
        w.note(fmt::format("+{}", run));
        try {
            co_await async::sleep(how_long);
        } catch (...) {
            w.note(fmt::format("x{}", run));
            throw;
        }
        w.note(fmt::format("-{}", run));
    };
}

} // namespace

BOOST_AUTO_TEST_SUITE(scheduler)

BOOST_AUTO_TEST_CASE(case_41_three_runs_in_five_seconds) {
    world w;
    w.schedule("tick", [&](event e) -> task<void> {
        w.note(fmt::format(
            "{} {} {} {}", e.name(), e.section(), e.run(), base::format(e.since_start())
        ));
        co_return;
    });
    w.run("[schedule/test-scheduler]\nevery: 2\nfunc: m.tick\n", 5s);
    const base::list expected{
        "0s test-scheduler schedule/test-scheduler 1 0s",
        "2s test-scheduler schedule/test-scheduler 2 2s",
        "4s test-scheduler schedule/test-scheduler 3 4s",
    };
    BOOST_TEST(w.noted == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(case_43_cb_gets_the_result_err_the_error_and_it_goes_on) {
    world w;
    w.schedule("f", [&](event e) -> task<int> {
        w.note(fmt::format("run {}", e.run()));
        if (e.run() == 2)
            throw std::invalid_argument("boom");
        co_return 1;
    });
    w.callback("c", [&](result r) -> task<void> {
        w.note(fmt::format("C({}) of {} {}", r.value<int>(), r.name(), r.run()));
        BOOST_TEST(!r.failed());
        BOOST_TEST(!r.value_if<long>());
        BOOST_CHECK_THROW(r.value<std::string>(), schedule::result_error);
        co_return;
    });
    w.callback("e", [&](result r) {
        BOOST_TEST(r.failed());
        BOOST_CHECK_THROW(std::rethrow_exception(r.error()), std::invalid_argument);
        w.note("E(" + r.message() + ")");
    });
    w.run("[schedule/x]\nevery = 1\nfunc = m.f\ncb = m.c\nerr = m.e\n", 2500ms);
    BOOST_TEST(
        w.notes() == "0s run 1, 0s C(1) of x 1, 1s run 2, 1s E(boom), 2s run 3, 2s C(1) of x 3"
    );
    BOOST_TEST(w.logged("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(case_45_options_of_the_section) {
    world w;
    w.schedule(
         "f",
         [&](event e) {
             w.note(
                 *e.text("extra") + " " + base::format(e.option<base::duration>("grace")) + " " +
                 std::to_string(e.option<int>("times"))
             );
         }
    )
        .option("grace", 5s)
        .option("times", 3);
    w.run("[schedule/x]\nevery = 1m\nfunc = m.f\nextra = 42\ngrace = 1m\n", 1s);
    BOOST_TEST(w.notes() == "0s 42 1m 3");
}

BOOST_AUTO_TEST_CASE(case_46_mistakes_start_nothing) {
    world w;
    w.schedule("f", [] {});
    w.callback("c", [] {});
    BOOST_TEST(w.plan("[schedule/x]\nfunc = m.f\nevery = 0\n") != "");
    BOOST_TEST(w.plan("[schedule/x]\nevery = 1\n") != "");
    BOOST_TEST(w.plan("[schedule/x]\nfunc = m.g\nevery = 1\n") != "");
    BOOST_TEST(w.plan("[schedule/x]\nfunc = m.c\nevery = 1\n") != "");
    BOOST_TEST(w.plan("[schedule/x]\nfunc = m.f\nevery = 1\ncb = m.f\n") != "");
    BOOST_TEST(w.plan("[schedule/x]\nfunc = m.f\nevery = 1\nenabled = no\n") == "");
    BOOST_TEST(w.planned.empty());
}

BOOST_AUTO_TEST_CASE(case_47_the_info_line) {
    world w;
    w.schedule("tick", [] {});
    w.run("[schedule/x]\nevery = 2\nfunc = m.tick\n", 1s);
    BOOST_TEST(w.logged("INFO aio Scheduler started (x): m.tick") == 1u);
    BOOST_TEST(w.app.lines.size() == 1u);
}

BOOST_AUTO_TEST_CASE(functions_of_every_shape) {
    world w;
    w.schedule("a", [&] { w.note("a"); });
    w.schedule("b", [&](event) {
        w.note("b");
        return 7;
    });
    w.schedule("c", [&]() -> task<void> {
        w.note("c");
        co_return;
    });
    w.schedule("d", [&](const event& e) { w.note("d" + std::to_string(e.run())); });
    w.callback("seven", [&](const result& r) { w.note(std::to_string(r.value<int>())); });
    w.callback("plain", [&]() -> task<void> {
        w.note("done");
        co_return;
    });
    w.run(
        "[schedule/a]\nevery = 9\nfunc = m.a\ncb = m.plain\n"
        "[schedule/b]\nevery = 9\nfunc = m.b\ncb = m.seven\n"
        "[schedule/c]\nevery = 9\nfunc = m.c\n"
        "[schedule/d]\nevery = 9\nfunc = m.d\n",
        1s
    );
    BOOST_TEST(w.notes() == "0s a, 0s done, 0s b, 0s 7, 0s c, 0s d1");
}

BOOST_AUTO_TEST_CASE(case_131_periodic_with_a_delay) {
    world w;
    w.schedule("f", [&] { w.note(); });
    w.run("[schedule/x]\nevery = 0.1\ndelay = 0.5\nfunc = m.f\n", 750ms);
    BOOST_TEST(w.notes() == "500ms, 600ms, 700ms");
}

BOOST_AUTO_TEST_CASE(case_132_spacing_from_the_end) {
    world w;
    w.schedule("f", job_of(w, 300ms));
    w.run("[schedule/x]\nevery = 0.5\nspacing = end\nfunc = m.f\n", 1950ms);
    BOOST_TEST(w.notes() == "0s +1, 300ms -1, 800ms +2, 1.1s -2, 1.6s +3, 1.9s -3");
    world v;
    v.schedule("f", job_of(v, 500ms));
    v.run("[schedule/x]\nevery = 0.1\nspacing = end\nfunc = m.f\n", 1s);
    BOOST_TEST(v.notes() == "0s +1, 500ms -1, 600ms +2, 1s x2");
}

BOOST_AUTO_TEST_CASE(case_133_errors_are_logged_and_it_keeps_running) {
    world w;
    w.schedule("f", [&](event) -> task<void> {
        w.note();
        co_await async::sleep(1ms);
        throw std::runtime_error("bad luck");
    });
    w.run("[schedule/x]\nevery = 1\nfunc = m.f\n", 2500ms);
    BOOST_TEST(w.notes() == "0s, 1s, 2s");
    BOOST_TEST(w.logged("ERROR aio schedule/x: m.f failed: bad luck") == 3u);
}

BOOST_AUTO_TEST_CASE(overlapping_runs_are_allowed_up_to_max_running) {
    world w;
    w.schedule("f", job_of(w, 2500ms));
    w.run("[schedule/x]\nevery = 1\nmax_running = 2\nfunc = m.f\n", 3600ms);
    // at 2 s two are running; at 3 s one of them has ended
    BOOST_TEST(w.notes() == "0s +1, 1s +2, 2.5s -1, 3s +3, 3.5s -2, 3.6s x3");
    BOOST_TEST(
        w.logged(
            "WARNING aio schedule/x overlaps: due every 1s, but a run is still at work after 1s"
        ) == 1u
    );
    BOOST_TEST(w.logged("WARNING") == 1u);
}

BOOST_AUTO_TEST_CASE(overlaps_are_warned_of_once_a_minute_with_a_count) {
    world w;
    w.schedule("f", job_of(w, 1h));
    w.run("[schedule/x]\nevery = 1\noverlap = skip\nfunc = m.f\n", 90s + 500ms);
    BOOST_TEST(w.logged("WARNING") == 2u);
    BOOST_TEST(
        w.logged("a run is still at work after 1m1s (59 more since the last warning)") == 1u
    );
}

BOOST_AUTO_TEST_CASE(overlaps_are_warned_of_once_a_minute_over_a_restart) {
    world w;
    w.schedule("f", job_of(w, 1h));
    BOOST_TEST(w.plan("[schedule/x]\nevery = 1\noverlap = skip\nfunc = m.f\n") == "");
    test::run(w.at, [&w]() -> task<void> {
        co_await w.start();
        co_await async::sleep(90s + 500ms);
        BOOST_TEST(w.logged("WARNING") == 2u);
        co_await w.stop();
        co_await w.services[0]->start();
        co_await async::sleep(29s);
        BOOST_TEST(w.logged("WARNING") == 2u);
        co_await async::sleep(3s);
        BOOST_TEST(w.logged("WARNING") == 3u);
        co_await w.stop();
    });
}

BOOST_AUTO_TEST_CASE(overlap_skip) {
    world w;
    w.schedule("f", job_of(w, 1500ms));
    w.run("[schedule/x]\nevery = 1\noverlap = skip\nfunc = m.f\n", 3900ms);
    BOOST_TEST(w.notes() == "0s +1, 1.5s -1, 2s +2, 3.5s -2");
}

BOOST_AUTO_TEST_CASE(overlap_queue_keeps_one) {
    world w;
    w.schedule("f", job_of(w, 2500ms));
    w.run("[schedule/x]\nevery = 1\noverlap = queue\nfunc = m.f\n", 5500ms);
    BOOST_TEST(w.notes() == "0s +1, 2.5s -1, 2.5s +2, 5s -2, 5s +3, 5.5s x3");
}

BOOST_AUTO_TEST_CASE(overlap_cancel_replaces_the_running_one) {
    world w;
    w.schedule("f", job_of(w, 1500ms));
    w.run("[schedule/x]\nevery = 1\noverlap = cancel\nfunc = m.f\n", 2500ms);
    BOOST_TEST(w.notes() == "0s +1, 1s x1, 1s +2, 2s x2, 2s +3, 2.5s x3");
    BOOST_TEST(w.logged("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(a_run_past_its_timeout_is_cancelled_and_is_an_error) {
    world w;
    w.schedule("f", job_of(w, 10s));
    w.callback("e", [&](result r) {
        BOOST_CHECK_THROW(std::rethrow_exception(r.error()), schedule::timed_out);
        w.note(r.message());
    });
    w.run("[schedule/x]\nevery = 5\ntimeout = 2\nfunc = m.f\nerr = m.e\n", 4s);
    BOOST_TEST(
        w.notes() == "0s +1, 2s x1, 2s took longer than its timeout of 2s and was cancelled"
    );
}

BOOST_AUTO_TEST_CASE(a_run_within_its_timeout_is_left_alone) {
    world w;
    w.schedule("f", job_of(w, 1s));
    w.callback("c", [&](result r) -> task<void> {
        co_await async::sleep(5s); // the timeout is the function's
        w.note("after " + base::format(r.took()));
    });
    w.run("[schedule/x]\nevery = 100\ntimeout = 2\nfunc = m.f\ncb = m.c\n", 10s);
    BOOST_TEST(w.notes() == "0s +1, 1s -1, 6s after 1s");
}

BOOST_AUTO_TEST_CASE(on_error_stop_ends_the_schedule) {
    world w;
    w.schedule("f", [&](event e) {
        w.note();
        if (e.run() == 2)
            throw std::runtime_error("enough");
    });
    w.run("[schedule/x]\nevery = 1\non_error = stop\nfunc = m.f\n", 5s);
    BOOST_TEST(w.app.ends == base::list{"schedule/x"}, boost::test_tools::per_element());
    BOOST_TEST(w.notes() == "0s, 1s");
    BOOST_TEST(w.logged("ERROR aio schedule/x: m.f failed: enough") == 1u);
    BOOST_TEST(w.app.crashes.empty());
}

BOOST_AUTO_TEST_CASE(on_error_crash_goes_to_the_app) {
    world w;
    w.schedule("f", [&]() -> task<void> {
        co_await async::sleep(1s);
        throw std::runtime_error("the end");
    });
    w.callback("e", [&](result r) -> task<void> {
        co_await async::sleep(1s);
        w.note(r.message());
    });
    w.run("[schedule/x]\nevery = 10\non_error = crash\nfunc = m.f\nerr = m.e\n", 30s);
    BOOST_TEST(w.app.ends.empty());
    BOOST_TEST(w.notes() == "2s the end");
    BOOST_REQUIRE(w.app.crashes.size() == 1u);
    BOOST_TEST(w.app.crashes[0] == "schedule/x: the end");
}

BOOST_AUTO_TEST_CASE(a_crash_after_it_has_ended_by_itself_is_all_that_the_app_is_told) {
    world w;
    w.schedule("f", [](event e) {
        e.stop_schedule();
        return 1;
    });
    w.callback("c", [](result r) { r.value<std::string>(); });
    w.run("[schedule/x]\nevery = 1\nfunc = m.f\ncb = m.c\n", 5s);
    BOOST_TEST(w.app.crashes.size() == 1u);
    BOOST_TEST(w.app.ends.empty());
}

BOOST_AUTO_TEST_CASE(an_error_of_a_callback_is_logged) {
    world w;
    w.schedule("f", [] { return 1; });
    w.callback("c", [](result) -> task<void> {
        co_await async::sleep(1ms);
        throw std::runtime_error("in cb");
    });
    w.run("[schedule/x]\nevery = 1\nfunc = m.f\ncb = m.c\n", 1500ms);
    BOOST_TEST(w.logged("ERROR aio schedule/x: m.c failed: in cb") == 2u);
}

BOOST_AUTO_TEST_CASE(stop_cancels_the_running_job) {
    world w;
    w.schedule("f", job_of(w, 10s));
    w.run("[schedule/x]\nevery = 60\nfunc = m.f\n", 1s);
    BOOST_TEST(w.notes() == "0s +1, 1s x1");
    BOOST_TEST(w.logged("ERROR") == 0u);
}

BOOST_AUTO_TEST_CASE(shield_lets_it_finish_but_not_for_ever) {
    world w;
    w.schedule("f", job_of(w, 10s));
    w.run("[schedule/x]\nevery = 60\nshield = yes\nfunc = m.f\n", 1s);
    BOOST_TEST(w.notes() == "0s +1, 10s -1");

    world v;
    v.schedule("f", job_of(v, 10s));
    BOOST_TEST(v.plan("[schedule/x]\nevery = 60\nshield = yes\nfunc = m.f\n") == "");
    test::run(v.at, [&v]() -> task<void> {
        co_await v.start();
        co_await async::sleep(1s);
        v.services[0]->begin_stop();
        BOOST_TEST(v.services[0]->unfinished().size() == 1u);
        co_await async::sleep(2s);
        BOOST_TEST(
            v.services[0]->unfinished().at(0).find("schedule/x: run 1 awaits sleep for 3") == 0u
        );
        v.services[0]->cancel();
        co_await v.services[0]->wait_stopped();
        BOOST_TEST(v.services[0]->unfinished().empty());
    });
    BOOST_TEST(v.notes() == "0s +1, 3s x1");
}

BOOST_AUTO_TEST_CASE(a_shielded_run_that_is_cut_off_may_end_without_an_error) {
    for (const bool as_callback : {false, true}) {
        world w;
        const auto tidies_up = [&w]() -> task<void> {
            try {
                co_await async::sleep(10s);
            } catch (const boost::system::system_error&) {
                w.note("tidied up");
            }
        };
        w.schedule("quick", [] {});
        w.schedule("f", tidies_up);
        w.callback("c", tidies_up);
        const std::string work = as_callback ? "func = m.quick\ncb = m.c\n" : "func = m.f\n";
        BOOST_TEST(w.plan("[schedule/x]\nevery = 60\nshield = yes\n" + work) == "");
        test::run(w.at, [&w]() -> task<void> {
            co_await w.start();
            co_await async::sleep(1s);
            w.services[0]->begin_stop();
            w.services[0]->cancel();
            co_await w.services[0]->wait_stopped();
        });
        BOOST_TEST(w.notes() == "1s tidied up");
        BOOST_TEST(w.logged("ERROR") == 0u);
    }
}

BOOST_AUTO_TEST_CASE(at_the_end_of_intake_no_run_begins_and_those_at_work_go_on) {
    world w;
    w.schedule("f", job_of(w, 1500ms));
    BOOST_TEST(w.plan("[schedule/x]\nevery = 1\noverlap = queue\nfunc = m.f\n") == "");
    test::run(w.at, [&w]() -> task<void> {
        co_await w.start();
        co_await async::sleep(1200ms); // the second one waits
        w.services[0]->end_intake();
        co_await async::sleep(10s);
        co_await w.stop();
    });
    BOOST_TEST(w.notes() == "0s +1, 1.5s -1");
}

BOOST_AUTO_TEST_CASE(a_schedule_is_stopped_from_inside_its_own_function) {
    world w;
    w.schedule("f", [&](event e) -> task<void> {
        w.note(fmt::format("+{}", e.run()));
        if (e.run() == 2)
            e.stop_schedule();
        co_await async::sleep(100ms);
        w.note(fmt::format("-{}", e.run()));
    });
    w.run("[schedule/x]\nevery = 1\nfunc = m.f\n", 5s);
    BOOST_TEST(w.notes() == "0s +1, 100ms -1, 1s +2, 1.1s -2");
    BOOST_TEST(w.logged("INFO aio Scheduler stopped (x)") == 1u);
}

BOOST_AUTO_TEST_CASE(stop_before_the_first_run_and_again) {
    world w;
    w.schedule("f", [&] { w.note(); });
    BOOST_TEST(w.plan("[schedule/x]\nevery = 1\nfirst = after\nfunc = m.f\n") == "");
    test::run(w.at, [&w]() -> task<void> {
        co_await w.start();
        co_await w.stop();
        co_await w.stop();
        co_await async::sleep(10s);
    });
    BOOST_TEST(w.notes() == "");
}

BOOST_AUTO_TEST_CASE(after_a_stop_it_starts_again_from_the_beginning) {
    world w;
    w.schedule("tick", [&](schedule::event event) { w.note(std::to_string(event.run())); });
    const std::string wrong = w.plan("[schedule/x]\nfunc = m.tick\nevery = 2s\n");
    BOOST_REQUIRE_MESSAGE(wrong.empty(), wrong);
    test::run(w.at, [&w]() -> aio::task<void> {
        co_await w.start();
        co_await aio::async::sleep(3s);
        co_await w.stop();
        co_await aio::async::sleep(10s);
        co_await w.services.front()->start();
        co_await aio::async::sleep(3s);
        co_await w.stop();
    });
    BOOST_TEST(w.notes() == "0s 1, 2s 2, 13s 3, 15s 4");
    const auto counted = w.services.front()->statistics();
    BOOST_TEST(counted.front().name == "runs");
    BOOST_TEST(counted.front().value == 4);
}

BOOST_AUTO_TEST_CASE(jitter_delays_each_run_and_not_the_next_one) {
    world w;
    std::vector<base::duration> late;
    w.schedule("f", [&](event e) { late.push_back(w.now() - e.since_start()); });
    w.run("[schedule/x]\nevery = 10\njitter = 5s\nfunc = m.f\n", 1000s);
    BOOST_REQUIRE(late.size() >= 99u);
    for (base::duration one : late)
        BOOST_TEST((one >= 0s && one <= 5s));
    BOOST_TEST((*std::ranges::max_element(late) > 4s));
    BOOST_TEST((*std::ranges::min_element(late) < 1s));
}

BOOST_AUTO_TEST_CASE(case_137_cron_every_second_on_the_second) {
    world w(
        async::wall_point(std::chrono::sys_days{std::chrono::year{2026} / 2 / 28}) + 86396s + 250ms
    );
    w.schedule("f", [&](event e) {
        w.note(std::to_string(e.due().time_since_epoch() / 1s % 86400));
        BOOST_TEST((e.due() == w.time.wall()));
    });
    w.run("[schedule/x]\ncron = * * * * * *\nfunc = m.f\n", 5s);
    BOOST_TEST(w.notes() == "750ms 86397, 1.75s 86398, 2.75s 86399, 3.75s 0, 4.75s 1");
}

BOOST_AUTO_TEST_CASE(case_137_ticks_missed_by_a_long_job_are_skipped) {
    world w;
    w.schedule("f", job_of(w, 2500ms));
    w.run("[schedule/x]\ncron = * * * * * *\noverlap = skip\nfunc = m.f\n", 6s);
    BOOST_TEST(w.notes() == "1s +1, 3.5s -1, 4s +2, 6s x2");
    BOOST_TEST(
        w.logged("overlaps: due by cron '* * * * * *', but a run is still at work after 1s") == 1u
    );
}

BOOST_AUTO_TEST_CASE(cron_is_planned_anew_when_the_wall_clock_is_set) {
    const async::wall_point midnight(std::chrono::days(20000));
    world w(midnight);
    w.schedule("f", [&](event e) {
        w.note(base::format(e.due() - async::wall_point(std::chrono::days(20000))));
    });
    BOOST_TEST(w.plan("[schedule/x]\ncron = @hourly\nfunc = m.f\n") == "");
    test::run(w.at, [&w, midnight]() -> task<void> {
        co_await w.start();
        co_await async::sleep(30min);
        w.time.set_wall(midnight + 5h + 50min);
        co_await async::sleep(30min);
        w.time.set_wall(midnight + 2h + 50min);
        co_await async::sleep(15min);
        co_await w.stop();
    });
    BOOST_TEST(w.notes() == "40m 6h, 1h10m 3h");
}

BOOST_AUTO_TEST_CASE(report_time_1_a_date_after_2038_is_like_any_other) {
    const async::wall_point late(std::chrono::sys_days{std::chrono::year{2038} / 2 / 1});
    world w(late);
    w.schedule("f", [&](event) { w.note(); });
    w.run("[schedule/x]\ncron = 0 3 * * *\nfunc = m.f\n", 28h);
    BOOST_TEST(w.notes() == "3h, 1d3h");
}

BOOST_AUTO_TEST_CASE(report_time_2_set_back_after_a_run_it_does_not_come_again) {
    const async::wall_point noon(std::chrono::days(20000) + 12h);
    world w(noon);
    w.schedule("f", [&](event e) { w.note(base::format(e.due() - noon)); });
    BOOST_TEST(w.plan("[schedule/x]\ncron = 1 12 * * *\nfunc = m.f\n") == "");
    test::run(w.at, [&w, noon]() -> task<void> {
        co_await w.start();
        co_await async::sleep(62s);
        w.time.set_wall(noon + 57s);
        co_await async::sleep(1h);
        co_await w.stop();
    });
    BOOST_TEST(w.notes() == "1m 1m");
    BOOST_TEST(
        w.logged(
            "schedule/x: the clock was set back by 5s; what has run does not run again, the next "
            "run is in 1d3s"
        ) == 1u
    );
}

BOOST_AUTO_TEST_CASE(runs_that_a_clock_set_far_forward_leaves_out_are_logged) {
    const async::wall_point noon(std::chrono::days(20000) + 12h);
    const auto logged = [noon](base::duration next) {
        world w(noon);
        w.schedule("f", [&w](event) { w.note(); });
        BOOST_TEST(w.plan("[schedule/x]\ncron = 0 14 * * *\nfunc = m.f\n") == "");
        test::run(w.at, [&w, noon, next]() -> task<void> {
            co_await w.start();
            co_await async::sleep(30s);
            w.time.set_wall(noon + next);
            co_await async::sleep(1min);
            co_await w.stop();
        });
        const auto lines = w.logged("the clock went forward by");
        BOOST_TEST(
            w.logged("schedule/x: the clock went forward by 7h59m30s; what was due meanwhile is "
                     "left out") == lines
        );
        return std::pair(w.notes(), lines);
    };
    BOOST_TEST((logged(8h) == std::pair(std::string(), std::size_t{1})));
    BOOST_TEST((logged(2h + 1min) == std::pair(std::string("30s"), std::size_t{0})));
    BOOST_TEST((logged(1h) == std::pair(std::string(), std::size_t{0})));
}

BOOST_AUTO_TEST_CASE(report_time_2_set_forward_past_a_run_it_comes_at_once) {
    const async::wall_point noon(std::chrono::days(20000) + 12h);
    world w(noon);
    w.schedule("f", [&](event e) {
        w.note(fmt::format("{} +{}", base::format(e.due() - noon), e.missed()));
    });
    BOOST_TEST(
        w.plan("[schedule/x]\ncron = 1 12 * * *\nfunc = m.f\n[schedule/y]\ncron = */10 * * * "
               "*\nfunc = "
               "m.f\n") == ""
    );
    test::run(w.at, [&w, noon]() -> task<void> {
        co_await w.start();
        co_await async::sleep(31s);
        w.time.set_wall(noon + 91s);
        co_await async::sleep(9s);
        w.time.set_wall(noon + 35min);
        co_await async::sleep(1min);
        co_await w.stop();
    });
    BOOST_TEST(w.notes() == "31s 1m +0, 40s 10m +2");
}

namespace {

/// Runs a schedule for each minute. After 30 s the clock is set to `next`, and the system does not
/// report it until 62 s.
std::string runs_of_a_clock_set_in_silence(world& w, async::wall_point noon, base::duration next) {
    w.schedule("f", [&w, noon](event e) {
        w.note(fmt::format("{} +{}", base::format(e.due() - noon), e.missed()));
    });
    BOOST_TEST(w.plan("[schedule/x]\ncron = * * * * *\nfunc = m.f\n") == "");
    test::run(w.at, [&w, noon, next]() -> task<void> {
        co_await w.start();
        co_await async::sleep(30s);
        w.time.set_wall(noon + next, async::virtual_clock::news::unreported);
        co_await async::sleep(32s);
        w.time.set_wall(w.time.wall());
        co_await async::sleep(59s);
        co_await w.stop();
    });
    return w.notes();
}

} // namespace

BOOST_AUTO_TEST_CASE(a_clock_set_in_silence_counts_as_one_that_is_reported) {
    const async::wall_point noon(std::chrono::days(20000) + 12h);
    const auto runs = [noon](base::duration next) {
        world w(noon);
        return runs_of_a_clock_set_in_silence(w, noon, next);
    };
    BOOST_TEST(runs(10h + 40s) == "1m50s 10h2m +0"); // the timer of 12:01 fires at 22:01:10
    BOOST_TEST(runs(10h + 15s) == "1m15s 10h1m +0");
    BOOST_TEST(runs(1h + 15s) == "1m 1m +59, 1m15s 1h1m +0");
    BOOST_TEST(runs(5s) == "1m25s 1m +0");
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_in_silence_is_logged_once) {
    const async::wall_point noon(std::chrono::days(20000) + 12h);
    world w(noon);
    w.schedule("f", [&w, noon](event e) { w.note(base::format(e.due() - noon)); });
    BOOST_TEST(w.plan("[schedule/x]\ncron = * * * * * */2\nfunc = m.f\n") == "");
    test::run(w.at, [&w, noon]() -> task<void> {
        co_await w.start();
        co_await async::sleep(3s);
        w.time.set_wall(noon - 7s, async::virtual_clock::news::unreported);
        co_await async::sleep(2s);
        w.time.set_wall(w.time.wall());
        co_await async::sleep(10s);
        co_await w.stop();
    });
    BOOST_TEST(w.notes() == "2s 2s, 14s 4s");
    BOOST_TEST(w.logged("the clock was set back by") == 1u);
    BOOST_TEST(w.logged("the clock was set back by 10s; ") == 1u);
}

BOOST_AUTO_TEST_CASE(a_simulated_year_of_hours_is_the_same_each_time) {
    const auto year = [] {
        world w;
        std::size_t runs = 0;
        base::duration last{};
        w.schedule("f", [&](event e) -> task<void> {
            ++runs;
            last = e.since_start();
            BOOST_REQUIRE((e.missed() == 0 && w.now() == last));
            co_return;
        });
        w.run("[schedule/x]\nevery = 1h\nfunc = m.f\n", 24h * 365 - 1s);
        BOOST_TEST((last == 24h * 365 - 1h));
        return runs;
    };
    const std::clock_t begin = std::clock();
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(year() == 8760u);
    BOOST_TEST((std::clock() - begin) / CLOCKS_PER_SEC < 3); // of work; a tenth of it in release
}

BOOST_AUTO_TEST_CASE(two_thousand_schedules_lose_nothing_and_do_not_drift) {
    world w;
    std::size_t runs = 0;
    w.schedule("f", [&](event e) {
        ++runs;
        BOOST_REQUIRE((e.missed() == 0 && w.now() == e.since_start()));
    });
    std::string text;
    for (int i = 0; i < 2000; ++i)
        text += fmt::format("[schedule/s{}]\nevery = 1\nfunc = m.f\n", i);
    w.run(text, 4500ms);
    BOOST_TEST(runs == 10000u);
}

BOOST_AUTO_TEST_CASE(a_run_that_outlives_its_scheduler_is_still_shown_by_name) {
    world w;
    w.schedule("long", job_of(w, 1h));
    const std::string wrong = w.plan("[schedule/job]\nevery: 2\nfunc: m.long\n");
    BOOST_REQUIRE_MESSAGE(wrong.empty(), wrong);
    test::run(w.at, [&]() -> task<void> {
        co_await w.start();
        co_await async::sleep(1s);
        w.services.clear();
        const auto tasks = w.at.snapshot();
        BOOST_REQUIRE(tasks.size() == 2u);
        BOOST_TEST(tasks[1].text() == "schedule/job: run 1 awaits sleep for 1.0 s");
    });
}

BOOST_AUTO_TEST_SUITE_END()
