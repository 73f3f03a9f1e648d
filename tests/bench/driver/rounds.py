"""Two ways to take ratios on a noisy machine."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Callable

from figures import median, quiet, rotated
from place import Place, Program, Server

Measure = Callable[[Server], dict]
Once = Callable[[Program], dict]


def started(place: Place, stack: ExitStack, programs: list[Program]) -> dict[str, Server]:
    return {one.name: stack.enter_context(Server(place, one)) for one in programs}


def pairs(place: Place, scenario: str, servers: dict[str, Server],
          couples: list[tuple[str, str]], measure: Measure) -> dict[tuple[str, str], dict]:
    """For each (candidate, reference): reference, candidate, reference, all close together. A pair
    whose references differ counts only as noise; until there are enough, the round is repeated, but
    not for ever. Gives the kept values, references and ratios of each couple."""
    kept = {couple: {"values": [], "peers": [], "ratios": []} for couple in couples}

    def once(name: str) -> float:
        return place.keep(scenario, name, measure(servers[name]))["value"]

    for turn in range(3 * place.rounds):
        waiting = [couple for couple in couples if len(kept[couple]["ratios"]) < place.rounds]
        if not waiting:
            break
        for couple in rotated(waiting, turn):
            before, value, after = once(couple[1]), once(couple[0]), once(couple[1])
            peer = (before + after) / 2
            kept[couple]["values"].append(value)
            kept[couple]["peers"].append(peer)
            if quiet(before, after):
                kept[couple]["ratios"].append(value / peer)
    return kept


def in_turn(place: Place, scenario: str, programs: list[Program], measure: Once,
            rounds: int | None = None) -> dict[str, list[dict]]:
    """Every round measures each program once, beginning with another one each time."""
    measured: dict[str, list[dict]] = {one.name: [] for one in programs}
    for turn in range(rounds or place.rounds):
        for one in rotated(programs, turn):
            measured[one.name].append(place.keep(scenario, one.name, measure(one)))
    return measured


def values(measured: list[dict], key: str = "value") -> list[float]:
    return [one[key] for one in measured]


def ratios(candidate: list[dict], reference: list[dict], key: str = "value") -> list[float]:
    """The ratio of each round; a reference of 0 has none."""
    return [mine[key] / other[key]
            for mine, other in zip(candidate, reference, strict=True) if other[key] > 0]


def typical(measured: list[dict], key: str) -> float:
    return median(values(measured, key))
