"""S11 and S13: services from their start to their stop, and in a storm of restarts."""

from __future__ import annotations

import json
import subprocess

import programs
from figures import Bound, Row, compare, limit, require
from place import BenchError, Place, Program
from programs import candidate
from rounds import in_turn, ratios, typical, values


def start_and_stop(place: Place, peers_only: bool) -> list[Row]:
    """Sections are read, planned and checked before the first service is made; that is in no
    figure. From the first constructor to the last state \"stopped\": making them, starting,
    stopping. Of the peer: from the first co_spawn to the last completion."""
    count = 1000 if place.quick else 10_000
    peer = programs.asio_coroutines(count)
    rows = []
    for one in (programs.aio_services(count), programs.aio_children(count)):
        mine = candidate(one, peers_only, peer)
        measured = in_turn(place, "S11", [mine, peer], lambda each: life(_said(place, each)))
        ours, other = measured[mine.name], measured[peer.name]
        row = Row("S11", mine.name, peer.name, unit="ms", note=_parts(ours))
        rows.append(compare(row, values(ours), values(other), ratios(ours, other),
                            Bound(at_most=3)))
        if peers_only:
            break
    return rows


def storm(place: Place, peers_only: bool) -> list[Row]:
    if peers_only:
        return [Row("S13", "", note="has no peer")]
    services, restarts, backoff = (100, 400, 80) if place.quick else (1000, 5000, 480)
    program = programs.aio_storm(services, restarts, backoff)
    rounds = 1 if place.quick else min(3, place.rounds)
    measured = in_turn(place, "S13", [program],
                       lambda each: _said(place, each, status=1), rounds)[program.name]
    row = Row("S13", program.name, unit="ms late (p99)", value=typical(measured, "p99_ms"))
    row.note = f"{restarts} restarts; late max {max(values(measured, 'max_ms')):.1f} ms"
    limit(row, row.value, Bound(at_most=5), "ms late (p99)")
    inside = all(within_window(one, services, restarts) for one in measured)
    require(row, inside, "inside the window")
    return [require(row, all(patient(one) for one in measured), "back-off kept")]


def life(said: dict) -> dict:
    """The headline: all of it."""
    return {**said, "value": sum(said.get(part, 0) for part in ("make_ms", "start_ms", "stop_ms"))}


def within_window(said: dict, services: int, restarts: int) -> bool:
    """No more restarts than the supervisor grants; and all of these, but for those whose back-off
    was not over when it gave up, which each service may be in once."""
    return restarts - services <= said["starts"] - services <= restarts


def patient(said: dict) -> bool:
    """No restart comes before its back-off, which doubles once."""
    return said["early"] == 0


def figures_in(output: str) -> dict:
    """All lines of JSON as one."""
    said: dict = {}
    for line in output.splitlines():
        if line.startswith("{"):
            said |= json.loads(line)
    if not said:
        raise BenchError("no figures, but: " + (output.strip().splitlines() or ["nothing"])[-1])
    return said


def _parts(measured: list[dict]) -> str:
    parts = [part for part in ("make_ms", "start_ms", "stop_ms") if part in measured[0]]
    return ", ".join(f"{part[:-3]} {typical(measured, part):.1f}" for part in parts)


def _said(place: Place, program: Program, status: int = 0) -> dict:
    words = place.on_server_core(program.command(place, 0))
    with (place.folder / "said").open("w+") as said:  # a pipe would be full before it is read
        done = subprocess.run(words, stdout=said, stderr=subprocess.STDOUT, timeout=120)
        said.seek(0)
        text = said.read()
    if done.returncode != status:
        last = (text.strip().splitlines() or ["nothing said"])[-1]
        raise BenchError(f"{program.name} ended with {done.returncode}: {last}")
    return figures_in(text)
