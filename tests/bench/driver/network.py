"""S1, S2, S3, S5 and S10: servers under the load generator."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass

import programs
from figures import Bound, Row, compare, limit, median
from place import Place, Program, Server
from programs import candidate
from rounds import in_turn, pairs, ratios, started, typical, values


@dataclass(frozen=True)
class Couple:
    """A row to come: who, beside whom, and what is the least."""

    candidate: Program
    reference: Program
    floor: float | None


def _couples(peers_only: bool, *asked: tuple) -> list[Couple]:
    return [Couple(candidate(mine, peers_only), peer, floor) for mine, peer, floor in asked]


def _everyone(couples: list[Couple]) -> list[Program]:
    found = {one.name: one for couple in couples for one in (couple.candidate, couple.reference)}
    return list(found.values())


def echo(place: Place, peers_only: bool) -> list[Row]:
    rows = []
    for connections, callback_floor in ((64, 0.97), (1000, 1.0)):
        couples = _couples(
            peers_only,
            (programs.AIO_COROUTINE, programs.ASIO_COROUTINE, 0.97),
            (programs.AIO_CALLBACK, programs.ASIO_CALLBACKS, callback_floor),
            (programs.AIO_CALLBACK, programs.EPOLL, 0.95))
        rows += _echo_rows(place, connections, couples)
    return rows


def _echo_rows(place: Place, connections: int, couples: list[Couple]) -> list[Row]:
    scenario = f"S1-{connections}"
    secs = place.secs / 2

    def measure(server: Server) -> dict:
        return place.load("echo", "--port", server.port, "--server", server.pid, "--connections",
                          connections, "--secs", secs, "--warmup", min(0.3, secs))

    with ExitStack() as stack:
        servers = started(place, stack, _everyone(couples))
        names = [(one.candidate.name, one.reference.name) for one in couples]
        kept = pairs(place, scenario, servers, names, measure)
    rows = []
    for couple, name in zip(couples, names):
        row = Row(scenario, couple.candidate.name, couple.reference.name, unit="msg/cpu-s")
        one = kept[name]
        dropped = len(one["values"]) - len(one["ratios"])
        row.note = f"{dropped} noisy pairs dropped" if dropped else ""
        rows.append(compare(row, one["values"], one["peers"], one["ratios"],
                            Bound(at_least=couple.floor)))
    return rows


def _standing(place: Place, scenario: str, unit: str, couples: list[Couple],
              mode: str, *options: object) -> list[Row]:
    """All servers stand during all rounds; the load visits them in turn."""
    everyone = _everyone(couples)
    with ExitStack() as stack:
        servers = started(place, stack, everyone)

        def measure(program: Program) -> dict:
            server = servers[program.name]
            return place.load(mode, "--port", server.port, "--server", server.pid, "--secs",
                              place.secs, "--warmup", min(0.5, place.secs), *options)

        measured = in_turn(place, scenario, everyone, measure)
    return [_row(scenario, unit, couple, measured) for couple in couples]


def _row(scenario: str, unit: str, couple: Couple, measured: dict[str, list[dict]]) -> Row:
    mine, peer = measured[couple.candidate.name], measured[couple.reference.name]
    row = Row(scenario, couple.candidate.name, couple.reference.name, unit=unit)
    if lost := sum(one.get("lost", 0) for one in mine):
        row.note = f"{lost} lost"
    return compare(row, values(mine), values(peer), ratios(mine, peer), Bound(at_least=couple.floor))


def streaming(place: Place, peers_only: bool) -> list[Row]:
    coroutine = candidate(programs.AIO_COROUTINE, peers_only, programs.ASIO_COROUTINE_64K)
    callback = candidate(programs.AIO_CALLBACK, peers_only, programs.ASIO_CALLBACKS_64K)
    couples = [Couple(coroutine, programs.ASIO_CALLBACKS_64K, 1.2),
               Couple(coroutine, programs.ASIO_COROUTINE_64K, 1.2),
               Couple(callback, programs.ASIO_CALLBACKS_64K, 1.2)]
    return _standing(place, "S2", "64KiB/cpu-s", couples, "echo", "--connections", 4,
                     "--size", 65536, "--outstanding", 4)


def churn(place: Place, peers_only: bool) -> list[Row]:
    couples = _couples(
        peers_only,
        (programs.AIO_COROUTINE, programs.ASIO_CALLBACKS, 1.0),
        (programs.AIO_CALLBACK, programs.ASIO_CALLBACKS, 1.0))
    return _standing(place, "S3", "conn/cpu-s", couples, "churn", "--connections", 64)


def datagrams(place: Place, peers_only: bool) -> list[Row]:
    couples = _couples(peers_only, (programs.AIO_UDP, programs.ASIO_UDP, 1.1))
    return _standing(place, "S10", "dgram/cpu-s", couples, "udp", "--connections", 64)


def idle(place: Place, peers_only: bool) -> list[Row]:
    connections = 1000 if place.quick else 10_000
    settle = 0.2 if place.quick else 1.0
    limits = {programs.AIO_COROUTINE: 1500, programs.AIO_CALLBACK: 400}
    mine = {candidate(one, peers_only): most for one, most in limits.items()}

    def measure(program: Program) -> dict:
        with Server(place, program) as server:
            return place.load("idle", "--port", server.port, "--server", server.pid,
                              "--connections", connections, "--settle", settle)

    peers = [programs.ASIO_COROUTINE, programs.ASIO_CALLBACKS]
    everyone = list(mine) + peers
    measured = in_turn(place, "S5", everyone, measure, rounds=min(place.rounds, 3))
    rows = []
    for (program, most), peer in zip(mine.items(), peers):
        row = Row("S5", program.name, peer.name, unit="B/conn")
        row.value, row.peer = (median(values(measured[one.name])) for one in (program, peer))
        row.ratio = row.value / row.peer if row.peer else None
        memory = typical(measured[program.name], "after_kib") / 1024
        row.note = f"{connections} connections, {memory:.1f} MiB in all"
        rows.append(limit(row, row.value, Bound(at_most=most), "B"))
    return rows
