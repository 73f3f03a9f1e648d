// Timers and cron entries of a user's service.

#include "field.hpp"

#include <aio/service/drift.hpp>

#include <thread>

using namespace test;

namespace {

using first_call = aio::service::service::first_call;

/// Starts P with a timer whose job takes a while; when it was called.
std::string calls(
    aio::base::duration period,
    aio::base::duration job,
    first_call first,
    aio::base::duration until,
    garden& g
) {
    root p(g);
    p.with("start", [=](plant& self) -> task<void> {
        self.every(
            period,
            [&self, job]() -> task<void> {
                self.in.note_time();
                co_await aio::async::sleep(job);
            },
            first
        );
        co_return;
    });
    std::string all;
    g.run([&]() -> task<void> {
        co_await p.start();
        co_await aio::async::sleep(until);
        all = g.notes();
        all.erase(0, std::string("P.first_start, P.start, ").size());
        if (const auto at = all.find("P.started, "); at != all.npos)
            all.erase(at, std::string("P.started, ").size());
        co_await stop(p);
    });
    return all;
}

/// Gives it a cron that notes the time of each run.
void note_every_ten_minutes(root& service) {
    service.with("start", [](plant& self) -> task<void> {
        self.cron("*/10 * * * *", [&self]() -> task<void> {
            self.in.note_time();
            co_return;
        });
        co_return;
    });
}

} // namespace

BOOST_AUTO_TEST_SUITE(service_timer)

BOOST_AUTO_TEST_CASE(a_late_loop_alone_is_no_overlap) {
    field f;
    head p(f);
    f.run([&]() -> task<void> {
        co_await p.start();
        int calls = 0;
        p.every(1ms, [&]() -> task<void> {
            ++calls;
            co_return;
        });
        std::this_thread::sleep_for(30ms); // the loop is blocked
        while (calls < 2)
            co_await aio::async::sleep(1ms);
        co_await stop(p);
    });
    BOOST_TEST(f.app->logged("is overlapping") == 0u);
}

BOOST_AUTO_TEST_CASE(case_172_a_timer_keeps_its_period_whatever_the_job_takes) {
    garden g;
    BOOST_TEST(calls(500ms, 200ms, first_call::after, 2200ms, g) == "500ms, 1s, 1.5s, 2s");
    BOOST_TEST(g.app.logged("overlapping") == 0u);
}

BOOST_AUTO_TEST_CASE(case_172_a_job_longer_than_the_period_leaves_one_out_with_a_warning) {
    garden g;
    BOOST_TEST(calls(500ms, 700ms, first_call::now, 2200ms, g) == "0s, 1s, 2s");
    BOOST_TEST(g.app.logged("WARNING m [^P]: every 500ms is overlapping (runtime=700ms)") == 1u);
}

BOOST_AUTO_TEST_CASE(a_timer_that_always_overlaps_says_so_once_a_minute) {
    garden g;
    calls(500ms, 700ms, first_call::now, 150s, g);
    BOOST_TEST(g.app.logged("every 500ms is overlapping (runtime=700ms)") == 3u);
    BOOST_TEST(g.app.logged("(runtime=700ms) (59 more since the last warning)") == 2u);
}

BOOST_AUTO_TEST_CASE(a_period_below_a_millisecond_is_refused) {
    garden g;
    root p(g);
    const aio::base::duration wrong[] = {-1s, 0s, aio::base::duration(5), 999us};
    for (const aio::base::duration period : wrong)
        BOOST_CHECK_THROW(
            p.every(period, []() -> task<void> { co_return; }), std::invalid_argument
        );
}

