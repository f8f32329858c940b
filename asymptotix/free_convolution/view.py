"""The atoms as seen from an arc: their sums at its points, the tail by its series, those nearby one by one."""

from __future__ import annotations

import math
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np

from asymptotix.arrays import Array, Complex, powers
from asymptotix.free_convolution.atoms import COUNT, ORDER, Atoms, scaled

# Numbers in a block of the sums over near atoms.
_BLOCK = 16384
# Of sums of products, which powers meet.
_WINDOWS = np.arange(ORDER + 1)[:, None] + np.arange(ORDER + 1)


@dataclass(frozen=True)
class TailSums:
    """What the arc integrals need of the tail: ``T = sum 1/(w-a)``, ``T'``, ``Sigma = sum a/(w-a)``, ``T + w T'``."""

    value: Complex
    slope: Complex
    first: Complex
    moves: Complex

    @classmethod
    def of(cls, scale: Array | float, matrix: Array, w: Complex) -> TailSums:
        """From a tail's `Series`; of many tails, each with a row of points."""
        value, slope, first, moves = power_series(scale / w, matrix).swapaxes(0, -2)
        return cls(value / w, -slope / (w * w), first, -moves / w)


class View:
    """The atoms as seen from the arc ``|w| = r``, in units of ``tau``.

    Attributes:
        tail_count, head_count: ``n_t`` (all atoms below about ``r/2``) and ``m`` (the others).
        t: ``1/d``.
    """

    def __init__(
        self,
        atoms: Atoms,
        log_tau: float,
        r: float,
        centre: float | None = None,
        distance: float = 0.0,
        seen: tuple[float, float, Array, Array] | None = None,
    ) -> None:
        """See the atoms from radius ``r``; resolve those around ``centre`` (index) from ``distance``.

        ``seen``: which are near, from the first to the last, and their nodes and weights, where these are known.
        """
        log_r = log_tau + math.log(r)
        if centre is None:
            centre = atoms.spectrum.count_above(log_r)
        self.centre, self.distance = centre, distance
        self.atoms, self.log_tau, self.r, self.t = atoms, log_tau, r, 1.0 / atoms.d
        if seen is None:
            self.last = atoms.cut(log_r - math.log(2.0), up=False)
            self.first = min(atoms.cut(log_r + math.log(2.0), up=True), self.last)
            log_a, self.weight = atoms.near(self.first, self.last, centre, distance)
            self.near = scaled(log_a - log_tau)
        else:
            self.first, self.last, self.near, self.weight = seen
        reference, self._tail, self._tail_matrix = atoms.tail(self.last)
        self._tail_scale = float(scaled(reference - log_tau))
        reference, self._head, self._head_matrix = atoms.head(self.first)
        self._head_scale = float(scaled(reference - log_tau))
        self.tail_count, self.head_count = float(self._tail[0]), self.last

    def seen_from(self, r: float) -> View:
        """The same from an arc close by."""
        if r == self.r:
            return self
        view = copy(self)
        view.r = r
        return view

    def serve(self, r: Any, centre: Any, distance: Any, share: float = 0.5) -> Any:
        """Whether the atoms are resolved as well as they need be as seen from a similar place, or from many."""
        near = abs(centre - self.centre) <= np.maximum(8.0, share * distance)
        return (abs(r - self.r) < 0.06 * r) & near & (distance >= 0.5 * self.distance)

    @property
    def tail_square(self) -> float:
        """``sum_tail a^2``."""
        return float(self._tail[2]) * (self._tail_scale * self._tail_scale)

    def clearance(self, w: complex) -> float:
        """Distance from ``w`` to the nearest atom (or node) of the head; at most ``|w|``."""
        return min(abs(w), float(np.min(np.abs(w - self.near)))) if self.near.size else abs(w)

    def tail(self, w: Complex) -> TailSums:
        """Tail sums at points with ``|w| >= r``; relative accuracy in real and imaginary parts alike."""
        return TailSums.of(self._tail_scale, self._tail_matrix, w)

    def tail_squares(self, w: Complex) -> Complex:
        """``sum_tail a^2/(w-a)``."""
        series = power_series(self._tail_scale / w, self._tail[2 : ORDER + 3, None])[0]
        squares: Complex = self._tail_scale * self._tail_scale * series / w
        return squares

    def head(self, w: Complex) -> tuple[Complex, Complex]:
        """``h = sum_head 1/(w-a)`` and its derivative at points with ``|w| <= r``."""
        return self.beside(w, self.near, self.weight)

    def beside(self, w: Complex, a: Array, weight: Array) -> tuple[Complex, Complex]:
        """The same over the far head and given atoms nearby."""
        value, slope = poles(w, a, weight)
        if self.first > 0:
            scale = self._head_scale
            series = power_series(w / scale, self._head_matrix)
            value = value - series[0] / scale
            slope = slope - series[1] / scale / scale
        return value, slope

    def head_angles(self, w: complex) -> float:
        """``sum_head (pi - arg(w - a))``, all terms positive: how far the head is from lying above ``w``."""
        total = float(self.weight @ np.arctan2(w.imag, self.near - w.real))
        if self.first > 0:
            k = np.arange(1.0, ORDER + 1.0)
            total += float((((w / self._head_scale) ** k).imag * self._head[1 : ORDER + 1] / k).sum())
        return total

    def kernel(self, w: Complex, angle: float, mirror: bool = False) -> tuple[Complex, Complex]:
        """``K_t(w) = t sum_tail omega_i / (w - a_i)`` and its derivative, ``omega_i = 1/|w_c - a_i|^2``.

        ``w_c = r e^{i angle}``, or ``-r e^{-i angle}`` with ``mirror``. The expansion
        ``1/|w_c - a|^2 = sum_n (a/r)^n U_n(cos arg w_c) / r^2`` turns the sums into power sums of the tail.
        """
        chebyshev = self._chebyshev(self._tail_scale / self.r, angle, mirror)
        return kernel_sums(self._tail_scale, self.t / self.r**2 * (_hankel(self._tail, 0) @ chebyshev), w)

    def head_kernel(self, w: Complex, angle: float, mirror: bool = False) -> tuple[Complex, Complex]:
        """The same sum over the head, at points away from its atoms."""
        value, slope = poles(w, self.near, self.t * self.weight * self._omega(angle, mirror))
        if self.first > 0:
            scale = self._head_scale
            n = np.arange(ORDER - 2.0)
            chebyshev = self._chebyshev(self.r / scale, angle, mirror)[: n.size]
            moments = self.t * (_hankel(self._head, 3)[: n.size, : n.size] @ chebyshev)
            matrix = np.stack([moments, np.append((n[1:] * moments[1:]), 0.0)], axis=1)
            series = power_series(w / scale, matrix)
            value = value - series[0] / scale / scale / scale
            slope = slope - series[1] / scale / scale / scale / scale
        return value, slope

    def kernel_at(self, w: complex, angle: float) -> complex:
        """``w K(w)`` over all atoms at the point ``w = r e^{i angle}`` itself: ``z'(w) = 2i Im w K(w)``."""
        at = np.array([w])
        return complex(w * (self.kernel(at, angle)[0][0] + self.head_kernel(at, angle)[0][0]))

    def share(self, angle: float, power: int, mirror: bool = False) -> float:
        """``t sum_i a_i^power omega_i`` over all atoms, ``power`` 1 or 2; no two terms cancel."""
        n = np.arange(ORDER + 1)
        small = self._tail[n + power] @ self._chebyshev(self._tail_scale / self.r, angle, mirror)
        total = float(small) * self._tail_scale**power / self.r**2
        total += float((self.weight * self.near**power) @ self._omega(angle, mirror))
        if self.first > 0:
            large = self._head[n + 2 - power] @ self._chebyshev(self.r / self._head_scale, angle, mirror)
            total += float(large) * self._head_scale ** (power - 2.0)
        return self.t * total

    def _omega(self, angle: float, mirror: bool) -> Array:
        u = self.r * math.cos(angle)
        omega: Array = 1.0 / ((self.near - (-u if mirror else u)) ** 2 + (self.r * math.sin(angle)) ** 2)
        return omega

    def _chebyshev(self, ratio: float, angle: float, mirror: bool) -> Array:
        """``ratio^n U_n(cos arg w_c)``."""
        n = np.arange(ORDER + 1.0)
        values: Array = np.sin((n + 1.0) * angle) / math.sin(angle) * (-ratio if mirror else ratio) ** n
        return values

    def total(self, w: complex) -> tuple[complex, complex]:
        """``t G(w)`` and ``t G'(w)`` at one point near the arc."""
        value, slope = self.totals(np.array([w], dtype=complex))
        return complex(value[0]), complex(slope[0])

    def totals(self, w: Complex) -> tuple[Complex, Complex]:
        """The same at many points."""
        # a point all but on an atom overflows: no solution lies there, and root finders reject what is not finite
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            tail = self.tail(w)
            value, slope = self.head(w)
            return self.t * (tail.value + value), self.t * (tail.slope + slope)


