"""Logging: behaviour §3, cases 70–75."""

import json
import os
import re
import resource
import select
import shlex
import shutil
import signal
import socket
import time
import unittest

from support import AIO, BAD_CONFIG, Case, FAILED, OK, Running, SLOW, clean_environment, main

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

    def test_report_s_6_a_removed_log_is_a_warning_and_is_found_again(self):
        (self.folder / "logs").mkdir()
        running = self.start("[aio]\nlog_file = logs/x.log\n[schedule/speak]\nevery = 100ms\n"
                             "func = probe.speak\n")
        running.wait_for("^spoken$")
        shutil.rmtree(self.folder / "logs")
        running.send(signal.SIGUSR1)
        running.wait_for("warning: the log cannot open 'logs/x.log': No such file or directory; "
                         "its records go to standard error until it can")
        running.wait_for("ERROR.*Log file not reopened")
        running.wait_for("INFO.*: an info")
        (self.folder / "logs").mkdir()
        running.wait_for("the log reaches 'logs/x.log' again$")
        self.log_says("logs/x.log", "an info")
        self.assertStops(running)

    @unittest.skipUnless(os.geteuid() == 0, "only root becomes somebody else")
    def test_report_s_6_a_log_that_the_user_may_not_open_is_a_warning(self):
        self.folder.chmod(0o755)
        running = self.start("[aio]\nlog_file = x.log\nuser = nobody\n"
                             "[schedule/speak]\nevery = 100ms\nfunc = probe.speak\n")
        running.wait_for("^spoken$")
        os.rename(self.folder / "x.log", self.folder / "x.log.1")
        os.close(os.open(self.folder / "x.log", os.O_CREAT, 0o600))
        running.send(signal.SIGUSR1)
        running.wait_for("warning: the log cannot open 'x.log': Permission denied; its records go "
                         "to the file that was open before until it can")
        os.chmod(self.folder / "x.log", 0o666)
        running.wait_for("the log reaches 'x.log' again")
        self.log_says("x.log", "an info")
        self.assertStops(running)

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


LINES = """
[process/x]
shell = yes
command = i=0; while [ $$i -lt 200 ]; do i=$$((i+1)); echo "line $$i, long enough to reach the limit soon"; done; echo all written; exec sleep 1000
"""


def handler(kind, args, more=""):
    return (f"[formatter_f]\nformat = %(message)s\n[logger_root]\nlevel = INFO\nhandlers = h\n"
            f"[handler_h]\nclass = {kind}\nargs = {args}\nformatter = f\n{more}")


