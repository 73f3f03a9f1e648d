"""What is made of the measurements: medians, ratios inside a round, verdicts. Pure."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field


def median(values: list[float]) -> float:
    return statistics.median(values)


def rotated(items: list, turn: int) -> list:
    """The items, beginning with another one in each round."""
    turn %= max(1, len(items))
    return items[turn:] + items[:turn]


def quiet(before: float, after: float, tolerance: float = 0.035) -> bool:
    """Whether the reference was the same before and after the candidate: else the machine was not."""
    return abs(before - after) <= tolerance * min(before, after)


@dataclass(frozen=True)
class Bound:
    """A floor (`at_least`) or a ceiling (`at_most`); within 2 % of it still holds."""

    at_least: float | None = None
    at_most: float | None = None

    def verdict(self, value: float) -> str:
        if self.at_least is not None:
            return _verdict(value, self.at_least)
        if self.at_most is not None:
            return _verdict(-value, -self.at_most)
        return ""

    def text(self, unit: str = "") -> str:
        if self.at_least is not None:
            return f">= {self.at_least:g}{unit}"
        if self.at_most is not None:
            return f"<= {self.at_most:g}{unit}"
        return ""


def _verdict(value: float, limit: float) -> str:
    if value >= limit:
        return "ok"
    return "within 2 %" if value >= limit - 0.02 * abs(limit) else "BELOW"


VERDICTS = ["", "ok", "within 2 %", "BELOW"]


def worst(verdicts: list[str]) -> str:
    return max(verdicts, key=VERDICTS.index, default="")


@dataclass
class Row:
    """One line of the table."""

    scenario: str
    candidate: str
    beside: str = ""
    value: float | None = None
    peer: float | None = None
    unit: str = ""
    ratio: float | None = None
    bounds: list[str] = field(default_factory=list)
    verdict: str = ""
    note: str = ""


def compare(row: Row, values: list[float], peers: list[float], ratios: list[float],
            bound: Bound) -> Row:
    """Fills the row with the medians and the verdict on the median ratio. Without a ratio to count
    the medians' ratio stands in the note, for what it is worth."""
    row.value, row.peer = median(values), median(peers)
    if ratios:
        row.ratio = median(ratios)
        row.verdict = bound.verdict(row.ratio)
        spread = f"{min(ratios):.3f}..{max(ratios):.3f}"
        row.note = join(row.note, f"{spread} of {len(ratios)}")
    else:
        row.verdict = "noisy"
        row.note = join(row.note, f"no quiet pair, medians {row.value / row.peer:.3f}")
    row.bounds.append(bound.text(" x"))
    return row


def limit(row: Row, value: float, bound: Bound, what: str) -> Row:
    """Adds an absolute limit to what the row already has to hold."""
    if row.verdict in VERDICTS:
        row.verdict = worst([row.verdict, bound.verdict(value)])
    row.bounds.append(bound.text(" " + what))
    return row


def require(row: Row, holds: bool, what: str) -> Row:
    """Adds a condition without a number: broken, it is named in the note."""
    if not holds:
        row.verdict = "BELOW"
        row.note = join(row.note, "not " + what)
    row.bounds.append(what)
    return row


def join(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
