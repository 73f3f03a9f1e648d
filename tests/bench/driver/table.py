"""Prints rows as one aligned table."""

from __future__ import annotations

from figures import Row

_HEAD = ("scenario", "candidate", "median", "beside", "median", "unit", "ratio", "asked", "verdict",
         "spread and notes")
_RIGHT = {2, 4, 6}


def table(rows: list[Row]) -> str:
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    lines = ["  ".join(_aligned(line, widths)).rstrip() for line in cells]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _aligned(line: tuple[str, ...], widths: list[int]) -> list[str]:
    return [text.rjust(width) if column in _RIGHT else text.ljust(width)
            for column, (text, width) in enumerate(zip(line, widths))]


def _cells(row: Row) -> tuple[str, ...]:
    return (row.scenario, row.candidate, _number(row.value), row.beside, _number(row.peer),
            row.unit, "" if row.ratio is None else f"{row.ratio:.3f}", ", ".join(row.bounds),
            row.verdict, row.note)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if abs(value) >= 1e6:
        return f"{value / 1e6:.2f} M"
    if abs(value) >= 1e4:
        return f"{value / 1e3:.1f} k"
    return f"{value:.4g}"