class Reports(Logging):
    """What happened to users of other systems."""

    def lines_of(self, text):
        return re.findall(r"(?m)line (\d+), long enough", text)

    def test_report_log_1_a_link_to_a_descriptor_is_never_turned(self):
        os.symlink("/proc/self/fd/1", self.folder / "out.link")
        for kind, args in (("RotatingFileHandler", "('out.link', 'a', 2000, 2)"),
                           ("TimedRotatingFileHandler", "('out.link', 'S', 1)")):
            config = handler(kind, args) + LINES
            done = self.aio("config", "check", config=config)
            self.assertStatus(done, OK)
            self.assertSaid(r"warning: .*'out\.link' is an open descriptor: it is never rotated", done)
            running = self.start(config)
            running.wait_for("all written")
            running.send(signal.SIGUSR1)
            running.wait_for("Log files reopened")
            self.assertStops(running)
            self.assertEqual(len(self.lines_of(running.out)), 200, running.report())
            self.assertTrue((self.folder / "out.link").is_symlink())
            self.assertEqual(sorted(os.listdir(self.folder)), ["aio.conf", "out.link"])

    def test_report_log_1_a_pipe_with_a_name_is_never_turned(self):
        os.mkfifo(self.folder / "pipe")
        reader = os.open(self.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        config = handler("RotatingFileHandler", "('pipe', 'a', 2000, 2)") + LINES
        self.assertSaid("is a pipe: it is never rotated", self.accepted(config))
        running = self.start(config)
        text, deadline = "", time.monotonic() + 15 * SLOW
        while "all written" not in text and time.monotonic() < deadline:
            select.select([reader], [], [], 1)
            try:
                text += os.read(reader, 65536).decode()
            except BlockingIOError:
                pass
        self.assertStops(running)
        self.assertEqual(len(self.lines_of(text)), 200, text)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "needs root and namespaces")
    def test_report_log_1_a_mounted_file_is_copied_and_emptied(self):
        os.mkdir(self.folder / "c")
        for name in ("real.log", "c/x.log", "c/y.log"):
            self.write(name, "")
        self.write("c/x.log.1", "old1\n")
        self.write("c/x.log.2", "old2\n")
        for name, kind, args in (("x", "RotatingFileHandler", "('c/x.log', 'a', 2000, 20)"),
                                 ("y", "TimedRotatingFileHandler", "('c/y.log', 'S', 1)")):
            self.write("real.log", "")
            slow = LINES.replace("echo \"line", "[ $$i = 150 ] && sleep 2.1; echo \"line")
            self.write("aio.conf", handler(kind, args) + (LINES if name == "x" else slow))
            argv = ["unshare", "-m", "sh", "-ec", "mount --make-rprivate /\n"
                    f"mount --bind real.log c/{name}.log\nexec {shlex.quote(str(AIO))} run"]
            running = Running(argv, self.folder, clean_environment())
            self.addCleanup(running.kill)
            self.log_says("real.log", "all written")
            self.assertStops(running)
            said = running.find(rf"the log 'c/{name}.log' is a mount point, which cannot be moved: "
                                "it is copied to its parts and emptied")
            self.assertEqual(len(said), 1, running.report())
            parts = [n for n in os.listdir(self.folder / "c") if n.startswith(f"{name}.log.")]
            text = "".join(self.read(f"c/{part}") for part in parts) + self.read("real.log")
            self.assertEqual(sorted(map(int, self.lines_of(text))), list(range(1, 201)))
            self.assertGreaterEqual(len(parts), 1)
            if name == "x":
                self.assertLessEqual((self.folder / "real.log").stat().st_size, 2000)
                self.assertIn("old1", text)
                self.assertIn("old2", text)
                self.assertNotIn("x.log.0", parts)

    def test_report_log_2_standard_output_that_is_a_socket(self):
        for path in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/stderr"):
            ours, theirs = socket.socketpair()
            with ours, theirs:
                config = f"[aio]\nlog_file = {path}\n" + SPEAK
                running = self.start(config, stdout=theirs, stderr=theirs)
                theirs.close()
                ours.settimeout(15 * SLOW)
                text = b""
                while b"an info" not in text:
                    text += ours.recv(65536)
                running.send(signal.SIGUSR1)
                while b"Log files reopened" not in text:
                    text += ours.recv(65536)
                self.assertStops(running)

    def test_report_log_4_restarts_do_not_put_off_the_turn(self):
        config = (handler("TimedRotatingFileHandler", "('x.log', 'S', 2)")
                  + "[schedule/speak]\nevery = 50ms\nfunc = probe.speak\n")
        begun = time.monotonic()
        for start in range(6):
            running = self.start(config)
            running.wait_for("^spoken$", 3)
            time.sleep(max(0, begun + start + 1 - time.monotonic()))
            self.assertStops(running)
        parts = [n for n in os.listdir(self.folder) if n.startswith("x.log.")]
        self.assertGreaterEqual(len(parts), 2)

    def test_report_log_6_a_new_file_takes_over_the_mode(self):
        for kind, args in (("RotatingFileHandler", "('x.log', 'a', 2000, 2)"),
                           ("TimedRotatingFileHandler", "('y.log', 'S', 1)")):
            name = args[2:7]
            self.write(name, "old\n")
            os.chmod(self.folder / name, 0o600)
            os.utime(self.folder / name, (1_000_000_000, 1_000_000_000))
            running = self.start(handler(kind, args) + LINES)
            self.log_says(name, "all written")
            self.assertStops(running)
            files = [n for n in os.listdir(self.folder) if n.startswith(name)]
            self.assertGreater(len(files), 1)
            for each in files:
                self.assertEqual((self.folder / each).stat().st_mode & 0o7777, 0o600, each)

    def test_report_log_8_pythons_spellings_of_utf_8(self):
        for encoding in ("utf_8", "UTF-8", "utf8", "U8", "UTF", "Utf 8"):
            self.accepted(handler("FileHandler", f"('py.log', 'a', '{encoding}')"))
        for args in ("('py.log', 'a', None, False, 'replace')",
                     "('py.log', 'a', 2000, 2, 'utf8', 0, None)"):
            kind = "RotatingFileHandler" if "2000" in args else "FileHandler"
            self.accepted(handler(kind, args))
        self.refused(handler("FileHandler", "('py.log', 'a', 'latin-1')"), "encoding has to be")

    def test_report_log_8_a_file_nobody_named_is_named_in_the_log(self):
        self.write("aio.conf", SPEAK)
        self.write("other/logging.conf", "[logger_root]\nlevel=DEBUG\n")
        running = self.start(None, command=("-c", "../aio.conf", "run"), cwd=self.folder / "other")
        running.wait_for(rf"found and read: {re.escape(str(self.folder))}/other/logging\.conf")
        self.assertNotSaid(r"found and read: .*aio\.conf", running)
        self.assertStops(running)

    def test_report_s_6_a_log_that_cannot_be_reached_is_a_warning(self):
        away = ("[handler_h]\nclass = SysLogHandler\nargs = ('%s',)\n[logger_root]\n"
                "handlers = h\n[schedule/speak]\nevery = 100ms\nfunc = probe.speak\n")
        path = self.folder / "log"
        self.accepted(away % path)
        running = self.start(away % path)
        running.wait_for(rf"warning: the log cannot reach {re.escape(str(path))}: No such file")
        running.wait_for("an info")
        self.assertEqual(len(running.find("cannot reach")), 1, running.report())
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.bind(str(path))
            log.settimeout(15 * SLOW)
            self.assertIn(b"aio", log.recv(65536))
            running.wait_for("the log reaches .* again")
        self.assertStops(running)
        self.refused(away % (self.folder / "none/log"), "none/log.*No such file")

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "needs root and namespaces")
    def test_a_log_host_that_comes_back_with_another_address_is_found(self):
        hosts = self.write("hosts", "127.0.0.9 loghost\n")
        config = ("[handler_h]\nclass = SysLogHandler\nargs = (('loghost', %d),)\n[logger_root]\n"
                  "handlers = h\n[schedule/speak]\nevery = 100ms\nfunc = probe.speak\n")
        first = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with first, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as second:
            first.bind(("127.0.0.9", 0))
            port = first.getsockname()[1]
            second.bind(("127.0.0.8", port))
            for log in (first, second):
                log.settimeout(20 * SLOW)
            self.write("aio.conf", config % port)
            argv = ["unshare", "-m", "sh", "-ec", "mount --make-rprivate /\n"
                    f"mount --bind hosts /etc/hosts\nexec {shlex.quote(str(AIO))} run"]
            running = Running(argv, self.folder, clean_environment())
            self.addCleanup(running.kill)
            self.assertIn(b"aio", first.recv(65536))
            hosts.write_text("127.0.0.8 loghost\n", encoding="utf-8")
            first.close()
            running.wait_for("warning: the log cannot reach loghost:[0-9]+: Connection refused")
            self.assertIn(b"aio", second.recv(65536))
            running.wait_for("the log reaches loghost:[0-9]+ again")
        self.assertStops(running)

    def test_records_go_to_standard_error_while_the_reader_of_a_pipe_restarts(self):
        os.mkfifo(self.folder / "fifo")
        reader = os.open(self.folder / "fifo", os.O_RDONLY | os.O_NONBLOCK)
        running = self.start("[aio]\nlog_file = fifo\n[schedule/speak]\nevery = 100ms\n"
                             "func = probe.speak\n")
        poll = select.poll()
        poll.register(reader, select.POLLIN)
        self.assertTrue(poll.poll(20_000 * SLOW), running.report())
        self.assertIn(b"aio", os.read(reader, 65536))
        os.close(reader)
        running.wait_for("warning: the log cannot write to 'fifo': Broken pipe")
        running.wait_for("an info")
        with open(self.folder / "fifo", "rb", buffering=0) as reader:
            self.assertIn(b"info", reader.read(65536))
            running.wait_for("the log reaches 'fifo' again")
            self.assertStops(running)

    def test_a_crash_loses_no_line_of_an_earlier_turn(self):
        """It kills itself a millisecond after the line."""
        running = self.start("[aio]\nlog_file = x.log\n[schedule/rock]\nevery = 1h\n"
                             "func = probe.crash_later\nkind = kill\n")
        self.assertEnded(running, -signal.SIGKILL)
        self.assertInOrder(["Starting$", "the last line$"], self.read("x.log"))

    def test_a_limit_of_the_file_size_loses_records_only(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        running = self.start("[aio]\nlog_file = x.log\n" + LINES, preexec_fn=limit)
        running.wait_for(r"cannot write the log to x\.log: File too large \(\d+ records lost")
        self.assertStops(running)
        self.assertLessEqual((self.folder / "x.log").stat().st_size, 8192)

    def test_report_log_5_complaints_of_the_log_hide_secrets(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

        self.write("sec", "topsecret-xyz")
        running = self.start("[aio]\nlog_file = ./${file:sec}\n" + LINES, preexec_fn=limit)
        running.wait_for(r"cannot write the log to \S*\*{8}: File too large")
        self.assertStops(running)
        self.assertNotSaid("topsecret", running)
        for args in ("('./${file:sec}',)", "(('${file:sec}.invalid', 514),)"):
            running = self.start(handler("SysLogHandler", args) + SPEAK)
            running.wait_for(r"warning: the log cannot reach .*\*{8}.*: ")
            self.assertStops(running)
            self.assertNotSaid("topsecret", running)

    def test_a_message_forges_no_record(self):
        config = handler("StreamHandler", "(sys.stdout,)")
        running = self.spoken(config, "-o", "schedule/speak:text=a\n2026-01-01 INFO(aio): forged")
        self.assertNotSaid(r"^2026-01-01 INFO\(aio\): forged", running)
        self.assertSaid(r"^    \| 2026-01-01 INFO\(aio\): forged", running)


@unittest.skipUnless(os.geteuid() == 0, "skipped: needs root")
class AsRoot(Logging):
    USER = "[aio]\nuser = nobody\n"

    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o755)
        (self.folder / "his").mkdir()
        os.chown(self.folder / "his", 65534, 65534)

    def test_a_planted_link_gives_nothing_away(self):
        secret = self.write("secret", "")
        os.chmod(secret, 0o600)
        os.symlink(secret, self.folder / "his/x.log")
        config = self.USER + "log_file = his/x.log\n" + SPEAK
        self.refused(config, "log_file cannot open 'his/x.log': .* is a link, and its folder")
        self.assertEqual(secret.stat().st_uid, 0)
        self.assertEqual(secret.read_text(), "")
        os.unlink(self.folder / "his/x.log")
        os.link(secret, self.folder / "his/x.log")
        running = self.start(config)
        self.assertEnded(running, BAD_CONFIG)
        self.assertSaid("has a second name", running)
        self.assertEqual(secret.stat().st_uid, 0)

    def test_a_daemons_output_follows_no_planted_link(self):
        secret = self.write("secret", "")
        os.symlink(secret, self.folder / "his/out")
        done = self.aio("run", "-d", config=self.USER + "log_file = his/out\n[logger_root]\n"
                        "handlers = h\n[handler_h]\nclass = FileHandler\nargs = ('ok.log',)\n" + SPEAK)
        self.assertNotEqual(done.status, OK, str(done))
        self.assertSaid("root does not follow it", done)
        self.assertEqual(secret.stat().st_size, 0)

    def test_what_root_has_just_made_belongs_to_the_user(self):
        running = self.start(self.USER + "log_file = his/x.log\n" + SPEAK)
        self.log_says("his/x.log", "Started")
        os.rename(self.folder / "his/x.log", self.folder / "his/x.log.1")
        running.send(signal.SIGUSR1)
        self.log_says("his/x.log", "reopened")
        self.assertStops(running)
        for name in ("his/x.log", "his/x.log.1"):
            self.assertEqual((self.folder / name).stat().st_uid, 65534)


    def test_report_log_11_a_log_that_the_user_cannot_turn_is_a_warning(self):
        os.mkdir(self.folder / "shared")
        os.chmod(self.folder / "shared", 0o1777)
        self.write("shared/old.log", "")
        cannot = r"warning: \[handler_h\] '%s' cannot be rotated and grows without limit: nobody may not"
        for kind, args in (("RotatingFileHandler", "('%s', 'a', 300, 2)"),
                           ("TimedRotatingFileHandler", "('%s', 'S', 1)")):
            for path in ("x.log", "shared/old.log"):
                config = self.USER + handler(kind, args % path) + SPEAK
                self.assertSaid(cannot % path, self.accepted(config))
                running = self.start(config)
                running.wait_for(cannot % path)
                self.assertStops(running)
            for path in ("his/x.log", "shared/new.log"):
                done = self.accepted(self.USER + handler(kind, args % path))
                self.assertNotSaid("cannot be rotated", done)
            self.assertNotSaid("cannot be rotated", self.accepted(handler(kind, args % "y.log")))
        done = self.accepted(self.USER + handler("RotatingFileHandler", "('z.log', 'a', 0, 2)"))
        self.assertNotSaid("cannot be rotated", done)


class ModuleHandlers(Logging):
    """my.sinks is the code of modules/README.md."""

    CONFIG = ("[handler_copy]\nclass = my.sinks.file\npath = copy.log\nlevel = WARNING\n"
              "formatter = simpleFormatter\n[handler_mark]\nclass = my.sinks.marked\n"
              "args = ('!!',)\n[logger_root]\nhandlers = copy, mark\n")

    def test_a_modules_handlers_work_like_the_built_in_ones(self):
        running = self.start(SPEAK + self.CONFIG)
        running.wait_for("^spoken$")
        os.rename(self.folder / "copy.log", self.folder / "copy.log.1")
        running.send(signal.SIGUSR1)
        running.wait_for("^!! reopened$")
        running.wait_for("^!! Log files reopened$")
        self.assertStops(running)
        self.assertRegex(self.read("copy.log.1"), rf"(?m)^{STAMP} ERROR\(probe[^)]*\): an error$")
        self.assertNotSaid("an info", self.read("copy.log.1"))
        self.assertEqual(self.read("copy.log"), "")
        self.assertSaid("^!! an info$", running.err)

    def test_secrets_are_hidden(self):
        self.write("secret.txt", "T0pSecretWord\n")
        running = self.spoken(self.CONFIG + "[db]\npassword = ${file:secret.txt}\n", "-o",
                              "schedule/speak:text=knows ${db:password}")
        self.assertSaid(r"^!! \*{8}$", running.err)
        self.assertNotSaid("T0pSecretWord", running.err)

    def secret_by_place(self, args):
        return (f"[handler_h]\nclass = probe.kept_lines\nargs = {args}\n"
                "[logger_root]\nhandlers = h\n")

    def test_secrets_by_place_are_hidden(self):
        config = self.secret_by_place("('copy.log', '', 't0k-Sesame')")
        self.assertNotSaid("t0k", self.spoken(config, "--debug"))
        running = self.spoken(config, "-o", "schedule/speak:text=knows t0k-Sesame")
        self.assertNotSaid("t0k", running)
        self.assertSaid(r"knows \*{8}$", self.read("copy.log"))
        commanded = self.aio(
            "boom", "t0k-Sesame",
            config=config + "[aio/commands]\nboom = probe.logging_command\n")
        self.assertStatus(commanded, OK)
        self.assertNotSaid("t0k", self.read("copy.log"))

    def test_messages_about_secrets_by_place_show_none(self):
        for args, said in (("('x', '', 't0k-Sesame', 'no-number')", r"pin: \*{8} is not"),
                           ("('x', '', 't0k-Sesame', 1, 2)", "too many arguments"),
                           ("('x', '', 't0k-Sesame'", "args: ")):
            with self.subTest(args=args):
                done = self.refused(self.secret_by_place(args) + SPEAK, said)
                self.assertNotSaid("t0k|no-number", done)

    def test_mistakes_are_found_before_the_start(self):
        for wrong, pattern in (
            ("class = my.sinks.fiel\npath = x\n", r"aio\.conf:2:\d+: error: .*my\.sinks.*fiel"),
            ("class = my.sinks.file\n", "path"),
            ("class = my.sinks.file\npaht = x\n", "paht"),
            ("class = my.sinks.marked\nargs = ('a', 'b')\n", "too many arguments"),
            ("class = my.sinks.marked\nargs = ('a',)\nword = b\n", "word is an option"),
            ("class = no.such.module\n", r"aio\.conf:2:\d+: error: "),
            ("class = probe.speak\n", "is a schedule, not a log_handler"),
        ):
            self.refused("[handler_h]\n" + wrong + "[logger_root]\nhandlers=h\n" + SPEAK, pattern)

    @unittest.skipUnless(os.geteuid() == 0, "skipped: needs root")
    def test_make_runs_as_the_user(self):
        os.chmod(self.folder, 0o755)
        logs = self.folder / "logs"
        logs.mkdir()
        os.chmod(logs, 0o777)
        config = "[aio]\nuser = nobody\nworking_directory = logs\n" + SPEAK + self.CONFIG
        running = self.start(config)
        running.wait_for("^!! an info$")
        self.assertStops(running)
        self.assertEqual((logs / "copy.log").stat().st_uid, 65534)
        self.assertSaid("an error", self.read("logs/copy.log"))

        os.chmod(logs, 0o755)
        os.unlink(logs / "copy.log")
        running = self.start(config)
        self.assertEnded(running, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:\d+:\d+: error: \[handler_copy\] .*", running)
        self.assertNotSaid("spoken", running)

    def test_what_make_throws_stops_the_start(self):
        config = self.CONFIG.replace("copy.log", "no/such/../../../../proc/x") + SPEAK
        running = self.start(config)
        self.assertEnded(running, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:1:\d+: error: \[handler_copy\] .*", running)

    def test_schema_and_show_list_them(self):
        schema = self.aio("config", "schema", "handler_x", config="[aio]\nmodules = my.sinks\n")
        self.assertSaid("word", schema.out)
        self.assertSaid("log_handler my.sinks.file", self.aio("module", "show", "my.sinks").out)


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
