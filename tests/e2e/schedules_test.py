"""[schedule/*] as it runs: behaviour §3, cases 41–47. The module `probe` prints a line per run."""

import time
import unittest

from support import FAILED, OK, SLOW, Case, main

LATE = 0.25 * SLOW


def section(name, func, **options):
    lines = "".join(f"{key} = {value}\n" for key, value in options.items())
    return f"[schedule/{name}]\nfunc = {func}\n{lines}"


class Every(Case):
    def times(self, running, pattern, count):
        running.wait_for(pattern, count)
        found = running.find(pattern)[:count]
        return [line.when - found[0].when for line in found]

    def assertTimes(self, got, expected):
        for one, due in zip(got, expected):
            self.assertAlmostEqual(one, due, delta=LATE, msg=f"{got} instead of {expected}")

    def test_case_41_three_runs_in_five_seconds(self):
        running = self.start("[schedule/test-scheduler]\nevery: 2\nfunc: probe.tick\n")
        running.wait_for(r"Scheduler started \(test-scheduler\): probe\.tick")
        got = self.times(running, r"^tick test-scheduler ", 3)
        self.assertTimes(got, [0, 2, 4])
        first = running.find("^tick ")[0].when
        running.silent_for(r"^tick ", first + 4.9 - time.monotonic())
        self.assertStops(running)

    def test_case_41_each_run_receives_its_name_section_and_number(self):
        running = self.start(section("x", "probe.tick", every="100ms"))
        for number in (1, 2, 3):
            running.wait_for(rf"^tick x schedule/x run={number} missed=0$")
        self.assertStops(running)

    def test_case_43_result_and_error_are_handed_on(self):
        running = self.start(
            section("x", "probe.second_fails", every="200ms", cb="probe.result", err="probe.error")
        )
        running.wait_for(r"^second_fails run=3")
        running.wait_for(r"^result x 3$")
        self.assertStops(running)
        text = running.out
        self.assertInOrder(
            [r"^second_fails run=1$", r"^result x 1$", r"^second_fails run=2$",
             r"^error x boom$", r"^second_fails run=3$", r"^result x 3$"],
            text,
        )

    def test_an_error_without_err_is_logged_and_the_next_run_comes(self):
        running = self.start(section("x", "probe.second_fails", every="200ms"))
        running.wait_for(r"ERROR.*boom")
        running.wait_for(r"^second_fails run=3")
        self.assertStops(running)

    def test_on_error_stop_ends_only_the_schedule(self):
        running = self.start(
            section("x", "probe.fails", every="100ms", on_error="stop")
            + section("y", "probe.tick", every="100ms")
        )
        running.wait_for(r"ERROR.*boom")
        running.wait_for(r"^tick y ", 5)
        self.assertEqual(len(running.find("^fails ")), 1)
        self.assertStops(running)

    def test_one_that_ended_by_itself_starts_again_with_restart_always(self):
        for how in ("func = probe.fails\non_error = stop\n", "func = probe.stops_itself\n"):
            running = self.start(
                "[schedule/x]\nevery = 50ms\nrestart = always\n" + how +
                "[supervisor/s]\nbackoff = 10ms\nmax_restarts = 1000\n"
                "[schedule/y]\nevery = 50ms\nsupervisor = s\nrestart = always\n" + how)
            running.wait_for(r"schedule/x has ended; it starts again in ")
            running.wait_for(r"schedule/x runs again")
            running.wait_for(r"schedule/y runs again", 3)
            self.assertStops(running)

    def test_an_app_whose_schedules_have_ended_runs_until_it_is_stopped(self):
        running = self.start(
            "[schedule/x]\nevery = 50ms\nfunc = probe.fails\non_error = stop\n"
            "[listen/x]\nservice-stopped = aio.examples.print\n")
        running.wait_for("Listener received: schedule/x")
        self.assertSaid(r"INFO\(aio\): schedule/x has ended$", running)
        running.silent_for("Everything has ended|Stopping", 0.5)
        self.assertStops(running)

    def test_on_error_crash_stops_the_app_with_1(self):
        running = self.start(
            section("x", "probe.fails", every="100ms", on_error="crash")
            + section("y", "probe.tick", every="100ms")
        )
        self.assertEnded(running, FAILED)
        self.assertSaid(r"schedule/x.*boom|boom.*schedule/x", running)

    def test_case_45_extra_options_are_read_by_the_function(self):
        running = self.start(section("x", "probe.extra", every="1h", extra=42))
        running.wait_for(r"^extra=42$")
        self.assertStops(running)

    def test_declared_options_arrive_typed(self):
        running = self.start(
            section("x", "probe.options", every="1h", token="t", grace="1m30s", colour="red")
        )
        running.wait_for(r"^options token=t grace=90000ms colour=red count=1$")
        self.assertStops(running)

    def test_case_47_the_info_line(self):
        running = self.start(section("hello", "aio.examples.tick", every="1h"))
        running.wait_for(r" INFO\(aio[^)]*\): Scheduler started \(hello\): aio\.examples\.tick$")
        self.assertStops(running)

    def test_the_example_logs_and_emits(self):
        running = self.start(
            section("x", "aio.examples.tick", every="1h")
            + "[listen/x]\nticked = aio.examples.print\n"
        )
        running.wait_for(r"^Listener received: BOOM!$")
        self.assertSaid(r"INFO\(aio\.examples[^)]*\)", running)
        self.assertStops(running)

    def test_first_after_waits_one_period(self):
        running = self.start(section("x", "probe.tick", every=1, first="after"))
        started = running.wait_for("Scheduler started") and running.find("Scheduler started")[0]
        running.wait_for("^tick x")
        self.assertAlmostEqual(running.find("^tick x")[0].when - started.when, 1, delta=LATE)
        self.assertStops(running)

    def test_delay_shifts_the_first_run(self):
        running = self.start(section("x", "probe.tick", every=10, delay="700ms"))
        running.wait_for("Scheduler started")
        running.wait_for("^tick x")
        got = running.find("^tick x")[0].when - running.find("Scheduler started")[0].when
        self.assertAlmostEqual(got, 0.7, delta=LATE)
        self.assertStops(running)

    def test_the_period_is_start_to_start_whatever_a_run_takes(self):
        running = self.start(section("x", "probe.slow", every=1, takes="600ms"))
        self.assertTimes(self.times(running, "^slow x begins", 3), [0, 1, 2])
        self.assertStops(running)

    def test_spacing_end_counts_from_the_end_of_a_run(self):
        running = self.start(section("x", "probe.slow", every=1, takes="500ms", spacing="end"))
        self.assertTimes(self.times(running, "^slow x begins", 3), [0, 1.5, 3])
        self.assertStops(running)

    def test_periods_missed_by_a_blocked_loop_become_one_run(self):
        running = self.start(
            section("x", "probe.tick", every="200ms", first="after")
            + section("b", "probe.block", every="1h", takes="1100ms", delay="100ms"),
            "-o", "aio:blocking_timeout=none",
        )
        match = running.wait_for(r"^tick x .* missed=([1-9]\d*)$")
        self.assertAlmostEqual(int(match.group(1)), 4, delta=1 + SLOW)
        self.assertStops(running)

    def test_a_schedule_can_stop_itself(self):
        running = self.start(
            section("x", "probe.stops_itself", every="100ms")
            + section("y", "probe.tick", every="100ms")
        )
        running.wait_for("^tick y", 5)
        self.assertEqual(len(running.find("^stops_itself")), 1, running.report())
        self.assertStops(running)

    def test_a_disabled_schedule_does_not_run(self):
        running = self.start(
            section("x", "probe.tick", every="100ms", enabled="no")
            + section("y", "probe.tick", every="100ms")
        )
        running.wait_for("^tick y", 3)
        self.assertEqual(running.find("^tick x|Scheduler started .x"), [])
        self.assertStops(running)

    def test_jitter_delays_but_does_not_drift(self):
        running = self.start(section("x", "probe.tick", every="500ms", jitter="200ms"))
        got = self.times(running, "^tick x", 5)
        for i, at in enumerate(got):
            self.assertAlmostEqual(at, i * 0.5, delta=0.2 + LATE)
        self.assertStops(running)

    def test_what_blocks_runs_on_a_worker_thread(self):
        running = self.start("[schedule/x]\nevery = 1h\nfunc = probe.blocking\n")
        running.wait_for("^blocking ran elsewhere: true$")
        self.assertStops(running)