BOOST_AUTO_TEST_CASE(case_173_a_thousand_periods_do_not_drift) {
    garden g;
    root p(g);
    int count = 0;
    aio::base::duration last{};
    p.with("start", [&](plant& self) -> task<void> {
        self.every(1s, [&]() -> task<void> {
            last = g.now();
            co_await aio::async::sleep(1ms * (++count % 900));
        });
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        co_await aio::async::sleep(1000s + 1ms);
        BOOST_TEST(count == 1000);
        BOOST_TEST((last == 1000s));
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_CASE(case_173_what_is_said_of_a_drift) {
    const struct {
        aio::base::duration period, late;
        bool said;
    } table[] = {
        {1s, 299ms, false},
        {1s, 300ms, true},
        {1s, 5s, true},
        {3s, 899ms, false},
        {3s, 900ms, true},
        {1h, 1199ms, false},
        {1h, 1200ms, true},
        {999ms, 1h, false},
        {aio::base::duration::max(), 1h, true},
    };

    for (const auto& one : table)
        BOOST_TEST(
            aio::service::is_drift(one.period, one.late) == one.said,
            aio::base::format(one.period) << " late by " << aio::base::format(one.late)
        );
}

namespace {

/// When P's timer was called whose loop stands still from 0 to `until`; then it runs to 3 s.
std::string
calls_after_a_standstill(aio::base::duration period, aio::base::duration until, garden& g) {
    root p(g);
    p.with("start", [&](plant& self) -> task<void> {
        self.every(period, [&g]() -> task<void> {
            g.note_time();
            co_return;
        });
        co_return;
    });
    g.run([&] { return p.start(); });
    g.notes();
    aio::async::loop other("other", 1, g.time);
    test::run(other, [&] { return aio::async::sleep(until); });
    std::string all;
    g.run([&]() -> task<void> {
        co_await aio::async::sleep_until(g.begun + 3s);
        all = g.notes();
        co_await stop(p);
    });
    return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(case_173_who_woke_up_too_late_says_so_and_keeps_its_place) {
    garden g;
    BOOST_TEST(calls_after_a_standstill(1s, 1300ms, g) == "1.3s, 2s");
    BOOST_TEST(
        g.app.logged("INFO m [^P]: every 1s woke up too late, with a drift of +300ms") == 1u
    );
    BOOST_TEST(g.app.logged("drift") == 1u);
}

BOOST_AUTO_TEST_CASE(case_173_timers_below_a_second_say_nothing_of_a_drift) {
    garden g;
    BOOST_TEST(calls_after_a_standstill(900ms, 1700ms, g) == "1.7s, 1.8s, 2.7s");
    BOOST_TEST(g.app.logged("drift") == 0u);
}

BOOST_AUTO_TEST_CASE(case_174_an_error_of_a_timer_crashes_the_service) {
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        self.every(1s, []() -> task<void> {
            throw std::runtime_error("tick");
            co_return;
        });
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        co_await p.wait_stopped();
        BOOST_TEST((g.now() == 1s));
    });
    BOOST_TEST(g.app.crashes == std::vector<std::string>{"service/P: tick"});
}

BOOST_AUTO_TEST_CASE(cron_entries_fire_by_the_wall_clock) {
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        self.cron("*/10 * * * *", [&self]() -> task<void> {
            self.in.note_time();
            co_return;
        });
        self.cron(
            "0 3 * * *",
            [&self]() -> task<void> {
                self.in.note("berlin " + aio::base::format(self.in.now()));
                co_return;
            },
            "Europe/Berlin"
        );
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        co_await aio::async::sleep(35min);
        BOOST_TEST(g.notes() == "10m, 20m, 30m");
        co_await aio::async::sleep(90min); // 2024-10-04: 03:00 in Berlin is 01:00 UTC
        BOOST_TEST(g.notes().find("berlin 1h") != std::string::npos);
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_CASE(report_time_2_a_clock_set_by_minutes_repeats_nothing_and_loses_nothing) {
    garden g;
    root p(g);
    note_every_ten_minutes(p);
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        const auto start = g.time.wall();
        co_await aio::async::sleep(11min);
        g.time.set_wall(start + 9min); // the run at 10m does not come again
        co_await aio::async::sleep(5min);
        g.time.set_wall(start + 45min); // 20m, 30m and 40m are passed over
        co_await aio::async::sleep(1min);
        BOOST_TEST(g.notes() == "10m, 16m");
        co_await stop(p);
    });
    BOOST_TEST(g.app.logged("runs once for 3 runs that were due") == 1u);
}

BOOST_AUTO_TEST_CASE(a_clock_set_in_silence_counts_as_one_that_is_reported) {
    for (const auto forward : {std::chrono::minutes(63), std::chrono::minutes(603)}) {
        garden g;
        root p(g);
        note_every_ten_minutes(p);
        g.run([&]() -> task<void> {
            co_await p.start();
            g.notes();
            const auto start = g.time.wall();
            co_await aio::async::sleep(5min);
            g.time.set_wall(start + forward + 5min, aio::async::virtual_clock::news::unreported);
            co_await aio::async::sleep(14min);
            BOOST_TEST(g.notes() == (forward == 63min ? "10m, 17m" : "17m"));
            co_await stop(p);
        });
        BOOST_TEST(g.app.logged("runs once for 7 runs") == (forward == 63min ? 1u : 0u));
        BOOST_TEST(g.app.logged("runs once for") == (forward == 63min ? 1u : 0u));
    }
}

BOOST_AUTO_TEST_CASE(report_time_2_a_clock_set_while_it_runs_loses_nothing) {
    garden g;
    root p(g);
    p.with("start", [](plant& self) -> task<void> {
        self.cron("*/10 * * * *", [&self]() -> task<void> {
            self.in.note_time();
            co_await aio::async::sleep(2min);
        });
        co_return;
    });
    g.run([&]() -> task<void> {
        co_await p.start();
        g.notes();
        const auto start = g.time.wall();
        co_await aio::async::sleep(11min);
        g.time.set_wall(start + 25min);
        co_await aio::async::sleep(5min);
        BOOST_TEST(g.notes() == "10m, 12m");
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_CASE(a_bad_line_or_zone_is_refused) {
    garden g;
    root p(g);
    g.run([&]() -> task<void> {
        co_await p.start();
        const auto nothing = []() -> task<void> { co_return; };
        BOOST_CHECK_THROW(p.cron("* * *", nothing), std::invalid_argument);
        BOOST_CHECK_THROW(p.cron("@daily", nothing, "Europe/Nowhere"), std::invalid_argument);
        BOOST_CHECK_THROW(p.every(0s, nothing), std::invalid_argument);
        co_await stop(p);
    });
}

BOOST_AUTO_TEST_SUITE_END()
