"""[process/*]: ends that are not the stop of one child by aio. Orphans, what children have started,
children that somebody else stops or holds still, programs that the system does not execute."""

import ctypes
import fcntl
import os
import pty
import re
import shutil
import signal
import sys
import termios
import time
import unittest
from pathlib import Path

import processes_test
from processes_test import alive, children
from support import AIO, FAILED, FORCED, OK, USAGE, Case, Running, clean_environment, main

ROOT = os.geteuid() == 0


def guards():
    """Of all aios that this test has started: they are ours by adoption."""
    found = []
    for pid, state in children(os.getpid()).items():
        try:
            with open(f"/proc/{pid}/comm", encoding="utf-8") as name:
                if state not in "ZX" and name.read() == "orphan-guard\n":
                    found.append(pid)
        except OSError:
            pass
    return found


def become_subreaper():
    set_child_subreaper = 36
    if ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0) != 0:
        raise OSError("prctl")


class Ends(Case):
    pids, until = processes_test.Processes.pids, processes_test.Processes.until

    def grandchild(self, running):
        pid = int(running.wait_for(r"stdout: grandchild (\d+)$").group(1))
        self.addCleanup(self.forget, pid)
        return pid

    def forget(self, pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


class Orphans(Ends):
    ORPHANS = """
        [process/makes]
        shell = yes
        command = i=0; while :; do (setsid sleep 0.05 &); sleep 0.02; i=$$((i+1)); echo round $$i; done
        [process/own]
        command = sh -c "sleep 0.3; exit 7"
        restart = on_failure
        supervisor = s
        [supervisor/s]
        max_restarts = 1000
        backoff = 1ms
        backoff_max = 1ms
    """

    @unittest.skipUnless(ROOT, "only root can make a PID namespace")
    def test_report_prc_1_process_number_one_collects_orphans(self):
        self.write("aio.conf", self.ORPHANS)
        first = self.first_process()
        self.running.wait_for(r"stdout: round 40$")
        self.running.wait_for(r"Process\(own\) pid \d+ exited with status 7", 3)
        below = [first, *children(first)]
        zombies = [pid for one in below for pid, state in children(one).items() if state == "Z"]
        self.assertLessEqual(len(zombies), 3)
        self.assertNotSaid("status is not known", self.running)
        os.kill(first, signal.SIGTERM)
        self.assertEnded(self.running, OK)
        self.assertSaid("INFO.*: Stopped$", self.running)

    def test_report_prc_1_a_subreaper_adopts_no_strangers(self):
        self.write("aio.conf", self.ORPHANS)
        self.running = Running(
            [str(AIO), "run"], self.folder, clean_environment(), preexec_fn=become_subreaper
        )
        self.addCleanup(self.running.kill)
        self.running.wait_for(r"stdout: round 40$")
        self.running.wait_for(r"Process\(own\) pid \d+ exited with status 7", 3)
        zombies = [pid for pid, state in children(self.running.pid).items() if state == "Z"]
        self.assertLessEqual(len(zombies), 2)  # own children that have just ended
        self.assertNotSaid("status is not known", self.running)
        self.assertStops(self.running)
        self.assertSaid("INFO.*: Stopped$", self.running)

    def first_process(self):
        self.running = Running(
            ["unshare", "-fp", "--mount-proc", str(AIO), "-c", "aio.conf", "run"], self.folder,
            clean_environment()
        )
        self.addCleanup(self.running.kill)
        self.running.wait_for("Started$")
        return next(iter(children(self.running.pid)))

    @unittest.skipUnless(ROOT, "only root can make a PID namespace")
    def test_report_prc_1_its_status_is_that_of_the_app(self):
        self.write("aio.conf", "[process/x]\nshell = yes\ncommand = sleep 0.5; exit 3\n")
        self.first_process()
        self.assertEnded(self.running, FAILED)
        self.write("aio.conf", """
            [process/x]
            shell = yes
            command = trap '' TERM; echo deaf; while :; do sleep 0.01; done
        """)
        first = self.first_process()
        self.running.wait_for("deaf$")
        os.kill(first, signal.SIGTERM)
        self.running.wait_for("Stopping$")
        self.running.insist(pid=first)
        self.assertEnded(self.running, 128 + signal.SIGTERM)
        self.write("aio.conf", "[process/x]\ncommand = sleep 1000\n")
        first = self.first_process()
        os.kill(next(iter(children(first))), signal.SIGKILL)
        self.assertEnded(self.running, 128 + signal.SIGKILL)


    def without_kill(self, *namespace):
        self.write("aio.conf", "[aio]\nuser = nobody\n[process/x]\ncommand = sleep 1000\n")
        running = Running(
            ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill", "unshare", *namespace, str(AIO), "run"],
            self.folder, clean_environment()
        )
        self.addCleanup(running.kill)
        running.wait_for("Started$")
        return running, next(iter(children(running.pid)))

    @unittest.skipUnless(ROOT and shutil.which("setpriv"), "only root can make a PID namespace")
    def test_report_prc_1_a_stop_reaches_another_user_without_the_capability_to_signal(self):
        running, first = self.without_kill("-fp", "--mount-proc")
        os.kill(first, signal.SIGTERM)
        self.assertEnded(running, OK)
        self.assertSaid("INFO.*: Stopped$", running)

    @unittest.skipUnless(ROOT and shutil.which("setpriv"), "only root can make a PID namespace")
    def test_report_prc_1_a_stop_that_cannot_be_passed_on_is_said(self):
        running, first = self.without_kill("-fp", "--kill-child")  # with a /proc of other processes
        os.kill(first, signal.SIGTERM)
        running.wait_for(
            r"^aio: SIGTERM cannot be passed on to process \d+: Operation not permitted$"
        )
        os.kill(first, signal.SIGKILL)
        running.wait()

    @unittest.skipUnless(ROOT, "only root can make a PID namespace")
    def test_report_prc_1_process_number_one_does_not_go_into_the_background(self):
        self.write("aio.conf", "[process/x]\ncommand = sleep 1000\n")
        running = Running(
            ["unshare", "-fp", "--mount-proc", str(AIO), "-c", "aio.conf", "run", "-d"], self.folder,
            clean_environment()
        )
        self.addCleanup(running.kill)
        self.assertEnded(running, USAGE)
        self.assertSaid(r"-d .*first process \(PID 1\)", running)


class Descendants(Ends):
    CONFIG = """
        [aio]
        stop_timeout = 2s
        [process/x]
        shell = yes
        command = {trap} sleep 1000 & echo grandchild $$!; wait; wait
        {more}
    """

    def start_one(self, trap="", more=""):
        running = self.start(self.CONFIG.format(trap=trap, more=more))
        running.wait_for("Started$")
        return running, self.grandchild(running)

    def test_report_prc_3_what_a_child_has_started_dies_with_aio_however_it_ends(self):
        for number in (signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV):
            with self.subTest(number=number):
                running, pid = self.start_one()
                running.send(number)
                running.wait()
                self.until(lambda: not alive(pid))
        self.until(lambda: guards() == [])

    def test_report_prc_3_also_at_the_deadline_and_after_a_second_signal(self):
        deaf = "trap '' TERM;"
        running, pid = self.start_one(deaf)
        running.send(signal.SIGTERM)
        running.wait_for("Stopping$")
        running.insist()
        self.assertEnded(running, 128 + signal.SIGTERM)
        self.until(lambda: not alive(pid))
        running, pid = self.start_one(
            deaf, more="[schedule/b]\n        every = 1h\n        delay = 1s\n"
            "        func = probe.block\n        takes = 60s"
        )
        running.wait_for("^block begins$")
        self.assertStops(running, FORCED)
        self.until(lambda: not alive(pid))

    def test_report_prc_3_one_that_may_live_on_does(self):
        running, pid = self.start_one(more="stop_group = no")
        running.send(signal.SIGKILL)
        running.wait()
        time.sleep(0.3)
        self.assertTrue(alive(pid))

    def test_report_prc_3_the_guard_holds_nothing_and_goes_with_aio(self):
        running, pid = self.start_one()
        self.until(guards)  # aio does not wait until its guard has named itself
        (guard,) = guards()
        self.until(lambda: os.readlink(f"/proc/{guard}/cwd") == "/")  # its last step
        held = {fd: os.readlink(f"/proc/{guard}/fd/{fd}") for fd in os.listdir(f"/proc/{guard}/fd")}
        self.assertRegex(held.pop("0"), r"^socket:")
        self.assertEqual(held, {"1": "anon_inode:[pidfd]"})  # of aio
        with open(f"/proc/{guard}/cmdline", encoding="utf-8") as line:
            self.assertEqual(line.read().rstrip("\0"), "orphan-guard")
        os.kill(guard, signal.SIGTERM)
        self.assertStops(running)
        self.assertFalse(alive(pid))
        self.until(lambda: guards() == [])

    def test_the_guard_shows_nothing_of_the_environment(self):
        self.write("aio.conf", "[process/x]\ncommand = sleep 1000\n")
        environment = {"A_SECRET": "geheim", **clean_environment()}
        running = Running(["aio", "run"], self.folder, environment, executable=str(AIO))
        self.addCleanup(running.kill)
        running.wait_for("Started$")
        self.until(guards)
        (guard,) = guards()
        self.until(lambda: os.readlink(f"/proc/{guard}/cwd") == "/")
        with open(f"/proc/{guard}/cmdline", encoding="utf-8") as line:
            self.assertEqual(line.read().rstrip("\0"), "orphan-")
        self.assertStops(running)

    def test_report_prc_3_a_guard_that_was_killed_is_replaced(self):
        running = self.start("""
            [process/x]
            shell = yes
            command = sleep 1000 & echo grandchild $$!; wait
            restart = always
            count = 2
        """)
        running.wait_for(r"stdout: grandchild", 2)
        self.until(guards)
        (guard,) = guards()
        os.kill(guard, signal.SIGKILL)
        running.wait_for("WARNING.*The guard for processes was ended, it is started again")
        self.until(lambda: guards() not in ([], [guard]))
        all_pids = [
            int(line.text.rpartition(" ")[2]) for line in running.find(r"stdout: grandchild \d+$")
        ]
        running.send(signal.SIGKILL)
        running.wait()
        self.until(lambda: not any(alive(pid) for pid in all_pids))


class Stopped(Ends):
    """Somebody stops the children and aio at about the same time."""

    CONFIG = """
        [process/a]
        command = sleep 1000
        [process/b]
        command = sleep 1000
        restart = always
        count = 2
        [process/base]
        command = sleep 1000
        [process/above]
        shell = yes
        command = trap 'exit 143' TERM; while :; do sleep 0.01; done
        depends = process/base
    """

    def ends_well(self, number, aio_first, gap):
        running = self.start(self.CONFIG)
        running.wait_for("Started$")
        pids = self.pids(running, count=5)
        if aio_first:
            running.send(signal.SIGTERM)
            time.sleep(gap)
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                self.assertTrue(aio_first)
        if not aio_first:
            time.sleep(gap)
            running.send(signal.SIGTERM)
        self.assertEnded(running, OK)
        self.assertNotSaid("CRITICAL|ERROR", running)
        self.assertNotSaid("starts again", running)
        self.assertEqual(len(running.find(r"started with pid")), 5)

    def test_report_prc_4_a_child_that_was_told_to_stop_has_not_crashed(self):
        for aio_first in (False, True):
            for gap in (0, 0.0003, 0.01, 0.1):
                with self.subTest(aio_first=aio_first, gap=gap):
                    self.ends_well(signal.SIGTERM, aio_first, gap)

    def test_report_prc_4_also_by_an_interrupt(self):
        config, Stopped.CONFIG = Stopped.CONFIG, Stopped.CONFIG.replace("' TERM", "' TERM INT")
        self.addCleanup(setattr, Stopped, "CONFIG", config)
        self.ends_well(signal.SIGINT, False, 0.0003)

    def test_report_prc_4_without_a_stop_it_starts_again(self):
        running = self.start("[process/x]\ncommand = sleep 1000\nrestart = on_failure\n")
        os.kill(self.pids(running, "x")[0], signal.SIGTERM)
        running.wait_for(r"process/x crashed: pid \d+ was killed by SIGTERM; it starts again")
        self.pids(running, "x", 2)
        self.assertStops(running)

    @unittest.skipUnless(ROOT, "only root can make a set-user-id program of root")
    def test_report_prc_2_a_child_that_cannot_be_signalled_is_not_called_killed(self):
        rooted = self.folder / "rooted"
        shutil.copy(os.path.realpath(sys.executable), rooted)
        os.chmod(rooted, 0o4755)
        self.folder.chmod(0o777)
        running = self.start(
            """
            [aio]
            stop_timeout = 3s
            [process/x]
            command = ./rooted -c "import os, signal; os.setuid(0); print('rooted', flush=True); signal.pause()"
            stop_timeout = 500ms
            """,
            user=65534, group=65534, extra_groups=[],
        )
        running.wait_for("stdout: rooted$")
        pid = self.pids(running, "x")[0]
        self.addCleanup(self.forget, pid)
        running.send(signal.SIGTERM)
        self.assertEnded(running, FORCED)
        self.assertSaid(
            rf"WARNING\(aio\): Process\(x\) pid {pid} cannot be signalled \(SIGTERM\): "
            "Operation not permitted$", running
        )
        self.assertSaid(
            rf"pid {pid} \(\./rooted\) cannot be signalled: Operation not permitted, told to stop",
            running
        )
        self.assertNotSaid("it is killed|was sent", running)


class OutOfReach(Ends):
    """Members of a group that aio has no right to signal."""

    ROOTED = "./rooted --reuid=0 --regid=0 --clear-groups sleep 1000"
    MEMBER = r"pid \d+ \(sleep\)"

    def setUp(self):
        super().setUp()
        if not ROOT or shutil.which("setpriv") is None:
            self.skipTest("only root can make a set-user-id program, of setpriv")
        shutil.copy(shutil.which("setpriv"), self.folder / "rooted")
        os.chmod(self.folder / "rooted", 0o4755)
        self.folder.chmod(0o777)

    def forget_members(self):
        """They are no children of ours: they are known by their folder."""
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and os.readlink(f"/proc/{name}/cwd") == str(self.folder):
                    self.forget(int(name))
            except OSError:
                pass

    def start_as_nobody(self, config):
        running = self.start(config, user=65534, group=65534, extra_groups=[])
        self.addCleanup(self.forget_members)
        return running

    def without_kill(self, config):
        self.folder.chmod(0o755)
        self.write("aio.conf", config)
        running = Running(
            ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill", str(AIO), "run"], self.folder,
            clean_environment()
        )
        self.addCleanup(running.kill)
        self.addCleanup(self.forget_members)
        return running

    def test_report_prc_2_a_member_that_cannot_be_signalled_is_named_and_not_called_killed(self):
        running = self.start_as_nobody(
            "[aio]\nstop_timeout = 3s\n[process/x]\nshell = yes\nstop_timeout = 500ms\n"
            f"command = {self.ROOTED} & while ! pgrep -u 0 -g $$$$ sleep; do sleep 0.05; done; wait\n"
        )
        running.wait_for(r"stdout: \d+$")
        running.send(signal.SIGTERM)
        self.assertEnded(running, FORCED)
        said = rf"WARNING\(aio\): Process\(x\) {self.MEMBER} of the group of pid \d+ cannot be signalled: "
        self.assertEqual(len(running.find(said + "Operation not permitted$")), 1, running.report())
        self.assertSaid(
            rf"^aio:     {self.MEMBER} of the group of pid \d+ \(/bin/sh\) cannot be signalled: "
            "Operation not permitted, told to stop", running
        )
        self.assertNotSaid("it is killed|was sent", running)

    def test_report_prc_2_the_others_of_the_group_are_killed(self):
        running = self.start_as_nobody(
            "[aio]\nstop_timeout = 3s\n[process/x]\nshell = yes\nstop_timeout = 500ms\n"
            f"command = {self.ROOTED} & sh -c \"trap '' TERM; echo deaf; while :; do sleep 0.1; done\" & "
            "while ! pgrep -u 0 -g $$$$ sleep; do sleep 0.05; done; wait\n"
        )
        running.wait_for(r"stdout: \d+$")
        running.wait_for("stdout: deaf$")
        running.send(signal.SIGTERM)
        self.assertEnded(running, FORCED)
        self.assertSaid(
            rf"the rest of the group of pid \d+ \(/bin/sh\) without {self.MEMBER} was sent SIGTERM, "
            "told to stop .* ago: it is killed$", running
        )
        self.assertSaid(rf"^aio:     {self.MEMBER} of the group of .* cannot be signalled", running)

    def test_report_prc_2_a_restart_says_what_it_leaves(self):
        running = self.start_as_nobody(
            "[process/x]\nshell = yes\nrestart = always\n"
            f"command = {self.ROOTED} & while ! pgrep -u 0 -g $$$$ sleep; do sleep 0.05; done; exit 3\n"
        )
        running.wait_for(
            rf"WARNING\(aio\): Process\(x\) pid \d+ leaves {self.MEMBER} of its group behind: "
            "cannot be signalled: Operation not permitted$", 2
        )

    def test_report_prc_2_also_without_the_capability(self):
        config = (
            "[aio]\nstop_timeout = 2s\n[process/y]\nshell = yes\nuser = nobody\n"
            "command = sleep 1000 & while ! pgrep -g $$$$ sleep; do sleep 0.05; done; echo begun; {}\n"
        )
        running = self.without_kill(config.format("exit 0"))
        running.wait_for(
            rf"Process\(y\) pid \d+ leaves {self.MEMBER} of its group behind: cannot be signalled"
        )
        running = self.without_kill(config.format("wait"))
        running.wait_for("begun$")
        running.send(signal.SIGTERM)
        self.assertEnded(running, FORCED)
        self.assertSaid(r"pid \d+ \(/bin/sh\) cannot be signalled: Operation not permitted", running)
        self.assertNotSaid("it is killed|was sent", running)


@unittest.skipUnless(ROOT, "only root can make a PID namespace")
class ForeignProc(Ends):
    """/proc is that of another PID namespace: its numbers mean other processes."""

    WARNING = (r"WARNING\(aio\): /proc shows the processes of another PID namespace: in a stop, the rest "
               r"of a process group is killed as soon as its first process has ended$")

    def run_inside(self, script, config):
        self.write("aio.conf", config)
        running = Running(["sh", "-c", script, "sh", str(AIO)], self.folder, clean_environment())
        self.addCleanup(running.kill)
        running.wait_for("Started$")
        return running

    def inner(self, pid):
        """The aio that is the first process of the innermost namespace below."""
        for child in children(pid):
            deeper = self.inner(child)
            if deeper:
                return deeper
            with open(f"/proc/{child}/status", encoding="utf-8") as status:
                numbers = re.search(r"^NSpid:(.*)$", status.read(), re.M).group(1).split()
            with open(f"/proc/{child}/comm", encoding="utf-8") as name:
                if numbers[-1] == "1" and name.read() == "aio\n":
                    return child
        return None

    def test_other_processes_with_the_number_of_a_group_are_no_members(self):
        running = self.run_inside(
            "exec unshare -fp --mount-proc --kill-child sh -c 'for i in $(seq 30); do "
            "setsid sleep 1000 & done; unshare -fp --kill-child \"$1\" run & wait $!' sh \"$1\"",
            "[aio]\nstop_timeout = 6s\n[process/x]\ncommand = sleep 1000\n"
            "[process/y]\ncommand = sleep 1000\n",
        )
        os.kill(self.inner(running.pid), signal.SIGTERM)
        running.wait_for("Stopped$")
        self.assertEqual(len(running.find(self.WARNING)), 1, running.report())
        self.assertNotSaid("other processes of its group|it is killed|Waiting", running)

    def test_the_rest_of_a_group_is_killed_and_that_is_said(self):
        running = self.run_inside(
            'exec unshare -fp --kill-child "$1" run',
            "[process/x]\nshell = yes\n"
            "command = sh -c \"trap '' TERM; echo deaf; while :; do sleep 0.1; done\" & wait\n",
        )
        running.wait_for("stdout: deaf$")
        os.kill(self.inner(running.pid), signal.SIGTERM)
        self.assertEnded(running, OK)
        self.assertEqual(len(running.find(self.WARNING)), 1, running.report())


class Held(Ends):
    def on_a_terminal(self, config):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        running = self.start(
            config, stdin=slave, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        )
        os.close(slave)
        return running, master

    def test_report_prc_5_a_child_has_no_terminal_that_could_hold_it_still(self):
        for command in ('read a < /dev/tty', 'echo x > /dev/tty; stty -a < /dev/tty'):
            running, _ = self.on_a_terminal(
                f"[process/x]\ncommand = sh -c '{command}'\n[process/y]\ncommand = sleep 1000\n"
            )
            running.wait_for(r"stderr: .*/dev/tty")
            self.assertEnded(running, FAILED)
            self.assertSaid(r"Process\(x\) pid \d+ exited with status [12]$", running)

    def test_report_prc_5_a_terminals_interrupt_stops_aio_and_its_children(self):
        running, master = self.on_a_terminal(
            "[process/x]\nshell = yes\ncommand = trap 'echo hit' INT; echo up; while :; do sleep 0.01; done\n"
        )
        running.wait_for("up$")
        os.write(master, b"\x03")
        self.assertEnded(running, OK)
        self.assertNotSaid("hit$", running)

    def test_report_prc_5_a_child_that_is_held_still_is_noticed(self):
        running = self.start("[process/x]\ncommand = sleep 1000\n")
        running.wait_for("Started$")
        pid = self.pids(running, "x")[0]
        os.kill(pid, signal.SIGSTOP)
        running.wait_for(rf"WARNING\(aio\): Process\(x\) pid {pid} is stopped by SIGSTOP; SIGCONT")
        self.assertStops(running)
        self.assertSaid(r"Process\(x\) pid \d+ was killed by SIGTERM$", running)


class Programs(Ends):
    def script(self, name, text, mode=0o755):
        path = self.write(name, text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)

    def test_report_prc_6_what_the_system_will_not_execute_is_explained_by_the_check(self):
        self.script("windows", "#!/bin/sh\r\necho hello\r\n")
        self.script("python", "#!/opt/none/python\n")
        self.script("plain", "echo hello\n")
        self.script("marked", "\ufeff#!/bin/sh\necho hello\n")
        self.script("env", "#!/usr/bin/env no-such-python\n")
        self.script("mode", "#!/bin/sh\n", 0o644)
        self.script("cut", b"\x7fELF" + Path("/bin/ls").read_bytes()[4:60])
        self.script("rubbish", b"\x7fELF" + bytes(range(4, 100)))
        (self.folder / "folder").mkdir()
        self.refused(
            "".join(f"[process/{name}]\ncommand = ./{name}\n" for name in (
                "windows", "python", "plain", "marked", "env", "mode", "folder", "cut", "rubbish")),
            r"aio\.conf:2:1: error: \[process/windows\] command: './windows' has Windows line ends: "
            r"it asks for the interpreter '/bin/sh\\r'$",
            r"\[process/python\] command: './python' asks for the interpreter "
            r"'/opt/none/python', which does not exist$",
            r"\[process/plain\] command: './plain' has no '#!' line that names its interpreter$",
            r"make '#!/bin/sh' its first line, or set shell = yes$",
            r"\[process/marked\] command: './marked' begins with a byte order mark",
            r"\[process/env\] command: './env' asks env for the interpreter 'no-such-python'",
            r"\[process/mode\] command: './mode' is not executable$",
            r"\[process/folder\] command: './folder' is not a program but a folder$",
            r"\[process/cut\] command: './cut' is cut off: it ends before its headers do$",
            r"\[process/rubbish\] command: './rubbish' is damaged: its ELF header has no meaning$",
        )

    def test_report_prc_6_the_check_warns_of_what_only_some_systems_execute(self):
        foreign = bytearray(Path("/bin/ls").read_bytes())
        foreign[18:20] = b"\x08\0"  # for MIPS
        for name, data, why in (
            ("foreign", foreign, "is built for another kind of processor"),
            ("short", Path("/bin/ls").read_bytes()[:5000], "is cut off: it ends before its contents do"),
            ("packed", b"\x1f\x8b\x08\0\0\0", r"is compressed \(gzip\)"),
            ("other", b"\0\1\2\3", "is of no kind that this system executes"),
        ):
            with self.subTest(name=name):
                self.script(name, bytes(data))
                done = self.aio("config", "check", config=f"[process/x]\ncommand = ./{name}\n")
                self.assertStatus(done, OK)
                self.assertSaid(
                    rf"^aio\.conf:2:1: warning: \[process/x\] command: './{name}' {why}$", done.err)
                if name != "short":
                    running = self.start(None)
                    running.wait_for(rf"Process\(x\) failed to start: cannot execute \./{name}: it {why}")
                    self.assertEnded(running, FAILED)

    def test_report_prc_6_what_changes_after_the_check_is_explained_at_the_start(self):
        self.script("run", "#!/bin/sh\necho the shell reads this file; sleep 0.2; exit 1\n")
        running = self.start(
            "[process/x]\ncommand = ./run\nsupervisor = s\n"
            "[supervisor/s]\nmax_restarts = 1000\nbackoff = 10ms\nbackoff_max = 20ms\n"
        )
        running.wait_for("the shell reads this file$")
        for text, why in (
            ("#!/opt/none/python\n", "it asks for the interpreter '/opt/none/python', which does not exist"),
            ("#!/bin/sh\r\n", r"it has Windows line ends: it asks for the interpreter '/bin/sh\\r'"),
            ("exit 0\n", "it has no '#!' line that names its interpreter"),
            (Path("/bin/ls").read_bytes()[:60], "it is cut off: it ends before its headers do"),
        ):
            self.script("next", text)
            os.rename(self.folder / "next", self.folder / "run")
            running.wait_for(rf"Process\(x\) failed to start: cannot execute \./run: {why}")
        self.assertStops(running)

    @unittest.skipUnless(ROOT, "only root can mount")
    def test_report_prc_6_a_file_system_without_programs(self):
        self.script("run", "#!/bin/sh\n")
        (self.folder / "there").mkdir()
        self.write("aio.conf", "[process/x]\ncommand = there/run\n")
        running = Running(
            ["unshare", "-m", "sh", "-c",
             "mount -t tmpfs -o noexec none there && cp run there/ && exec \"$@\"", "sh",
             str(AIO), "-c", "aio.conf", "run"], self.folder, clean_environment(),
        )
        self.addCleanup(running.kill)
        self.assertEnded(running, 78)
        self.assertSaid(r"'there/run' lies on a file system that is mounted noexec$", running)


if __name__ == "__main__":
    main()
