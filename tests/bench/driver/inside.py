"""S7, S12, the filtered log call and S6-conf: figures that programs take of themselves."""

from __future__ import annotations

import json
import subprocess

from big_ini import big_ini
from figures import Bound, Row, compare, limit, rotated
from place import BenchError, NotBuilt, Place
from programs import write_ini
from rounds import typical

Figures = dict[str, list[dict]]


def _run(place: Place, scenario: str, name: str, *arguments: object) -> dict[str, float]:
    """Runs a program that prints lines of {"name": …, "value": …}."""
    words = place.on_server_core([place.program(name), *map(str, arguments)])
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise BenchError(f"{name}: " + (done.stderr.strip().splitlines() or ["failed"])[-1])
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for line in lines:
        place.keep(scenario, name, line)
    return {line["name"]: line["value"] for line in lines}


def _rounds(place: Place, scenario: str, commands: dict[str, list]) -> Figures:
    taken: Figures = {name: [] for name in commands}
    for turn in range(place.rounds):
        for name in rotated(list(commands), turn):
            taken[name].append(_run(place, scenario, name, *commands[name]))
    return taken


def _beside(row: Row, mine: list[dict], peer: list[dict], name: str, other: str, bound: Bound,
            inverse: bool = False) -> Row:
    """The row of one figure; `inverse` where less is better and the ratio is a speed."""
    if name not in mine[0]:
        raise NotBuilt(f"no figure {name} of aio")
    values, peers = [one[name] for one in mine], [one[other] for one in peer]
    ratios = [b / a if inverse else a / b for a, b in zip(values, peers)]
    return compare(row, values, peers, ratios, bound)


def _micro(place: Place, scenario: str, peers_only: bool) -> tuple[list[dict], list[dict]]:
    secs = [0.05 if place.quick else 0.3]
    if peers_only:
        both = _rounds(place, scenario, {"micro_peers": secs})["micro_peers"]
        return both, both
    taken = _rounds(place, scenario, {"micro_peers": secs, "micro_aio": secs})
    return taken["micro_aio"], taken["micro_peers"]


def emit(place: Place, peers_only: bool) -> list[Row]:
    mine, peer = _micro(place, "S7", peers_only)
    who = "(peer)" if peers_only else "aio emit"
    kinds = {"plain": ("boost::signals2", (0.7, 1.0, 1.0)),
             "coroutine": ("await in turn", (0.8, 0.8, 0.9))}
    rows = []
    for kind, (beside, floors) in kinds.items():
        for listeners, floor in zip((1, 10, 1000), floors):
            name = f"{kind}/{listeners}"
            row = Row(f"S7-{listeners}", f"{who}, {kind}", beside, unit="emits/s")
            rows.append(_beside(row, mine, peer, name, name, Bound(at_least=floor)))
    return rows


def filtered_log(place: Place, peers_only: bool) -> list[Row]:
    mine, peer = _micro(place, "log", peers_only)
    row = Row("log", "(peer)" if peers_only else "aio filtered call", "empty loop", unit="ns")
    row.value, row.peer = typical(mine, "filtered"), typical(peer, "filtered")
    more = row.value - row.peer
    row.note = f"{more:.2f} ns more"
    return [limit(row, more, Bound(at_most=2), "ns more")]


def spawn(place: Place, peers_only: bool) -> list[Row]:
    mine, peer = _micro(place, "S12", peers_only)
    who = "(peer)" if peers_only else "aio spawn"
    rows = []
    for kind in ("ends", "suspends"):
        row = Row("S12", f"{who}, {kind}", "co_spawn", unit="ns")
        row.value, row.peer = typical(mine, f"spawn/{kind}"), typical(peer, f"spawn/{kind}")
        row.note = f"{row.value - row.peer:.0f} ns more"
        rows.append(limit(row, row.value - row.peer, Bound(at_most=60), "ns more"))
    if not peers_only:
        row = Row("S12", "aio watching, by itself", unit="ns", value=typical(mine, "watch"))
        rows.append(limit(row, row.value, Bound(at_most=60), "ns"))
    return rows


def config(place: Place, peers_only: bool) -> list[Row]:
    lines = 5000 if place.quick else 50_000
    full = write_ini(place, "big.conf", big_ini(lines))
    plain = write_ini(place, "plain.conf", big_ini(lines, continuations=False))
    commands = {"ptree_ini": [plain]}
    if not peers_only:
        commands["config_bench"] = [full]
    taken = _rounds(place, "S6-conf", commands)
    mine = taken["ptree_ini" if peers_only else "config_bench"]
    who = "(read_ini)" if peers_only else "aio config"
    row = Row("S6-conf", f"{who}, merged tree", "property_tree", unit="ms", note=f"{lines} lines")
    _beside(row, mine, taken["ptree_ini"], "tree", "tree", Bound(at_least=1.2), inverse=True)
    rows = [limit(row, row.value, Bound(at_most=20), "ms")]
    if "values" in mine[0]:
        every = Row("S6-conf", f"{who}, every value", unit="ms", value=typical(mine, "values"))
        rows.append(limit(every, every.value, Bound(at_most=20), "ms"))
    return rows


