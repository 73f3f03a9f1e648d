"""The machines aio runs on: containers, small limits, missing files, full disks.

Each case starts the same small app (a schedule, a server, a child process) on such a machine, talks to
the server, and stops it. Either all of that works with status 0, or the app is refused with the right
status and one sentence that names the cause.
"""

import datetime
import errno
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import textwrap
import time
import unittest
from pathlib import Path

from support import AIO, BAD_CONFIG, Case, FAILED, OK, PATIENCE, Running, SLOW, clean_environment
from support import free_port, main
from system_calls import EPOLL_CREATE1, KNOWN, NEW_CALLS, RT_SIGTIMEDWAIT, RT_TGSIGQUEUEINFO
from system_calls import TGKILL, WAITID, refusing
from system_calls import without_alarm_of_the_wall_clock

ROOT = os.geteuid() == 0
NOBODY = 65534
SANITIZED = SLOW != 1
CLOCK = os.environ.get("AIO_TEST_PRELOAD_CLOCK")

APP = """
[schedule/tick]
every = 100ms
func = aio.examples.tick

[server/echo]
protocol = aio.examples.echo
address = {address}
port = {port}

[process/child]
command = sleep 1000
"""

CLIENT = """
import socket, sys
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 5) as client:
    client.sendall(b"hello")
    client.shutdown(socket.SHUT_WR)
    print(client.makefile().read(), end="")
"""


def needs_root(what):
    return unittest.skipUnless(ROOT, f"only root can {what}")


