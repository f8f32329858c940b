r"""Singular values and vectors of ``m`` features and noise in ``d >= m`` columns, point by point on the real line.

In units of the noise, of which every entry has variance ``1/d``, the resolvent of the symmetrised matrix at ``x`` is
``p/(s - a^2)`` on the row of a feature, ``q/(s - a^2)`` on its column and ``1/p`` on columns without; ``s = p q`` and

    p = x - sum over rows / d          q = x - sum over columns / d

A direction ``x > 0`` overlaps with the feature ``(+-a)`` by ``-Im (r +- a)/(s - a^2)/pi``, ``r = (p + q)/2``. Edges by
scanning the real line, blocks by iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from tests.risk.law_of_bands import between_roots


@dataclass(frozen=True)
class SingularLaw:
    """At nodes ``x``: weights of features ``a`` and ``-a``, and of one column without feature, times their widths."""

    a: np.ndarray
    columns: int
    x: np.ndarray
    plus: np.ndarray
    minus: np.ndarray
    spare: np.ndarray
    bands: list[tuple[float, float]]

    @classmethod
    def of(cls, a: np.ndarray, columns: int, *cuts: float) -> SingularLaw:
        a, d = np.sort(a), columns
        bands = _bands(a, d)
        xs, widths = [], []
        for low, high in bands:
            nodes, weights = between_roots([low, *sorted(c for c in cuts if low < c < high), high], 80)
            xs.append(nodes)
            widths.append(weights)
        x, dx = np.concatenate(xs), np.concatenate(widths)
        p, q = _blocks(a, d, x)
        s, r = p * q, 0.5 * (p + q)
        far = s - a[:, None] ** 2
        found = (-((r + sign * a[:, None]) / far).imag / np.pi * dx for sign in (1, -1))
        return cls(a, d, x, *found, -(1.0 / p).imag / np.pi * dx, bands)

    @property
    def at_zero(self) -> np.ndarray:
        """The weight of each feature on the columns beyond the rows, which show nothing."""
        return 1.0 - (self.plus + self.minus).sum(axis=1)

    def pairs(self, learned: np.ndarray, features: np.ndarray, places: np.ndarray) -> float:
        """``sum int (f(x) - a)^2 O dx`` over some features (of both signs) and some places."""
        a = self.a[:, None]
        square = (learned - a) ** 2 * self.plus + (learned + a) ** 2 * self.minus
        return float(square[np.ix_(features, places)].sum())

    def without(self, learned: np.ndarray, places: np.ndarray) -> float:
        """The same of the columns that have no feature."""
        return (self.columns - self.a.size) * float((learned**2 * self.spare)[places].sum())


def _map(a: np.ndarray, d: int, s: float) -> float:
    one = 1.0 + (1.0 / (s - a * a)).sum() / d
    return float(one * (s * one + (d - a.size) / d))


def _rises(a: np.ndarray, d: int, s: float) -> float:
    """Of the sign of the map's slope where this is the physical sheet."""
    far = s - a * a
    one, slope = 1.0 + (1.0 / far).sum() / d, -(1.0 / far**2).sum() / d
    return float(one + slope * (2.0 * s + (d - a.size) / d / one)) if one > 0 else -1.0


def _bands(a: np.ndarray, d: int) -> list[tuple[float, float]]:
    f: Callable[[float], float] = lambda s: _rises(a, d, s)  # noqa: E731
    squares = a * a
    edges = []
    for low, high in [
        (squares[0] - 4.0, squares[0]),
        *pairwise(squares),
        (squares[-1], squares[-1] * 4 + 10.0),
    ]:
        grid = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, 4001)[1:-1])) / 2
        signs = np.array([f(s) for s in grid]) > 0
        for k in np.flatnonzero(signs[1:] != signs[:-1]):
            s = brentq(f, grid[k], grid[k + 1], xtol=1e-15)
            edges.append(np.sqrt(max(_map(a, d, s), 0.0)))
    if len(edges) % 2:  # rises from the left: the first one ends the gap below
        raise AssertionError(edges)
    return list(zip(edges[::2], edges[1::2], strict=True))


def _blocks(a: np.ndarray, d: int, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p, q, e = x + 1j, x + 1j, (d - a.size) / d
    for k in range(400):
        f = (1.0 / (p * q - a[:, None] ** 2)).sum(axis=0) / d
        z = x + 1j * 0.5**k
        p, q = (p + z - p * f) / 2, (q + z - q * f - e / p) / 2
    for _ in range(8):  # Newton's method on Z(s) = x^2
        s = p * q
        far = s - a[:, None] ** 2
        one, slope = 1.0 + (1.0 / far).sum(axis=0) / d, -(1.0 / far**2).sum(axis=0) / d
        rest = s * one + e
        s = s - (one * rest - x * x) / (slope * rest + one * (one + s * slope))
        one = 1.0 + (1.0 / (s - a[:, None] ** 2)).sum(axis=0) / d
        p = x / one
        q = s / p
    return p, q
