r"""Eigenvalues and eigenvectors of features and noise, point by point on the real axis.

Features ``a_i`` behind noise with a semicircle of variance 1 (``t`` is one over their number) give at ``x`` the point
``w = u + i v`` with ``x = w + t sum 1/(w - a_i)``, that is ``t sum 1/((u - a_i)^2 + v^2) = 1`` wherever ``v > 0``. The
eigenvectors at ``x`` overlap with feature ``i`` by ``O_i dx = v/(pi |w - a_i|^2) dx``. Nothing here is shared with the
package, and nothing is clever: edges by bisection, integrals by Gauss along ``u``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq, minimize_scalar


def between_roots(breaks: list[float], order: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss's nodes and weights between breaks, for what begins and ends like square roots."""
    if len(breaks) == 2:
        breaks = [breaks[0], 0.5 * (breaks[0] + breaks[1]), breaks[1]]
    x, weight = np.polynomial.legendre.leggauss(order)
    y, nodes, weights = 0.5 * (1.0 + x), [], []
    for k, (left, right) in enumerate(pairwise(breaks)):
        first, last = k == 0, k == len(breaks) - 2
        nodes.append(left + (right - left) * (y * y if first else 1.0 - y * y if last else y))
        weights.append((right - left) * weight * (y if first or last else 0.5))
    return np.concatenate(nodes), np.concatenate(weights)


@dataclass(frozen=True)
class Law:
    """Nodes ``x``, and ``overlaps[i, k]``, the weight of feature ``i`` at node ``k``, times the width of the node."""

    a: np.ndarray
    x: np.ndarray
    overlaps: np.ndarray
    bands: list[tuple[float, float]]

    @classmethod
    def of(cls, a: np.ndarray, *cuts: float) -> Law:
        """The law of features ``a``; integrals from or to a cut are exact as well."""
        a, t = np.sort(a), 1.0 / a.size
        edges = list(_edges(a, t))
        us, weights = [], []
        for low, high in edges:
            inner = [
                brentq(lambda u, c=c: _x(u, a, t) - c, low, high, xtol=1e-15)
                for c in cuts
                if _x(low, a, t) < c < _x(high, a, t)
            ]
            nodes, widths = between_roots([low, *sorted(inner), high], 160)
            us.append(nodes)
            weights.append(widths)
        u, du = np.concatenate(us), np.concatenate(weights)
        q = np.array([_height(x, a, t) for x in u])
        apart = u - a[:, None]
        inverse = 1.0 / (apart**2 + q)
        q_slope = -2.0 * (apart * inverse**2).sum(axis=0) / (inverse**2).sum(axis=0)
        dx = (2.0 - t * (apart * (2.0 * apart + q_slope) * inverse**2).sum(axis=0)) * du
        return cls(
            a,
            u + t * (apart * inverse).sum(axis=0),
            np.sqrt(q) * inverse / np.pi * dx,
            [(_x(low, a, t), _x(high, a, t)) for low, high in edges],
        )

    def pairs(self, learned: np.ndarray, features: np.ndarray, places: np.ndarray) -> float:
        """``sum int (f(x) - a_i)^2 O_i dx`` over some features and some places."""
        square = (learned - self.a[:, None]) ** 2 * self.overlaps
        return float(square[np.ix_(features, places)].sum())


def _edges(a: np.ndarray, t: float) -> list[tuple[float, float]]:
    def excess(u: float) -> float:
        with np.errstate(divide="ignore"):
            return float(t * (1.0 / (u - a) ** 2).sum()) - 1.0

    left = [brentq(excess, a[0] - 2.0, a[0] - 1e-9, xtol=1e-15)]
    right = []
    for low, high in pairwise(np.unique(a)):
        least = minimize_scalar(
            excess, bounds=(low, high), method="bounded", options={"xatol": 1e-9 * (high - low)}
        ).x
        if excess(least) < 0:
            tiny = 1e-9 * (high - low)
            right.append(brentq(excess, low + tiny, least, xtol=1e-15))
            left.append(brentq(excess, least, high - tiny, xtol=1e-15))
    right.append(brentq(excess, a[-1] + 1e-9, a[-1] + 2.0, xtol=1e-15))
    return list(zip(left, right, strict=True))


def _height(u: float, a: np.ndarray, t: float) -> float:
    """``v^2``, which is below 1."""
    square = (u - a) ** 2
    if t * (1.0 / np.maximum(square, 1e-300)).sum() <= 1.0:
        return 0.0
    return float(brentq(lambda q: 1.0 - t * (1.0 / (square + q)).sum(), 1e-300, 2.0, xtol=1e-17, rtol=1e-14))


def _x(u: float, a: np.ndarray, t: float) -> float:
    return u + t * float(((u - a) / ((u - a) ** 2 + _height(u, a, t))).sum())
