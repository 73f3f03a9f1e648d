"""What a process says when it crashes, and that it says and does nothing while nothing happens."""

import os
import pty
import re
import resource
import signal
import time
import unittest
from pathlib import Path

from support import AIO, Case, MODULES, OK, Running, SLOW, clean_environment, gone, main

# Under a sanitizer the handlers are off, unless that leaves the signals to the program.
OURS = {"ASAN_OPTIONS": ":".join(
    f"{name}=0" for name in ("handle_segv", "handle_sigbus", "handle_sigfpe", "handle_sigill",
                             "handle_abort", "use_sigaltstack", "detect_leaks"))}
THREAD_SANITIZER = "tsan" in MODULES


def crashing(kind, func="crash", more=""):
    return f"[schedule/rock]\nevery = 1h\nfunc = probe.{func}\nkind = {kind}\n{more}"


@unittest.skipIf(THREAD_SANITIZER, "the thread sanitizer handles the signals itself")
class Fatal(Case):
    def setUp(self):
        super().setUp()
        limits = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, limits[1]))  # nobody wants to keep them
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, limits)

    def crash(self, config, *args, **more):
        return self.start(config, *args, env=OURS, **more)

    def test_each_of_them_says_what_happened_and_keeps_its_status(self):
        for kind, number in (("segv", signal.SIGSEGV), ("abort", signal.SIGABRT),
                             ("fpe", signal.SIGFPE), ("ill", signal.SIGILL),
                             ("bus", signal.SIGBUS)):
            with self.subTest(kind=kind):
                running = self.crash(crashing(kind))
                self.assertEnded(running, -number)
                self.assertInOrder(
                    [rf"^aio: {number.name} \(.*\)", r"^aio: in thread \d+ \(.+\), loop main, "
                     r"at work for schedule/rock: run 1$", r"^    .*probe\.so"], running.err)

    def test_the_address_of_a_fault_is_said(self):
        running = self.crash(crashing("segv"))
        self.assertEnded(running, -signal.SIGSEGV)
        self.assertSaid(r"^aio: SIGSEGV \(Segmentation fault\) at address 0x10$", running.err)

    def test_a_coroutine_that_went_on_is_known(self):
        running = self.crash(crashing("segv", "crash_later"))
        self.assertEnded(running, -signal.SIGSEGV)
        self.assertSaid("loop main, at work for schedule/rock: run 1$", running.err)

    def test_a_stack_that_overflows(self):
        for more in ("", "loop = own\n"):
            with self.subTest(more=more):
                running = self.crash(crashing("overflow", more=more))
                self.assertEnded(running, -signal.SIGSEGV, 60 * SLOW)
                self.assertInOrder(["^aio: SIGSEGV ", r"^    .*probe\.so"], running.err)

    def test_a_loop_of_its_own_and_a_worker_thread(self):
        running = self.crash(crashing("segv", more="loop = own\n"))
        self.assertEnded(running, -signal.SIGSEGV)
        self.assertSaid("loop schedule/rock, at work for schedule/rock", running.err)
        running = self.crash(crashing("segv", "crash_in_worker"))
        self.assertEnded(running, -signal.SIGSEGV)
        self.assertSaid("which runs no loop", running.err)
        running = self.crash(crashing("overflow", "crash_in_worker"))
        self.assertEnded(running, -signal.SIGSEGV, 60 * SLOW)
        self.assertInOrder(
            ["^aio: SIGSEGV ", "which runs no loop", r"^    .*probe\.so"], running.err)

    def test_what_was_logged_is_in_the_file(self):
        running = self.crash("[aio]\nlog_file = x.log\n" + crashing("segv"))
        self.assertEnded(running, -signal.SIGSEGV)
        self.assertSaid("the last line$", self.read("x.log"))

    def test_a_crash_in_a_command_of_a_module(self):
        config = "[aio]\nlog_file = x.log\n[aio/commands]\nboom = probe.crashing_command\n"
        done = self.aio("boom", config=config, env=OURS)
        self.assertStatus(done, -signal.SIGABRT)
        self.assertInOrder([r"^aio: SIGABRT \(.*\)", r"^    .*probe\.so"], done.err)
        self.assertSaid("the last line$", self.read("x.log"))

    def test_a_crash_while_a_module_is_set_up(self):
        config = "[schedule/t]\nevery = 1h\nfunc = probe.tick\n"
        for words in (("config", "check"), ("run",), ("run", "-d"), ("graph",),
                      ("module", "show", "probe")):
            with self.subTest(words=words):
                done = self.aio(*words, config="[aio]\nlog_file = x.log\n" + config,
                                env={**OURS, "PROBE_CRASHES": "1"})
                self.assertStatus(done, -signal.SIGABRT)
                self.assertInOrder([r"^aio: SIGABRT \(.*\)", r"^    .*probe\.so"], done.err)

    def test_log_handlers_of_modules_are_flushed(self):
        running = self.crash(
            crashing("segv") + "[logger_root]\nhandlers = bad, good\n"
            "[handler_bad]\nclass = probe.kept_lines\npath = bad.log\nhangs = the last line\n"
            "[handler_good]\nclass = probe.kept_lines\npath = good.log\n")
        self.assertEnded(running, -signal.SIGSEGV)
        self.assertSaid("the last line$", self.read("good.log"))

    def test_one_that_is_sent_names_the_sender(self):
        running = self.crash("[schedule/t]\nevery = 1h\nfunc = probe.tick\n")
        running.wait_for("^tick")
        running.send(signal.SIGABRT)
        self.assertEnded(running, -signal.SIGABRT)
        self.assertSaid(rf"^aio: SIGABRT \(Aborted\), sent by process {os.getpid()}$", running.err)

    @unittest.skipUnless(os.geteuid() == 0, "only root makes namespaces")
    def test_the_first_process_of_a_container_ends_too(self):
        for kind, number in (("abort", signal.SIGABRT), ("segv", signal.SIGSEGV)):
            with self.subTest(kind=kind):
                self.write("aio.conf", crashing(kind))
                running = Running(
                    ["unshare", "-fp", "--mount-proc", str(AIO), "run"], self.folder,
                    clean_environment(OURS))
                self.addCleanup(running.kill)
                self.assertIn(running.wait(), (-number, 128 + number), running.report())
                self.assertSaid(rf"^aio: {number.name} ", running.err)

    def test_in_the_background_it_is_in_the_log(self):
        done = self.aio("run", "-d", env=OURS, config=
                        "[aio]\nlog_file = x.log\npid_file = x.pid\n"
                        "[schedule/t]\nevery = 1h\nfunc = probe.tick\n")
        self.assertStatus(done, OK)
        pid = int(self.read("x.pid"))
        os.kill(pid, signal.SIGSEGV)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), -signal.SIGSEGV)
        self.log_says("x.log", r"^aio: SIGSEGV ")


    def test_the_stack_of_a_modules_own_thread_overflows(self):
        running = self.crash("[aio]\nlog_file = x.log\n[schedule/rock]\nevery = 1h\n"
                             "func = probe.overflow_in_thread\n")
        self.assertEnded(running, -signal.SIGSEGV, 60 * SLOW)
        self.assertInOrder(["^aio: SIGSEGV ", "which runs no loop", r"^    .*probe\.so"],
                           running.err)
        self.assertSaid("the last line$", self.read("x.log"))

    def test_a_copy_of_the_process_that_crashes_writes_no_line_again(self):
        running = self.crash("[aio]\nlog_file = x.log\n[schedule/s]\nevery = 1h\n"
                             "func = probe.forks\nhow = abort\n")
        running.wait_for("^forked$")
        self.assertStops(running)
        self.assertEqual(self.read("x.log").count("before the fork"), 1)


