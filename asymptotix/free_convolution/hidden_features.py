"""Sums over the features hidden in the bulk, apart from those whose eigenvalues have left it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from asymptotix.arrays import Complex
from asymptotix.free_convolution.atoms import neighbourhood, scaled
from asymptotix.free_convolution.subordination import Subordination
from asymptotix.free_convolution.view import View


@dataclass(frozen=True)
class HiddenSums:
    """``sum_{i > m} a_i^k / (w - a_i)`` for ``k = 0, 1, 2``, and the derivative of the first."""

    zeroth: Complex
    slope: Complex
    first: Complex
    second: Complex


class SplitView(View):
    """Atoms seen from ``|w| = r``, with those of index above ``m`` (hidden) summed apart from the others."""

    def __init__(self, plane: Subordination, w: complex, visible: float) -> None:
        place = plane.atoms, plane.log_tau, abs(w), *neighbourhood(plane.count, w)
        super().__init__(*place)
        # hidden features are never in the far head, nor visible ones in the tail (of few rows some may be small)
        first, last, self.visible = min(self.first, visible), max(self.last, visible), visible
        if (first, last) != (self.first, self.last):
            super().__init__(*place, seen=(first, last, self.near, self.weight))
        parts = [
            self.atoms.near(low, high, self.centre, self.distance)
            for low, high in ((self.first, self.visible), (self.visible, self.last))
        ]
        (self._seen, self._seen_weight), (self._hidden, self._hidden_weight) = (
            (scaled(log_a - self.log_tau), weight) for log_a, weight in parts
        )
        self.hidden_count = self.atoms.d - self.visible

    def hidden(self, w: Complex) -> HiddenSums:
        """Sums over the hidden features at points ``|w| >= r``."""
        tail, a, weight = self.tail(w), self._hidden, self._hidden_weight
        inverse = 1.0 / (w[:, None] - a)
        value, first, second = (inverse @ np.stack([weight, weight * a, weight * a * a], axis=1)).T
        return HiddenSums(
            tail.value + value,
            tail.slope - inverse**2 @ weight,
            tail.first + first,
            self.tail_squares(w) + second,
        )

    def seen(self, w: Complex) -> tuple[Complex, Complex]:
        """``h = sum_{i <= m} 1/(w - a_i)`` and its derivative at points ``|w|`` not much above ``r``."""
        return self.beside(w, self._seen, self._seen_weight)

    @property
    def hidden_gap(self) -> float:
        """How far the first hidden feature lies below ``r``; at most ``r``."""
        below = self.r - self._hidden[self._hidden < self.r]
        return float(below.min()) if below.size else self.r

    @property
    def hidden_beyond(self) -> float:
        """Number of hidden features above ``r``."""
        return float(self._hidden_weight[self._hidden > self.r].sum())


def sums_along(plane: Subordination, w: Complex, visible: float, share: float) -> HiddenSums:
    """`SplitView.hidden` at many points of the curve, each from a view that serves it (`View.serve`)."""
    found = [np.empty_like(w) for _ in range(4)]
    r, (centre, distance) = np.abs(w), neighbourhood(plane.counts, w)
    left = np.argsort(centre)
    while left.size:
        view = SplitView(plane, complex(w[left[0]]), visible)
        served = view.serve(r[left], centre[left], distance[left], share)
        served[0] = True
        sums, group = view.hidden(w[left[served]]), left[served]
        for array, values in zip(found, (sums.zeroth, sums.slope, sums.first, sums.second), strict=True):
            array[group] = values
        left = left[~served]
    return HiddenSums(*found)
