"""The place of least risk over all widths: looked for on the whole line, then closely where places are far apart."""

from __future__ import annotations

from typing import Any

import asymptotix as ax
from asymptotix.arrays import Array
from asymptotix.risk.best_width import _CLOSER, _Search


class Counting(_Search):
    """With how far apart the places were that were looked at together, and how many."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.looks: list[tuple[int, float]] = []

    def _together(self, places: Array, log_tau: float) -> list[Any]:
        self.looks.append((places.size, float(places[1] - places[0])))
        return super()._together(places, log_tau)


def test_a_closer_look_between_places_that_are_far_apart() -> None:
    p = ax.Problem("quadratic", gamma=1.25, d=10**40, n=1e60, lam=1e-9, noise=0.1)
    search = Counting(p, False)
    search.least(-30.0)
    (_, wide), (closer, narrow) = search.looks
    assert closer == _CLOSER - 1  # but the last: it was looked at before, or nothing is beyond
    assert narrow < 0.2 * wide
