"""Where things run: folders, cores, ports; servers that are started and surely ended."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterator


class BenchError(Exception):
    """A measurement that could not be made; the others go on."""


class NotBuilt(BenchError):
    """A program that is not there (yet)."""


@dataclass
class Place:
    """One run of scripts/bench. `folder` is temporary, results go to `results`."""

    build: Path
    aio: Path | None
    folder: Path
    results: Path
    rounds: int = 5
    secs: float = 1.0
    quick: bool = False
    cores: list[int] = field(default_factory=lambda: sorted(os.sched_getaffinity(0)))

    def program(self, name: str) -> str:
        path = self.build / "bench" / name
        if not path.exists():
            raise NotBuilt(f"{name} is not built")
        return str(path)

    def aio_program(self) -> str:
        if self.aio is None or not self.aio.exists():
            raise NotBuilt("aio is not built")
        return str(self.aio)

    def on_server_core(self, command: list[str], cores: int = 1) -> list[str]:
        return ["taskset", "-c", ",".join(map(str, self.cores[:cores])), *command]

    def load(self, mode: str, *options: object, command: list[str] | None = None,
             timeout: float = 120) -> dict:
        """Runs the load generator on its own core; its line of JSON, also kept in the results."""
        words = self._load_command(mode, options)
        if command:
            words += ["--", *self.on_server_core(command)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=timeout)
        if done.returncode != 0:
            raise _load_failure(done.stderr)
        return json.loads(done.stdout)

    @contextmanager
    def beside(self, mode: str, *options: object) -> Iterator["Beside"]:
        """The load generator in a mode that goes on until the block ends."""
        words = self._load_command(mode, options)
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            running = Beside(process)
            try:
                yield running
                running.end()
            finally:
                process.kill()

    def _load_command(self, mode: str, options: tuple) -> list[str]:
        return [self.program("load"), mode, "--core", str(self.cores[-1]), *map(str, options)]

    def keep(self, scenario: str, who: str, measured: dict) -> dict:
        with self.results.open("a") as file:
            file.write(json.dumps({"scenario": scenario, "who": who, **measured}) + "\n")
        return measured


def _load_failure(said: str) -> BenchError:
    return BenchError(" / ".join(said.strip().splitlines()[-3:]) or "the load failed")


class Beside:
    """A load that runs beside another one, and ends with its standard input."""

    def __init__(self, process: subprocess.Popen):
        self._process = process

    def said(self) -> dict:
        """Its next line of JSON; waits for it."""
        line = self._process.stdout.readline()
        if not line:
            raise _load_failure(self._process.stderr.read())
        return json.loads(line)

    def end(self) -> dict:
        """Ends it; the last line that it says, or nothing."""
        self._process.stdin.close()
        lines = self._process.stdout.read().splitlines()
        if self._process.wait(30) != 0:
            raise _load_failure(self._process.stderr.read())
        return json.loads(lines[-1]) if lines else {}


def free_port() -> int:
    """A port below the range that outgoing connections take theirs from."""
    for _ in range(200):
        port = random.randrange(20000, 32000)
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise BenchError("no free port")


@dataclass(frozen=True)
class Program:
    """A server to measure. `command` makes its command line for a port."""

    name: str
    command: Callable[[Place, int], list[str]]
    transport: str = "tcp"
    cores: int = 1


class Server:
    """A running program on the server's core; ended, by force if need be, when the block ends."""

    def __init__(self, place: Place, program: Program):
        self.program = program
        self.port = free_port()
        self._output = (place.folder / f"{program.name}-{self.port}.out").open("w+")
        self._process = subprocess.Popen(
            place.on_server_core(program.command(place, self.port), program.cores),
            stdout=self._output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> "Server":
        try:
            self._wait_until_up()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def stop(self, timeout: float = 35) -> str:
        """Ends it with SIGTERM; what it wrote."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout)
            except subprocess.TimeoutExpired:
                print(f"{self.program.name} had to be killed", file=sys.stderr)
                self._process.kill()
                self._process.wait()
        return self.output()

    def output(self) -> str:
        if self._output.closed:
            return ""
        self._output.seek(0)
        return self._output.read()

    def _wait_until_up(self) -> None:
        answers = {"tcp": self._tcp_answers, "udp": self._udp_answers, "none": lambda: True}
        until = time.monotonic() + 20
        while not answers[self.program.transport]():
            if self._process.poll() is not None or time.monotonic() > until:
                said = self.output().strip().splitlines()
                raise BenchError(f"{self.program.name} does not start: " + (said or ["?"])[-1])
            time.sleep(0.01)

    def _tcp_answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _udp_answers(self) -> bool:
        with socket.socket(type=socket.SOCK_DGRAM) as probe:
            probe.settimeout(0.1)
            try:
                probe.connect(("127.0.0.1", self.port))
                probe.send(b"?")
                return probe.recv(16) == b"?"
            except OSError:
                return False
