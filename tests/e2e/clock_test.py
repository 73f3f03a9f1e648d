"""Dates: a wall clock that shows another time, or is set while aio runs (preload_clock.cpp)."""

import datetime
import os
import shutil
import signal
import struct
import subprocess
import time
import unittest
from pathlib import Path

from support import OK, Case, main

CLOCK = os.environ.get("AIO_TEST_PRELOAD_CLOCK")
TICK = r"^tick x \S+ run=(\d+) missed=(\d+)"


def at(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc).timestamp()


class Clocks(Case):
    def set_clock(self, text):
        """The wall clock of aio shows this date (UTC) now."""
        ahead = int((at(text) - time.time()) * 1e9)
        with open(self.folder / "clock", "r+b" if self.started else "wb", buffering=0) as file:
            file.write(struct.pack("=q", ahead))
        self.started = True

    def setUp(self):
        super().setUp()
        self.started = False

    def start_at(self, date, config, env=None):
        self.set_clock(date)
        running = self.start(config, env={
            "LD_PRELOAD": CLOCK, "TEST_WALL_CLOCK": self.folder / "clock", **(env or {})
        })
        running.wait_for("Started$")
        return running

    def test_report_time_1_after_2038_it_is_idle_and_stops_at_once(self):
        for date in ("2038-02-01 12:00:00", "2038-01-19 03:14:06", "2100-06-01 00:00:00"):
            running = self.start_at(date, "[schedule/x]\ncron = 0 3 * * *\nfunc = probe.tick\n")
            self.silent(running, 2)
            begun = time.monotonic()
            self.assertStops(running)
            self.assertLess(time.monotonic() - begun, 10)
            self.assertNotSaid("has passed", running)

    def silent(self, running, seconds):
        """It uses no processor time to speak of."""
        def used():
            with open(f"/proc/{running.pid}/stat", encoding="utf-8") as stat:
                fields = stat.read().rpartition(") ")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        before = used()
        running.silent_for(TICK, seconds)
        self.assertLess(used() - before, seconds / 4)

    def test_report_time_2_set_back_after_a_run_it_does_not_come_again(self):
        running = self.start_at(
            "2026-03-03 12:00:58", "[schedule/x]\ncron = 1 12 * * *\nfunc = probe.tick\n"
        )
        running.wait_for(TICK)
        self.set_clock("2026-03-03 12:00:57")
        running.silent_for(TICK, 5)
        self.assertStops(running)

    def test_report_time_2_set_forward_past_a_run_it_comes_at_once(self):
        running = self.start_at(
            "2026-03-03 12:00:31",
            "[schedule/x]\ncron = 1 12 * * *\nfunc = probe.tick\n"
            "[schedule/y]\ncron = */10 * * * *\nfunc = probe.tick\n",
        )
        self.set_clock("2026-03-03 12:01:31")
        self.assertEqual(running.wait_for(TICK).groups(), ("1", "0"))
        self.set_clock("2026-03-03 12:45:00")
        running.wait_for(r"^tick y \S+ run=1 missed=3")
        self.set_clock("2026-03-04 11:00:00")  # by more: nothing is made up for
        running.silent_for(r"^tick ", 1)
        self.set_clock("2026-03-04 12:00:59")
        running.wait_for(TICK, 2)
        self.assertStops(running)

    def test_set_by_years_the_new_time_counts(self):
        running = self.start_at(
            "2026-03-03 12:00:00", "[schedule/x]\ncron = @hourly\nfunc = probe.tick\n"
        )
        self.set_clock("2000-01-01 00:59:58")
        running.wait_for(TICK)
        self.set_clock("2037-12-31 23:59:58")
        running.wait_for(TICK, 2)
        self.assertStops(running)

    def test_set_forward_again_and_again_it_goes_on(self):
        running = self.start_at(
            "2026-03-03 12:00:00", "[schedule/x]\ncron = * * * * * */5\nfunc = probe.tick\n"
        )
        for count in range(1, 6):
            self.set_clock(f"2026-03-03 12:00:{count * 7:02}")
            running.wait_for(TICK, count)
        running.wait_for(TICK, 6)
        self.assertStops(running)

    @unittest.skipUnless(shutil.which("zic"), "there is no zic")
    def test_report_time_3_slim_time_zone_files(self):
        zones = self.folder / "zi"
        source = Path("/usr/share/zoneinfo/tzdata.zi")
        subprocess.run(["zic", "-b", "slim", "-d", zones, source], check=True, capture_output=True)
        for date in ("2026-01-15 06:59:58", "2060-01-15 06:59:58", "2060-07-15 05:59:58"):
            running = self.start_at(
                date,
                "[schedule/x]\ncron = 0 8 * * *\ntimezone = Europe/Berlin\nfunc = probe.tick\n",
                env={"TZDIR": zones},
            )
            running.wait_for(TICK)
            self.assertStops(running)

    def test_report_time_3_files_that_cannot_be_read_are_an_error_with_its_place(self):
        (self.folder / "zi/Europe").mkdir(parents=True)
        whole = Path("/usr/share/zoneinfo/Europe/Berlin").read_bytes()
        config = "[schedule/x]\ncron = 0 8 * * *\ntimezone = Europe/Berlin\nfunc = probe.tick\n"
        for size, why in ((0, "damaged or cut short"), (900, "damaged or cut short"),
                          (len(whole) - 8, "damaged or cut short")):
            (self.folder / "zi/Europe/Berlin").write_bytes(whole[:size])
            done = self.aio("config", "check", config=config, env={"TZDIR": self.folder / "zi"})
            self.assertStatus(done, 78)
            self.assertSaid(
                r"aio\.conf:3:\d+: error: \[schedule/x\] timezone: the file of time zone "
                rf"'Europe/Berlin' cannot be used: it is {why}$", done
            )
        done = self.aio("config", "check", env={"TZDIR": self.folder / "none"})
        self.assertStatus(done, 78)
        self.assertSaid(r"time zone 'Europe/Berlin' cannot be read: there is no folder \S+/none", done)
        self.assertSaid("tzdata", done)

    def test_report_s_2_seconds_that_stand_first_are_warned_of(self):
        done = self.aio("config", "check", config=(
            "[schedule/x]\ncron = 0 0 3 * * *\nfunc = probe.tick\n"
        ))
        self.assertStatus(done, OK)
        self.assertSaid(r"aio\.conf:2:18: warning: \[schedule/x\] cron: the sixth field is the second", done)
        self.assertSaid(r"write 0 3 \* \* \* 0$", done)
        done = self.aio("config", "check", config=(
            "[schedule/x]\ncron = 0 0 */100,1-7 * mon\nfunc = probe.tick\n"
        ))
        self.assertStatus(done, 78)
        self.assertSaid(r"write \*/31,1-7: it means the same$", done)


if __name__ == "__main__":
    main()