class Exits(Case):
    """Code of a module, or a library that it uses, calls exit()."""

    FILES = {
        "file": "[aio]\nlog_file = x.log\n",
        "rotating": "[logger_root]\nhandlers = h\n"
                    "[handler_h]\nclass = RotatingFile\nargs = ('x.log', 'a', 100000, 3)\n",
        "timed": "[logger_root]\nhandlers = h\n"
                 "[handler_h]\nclass = TimedRotatingFile\nargs = ('x.log', 'midnight')\n",
        "sink": "[logger_root]\nhandlers = h\n"
                "[handler_h]\nclass = probe.kept_lines\npath = x.log\n",
    }

    def exits(self, more="", log=FILES["file"], status=5):
        running = self.start(f"{log}[schedule/rock]\nevery = 1h\nfunc = probe.exits\n{more}")
        self.assertEnded(running, status)
        return running

    def test_the_last_line_is_written_and_who_has_called_exit(self):
        for name, log in self.FILES.items():
            with self.subTest(log=name):
                running = self.exits(log=log)
                text = self.read("x.log")
                self.assertInOrder(
                    ["the last line$", r"exit\(\) was called in thread \d+ \(.+\), loop main, at "
                     r"work for schedule/rock: run 1: the process ends without a stop$"], text)
                self.assertEqual(text.count("the last line"), 1, text)
                self.assertEqual(running.err, "")
                (self.folder / "x.log").unlink()

    def test_quick_exit(self):
        self.exits("how = quick_exit\n", status=7)
        self.assertInOrder(["the last line$", r"quick_exit\(\) was called in thread "],
                           self.read("x.log"))

    def test_on_any_thread(self):
        for more, place in (("from = thread\n", "which runs no loop"),
                            ("loop = own\n", "loop schedule/rock, at work for schedule/rock")):
            with self.subTest(more=more):
                self.exits(more)
                self.assertInOrder(["the last line$", "was called in .*" + place],
                                   self.read("x.log"))
                (self.folder / "x.log").unlink()

    def test_while_other_loops_go_on(self):
        for how, status in (("exit", 5), ("quick_exit", 7)):
            with self.subTest(how=how):
                self.exits(f"how = {how}\ndelay = 300ms\n"
                           "[schedule/chat]\nevery = 1h\nfunc = probe.chatters\nloop = own\n",
                           status=status)
                text = self.read("x.log")
                self.assertSaid("the last line$", text)
                self.assertSaid("was called in thread", text)
                chats = [line.split("chat ")[1] for line in text.splitlines() if "chat " in line]
                self.assertEqual(chats, [str(i + 1) for i in range(len(chats))])
                (self.folder / "x.log").unlink()

    def test_a_static_destructor_may_log(self):
        for logs in ("yes", "no"):
            with self.subTest(logs=logs):
                self.exits(f"logs = {logs}\nlogs_later = yes\ndelay = 100ms\n")
                self.assertInOrder(["was called in thread" if logs == "no" else "the last line$",
                                    ], self.read("x.log"))
                self.assertSaid("from a static destructor$", self.read("x.log"))
                (self.folder / "x.log").unlink()

    def test_under_the_lock_of_a_log_handler(self):
        began = time.monotonic()
        self.exits(log="[logger_root]\nhandlers = first, bad, last\n"
                       "[handler_bad]\nclass = probe.exit_at_line\n"
                       "[handler_first]\nclass = File\nargs = ('first.log',)\n"
                       "[handler_last]\nclass = File\nargs = ('last.log',)\n")
        self.assertLess(time.monotonic() - began, 5 + 3 * SLOW)
        self.assertInOrder(["Started$", "the last line$"], self.read("first.log"))
        self.assertSaid("Started$", self.read("last.log"))

    def test_a_handler_that_hangs_holds_up_nobody_for_long(self):
        self.exits(log="[logger_root]\nhandlers = bad, good\n"
                       "[handler_bad]\nclass = probe.kept_lines\npath = bad.log\n"
                       "hangs = the last line\n"
                       "[handler_good]\nclass = File\nargs = ('good.log',)\n")
        self.assertSaid("the last line$", self.read("good.log"))

    def test_a_copy_of_the_process_writes_nothing(self):
        for how in ("exit", "quick_exit"):
            with self.subTest(how=how):
                running = self.start(f"[aio]\nlog_file = x.log\n[schedule/s]\nevery = 1h\n"
                                     f"func = probe.forks\nhow = {how}\n")
                running.wait_for("^forked$")
                self.assertStops(running)
                text = self.read("x.log")
                self.assertEqual(text.count("before the fork"), 1, text)
                self.assertNotSaid("was called", text)
                (self.folder / "x.log").unlink()

    def test_a_command_may_exit(self):
        done = self.aio("boom", config="[aio]\nlog_file = x.log\n"
                                       "[aio/commands]\nboom = probe.exiting\n")
        self.assertStatus(done, 5)
        self.assertSaid("the last line$", self.read("x.log"))
        self.assertNotSaid("was called", self.read("x.log"))

    def test_an_end_in_good_order_says_nothing_of_it(self):
        running = self.start("[aio]\nlog_file = x.log\n[schedule/t]\nevery = 1h\n"
                             "func = probe.tick\n")
        running.wait_for("^tick")
        self.assertStops(running)
        self.assertNotSaid("was called", self.read("x.log"))

    def test_a_destructor_that_exits_decides_the_status_and_is_told(self):
        for how, status in (("exit", 5), ("exit_0", OK), ("quick_exit", 7)):
            with self.subTest(how=how):
                running = self.start(
                    "[aio]\nlog_file = x.log\npid_file = x.pid\n[schedule/t]\nevery = 1h\n"
                    "func = probe.tick\n[service/s]\nclass = probe.exits_in\n"
                    f"stage = destructor\nhow = {how}\n")
                running.wait_for("^tick")
                self.assertStops(running, status)
                self.assertEqual(running.err, "")
                self.assertInOrder(
                    ["Stopped$", r"exit\(\) was called in thread \d+ \(.+\).*: the process ends "
                     "before everything was destroyed$"], self.read("x.log"))
                self.assertFalse((self.folder / "x.pid").exists())
                (self.folder / "x.log").unlink()

    def test_a_destructor_that_exits_after_a_failed_start_is_told(self):
        running = self.start("[aio]\nlog_file = x.log\n[service/s]\nclass = probe.exits_in\n"
                             "stage = destructor\n[service/c]\nclass = probe.cannot\nmust = x\n")
        self.assertEnded(running, 5)
        self.assertInOrder(["service/c could not start", r"exit\(\) was called in thread "],
                           self.read("x.log"))

    def test_a_process_that_is_killed_in_a_destructor_has_the_status_of_that(self):
        running = self.start("[aio]\nlog_file = x.log\n[schedule/t]\nevery = 1h\n"
                             "func = probe.tick\n[service/s]\nclass = probe.exits_in\n"
                             "stage = destructor\nhow = kill\n")
        running.wait_for("^tick")
        self.assertStops(running, -signal.SIGKILL)
        self.assertSaid("Stopped$", self.read("x.log"))

    def test_the_next_start_takes_over_the_pid_file(self):
        self.exits(log="[aio]\nlog_file = x.log\npid_file = x.pid\n")
        running = self.start("[aio]\npid_file = x.pid\n[schedule/t]\nevery = 1h\n"
                             "func = probe.tick\n")
        running.wait_for("^tick")
        self.assertEqual(int(self.read("x.pid")), running.pid)
        self.assertStops(running)


