"""Logging: behaviour §3, cases 70–75."""

import json
import os
import re
import signal
import unittest

from support import BAD_CONFIG, Case, FAILED, OK, SLOW, main

# Logs one line of every level to the logger it is told, then `logged`.
SPEAK = "[schedule/speak]\nevery = 1h\nfunc = probe.speak\n"
STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"


class Logging(Case):
    def spoken(self, config, *args, **more):
        running = self.start(SPEAK + config, *args, **more)
        running.wait_for("^spoken$")
        self.assertStops(running)
        return running


class Levels(Logging):
    def test_case_70_level_by_interpolation(self):
        running = self.spoken("[aio]\nlog_level = ERROR\n")
        self.assertNotSaid("INFO|WARNING", running)
        self.assertSaid(r"ERROR\(probe[^)]*\): an error", running)

    def test_the_default_level_is_info(self):
        running = self.spoken("")
        self.assertNotSaid("DEBUG", running)
        self.assertSaid("INFO.*an info", running)

    def test_l_stands_above_o_and_every_file(self):
        config = "[aio]\nlog_level = DEBUG\n"
        running = self.spoken(config, "-l", "error", "-o", "aio:log_level=warning")
        self.assertNotSaid("INFO|WARNING", running)
        self.assertSaid("ERROR.*an error", running)

    def test_case_99_levels_in_any_case_and_from_the_environment(self):
        for level in ("debug", "Debug", "DEBUG"):
            self.assertSaid("DEBUG.*a debug", self.spoken("", "-l", level))
        self.assertSaid("DEBUG.*a debug", self.spoken("", env={"AIO_LOG_LEVEL": "debug"}))

    def test_case_100_debug_prints_the_configuration_as_json(self):
        running = self.spoken("[x]\na = 1\n", "--debug")
        self.assertSaid("DEBUG.*a debug", running)
        data, _ = json.JSONDecoder().raw_decode(running.err[running.err.index("{"):])
        self.assertEqual(data["x"]["a"], "1")
        self.assertEqual(data["aio"]["log_level"].lower(), "debug")

    def test_a_wrong_level_in_the_file(self):
        self.refused("[aio]\nlog_level = LUOD\n" + SPEAK, r"aio\.conf:2:\d+: error: .*LUOD")


