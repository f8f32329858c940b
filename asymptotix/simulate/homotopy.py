"""The LASSO's path followed upwards in ``lam``, from its limit ``lam -> 0+``, by exact breakpoints.

Between breakpoints the support ``S`` and the signs ``s`` stay, and with ``A_S = Q R``

    theta_S(lam) = R^-1 (Q'y - lam R^-T s),        A'(y - A theta)(lam) = A' r_0 + lam A' u,

so that the next coefficient to vanish and the next column to join are read off two straight lines. The LARS
homotopy [Efron et al. 2004] comes down from the largest penalty by the same steps; near interpolation it has
to take about ``min(n, d)`` of them to arrive where this one starts, through Gram matrices that are nearly
singular. Here ``Q R`` is updated, never the normal equations.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, qr, qr_delete, qr_insert, solve_triangular

from asymptotix.arrays import Array

# Updates of a factorisation, each of which adds rounding; a new one costs little beside so many.
_REFACTOR = 50
_AT_ONCE = 1e-12  # penalties closer than rounding tells are one breakpoint


@dataclass
class _Active:
    """A support with its signs and the factors of its columns; changed in place along the path."""

    matrix: Array
    target: Array
    support: list[int]
    signs: list[float]
    changes: int = 0

    def __post_init__(self) -> None:
        self._factor()

    def _factor(self) -> None:
        self.q, self.r = qr(self.matrix[:, self.support])

    def drop(self, place: int) -> tuple[int, float]:
        """Take the column at a place of the support out; return which one it was, and its sign."""
        gone = self.support.pop(place), self.signs.pop(place)
        self._changed(lambda: qr_delete(self.q, self.r, place, which="col"))
        return gone

    def join(self, index: int, sign: float) -> None:
        """Add a column."""
        self.support.append(index)
        self.signs.append(sign)
        place = self.r.shape[1]
        self._changed(lambda: qr_insert(self.q, self.r, self.matrix[:, index], place, which="col"))

    def _changed(self, update: Callable[[], tuple[Any, Any]]) -> None:
        self.changes += 1
        if self.changes % _REFACTOR == 0:
            self._factor()
        else:
            q, r = update()
            self.q, self.r = np.asarray(q, dtype=np.float64), np.asarray(r, dtype=np.float64)

    def lines(self) -> tuple[Array, Array, Array, Array]:
        """``theta_S = t0 - lam t1`` and ``A'(residual) = c0 + lam c1``."""
        k = len(self.support)
        q, r = self.q[:, :k], self.r[:k]
        along = q.T @ self.target
        shrink = solve_triangular(r, np.asarray(self.signs), trans="T")
        t0, t1 = solve_triangular(r, along), solve_triangular(r, shrink)
        left = self.target - q @ along
        return t0, t1, self.matrix.T @ left, self.matrix.T @ (q @ shrink)


def ascend(
    matrix: Array, target: Array, start: Array, penalty: float, *, breakpoints: int = 1000
) -> Array | None:
    """Follow the minimisers of ``1/2 ||y - A theta||^2 + lam ||theta||_1`` from ``lam = 0+`` up to ``penalty``.

    Args:
        matrix: ``A`` (n, d).
        target: ``y`` (n,).
        start: (d,), the limit ``lam -> 0+``: least squares, or the interpolator of least l1 norm.
        penalty: where to stop.
        breakpoints: at most this many.

    Returns:
        The minimiser, or None if the path could not be followed that far.

    Examples:
        >>> ascend(np.eye(2), np.array([3.0, 0.5]), np.array([3.0, 0.5]), 1.0).tolist()
        [2.0, 0.0]
    """
    support = np.flatnonzero(start)
    if not 0 < support.size <= matrix.shape[0]:
        return None
    try:
        active = _Active(matrix, target, support.tolist(), np.sign(start[support]).tolist())
        return _follow(active, penalty, breakpoints)
    except LinAlgError:
        return None


def _follow(active: _Active, penalty: float, breakpoints: int) -> Array | None:
    lam, last = 0.0, (-1, 0.0)
    d = active.matrix.shape[1]
    for _ in range(breakpoints):
        if not active.support:
            return np.zeros(d)
        t0, t1, c0, c1 = active.lines()
        vanishing, place = _vanishing(t0, t1, lam, fresh=active.support[-1] == last[0])
        joining, index, sign = _joining(c0, c1, lam, active.support, last)
        if min(vanishing, joining) >= penalty:
            theta = np.zeros(d)
            theta[active.support] = t0 - penalty * t1
            return theta
        lam = min(vanishing, joining)
        if vanishing <= joining:
            last = active.drop(place)
        else:
            active.join(index, sign)
            last = (index, sign)
    return None


def _vanishing(t0: Array, t1: Array, lam: float, *, fresh: bool) -> tuple[float, int]:
    """The next penalty at which a coefficient vanishes, and its place.

    Not the last one if it is ``fresh``: its line is zero where it joined, and nowhere else.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.where(t0 * t1 > 0.0, t0 / t1, np.inf)
    times[times < lam * (1.0 - _AT_ONCE)] = np.inf
    if fresh:
        times[-1] = np.inf
    place = int(np.argmin(times))
    return max(float(times[place]), lam), place


def _joining(
    c0: Array, c1: Array, lam: float, support: list[int], last: tuple[int, float]
) -> tuple[float, int, float]:
    """The next penalty at which an inactive correlation reaches it: where, which column, with which sign.

    What was dropped ``last`` may come back with the other sign only.
    """
    best = (np.inf, -1, 0.0)
    for sign in (1.0, -1.0):
        # sign (c0 + lam c1) = lam, from below
        rate, height = 1.0 - sign * c1, sign * c0
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.where((height < 0.0) & (rate < 0.0), height / rate, np.inf)
        times[support] = np.inf
        times[times < lam * (1.0 - _AT_ONCE)] = np.inf
        if sign == last[1]:
            times[last[0]] = np.inf
        index = int(np.argmin(times))
        if times[index] < best[0]:
            best = (max(float(times[index]), lam), index, sign)
    return best
