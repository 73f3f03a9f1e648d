"""Tests of the pure part of scripts/bench: `python3 figures_test.py`."""

import unittest

from big_ini import big_ini
from figures import Bound, Row, compare, limit, quiet, require, rotated


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


if __name__ == "__main__":
    unittest.main()
