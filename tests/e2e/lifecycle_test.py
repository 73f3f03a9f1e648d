"""Start-up, what is watched, and what the process is: behaviour §3."""

import fcntl
import json
import os
import pwd
import re
import resource
import signal
import subprocess
import threading
import time
import unittest

from support import AIO, BAD_CONFIG, Case, FAILED, FORCED, OK, SLOW, clean_environment, main

TICK = "[schedule/tick]\nevery = 1h\nfunc = probe.tick\n"
ECHO = "[server/x]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\nport = 0\n"


def proc(pid, name):
    with open(f"/proc/{pid}/{name}") as file:
        return file.read()


class Nothing(Case):
    def test_nothing_to_run_is_a_warning_naming_the_files(self):
        self.write("more.conf", "[y]\na = 1\n")
        done = self.aio("run", config="[aio]\ninclude = more.conf\n[x]\na = 1\n")
        self.assertStatus(done, OK)
        self.assertSaid(r"(?i)warning.*nothing.*aio\.conf", done)
        self.assertSaid(r"more\.conf", done)

    def test_nothing_to_run_without_any_file(self):
        done = self.aio("run")
        self.assertStatus(done, OK)
        self.assertSaid("(?i)warning.*nothing", done)

    def test_everything_disabled_is_nothing(self):
        done = self.aio("run", config=TICK + "enabled = no\n")
        self.assertStatus(done, OK)
        self.assertSaid("(?i)warning.*nothing", done)


class Order(Case):
    def test_dependencies_start_first_and_stop_last(self):
        config = (
            "[server/c]\nfactory = probe.factory\nport = 0\ndepends = server/b\n"
            "[server/b]\nfactory = probe.factory\nport = 0\ndepends = server/a\n"
            "[server/a]\nfactory = probe.factory\nport = 0\n"
            "[listen/x]\naio-started = probe.heard\n"
        )
        running = self.start(config)
        running.wait_for("^heard aio-started")
        self.assertInOrder([r"Server\(a\).*started", r"Server\(b\).*started",
                            r"Server\(c\).*started"], running.out)
        self.assertStops(running)
        self.assertInOrder([r"^factory stops c$", r"^factory stops b$", r"^factory stops a$"],
                           running.out)

    def test_a_failed_start_stops_what_was_started_in_reverse(self):
        running = self.start(
            "[server/a]\nfactory = probe.factory\nport = 0\n"
            "[server/b]\nfactory = probe.factory\nport = 0\ndepends = server/a\n"
            "[server/c]\nfactory = probe.failing_factory\nport = 0\ndepends = server/b\n"
            "[listen/x]\naio-started = probe.heard\n"
        )
        self.assertEnded(running, FAILED)
        self.assertSaid(r"ERROR\(aio[^)]*\): Server\(c\) failed to start: .*boom", running)
        self.assertInOrder([r"^factory stops b$", r"^factory stops a$"], running.out)
        self.assertNotSaid("^heard aio-started", running)

    def test_depends_across_kinds(self):
        running = self.start(TICK + "depends = server/x\n" + ECHO)
        running.wait_for("^tick tick")
        self.assertInOrder([r"Server\(x\).*started", r"Scheduler started \(tick\)"], running.out)
        self.assertStops(running)

    def test_a_listener_that_raises_at_start(self):
        running = self.start(TICK + "[listen/x]\naio-starting = probe.raising_listener\n")
        self.assertEnded(running, FAILED)
        self.assertSaid("Error calling listener: .*boom", running)
        self.assertNotSaid("^tick", running)

    def test_a_listener_that_raises_when_all_has_started(self):
        running = self.start(TICK + "[listen/x]\naio-started = probe.raising_listener\n")
        self.assertEnded(running, FAILED)
        self.assertSaid("Error calling listener: .*boom", running)

    def test_a_start_that_a_listener_fails_ends_in_time_although_a_stop_blocks(self):
        running = self.start(
            "[aio]\nstop_timeout = 500ms\n[service/s]\nclass = probe.blocked_stop\n"
            "[listen/x]\naio-started = probe.raising_listener\n"
        )
        self.assertEnded(running, FORCED)
        self.assertSaid("^s blocks its stop$", running)
        self.assertSaid("^aio: the stop deadline has passed, ending by force$", running.err)
        self.assertSaid("^aio: loop main is blocked", running.err)

    def test_a_query_of_a_coroutine_that_nobody_owns_ends_before_the_process(self):
        running = self.start("[service/s]\nclass = probe.leaves_a_query\n")
        running.wait_for("^query begins$")
        self.assertStops(running)
        self.assertSaid("^query of a table of the coroutine ends$", running)
        self.assertNotSaid("^query came back$", running)

    def test_a_program_that_a_worker_starts_has_no_signal_blocked(self):
        running = self.start("[schedule/x]\nevery = 1h\nfunc = probe.programs\n")
        running.wait_for("^programs have ended$")
        self.assertEqual(len(running.find(r"SigBlk:\t0000000000000000$")), 2, running.report())
        self.assertStops(running)

    def test_a_loop_of_its_own_and_a_numbered_one(self):
        running = self.start(
            "[aio]\nloops = 2\n"
            "[schedule/a]\nevery = 100ms\nfunc = probe.tick\nloop = own\n"
            "[schedule/b]\nevery = 100ms\nfunc = probe.tick\nloop = 1\n"
            "[schedule/c]\nevery = 1h\nfunc = probe.block\ntakes = 1s\n"
        )
        running.wait_for("^block begins$")
        running.wait_for("^tick a", 5)
        running.wait_for("^tick b", 5)
        self.assertNotSaid("^block ends$", running)
        self.assertStops(running)