class Overlap(Case):
    def test_allow_runs_beside_and_warns(self):
        running = self.start(section("x", "probe.slow", every="200ms", takes="10s"))
        running.wait_for("^slow x begins", 4)
        warning = running.wait_for(r"WARNING.*")
        self.assertIn("x", warning.group(0))
        self.assertIn("200ms", warning.group(0))
        self.assertEqual(len(running.find("WARNING")), 1, running.report())
        self.assertStops(running)

    def test_max_running_limits_allow(self):
        running = self.start(
            section("x", "probe.slow", every="100ms", takes="10s", max_running=2)
            + section("y", "probe.tick", every="100ms")
        )
        running.wait_for("^tick y", 8)
        self.assertEqual(len(running.find("^slow x begins")), 2, running.report())
        self.assertStops(running)

    def test_skip_leaves_periods_out(self):
        running = self.start(
            section("x", "probe.slow", every="400ms", takes="600ms", overlap="skip")
        )
        running.wait_for("^slow x ends", 2)
        self.assertInOrder(
            ["^slow x begins", "^slow x ends", "^slow x begins", "^slow x ends"], running.out
        )
        starts = [line.when for line in running.find("^slow x begins")]
        self.assertAlmostEqual(starts[1] - starts[0], 0.8, delta=LATE)
        self.assertStops(running)

    def test_queue_lets_one_wait(self):
        running = self.start(
            section("x", "probe.slow", every="400ms", takes="600ms", overlap="queue")
        )
        running.wait_for("^slow x begins", 2)
        ends = running.find("^slow x ends")[0].when
        begins = running.find("^slow x begins")[1].when
        self.assertAlmostEqual(begins - ends, 0, delta=LATE)
        self.assertStops(running)

    def test_cancel_ends_the_running_one(self):
        running = self.start(
            section("x", "probe.slow", every="400ms", takes="10s", overlap="cancel")
        )
        running.wait_for("^slow x cancelled", 2)
        self.assertInOrder(
            ["^slow x begins", "^slow x cancelled", "^slow x begins"], running.out
        )
        self.assertStops(running)

    def test_timeout_cancels_a_run(self):
        running = self.start(
            section("x", "probe.slow", every="1h", takes="10s", timeout="300ms")
        )
        running.wait_for("^slow x cancelled")
        running.wait_for(r"ERROR.*(timeout|timed out|300ms)")
        self.assertStops(running)


