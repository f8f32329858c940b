"""Where two branches of a curve meet, and where a curve turns: positions read off a few measured points.

Everything happens in logarithms, where a law is a straight line. The same function is applied to measured
errors and to predicted ones, so that the two positions differ by measurement alone; measurement errors are
propagated to first order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from asymptotix.arrays import Array

#: From logarithms of positions and of errors (same length) to the logarithms of one place, of its height and, where
#: there is one, of its width (a ratio of positions).
Reading = Callable[[Array, Array], "tuple[float, ...]"]


def chords(x: Array, y: Array) -> tuple[float, float]:
    """Intersection of the line through the first two points with the line through the last two.

    >>> chords(np.array([0.0, 1.0, 4.0, 5.0]), np.array([0.0, 0.0, -2.0, -3.0]))
    (2.0, 0.0)
    """
    first, last = ((y[k + 1] - y[k]) / (x[k + 1] - x[k]) for k in (0, len(x) - 2))
    place = (y[-1] - y[0] + first * x[0] - last * x[-1]) / (first - last)
    return float(place), float(y[0] + first * (place - x[0]))


def level(x: Array, y: Array) -> tuple[float, float]:
    """Intersection of the horizontal line at the height of the first two points with the line through the last two.

    >>> level(np.array([0.0, 1.0, 4.0, 5.0]), np.array([0.5, -0.5, -2.0, -3.0]))
    (2.0, 0.0)
    """
    return chords(x, np.concatenate([np.full(2, y[:2].mean()), y[-2:]]))


def vertex(x: Array, y: Array) -> tuple[float, float, float]:
    """Vertex of the least-squares parabola, and how far apart its two points a factor of two from there are.

    >>> x = np.array([0.0, 1.0, 2.0, 4.0])
    >>> [round(v, 12) for v in vertex(x, 3.0 + math.log(2) * (x - 1.5) ** 2)]
    [1.5, 3.0, 2.0]
    """
    centre = float(x.mean())
    a, b, c = np.polyfit(x - centre, y, 2)
    width = 2.0 * math.sqrt(math.log(2.0) / abs(a))
    return float(centre - b / (2.0 * a)), float(c - b * b / (4.0 * a)), width


@dataclass(frozen=True)
class Place:
    """A position and a height on a curve, each with the relative standard error of the reading.

    ``width`` is the ratio of the two positions a factor of two in height away from a vertex; 0 elsewhere.
    """

    position: float
    height: float
    position_error: float = 0.0
    height_error: float = 0.0
    width: float = 0.0
    width_error: float = 0.0

    def of(self, reading: str) -> tuple[float, float]:
        """One of ``position``, ``height`` and ``width``, and its relative standard error."""
        return getattr(self, reading), getattr(self, f"{reading}_error")


def read(reading: Reading, x: Sequence[float], y: Sequence[float], errors: Sequence[float] = ()) -> Place:
    """Apply a reading to positions ``x`` and values ``y`` with independent standard errors."""
    log_x, log_y = np.log(np.asarray(x, dtype=float)), np.log(np.asarray(y, dtype=float))
    found = np.asarray(reading(log_x, log_y))
    relative = np.asarray(errors, dtype=float) / np.asarray(y, dtype=float) if len(errors) else 0.0 * log_y
    squares = np.zeros(found.size)
    for k in np.flatnonzero(relative):
        up, down = log_y.copy(), log_y.copy()
        up[k] += relative[k]
        down[k] -= relative[k]
        squares += np.square(np.subtract(reading(log_x, up), reading(log_x, down)) / 2.0)
    (place, height, *width), (wide, high, *broad) = np.exp(found).tolist(), np.sqrt(squares).tolist()
    return Place(place, height, wide, high, *width, *broad)