class Loggers(Logging):
    def test_case_71_a_new_logger_needs_no_list(self):
        running = self.spoken(
            "[logger_custom]\nlevel=DEBUG\nhandlers=consoleHandler\nqualname=custom\n"
            "propagate=0\n[x]\n", "-o", "schedule/speak:logger=custom",
        )
        self.assertSaid(r"DEBUG\(custom\): a debug", running)

    def test_the_level_holds_for_loggers_below(self):
        running = self.spoken("[logger_p]\nlevel=ERROR\nqualname=custom\n",
                              "-o", "schedule/speak:logger=custom.deep.er")
        self.assertNotSaid("WARNING.*custom", running)
        self.assertSaid(r"ERROR\(custom\.deep\.er\): an error", running)

    def test_case_74_propagate_0_says_it_once(self):
        config = "[logger_custom]\nlevel=INFO\nhandlers=consoleHandler\nqualname=custom\n"
        option = ("-o", "schedule/speak:logger=custom")
        running = self.spoken(config + "propagate=0\n", *option)
        self.assertEqual(len(running.find("an info")), 1, running.report())
        running = self.spoken(config, *option)
        self.assertEqual(len(running.find("an info")), 2, running.report())

    def test_case_72_a_file_handler(self):
        self.spoken(
            "[handler_f]\nclass=FileHandler\nargs=(\"x.log\",'a')\nformatter=simpleFormatter\n"
            "[logger_root]\nhandlers=f\n"
        )
        self.assertRegex(self.read("x.log"), rf"(?m)^{STAMP} INFO\(probe[^)]*\): an info$")

    def test_case_73_the_default_line(self):
        running = self.spoken("")
        self.assertSaid(rf"^{STAMP} INFO\(aio[^)]*\): ", running.out)
        self.assertSaid(rf"^{STAMP} WARNING\(probe[^)]*\): a warning", running.out)

    def test_case_75_logging_conf_overlays(self):
        self.write("logging.conf", "[logger_root]\nlevel=DEBUG\n")
        self.assertSaid("DEBUG.*a debug", self.spoken(""))

    def test_only_handlers_that_are_used_are_opened(self):
        self.spoken("[handler_f]\nclass=FileHandler\nargs=('no/such/x.log',)\n")

    def test_a_bad_path_is_an_error_with_its_position(self):
        config = ("[handler_f]\nclass=FileHandler\nargs=('no/such/x.log',)\n"
                  "[logger_root]\nhandlers=f\n" + SPEAK)
        running = self.start(config)
        self.assertIn(running.wait(), (FAILED, BAD_CONFIG), running.report())
        self.assertSaid(r"aio\.conf:3:\d+: error: .*no/such/x\.log.*No such file", running)

    def test_mistakes_are_errors_with_their_place(self):
        for config, pattern in (
            ("[handler_f]\nclass=FielHandler\n[logger_root]\nhandlers=f\n", "FielHandler"),
            ("[logger_root]\nhandlers=nowhere\n", "nowhere"),
            ("[logger_root]\nlevel=LOUD\n", "LOUD"),
            ("[formatter_simpleFormatter]\nformat=%(nonsense)s\n", "nonsense"),
            ("[handler_consoleHandler]\nformatter=nowhere\n", "nowhere"),
        ):
            self.refused(config + SPEAK, rf"aio\.conf:\d:\d+: error: .*{pattern}")

    def test_format_and_datefmt(self):
        running = self.spoken(
            "[formatter_simpleFormatter]\ndatefmt=%Y\n"
            "format=%(asctime)s|%(levelname)-8s|%(name)s|%(process)d|%(message)s\n"
        )
        self.assertSaid(rf"^\d{{4}}\|INFO    \|probe\S*\|{running.pid}\|an info$", running)

    def test_stderr_by_args(self):
        running = self.spoken("[handler_consoleHandler]\nargs=(sys.stderr,)\n")
        self.assertSaid("an info", running.err)
        self.assertNotSaid("an info", running.out)


class ShortWay(Logging):
    def test_json_lines(self):
        running = self.spoken("[aio]\nlog_format = json\n")
        lines = [json.loads(l.text) for l in running.lines if l.text.startswith("{")]
        infos = [l for l in lines if "an info" in l.values()]
        self.assertEqual(len(infos), 1, running.report())
        self.assertIn("INFO", [str(v).upper() for v in infos[0].values()])

    def test_plain_stream_and_color(self):
        for form in ("plain", "stream", "color"):
            self.assertSaid("an info", self.spoken(f"[aio]\nlog_format = {form}\n"))

    def test_an_unknown_format_names_the_choices(self):
        self.refused("[aio]\nlog_format = jsno\n" + SPEAK,
                     r"aio\.conf:2:\d+: error: .*jsno", "json")

    def test_a_line_break_in_a_message_does_not_make_a_second_record(self):
        running = self.spoken("[aio]\nlog_format = json\n", "-o", "schedule/speak:text=a\nb {")
        lines = [l.text for l in running.lines if "a\\nb" in l.text]
        self.assertEqual([json.loads(l) != {} for l in lines][:1], [True], running.report())


