"""Tests of the pure part of scripts/bench: `python3 figures_test.py`."""

import os
import time
import unittest
from pathlib import Path
from tempfile import TemporaryDirectory

import crowds
import idleness
import nginx
import programs
import services
from big_ini import big_ini
from certificates import certificate
from figures import Bound, Row, compare, limit, quiet, require, rotated
from place import BenchError, Place


class Figures(unittest.TestCase):
    def test_rounds_begin_with_another_one_each_time(self):
        self.assertEqual([rotated(["a", "b", "c"], turn)[0] for turn in range(4)],
                         ["a", "b", "c", "a"])

    def test_references_within_three_and_a_half_percent_are_quiet(self):
        self.assertTrue(quiet(100, 103.4))
        self.assertFalse(quiet(103.6, 100))

    def test_a_floor_holds_within_two_percent(self):
        floor = Bound(at_least=0.97)
        self.assertEqual([floor.verdict(value) for value in (0.97, 0.951, 0.95)],
                         ["ok", "within 2 %", "BELOW"])

    def test_a_ceiling_holds_within_two_percent(self):
        ceiling = Bound(at_most=400)
        self.assertEqual([ceiling.verdict(value) for value in (400, 407, 409)],
                         ["ok", "within 2 %", "BELOW"])

    def test_the_ratio_is_the_median_of_the_rounds_not_of_the_medians(self):
        row = compare(Row("S", "mine"), [10, 40, 90], [20, 40, 60], [0.5, 1.0, 1.5],
                      Bound(at_least=1))
        self.assertEqual((row.value, row.peer, row.ratio, row.verdict), (40, 40, 1.0, "ok"))

    def test_without_a_quiet_pair_there_is_no_ratio(self):
        row = compare(Row("S", "mine"), [10], [20], [], Bound(at_least=1))
        self.assertIsNone(row.ratio)
        self.assertEqual(row.verdict, "noisy")

    def test_a_limit_can_only_make_the_verdict_worse(self):
        row = compare(Row("S", "mine"), [9], [4], [2.25], Bound(at_most=2.5))
        self.assertEqual(row.verdict, "ok")
        self.assertEqual(limit(row, 9, Bound(at_most=8), "ms").verdict, "BELOW")
        self.assertEqual(limit(row, 1, Bound(at_most=8), "ms").verdict, "BELOW")

    def test_a_broken_condition_is_named(self):
        row = require(Row("S", "mine", verdict="ok"), False, "all FIN")
        self.assertEqual((row.verdict, row.note), ("BELOW", "not all FIN"))


class BigIni(unittest.TestCase):
    def test_it_has_the_lines_and_sections_asked_for(self):
        text = big_ini(50_000)
        self.assertAlmostEqual(text.count("\n"), 50_000, delta=20)
        self.assertAlmostEqual(text.count("\n["), 8_800, delta=100)

    def test_the_plain_one_has_no_continuation_lines(self):
        self.assertIn("\n\t", big_ini(100))
        self.assertNotIn("\n\t", big_ini(100, continuations=False))


def ini(program, port=0):
    """The file that its last argument names."""
    with TemporaryDirectory() as folder:
        here = Path(folder)
        place = Place(build=here, aio=Path(__file__), folder=here, results=here / "results")
        return Path(program.command(place, port)[-1]).read_text()


class Services(unittest.TestCase):
    def test_each_service_is_a_section(self):
        text = ini(programs.aio_services(10_000))
        self.assertEqual(text.count("\n[service/"), 10_000)
        self.assertIn("aio-stopped = bench.services.stopped", text)

    def test_all_of_a_storm_have_one_supervisor_with_one_window(self):
        text = ini(programs.aio_storm(1000, 5000, 480))
        self.assertEqual(text.count("supervisor = storm"), 1000)
        self.assertIn("max_restarts = 5000\nover = 10m\nbackoff = 480ms\nbackoff_max = 960ms", text)
        self.assertEqual(text.count("least = 240ms"), 1000)

    def test_the_headline_is_making_starting_and_stopping(self):
        said = services.figures_in('noise\n{"make_ms": 1, "start_ms": 2}\n{"stop_ms": 4}\n')
        self.assertEqual(services.life(said)["value"], 7)

    def test_a_program_without_figures_is_an_error_with_its_last_line(self):
        with self.assertRaisesRegex(BenchError, "cannot"):
            services.figures_in("hello\ncannot\n")

    def test_one_restart_more_than_granted_is_out_of_the_window(self):
        def within(restarts):
            return services.within_window({"starts": 10 + restarts}, services=10, restarts=50)

        self.assertEqual([within(restarts) for restarts in (39, 40, 50, 51)],
                         [False, True, True, False])

    def test_no_restart_may_be_early(self):
        self.assertTrue(services.patient({"early": 0}))
        self.assertFalse(services.patient({"early": 1}))

    def test_wake_ups_are_the_voluntary_switches_of_a_thread(self):
        status = "Name:\tx\nvoluntary_ctxt_switches:\t42\nnonvoluntary_ctxt_switches:\t7\n"
        self.assertEqual(idleness.voluntary_switches(status), 42)
        self.assertEqual(idleness.voluntary_switches(""), 0)

    def test_work_of_a_process_that_sleeps_is_seen(self):
        before = idleness.Work.of(os.getpid())
        for _ in range(3):
            time.sleep(0.001)
        after = idleness.Work.of(os.getpid())
        self.assertGreaterEqual(after.wakeups - before.wakeups, 3)
        self.assertGreaterEqual(after.cpu_ms, before.cpu_ms)


class Network(unittest.TestCase):
    def test_all_limits_are_on_and_refuse_nobody_of_the_load(self):
        text = ini(programs.AIO_LIMITED, 4000)
        for option in ("accept_rate", "address_connections", "address_rate", "allow", "deny",
                       "max_connections"):
            self.assertRegex(text, rf"(?m)^{option} = ")
        self.assertNotIn("127.0.0.0/8", text.partition("deny = ")[2])

    def test_the_peer_without_tls_serves_http(self):
        text = ini(nginx.program(), 4000)
        self.assertIn("http {", text)
        self.assertIn("server { listen 127.0.0.1:4000; return 204; }", text)

    def test_certificates_are_made_once_and_are_those_of_both_programs(self):
        with TemporaryDirectory() as folder:
            here = Path(folder)
            place = Place(build=here, aio=Path(__file__), folder=here, results=here / "results")
            shown, key = certificate(here, "ec")
            before = shown.read_bytes()
            for program in (programs.aio_greeting("ec"), nginx.greeting("ec")):
                text = Path(program.command(place, 4000)[-1]).read_text()
                self.assertIn(str(shown), text)
                self.assertIn(str(key), text)
            self.assertEqual(shown.read_bytes(), before)

    def test_a_server_with_two_loops_has_two_cores(self):
        program = programs.aio_greeting("ec", loops=2)
        self.assertEqual(program.cores, 2)
        place = Place(build=Path(), aio=None, folder=Path(), results=Path(), cores=[3, 5, 7])
        self.assertEqual(place.on_server_core(["x"], program.cores), ["taskset", "-c", "3,5", "x"])

    def test_twice_the_latency_of_a_quiet_server_is_allowed(self):
        quiet, loud = [{"p99_us": 100}] * 3, [{"p99_us": one} for one in (150, 190, 400)]
        self.assertEqual(crowds.twice(Row("S", "mine"), loud, quiet).verdict, "ok")


if __name__ == "__main__":
    unittest.main()
