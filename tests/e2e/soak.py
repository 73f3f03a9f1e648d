#!/usr/bin/env python3
"""Trials of a whole aio process: many of everything, many starts and stops, too few descriptors.

    soak.py crowd         idle connections, schedules and listeners in one process
    soak.py cycles        starts and stops under load leave nothing behind
    soak.py start         SIGTERM at every step of the start-up is obeyed at once
    soak.py descriptors   more clients than descriptors: neither spinning nor dying
    soak.py all           all of them

Numbers are small by default, for ctest; --full takes those of a release (a few minutes)."""

from __future__ import annotations

import argparse
import contextlib
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from soak_kit import App, Clients, Failed, expect, free_port, raise_descriptor_limit, wait_for


def echo_server(name: str, where: str, protocol: str = "aio.examples.echo") -> str:
    many = "" if "datagram" in where else "max_connections = 20000\n"
    return f"[server/{name}]\nprotocol = {protocol}\n{where}\n{many}"


def on_port(port: int) -> str:
    return f"address = 127.0.0.1\nport = {port}"


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="aio-soak-") as name:
        yield Path(name)


def crowd(asked: argparse.Namespace) -> str:
    port = free_port()
    raise_descriptor_limit(asked.connections)
    text = "[aio]\nstop_timeout = 20s\n" + echo_server("echo", on_port(port))
    for i in range(asked.schedules):
        text += f"[schedule/s{i}]\nfunc = aio.examples.tick\nevery = 1\n"
    for i in range(asked.listeners):
        text += f"[listen/l{i}]\naio-started = aio.examples.print\nsoak-{i} = aio.examples.print\n"
    with folder() as place, App(asked.aio, place, text) as app, Clients() as clients:
        app.wait_up(port)
        connections = clients.connect(port, asked.connections)
        clients.exchange_all(connections)
        used, begin, seen = app.cpu_secs(), time.monotonic(), _ticks(app)
        time.sleep(asked.secs)
        ran, took = _ticks(app) - seen, time.monotonic() - begin
        share = 100 * (app.cpu_secs() - used) / took
        expect(ran >= asked.schedules * (int(took) - 1), f"{ran} runs in {took:.1f} s: some lost")
        expect(share < 50, f"{share:.0f} % of a core with next to nothing to do")
        clients.exchange_all(connections)
        memory = app.resident_kib()
        status = app.stop(25)
        expect(status == 0, f"exit status {status}")
        wait_for(lambda: clients.turn() is not None and not clients.open, "the end of every stream")
        expect(clients.reset == 0, f"{clients.reset} connections were reset, not ended")
        expect("Listener received" in app.log(), "no listener was called")
        return (f"{asked.connections} connections, {asked.schedules} schedules, "
                f"{asked.listeners} listeners: {memory / 1024:.1f} MiB, {share:.1f} % of a core, "
                f"{ran} runs in {took:.1f} s, stopped in {app.stopped_in * 1000:.0f} ms")


def _ticks(app: App) -> int:
    return sum("tick" in line for line in app.log().splitlines())


def cycles(asked: argparse.Namespace) -> str:
    slowest, exchanges = 0.0, 0
    for _ in range(asked.cycles):
        with folder() as place:
            took, done = _one_cycle(asked, place)
            left = {path.name for path in place.iterdir()} - {"soak.conf", "out.log"}
            expect(not left, f"left behind: {', '.join(sorted(left))}")
        slowest, exchanges = max(slowest, took), exchanges + done
    return f"{asked.cycles} cycles, {exchanges} exchanges, slowest stop {slowest * 1000:.0f} ms"


def _one_cycle(asked: argparse.Namespace, place: Path) -> tuple[float, int]:
    port, path = free_port(), place / "echo.sock"
    text = (f"[aio]\nstop_timeout = 10s\npid_file = {place}/aio.pid\nlog_level = WARNING\n"
            + echo_server("tcp", on_port(port))
            + echo_server("callback", f"transport = unix\npath = {path}",
                          "aio.examples.echo_callback")
            + echo_server("datagram", f"transport = unix-datagram\npath = {place}/datagram.sock",
                          "aio.examples.echo_datagram")
            + "[schedule/tick]\nfunc = aio.examples.tick\nevery = 1\n")
    with App(asked.aio, place, text) as app, Clients() as clients:
        app.wait_up(port, path)
        expect((place / "aio.pid").exists(), "no pid file while running")
        _no_descriptor_leaks(app, clients, port, path)
        for address in (port, path):
            clients.send(clients.connect(address, 20), busy=True)
        clients.run(0.05)
        expect(clients.exchanges > 0, "no load when it was stopped")
        status = app.stop(10)
        expect(status == 0, f"exit status {status}:\n{app.last_words()}")
        expect(not port_open(port), "the port is still open")
        return app.stopped_in, clients.exchanges


def _no_descriptor_leaks(app: App, clients: Clients, *addresses) -> None:
    """Connections come and go; afterwards as many descriptors are open as after the first one."""
    for address in addresses:
        clients.exchange_all(first := clients.connect(address, 1))
        clients.close(first)
    # What is still being closed goes within a moment: the lowest count of a while is the quiet one.
    quiet = min(_counts(app, 0.05))
    for address in addresses:
        clients.exchange_all(some := clients.connect(address, 20))
        clients.close(some)
    wait_for(lambda: app.descriptors() <= quiet, "descriptors back to what they were", 5)


