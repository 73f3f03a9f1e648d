"""S16: servers with TLS, beside nginx with the same OpenSSL and the same suites."""

from __future__ import annotations

from contextlib import ExitStack

import nginx
import programs
from figures import Bound, Row, compare, join
from place import Place, Program
from programs import candidate
from rounds import in_turn, ratios, started, typical, values

_FLOOR = Bound(at_least=0.95)
_BULK_BYTES = 8 * 1024 * 1024


def tls(place: Place, peers_only: bool) -> list[Row]:
    rows = []
    for name, kind, resume in (("P-256", "ec", 0), ("RSA-2048", "rsa", 0), ("resumed", "ec", 1)):
        rows.append(_beside(
            place, peers_only, f"S16-{name}", programs.aio_greeting(kind), nginx.greeting(kind),
            "handshakes/cpu-s", "handshakes", "--resume", resume))
    folder = place.folder / "files"
    folder.mkdir(exist_ok=True)
    (folder / "bulk").write_bytes(bytes(_BULK_BYTES))
    rows.append(_beside(
        place, peers_only, "S16-bulk", programs.aio_files(folder / "bulk"), nginx.files(folder),
        "16KiB/cpu-s", "bulk", "--connections", 4, "--size", _BULK_BYTES))
    if not peers_only:
        rows += [_loops(place, kind) for kind in ("ec", "rsa")]
    return rows


def _beside(place: Place, peers_only: bool, scenario: str, mine: Program, peer: Program, unit: str,
            mode: str, *options: object) -> Row:
    mine = candidate(mine, peers_only, peer)
    one, other = _measured(place, scenario, [mine, peer], mode, *options)
    row = Row(scenario, mine.name, peer.name, unit=unit)
    return compare(row, values(one), values(other), ratios(one, other), _FLOOR)


def _loops(place: Place, kind: str) -> Row:
    """Two loops on two cores do as much in a second of both as the figure says, if nothing else
    runs on these cores: what the processors did, counted twice. Waiting for a lock would not be
    in it, so the note has what was idle."""
    one, two = programs.aio_greeting(kind), programs.aio_greeting(kind, loops=2)
    scenario = f"S16-loops-{kind}"
    alone, both = _measured(place, scenario, [one, two], "handshakes")
    doubled = [2 * value for value in values(both)]
    row = Row(scenario, two.name, one.name, unit="handshakes/s", note=_share(both))
    return compare(row, doubled, values(alone),
                   [2 * ratio for ratio in ratios(both, alone)], Bound(at_least=1.8))


def _share(measured: list[dict]) -> str:
    return join(f"the server had {typical(measured, 'cpu_share'):.2f} cores")


def _measured(place: Place, scenario: str, programs_: list[Program], mode: str,
              *options: object) -> list[list[dict]]:
    with ExitStack() as stack:
        servers = started(place, stack, programs_)

        def measure(program: Program) -> dict:
            server = servers[program.name]
            return place.load(mode, "--port", server.port, "--server", server.pid, "--secs",
                              place.secs, "--warmup", min(0.5, place.secs), *options)

        measured = in_turn(place, scenario, programs_, measure)
    return [measured[one.name] for one in programs_]
