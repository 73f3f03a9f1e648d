"""What every end-to-end test stands on: a temporary folder, the `aio` binary, running processes.

The binary and the folder of test modules come from the environment (CMakeLists.txt sets them):
AIO, AIO_TEST_MODULES, AIO_TEST_SLOW (a factor for sanitized builds). Nothing here sleeps to see
whether something has happened: processes are read line by line, and one waits for a line.
"""

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
AIO = Path(os.environ.get("AIO", SOURCE / "build/release/bin/aio")).resolve()
BUILD = AIO.parents[1]
MODULES = os.environ.get("AIO_TEST_MODULES", str(BUILD / "tests/modules"))
SLOW = float(os.environ.get("AIO_TEST_SLOW", "1"))
PATIENCE = 15 * SLOW

OK, FAILED, USAGE, FORCED, BAD_CONFIG = 0, 1, 2, 70, 78


class Patience:
    """So long may a process take. Time in which it was held still (SIGSTOP, by whoever measures
    something on this machine) is not its own."""

    def __init__(self, pid, seconds=None):
        self.pid, self.left = pid, PATIENCE if seconds is None else seconds

    def part(self):
        """To be waited before spend()."""
        return max(0, min(self.left, 1))

    def spend(self, seconds):
        """Whether there is any left."""
        if not self.held():
            self.left -= seconds
        return self.left > 0

    def held(self):
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].startswith("T")
        except OSError:
            return False


# Whoever runs the tests in the background may ignore them; what is tested must not inherit that.
for ignored in (signal.SIGHUP, signal.SIGINT):
    if signal.getsignal(ignored) == signal.SIG_IGN:
        signal.signal(ignored, signal.SIG_DFL)

