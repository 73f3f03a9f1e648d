"""[process/*]: children of a real aio, and what is left of them whatever way it ends."""

import os
import random
import re
import resource
import signal
import time

from support import AIO, Case, FAILED, OK, PATIENCE, SLOW, main
from system_calls import PIDFD_OPEN, refusing



def alive(pid):
    """Neither gone nor a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rpartition(") ")[2][:1] not in "ZX"
    except OSError:
        return False


def children(pid):
    """Process ids and states of the direct children, zombies too."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                    state, parent = stat.read().rpartition(") ")[2].split()[:2]
            except OSError:
                continue
            if int(parent) == pid:
                found[int(name)] = state
    return found


class Processes(Case):
    def pids(self, running, name="", count=1):
        """Of Process(NAME…), as the log tells, oldest first."""
        pattern = rf"Process\({name}[^)]*\) \S+ started with pid (\d+)$"
        running.wait_for(pattern, count)
        return [int(number) for number in re.findall(pattern, running.text(), re.M)]

    def until(self, what, timeout=PATIENCE):
        deadline = time.monotonic() + timeout
        while not what():
            if time.monotonic() > deadline:
                self.fail("did not happen in time")
            time.sleep(0.005)

    # the log ---------------------------------------------------------------------------------

    def test_output_and_status_are_in_the_log(self):
        running = self.start("""
            [process/talk]
            shell = yes
            command = echo hello; echo oops >&2; exit 3
        """)
        self.assertEnded(running, FAILED)
        pid = self.pids(running, "talk")[0]
        text = running.text()
        self.assertSaid(r"INFO\(process\.talk\): stdout: hello$", text)
        self.assertSaid(r"WARNING\(process\.talk\): stderr: oops$", text)
        self.assertSaid(rf"WARNING\(aio\): Process\(talk\) pid {pid} exited with status 3$", text)
        self.assertSaid(rf"process/talk crashed: pid {pid} exited with status 3", text)

    def test_a_good_end_does_not_end_aio(self):
        running = self.start("[process/x]\ncommand = true\n")
        running.wait_for(r"Process\(x\) pid \d+ exited with status 0$")
        running.silent_for("Stopping", 0.5)
        self.assertEqual(children(running.pid), {})
        self.assertStops(running)

    def test_a_storm_of_output_is_logged_line_by_line(self):
        """100 MB: a million lines, none lost, while aio still answers."""
        lines = 1_000_000 if SLOW == 1 else 200_000
        running = self.start(f"""
            [aio]
            log_file = storm.log
            log_format = plain
            [process/storm]
            shell = yes
            command = seq -f '%0.f {'x' * 92}' 1 {lines}; sleep 1000
        """)
        path = self.folder / "storm.log"
        last = f"stdout: {lines} x".encode()
        self.until(lambda: path.exists() and last in path.read_bytes()[-300:], PATIENCE * 8)
        count = 0
        with path.open(encoding="utf-8") as log:
            for line in log:
                if "stdout: " in line:
                    count += 1
                    self.assertIn(f"stdout: {count} x", line)
        self.assertEqual(count, lines)
        self.assertStops(running)

    def test_nobody_reads_what_aio_says(self):
        """A full pipe: the child waits in its write, nothing is lost when somebody reads again."""
        running = self.start("""
            [process/talk]
            shell = yes
            command = seq 1 20000; echo done; exec sleep 1000
        """)
        with running.deaf():
            time.sleep(0.3)
        running.wait_for(r"stdout: done$")
        said = [int(number) for number in re.findall(r"stdout: (\d+)$", running.text(), re.M)]
        self.assertEqual(said, list(range(1, 20001)))
        self.assertStops(running)

    # the end ---------------------------------------------------------------------------------

    def test_the_stop_reaches_every_child(self):
        running = self.start("""
            [process/a]
            command = sleep 1000
            [process/b]
            command = sleep 1000
            count = 3
            loop = own
        """)
        running.wait_for("Started$")
        pids = self.pids(running, count=4)
        self.assertEqual(set(children(running.pid)), set(pids))
        self.assertStops(running)
        self.assertEqual([pid for pid in pids if alive(pid)], [])
        for pid in pids:
            self.assertSaid(rf"pid {pid} was killed by SIGTERM$", running.text())

    def test_sigkill_of_aio_leaves_no_child(self):
        running = self.start("""
            [process/a]
            command = sleep 1000
            [process/b]
            shell = yes
            command = trap '' TERM HUP INT; echo deaf; while :; do :; done
            loop = own
            [process/c]
            command = cat /dev/zero
        """)
        running.wait_for("deaf$")
        pids = self.pids(running, count=3)
        running.send(signal.SIGKILL)
        running.wait()
        self.until(lambda: not any(alive(pid) for pid in pids))

    def test_a_second_signal_leaves_no_child(self):
        running = self.start("""
            [process/b]
            shell = yes
            command = trap '' TERM; echo deaf; while :; do sleep 0.01; done
        """)
        running.wait_for("deaf$")
        pids = self.pids(running)
        running.send(signal.SIGTERM)
        running.wait_for("Stopping$")
        running.insist()
        self.assertEnded(running, 128 + signal.SIGTERM)
        self.until(lambda: not any(alive(pid) for pid in pids))

    def test_one_that_ignores_its_signal_is_killed_after_stop_timeout(self):
        running = self.start("""
            [process/b]
            shell = yes
            command = trap '' TERM; echo deaf; while :; do sleep 0.01; done
            stop_timeout = 1500ms
        """)
        running.wait_for("deaf$")
        begun = time.monotonic()
        self.assertStops(running)
        self.assertGreaterEqual(time.monotonic() - begun, 1.5)
        self.assertSaid(r"Waiting for process/b: pid \d+ \(/bin/sh\) was sent SIGTERM", running)
        self.assertSaid(r"Process\(b\) pid \d+ was killed by SIGKILL$", running)

    def test_a_program_behind_a_shell_has_the_time_of_the_stop(self):
        self.write("server.sh", """
            trap 'sleep 0.7; echo saved; exit' TERM
            echo up
            while :; do sleep 0.05; done
        """)
        running = self.start("""
            [process/b]
            shell = yes
            command = sh ./server.sh; echo bye
        """)
        running.wait_for("up$")
        self.assertStops(running)
        self.assertSaid("stdout: saved$", running)
        self.assertSaid(r"Process\(b\) pid \d+ has ended, other processes of its group have not$",
                        running)

    def test_one_behind_a_shell_that_ignores_the_signal_is_killed_after_stop_timeout(self):
        self.write("server.sh", """
            trap '' TERM
            echo up $$
            while :; do sleep 0.05; done
        """)
        running = self.start("""
            [process/b]
            shell = yes
            command = sh ./server.sh; echo bye
            stop_timeout = 1s
        """)
        server = int(running.wait_for(r"up (\d+)$").group(1))
        begun = time.monotonic()
        self.assertStops(running)
        self.assertGreaterEqual(time.monotonic() - begun, 1.0)
        self.assertSaid(r"Process\(b\) the rest of the group of pid \d+ \(/bin/sh\) was sent "
                        r"SIGTERM, told to stop \S+ ago: it is killed$", running)
        self.until(lambda: not alive(server))

    def test_a_daemon_made_by_a_child_does_not_hold_up_the_stop(self):
        running = self.start("""
            [process/b]
            shell = yes
            command = setsid sh -c 'echo daemon $$$$; exec sleep 1000' & exec sleep 1000
        """)
        daemon = int(running.wait_for(r"stdout: daemon (\d+)$").group(1))
        self.assertStops(running)
        self.assertTrue(alive(daemon))
        os.kill(daemon, signal.SIGKILL)
        os.waitpid(daemon, 0)

    def test_a_terminals_interrupt_does_not_hit_the_child_twice(self):
        running = self.start("""
            [process/b]
            shell = yes
            command = trap 'echo hit' INT; trap 'exit 0' TERM; echo up; while :; do sleep 0.01; done
        """)
        running.wait_for("up$")
        os.killpg(running.pid, signal.SIGINT)
        self.assertEnded(running, OK)
        self.assertNotSaid("hit$", running)
        self.assertSaid(r"Process\(b\) pid \d+ exited with status 0$", running)

    def test_it_works_where_the_kernel_has_no_pidfd(self):
        running = self.start("""
            [process/a]
            command = sleep 1000
            [process/b]
            shell = yes
            command = sleep 0.1; echo ended
        """, preexec_fn=refusing([PIDFD_OPEN]))
        running.wait_for(r"Process\(b\) pid \d+ exited with status 0$")
        folder = f"/proc/{running.pid}/fd"
        links = [os.readlink(f"{folder}/{name}") for name in os.listdir(folder)]
        self.assertEqual([link for link in links if "pidfd" in link], [])
        self.assertStops(running)
        self.assertSaid(r"Process\(a\) pid \d+ was killed by SIGTERM$", running)

    # restarted -------------------------------------------------------------------------------

    RESTARTS = """
        [supervisor/patient]
        max_restarts = 1000
        backoff = 1ms
        backoff_max = 20ms
        [process/x]
        shell = yes
        command = while echo x; do sleep 0.01; done
        supervisor = patient
        restart = always
    """

    def test_killed_a_hundred_times_it_is_there_again(self):
        chance = random.Random(20261121)
        running = self.start(self.RESTARTS)
        seen = []
        for count in range(1, 101):
            seen = self.pids(running, "x", count)
            time.sleep(chance.uniform(0, 0.03))
            os.kill(seen[-1], signal.SIGKILL)
        last = self.pids(running, "x", 101)[-1]
        self.until(lambda: list(children(running.pid)) == [last])
        self.assertNotIn("Z", children(running.pid).values())
        self.assertEqual(len(set(seen + [last])), 101)
        self.assertEqual(len(running.find(r"was killed by SIGKILL$")), 100)
        self.assertStops(running)
        self.assertFalse(alive(last))

    def test_a_crash_loop_of_one_of_several_gives_up_like_that_of_one(self):
        for count in (1, 2):
            with self.subTest(count=count):
                running = self.start(f"""
                    [supervisor/s]
                    max_restarts = 2
                    backoff = 5ms
                    [process/w]
                    command = sh -c "exit 3"
                    supervisor = s
                    count = {count}
                """)
                self.assertEnded(running, FAILED)
                self.assertSaid(
                    r"CRITICAL\(aio\): supervisor/s: Max restarts exceeded \(2 within 10s\)", running)
                for one in ("w",) if count == 1 else (r"w\[0\]", r"w\[1\]"):
                    started = len(running.find(rf"Process\({one}\) sh started"))
                    self.assertLessEqual(started, 3)
                self.assertSaid(r"it starts again in .* \(2 of 2", running)

    # what a child inherits -------------------------------------------------------------------

    def test_a_child_gets_the_limit_of_open_files_that_aio_got(self):
        def limit():
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (123, hard))

        running = self.start("""
            [process/x]
            shell = yes
            command = ulimit -n; ls /proc/self/fd | tr '\\n' ' '
        """, preexec_fn=limit)
        running.wait_for(r"stdout: 123$")
        running.wait_for(r"stdout: 0 1 2 3 $")
        self.assertStops(running)

    def test_a_child_can_be_an_aio(self):
        self.write("inner.conf", "[process/x]\ncommand = sleep 1000\n")
        running = self.start(f"[process/inner]\ncommand = {AIO} -c inner.conf run\n")
        inner = int(running.wait_for(r"stdout: .*Process\(x\) \S+ started with pid (\d+)$").group(1))
        self.assertNotSaid("AIO_PROCESS", running)
        self.assertStops(running)
        self.assertFalse(alive(inner))

    # the configuration -----------------------------------------------------------------------

    def test_mistakes_are_all_said_before_anything_starts(self):
        self.refused(
            """
            [process/a]
            command = no-such-program
            [process/b]
            command = /no/such/program
            stop_signal = HALT
            [process/c]
            command = cat 'x
            env = X
            [process/d]
            comand = cat
            """,
            r"aio\.conf:2:1: error: \[process/a\] command: there is no program 'no-such-program' in",
            r"aio\.conf:4:1: error: \[process/b\] command: there is no program '/no/such/program'$",
            r"aio\.conf:5:1: error: \[process/b\] stop_signal: there is no signal 'HALT'",
            r"aio\.conf:7:15: error: \[process/c\] command: the quote ' is not closed",
            r"aio\.conf:8:7: error: \[process/c\] env: an entry is not NAME=VALUE",
            r"unknown option 'comand' in \[process/d\]",
        )

    def test_relative_programs_are_looked_for_in_the_working_directory_of_aio(self):
        (self.folder / "there/bin").mkdir(parents=True)
        (self.folder / "there/bin/tool").symlink_to("/bin/sleep")
        config = f"[process/x]\ncommand = bin/tool 1000\n[aio]\nworking_directory = {self.folder}"
        self.refused(config, "there is no program 'bin/tool'$")
        running = self.start(config + "/there\n")
        running.wait_for("Started$")
        self.assertStops(running)

    def test_the_schema_lists_the_section(self):
        done = self.aio("config", "schema")
        for option in ("command", "count", "stop_signal", "stop_group", "shell", "env"):
            self.assertSaid(rf"^\[process/NAME\][^\[]*^{option} ", done)


if __name__ == "__main__":
    main()