class Files(Logging):
    def test_log_file_takes_everything(self):
        running = self.spoken("[aio]\nlog_file = x.log\n")
        self.assertSaid("an info", self.read("x.log"))
        self.assertNotSaid("an info", running.out)

    def test_sigusr1_opens_the_file_anew(self):
        running = self.start(
            "[aio]\nlog_file = x.log\n[schedule/speak]\nevery = 100ms\nfunc = probe.speak\n"
        )
        running.wait_for("^spoken$")
        os.rename(self.folder / "x.log", self.folder / "x.log.1")
        running.send(signal.SIGUSR1)
        running.wait_for("^spoken$", len(running.find("^spoken$")) + 5)
        self.assertStops(running)
        self.assertSaid("an info", self.read("x.log.1"))
        self.assertSaid("an info", self.read("x.log"))

    def test_a_file_that_cannot_be_opened_anew_is_named_and_kept(self):
        (self.folder / "logs").mkdir()
        running = self.start("[aio]\nlog_file = logs/x.log\n[schedule/speak]\nevery = 1h\n"
                             "func = probe.speak\n")
        running.wait_for("^spoken$")
        os.rename(self.folder / "logs", self.folder / "moved")
        running.send(signal.SIGUSR1)
        said = self.log_says("moved/x.log", r"ERROR.*: Log file not reopened: cannot open '.*'")
        self.assertStops(running)
        self.assertNotSaid("Log files reopened", self.read("moved/x.log"))
        self.assertNotSaid("(?i)reopen cannot", said)

    def test_rotation_by_size(self):
        running = self.start(
            "[handler_f]\nclass=RotatingFileHandler\nargs=('x.log', 'a', 2000, 2)\n"
            "formatter=simpleFormatter\n[logger_root]\nhandlers=f\n"
            "[schedule/speak]\nevery = 20ms\nfunc = probe.speak\n"
        )
        running.wait_for("^spoken$", 60)
        self.assertStops(running)
        files = sorted(n for n in os.listdir(self.folder) if n.startswith("x.log"))
        self.assertEqual(files, ["x.log", "x.log.1", "x.log.2"])
        for name in files:
            self.assertLessEqual((self.folder / name).stat().st_size, 2000)

    def test_a_full_disk_does_not_end_the_app(self):
        running = self.start(
            "[aio]\nlog_file = /dev/full\n[schedule/speak]\nevery = 50ms\nfunc = probe.speak\n"
        )
        running.wait_for("^spoken$", 10)
        running.wait_for(r"/dev/full|No space left")
        self.assertStops(running)

    def test_a_closed_standard_output_does_not_end_the_app(self):
        read, write = os.pipe()
        running = self.start(
            "[aio]\nlog_file = x.log\n[server/x]\nprotocol = aio.examples.echo\nport = 0\n"
            "address = 127.0.0.1\n[schedule/speak]\nevery = 50ms\nfunc = probe.speak\n",
            stdout=write,
        )
        os.close(read)
        os.close(write)
        self.wait_for_file("x.log", r"started on 127\.0\.0\.1:(\d+)")
        port = int(re.search(r"started on 127\.0\.0\.1:(\d+)", self.read("x.log")).group(1))
        self.assertEqual(self.exchange(port, b"alive"), b"alive")
        self.assertStops(running)

    def test_logging_to_a_closed_pipe_does_not_end_the_app(self):
        read, write = os.pipe()
        running = self.start(
            "[server/x]\nprotocol = aio.examples.echo\ntransport = unix\npath = sock\n"
            "[schedule/speak]\nevery = 20ms\nfunc = probe.speak\n"
            "[listen/x]\naio-started = probe.touch\n", stdout=write,
        )
        os.close(write)
        os.close(read)
        self.wait_for_file("touched", "")
        self.assertStops(running)

    def wait_for_file(self, name, pattern):
        """The one place without a line to wait for: looks until the deadline."""
        import time

        deadline = time.monotonic() + 15 * SLOW
        while time.monotonic() < deadline:
            if (self.folder / name).exists() and re.search(pattern, self.read(name)):
                return
            time.sleep(0.02)
        self.fail(f"{name} did not come to hold {pattern!r}")


class CommandOutput(Case):
    def test_a_full_disk_under_a_command_is_a_failure(self):
        import subprocess

        from support import AIO, clean_environment

        with open("/dev/full", "w") as full:
            done = subprocess.run([AIO, "config"], cwd=self.folder, stdout=full,
                                  stderr=subprocess.PIPE, env=clean_environment(), timeout=60)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn(b"No space left", done.stderr)


if __name__ == "__main__":
    main()
