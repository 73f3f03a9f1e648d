"""S17 to S19: what a crowd costs: at the door, in TLS handshakes, and in memory."""

from __future__ import annotations

from contextlib import ExitStack

import programs
from figures import Bound, Row, compare, limit, median
from place import Place, Server, free_port
from programs import candidate
from rounds import pairs, started, typical, values


def door(place: Place, peers_only: bool) -> list[Row]:
    """S17. Nobody is refused: only looking costs."""
    peer = programs.AIO_COROUTINE if not peers_only else programs.ASIO_COROUTINE
    mine = candidate(programs.AIO_LIMITED, peers_only, peer)

    def measure(server: Server) -> dict:
        return place.load("churn", "--port", server.port, "--server", server.pid, "--size", 0,
                          "--secs", place.secs, "--warmup", min(0.3, place.secs))

    names = (mine.name, peer.name)
    with ExitStack() as stack:
        kept = pairs(place, "S17", started(place, stack, [mine, peer]), [names], measure)[names]
    row = Row("S17", mine.name, peer.name, unit="conn/cpu-s")
    return [compare(row, kept["values"], kept["peers"], kept["ratios"], Bound(at_least=0.98))]


def handshake_flood(place: Place, peers_only: bool) -> list[Row]:
    """S18. 64 connections begin a handshake, and leave, as fast as the server answers."""
    if peers_only:
        return [Row("S18", "", note="has no peer")]
    return [_flooded(place, kind, same)
            for kind in ("ec", "rsa") for same in (False, True)]


def _flooded(place: Place, kind: str, same: bool) -> Row:
    scenario = f"S18-{kind}-{'same' if same else 'other'}"
    tls_port = free_port()
    program = programs.aio_echo_beside_tls(tls_port, kind)
    quiet, loud, floods = [], [], []

    def echo(server: Server) -> dict:
        return place.load("echo", "--port", tls_port if same else server.port, "--tls", int(same),
                          "--server", server.pid, "--secs", place.secs,
                          "--warmup", min(0.3, place.secs))

    with Server(place, program) as server:
        for _ in range(place.rounds):
            quiet.append(place.keep(scenario, "quiet", echo(server)))
            with place.beside("flood", "--port", tls_port) as flood:
                loud.append(place.keep(scenario, "flooded", echo(server)))
                floods.append(flood.end())
    row = Row(scenario, "p99 in a flood", "p99 quiet", unit="us")
    row.note = f"{typical(floods, 'value'):.0f} handshakes/s"
    return twice(row, loud, quiet)


def deaf_peers(place: Place, peers_only: bool) -> list[Row]:
    """S19. The memory is that of both ends."""
    if peers_only:
        return [Row("S19", "", note="has no peer")]
    count = 500 if place.quick else 10_000
    gush_port = free_port()
    program = programs.aio_echo_beside_gush(gush_port)
    quiet, loud, taken = [], [], []

    def echo(server: Server) -> dict:
        return place.load("echo", "--port", server.port, "--server", server.pid, "--secs",
                          place.secs, "--warmup", min(0.3, place.secs))

    for _ in range(min(place.rounds, 3)):
        with Server(place, program) as server:
            quiet.append(place.keep("S19", "quiet", echo(server)))
            with place.beside("deaf", "--port", gush_port, "--server", server.pid, "--connections",
                              count, "--settle", 0.5 if place.quick else 2.0) as deaf:
                taken.append(place.keep("S19", "deaf", deaf.said()))
                loud.append(place.keep("S19", "beside", echo(server)))
    megabytes = [one / 1e6 for one in values(taken)]
    memory = Row("S19", f"{count} deaf peers", unit="MB", value=median(megabytes))
    memory.note = f"{typical(taken, 'resident') / 1e6:.0f} MB of them resident"
    limit(memory, memory.value, Bound(at_most=2600 * count / 10_000 + 20), "MB")
    row = Row("S19", "p99 beside them", "p99 quiet", unit="us")
    return [memory, twice(row, loud, quiet)]


def twice(row: Row, loud: list[dict], quiet: list[dict]) -> Row:
    ratios = [one["p99_us"] / other["p99_us"] for one, other in zip(loud, quiet, strict=True)]
    return compare(row, values(loud, "p99_us"), values(quiet, "p99_us"), ratios, Bound(at_most=2))
