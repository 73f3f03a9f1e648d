#include <aio/schedule/next_fire.hpp>

#include <boost/test/unit_test.hpp>

using namespace aio::schedule;
using namespace std::chrono_literals;
using aio::base::duration;

namespace {

spec every(duration period) {
    spec of;
    of.every = period;
    return of;
}

cron line(std::string_view text) {
    std::vector<cron_error> errors;
    return *cron::parse(text, errors);
}

by_calendar::wall_point date(int y, unsigned m, unsigned d, duration time = 0s) {
    return std::chrono::sys_days{std::chrono::year{y} / m / d} + time;
}

} // namespace

BOOST_AUTO_TEST_SUITE(next_fire)

BOOST_AUTO_TEST_CASE(whole_periods_from_the_start) {
    periodic plan{every(2s)};
    for (int i = 0; i < 1000; ++i) {
        BOOST_TEST((plan.next() == i * 2s));
        const auto run = plan.take(1ms * (i % 1500)); // however late, nothing adds up
        BOOST_TEST((run.due == i * 2s));
        BOOST_TEST(run.missed == 0u);
    }
}

BOOST_AUTO_TEST_CASE(first_after_and_delay_shift_everything) {
    spec of = every(2s);
    of.delay = 500ms;
    BOOST_TEST((periodic{of}.next() == 500ms));
    of.first_after_period = true;
    periodic plan{of};
    BOOST_TEST((plan.take(0s).due == 2500ms));
    BOOST_TEST((plan.take(0s).due == 4500ms));
}

BOOST_AUTO_TEST_CASE(missed_periods_become_one_run_that_knows_how_many) {
    periodic plan{every(1s)};
    plan.take(0s);
    const auto late = plan.take(3500ms); // due at 1, now 4.5: 2, 3 and 4 are missed
    BOOST_TEST((late.due == 1s));
    BOOST_TEST(late.missed == 3u);
    BOOST_TEST((plan.next() == 5s));
    BOOST_TEST(plan.take(0s).missed == 0u);
    BOOST_TEST(plan.take(1s).missed == 1u); // due at 6, now exactly 7
    BOOST_TEST((plan.next() == 8s));
}

BOOST_AUTO_TEST_CASE(spacing_end_waits_for_the_end) {
    spec of = every(500ms);
    of.spacing = spacing::end;
    periodic plan{of};
    BOOST_TEST((plan.take(0s).due == 0s));
    BOOST_TEST((plan.next() == periodic::never));
    plan.ended(300ms);
    BOOST_TEST((plan.next() == 800ms));
    BOOST_TEST(plan.take(2s).missed == 0u);
    plan.ended(3s);
    BOOST_TEST((plan.next() == 3500ms));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_run_means_nothing_to_spacing_start) {
    periodic plan{every(2s)};
    plan.take(0s);
    plan.ended(1s);
    BOOST_TEST((plan.next() == 2s));
}

BOOST_AUTO_TEST_CASE(periods_of_centuries_do_not_overflow) {
    spec of = every(duration::max() - 1s);
    of.first_after_period = true;
    of.delay = 10s;
    periodic plan{of};
    BOOST_TEST((plan.next() == duration::max()));
    BOOST_TEST((plan.take(0s).due == duration::max()));
    BOOST_TEST((plan.next() == duration::max()));
}

BOOST_AUTO_TEST_CASE(calendar_runs_follow_the_line) {
    by_calendar plan{line("0 20 * * *"), {}, {date(2026, 1, 1, 20h)}};
    BOOST_TEST((plan.take(5ms).due == date(2026, 1, 2, 20h)));
    BOOST_TEST((plan.next() == date(2026, 1, 3, 20h)));
}