class Watched(Case):
    def test_case_186_a_blocked_loop_is_reported_with_its_stack(self):
        running = self.start(
            "[aio]\nblocking_timeout = 300ms\n"
            "[schedule/x]\nevery = 1h\nfunc = probe.block\ntakes = 1500ms\n"
        )
        running.wait_for("(?i)block(ing|ed).*main")
        running.wait_for(r"probe\.so")
        running.wait_for(r"names: addr2line -Cfpe .*probe\.so 0x")
        running.wait_for("^block ends$")
        self.assertStops(running)
        self.assertEqual(len(running.find("has been in one call")), 1, running.report())

    def test_case_186_the_words(self):
        running = self.start(
            "[aio]\nblocking_timeout = 1s\n[schedule/x]\nevery = 1h\nfunc = probe.block\ntakes = 2s\n"
        )
        running.wait_for(r"WARNING.*Blocking detected \(timeout=1\.0\): loop main")
        running.wait_for(r"probe\.so")
        running.wait_for(r"names: addr2line -Cfpe .*probe\.so 0x")
        running.wait_for("^block ends$")
        running.wait_for(r"WARNING\(aio\): Loop main was blocked for [12].*s")
        self.assertStops(running)

    def test_a_start_that_blocks_the_main_loop_is_reported_with_its_true_time(self):
        running = self.start(
            "[aio]\nblocking_timeout = 200ms\n"
            "[service/s]\nclass = probe.blocked_start\ntakes = 1500ms\n"
        )
        running.wait_for("^s has blocked$")
        running.wait_for(r"INFO\(aio\): Started$")
        running.wait_for(r"WARNING\(aio\): Loop main was blocked for 1\.[3-9]\d*s; ")
        self.assertStops(running)
        self.assertEqual(len(running.find(r"Blocking detected .*: loop main")), 1, running.report())

    def test_nothing_is_said_to_be_waited_for_after_the_start(self):
        """The own loop answers the question for that line when the start ends."""
        running = self.start("[service/s]\nclass = probe.blocked_start\ntakes = 2s\nloop = own\n"
                             "[service/t]\nclass = probe.blocked_start\ntakes = 2s\nloop = own\n")
        running.wait_for(r"INFO\(aio\): Started$")
        time.sleep(0.2)
        self.assertStops(running)
        self.assertNotIn("Waiting for", running.text().partition("INFO(aio): Started\n")[2])

    def test_a_loop_that_blocks_anywhere_in_the_start_is_named_at_the_end_by_force(self):
        for config in ("[listen/l]\naio-starting = probe.blocks\n",
                       "[listen/l]\naio-started = probe.blocks\n",
                       "[service/s]\nclass = probe.blocked_start\ntakes = 1h\n"):
            with self.subTest(config=config):
                running = self.start("[aio]\nblocking_timeout = 200ms\n" + config,
                                     "--stop-timeout", "500ms")
                running.wait_for(r"Blocking detected .*: loop main")
                self.assertStops(running, FORCED)
                running.wait_for("^aio: loop main is blocked: it has been in one call for ")

    def test_case_184_sigusr2_lists_every_running_task(self):
        running, port = self.serve(
            ECHO + "[schedule/sleeper]\nevery = 1h\nfunc = probe.slow\ntakes = 1h\n"
                   "stop_timeout = 100ms\n[schedule/next]\nevery = 1h\nfunc = probe.tick\n"
        )
        running.wait_for("^slow sleeper begins$")
        running.wait_for("^tick next")
        with self.connect(port) as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
            running.send(signal.SIGUSR2)
            running.wait_for(r"sleeper.*sleep")
            line = running.wait_for(r"server/x.*read").string
            self.assertRegex(line, r"\d")
        self.assertStops(running)

    def test_a_module_sees_what_runs_and_what_was_counted(self):
        running, port = self.serve(
            ECHO + "[schedule/w]\nevery = 200ms\nfunc = probe.watches\nloop = own\n"
                   "[listen/l]\naio-started = probe.heard\n[process/p]\ncommand = sleep 1000\n"
        )
        self.assertEqual(self.exchange(port, b"abc"), b"abc")
        running.wait_for(
            r"^server/x: starts=1 restarts=0 connections=\d accepted=1 received=3 sent=3$"
        )
        running.wait_for(r"^process/p: starts=1 restarts=0 running=1 started=1 failed=0$")
        running.wait_for(r"^schedule/w: starts=1 restarts=0 runs=\d+")
        running.wait_for(r"^signal aio-started: emits=1 deliveries=1$")
        running.wait_for(r"^server/x is running$")
        running.wait_for(r"^\d+ lines of tasks$")
        self.assertStops(running)

    def test_sigusr2_names_a_loop_that_does_not_answer(self):
        running = self.start("[schedule/x]\nevery = 1h\nfunc = probe.block\ntakes = 3s\n")
        running.wait_for("^block begins$")
        running.send(signal.SIGUSR2)
        running.wait_for(r"^aio: loop main has not answered for 1.*s, its tasks cannot be listed$")
        running.wait_for(r"probe\.so")
        running.wait_for(r"names: addr2line -Cfpe .*probe\.so 0x")
        self.assertNotSaid("^block ends$", running)
        running.wait_for("^block ends$")
        running.wait_for(r"^loop main: \d+ tasks$")
        self.assertStops(running)

    def test_further_sigusr2_do_not_postpone_the_report_on_a_blocked_loop(self):
        running = self.start("[aio]\nblocking_timeout = none\n"
                             "[schedule/x]\nevery = 1h\nfunc = probe.block\ntakes = 20s\n")
        running.wait_for("^block begins$")
        began = time.monotonic()
        while not running.find("has not answered for"):
            self.assertLess(time.monotonic() - began, 8 * SLOW)
            running.send(signal.SIGUSR2)
            time.sleep(0.5)
        running.kill()

    def test_a_stream_of_signals_holds_up_neither_the_work_nor_the_stop(self):
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            with self.subTest(number=number):
                running = self.start(
                    "[aio]\nlog_file = x.log\n[schedule/t]\nevery = 50ms\nfunc = probe.tick\n")
                running.wait_for("^tick")
                over = threading.Event()

                def send():
                    while not over.is_set() and running.popen.returncode is None:
                        running.send(number)
                        time.sleep(0.0003)

                sender = threading.Thread(target=send)
                sender.start()
                try:
                    time.sleep(2)
                    ticks = len(running.find("^tick"))
                    running.wait_for("^tick", ticks + 3)
                    running.send(signal.SIGTERM)
                    over_in = time.monotonic()
                    self.assertEnded(running, OK)
                    self.assertLess(time.monotonic() - over_in, 5 * SLOW)
                finally:
                    over.set()
                    sender.join()

    def test_sigusr2_lists_the_tasks_of_the_other_loops(self):
        running = self.start(
            "[aio]\nblocking_timeout = none\n"
            "[schedule/x]\nevery = 1h\nfunc = probe.block\ntakes = 4s\nloop = own\n"
            "[schedule/sleeper]\nevery = 1h\nfunc = probe.slow\ntakes = 1h\nstop_timeout = 10ms\n"
        )
        running.wait_for("^block begins$")
        running.wait_for("^slow sleeper begins$")
        running.send(signal.SIGUSR2)
        running.wait_for(r"^loop schedule/x: does not answer, it is blocked$")
        running.wait_for(r"^loop main: \d+ tasks$")
        running.wait_for(r"sleeper.*sleep")
        running.wait_for(r"^aio: loop schedule/x has not answered for")
        self.assertNotSaid("^block ends$", running)
        running.wait_for("^block ends$")
        self.assertStops(running)

    def test_sigusr2_is_logged_when_standard_error_cannot_be_written(self):
        full = os.open("/dev/full", os.O_WRONLY)
        self.addCleanup(os.close, full)
        read, unread = os.pipe()
        os.close(read)
        self.addCleanup(os.close, unread)
        for stderr in (full, unread):
            running = self.start("[aio]\nlog_file = x.log\n" + TICK, stderr=stderr)
            running.wait_for("^tick")
            running.send(signal.SIGUSR2)
            self.log_says("x.log", r"task list cannot be written.*\n(.*\n)*    \| loop main: ")
            self.assertStops(running)
            (self.folder / "x.log").unlink()

    def test_sigusr2_is_answered_at_every_usual_level_where_standard_error_leads_nowhere(self):
        with open(os.devnull, "w") as nothing:
            running = self.start("[aio]\nlog_file = x.log\nlog_level = warning\n" + TICK, stderr=nothing)
        running.wait_for("^tick")
        running.send(signal.SIGUSR2)
        self.log_says("x.log", r"WARNING.aio.: The task list cannot be written to standard error "
                               r"\(it leads nowhere\):\n(.*\n)*    \| loop main: ")
        self.assertStops(running)

    def test_sigusr2_waits_for_no_reader(self):
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        os.set_blocking(write, False)
        try:
            while True:
                os.write(write, b"x" * 4096)
        except BlockingIOError:
            pass
        os.set_blocking(write, True)
        running = self.start("[aio]\nlog_file = x.log\n" + TICK, stderr=write)
        os.close(write)
        running.wait_for("^tick")
        running.send(signal.SIGUSR2)
        self.log_says("x.log", r"task list cannot be written")
        self.assertStops(running)

    def test_a_closed_terminal_stops_in_good_order(self):
        running, _ = self.serve(ECHO + "[listen/x]\naio-stopped = probe.heard\n")
        self.assertStops(running, OK, signal.SIGHUP)
        self.assertSaid("^heard aio-stopped", running)

    def test_what_was_ignored_at_the_start_stays_ignored(self):
        for number in (signal.SIGHUP, signal.SIGINT):
            running = self.start(TICK, preexec_fn=lambda: signal.signal(number, signal.SIG_IGN))
            running.wait_for("Started")
            running.send(number)
            running.send(signal.SIGUSR2)  # of several that wait the lower number is taken first
            running.wait_for("^loop main: ")
            self.assertNotSaid("received$", running)
            self.assertStops(running)

    def test_everything_collected_at_a_crash(self):
        running = self.start(
            ECHO + "[schedule/x]\nevery = 1h\nfunc = probe.fails\non_error = crash\n"
                   "[listen/x]\naio-stopping = probe.heard\naio-stopped = probe.heard\n"
        )
        self.assertEnded(running, FAILED)
        self.assertInOrder(["^heard aio-stopping", "^heard aio-stopped"], running.out)


