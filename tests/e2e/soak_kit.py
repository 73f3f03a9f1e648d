"""What the trials of soak.py stand on: one aio process in a folder of its own, and many clients."""

from __future__ import annotations

import os
import resource
import selectors
import signal
import socket
import subprocess
import time
from pathlib import Path

MESSAGE = b"soak" * 16
PATIENCE = 30.0


class Failed(Exception):
    """A trial found what must not be."""


def expect(holds: bool, what: str) -> None:
    if not holds:
        raise Failed(what)


def wait_for(condition, what: str, secs: float = PATIENCE) -> None:
    until = time.monotonic() + secs
    while not condition():
        expect(time.monotonic() < until, f"{what}: not within {secs:g} s")
        time.sleep(0.005)


def raise_descriptor_limit(needed: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    expect(hard == resource.RLIM_INFINITY or hard >= needed + 64,
           f"{needed} connections need a higher hard limit of open files than {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class App:
    """`aio run` of an INI text. Ended by force when the block ends, whatever happened in it."""

    def __init__(self, aio: Path, folder: Path, text: str, descriptors: int | None = None):
        self.folder = folder
        self._log = (folder / "out.log").open("w+b")
        config = folder / "soak.conf"
        config.write_text(text)

        def limit_descriptors() -> None:
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        self._process = subprocess.Popen(
            [aio, "run", "-c", config], cwd=folder, stdin=subprocess.DEVNULL, stdout=self._log,
            stderr=subprocess.STDOUT, preexec_fn=limit_descriptors)

    def __enter__(self) -> "App":
        return self

    def __exit__(self, *_) -> None:
        if self.running():
            self._process.kill()
        self._process.wait()
        self._log.close()

    def running(self) -> bool:
        return self._process.poll() is None

    def log(self) -> str:
        return (self.folder / "out.log").read_text(errors="replace")

    def last_words(self) -> str:
        return "\n".join(self.log().splitlines()[-8:])

    def wait_up(self, *addresses) -> None:
        """Until each address, a port or the path of a unix socket, accepts."""
        def up(address) -> bool:
            expect(self.running(), "aio ended while starting:\n" + self.last_words())
            with open_socket(address) as probe:
                return probe.connect_ex(target(address)) == 0
        for address in addresses:
            wait_for(lambda: up(address), f"aio accepting on {address}")

    def stop(self, secs: float) -> int:
        """SIGTERM; the exit status, negative for a signal. Fails if it takes longer than `secs`."""
        begin = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(secs)
        except subprocess.TimeoutExpired:
            raise Failed(f"no end within {secs:g} s of SIGTERM:\n" + self.last_words()) from None
        self.stopped_in = time.monotonic() - begin
        return status

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    def cpu_secs(self) -> float:
        return time.clock_gettime((~self._process.pid << 3) | 2)  # what clock_getcpuclockid gives

    def resident_kib(self) -> int:
        for line in Path(f"/proc/{self._process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Rss:"):
                return int(line.split()[1])
        raise Failed("no Rss in smaps_rollup")


def open_socket(address) -> socket.socket:
    return socket.socket(socket.AF_INET if isinstance(address, int) else socket.AF_UNIX)


def target(address):
    return ("127.0.0.1", address) if isinstance(address, int) else str(address)


class Clients:
    """Connections that exchange messages; each keeps one under way while it is `busy`."""

    def __init__(self):
        self._selector = selectors.DefaultSelector()
        self.open: set[socket.socket] = set()
        self.exchanges = 0
        self.ended = 0
        self.reset = 0

    def __enter__(self) -> "Clients":
        return self

    def __exit__(self, *_) -> None:
        for one in list(self.open):
            self._forget(one)
        self._selector.close()

    def connect(self, address, count: int) -> list[socket.socket]:
        made = []
        for _ in range(count):
            one = open_socket(address)
            one.settimeout(PATIENCE)
            one.connect(target(address))
            one.setblocking(False)
            self._selector.register(one, selectors.EVENT_READ, {"got": 0, "busy": False})
            self.open.add(one)
            made.append(one)
        return made

    def send(self, connections, busy: bool = False) -> None:
        for one in connections:
            self._selector.get_key(one).data["busy"] = busy
            self._write(one)

    def close(self, connections) -> None:
        for one in connections:
            self._forget(one)

    def turn(self, timeout: float = 0.02) -> list[socket.socket]:
        """Serves what is ready; the connections whose message came back whole."""
        answered = []
        for key, _ in self._selector.select(timeout):
            if self._receive(key.fileobj, key.data):
                answered.append(key.fileobj)
                if key.data["busy"]:
                    self._write(key.fileobj)
        return answered

    def run(self, secs: float) -> None:
        until = time.monotonic() + secs
        while time.monotonic() < until:
            self.turn()

    def exchange_all(self, connections) -> None:
        """One message on each connection, all answers awaited."""
        waiting = set(connections)
        self.send(waiting)
        until = time.monotonic() + PATIENCE
        while waiting:
            expect(time.monotonic() < until, f"{len(waiting)} connections got no answer")
            waiting.difference_update(self.turn())
            expect(waiting <= self.open, "the server closed a connection that was in use")

    def _receive(self, one: socket.socket, state: dict) -> bool:
        try:
            piece = one.recv(4096)
        except BlockingIOError:
            return False
        except ConnectionError:
            self.reset += 1
            self._forget(one)
            return False
        if not piece:
            self.ended += 1
            self._forget(one)
            return False
        position = state["got"] % len(MESSAGE)
        expect(piece == (MESSAGE * 65)[position:position + len(piece)], "a wrong answer")
        state["got"] += len(piece)
        whole = state["got"] % len(MESSAGE) == 0
        self.exchanges += whole
        return whole

    def _write(self, one: socket.socket) -> None:
        try:
            one.send(MESSAGE)
        except ConnectionError:
            pass  # the end of it is seen by reading

    def _forget(self, one: socket.socket) -> None:
        self.open.discard(one)
        self._selector.unregister(one)
        one.close()
