"""[process/*] when something is wrong: with the child, with the system, with who may do what."""

import os
import pwd
import shutil
import signal
import subprocess
import time
import unittest

import processes_test
from processes_test import alive, children
from support import AIO, BAD_CONFIG, FAILED, PATIENCE, Case, clean_environment, main

QUICK = "[supervisor/quick]\nmax_restarts = 100000\nbackoff = 1ms\nbackoff_max = 1ms\n"
SLEEP = "[process/x]\ncommand = sleep 1000\n"


def makes_user_namespaces():
    return shutil.which("unshare") is not None and subprocess.run(
        ["unshare", "-Ur", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    ).returncode == 0


def memory(pid):
    """Resident, in MiB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS:"))


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class Trouble(Case):
    pids, until = processes_test.Processes.pids, processes_test.Processes.until

    def test_a_line_without_end_takes_no_memory(self):
        running = self.start("""
            [process/x]
            shell = yes
            command = echo first; sleep 0.3; head -c 200000000 /dev/zero | tr '\\0' x; echo; echo done
        """)
        running.wait_for("stdout: first$")
        before = memory(running.pid)
        running.wait_for("stdout: done$")
        self.assertLess(memory(running.pid) - before, 32)
        self.assertSaid(r"x \[cut here, 199934464 bytes more\]$", running)
        self.assertStops(running)

    def test_a_thousand_restarts_leave_nothing(self):
        running = self.start(
            "[process/x]\ncommand = true\nrestart = always\nsupervisor = quick\n"
            "[process/one]\ncommand = sleep 1000\n" + QUICK
        )
        before = self.fewest_descriptors(running, 50)
        after = self.fewest_descriptors(running, 1000)
        self.assertLessEqual(len(children(running.pid)), 2)
        self.assertLessEqual(after, before)
        self.assertStops(running)

    def fewest_descriptors(self, running, starts):
        """The fewest of several looks, one after each start: a child in the making has some for a moment."""
        found = []
        for count in range(starts, starts + 30):
            self.pids(running, "x", count)
            found.append(descriptors(running.pid))
        return min(found)

    def test_one_of_several_that_is_killed_starts_again_alone(self):
        running = self.start(
            "[process/x]\ncommand = sleep 1000\ncount = 3\nrestart = on_failure\n"
        )
        before = self.pids(running, "x", 3)
        os.kill(before[1], signal.SIGKILL)
        after = self.pids(running, "x", 4)
        self.assertSaid(
            rf"WARNING\(aio\): Process\(x\[1\]\) pid {before[1]} was killed by SIGKILL; it starts "
            r"again in \d+ms \(1 of 5 within 10s\)$", running
        )
        self.assertEqual(set(children(running.pid)), {before[0], before[2], after[3]})
        self.assertStops(running)

    def test_one_of_several_that_keeps_dying_is_the_end(self):
        running = self.start("""
            [process/x]
            shell = yes
            command = [ $$AIO_PROCESS_INDEX = 1 ] && exit 3; exec sleep 1000
            count = 3
            supervisor = s
            [supervisor/s]
            max_restarts = 2
            backoff = 1ms
        """)
        self.assertEnded(running, 1)
        self.assertSaid(r"Process\(x\[1\]\) pid \d+ exited with status 3; it starts again in", running)
        self.assertSaid(r"process/x crashed: x\[1\]: Max restarts exceeded \(2 within 10s\)", running)
        self.assertSaid(r"supervisor/s: Max restarts exceeded", running)

    def test_a_child_under_its_deadline_and_a_grandchild_with_the_pipe(self):
        """One ignores TERM, one leaves a daemon with its output, one has closed its output."""
        running = self.start("""
            [process/deaf]
            shell = yes
            command = trap '' TERM; echo deaf; while :; do sleep 0.01; done
            stop_timeout = 500ms
            [process/parent]
            shell = yes
            command = setsid sh -c 'echo daemon $$$$; : > there; exec sleep 1000' &
                      until [ -e there ]; do sleep 0.01; done
            [process/silent]
            shell = yes
            command = echo silent; exec >&- 2>&-; exec sleep 1000
        """)
        running.wait_for("stdout: deaf$")
        running.wait_for("stdout: silent$")
        daemon = int(running.wait_for(r"stdout: daemon (\d+)$").group(1))
        self.addCleanup(os.kill, daemon, signal.SIGKILL)
        begun = time.monotonic()
        self.assertStops(running)
        self.assertLess(time.monotonic() - begun, 10)
        self.assertSaid(r"Process\(deaf\) pid \d+ was killed by SIGKILL$", running)
        self.assertSaid(r"Process\(silent\) pid \d+ was killed by SIGTERM$", running)
        self.assertTrue(alive(daemon))

    def test_case_185_stray_output_goes_where_aio_s_goes_and_a_child_s_into_the_log(self):
        running = self.start(
            "[schedule/says]\nevery = 1h\nfunc = probe.tick\n"
            "[process/x]\nshell = yes\ncommand = echo stray; echo wrong >&2\n"
        )
        running.wait_for(r"^tick says")
        running.wait_for(r"INFO\(process\.x\): stdout: stray$")
        running.wait_for(r"WARNING\(process\.x\): stderr: wrong$")
        self.assertStops(running)

    def test_with_an_environment_of_its_own(self):
        running = self.start(
            "[process/x]\ncommand = env\ninherit_env = no\nenv = A=b\n"
            "[process/y]\ncommand = env\n", env={"STRAY": "1", "NOTIFY_SOCKET": "/run/x"}
        )
        running.wait_for(r"Process\(x\) pid \d+ exited")
        running.wait_for(r"Process\(y\) pid \d+ exited")
        said = [line.partition("stdout: ")[2] for line in running.text().splitlines()
                if "(process.x): " in line]
        self.assertEqual(sorted(said), ["A=b", "AIO_PROCESS_COUNT=1", "AIO_PROCESS_INDEX=0"])
        self.assertSaid(r"\(process\.y\): stdout: STRAY=1$", running)
        self.assertNotSaid("NOTIFY_SOCKET", running)
        self.assertStops(running)


@unittest.skipUnless(os.geteuid() == 0, "only root can become others")
class Users(Case):
    pids, until = processes_test.Processes.pids, processes_test.Processes.until

    def test_a_process_of_another_user(self):
        nobody = pwd.getpwnam("nobody")
        running = self.start("""
            [process/x]
            user = nobody
            group = daemon
            shell = yes
            command = echo $$(id -un) $$(id -gn) $$USER $$HOME; echo two > /dev/stdout; exec sleep 1000
            [process/root]
            shell = yes
            command = id -un
        """)
        running.wait_for(rf"\(process\.x\): stdout: nobody daemon nobody {nobody.pw_dir}$")
        running.wait_for(r"\(process\.x\): stdout: two$")
        running.wait_for(r"\(process\.root\): stdout: root$")
        pid = self.pids(running, "x")[0]
        with open(f"/proc/{pid}/status", encoding="utf-8") as status:
            self.assertRegex(status.read(), rf"Uid:(\t{nobody.pw_uid}){{4}}\nGid:(\t1){{4}}\n")
        running.send(signal.SIGKILL)
        running.wait()
        self.until(lambda: not alive(pid))

    def test_it_is_stopped_like_any_other(self):
        running = self.start("[process/x]\nuser = nobody\ncommand = sleep 1000\n")
        running.wait_for("Started$")
        self.assertStops(running)
        self.assertSaid(r"Process\(x\) pid \d+ was killed by SIGTERM$", running)

    def refuses(self, prefix, config, reason):
        self.write("aio.conf", config)
        done = subprocess.run(
            [*prefix, str(AIO), "run"], cwd=self.folder, env=clean_environment(), text=True,
            capture_output=True, check=False, timeout=PATIENCE,
        )
        self.assertEqual(done.returncode, FAILED, done.stdout + done.stderr)
        self.assertRegex(done.stdout + done.stderr, reason)

    @unittest.skipUnless(makes_user_namespaces(), "this system makes no user namespace")
    def test_a_user_that_the_user_namespace_does_not_have_is_named(self):
        numbers = (r"this user namespace has no user 65534 and no group 65534 "
                   r"\(see /proc/self/uid_map and /proc/self/gid_map\)$")
        inside = ["unshare", "-Ur"]
        self.refuses(
            inside, "[aio]\nuser = 65534\n" + SLEEP,
            "(?m)^aio: \\[aio\\] user = 65534: cannot take the groups of user 65534 and "
            "group 65534: " + numbers
        )
        self.refuses(
            inside, SLEEP + "user = 65534\n",
            "(?m)Process\\(x\\) failed to start: cannot give its output to user 65534 and "
            "group 65534: " + numbers
        )
        self.refuses(
            inside, "[aio]\ngroup = 65533\n" + SLEEP,
            r"(?m)^aio: \[aio\] group = 65533: .*: this user namespace has no group 65533 \(see"
        )

    @unittest.skipUnless(shutil.which("setpriv"), "there is no setpriv")
    def test_a_capability_that_is_missing_is_named(self):
        for capability, step in (("setgid", "take the groups of"), ("setuid", "become")):
            without = ["setpriv", f"--bounding-set=-{capability}", f"--inh-caps=-{capability}"]
            reason = (rf"{step} user 65534.*: Operation not permitted \(this process does not "
                      rf"have the capability CAP_{capability.upper()}\)$")
            self.refuses(
                without, "[aio]\nuser = 65534\n" + SLEEP,
                rf"(?m)^aio: \[aio\] user = 65534: cannot {reason}"
            )
            self.refuses(
                without, SLEEP + "user = 65534\n",
                rf"(?m)Process\(x\) failed to start: cannot {reason}"
            )

    def test_who_may_not_is_told_before_anything_starts(self):
        self.folder.chmod(0o755)
        self.write("aio.conf", "[process/x]\ncommand = sleep 1000\nuser = daemon\n")
        done = self.aio("run", user="nobody", group="nogroup", extra_groups=[])
        self.assertStatus(done, BAD_CONFIG)
        self.assertSaid(
            r"aio\.conf:3:1: error: \[process/x\] only root can run a process as another user", done
        )
        self.assertSaid("start aio as root", done)
        self.refused(
            "[aio]\nuser = nobody\n[process/x]\ncommand = sleep 1000\nuser = daemon\n"
            "[process/y]\ncommand = sleep 1000\nuser = nosuchuser\ngroup = nosuchgroup\n"
            "[process/z]\ncommand = sleep 1000\nuser = nobody\n",
            r"aio\.conf:5:1: error: \[process/x\] only root can run",
            r"aio has become the \[aio\] user when it starts its processes$",
            r"aio\.conf:8:1: error: \[process/y\] user: there is no user 'nosuchuser'$",
            r"aio\.conf:9:1: error: \[process/y\] group: there is no group 'nosuchgroup'$",
        )

    def test_when_the_system_makes_no_more_processes(self):
        """The restarts fail one after the other until it does again."""
        running = self.start(
            "[aio]\nuser = nobody\n[process/x]\ncommand = sleep 1000\nsupervisor = s\n"
            "[supervisor/s]\nmax_restarts = 1000\nbackoff = 10ms\nbackoff_max = 20ms\n"
        )
        pid = self.pids(running, "x")[0]
        self.limit(running.pid, 1)
        os.kill(pid, signal.SIGKILL)
        running.wait_for(
            r"Process\(x\) failed to start: cannot make a process: Resource temporarily unavailable", 3
        )
        self.limit(running.pid, 1000)
        self.pids(running, "x", 2)
        self.assertStops(running)

    def limit(self, pid, processes):
        """As nobody, who may do this to its own."""
        subprocess.run(
            ["prlimit", f"--nproc={processes}:", f"--pid={pid}"],
            user="nobody", group="nogroup", extra_groups=[], check=True,
        )


if __name__ == "__main__":
    main()
