"""S6-start, S8 and S9: programs from their first to their last moment."""

from __future__ import annotations

import json

import programs
from figures import Bound, Row, compare, limit, median, require
from place import BenchError, Place, Program, Server, free_port
from programs import candidate
from rounds import in_turn, ratios, typical, values


def _beside(place: Place, scenario: str, unit: str, mine: Program, peer: Program, measure,
            most: float, rounds: int | None = None) -> tuple[Row, list[dict]]:
    """The row of two programs of which the smaller figure is the better; and what mine gave."""
    measured = in_turn(place, scenario, [mine, peer], measure, rounds)
    one, other = measured[mine.name], measured[peer.name]
    row = Row(scenario, mine.name, peer.name, unit=unit)
    return compare(row, values(one), values(other), ratios(one, other), Bound(at_most=most)), one


def start(place: Place, peers_only: bool) -> list[Row]:
    def measure(program: Program) -> dict:
        port = free_port()
        return place.load("start", "--port", port, "--runs", 3 if place.quick else 7,
                          command=program.command(place, port))

    mine = candidate(programs.AIO_COROUTINE, peers_only)
    row, measured = _beside(place, "S6-start", "ms", mine, programs.ASIO_CALLBACKS, measure, 2.5)
    row.note += f"; first answer {typical(measured, 'answer_ms'):.1f} ms"
    row.note += f", {typical(measured, 'memory_kib') / 1024:.1f} MiB"
    return [limit(row, row.value, Bound(at_most=8), "ms")]


def stop(place: Place, peers_only: bool) -> list[Row]:
    connections = 200 if place.quick else 1000

    def measure(program: Program) -> dict:
        port = free_port()
        return place.load("stop", "--port", port, "--connections", connections,
                          command=program.command(place, port))

    rows = []
    for one in (programs.AIO_COROUTINE, programs.AIO_CALLBACK):
        mine = candidate(one, peers_only, programs.ASIO_GRACEFUL)
        row, measured = _beside(place, "S9", "ms", mine, programs.ASIO_GRACEFUL, measure, 2.0)
        cut = sum(each["reset"] + each["left_open"] for each in measured)
        require(row, cut == 0, "all FIN")
        rows.append(require(row, all(each["status"] == 0 for each in measured), "status 0"))
    return rows


def timers(place: Place, peers_only: bool) -> list[Row]:
    count = 1000 if place.quick else 10_000
    before, secs = (1.2, 2.3) if place.quick else (2.5, 29.0)

    def measure(program: Program) -> dict:
        with Server(place, program) as server:
            used = place.load("cpu", "--server", server.pid, "--warmup", before, "--secs", secs)
            return {**used, **_lateness(server.stop())}

    peer = programs.asio_timers(count)
    mine = candidate(programs.aio_schedules(count), peers_only, peer)
    rounds = 1 if place.quick else min(2, place.rounds)
    row, measured = _beside(place, "S8", "% cpu", mine, peer, measure, 1.2, rounds)
    p99, late = typical(measured, "p99_ms"), max(values(measured, "max_ms"))
    drift = median([abs(one["drift_ms"]) for one in measured])
    row.note += f"; late p99 {p99:.2f} max {late:.1f} ms, drift {drift:.2f} ms"
    limit(row, p99, Bound(at_most=2), "ms late (p99)")
    require(row, drift < 1, "drift 0")
    return [require(row, all(one["lost"] == 0 for one in measured), "none lost")]


def _lateness(output: str) -> dict:
    for line in output.splitlines():
        if line.startswith("{"):
            return json.loads(line)
    last = (output.strip().splitlines() or ["nothing"])[-1]
    raise BenchError("no report of lateness, but: " + last)