# Orphans (daemons) become our children, so that their status can be collected.
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def clean_environment(more=None):
    """The environment of a fresh login: no AIO_… but the folder of test modules."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("AIO")}
    for name in ("NOTIFY_SOCKET", "LISTEN_FDS", "LISTEN_PID"):
        kept.pop(name, None)
    kept.update(LC_ALL="C.UTF-8", TZ="UTC", AIO_MODULE_PATH=MODULES)
    for name, value in (more or {}).items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = str(value)
    return kept


class Done:
    """A command that has ended."""

    def __init__(self, argv, status, out, err):
        self.argv, self.status, self.out, self.err = argv, status, out, err

    @property
    def text(self):
        return self.out + self.err

    def __str__(self):
        argv = " ".join(map(str, self.argv))
        return f"$ {argv}\n--- status {self.status}\n--- stdout\n{self.out}--- stderr\n{self.err}---"


class Line:
    def __init__(self, when, stream, text):
        self.when, self.stream, self.text = when, stream, text


class Running:
    """`aio` as a child process whose output is collected while it runs."""

    def __init__(self, argv, cwd, env, stdin=subprocess.DEVNULL, **more):
        self.argv = argv
        self.begun = time.monotonic()
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        self.popen = subprocess.Popen(
            argv, cwd=cwd, env=env, stdin=stdin, start_new_session=True, **more
        )
        self.pid = self.popen.pid
        self.lines = []
        self._changed = threading.Condition()
        self._open = 0
        self._readers = []
        for name in ("stdout", "stderr"):
            pipe = getattr(self.popen, name)
            if pipe is not None:
                self._open += 1
                reader = threading.Thread(target=self._read, args=(name, pipe), daemon=True)
                self._readers.append(reader)
        for reader in self._readers:
            reader.start()

    def _read(self, name, pipe):
        try:
            for raw in iter(pipe.readline, b""):
                text = raw.decode("utf-8", "replace").rstrip("\n")
                with self._changed:
                    self.lines.append(Line(time.monotonic(), name, text))
                    self._changed.notify_all()
        except (OSError, ValueError):
            pass
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    # what was said -----------------------------------------------------------------------

    def text(self, stream=None):
        with self._changed:
            return "".join(l.text + "\n" for l in self.lines if stream in (None, l.stream))

    @property
    def out(self):
        return self.text("stdout")

    @property
    def err(self):
        return self.text("stderr")

    def find(self, pattern):
        """Every line that matches so far."""
        with self._changed:
            return [l for l in self.lines if re.search(pattern, l.text)]

    def wait_for(self, pattern, count=1, timeout=None):
        """The match of the count-th line that matches; waits until it has been said."""
        patience = Patience(self.pid, timeout)
        with self._changed:
            at = found = 0
            while True:
                while at < len(self.lines):
                    match = re.search(pattern, self.lines[at].text)
                    at += 1
                    if match:
                        found += 1
                        if found == count:
                            return match
                if patience.left <= 0 or self._open == 0:
                    why = "in time" if patience.left <= 0 else "before its output ended"
                    raise AssertionError(
                        f"{count} lines like {pattern!r} were not said {why}\n{self.report()}"
                    )
                before = time.monotonic()
                self._changed.wait(patience.part())
                patience.spend(time.monotonic() - before)

    def silent_for(self, pattern, seconds):
        """Fails as soon as a further line matches within this time."""
        before = len(self.find(pattern))
        try:
            self.wait_for(pattern, before + 1, seconds)
        except AssertionError:
            return
        raise AssertionError(f"a further line like {pattern!r} was said\n{self.report()}")

    def port(self, name):
        """The real port of [server/NAME], from the log."""
        found = self.wait_for(rf"Server\({re.escape(name)}\) \S+ started on (\S+):(\d+)$")
        return int(found.group(2))

    def deaf(self):
        """While held, nobody reads what it says: its pipes fill up."""
        return self._changed

    # what is done to it --------------------------------------------------------------------

    def send(self, number):
        self.popen.send_signal(number)

    def taken(self, number, pid=None):
        """Waits until a signal that was sent before is no longer pending."""
        bit = 1 << (number - 1)
        patience = Patience(self.pid)
        while self.popen.poll() is None:
            try:
                status = Path(f"/proc/{pid or self.pid}/status").read_text()
            except OSError:
                return
            pending = re.findall(r"^S(?:ig|hd)Pnd:\s*([0-9a-f]+)$", status, re.M)
            if not any(int(each, 16) & bit for each in pending):
                return
            if not patience.spend(0.005):
                raise AssertionError(f"signal {number} stays pending\n{self.report()}")
            time.sleep(0.005)

    def insist(self, number=signal.SIGTERM, pid=None):
        """Sends a stop signal after the first one again and again, until the process has ended: what
        comes within 250 ms of the first counts as the first. Gives the longest pause between two
        of them: on a busy machine it may be long."""
        self.taken(number, pid)
        patience, before, longest = Patience(self.pid), time.monotonic(), 0
        while self.popen.poll() is None:
            try:
                os.kill(pid or self.pid, number)
            except ProcessLookupError:
                break
            time.sleep(0.02)
            longest = max(longest, time.monotonic() - before)
            if not patience.spend(time.monotonic() - before):
                raise AssertionError(f"did not end in time\n{self.report()}")
            before = time.monotonic()
        return longest

    def wait(self, timeout=None):
        """Its exit status, by itself; what was said is complete then."""
        patience = Patience(self.pid, timeout)
        while True:
            try:
                status = self.popen.wait(patience.part())
                break
            except subprocess.TimeoutExpired as late:
                if not patience.spend(late.timeout):
                    raise AssertionError(f"did not end in time\n{self.report()}") from None
        for reader in self._readers:
            reader.join(PATIENCE)
        return status

    def stop(self, number=signal.SIGTERM, timeout=None):
        self.send(number)
        return self.wait(timeout)

    def kill(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if pipe is not None:
                for reader in self._readers:
                    reader.join(1)
                pipe.close()

    def report(self):
        said = list(self.lines)
        if len(said) > 300:
            said[100:-200] = [Line(self.begun, "std...", f"{len(said) - 300} lines left out")]
        lines = "".join(
            f"{l.when - self.begun:8.3f} {l.stream[3:]:>3}| {l.text[:500]}\n" for l in said
        )
        state = self.popen.poll()
        argv = " ".join(map(str, self.argv))
        return f"$ {argv}\n{lines}--- {'running' if state is None else f'status {state}'}"


class Case(unittest.TestCase):
    """One temporary folder per test; everything started is dead when it ends."""

    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="aio-e2e-")).resolve()
        self.addCleanup(shutil.rmtree, self.folder, True)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8", newline="")
        return path

    def read(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def log_says(self, name, pattern):
        """Waits until this file has something like it; what it has then."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                text = self.read(name)
            except FileNotFoundError:  # not made yet, or just being turned
                text = ""
            if re.search(pattern, text, re.M):
                return text
            if time.monotonic() > deadline:
                self.fail(f"nothing like {pattern!r} was said in time in {name}\n{text}")
            time.sleep(0.02)

    def aio(self, *args, config=None, env=None, cwd=None, timeout=None, **more):
        """Runs `aio ARGS` to its end; `config` becomes ./aio.conf first."""
        if config is not None:
            self.write("aio.conf", config)
        argv = [str(AIO), *map(str, args)]
        more.setdefault("stdin", subprocess.DEVNULL)
        with subprocess.Popen(
            argv, cwd=cwd or self.folder, env=clean_environment(env), stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, start_new_session=True, **more,
        ) as running:
            patience = Patience(running.pid, timeout)
            try:
                while True:
                    try:
                        out, err = running.communicate(timeout=patience.part())
                        break
                    except subprocess.TimeoutExpired as late:
                        if not patience.spend(late.timeout):
                            out = (late.stdout or b"").decode("utf-8", "replace")
                            err = (late.stderr or b"").decode("utf-8", "replace")
                            self.fail(f"did not end in time: {Done(argv, None, out, err)}")
            except BaseException:
                running.kill()
                raise
        return Done(
            argv, running.returncode, out.decode("utf-8", "replace"),
            err.decode("utf-8", "replace"),
        )

    def start(self, config, *args, command=("run",), env=None, cwd=None, **more):
        """Starts `aio run ARGS` with this configuration as ./aio.conf."""
        if config is not None:
            self.write("aio.conf", config)
        argv = [str(AIO), *command, *map(str, args)]
        running = Running(argv, cwd or self.folder, clean_environment(env), **more)
        self.addCleanup(running.kill)
        return running

    def serve(self, config, *args, name=None, **more):
        """Starts it and waits for its server(s): (running, port) or (running, [ports])."""
        running = self.start(config, *args, **more)
        names = re.findall(r"(?m)^\s*\[server/([^]]+)\]", config)
        if name is not None:
            names = [name]
        ports = [running.port(one) for one in names]
        return (running, ports[0]) if len(ports) == 1 else (running, ports)

    def listens(self, argv, port):
        """Starts another program, and waits until it listens."""
        server = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.01)
        self.fail(f"{argv[0]} does not listen")

    def connect(self, port, host="127.0.0.1"):
        client = socket.create_connection((host, port), timeout=PATIENCE)
        self.addCleanup(client.close)
        return client

    def answer_from(self, port, source):
        """What an echo server answers to "hello" from this address; empty when it resets."""
        with socket.create_connection(("127.0.0.1", port), 15 * SLOW, (source, 0)) as client:
            try:
                client.sendall(b"hello\n")
                return client.recv(100)
            except (ConnectionResetError, BrokenPipeError):
                return b""

    def exchange(self, port, data, host="127.0.0.1"):
        """Sends, ends our side, reads until the end."""
        with socket.create_connection((host, port), timeout=PATIENCE) as client:
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
            return read_all(client)

    # assertions ----------------------------------------------------------------------------

    def assertStatus(self, done, status):
        if done.status != status:
            self.fail(f"status {done.status}, expected {status}\n{done}")

    def assertRan(self, done, out=None):
        """Status 0, this output, nothing on standard error."""
        self.assertStatus(done, OK)
        if out is not None:
            self.assertEqual(done.out, out, str(done))
        self.assertEqual(done.err, "", str(done))

    def assertEnded(self, running, status, timeout=None):
        got = running.wait(timeout)
        if got != status:
            self.fail(f"status {got}, expected {status}\n{running.report()}")

    def assertStops(self, running, status=OK, number=signal.SIGTERM, timeout=None):
        running.send(number)
        self.assertEnded(running, status, timeout)

    def assertSaid(self, pattern, done):
        """Somewhere in what was printed; `done` is a Done, a Running or a text."""
        text = done if isinstance(done, str) else done.text() if callable(done.text) else done.text
        if not re.search(pattern, text, re.M):
            what = done if isinstance(done, (str, Done)) else done.report()
            self.fail(f"nothing like {pattern!r} in\n{what}")

    def assertNotSaid(self, pattern, done):
        text = done if isinstance(done, str) else done.text() if callable(done.text) else done.text
        if re.search(pattern, text, re.M):
            what = done if isinstance(done, (str, Done)) else done.report()
            self.fail(f"something like {pattern!r} in\n{what}")

    def assertInOrder(self, patterns, text):
        at = 0
        for pattern in patterns:
            found = re.compile(pattern, re.M).search(text, at)
            if not found:
                self.fail(f"{pattern!r} does not follow in\n{text}")
            at = found.end()

    def refused(self, config, *patterns, status=BAD_CONFIG):
        """`aio config check` and `aio run` both end with 78, saying so on standard error."""
        done = self.aio("config", "check", config=config)
        self.assertStatus(done, status)
        for pattern in patterns:
            self.assertSaid(pattern, done.err)
        ran = self.aio("run")
        self.assertStatus(ran, status)
        for pattern in patterns:
            self.assertSaid(pattern, ran.err)
        return done

    def accepted(self, config):
        done = self.aio("config", "check", config=config)
        self.assertStatus(done, OK)
        return done


def read_all(client):
    parts = []
    while True:
        part = client.recv(65536)
        if not part:
            return b"".join(parts)
        parts.append(part)


def read_line(client):
    data = b""
    while not data.endswith(b"\n"):
        part = client.recv(1)
        if not part:
            break
        data += part
    return data


def free_port(kind=socket.SOCK_STREAM, host="127.0.0.1"):
    """A port that was free a moment ago; for what cannot use port 0."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as one:
        one.bind((host, 0))
        return one.getsockname()[1]


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as one:
            one.bind(("::1", 0))
        return True
    except OSError:
        return False


def gone(pid, timeout=None):
    """Waits for a process that is ours by adoption; its exit status."""
    deadline = time.monotonic() + (PATIENCE if timeout is None else timeout)
    fd = os.pidfd_open(pid)
    try:
        import select

        left = max(0, deadline - time.monotonic())
        if not select.select([fd], [], [], left)[0]:
            raise AssertionError(f"process {pid} did not end in time")
    finally:
        os.close(fd)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def main():
    if not AIO.exists():
        sys.exit(f"there is no {AIO}: build it first, or set AIO")
    unittest.main(verbosity=2)