class Process(Case):
    def test_the_soft_limit_of_open_files_is_raised(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        low = min(256, hard)

        def lower():
            resource.setrlimit(resource.RLIMIT_NOFILE, (low, hard))

        running = self.start(ECHO, preexec_fn=lower)
        running.port("x")
        limits = re.search(r"Max open files\s+(\S+)\s+(\S+)", proc(running.pid, "limits"))
        self.assertEqual(limits.group(1), limits.group(2))
        self.assertStops(running)

    def test_working_directory(self):
        (self.folder / "place").mkdir()
        running = self.start(
            "[aio]\nworking_directory = place\nlog_file = x.log\n" + TICK
        )
        running.wait_for("^tick")
        self.assertEqual(os.readlink(f"/proc/{running.pid}/cwd"), str(self.folder / "place"))
        self.assertTrue((self.folder / "place/x.log").exists())
        self.assertStops(running)

    def test_a_missing_working_directory(self):
        self.refused("[aio]\nworking_directory = nowhere\n" + TICK,
                     r"^aio\.conf:2:21: error: .*nowhere: No such file or directory$")

    def test_umask(self):
        running = self.start("[aio]\numask = 077\nlog_file = x.log\n" + TICK)
        running.wait_for("^tick")
        self.assertEqual((self.folder / "x.log").stat().st_mode & 0o777, 0o600)
        self.assertStops(running)
        self.refused("[aio]\numask = 9\n" + TICK, r"aio\.conf:2:\d+: error: .*'9'")

    def test_a_pid_file_without_daemon(self):
        running = self.start("[aio]\npid_file = x.pid\n" + TICK)
        running.wait_for("^tick")
        self.assertEqual(self.read("x.pid"), f"{running.pid}\n")
        self.write("second.conf", "[aio]\npid_file = x.pid\n" + TICK)
        second = self.start(None, "-c", "second.conf")
        self.assertEnded(second, FAILED)
        self.assertSaid(rf"(?i)running.*{running.pid}|{running.pid}.*running", second)
        self.assertStops(running)
        self.assertFalse((self.folder / "x.pid").exists())

    def test_report_cfg_3_a_pid_file_that_another_program_has_locked(self):
        path = self.folder / "x.pid"
        with path.open("w+", encoding="ascii") as locked:
            fcntl.flock(locked, fcntl.LOCK_EX)
            for text, said in (("", "which has written no number"), ("4711\n", "the number 4711")):
                path.write_text(text, encoding="ascii")
                running = self.start("[aio]\npid_file = x.pid\n" + TICK)
                self.assertEnded(running, FAILED)
                self.assertSaid(f"pid file x.pid: it is locked by another .*{said}", running)
                self.assertNotSaid("already running", running)

    def test_report_cfg_3_a_pid_file_that_is_a_link_is_refused_before_the_start(self):
        (self.folder / "x.pid").symlink_to("y.pid")
        for name in ("x.pid", "/dev/stdout"):
            config = f"[aio]\npid_file = {name}\n" + TICK
            for words in (("config", "check"), ("run",)):
                done = self.aio(*words, config=config)
                self.assertStatus(done, BAD_CONFIG)
                self.assertSaid(rf"^aio\.conf:2:12: error: \[aio\] pid_file {name}: it is a link", done)
        self.assertFalse((self.folder / "y.pid").exists())

    def test_the_pid_file_option_of_run(self):
        running = self.start(TICK, "--pid-file", "y.pid")
        running.wait_for("^tick")
        self.assertEqual(self.read("y.pid"), f"{running.pid}\n")
        self.assertStops(running)

    def limited(self, bytes_):
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, bytes_))

    def test_report_log_7_a_log_that_may_not_grow_does_not_end_the_program(self):
        running = self.start(
            "[aio]\nlog_file = x.log\n[server/e]\nprotocol = aio.examples.echo\nport = 0\n"
            "address = 127.0.0.1\n[listen/x]\naio-started = probe.heard\n"
            "[process/p]\nshell = yes\n"
            "command = trap '' XFSZ; while :; do echo a line of some length; sleep 0.005; done\n",
            preexec_fn=self.limited(8192))
        running.wait_for("File too large")
        port = int(re.search(r"started on \S+:(\d+)$", self.read("x.log"), re.M).group(1))
        self.assertEqual(self.exchange(port, b"x"), b"x")
        self.assertStops(running, OK)
        self.assertSaid(r"\d+ .*lost.*File too large|File too large.*\d+ .*lost", running.err)

    def test_report_log_7_every_command_that_writes_a_file_says_why_it_cannot(self):
        long = "x" * 10000
        for args in (("config", "-s", f"aio:log_file={long}"), ("config", "-s", "aio:log_file", long),
                     ("module", "new", "my.long")):
            with self.subTest(args=args[:3]):
                done = self.aio(*args, config=TICK, preexec_fn=self.limited(0))
                self.assertGreater(done.status, 0, str(done))
                if len(args) == 4:
                    self.assertSaid("File too large", done.err)
                self.assertEqual(self.read("aio.conf"), TICK)
        with (self.folder / "full").open("wb") as full:
            done = self.aio("config", "schema", preexec_fn=self.limited(0), config=TICK)
            self.assertEqual(done.status, OK)
            ended = subprocess.run([str(AIO), "config", "schema"], cwd=self.folder, stdout=full,
                                   stderr=subprocess.PIPE, env=clean_environment(), check=False,
                                   preexec_fn=self.limited(100))
        self.assertEqual(ended.returncode, FAILED)
        self.assertIn(b"File too large", ended.stderr)

    def test_report_log_7_children_and_commands_of_modules_get_the_default_back(self):
        running = self.start(
            "[process/p]\nshell = yes\n"
            "command = grep -E '^Sig(Ign|Cgt):' /proc/self/status | sed 's/^/child /'; sleep 1000\n"
            "[schedule/x]\nevery = 1h\nfunc = probe.runs_command\n")
        running.wait_for("^command ended 0$")
        for who in ("child", "command"):
            ignored = running.wait_for(rf"{who} SigIgn:\s+([0-9a-f]+)$").group(1)
            for number in (signal.SIGXFSZ, signal.SIGPIPE):
                self.assertFalse(int(ignored, 16) >> (number - 1) & 1, running.report())
        self.assertStops(running)

    def removed(self):
        """Runs in a working directory that is gone by then."""
        gone = self.folder / "gone"
        gone.mkdir(exist_ok=True)

        def leave():
            os.chdir(gone)
            os.rmdir(gone)
        return leave

    def test_report_prc_7_the_working_directory_has_been_removed(self):
        place = self.folder
        for more in ("", f"[aio]\nlog_file = {place}/x.log\n", f"[aio]\npid_file = {place}/x.pid\n",
                     f"[aio]\nworking_directory = {place}\nlog_file = y.log\n"):
            with self.subTest(more=more):
                self.write("aio.conf", more + TICK)
                running = self.start(None, command=("-c", f"{place}/aio.conf", "run"),
                                     preexec_fn=self.removed())
                running.wait_for("^tick")
                self.assertStops(running, OK)

    def test_report_prc_7_a_relative_path_there_is_one_sentence_in_words(self):
        for option in ("pid_file", "log_file"):
            with self.subTest(option=option):
                self.write("aio.conf", f"[aio]\n{option} = x.file\n" + TICK)
                running = self.start(None, command=("-c", f"{self.folder}/aio.conf", "run"),
                                     preexec_fn=self.removed())
                self.assertEnded(running, BAD_CONFIG)
                self.assertSaid(f"error: .*{option}.*: its folder has been removed$", running.err)
                self.assertNotSaid("filesystem error|current path|terminate", running.err)

    def test_report_prc_7_every_relative_path_there_is_told_in_words(self):
        server = "[server/s]\nprotocol = aio.examples.echo\ntransport = unix\npath = x.sock\n"
        for args, config in ((("run",), "[aio]\nworking_directory = x\n" + TICK),
                             (("run",), server),
                             (("-o", "x:a=${file:y}", "config", "check"), TICK),
                             (("config", "-s", "x:a", "1"), None)):
            with self.subTest(args=args, config=config):
                self.write("aio.conf", config or "")
                file = "new.conf" if config is None else f"{self.folder}/aio.conf"
                done = self.aio("-c", file, *args, preexec_fn=self.removed())
                self.assertNotEqual(done.status, OK)
                self.assertSaid("its folder has been removed$", done)

    def test_report_prc_7_other_commands_there(self):
        self.write("aio.conf", TICK)
        for args in (("config",), ("config", "check"), ("graph",), ("module", "list"),
                     ("test", "probe.good")):
            with self.subTest(args=args):
                done = self.aio("-c", f"{self.folder}/aio.conf", *args, preexec_fn=self.removed())
                self.assertStatus(done, OK)

    def test_closed_standard_descriptors_are_dev_null(self):
        def close():
            for fd in (0, 1, 2):
                os.close(fd)

        # Nothing of ours is open then: not even a pipe to read from.
        running = self.start("[aio]\nlog_file = x.log\n" + TICK, preexec_fn=close)
        self.log_says("x.log", "Started$")
        for fd in ("0", "1", "2"):
            self.assertEqual(os.readlink(f"/proc/{running.pid}/fd/{fd}"), "/dev/null")
        self.assertStops(running)

    def test_no_descriptor_leaks_to_a_child(self):
        running, _ = self.serve(ECHO + "[schedule/s]\nevery = 1h\nfunc = probe.child\n")
        running.wait_for("^child sees (.*)$")
        seen = running.wait_for("^child sees (.*)$").group(1).split()
        self.assertEqual(sorted(seen)[:3], ["0", "1", "2"])
        self.assertLessEqual(len(seen), 4, seen)
        self.assertStops(running)


@unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
class Privileges(Case):
    def ids(self, pid):
        status = proc(pid, "status")
        uid = re.search(r"Uid:\s+(.*)", status).group(1).split()
        gid = re.search(r"Gid:\s+(.*)", status).group(1).split()
        return set(uid), set(gid), re.search(r"Groups:(.*)", status).group(1).split()

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.nobody = pwd.getpwnam("nobody")

    def test_user_and_group_are_set_after_binding(self):
        running, port = self.serve("[aio]\nuser = nobody\n" + ECHO)
        uid, gid, groups = self.ids(running.pid)
        self.assertEqual(uid, {str(self.nobody.pw_uid)})
        self.assertEqual(gid, {str(self.nobody.pw_gid)})
        self.assertNotIn("0", groups)
        for thread in os.listdir(f"/proc/{running.pid}/task"):
            status = proc(running.pid, f"task/{thread}/status")
            self.assertRegex(status, rf"Uid:\s+{self.nobody.pw_uid}\s")
        self.assertEqual(self.exchange(port, b"alive"), b"alive")
        self.assertStops(running)

    def variables(self, config):
        """What HOME and the like are in a child of a process with this [aio] section."""
        self.write("show", "echo home=$HOME user=$USER logname=$LOGNAME shell=$SHELL mail=$MAIL.\n")
        running = self.start(config + "[process/p]\ncommand = env sh show\n" + TICK, env={
            "HOME": "/root", "USER": "root", "LOGNAME": "root", "SHELL": "/bin/zsh", "MAIL": "/m"})
        said = running.wait_for(r"(home=\S* user=\S* logname=\S* shell=\S* mail=\S*)\.$").group(1)
        self.assertStops(running)
        return said

    def test_the_variables_of_root_are_replaced_by_those_of_the_user(self):
        home, shell = self.nobody.pw_dir, self.nobody.pw_shell
        self.assertEqual(self.variables("[aio]\nuser = nobody\n"),
                         f"home={home} user=nobody logname=nobody shell={shell} mail=")
        self.assertEqual(self.variables("[aio]\nuser = 54321\n"),
                         "home= user= logname= shell= mail=")
        for same in ("group = daemon", "user = root"):
            self.assertEqual(self.variables(f"[aio]\n{same}\n"),
                             "home=/root user=root logname=root shell=/bin/zsh mail=/m")

    def test_services_are_made_as_the_user(self):
        service = "[service/{}]\nclass = probe.made_by\n"
        running, port = self.serve(
            "[aio]\nuser = nobody\n" + service.format("far") + "loop = own\n"
            + service.format("near") + ECHO + "depends = service/near\n")
        running.wait_for("^service/far started$")
        for made in ("near", "far"):
            self.assertInOrder([rf"^service/{made} made by 65534$", "INFO.*: Starting$",
                                rf"^service/{made} started$"], running.out)
        self.assertInOrder(["^service/near started$", r"Server\(x\) .* started on"], running.out)
        self.assertEqual(self.exchange(port, b"alive"), b"alive")
        self.assertStops(running)

    def test_a_service_that_cannot_be_made_as_the_user_starts_nothing(self):
        config = ("[aio]\nuser = nobody\n[service/a]\nclass = probe.made_by\n[service/b]\n"
                  "class = probe.made_by\nfails = yes\n[service/c]\nclass = probe.unmakeable\n")
        running = self.start(config)
        self.assertEnded(running, FAILED)
        self.assertSaid("ERROR.*: service/b: cannot be made$", running)
        self.assertSaid("ERROR.*: service/c: cannot be made$", running)
        self.assertSaid("^aio: 2 of 3 services could not start$", running.err)
        self.assertNotSaid("Starting|started", running)

    def test_a_group_alone(self):
        running, _ = self.serve("[aio]\ngroup = daemon\n" + ECHO)
        uid, gid, groups = self.ids(running.pid)
        self.assertEqual(uid, {"0"})
        self.assertEqual(gid, {"1"})
        self.assertStops(running)

    def test_logs_are_given_to_the_user_and_the_pid_file_is_not(self):
        running = self.start(
            "[aio]\nuser = nobody\nlog_file = x.log\npid_file = x.pid\n" + TICK
        )
        running.wait_for("^tick")
        self.assertEqual((self.folder / "x.log").stat().st_uid, self.nobody.pw_uid)
        self.assertEqual((self.folder / "x.pid").stat().st_uid, 0)
        self.assertEqual((self.folder / "x.pid").stat().st_mode & 0o022, 0)
        self.assertStops(running)

    def test_a_unix_socket_is_given_to_the_user(self):
        config = ("[aio]\nuser = nobody\npid_file = x.pid\n[server/x]\n"
                  "protocol = aio.examples.echo\ntransport = unix\npath = sock\n")
        for again in range(2):  # what was left behind is in nobody's way
            running = self.start(config)
            running.wait_for("started on sock")
            self.assertEqual((self.folder / "sock").stat().st_uid, self.nobody.pw_uid)
            self.assertEqual((self.folder / "sock").stat().st_gid, self.nobody.pw_gid)
            self.assertStops(running)
            self.assertSaid("INFO.*cannot remove 'sock': Permission denied", running)
            self.assertSaid(r"INFO.*x\.pid cannot be removed \(Permission denied\)", running)
            self.assertEqual(self.read("x.pid"), "")

    def test_in_a_folder_of_the_user_nothing_is_left_behind(self):
        (self.folder / "his").mkdir()
        os.chown(self.folder / "his", self.nobody.pw_uid, self.nobody.pw_gid)
        running = self.start("[aio]\nuser = nobody\nworking_directory = his\npid_file = x.pid\n"
                             "[server/x]\nprotocol = aio.examples.echo\ntransport = unix\n"
                             "path = sock\n")
        running.wait_for("started on sock")
        self.assertTrue((self.folder / "his/x.pid").exists())
        self.assertStops(running)
        self.assertNotSaid("WARNING", running)
        self.assertEqual(os.listdir(self.folder / "his"), [])

    def test_a_user_that_does_not_exist(self):
        self.refused("[aio]\nuser = nobdy\n" + TICK, r"aio\.conf:2:8: error: .*'nobdy'")

    def test_another_user_than_root_cannot_become_one(self):
        self.write("aio.conf", "[aio]\nuser = root\n" + TICK)
        done = self.aio("run", user="nobody", group="nogroup", extra_groups=[])
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(r"aio\.conf:2:8: error: .*root", done)


if __name__ == "__main__":
    main()