class Idle(Case):
    def wake_ups(self, pid):
        count = 0
        for task in Path(f"/proc/{pid}/task").iterdir():
            for line in (task / "status").read_text().splitlines():
                if line.startswith("voluntary_ctxt_switches"):
                    count += int(line.split()[1])
        return count

    def test_a_process_without_anything_to_do_does_not_wake_up(self):
        running = self.start(
            "[aio]\nloops = 2\n[server/x]\nprotocol = aio.examples.echo\nport = 0\nloops = all\n"
        )
        port = running.port("x")
        client = self.connect(port)
        client.sendall(b"x")
        self.assertEqual(client.recv(1), b"x")
        time.sleep(3)  # nobody is at work any more; there is nothing to be seen of it
        before = self.wake_ups(running.pid)
        time.sleep(10)
        self.assertLessEqual(self.wake_ups(running.pid) - before, 1)
        client.sendall(b"y")
        self.assertEqual(client.recv(1), b"y")
        self.assertStops(running)

    def test_a_loop_that_blocks_after_a_long_rest_is_reported(self):
        running = self.start(
            "[aio]\nblocking_timeout = 400ms\n"
            "[schedule/rock]\nevery = 1h\nfunc = probe.block\ntakes = 5s\ndelay = 4s\n"
        )
        running.wait_for("^block begins$")
        said = running.wait_for(r"Blocking detected.* has been in one call for ([\d.]+)(m?s)$")
        lasts = float(said.group(1)) / (1000 if said.group(2) == "ms" else 1)
        self.assertLess(lasts, 0.4 * 1.25 + 0.3 * SLOW)
        running.wait_for("^block ends$")
        running.wait_for("was blocked for")
        self.assertStops(running)