class Stop(Case):
    def test_a_running_job_is_cancelled_at_stop(self):
        running = self.start(
            section("x", "probe.slow", every="1h", takes="1h", stop_timeout="200ms")
        )
        running.wait_for("^slow x begins")
        self.assertStops(running, timeout=5 * SLOW)
        self.assertSaid("^slow x cancelled$", running)

    def test_shield_lets_it_finish(self):
        running = self.start(
            section("x", "probe.slow", every="1h", takes="1s", shield="yes")
        )
        running.wait_for("^slow x begins")
        self.assertStops(running)
        self.assertSaid("^slow x ends$", running)


class Cron(Case):
    def test_six_fields_fire_at_full_seconds(self):
        running = self.start(section("x", "probe.tick", cron="* * * * * *"))
        running.wait_for("^tick x .*run=3 ")
        self.assertStops(running)
        when = [line.when for line in running.find("^tick x")]
        self.assertAlmostEqual(when[2] - when[1], 1, delta=LATE)

    def test_good_expressions(self):
        for good in ("0 0 * * *", "*/5 8-18 * * mon-fri", "@hourly", "@daily", "0 0 1,15 * *",
                     "30 2 * jan,jul sun", "0 9 * * 1-5 30"):
            self.accepted(section("x", "probe.tick", cron=good))

    def test_bad_expressions_are_errors_with_their_place(self):
        for bad in ("* * * *", "60 * * * *", "* 24 * * *", "a b c d e", "@never", "*/0 * * * *",
                    "5-1 * * * *", "* * 32 * *", "* * * 13 *", "1 2 3 4 5 6 7"):
            self.refused(section("x", "probe.tick", cron=bad), r"aio\.conf:3:\d+: error: ")

    def test_time_zones(self):
        base = section("x", "probe.tick", cron="0 0 * * *")
        self.accepted(base + "timezone = Europe/Berlin\n")
        self.refused(base + "timezone = Europe/Brelin\n", r"aio\.conf:4:\d+: error: .*Brelin")


class Mistakes(Case):
    def test_case_46_missing_period_or_function(self):
        self.refused("[schedule/x]\nfunc = probe.tick\n", r"aio\.conf:1:\d+: error: .*every")
        self.refused("[schedule/x]\nevery = 1\n", r"aio\.conf:1:\d+: error: .*func")

    def test_case_46_a_bad_period(self):
        self.refused(section("x", "probe.tick", every="often"), r"aio\.conf:3:9: error: .*often")

    def test_every_and_cron_together(self):
        self.refused(
            section("x", "probe.tick", every=1, cron="@hourly"), r"aio\.conf:\d:\d+: error: .*cron"
        )

    def test_options_of_every_do_not_go_with_cron(self):
        for name, value in (("first", "after"), ("spacing", "end")):
            self.refused(
                section("x", "probe.tick", cron="@hourly", **{name: value}),
                rf"aio\.conf:4:\d+: error: .*{name}",
            )

    def test_wrong_words_name_the_choices(self):
        for name in ("overlap", "on_error", "first", "spacing"):
            self.refused(
                section("x", "probe.tick", every=1, **{name: "nonsense"}),
                r"aio\.conf:4:\d+: error: .*nonsense",
            )


if __name__ == "__main__":
    main()