def executable(pid):
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def children(pid):
    try:
        return [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def below(pid):
    """Its children, and theirs."""
    return [found for child in children(pid) for found in (child, *below(child))]


class Host(Case):
    """A machine to run on."""

    def setUp(self):
        super().setUp()
        self.folder.chmod(0o755)
        self.port = free_port()

    def app(self, aio="", more="", address="127.0.0.1"):
        """The text of the configuration: options of [aio], and further sections."""
        return f"[aio]\n{aio}\n" + APP.format(port=self.port, address=address) + more

    def launch(self, config, prefix=(), args=(), shell=None, env=None, cwd=None, file=None, **more):
        """Starts `PREFIX aio -c FILE run`; `shell` is a script around it that ends in `exec "$@"`."""
        file = file or self.write("aio.conf", config)
        argv = [*prefix, str(AIO), "-c", str(file), "run", *args]
        if shell is not None:
            argv = [*prefix, "/bin/sh", "-c", shell, "sh", str(AIO), "-c", str(file), "run", *args]
        environment = env if env is not None else clean_environment()
        running = Running(argv, cwd or self.folder, environment, **more)
        self.addCleanup(running.kill)
        return running

    def aio_pid(self, running):
        """The process of aio, below whatever starts it."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and running.popen.poll() is None:
            ranks = [running.pid]
            while ranks:
                pid = ranks.pop(0)
                if executable(pid) == str(AIO):
                    return pid
                ranks += children(pid)
            time.sleep(0.01)
        self.fail(f"aio was not started\n{running.report()}")

    def ask(self, pid, address="127.0.0.1"):
        """What the server answers, asked from inside the network namespace of the process."""
        argv = ["python3", "-c", CLIENT, address, str(self.port)]
        if ROOT:
            argv = ["nsenter", f"--net=/proc/{pid}/ns/net", *argv]
        return subprocess.run(argv, capture_output=True, text=True, check=False).stdout

    def serves(self, running, address="127.0.0.1"):
        """Waits until the server answers; the process of aio."""
        pid = self.aio_pid(running)
        deadline = time.monotonic() + PATIENCE
        while self.ask(pid, address) != "hello":
            if time.monotonic() > deadline or running.popen.poll() is not None:
                self.fail(f"the server does not answer\n{running.report()}")
            time.sleep(0.02)
        return pid

    def has_child(self, pid):
        """As PID 1 aio works in a process below the first one."""
        deadline = time.monotonic() + PATIENCE
        while not any(executable(child).endswith("sleep") for child in below(pid)):
            self.assertLess(time.monotonic(), deadline, "there is no child process")
            time.sleep(0.01)

    def lives(self, running, address="127.0.0.1"):
        """It serves, its child runs, and SIGTERM ends it with 0."""
        pid = self.serves(running, address)
        self.has_child(pid)
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)
        return running

    def refused_with(self, running, status, pattern):
        """It ends by itself, and one sentence says why."""
        self.assertEnded(running, status)
        self.assertSaid(pattern, running)


class Users(Host):
    def test_the_user_who_runs_the_tests(self):
        self.assertSaid(r"\(aio\): Stopped", self.lives(self.launch(self.app())))

    @needs_root("become somebody else")
    def test_a_user_without_a_name_and_without_rights(self):
        os.chown(self.folder, NOBODY, NOBODY)
        reachable = subprocess.run([AIO, "--version"], user=54321, capture_output=True, check=False)
        if reachable.returncode != 0:
            self.skipTest("the build folder is closed to other users")
        running = self.launch(self.app(), user=54321, group=54321, extra_groups=[])
        self.lives(running)

    @needs_root("become somebody else")
    def test_a_port_below_1024_without_the_right_to_it(self):
        # Containers often set ip_unprivileged_port_start to 0: a namespace has its own value.
        self.port = 80
        prefix = ["unshare", "-n", "sh", "-c",
                  "ip link set lo up; echo 1024 >/proc/sys/net/ipv4/ip_unprivileged_port_start || exit 9;"
                  'exec setpriv --reuid 65534 --clear-groups "$@"', "sh"]
        running = self.launch(self.app(), prefix=prefix)
        if running.wait() == 9:
            self.skipTest("the port limit cannot be set")
        self.refused_with(running, FAILED, r"Server\(echo\) failed to start: .*127\.0\.0\.1:80.*[Pp]ermission denied")


@needs_root("make namespaces")
class Namespaces(Host):
    def test_process_number_one(self):
        running = self.launch(self.app(), prefix=["unshare", "-fp", "--mount-proc"])
        self.lives(running)

    def test_a_command_of_a_plain_function_as_process_number_one(self):
        """The system drops signals to that process which it has no handler for."""
        self.write("aio.conf", "[aio/commands]\nbusy = probe.busy_command\n")
        running = Running(["unshare", "-fp", "--mount-proc", str(AIO), "busy"], self.folder,
                          clean_environment())
        self.addCleanup(running.kill)
        running.wait_for("^busy$")
        os.kill(children(running.pid)[0], signal.SIGTERM)
        self.assertEnded(running, 128 + signal.SIGTERM)

    def test_no_ipv6(self):
        self.lives(self.launch(self.app(), prefix=["unshare", "-n"], shell=(
            "ip link set lo up; echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; exec \"$@\""
        )))

    def test_no_ipv6_and_no_address(self):
        """A server without `address` listens on v6 and v4 where there are both."""
        config = self.app().replace("address = 127.0.0.1\n", "")
        self.lives(self.launch(config, prefix=["unshare", "-n"], shell=(
            "ip link set lo up; echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6; exec \"$@\""
        )))

    def test_a_kernel_without_ipv6(self):
        """Sockets of that family cannot be made at all."""
        source = self.write("no6.c", """
            #define _GNU_SOURCE
            #include <dlfcn.h>
            #include <errno.h>
            #include <sys/socket.h>

            int socket(int domain, int type, int protocol) {
                if (domain == AF_INET6) {
                    errno = EAFNOSUPPORT;
                    return -1;
                }
                return ((int (*)(int, int, int))dlsym(RTLD_NEXT, "socket"))(domain, type, protocol);
            }
        """)
        library = self.folder / "no6.so"
        compiler = os.environ.get("AIO_TEST_COMPILER", "c++")
        subprocess.run([compiler, "-x", "c", "-shared", "-fPIC", source, "-o", library], check=True)
        config = self.app().replace("address = 127.0.0.1\n", "")
        self.lives(self.launch(config, env=clean_environment({"LD_PRELOAD": library})))

    def test_no_network_but_a_loopback_that_is_down(self):
        running = self.launch(self.app(), prefix=["unshare", "-n"])
        pid = self.aio_pid(running)
        running.wait_for(r"\(aio\): Started")
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)

    def test_a_name_that_no_resolver_knows(self):
        running = self.launch(self.app(address="no.such.name.invalid"), prefix=["unshare", "-n"])
        self.refused_with(running, FAILED, r"Server\(echo\) failed to start: .*no\.such\.name\.invalid")

    def test_no_dev_log(self):
        more = "[logger_root]\nlevel = INFO\nhandlers = s\n[handler_s]\nclass = SysLogHandler\n"
        running = self.launch(self.app(more=more), prefix=["unshare", "-m"], shell=(
            "mkdir d && mount -t tmpfs none d && cp -a /dev/null /dev/zero /dev/urandom /dev/tty d/ &&"
            "mount --move d /dev && exec \"$@\""
        ))
        self.lives(running)
        self.assertSaid(r"(?i)warning.*/dev/log", running.err)
        self.assertSaid(r"\(aio\): Stopped|Stopped", running.err)

    def test_a_root_that_is_read_only_with_one_folder_that_is_not(self):
        running = self.launch(
            self.app(aio="log_file = app.log\npid_file = app.pid"), prefix=["unshare", "-m"], shell=(
                "mount --make-rprivate / && mount --bind . . && mount -o remount,bind,ro / &&"
                "cd \"$PWD\" && exec \"$@\""
            )
        )
        self.lives(running)
        self.assertSaid(r"Stopped", self.read("app.log"))

    def test_a_log_in_a_read_only_folder(self):
        (self.folder / "closed").mkdir()
        running = self.launch(
            self.app(aio="log_file = closed/app.log"), prefix=["unshare", "-m"], shell=(
                "mount --bind closed closed && mount -o remount,bind,ro closed && exec \"$@\""
            )
        )
        self.refused_with(running, BAD_CONFIG, r"closed/app\.log.*Read-only file system")

    def test_a_pid_file_in_a_read_only_folder(self):
        (self.folder / "closed").mkdir()
        running = self.launch(
            self.app(aio="pid_file = closed/app.pid"), prefix=["unshare", "-m"], shell=(
                "mount --bind closed closed && mount -o remount,bind,ro closed && exec \"$@\""
            )
        )
        self.refused_with(running, FAILED, r"pid file .*closed/app\.pid.*Read-only file system")

    @unittest.skipIf(SANITIZED, "a sanitizer needs /proc")
    def test_no_proc(self):
        # The loader finds the library beside the binary through /proc.
        environment = clean_environment({"LD_LIBRARY_PATH": AIO.parents[1] / "lib"})
        running = self.launch(self.app(), prefix=["unshare", "-m"], env=environment, shell=(
            "mount -t tmpfs none /proc && exec \"$@\""
        ))
        deadline = time.monotonic() + PATIENCE
        while self.ask(running.pid) != "hello":
            self.assertLess(time.monotonic(), deadline, running.report())
            self.assertIsNone(running.popen.poll(), running.report())
            time.sleep(0.02)
        os.kill(running.pid, signal.SIGTERM)
        self.assertEnded(running, OK)

    def test_no_user_database(self):
        running = self.launch(self.app(), prefix=["unshare", "-m"], shell=(
            ": >empty; mount --bind empty /etc/passwd && mount --bind empty /etc/group && exec \"$@\""
        ))
        self.lives(running)

    def test_a_hosts_file_that_is_empty(self):
        running = self.launch(self.app(), prefix=["unshare", "-m"], shell=(
            ": >empty; mount --bind empty /etc/hosts && mount --bind empty /etc/resolv.conf && exec \"$@\""
        ))
        self.lives(running)


@needs_root("hide the time zones")
class Zones(Host):
    CRON = "[schedule/morning]\ncron = 0 8 * * *\ntimezone = {zone}\nfunc = aio.examples.tick\n"

    def config(self, zone):
        return self.app(more=self.CRON.format(zone=zone))

    def test_slim_files(self):
        source = Path("/usr/share/zoneinfo/tzdata.zi")
        if not source.exists() or not shutil.which("zic"):
            self.skipTest("no zic")
        zones = self.folder / "zi"
        subprocess.run(["zic", "-b", "slim", "-d", zones, source], check=True, capture_output=True)
        shutil.copy(source, zones)
        running = self.launch(self.config("Europe/Berlin"), prefix=["unshare", "-m"], shell=(
            "mount --bind zi /usr/share/zoneinfo && exec \"$@\""
        ))
        self.lives(running)

    def test_dates_that_only_the_rules_of_a_file_cover(self):
        """The changes that a file lists end in 2037 at the latest. 8 h in Berlin is 7 or 6 h UTC."""
        source = Path("/usr/share/zoneinfo/tzdata.zi")
        if not source.exists() or not shutil.which("zic"):
            self.skipTest("no zic")
        cron = self.CRON.replace("aio.examples.tick", "probe.tick").format(zone="Europe/Berlin")
        for kind, date in (("slim", "2038-01-20 06:59:57"), ("fat", "2038-01-20 06:59:57"),
                           ("slim", "2038-07-01 05:59:57"), ("fat", "2038-07-01 05:59:57")):
            with self.subTest(kind=kind, date=date):
                zones = self.folder / kind
                subprocess.run(["zic", "-b", kind, "-d", zones, source], check=True, capture_output=True)
                shutil.copy(source, zones)
                self.set_clock(date)
                running = self.launch(self.app(more=cron), prefix=["unshare", "-m"], shell=(
                    f"mount --bind {kind} /usr/share/zoneinfo && "
                    f"exec env LD_PRELOAD='{CLOCK}' TEST_WALL_CLOCK=\"$PWD/clock\" \"$@\""
                ))
                running.wait_for(r"^tick morning .*run=1 missed=0")
                self.lives(running)

    def set_clock(self, date):
        """aio will see this date (UTC)."""
        when = datetime.datetime.fromisoformat(date).replace(tzinfo=datetime.timezone.utc)
        ahead = int((when.timestamp() - time.time()) * 1e9)
        self.folder.joinpath("clock").write_bytes(struct.pack("=q", ahead))

    def test_files_that_are_missing(self):
        (self.folder / "zi").mkdir()
        running = self.launch(self.config("Europe/Berlin"), prefix=["unshare", "-m"], shell=(
            "mount --bind zi /usr/share/zoneinfo && exec \"$@\""
        ))
        self.refused_with(running, BAD_CONFIG, r"(?i)Europe/Berlin|time zone")
        self.assertNotSaid("terminate called", running)

    def test_files_that_are_missing_and_utc(self):
        (self.folder / "zi").mkdir()
        running = self.launch(self.config("UTC"), prefix=["unshare", "-m"], shell=(
            "mount --bind zi /usr/share/zoneinfo && exec \"$@\""
        ))
        self.lives(running)


class Limits(Host):
    def test_64_descriptors(self):
        self.lives(self.launch(self.app(), shell='ulimit -n 64; exec "$@"'))

    def test_64_descriptors_and_more_clients(self):
        running = self.launch(self.app(), shell='ulimit -n 64; exec "$@"')
        pid = self.serves(running)
        clients = []
        for _ in range(100):
            client = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
            self.addCleanup(client.close)
            client.sendall(b"x")
            clients.append(client)
        running.wait_for(r"(?i)(WARNING|ERROR).*(descriptor|open files)")
        for client in clients:
            client.shutdown(socket.SHUT_WR)
        self.assertEqual([client.recv(9) for client in clients], [b"x"] * len(clients))
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)
        self.assertLess(len(running.find("(?i)descriptor|open files")), 10, running.report())

    def test_files_of_4_kib_at_most(self):
        """Blocks of `ulimit -f` have 512 bytes in this shell."""
        more = "[process/talk]\nshell = yes\ncommand = while :; do echo a line of some length; sleep 0.005; done\n"
        running = self.launch(
            self.app(aio="log_file = app.log", more=more), shell='ulimit -f 8; exec "$@"'
        )
        pid = self.serves(running)
        running.wait_for("File too large")
        self.assertEqual(self.ask(pid), "hello")
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)
        self.assertLessEqual((self.folder / "app.log").stat().st_size, 8 * 512)

    @unittest.skipIf(SANITIZED, "a sanitizer reserves more memory than any limit")
    def test_an_address_space_that_is_small(self):
        self.lives(self.launch(self.app(), shell='ulimit -v 400000; exec "$@"'))

    @unittest.skipIf(SANITIZED, "a sanitizer reserves more memory than any limit")
    def test_an_address_space_that_is_too_small(self):
        """It starts, or it says why not; it never dies without a word."""
        for kib in (20000, 40000, 60000, 80000, 120000, 200000):
            running = self.launch(self.app(), shell=f'ulimit -v {kib}; exec "$@"')
            status = None
            deadline = time.monotonic() + PATIENCE
            while status is None and time.monotonic() < deadline:
                if self.ask(running.pid) == "hello":
                    break
                status = running.popen.poll()
                time.sleep(0.02)
            if status is None:
                os.kill(running.pid, signal.SIGTERM)
                self.assertEnded(running, OK)
                continue
            with self.subTest(kib=kib):
                running.wait()
                self.assertIn(status, (FAILED, BAD_CONFIG, 127), running.report())
                self.assertSaid(r"(?i)memory|map segment|allocate", running)
                self.assertNotSaid("terminate called", running)

    def test_a_million_descriptors(self):
        """Nothing may walk through all numbers up to the limit: containers have a billion."""
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        prefix = ["prlimit", f"--nofile={hard}"]
        self.lives(self.launch(self.app(), prefix=prefix))

    @unittest.skipIf(SANITIZED, "a sanitizer needs a larger stack")
    def test_a_small_stack(self):
        self.lives(self.launch(self.app(), prefix=["prlimit", "--stack=262144"]))

    def test_an_unlimited_stack(self):
        self.lives(self.launch(self.app(), prefix=["prlimit", "--stack=unlimited"]))

    def test_one_core_means_one_loop(self):
        cores = sorted(os.sched_getaffinity(0))
        running = self.launch(self.app(aio="loops = auto"), prefix=["taskset", "-c", str(cores[0])])
        self.lives(running)
        self.assertNotSaid("more threads than", running)

    def test_no_processes_left(self):
        """A limit of processes counts for all of one user: only one of its own shows it."""
        if not ROOT:
            self.skipTest("only root can become somebody else")
        os.chown(self.folder, 54321, 54321)
        if subprocess.run([AIO, "--version"], user=54321, capture_output=True, check=False).returncode:
            self.skipTest("the build folder is closed to other users")
        running = self.launch(
            self.app(), prefix=["prlimit", "--nproc=1"], user=54321, group=54321, extra_groups=[]
        )
        self.refused_with(running, FAILED, r"(?i)Resource temporarily unavailable|thread")
        self.assertNotSaid("terminate called", running)


@unittest.skipUnless(KNOWN, "the numbers of its system calls are not known here")
class Kernels(Host):
    """Old kernels, emulated ones, filters of system calls."""

    WORK = textwrap.dedent("""
        [handler_parts]
        class = RotatingFileHandler
        args = ('parts.log', 'a', 2000, 3)
        [logger_root]
        handlers = parts
        [schedule/minute]
        cron = * * * * *
        func = aio.examples.tick
        [process/talks]
        command = sh -c 'echo /proc/self/fd/* end >open; exec sleep 1000'
        [process/says]
        command = sh -c 'for i in 1 2 3 4 5 6 7 8 9; do echo {words}; done; exec sleep 1000'
    """).format(words="many words " * 30)

    def works(self, call):
        leaked = 77
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), leaked)
        self.addCleanup(os.close, leaked)
        running = self.launch(self.app(more=self.WORK), preexec_fn=call, pass_fds=[leaked])
        inherited = self.log_says("open", " end$")
        self.lives(running)
        self.assertNotSaid("WARNING|ERROR", running)
        self.assertIn("/fd/0 ", inherited)
        self.assertNotIn(f"/fd/{leaked} ", inherited)
        self.assertTrue((self.folder / "parts.log.1").exists())

    def test_without_the_new_calls(self):
        self.works(refusing(NEW_CALLS.values()))

    def test_with_a_filter_that_permits_no_new_call(self):
        self.works(refusing(NEW_CALLS.values(), errno.EPERM))

    def test_without_waits_for_signals_nothing_starts(self):
        """It would hear no signal."""
        for error in (errno.EPERM, errno.ENOSYS):
            running = self.launch(self.app(), preexec_fn=refusing([RT_SIGTIMEDWAIT], error))
            self.refused_with(running, FAILED, r"^aio: cannot wait for signals "
                              rf"\(rt_sigtimedwait\): {os.strerror(error)}$")
            self.assertNotSaid("Started", running)

    def test_without_signals_to_threads_it_works_or_nothing_starts(self):
        """Nobody could wake the thread that waits for signals."""
        for error in (errno.EPERM, errno.ENOSYS):
            running = self.launch(self.app(), preexec_fn=refusing([TGKILL], error))
            self.lives(running)
            failing = self.launch(self.app(more="[process/none]\ncommand = /nowhere/at/all\n"),
                                  preexec_fn=refusing([TGKILL], error))
            self.assertEnded(failing, BAD_CONFIG)
            running = self.launch(self.app(),
                                  preexec_fn=refusing([TGKILL, RT_TGSIGQUEUEINFO], error))
            self.refused_with(running, FAILED, r"^aio: cannot signal a thread "
                              rf"\(tgkill, rt_tgsigqueueinfo\): {os.strerror(error)}$")
            self.assertNotSaid("Started", running)

    def test_without_epoll_the_reason_is_said(self):
        running = self.launch(self.app(), preexec_fn=refusing([EPOLL_CREATE1], errno.EPERM))
        self.refused_with(running, FAILED, r"^aio: cannot make an event loop \(epoll, eventfd\): "
                                           r"Operation not permitted$")
        self.assertNotSaid(r"\[system", running)

    @needs_root("make namespaces")
    def test_process_number_one_without_waits_starts_nothing(self):
        for number, pattern in ((RT_SIGTIMEDWAIT, r"signals \(rt_sigtimedwait\)"),
                                (WAITID, r"processes \(waitid\)")):
            running = self.launch(self.app(), prefix=["unshare", "-fp", "--mount-proc"],
                                  preexec_fn=refusing([number], errno.EPERM))
            self.refused_with(running, FAILED,
                              rf"^aio: cannot wait for {pattern}: Operation not permitted$")
            self.assertNotSaid("Started", running)

    def test_without_an_alarm_of_the_wall_clock(self):
        self.works(without_alarm_of_the_wall_clock)


@needs_root("make namespaces")
class WithoutDevices(Host):
    NO_DEVICES = "mount -t tmpfs none /dev; "

    def test_children_start(self):
        running = self.launch(
            "[process/x]\nshell = yes\ncommand = cat; echo the input has ended; exec sleep 1000\n",
            prefix=["unshare", "-m"], shell=self.NO_DEVICES + 'exec "$@"')
        running.wait_for("stdout: the input has ended$")
        os.kill(self.aio_pid(running), signal.SIGTERM)
        self.assertEnded(running, OK)

    def test_all_closed(self):
        self.launch_and_stop(self.NO_DEVICES + 'exec "$@" <&- >&- 2>&-')

    def launch_and_stop(self, shell):
        running = self.launch(self.app(aio="log_file = app.log"), prefix=["unshare", "-m"],
                              shell=shell)
        pid = self.serves(running)
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)
        self.assertSaid("Stopped", self.read("app.log"))


class Descriptors(Host):
    """0, 1 and 2 closed: what aio opens must not take their place."""

    def answers_only(self, running):
        pid = self.serves(running)
        self.has_child(pid)
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)

    def test_standard_input_closed(self):
        self.answers_only(self.launch(self.app(), shell='exec "$@" <&-'))

    def test_standard_output_closed(self):
        running = self.launch(self.app(), shell='exec "$@" >&-')
        self.answers_only(running)
        said = "warning: standard output is closed: the log goes to standard error$"
        self.assertEqual(len(running.find(said)), 1, running.report())
        self.assertSaid(r"INFO\(aio\): Started$", running.err)
        self.assertSaid(r"INFO\(aio\): Stopped$", running.err)

    def test_standard_output_closed_and_not_used(self):
        running = self.launch(self.app(aio="log_file = app.log"), shell='exec "$@" >&-')
        self.answers_only(running)
        self.assertNotSaid("standard output", running.err)

    def test_standard_error_closed(self):
        self.answers_only(self.launch(self.app(), shell='exec "$@" 2>&-'))

    def test_all_closed(self):
        running = self.launch(self.app(aio="log_file = app.log"), shell='exec "$@" <&- >&- 2>&-')
        self.answers_only(running)
        text = self.read("app.log")
        self.assertSaid("Started", text)
        self.assertSaid("Stopped", text)

    def test_no_client_reads_the_log(self):
        """The log goes to standard output, which is closed; a connection must not become it."""
        running = self.launch(self.app(), shell='exec "$@" <&- >&- 2>&-')
        pid = self.serves(running)
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as client:
            client.sendall(b"abc")
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(client.makefile().read(), "abc")
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)

    def test_standard_output_is_a_full_device(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full")
        running = self.launch(self.app(), shell='exec "$@" >/dev/full')
        pid = self.serves(running)
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)
        self.assertSaid("No space left on device", running.err)

    def test_nobody_reads_standard_output_any_more(self):
        reading, writing = os.pipe()
        running = self.launch(self.app(), stdout=writing)
        os.close(writing)
        os.close(reading)
        pid = self.serves(running)
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)


class Environment(Host):
    def environment(self, **more):
        return {k: v for k, v in clean_environment(more).items()}

    def test_language_c(self):
        self.lives(self.launch(self.app(), env=self.environment(LC_ALL="C", LANG="C")))

    def test_a_language_nobody_has(self):
        self.lives(self.launch(self.app(), env=self.environment(LC_ALL="xx_YY.UTF-8", LANG="xx_YY.UTF-8")))

    def test_no_home(self):
        self.lives(self.launch(self.app(), env=self.environment(HOME=None, USER=None, LOGNAME=None)))

    def test_a_home_that_is_not_there(self):
        self.lives(self.launch(self.app(), env=self.environment(HOME="/nonexistent")))

    def test_no_environment_at_all(self):
        self.lives(self.launch(self.app(), env={}))

    def test_a_time_zone_nobody_has(self):
        self.lives(self.launch(self.app(), env=self.environment(TZ="Nowhere/Land")))

    def test_an_empty_time_zone(self):
        self.lives(self.launch(self.app(), env=self.environment(TZ="")))

    def test_a_folder_for_temporary_files_that_is_not_there(self):
        self.lives(self.launch(self.app(), env=self.environment(TMPDIR="/nonexistent")))

    def test_a_variable_that_is_no_utf8(self):
        environment = {k.encode(): v.encode() for k, v in clean_environment().items()}
        self.lives(self.launch(self.app(), env={**environment, b"BAD": b"\xff\xfe\n"}))

    def test_a_large_environment(self):
        more = {f"FILL_{number}": "x" * 1000 for number in range(1000)}
        self.lives(self.launch(self.app(), env=self.environment(**more)))


class Masks(Host):
    def test_a_mask_that_hides_everything(self):
        running = self.launch(
            self.app(aio="log_file = app.log\npid_file = app.pid"), shell='umask 777; exec "$@"'
        )
        self.lives(running) if ROOT else self.assertIn(running.wait(), (OK, FAILED))

    def test_a_mask_that_hides_nothing(self):
        running = self.launch(
            self.app(aio="log_file = app.log\npid_file = app.pid"), shell='umask 0; exec "$@"'
        )
        pid = self.serves(running)
        for name in ("app.log", "app.pid"):
            with self.subTest(name):
                self.assertEqual((self.folder / name).stat().st_mode & 0o002, 0)
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)


class Places(Host):
    def test_the_working_directory_is_gone(self):
        file = self.write("aio.conf", self.app())
        gone = self.folder / "gone"
        gone.mkdir()
        self.lives(self.launch(None, file=file, shell=f'rmdir "{gone}"; exec "$@"', cwd=gone))

    def test_a_path_with_blanks_and_signs(self):
        place = self.folder / "a b $x [1] * ? 'q' \"d\" \\ ü"
        place.mkdir()
        file = place / "aio.conf"
        file.write_text(self.app(aio="log_file = app.log"), encoding="utf-8")
        self.lives(self.launch(None, file=file, cwd=place))
        self.assertSaid("Stopped", (place / "app.log").read_text(encoding="utf-8"))

    def test_a_long_path(self):
        place = self.folder
        while len(str(place)) < 900:
            place = place / ("d" * 100)
        place.mkdir(parents=True)
        file = place / "aio.conf"
        file.write_text(self.app(aio="log_file = app.log"), encoding="utf-8")
        self.lives(self.launch(None, file=file, cwd=place))

    def test_a_folder_that_cannot_be_read(self):
        if not ROOT:
            self.skipTest("only root can become somebody else")
        if subprocess.run([AIO, "--version"], user=NOBODY, capture_output=True, check=False).returncode:
            self.skipTest("the build folder is closed to other users")
        closed = self.folder / "closed"
        closed.mkdir(mode=0o700)
        file = self.write("aio.conf", self.app())
        self.lives(self.launch(None, file=file, cwd=closed, user=NOBODY, extra_groups=[]))


class Starters(Host):
    def test_nohup(self):
        self.lives(self.launch(self.app(), prefix=["nohup"]))

    def test_setsid(self):
        self.lives(self.launch(self.app(), prefix=["setsid", "-w"]))

    def test_env_i(self):
        self.lives(self.launch(self.app(), prefix=["env", "-i"]))

    def test_nice(self):
        self.lives(self.launch(self.app(), prefix=["nice", "-n", "19"]))

    def test_timeout(self):
        self.lives(self.launch(self.app(), prefix=["timeout", "1000"]))

    def test_signals_that_the_starter_blocks(self):
        """Python's threads and some supervisors start programs with signals blocked."""
        script = ("import os, signal, sys;"
                  "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32));"
                  "os.execv(sys.argv[1], sys.argv[1:])")
        self.lives(self.launch(self.app(), prefix=["python3", "-c", script]))

    def test_signals_that_the_starter_ignores(self):
        script = ("import os, signal, sys;"
                  "[signal.signal(s, signal.SIG_IGN) for s in (1, 13, 17, 10, 12, 25)];"
                  "os.execv(sys.argv[1], sys.argv[1:])")
        self.lives(self.launch(self.app(), prefix=["python3", "-c", script]))


@needs_root("mount a small disk")
class FullDisk(Host):
    """A tmpfs of 64 KiB. Each runs in a mount namespace of its own, so that nothing is left."""

    DISK = "mkdir -p d && mount -t tmpfs -o size=64k none d && "
    FILL = "cat /dev/zero >d/fill 2>/dev/null; "

    def test_a_log_that_fills_the_disk(self):
        more = "[process/talk]\nshell = yes\ncommand = while :; do echo a line of some length, again and again; done\n"
        running = self.launch(
            self.app(aio="log_file = d/app.log", more=more), prefix=["unshare", "-m"],
            shell=self.DISK + 'exec "$@"',
        )
        pid = self.serves(running)
        running.wait_for("No space left on device")
        self.assertEqual(self.ask(pid), "hello")
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)
        self.assertSaid(r"\d+ (log )?(records?|lines?|messages?)", running.err)

    def test_a_disk_that_is_full_before_the_start(self):
        running = self.launch(
            self.app(aio="log_file = d/app.log"), prefix=["unshare", "-m"],
            shell=self.DISK + self.FILL + 'exec "$@"',
        )
        pid = self.serves(running)
        running.wait_for(r"d/app\.log.*No space left on device")
        os.kill(pid, signal.SIGTERM)
        self.assertEnded(running, OK)

    def test_a_pid_file_on_a_full_disk(self):
        running = self.launch(
            self.app(aio="pid_file = d/app.pid"), prefix=["unshare", "-m"],
            shell=self.DISK + self.FILL + 'exec "$@"',
        )
        self.refused_with(running, FAILED, r"pid file .*d/app\.pid.*No space left on device")

    def test_config_set_on_a_full_disk(self):
        text = "[aio]\nlog_level = INFO\n" + "# filling\n" * 600
        self.write("old.conf", text)
        script = self.DISK + "cp old.conf d/aio.conf; " + self.FILL + (
            '"$1" -c d/aio.conf config -s aio:log_level DEBUG; echo "status $?"; ls -A d; cat d/aio.conf'
        )
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", script, "sh", AIO], cwd=self.folder, text=True,
            env=clean_environment(), capture_output=True, check=False,
        )
        self.assertIn("status 1", done.stdout, done.stderr)
        self.assertRegex(done.stderr, r"d/aio\.conf.*No space left on device")
        status, *names = done.stdout.split("\n")[:3]
        self.assertEqual(names, ["aio.conf", "fill"], "a temporary file was left")
        self.assertTrue(done.stdout.endswith(text), "the file was changed")

    def test_a_daemon_whose_log_is_on_a_full_disk(self):
        running = self.launch(
            self.app(aio="log_file = d/app.log\npid_file = app.pid"), args=["-d"],
            prefix=["unshare", "-m"], shell=self.DISK + self.FILL + 'exec "$@"',
        )
        self.assertEnded(running, OK)
        pid = int(self.read("app.pid"))
        self.assertEqual(self.ask(pid), "hello")
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while executable(pid) == str(AIO) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertNotEqual(executable(pid), str(AIO))


if __name__ == "__main__":
    main()