BOOST_AUTO_TEST_CASE(calendar_runs_missed_become_one) {
    by_calendar plan{line("* * * * * *"), {}, {date(2026, 1, 1)}};
    const auto run = plan.take(3500ms);
    BOOST_TEST((run.due == date(2026, 1, 1, 1s)));
    BOOST_TEST(run.missed == 3u);
    BOOST_TEST((plan.next() == date(2026, 1, 1, 5s)));
    BOOST_TEST(plan.take(24h * 365).missed == 100'000u);
    BOOST_TEST((plan.next() == date(2027, 1, 1, 6s)));
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_by_hours_plans_anew) {
    by_calendar plan{line("@hourly"), {}, {date(2026, 1, 1, 30min)}};
    plan.clock_set({date(2026, 1, 1, 5h + 1s)});
    BOOST_TEST((plan.next() == date(2026, 1, 1, 6h)));
    plan.clock_set({date(2025, 12, 31)});
    BOOST_TEST((plan.next() == date(2025, 12, 31, 1h)));
}

BOOST_AUTO_TEST_CASE(report_time_2_a_time_that_comes_again_is_not_due_again) {
    const auto noon = date(2026, 1, 1, 12h);
    by_calendar plan{line("1 12 * * *"), {}, {noon}};
    BOOST_TEST((plan.take(5ms).due == noon + 1min));
    BOOST_TEST((plan.clock_set({noon + 57s, 62s}) == -5s));
    BOOST_TEST((plan.next() == noon + 24h + 1min));
    plan.clock_set({noon - 1h, 62s});
    plan.clock_set({noon - 2h, 62s});
    BOOST_TEST((plan.next() == noon + 24h + 1min));
}

BOOST_AUTO_TEST_CASE(report_time_2_many_steps_back_are_a_large_one) {
    const auto noon = date(2026, 1, 1, 12h);
    by_calendar plan{line("@hourly"), {}, {noon - 1s}};
    plan.take(0s);
    for (const auto back : {1h, 2h})
        plan.clock_set({noon - back, 1s});
    BOOST_TEST((plan.next() == noon + 1h));
    plan.clock_set({noon - 3h + 1s, 1s});
    BOOST_TEST((plan.next() == noon + 1h));
    plan.clock_set({noon - 3h, 1s});
    BOOST_TEST((plan.next() == noon - 2h));
}

BOOST_AUTO_TEST_CASE(report_time_2_set_back_before_the_first_run_the_run_comes) {
    const auto noon = date(2026, 1, 1, 12h);
    by_calendar plan{line("1 12 * * *"), {}, {noon + 2min}};
    plan.clock_set({noon, 1s});
    BOOST_TEST((plan.next() == noon + 1min));
}

BOOST_AUTO_TEST_CASE(report_time_2_what_was_passed_over_is_due_at_once) {
    const auto noon = date(2026, 1, 1, 12h);
    by_calendar plan{line("1 12 * * *"), {}, {noon}};
    BOOST_TEST((plan.clock_set({noon + 91s, 31s}) == 60s));
    BOOST_TEST((plan.next() == noon + 1min));
    const auto run = plan.take(31s);
    BOOST_TEST((run.due == noon + 1min && run.missed == 0u));
    BOOST_TEST((plan.next() == noon + 24h + 1min));
}

BOOST_AUTO_TEST_CASE(report_time_2_several_that_were_passed_over_become_one) {
    const auto noon = date(2026, 1, 1, 12h);
    by_calendar plan{line("*/10 * * * *"), {}, {noon}};
    plan.clock_set({noon + 2h + 59min, 0s});
    const auto run = plan.take(2h + 49min);
    BOOST_TEST((run.due == noon + 10min && run.missed == 16u));
    BOOST_TEST((plan.next() == noon + 3h));
    plan.clock_set({noon + 2h + 58min, 0s});
    BOOST_TEST((plan.next() == noon + 3h));
}

BOOST_AUTO_TEST_CASE(clocks_that_differ_a_little_in_speed_change_nothing) {
    const auto noon = date(2026, 1, 1, 12h);
    by_calendar plan{line("@hourly"), {}, {noon}};
    for (int day = 1; day <= 365; ++day)
        plan.clock_set({noon + 1ms * day, 0s});
    BOOST_TEST((plan.next() == noon + 1h));
}

BOOST_AUTO_TEST_CASE(jitter_stays_within_and_is_the_same_for_the_same_seed) {
    std::minstd_rand a{7}, b{7}, c{8};
    bool differs = false;
    for (int i = 0; i < 1000; ++i) {
        const duration drawn = draw_jitter(2s, a);
        BOOST_TEST((drawn >= 0s && drawn <= 2s));
        BOOST_TEST((drawn == draw_jitter(2s, b)));
        differs = differs || drawn != draw_jitter(2s, c);
    }
    BOOST_TEST(differs);
    BOOST_TEST((draw_jitter(0s, a) == 0s));
}

BOOST_AUTO_TEST_SUITE_END()
