"""`aio run -d`: behaviour §3. Daemons become our children when their parents end (support.py)."""

import os
import re
import shutil
import signal
import socket
import time
import unittest

from support import AIO, BAD_CONFIG, Case, FAILED, FORCED, OK, Running, SLOW, USAGE, clean_environment, gone, main

TICK = "[schedule/tick]\nevery = 1h\nfunc = probe.tick\n"
CONFIG = "[aio]\npid_file = x.pid\nlog_file = x.log\n"


class Daemon(Case):
    def daemon(self, config, *args, **more):
        """Starts one; returns what the typed command said, and the daemon's process id."""
        done = self.aio("run", "-d", *args, config=config, **more)
        pid = None
        if (self.folder / "x.pid").exists():
            pid = int(self.read("x.pid") or 0) or None
        if done.status == OK and pid:
            self.addCleanup(self.end, pid)
        return done, pid

    def end(self, pid):
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            pass

    def stop(self, pid):
        os.kill(pid, signal.SIGTERM)
        return gone(pid)

    def test_it_runs_in_the_background_and_stops_by_its_pid_file(self):
        done, pid = self.daemon(CONFIG + TICK)
        self.assertRan(done, "")
        self.assertNotEqual(os.getsid(pid), os.getsid(0))
        self.assertSaid(r"INFO\(aio\): Started$", self.read("x.log"))
        self.assertEqual(self.stop(pid), OK)
        self.assertFalse((self.folder / "x.pid").exists())
        self.assertSaid(r"Scheduler started \(tick\)", self.read("x.log"))

    def test_what_is_printed_goes_to_the_log_file(self):
        done, pid = self.daemon(CONFIG + TICK + "[listen/x]\naio-starting = probe.heard\n")
        self.assertStatus(done, OK)
        self.log_says("x.log", "^tick tick")
        self.assertEqual(self.stop(pid), OK)

    def spoken(self, name, least):
        """What the log says before each line that was printed in the same turn."""
        text = self.log_says(name, rf"(?s)(^spoken$.*){{{least}}}")
        lines = text.split("\n")
        return {lines[i - 1].rpartition(": ")[2] for i, line in enumerate(lines)
                if line == "spoken"}

    def test_what_is_logged_and_printed_in_one_turn_keeps_its_order(self):
        speak = "[schedule/s]\nevery = 50ms\nfunc = probe.speak\ntext = logged\n"
        done, pid = self.daemon(CONFIG + speak)
        self.assertStatus(done, OK)
        self.assertEqual(self.spoken("x.log", 2), {"logged"})
        (self.folder / "x.log").rename(self.folder / "x.log.1")
        os.kill(pid, signal.SIGUSR1)
        self.log_says("x.log", "Log files reopened$")
        self.assertEqual(self.spoken("x.log", 2), {"logged"})
        self.assertEqual(self.stop(pid), OK)

    def test_the_parent_waits_for_aio_started(self):
        begun = time.monotonic()
        done, pid = self.daemon(CONFIG + TICK + "[listen/x]\naio-starting = probe.later\n")
        self.assertStatus(done, OK)
        self.assertGreaterEqual(time.monotonic() - begun, 0.95)
        self.assertSaid(r"Scheduler started", self.read("x.log"))
        self.assertEqual(self.stop(pid), OK)

    def test_the_parent_has_the_childs_status_when_the_start_fails(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done, _ = self.daemon(
                CONFIG + "[server/x]\nprotocol = aio.examples.echo\naddress = 127.0.0.1\n"
                         f"port = {port}\n"
            )
        self.assertStatus(done, FAILED)
        reason = r"Server\(x\) failed to start: .*Address already in use"
        self.assertSaid(reason, self.read("x.log"))
        self.assertSaid("^aio: " + reason, done.err)
        self.assertSaid("^aio: 1 of 1 services could not start", done.err)
        self.assertFalse((self.folder / "x.pid").exists())

    def test_a_reason_is_printed_when_a_start_fails_on_the_loop(self):
        done, _ = self.daemon(CONFIG + "[service/c]\nclass = probe.cannot\nmust = x\n")
        self.assertStatus(done, FAILED)
        self.assertSaid("^aio: .*port in use", done.err)

    @unittest.skipUnless(os.geteuid() == 0, "only root becomes somebody else")
    def test_its_log_need_not_be_within_reach_of_the_user(self):
        self.folder.chmod(0o700)
        done, pid = self.daemon(CONFIG + "user = nobody\n" + TICK)
        self.assertStatus(done, OK)
        self.assertSaid("warning: .* 'x.log' cannot be reopened by SIGUSR1: nobody may not search", done.err)
        self.assertEqual(os.readlink(f"/proc/{pid}/fd/2"), str(self.folder / "x.log"))
        self.assertEqual(self.stop(pid), OK)
        self.assertSaid(r"INFO\(aio\): Pid file x.pid cannot be removed", self.read("x.log"))
        self.assertEqual(self.read("x.pid"), "")

    def test_the_parent_passes_a_stop_on_and_ends_with_the_childs_status(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            running = self.start(
                CONFIG + TICK + "[listen/x]\naio-starting = probe.hangs\n", "-d"
            )
            running.wait_for("^hangs begins$")
            self.assertStops(running, OK, number)
            self.assertSaid("^aio: stopped before everything had started$", running.err)
            self.assertSaid("received", self.read("x.log"))
            self.assertFalse((self.folder / "x.pid").exists())

    def test_a_daemon_that_is_ended_by_force_says_so_to_its_parent(self):
        running = self.start(
            CONFIG + TICK + "[listen/x]\naio-starting = probe.blocks\n",
            "-d", "--stop-timeout", "500ms"
        )
        running.wait_for("^blocks begins$")
        self.assertStops(running, FORCED)
        self.assertFalse((self.folder / "x.pid").exists())

    def test_the_parent_has_the_status_of_a_start_that_exits(self):
        for how, status, said in (("exit", 5, "^aio: ended with status 5 before everything had started$"),
                                  ("exit_0", 0, "^aio: ended with status 0 before everything "),
                                  ("quick_exit", 7, "^aio: ended with status 7 before everything "),
                                  ("kill", 128 + 9, "^aio: Killed: ended before everything had ")):
            for stage in ("constructor", "start", "thread"):
                with self.subTest(how=how, stage=stage):
                    done, _ = self.daemon(CONFIG + "[service/s]\nclass = probe.exits_in\n"
                                                   f"how = {how}\nstage = {stage}\n")
                    self.assertStatus(done, status)
                    self.assertSaid(said, done.err)

    def test_a_destructor_that_exits_is_told_in_the_log(self):
        done, pid = self.daemon(CONFIG + TICK + "[service/s]\nclass = probe.exits_in\n"
                                                "stage = destructor\n")
        self.assertStatus(done, OK)
        self.assertEqual(self.stop(pid), 5)
        self.assertInOrder(["Stopped$", r"exit\(\) was called in thread .*before everything was "],
                           self.read("x.log"))
        self.assertFalse((self.folder / "x.pid").exists())

    def test_the_parent_has_the_status_when_exit_statuses_are_discarded(self):
        """Programs that start others may leave SIGCHLD ignored."""
        running = self.start(CONFIG + "[service/s]\nclass = probe.exits_in\n", "-d",
                             preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.assertEnded(running, 5)

    def test_a_stop_before_anything_has_started_is_told(self):
        config = (CONFIG + "[service/a]\nclass = probe.made_by\ntakes = 600ms\n"
                           "[service/b]\nclass = probe.made_by\n" + TICK)
        running = self.start(config, "-d")
        running.wait_for("^service/a made by")
        running.send(signal.SIGTERM)
        self.assertEnded(running, OK)
        self.assertSaid("^aio: (stopped before everything had started"
                        "|told to stop before any service has started, ending)$", running.err)

    def test_a_failure_that_coincides_with_a_stop_is_told(self):
        config = (CONFIG + "[service/a]\nclass = probe.made_by\ntakes = 600ms\nfails = yes\n"
                  + TICK)
        for args in ((), ("-d",)):
            with self.subTest(args=args):
                running = self.start(config, *args)
                running.wait_for("^service/a made by")
                running.send(signal.SIGTERM)
                self.assertEnded(running, FAILED)
                self.assertSaid("^aio: 1 of 2 services could not start$", running.err)
                self.assertSaid("ERROR.*: service/a: cannot be made$", self.read("x.log"))

    def test_a_wrong_configuration_is_78_and_said_on_the_terminal(self):
        done, _ = self.daemon(CONFIG + TICK + "[server/x]\n")
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid("must specify one of factory or protocol", done.err)

    def test_a_second_start_is_refused(self):
        done, pid = self.daemon(CONFIG + TICK)
        self.assertStatus(done, OK)
        second, _ = self.daemon(CONFIG + TICK)
        self.assertStatus(second, FAILED)
        self.assertSaid(rf"{pid}", second.err)
        self.assertEqual(self.read("x.pid"), f"{pid}\n")
        self.assertEqual(self.stop(pid), OK)

    def test_a_stale_pid_file_is_replaced(self):
        self.write("x.pid", "999999\n")
        done, pid = self.daemon(CONFIG + TICK)
        self.assertStatus(done, OK)
        self.assertNotEqual(pid, 999999)
        self.assertEqual(self.stop(pid), OK)

    def test_without_a_log_to_write_to_it_is_refused(self):
        done, _ = self.daemon("[aio]\npid_file = x.pid\n" + TICK)
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid("log_file", done.err)

    def test_under_a_service_manager_it_is_refused(self):
        for env in ({"NOTIFY_SOCKET": "/run/x"}, {"LISTEN_FDS": "1"}):
            done, _ = self.daemon(CONFIG + TICK, env=env)
            self.assertStatus(done, USAGE)
            self.assertSaid("|".join(env), done.err)

    def test_relative_paths_count_from_where_it_was_started(self):
        done, pid = self.daemon(
            CONFIG + "[server/x]\nprotocol = aio.examples.echo\ntransport = unix\npath = sock\n"
        )
        self.assertStatus(done, OK)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10 * SLOW)
            client.connect(str(self.folder / "sock"))
            client.sendall(b"x")
            self.assertEqual(client.recv(1), b"x")
        self.assertEqual(self.stop(pid), OK)
        self.assertFalse((self.folder / "sock").exists())

    def test_working_directory_counts_with_d_too(self):
        (self.folder / "place").mkdir()
        done = self.aio(
            "run", "-d", config=CONFIG + "working_directory = place\n" + TICK
        )
        self.assertStatus(done, OK)
        pid = int(self.read("place/x.pid"))
        self.addCleanup(self.end, pid)
        self.assertTrue((self.folder / "place/x.log").exists())
        self.assertEqual(self.stop(pid), OK)

    def test_the_log_is_reopened(self):
        done, pid = self.daemon(
            CONFIG + "[schedule/tick]\nevery = 50ms\nfunc = probe.speak\n"
        )
        self.assertStatus(done, OK)
        os.rename(self.folder / "x.log", self.folder / "old.log")
        os.kill(pid, signal.SIGUSR1)
        deadline = time.monotonic() + 10 * SLOW
        while not ((self.folder / "x.log").exists() and "an info" in self.read("x.log")):
            self.assertLess(time.monotonic(), deadline, "the log was not opened again")
            time.sleep(0.02)
        self.assertEqual(self.stop(pid), OK)

    def test_output_and_error_follow_the_log(self):
        done, pid = self.daemon(CONFIG + TICK)
        self.assertStatus(done, OK)
        os.rename(self.folder / "x.log", self.folder / "old.log")
        os.kill(pid, signal.SIGUSR1)
        self.log_says("x.log", "Log files reopened")
        os.kill(pid, signal.SIGUSR2)
        self.log_says("x.log", "^loop main: ")  # said on standard error, not logged
        for fd in ("1", "2"):
            self.assertEqual(os.readlink(f"/proc/{pid}/fd/{fd}"), str(self.folder / "x.log"))
        self.assertEqual(self.stop(pid), OK)

    def test_a_removed_log_is_found_again(self):
        (self.folder / "logs").mkdir()
        done, pid = self.daemon("[aio]\npid_file = x.pid\nlog_file = logs/x.log\n" + TICK)
        self.assertStatus(done, OK)
        (self.folder / "logs/x.log").unlink()
        (self.folder / "logs").rmdir()
        os.kill(pid, signal.SIGUSR1)
        time.sleep(0.5)  # it has tried at least once
        (self.folder / "logs").mkdir()
        self.log_says("logs/x.log", "Standard output and error go to logs/x.log again, "
                                    "[1-9][0-9]* records were lost")
        self.assertEqual(os.readlink(f"/proc/{pid}/fd/2"), str(self.folder / "logs/x.log"))
        self.assertEqual(self.stop(pid), OK)

    def daemon_without_room(self, taken):
        """A daemon whose log_file, v/x.log, finds no room: the command `taken` has made v/1."""
        self.write("aio.conf", "[aio]\npid_file = x.pid\nlog_file = v/x.log\nlog_handlers = b\n"
                               "[handler_b]\nclass = FileHandler\nargs = ('b.log',)\n" + TICK)
        (self.folder / "v").mkdir()
        script = ("mount --make-rprivate /\nmount -t tmpfs -o size=1m,nr_inodes=2 none v\n"
                  f"{taken} v/1\nexec {AIO} run -d")
        running = Running(["unshare", "-m", "sh", "-ec", script], self.folder, clean_environment())
        self.addCleanup(running.kill)
        self.assertEnded(running, OK)
        pid = int(self.read("x.pid"))
        self.addCleanup(self.end, pid)
        self.assertEqual(os.readlink(f"/proc/{pid}/fd/2"), "/dev/null")
        return pid

    FOUND = "Standard output and error go to v/x.log again, 0 records were lost"

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "needs root and namespaces")
    def test_output_is_found_when_there_is_room_for_the_log(self):
        pid = self.daemon_without_room(": >")
        os.unlink(f"/proc/{pid}/cwd/v/1")
        self.log_says("b.log", self.FOUND)
        self.assertEqual(os.readlink(f"/proc/{pid}/fd/2"), str(self.folder / "v/x.log"))
        self.assertEqual(self.stop(pid), OK)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which("unshare"), "needs root and namespaces")
    def test_output_is_not_found_while_nobody_reads_the_log(self):
        pid = self.daemon_without_room("mkfifo")
        path = f"/proc/{pid}/cwd/v/x.log"
        os.rename(f"/proc/{pid}/cwd/v/1", path)
        time.sleep(1.5)  # it has tried at least once
        self.assertNotSaid("again", self.read("b.log"))
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.log_says("b.log", self.FOUND)
        self.assertEqual(os.readlink(f"/proc/{pid}/fd/2"), str(self.folder / "v/x.log"))
        self.assertEqual(self.stop(pid), OK)

    TURNED = ("log_handlers = f\n[handler_f]\nclass = RotatingFileHandler\n"
              "args = ('x.log', 'a', 2000, 2)\n")
    SPEAK = "[schedule/s]\nevery = 20ms\nfunc = probe.speak\n"

    def outputs(self, pid):
        return {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in (1, 2)}

    def test_output_and_error_follow_each_turn_of_the_log(self):
        done, pid = self.daemon(CONFIG + self.TURNED + self.SPEAK)
        self.assertRan(done, "")
        for _ in range(3):
            self.log_says("x.log.2", ".")
            (self.folder / "x.log.2").unlink(missing_ok=True)
        os.kill(pid, signal.SIGUSR2)
        said = re.compile("^loop main: ", re.M)
        deadline = time.monotonic() + 10 * SLOW
        while not any(said.search(path.read_text()) for path in self.folder.glob("x.log*")):
            self.assertLess(time.monotonic(), deadline, "the list of tasks is in no file")
        self.assertIn(str(self.folder / "x.log"), self.outputs(pid) | self.outputs(pid))
        self.assertEqual(self.stop(pid), OK)

    def test_the_report_of_a_crash_is_in_the_log_that_was_turned(self):
        done, pid = self.daemon(CONFIG + self.TURNED + self.SPEAK,
                                env={"ASAN_OPTIONS": "handle_segv=0"})
        self.assertRan(done, "")
        self.log_says("x.log.2", ".")
        (self.folder / "x.log.2").unlink()
        self.log_says("x.log.2", ".")
        os.kill(pid, signal.SIGSEGV)
        gone(pid)
        texts = "".join(path.read_text() for path in self.folder.glob("x.log*"))
        self.assertSaid("SIGSEGV", texts)

    def test_output_of_the_caller_does_not_follow_the_log(self):
        out = (self.folder / "x.log").open("a")
        self.addCleanup(out.close)
        running = self.start("[aio]\n" + self.TURNED + self.SPEAK, stdout=out, stderr=out)
        self.log_says("x.log.1", ".")
        self.assertTrue(all(path.startswith(str(self.folder / "x.log."))
                            for path in self.outputs(running.pid)))
        self.assertStops(running)

    def test_a_log_file_for_the_output_alone_is_no_mistake_of_a_daemon(self):
        config = "[aio]\npid_file = x.pid\nlog_file = out.log\n" + self.TURNED + TICK
        warning = (r"^aio.conf:3:12: warning: \[aio\] log_file has no effect without -d: no logger "
                   r"uses \[handler_consoleHandler\], the one it changes$")
        self.assertSaid(warning, self.aio("config", "check", config=config))
        done, pid = self.daemon(config)
        self.assertRan(done, "")
        self.assertEqual(self.outputs(pid), {str(self.folder / "out.log")})
        self.assertEqual(self.stop(pid), OK)

    def test_without_a_log_file_the_start_says_what_is_lost(self):
        done, pid = self.daemon("[aio]\npid_file = x.pid\n" + self.TURNED + TICK)
        self.assertStatus(done, OK)
        self.assertSaid(r"warning: a daemon without \[aio\] log_file has no standard output and error",
                        done.err)
        os.kill(pid, signal.SIGUSR2)
        self.log_says("x.log", r"^The task list cannot be written to standard error "
                               r"\(it leads nowhere\):\n(.*\n)*.*loop main: ")
        self.assertEqual(self.stop(pid), OK)

    def test_a_relative_log_is_found_again_in_a_new_working_directory(self):
        place = self.folder / "place"
        place.mkdir()
        config = CONFIG.replace("x.pid", str(self.folder / "x.pid"))
        done, pid = self.daemon(config + f"working_directory = {place}\n" + TICK)
        self.assertRan(done, "")
        (place / "x.log").unlink()
        place.rmdir()
        os.kill(pid, signal.SIGUSR1)
        time.sleep(0.5)  # it has tried at least once
        place.mkdir()
        text = self.log_says("place/x.log", "Standard output and error go to x.log again, "
                                            "[1-9][0-9]* records were lost")
        self.assertEqual(self.outputs(pid), {str(place / "x.log")})
        os.kill(pid, signal.SIGUSR1)
        text = self.log_says("place/x.log", "Log files reopened")
        self.assertNotSaid("not reopened", text)
        self.assertEqual(self.stop(pid), OK)

    def test_a_descriptor_that_is_no_terminal_is_a_log(self):
        for path in ("/dev/stdout", "/proc/self/fd/1", "link"):
            (self.folder / "link").unlink(missing_ok=True)
            (self.folder / "link").symlink_to("/dev/stdout")
            out = (self.folder / "out").open("w")
            config = f"[aio]\npid_file = x.pid\nlog_file = {path}\n" + TICK
            running = self.start(config, "-d", stdout=out)
            out.close()
            self.assertEnded(running, OK)
            pid = int(self.read("x.pid"))
            self.addCleanup(self.end, pid)
            self.log_says("out", "INFO.aio.: Started$")
            self.assertEqual(self.outputs(pid), {str(self.folder / "out")})
            self.assertEqual(self.stop(pid), OK)

    def test_a_descriptor_that_is_a_terminal_is_refused_with_its_place(self):
        master, slave = os.openpty()
        self.addCleanup(os.close, master)
        for path, fd in (("/dev/stdout", 1), ("/dev/fd/2", 2), (f"/dev/fd/{slave}", slave)):
            more = {"pass_fds": (slave,)} if fd == slave else {{1: "stdout", 2: "stderr"}[fd]: slave}
            running = self.start(f"[aio]\nlog_file = {path}\n" + TICK, "-d", **more)
            self.assertEnded(running, BAD_CONFIG)
            if fd != 2:
                self.assertSaid(r"^aio.conf:2:12: error: \[aio\] log_file is a terminal, which a "
                                "daemon leaves$", running.err)
        os.close(slave)

    def test_a_descriptor_that_leads_nowhere_is_refused_with_its_place(self):
        config = "[aio]\npid_file = x.pid\nlog_file = {}\n" + TICK
        handler = ("[aio]\npid_file = x.pid\nlog_handlers = h\n[handler_h]\nclass = FileHandler\n"
                   "args = ('{}',)\n" + TICK)
        read, unread = os.pipe()
        os.close(read)
        self.addCleanup(os.close, unread)
        removed = (self.folder / "removed").open("w")
        self.addCleanup(removed.close)
        (self.folder / "removed").unlink()
        nothing = open(os.devnull, "w")
        self.addCleanup(nothing.close)
        said = r" leads nowhere: it is closed, /dev/null, a removed file or a pipe without a reader$"
        for stdout in (nothing, removed, unread):
            running = self.start(config.format("/dev/stdout"), "-d", stdout=stdout)
            self.assertEnded(running, BAD_CONFIG)
            self.assertSaid(r"^aio.conf:3:12: error: \[aio\] log_file" + said, running.err)
        for path in ("/dev/fd/1", "/proc/self/fd/1"):
            running = self.start(handler.format(path), "-d", preexec_fn=lambda: os.close(1))
            self.assertEnded(running, BAD_CONFIG)
            self.assertSaid(r"^aio.conf:6:\d+: error: \[handler_h\]" + said, running.err)
        self.assertFalse((self.folder / "x.pid").exists())

    def test_what_nobody_else_may_read_stays_so(self):
        """A log that is found again has the mode of the one before, whoever makes it."""
        for more in ("", "[logger_root]\nhandlers = h\n[handler_h]\nclass = FileHandler\n"
                         "args = ('other.log',)\n"):
            with self.subTest(more=more):
                (self.folder / "logs").mkdir()
                self.write("logs/x.log", "")
                os.chmod(self.folder / "logs/x.log", 0o600)
                done, pid = self.daemon(
                    "[aio]\npid_file = x.pid\nlog_file = logs/x.log\n" + more + TICK)
                self.assertStatus(done, OK)
                os.rename(self.folder / "logs", self.folder / "gone")
                os.kill(pid, signal.SIGUSR1)
                self.log_says("other.log" if more else "gone/x.log", "not reopened")
                (self.folder / "logs").mkdir()
                self.log_says("other.log" if more else "logs/x.log", "go to logs/x.log again")
                self.assertEqual((self.folder / "logs/x.log").stat().st_mode & 0o777, 0o600)
                self.assertEqual(self.stop(pid), OK)
                shutil.rmtree(self.folder / "logs")
                shutil.rmtree(self.folder / "gone")

    def test_a_daemon_whose_records_nobody_gets_is_refused(self):
        os.mkfifo(self.folder / "fifo")
        for log in ("log_file = fifo", f"log_handlers = h\n[handler_h]\nclass = SysLogHandler\n"
                                       f"args = ('{self.folder}/none',)"):
            done, _ = self.daemon(f"[aio]\n{log}\n" + TICK)
            self.assertStatus(done, BAD_CONFIG)
            self.assertSaid(r"^aio.conf:\d+:\d+: error: .* cannot be reached, and a daemon has no "
                            "standard error$", done.err)
            self.assertSaid("warning: the log cannot ", done.err)

    def test_one_of_several_logs_that_cannot_be_reached_is_a_warning(self):
        done, pid = self.daemon("[aio]\npid_file = x.pid\nlog_handlers = h\n  f\n"
                                "[handler_f]\nclass = FileHandler\nargs = ('x.log',)\n"
                                "[handler_h]\nclass = SysLogHandler\n"
                                f"args = ('{self.folder}/none',)\n" + TICK)
        self.assertStatus(done, OK)
        self.assertSaid(r"^aio.conf:\d+:\d+: warning: \[handler_h\] cannot be reached, and a daemon "
                        "has no standard error: its records are lost until it can$", done.err)
        self.assertEqual(self.stop(pid), OK)

    def descriptor_to_a_pipe(self):
        """The end of a pipe that others inherit, and whether another process has that end, too."""
        read, write = os.pipe()
        self.addCleanup(os.close, read)
        os.set_blocking(read, False)
        return read, write

    def has_ended(self, read):
        try:
            return os.read(read, 100) == b""
        except BlockingIOError:
            return False

    def test_what_the_caller_had_open_is_closed(self):
        read, write = self.descriptor_to_a_pipe()
        done, pid = self.daemon(CONFIG + TICK, pass_fds=(write,))
        os.close(write)
        self.assertRan(done, "")
        self.assertTrue(self.has_ended(read))
        self.assertEqual(self.stop(pid), OK)

    def test_a_descriptor_that_the_configuration_names_is_kept(self):
        for log in ("/dev/fd/{}", "/proc/self/fd/{}", "link"):
            with self.subTest(log=log):
                read, write = self.descriptor_to_a_pipe()
                _, other = self.descriptor_to_a_pipe()
                (self.folder / "link").unlink(missing_ok=True)
                (self.folder / "link").symlink_to(f"/dev/fd/{write}")
                config = (f"[aio]\npid_file = x.pid\nlog_handlers = h\n[handler_h]\n"
                          f"class = FileHandler\nargs = ('{log.format(write)}',)\n")
                done, pid = self.daemon(config + TICK, pass_fds=(write, other))
                os.close(write)
                os.close(other)
                self.assertStatus(done, OK)
                self.assertFalse(os.path.exists(f"/proc/{pid}/fd/{other}") and
                                 os.readlink(f"/proc/{pid}/fd/{other}").startswith("pipe:"))
                self.assertIn(b"Started", os.read(read, 65536))
                self.assertEqual(self.stop(pid), OK)
                self.assertTrue(os.read(read, 65536))
                self.assertTrue(self.has_ended(read))

    def test_no_terminal_and_no_pipe_is_kept(self):
        done, pid = self.daemon(CONFIG + TICK)
        self.assertStatus(done, OK)
        for fd in ("0", "1", "2"):
            where = os.readlink(f"/proc/{pid}/fd/{fd}")
            self.assertIn(where, ("/dev/null", str(self.folder / "x.log")))
        self.assertEqual(self.stop(pid), OK)


if __name__ == "__main__":
    main()