class Standstill(Case):
    """Somebody at a terminal is told why nothing happens."""

    def typed(self, config, *args, **more):
        """Standard error is a terminal; with `stdout = pty`, standard output is it as well."""
        main_end, other = pty.openpty()
        self.addCleanup(os.close, main_end)
        if more.get("stdout") is pty:
            more["stdout"] = other
        running = self.start(config, *args, stderr=other, **more)
        os.close(other)
        return running, main_end

    def read_for(self, end, seconds):
        os.set_blocking(end, False)
        text, deadline = b"", time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                text += os.read(end, 4096)
            except OSError:  # nothing yet, or nobody has the other end
                time.sleep(0.05)
        return text.decode()

    def test_who_waits_for_what_is_said_once(self):
        cases = (["aio.examples.greet"], ["aio.examples.greet:loop=own"],
                 ["aio.examples.greet", "aio.examples.greet:loop=own"])
        started = [self.typed("[aio]\nmodules = aio.examples\n", *args) for args in cases]
        for args, (running, _) in zip(cases, started):
            running.wait_for("hello world", len(args))
        time.sleep(6.5 + SLOW)
        for args, (running, end) in zip(cases, started):
            with self.subTest(args=args):
                text = self.read_for(end, 0.5)
                self.assertEqual(text.count("nothing happens any more"), 1, text)
                said = re.findall(
                    r"bean/\S+: \S+ awaits event for \d.*listens for the signal 'open'", text)
                self.assertEqual(len(said), len(args), text)
                self.assertStops(running)

    def test_nothing_is_said_without_a_terminal(self):
        running = self.start("[aio]\nmodules = aio.examples\n", "aio.examples.greet")
        running.wait_for("hello world")
        running.silent_for("nothing happens", 6.5 + SLOW)
        self.assertStops(running)

    def test_a_start_that_waits_for_a_value_is_said_with_its_name(self):
        running, end = self.typed("[service/x]\nclass = probe.waits_in_start\n"
                                  "[service/y]\nclass = probe.plain\ndepends = service/x\n")
        text = self.read_for(end, 8 + SLOW)
        self.assertEqual(text.count("nothing happens any more"), 1, text)
        self.assertRegex(text, r"service/x: start awaits the value 'nobody' for \d")
        seconds = [float(found) for found in re.findall(
            r"Waiting for service/x: start awaits the value 'nobody' for ([\d.]+) s$",
            running.out, re.M)]
        self.assertEqual([round(second) for second in seconds][:3], [1, 2, 4])
        self.assertLess(len(seconds), 5)
        self.assertStops(running)

    def test_nothing_is_said_in_the_background(self):
        running, end = self.typed(
            "[aio]\nmodules = aio.examples\npid_file = x.pid\nlog_file = x.log\n",
            "-d", "aio.examples.greet")
        self.assertEnded(running, OK)
        pid = int(self.read("x.pid"))
        text = self.read_for(end, 6.5 + SLOW)
        os.kill(pid, signal.SIGTERM)
        self.assertEqual(gone(pid), OK)
        self.assertNotIn("nothing happens", text + self.read("x.log"))
        self.assertSaid("hello world", self.read("x.log"))

    def test_nothing_is_said_while_something_can_still_happen(self):
        running, end = self.typed(
            "[aio]\nmodules = aio.examples\n[schedule/t]\nevery = 1h\nfunc = probe.tick\n",
            "aio.examples.greet")
        running.wait_for("hello world")
        self.assertNotIn("nothing happens", self.read_for(end, 6.5 + SLOW))
        self.assertStops(running)

    def test_a_listener_of_aio_started_that_writes_on_the_terminal_is_at_work(self):
        running, end = self.typed(
            "[aio]\nmodules = aio.examples\n[listen/l]\naio-started = probe.types\n",
            "aio.examples.greet", stdout=pty)
        text = self.read_for(end, 6.5 + SLOW)
        running.send(signal.SIGTERM)
        self.assertEnded(running, OK)
        text += self.read_for(end, 0.2)
        self.assertNotIn("nothing happens", text)
        # Each line appears at once, in its place among the records of the log.
        self.assertInOrder(
            ["Starting", "hello world", *(rf"^line {i} of aio-started\r$" for i in range(1, 12)),
             "Stopping", "Stopped"], text)


if __name__ == "__main__":
    main()