def poles(w: Complex, a: Array, weight: Array) -> tuple[Complex, Complex]:
    """``sum weight/(w - a)`` and its derivative, in real arithmetic and blocks that fit the cache."""
    sums = np.empty((4, w.size))
    rows = max(1, _BLOCK // max(1, a.size))
    for start in range(0, w.size, rows):
        part = slice(start, start + rows)
        x, v = w[part].real[:, None] - a, w[part].imag
        q = x * x
        q += (v * v)[:, None]
        np.divide(1.0, q, out=q)
        sums[0, part] = q @ weight
        x *= q  # Re 1/(w - a); the imaginary part is -v q
        sums[1, part] = x @ weight
        x *= q
        sums[2, part] = x @ weight
        np.square(q, out=q)
        sums[3, part] = q @ weight
    return from_poles(w.imag, *sums)


def from_poles(v: Array, q: Array, xq: Array, xqq: Array, qq: Array) -> tuple[Complex, Complex]:
    """``sum 1/(x + iv)`` and ``-sum 1/(x + iv)^2`` from sums of ``q = 1/(x^2 + v^2)`` and its products."""
    return xq - 1j * (v * q), (2.0 * v * v * qq - q) + 2j * (v * xqq)


def kernel_sums(scale: Array | float, moments: Array, w: Complex) -> tuple[Complex, Complex]:
    """``sum_k moments_k scale^k / w^(k+1)`` and its derivative; of many, each with a row of points."""
    matrix = np.stack([moments, COUNT[1:] * moments], axis=-1)
    value, slope = power_series(scale / w, matrix).swapaxes(0, -2)
    return value / w, -slope / w**2


def _hankel(sums: Array, start: int) -> Array:
    """Rows ``sums[start + k : ...]``."""
    windows: Array = sums[start + _WINDOWS[: sums.size - start - ORDER]]
    return windows


def power_series(x: Complex, matrix: Array) -> Complex:
    """``sum_k x^k matrix[k]``, a row for each column; many matrices at once, each with a row of ``x``.

    In real arithmetic.
    """
    sums = np.swapaxes(matrix, -1, -2) @ powers(x, matrix.shape[-2] - 1).view(np.float64)
    return np.asarray(sums.view(np.complex128))
