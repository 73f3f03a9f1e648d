"""A message that cannot be written to standard error changes neither what runs nor how it ends."""

import os
import signal
import subprocess
import time
import unittest
from pathlib import Path

from support import AIO, BAD_CONFIG, Case, FAILED, OK, PATIENCE, USAGE, clean_environment, main

WARNED = "[supervisor/idle]\n"
TICK = "[schedule/tick]\nevery = 20ms\nfunc = probe.tick\n"
COMMANDS = (
    "[aio/commands]\nstatus = probe.status\nraising = probe.raising_command\n"
    "later = probe.later_command\n"
)


def closed_pipe():
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def full_disk():
    return os.open("/dev/full", os.O_WRONLY)


def usual_signals():
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # python ignores it


class StandardError(Case):
    def everywhere(self):
        for make in (full_disk, closed_pipe):
            error = make()
            self.addCleanup(os.close, error)
            yield error

    def run_with(self, error, *args, config=None):
        if config is not None:
            self.write("aio.conf", config)
        return subprocess.run(
            [str(AIO), *args], cwd=self.folder, env=clean_environment(), check=False, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=error, timeout=PATIENCE,
            preexec_fn=usual_signals,
        )

    def ends(self, status, *args, config=None):
        """With this status, wherever its messages go."""
        done = self.aio(*args, config=config)
        self.assertStatus(done, status)
        self.assertNotEqual(done.err, "", str(done))
        for error in self.everywhere():
            got = self.run_with(error, *args)
            self.assertEqual((got.returncode, got.stdout), (status, done.out), args)

    def test_wrong_usage(self):
        for args in ((), ("--none",), ("nonsense",), ("run", "--none"), ("module", "new"),
                     ("-c", "none.conf", "run"), ("test", "none.none")):
            self.ends(USAGE, *args, config="")

    def test_mistakes_in_the_configuration(self):
        for command in (("run",), ("config", "check"), ("test",), ("status", "0")):
            self.ends(BAD_CONFIG, *command, config="[aio]\nloops = many\nx = ${y}\n" + COMMANDS)

    def test_warnings(self):
        self.ends(OK, "config", "check", config=WARNED)

    def test_nothing_to_run(self):
        self.ends(OK, "run", config="")

    def test_failures(self):
        self.ends(FAILED, "config", "get", "a:b", config="")
        self.ends(FAILED, "config", "unset", "a:b", config="")
        self.ends(FAILED, "module", "show", "none", config="")
        self.write("full/file", "")
        self.ends(FAILED, "module", "new", "my.x", "--dir", "full", config="")

    def test_commands_of_modules(self):
        self.ends(255, "status", "300", config=COMMANDS)
        self.ends(FAILED, "raising", config=COMMANDS)
        # Their log goes to standard error.
        config = COMMANDS + "[logger_root]\nhandlers = h\nlevel = DEBUG\n[handler_h]\n" \
            "class = StreamHandler\nargs = (sys.stderr,)\n"
        self.write("aio.conf", config)
        for error in self.everywhere():
            self.assertEqual(self.run_with(error, "later").returncode, 3)

    def test_a_change_is_saved(self):
        self.write("real.conf", "[a]\nb = 1\n")
        for error in self.everywhere():
            value = str(error)
            self.write("top.conf", "[a]\nb = 0\n")
            got = self.run_with(
                error, "-c", "real.conf", "-o", "a:b=7", "config", "set", "a:b", value
            )
            self.assertEqual(got.returncode, OK)
            self.assertIn(f"b = {value}", self.read("real.conf"))

    def test_run_starts_serves_and_stops(self):
        for error in self.everywhere():
            running = self.start(WARNED + TICK, "--debug", stderr=error, preexec_fn=usual_signals)
            running.wait_for("tick")
            self.assertStops(running)

    def test_a_stop_is_obeyed_while_a_message_waits_for_its_reader(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        self.addCleanup(os.close, writer)
        os.set_blocking(writer, False)
        for size in (4096, 1):
            try:
                while True:
                    os.write(writer, b"." * size)
            except BlockingIOError:
                pass
        os.set_blocking(writer, True)
        for more in ((), ("--debug",)):
            config = WARNED + TICK if not more else TICK
            running = self.start(config, *more, stderr=writer)
            asleep, deadline = 0, time.monotonic() + PATIENCE
            while asleep < 20 and time.monotonic() < deadline:  # it waits for the reader
                stat = Path(f"/proc/{running.pid}/stat").read_text(encoding="utf-8")
                asleep = asleep + 1 if stat.rpartition(") ")[2].startswith("S") else 0
                time.sleep(0.02)
            self.assertIsNone(running.popen.poll())
            self.assertStops(running)

    def test_a_log_whose_reader_has_gone_is_on_standard_error(self):
        for log in ("", "[aio]\nlog_file = /dev/stdout\n"):
            with self.subTest(log=log):
                reader, writer = os.pipe()
                with open(self.folder / "err", "wb") as errors:
                    running = self.start(
                        log + "[schedule/t]\nevery = 50ms\nfunc = probe.speak\n",
                        stdout=writer, stderr=errors)
                os.close(writer)
                self.assertTrue(os.read(reader, 200))
                os.close(reader)
                text = self.log_says("err", r"\n.*a warning$(.*\n)*.*an error$(.*\n)*.*an error$")
                self.assertEqual(text.count("aio: warning: the log cannot write to"), 1, text)
                self.assertNotIn("lost so far", text)
                self.assertStops(running)
                self.assertSaid("Stopped$", self.read("err"))

    def test_a_log_without_a_reader_from_the_start_is_on_standard_error(self):
        for log in ("", "[aio]\nlog_file = /dev/stdout\n"):
            with self.subTest(log=log):
                reader, writer = os.pipe()
                os.close(reader)
                running = self.start(log + TICK, stdout=writer)
                os.close(writer)
                running.wait_for("aio: warning: the log cannot write to .*; its records go to "
                                 "standard error until it can$")
                running.wait_for("Started$")
                self.assertStops(running)

    @unittest.skipUnless(os.geteuid() == 0, "skipped: needs root")
    def test_a_daemon_tells_its_caller_why_it_did_not_start(self):
        # Refused at the start only: a file of root's with a second name in a folder of a user's.
        his = self.folder / "his"
        his.mkdir()
        os.chown(his, 65534, 65534)
        os.chmod(self.folder, 0o755)
        os.link(self.write("secret", ""), his / "x.log")
        for args in (("run",), ("run", "-d")):
            self.ends(BAD_CONFIG, *args, config="[aio]\nlog_file = his/x.log\n" + TICK)


if __name__ == "__main__":
    main()
