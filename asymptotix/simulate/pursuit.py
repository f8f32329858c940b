"""The interpolator of least l1 norm, ``min ||theta||_1`` with ``A theta = y``, by exact pivots between bases.

A basis is a set of as many columns as there are rows; ``theta_B = B^-1 y`` interpolates whatever the signs are,
so every basis is feasible. ``u = B^-T sign(theta_B)`` prices the other columns: if no ``|a_j'u|`` exceeds 1 the
basis is optimal, otherwise the worst column enters, along the edge ``theta_B - t B^-1 a_j`` to the breakpoint
where the norm stops falling (a weighted median) [Barrodale, Roberts 1973]. From a good start (the end of the
LARS path) a few pivots are enough, where a general linear programme starts from nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, qr

from asymptotix.arrays import Array

Indices = NDArray[np.intp]

_SLACK = 1e-10  # a price over 1 by less is rounding
_REFACTOR = 40  # updates of the inverse, each of which adds rounding; a new one costs little beside so many


def basis_pursuit(matrix: Array, target: Array, start: Array, *, pivots: int | None = None) -> Array | None:
    """Pivot from the support of ``start`` to the interpolator of least l1 norm; None if that failed.

    Args:
        matrix: (n, d) with ``n <= d`` independent rows.
        target: (n,).
        start: (d,), a guess; only its largest coefficients' places matter.
        pivots: at most this many; by default ``20 n + 100``.

    Examples:
        >>> basis_pursuit(np.array([[1.0, 2.0]]), np.array([2.0]), np.zeros(2)).tolist()
        [0.0, 1.0]
    """
    basis = _complete(matrix, start)
    rows = matrix.shape[0]
    inverse = np.asarray(np.empty((0, 0)), dtype=np.float64)
    for pivot in range(20 * rows + 100 if pivots is None else pivots):
        if pivot % _REFACTOR == 0:
            try:
                inverse = np.asarray(np.linalg.inv(matrix[:, basis]), dtype=np.float64)
            except LinAlgError:
                return None
        values = inverse @ target
        prices = matrix.T @ (inverse.T @ np.sign(values))
        prices[basis] = 0.0
        entering = int(np.argmax(np.abs(prices)))
        if np.abs(prices[entering]) <= 1.0 + _SLACK:
            theta = np.zeros(matrix.shape[1])
            theta[basis] = values
            return theta
        column = np.sign(prices[entering]) * (inverse @ matrix[:, entering])
        leaving = _breakpoint(values, column)
        if leaving is None:
            return None
        basis[leaving] = entering
        row = inverse[leaving] / column[leaving] * np.sign(prices[entering])
        inverse = inverse - np.outer(column * np.sign(prices[entering]), row)
        inverse[leaving] = row
    return None


def _breakpoint(values: Array, column: Array) -> int | None:
    """Index where ``t + sum |values - t column|`` is least over ``t > 0``."""
    moving = np.flatnonzero(values * column > 0.0)
    times = values[moving] / column[moving]
    order = np.argsort(times)
    # the entering column adds 1 to the slope; every breakpoint passed adds 2 |column|
    slope = 1.0 - float(np.sum(np.sign(values) * column))
    slopes = slope + 2.0 * np.cumsum(np.abs(column[moving][order]))
    turned = np.flatnonzero(slopes >= 0.0)
    return int(moving[order[turned[0]]]) if turned.size else None


def _complete(matrix: Array, start: Array) -> Indices:
    """The largest coefficients' columns, completed to a basis by pivoted QR of what they leave over."""
    rows = matrix.shape[0]
    support = np.flatnonzero(start)
    if support.size > rows:
        support = support[np.argsort(-np.abs(start[support]))[:rows]]
    rest = np.setdiff1d(np.arange(matrix.shape[1]), support)
    left = matrix[:, rest]
    if support.size:
        q = np.linalg.qr(matrix[:, support])[0]
        left = left - q @ (q.T @ left)
    order = qr(left, mode="r", pivoting=True)[1]
    return np.concatenate([support, rest[order[: rows - support.size]]])
