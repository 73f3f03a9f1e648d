"""S14: what a process costs in which nothing happens."""

from __future__ import annotations

import os
import resource
import socket
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import nginx
import programs
from figures import Bound, Row, limit, median
from place import Place, Program, Server
from programs import candidate
from rounds import in_turn, typical, values

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Work:
    """What a process has done so far, with all of its threads."""

    wakeups: int  # it slept, and was woken for something
    cpu_ms: float

    @staticmethod
    def of(pid: int) -> "Work":
        statuses = [one.read_text() for one in Path(f"/proc/{pid}/task").glob("*/status")]
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        return Work(sum(voluntary_switches(one) for one in statuses),
                    (int(fields[11]) + int(fields[12])) * TICK_MS)


def voluntary_switches(status: str) -> int:
    """Of one thread, from the text of its /proc/PID/task/TID/status."""
    for line in status.splitlines():
        name, _, value = line.partition(":")
        if name == "voluntary_ctxt_switches":
            return int(value)
    return 0


def idle(place: Place, peers_only: bool) -> list[Row]:
    secs = 2.0 if place.quick else 10.0
    return [_row(place, peers_only, connections, secs)
            for connections in (0, 100 if place.quick else 1000)]


def _row(place: Place, peers_only: bool, connections: int, secs: float) -> Row:
    def measure(program: Program) -> dict:
        with Server(place, program) as server, ExitStack() as stack:
            for _ in range(connections):
                stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            time.sleep(0.5 if place.quick else 2.0)
            before = Work.of(server.pid)
            time.sleep(secs)
            after = Work.of(server.pid)
        return {"value": (after.wakeups - before.wakeups) * 10 / secs,
                "cpu_ms": (after.cpu_ms - before.cpu_ms) * 10 / secs,
                "connections": connections}

    _allow_files(connections)
    peer = nginx.program()
    mine = candidate(programs.AIO_COROUTINE, peers_only, peer)
    scenario = f"S14-{connections}"
    measured = in_turn(place, scenario, [mine, peer], measure, rounds=min(place.rounds, 3))
    row = Row(scenario, mine.name, peer.name, unit="wake-ups/10 s")
    row.value, row.peer = (median(values(measured[one.name])) for one in (mine, peer))
    cpu = [typical(measured[one.name], "cpu_ms") for one in (mine, peer)]
    row.note = f"{connections} silent connections, CPU {cpu[0]:.0f} and {cpu[1]:.0f} ms in 10 s"
    return limit(row, row.value, Bound(at_most=1), "a 10 s")


def _allow_files(connections: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + 200
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
