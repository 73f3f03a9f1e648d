"""S15: clients under test. The load generator is the server, and starts them."""

from __future__ import annotations

import programs
from figures import Bound, Row, compare
from place import Place, Program, free_port
from programs import candidate
from rounds import in_turn, ratios, values


def dial(place: Place, peers_only: bool) -> list[Row]:
    """The processor time is that of the clients."""
    return [row for slots in (1, 100 if place.quick else 1000)
            for row in _rows(place, peers_only, slots)]


def _rows(place: Place, peers_only: bool, slots: int) -> list[Row]:
    def measure(program: Program) -> dict:
        port = free_port()
        return place.load("serve", "--port", port, "--connections", slots, "--secs", place.secs,
                          "--warmup", max(0.5, place.secs / 2),
                          command=program.command(place, port))

    floors = {programs.asio_dialer(slots, "guarded"): Bound(at_least=1.0),
              programs.asio_dialer(slots, "bare"): Bound()}
    mine = candidate(programs.aio_dialer(slots), peers_only, next(iter(floors)))
    scenario = f"S15-{slots}"
    measured = in_turn(place, scenario, [mine, *floors], measure)
    rows = []
    for peer, floor in floors.items():
        one, other = measured[mine.name], measured[peer.name]
        row = Row(scenario, mine.name, peer.name, unit="conn/cpu-s")
        rows.append(compare(row, values(one), values(other), ratios(one, other), floor))
    return rows
