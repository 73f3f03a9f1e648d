"""[service/*] as it runs: behaviour §6. The module `probe` says each hook."""

import signal
import time

from support import FAILED, FORCED, OK, SLOW, Case, main


class Services(Case):
    def test_case_160_hooks_of_a_parent_and_its_children_in_order(self):
        running = self.start("[service/fam]\nclass = probe.family\nsize = 7\n")
        running.wait_for(r"^P started$")
        self.assertStops(running)
        self.assertInOrder(
            [r"^made fam in service/fam size=7$",
             r"^P first_start$", r"^P start$",
             r"^C1 first_start$", r"^C1 start$", r"^C1 started$",
             r"^C2 first_start$", r"^C2 start$", r"^C2 started$", r"^P started$",
             r"^P stop$", r"^C2 stop$", r"^C2 shutdown$", r"^C1 stop$", r"^C1 shutdown$",
             r"^P shutdown$"],
            running.out,
        )

    def test_case_171_log_lines_carry_the_depth_and_the_name(self):
        running = self.start("[service/fam]\nclass = probe.family\n")
        running.wait_for(r"INFO\(probe\): \[\^fam\]: Started$")
        self.assertStops(running)
        self.assertSaid(r"INFO\(probe\.C1\): \[\^-C1\]: Starting$", running)
        self.assertSaid(r"INFO\(probe\.C2\): \[\^-C2\]: Stopped$", running)

    def test_case_173_a_timer_that_wakes_up_too_late_says_so_once(self):
        running = self.start(
            "[service/t]\nclass = probe.ticker\nperiod = 1s\n"
            "[service/fast]\nclass = probe.ticker\nperiod = 900ms\n"
            "[schedule/x]\nevery = 1h\nfunc = probe.block\ntakes = 1500ms\n"
            "depends = service/t\n service/fast\n"
        )
        running.wait_for(r"INFO\(probe\): \[\^t\]: every 1s woke up too late, "
                         r"with a drift of \+\d+ms$")
        running.wait_for(r"^tick 2$", 2)
        self.assertStops(running)
        self.assertNotSaid(r"\[\^fast\].*drift", running)

    def test_case_174_an_error_of_a_timer_ends_the_process_with_1_after_stopping_all(self):
        running = self.start(
            "[service/t]\nclass = probe.ticker\nfail_at = 3\n"
            "[service/fam]\nclass = probe.family\n"
        )
        self.assertEnded(running, FAILED)
        self.assertSaid(r"^tick 3$", running)
        self.assertNotSaid(r"^tick 4$", running)
        self.assertSaid(r"^P shutdown$", running)
        self.assertSaid(r"service/t.*tick failed", running)

    def test_case_181_a_clean_stop_ends_with_0_whichever_signal_asks(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            running = self.start("[service/fam]\nclass = probe.family\n")
            running.wait_for(r"^P started$")
            self.assertStops(running, OK, number)
            self.assertSaid(r"^P shutdown$", running)

    def test_case_181_a_start_that_fails_ends_with_1(self):
        running = self.start("[service/c]\nclass = probe.cannot\nmust = x\n")
        self.assertEnded(running, FAILED)
        self.assertSaid(r"ERROR\(probe\): \[\^c\]: Start failed: port in use$", running)

    def test_those_that_cannot_be_made_are_all_named_with_what_cannot_be_bound(self):
        running = self.start(
            "[service/a]\nclass = probe.unmakeable\n[service/b]\nclass = probe.unmakeable\n"
            "[server/c]\nprotocol = aio.examples.echo\naddress = 192.0.2.1\nport = 0\n"
            "[service/fam]\nclass = probe.family\n"
        )
        self.assertEnded(running, FAILED)
        for name in "ab":
            self.assertSaid(rf"ERROR\(aio\): service/{name}: cannot be made$", running)
        self.assertSaid(r"ERROR\(aio\): Server\(c\) failed to start: ", running)
        self.assertNotSaid(r"P first_start", running)

    def test_case_181_a_crash_ends_with_1_and_its_reason_is_said(self):
        running = self.start("[service/t]\nclass = probe.ticker\nfail_at = 1\n")
        self.assertEnded(running, FAILED)
        self.assertSaid(r"CRITICAL\(aio\): service/t crashed: tick failed$", running)

    def test_case_182_signals_within_a_moment_start_one_stop(self):
        running = self.start("[service/fam]\nclass = probe.family\n")
        running.wait_for(r"^P started$")
        for _ in range(6):
            running.send(signal.SIGINT)
        self.assertEnded(running, OK)
        self.assertEqual(len(running.find(r"^P stop$")), 1)
        self.assertEqual(len(running.find(r"\[\^fam\]: Stopping$")), 1)

    def test_case_193_a_service_that_never_stops_is_named_and_ended_by_force(self):
        for hook in ("stop", "shutdown"):
            running = self.start(
                f"[service/bad]\nclass = probe.stuck\nin = {hook}\n"
                "[service/fam]\nclass = probe.family\n", "--stop-timeout", "700ms")
            running.wait_for(r"^P started$")
            begun = time.monotonic()
            self.assertStops(running, FORCED)
            self.assertLess(time.monotonic() - begun, 2.5 * SLOW)
            self.assertSaid(rf"^stuck {hook}$", running)
            self.assertSaid(r"^P shutdown$", running)
            self.assertSaid(r"service/bad .*not ended", running)
            self.assertSaid(rf"on_{hook} awaits sleep", running)

    def test_case_187_an_error_of_a_start_on_a_loop_of_its_own_reaches_the_app(self):
        running = self.start("[service/c]\nclass = probe.cannot\nmust = x\nloop = own\n")
        self.assertEnded(running, FAILED)
        self.assertSaid(r"port in use", running)

    def test_case_187_a_service_runs_on_a_loop_of_its_own(self):
        running = self.start("[service/fam]\nclass = probe.family\nloop = own\n")
        running.wait_for(r"^P started$")
        self.assertStops(running)
        self.assertSaid(r"^P shutdown$", running)

    def test_a_blocked_loop_of_a_child_is_reported_like_any_other(self):
        running = self.start(
            "[aio]\nblocking_timeout = 200ms\n[service/f]\nclass = probe.foreman\nblock = 1s\n"
        )
        running.wait_for(r"Blocking detected .*: loop service/f/worker has been in one call")
        running.wait_for(r"Loop service/f/worker was blocked for")
        self.assertStops(running)

    def test_a_child_that_blocks_its_loop_for_ever_does_not_prevent_the_end(self):
        running = self.start(
            "[aio]\nblocking_timeout = 200ms\n[service/f]\nclass = probe.foreman\nblock = 1h\n",
            "--stop-timeout", "700ms",
        )
        running.wait_for(r"Blocking detected .*: loop service/f/worker has been in one call")
        self.assertStops(running, FORCED)
        self.assertSaid(r"service/f", running)

    def test_a_child_on_a_loop_of_its_own_that_crashes_starts_again_with_its_tree(self):
        for loop in ("main", "own"):
            with self.subTest(loop=loop):
                running = self.start(
                    "[service/f]\nclass = probe.foreman\nfail_at = 2\nrestart = on_failure\n"
                    f"loop = {loop}\n"
                )
                running.wait_for(r"^turn 3$")
                self.assertSaid(r"\[\^-worker\]: every 100ms failed: worker failed$", running)
                self.assertSaid(r"service/f runs again$", running)
                self.assertStops(running)

    def test_a_crash_of_such_a_child_decides_the_status(self):
        running = self.start("[service/f]\nclass = probe.foreman\nfail_at = 2\n")
        self.assertEnded(running, FAILED)
        self.assertSaid(r"service/f.*worker failed", running)

    def test_the_deadline_of_the_stop_holds_for_such_a_child(self):
        running = self.start(
            "[service/f]\nclass = probe.foreman\nhang = 1h\nstop_timeout = 1500ms\n"
        )
        running.wait_for(r"^turn 1$")
        self.assertStops(running, FORCED)  # its on_stop was cut off
        self.assertSaid(
            r"Waiting for service/f/worker: on_stop awaits .* for \d+\.\d s$", running
        )
        self.assertSaid(r"service/f did not finish in time, it is cancelled$", running)

    def test_a_value_is_waited_for_and_typed(self):
        running = self.start(
            "[service/gets]\nclass = probe.gets\nloop = own\ndepends = service/sets\n"
            "[service/sets]\nclass = probe.sets\n"
        )
        running.wait_for(r"^db is connected$")
        running.wait_for(r"^the value 'db' is a std::.*string.*, asked for as int$")
        self.assertStops(running)

    def test_mistakes_are_said_before_anything_starts(self):
        self.refused(
            "[service/a]\nclass = probe.nothing\n"
            "[service/b]\nclass = probe.tick\n"
            "[service/c]\nclass = probe.cannot\n"
            "[service/d]\nclass = probe.ticker\nperoid = 1s\n"
            "[service/e]\nclass = probe.ticker\nperiod = soon\n"
            "[service/f]\nclas = probe.ticker\n",
            r":2:9: error: .*nothing",
            r":4:9: error: 'probe\.tick' is a schedule, not a service",
            r":5:1: error: .*must",
            r":9:1: error: .*peroid",
            r":12:10: error: .*soon",
            r"did you mean 'class'\?",
        )

    def test_check_and_schema_know_the_section(self):
        self.assertStatus(
            self.aio("config", "check", config="[service/x]\nclass = probe.family\n"), OK
        )
        done = self.aio("config", "schema")
        self.assertSaid(r"\[service/", done)
        self.assertSaid(r"\[bean/", done)


class Troubles(Case):
    """Errors and tasks with a secret in their texts: the module probe, troubles.cpp."""

    SECRET, DEFAULT = "s3cr3t-Pa55", "fallb4ck-Pa55"
    SAID = r"no way in with \*{8} \(caused by: wrong: \*{8}\)"

    def service(self, place, *more, password=SECRET):
        lines = ["[service/s]", "class = probe.troubled", f"in = {place}"]
        lines += [f"password = {password}"] if password else []
        return "\n".join([*lines, *more]) + "\n"

    def assertHidden(self, said):
        self.assertNotSaid(f"(?i){self.SECRET}|{self.DEFAULT}", said)

    def fails(self, config, *patterns):
        """Runs until it says the first pattern, and stops; then all has been said, masked."""
        running = self.start(config)
        running.wait_for(patterns[0])
        running.send(signal.SIGTERM)
        running.wait()
        for pattern in patterns:
            self.assertSaid(pattern, running)
        self.assertHidden(running)

    def test_a_service_says_its_errors_with_their_causes_and_without_secrets(self):
        for place, what in (
            ("start", r"\[\^s\]: Start failed: "),
            ("crash", r"\[\^s\]: Crashed: "),
            ("task", r"\[\^s\]: dial \*{8} failed: "),
            ("timer", r"\[\^s\]: every 10ms failed: "),
        ):
            with self.subTest(place=place):
                self.fails(
                    self.service(place), what + self.SAID + "$", r"service/s .*" + self.SAID,
                    r"INFO\(probe\): with \*{8}$",
                )

    def test_so_does_its_stop(self):
        for place, what in (("stop", "on_stop"), ("shutdown", "on_shutdown"), ("exit", "on_exit")):
            with self.subTest(place=place):
                running = self.start(self.service(place))
                running.wait_for(r"INFO\(aio\): Started$")
                running.stop()
                self.assertSaid(rf"\[\^s\]: {what} failed: {self.SAID}$", running)
                self.assertHidden(running)

    def test_so_do_the_other_sections(self):
        for section, what in (
            ("[schedule/b]\nevery = 1h\nfunc = probe.trouble\n",
             r"schedule/b: probe\.trouble failed: "),
            ("[schedule/b]\nevery = 1h\nfunc = probe.trouble\nerr = probe.trouble_told\n",
             r"schedule/b: probe\.trouble_told failed: "),
            ("[bean/b]\ncore = probe.trouble_bean\n", r"Bean\(b\) .*failed: "),
            ("[listen/b]\naio-started = probe.trouble_heard\n", "Error calling listener: "),
            ("[service/b]\nclass = probe.troubled_unmade\n", "service/b: "),
        ):
            with self.subTest(section=section):
                self.fails(self.service("") + section, what + self.SAID)

    def test_so_does_a_connection(self):
        running, port = self.serve(
            self.service("") + "[server/b]\nprotocol = probe.trouble_protocol\n"
            "address = 127.0.0.1\nport = 0\n"
        )
        self.exchange(port, b"hello\n")
        running.wait_for(r"Server\(b\) .*failed: " + self.SAID)
        self.assertStops(running)
        self.assertHidden(running)

    def test_restarted_forfeited_or_given_up_the_last_error_is_there_with_its_causes(self):
        for supervisor, patterns in (
            ("strategy = forfeit_one", [rf"service/s .*{self.SAID}; it stays stopped$"]),
            ("max_restarts = 1\nbackoff = 5ms", [
                r"supervisor/v: Max restarts exceeded",
                rf"service/s .*{self.SAID}; it starts again",
                r"  caused by: no way in with \*{8}$", r"  caused by: wrong: \*{8}$",
            ]),
        ):
            with self.subTest(supervisor=supervisor):
                self.fails(
                    f"[supervisor/v]\n{supervisor}\n" + self.service("crash", "supervisor = v"),
                    *patterns,
                )
        running = self.start(
            self.service("start", "restart = on_failure", "max_restarts = 0"))
        running.wait()
        self.assertEqual(len(running.find("  caused by: wrong: ")), 1)
        running = self.start(self.service("start"))
        running.wait()
        self.assertEqual(len(running.find("  caused by: ")), 0)

    def test_no_list_of_tasks_shows_a_secret(self):
        running = self.start(self.service("stuck") + "[aio]\nstop_timeout = 2500ms\n")
        running.wait_for("^stays$")
        running.send(signal.SIGUSR2)
        running.wait_for(r"dial \*{8} awaits sleep")
        self.assertStops(running, FORCED)
        self.assertSaid(r"Waiting for service/s.*dial \*{8}", running)
        self.assertHidden(running)

    def test_nor_do_the_last_words_of_an_end_by_force(self):
        running = self.start(self.service("blocked") + "[aio]\nstop_timeout = 500ms\n")
        running.wait_for("^stays$")
        self.assertStops(running, FORCED)
        self.assertSaid(r"^aio: .*ending by force$", running.err)
        self.assertSaid(r"^aio: .*dial \*{8}", running.err)
        self.assertHidden(running)

    def test_a_default_is_one_too_and_the_parent_of_a_daemon_says_none(self):
        for password in (self.SECRET, None):
            with self.subTest(password=password):
                config = "[aio]\nlog_file = x.log\n" + self.service("start", password=password)
                done = self.aio("run", "-d", config=config)
                self.assertStatus(done, FAILED)
                self.assertSaid(r"Start failed: " + self.SAID, done.err)
                self.assertHidden(done)
                self.assertHidden(self.read("x.log"))
                self.fails(self.service("start", password=password), "Start failed: " + self.SAID)

    def test_a_short_secret_leaves_the_log_legible(self):
        running = self.start(self.service("start", password="a"))
        self.assertEnded(running, FAILED)
        self.assertSaid(r"\[\^s\]: Start failed: no way in with a ", running)


if __name__ == "__main__":
    main()