def _counts(app: App, secs: float) -> Iterator[int]:
    until = time.monotonic() + secs
    while time.monotonic() < until:
        yield app.descriptors()
        time.sleep(0.005)


def port_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def start(asked: argparse.Namespace) -> str:
    with folder() as place:
        port, text = _large_start(asked, place)
        with App(asked.aio, place, text) as app:
            begin = time.monotonic()
            app.wait_up(port)
            whole = time.monotonic() - begin
            expect(app.stop(asked.limit) == 0, "exit status is not 0")
    slowest, by_signal, steps = 0.0, 0, int(whole * 1000 / asked.step) + 6
    for step in range(steps):
        with folder() as place:
            _, text = _large_start(asked, place)
            with App(asked.aio, place, text) as app:
                time.sleep(step * asked.step / 1000)
                status = app.stop(asked.limit)
                expect(status in (0, -15), f"exit status {status} after {step * asked.step} ms")
                by_signal += status == -15
                slowest = max(slowest, app.stopped_in)
            left = {path.name for path in place.iterdir()} - {"soak.conf", "out.log"}
            expect(not left, f"left behind after {step * asked.step} ms: {', '.join(left)}")
    return (f"{steps} steps of {asked.step} ms, start-up {whole * 1000:.0f} ms, slowest end "
            f"{slowest * 1000:.0f} ms; {by_signal} came before aio minds signals")


def _large_start(asked: argparse.Namespace, place: Path) -> tuple[int, str]:
    """A configuration that takes a while to start: values, schedules, servers of all kinds."""
    port = free_port()
    text = f"[aio]\nlog_level = WARNING\npid_file = {place}/aio.pid\n"
    text += "".join(f"[my-data-{i}]\nname = value {i}\nother = ${{name}}\n" for i in range(2000))
    text += "".join(f"[schedule/s{i}]\nfunc = aio.examples.tick\nevery = 60\n"
                    for i in range(asked.schedules))
    text += echo_server("unix", f"transport = unix\npath = {place}/echo.sock")
    return port, text + echo_server("tcp", on_port(port))


def descriptors(asked: argparse.Namespace) -> str:
    port = free_port()
    text = "[aio]\nstop_timeout = 10s\n" + echo_server("echo", on_port(port))
    with folder() as place, App(asked.aio, place, text, descriptors=64) as app, Clients() as clients:
        app.wait_up(port)
        waiting = set(clients.connect(port, asked.clients))
        clients.send(waiting)
        served = _served_within(clients, 1.0)
        expect(0 < len(served) < 64, f"{len(served)} clients served with 64 descriptors")
        used, begin = app.cpu_secs(), time.monotonic()
        served |= _served_within(clients, asked.secs)
        share = 100 * (app.cpu_secs() - used) / (time.monotonic() - begin)
        expect(share < 20, f"{share:.0f} % of a core while there was nothing to do: it spins")
        until = time.monotonic() + 60
        while waiting:  # who is served makes room for the next
            expect(app.running(), "aio died:\n" + app.last_words())
            expect(time.monotonic() < until, f"{len(waiting)} clients were never served")
            waiting -= served
            clients.close(served & clients.open)
            served = set(clients.turn())
        expect(clients.reset + clients.ended == 0, "a client was turned away")
        status = app.stop(15)
        expect(status == 0, f"exit status {status}")
        return f"{asked.clients} clients, 64 descriptors: {share:.1f} % of a core, all served"


def _served_within(clients: Clients, secs: float) -> set:
    served, until = set(), time.monotonic() + secs
    while time.monotonic() < until:
        served.update(clients.turn())
    return served


TRIALS = {"crowd": crowd, "cycles": cycles, "start": start, "descriptors": descriptors}
SMALL = {"connections": 500, "schedules": 50, "listeners": 20, "cycles": 3, "clients": 200,
         "secs": 3.0, "step": 50}
FULL = {"connections": 10_000, "schedules": 1000, "listeners": 100, "cycles": 100, "clients": 200,
        "secs": 10.0, "step": 10}


def read_arguments() -> argparse.Namespace:
    root = Path(__file__).resolve().parent.parent.parent
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trial", choices=[*TRIALS, "all"])
    parser.add_argument("--aio", type=Path, default=root / "build" / "release" / "bin" / "aio")
    parser.add_argument("--full", action="store_true", help="the numbers of a release")
    parser.add_argument("--limit", type=float, default=1.0, help="seconds to end while starting")
    for name, value in SMALL.items():
        parser.add_argument(f"--{name}", type=type(value),
                            help=f"{value:g}, with --full {FULL[name]:g}")
    asked = parser.parse_args()
    for name, value in (FULL if asked.full else SMALL).items():
        if getattr(asked, name) is None:
            setattr(asked, name, value)
    asked.aio = asked.aio.absolute()
    return asked


def main() -> int:
    asked = read_arguments()
    failed = False
    for name in TRIALS if asked.trial == "all" else [asked.trial]:
        try:
            print(f"ok      {name}: {TRIALS[name](asked)}", flush=True)
        except (Failed, OSError) as error:
            print(f"FAILED  {name}: {error}", flush=True)
            failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
