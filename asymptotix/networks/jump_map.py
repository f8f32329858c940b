r"""The map of one coefficient behind noise that the penalty ``|theta|^q`` makes, ``0 < q < 1``, and its means.

In units of the effective noise the estimator of one coefficient is the proximal map of ``c |u|^q``,

    u(y) = argmin_u (y - u)^2 / 2 + c |u|^q,        c = eps delta^(q-2),

which is 0 up to a threshold ``y*``, jumps there to ``u* = y* (2-2q)/(2-q)``, and follows ``y = u + c q u^(q-1)``
beyond, with ``2 c (1-q) = u*^(2-q)``. As for every penalty, the risk is ``r = E (u(a+z) - a)^2`` and the degrees of
freedom ``s = E z u(a+z)``: the slope of ``u``, and what its two jumps add, all of it positive (`theory.md` 10).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from asymptotix.arrays import Array

# A normal variable beyond this many standard deviations weighs less than 1e-18 of one within.
REACH = 9.0
# Sixteen nodes resolve a Gaussian factor over this many standard deviations to 1e-15.
_STEP = 2.0
# From here on leaked noise underflows, even 1e120 times: whatever is below the threshold's reach is missed.
SILENT = 50.0
# Thresholds below this use the forms of 1 - r and 1 - s that do not cancel as y* -> 0.
LOW = 0.5
# Noise is summed by so many nodes of its own where the threshold is so far below that nothing turns on it.
_CLEAR = 10.0
# Coefficients above this do not feel the noise: its width is below the rounding of what depends on them.
_SHARP = 1e9
# Newton's method on a convex function from above: doubles its digits, from at least a factor of two.
_NEWTON = 8
# The first panel above a threshold: Gaussian tails beyond `SILENT` fall by as much in it as sixteen nodes can tell.
_FIRST = 6.0 / SILENT
# Thresholds this far below the largest bias what is learned by too little to be told.
_FLOOR = 1e-6
# Nodes of a panel: see `_STEP`.
_NODE, _WEIGHT = np.polynomial.legendre.leggauss(16)
# And of the noise: a power of y is one of degree 31 over it at `_CLEAR`, to 1e-17.
_HERMITE, _MASS = np.polynomial.hermite_e.hermegauss(16)
_MASS = _MASS / _MASS.sum()
# Beyond this times the threshold's, a coefficient's observations of the other sign are below rounding of its own.
_OTHER_SIGN = 20.0


@dataclass(frozen=True)
class Jump:
    """The proximal map of ``c |u|^q``, by its threshold: from there on it is ``size`` or more."""

    q: float
    threshold: Any  # or one a coefficient

    def at(self, where: Any) -> Jump:
        """The maps of some of the coefficients."""
        return self if np.ndim(self.threshold) == 0 else Jump(self.q, self.threshold[where])

    @classmethod
    def of(cls, q: float, c: float) -> Jump:
        """The map of a given penalty.

        >>> Jump.of(0.5, 1.0)
        Jump(q=0.5, threshold=1.5)
        """
        size = math.pow(2.0 * c * (1.0 - q), 1.0 / (2.0 - q))
        return cls(q, size * (2.0 - q) / (2.0 - 2.0 * q))

    @cached_property
    def size(self) -> Any:
        """``u*``, where the map jumps to."""
        return self.threshold * (2.0 - 2.0 * self.q) / (2.0 - self.q)

    def bias(self, u: Array) -> Array:
        """``c q u^(q-1)``: by how much a learned coefficient is shrunk; it falls with its size."""
        at_jump = self.threshold - self.size
        shrunk: Array = at_jump * (u / self.size) ** (self.q - 1.0)
        return shrunk

    def slope(self, u: Array) -> Array:
        """``du/dy``, between 1 (far above) and ``1/(1 - q/2)`` (at the jump)."""
        return self.slope_of(u, self.bias(u))

    def slope_of(self, u: Array, bias: Array) -> Array:
        """The same, of a known bias."""
        slope: Array = 1.0 / (1.0 - (1.0 - self.q) * bias / u)
        return slope

    def learned(self, y: Array) -> Array:
        """The estimate of an observation at the threshold or above."""
        u: Array = np.maximum(y, self.threshold)
        size = self.size
        for _ in range(_NEWTON):
            bias = self.bias(u)
            last, u = u, np.maximum(u - (u + bias - y) * self.slope_of(u, bias), size)
            if (u >= last).all():  # from above, until rounding
                break
        return u

    def estimate(self, y: Array) -> Array:
        """The proximal map itself.

        >>> Jump(q=0.5, threshold=1.5).estimate(np.array([-4.0, 1.4, 1.6])).round(4).tolist()
        [-3.7415, 0.0, 1.1295]
        """
        size = np.abs(y)
        u = self.learned(np.maximum(size, self.threshold))
        found: Array = np.where(size > self.threshold, np.sign(y) * u, 0.0)
        return found


def coordinate(jump: Jump, a: Array) -> tuple[Array, Array]:
    """Risk ``r`` and degrees of freedom ``s`` of coefficients ``a >= 0``, in units of the noise.

    >>> r, s = coordinate(Jump.of(2 / 3, 1.0), np.array([0.0, 1.0, 1e4]))
    >>> r.round(4).tolist(), s.round(4).tolist()
    ([0.2621, 0.9066, 1.001], [0.3714, 0.6638, 1.0])
    """
    missed, fitted, dof, *_ = terms(jump, a)
    return fitted + np.where(missed > 0, a, 0.0) ** 2 * missed, dof


def terms(jump: Jump, a: Array, row: NDArray[np.intp] | None = None) -> Array:
    """What coefficients ``a >= 0`` add, a row each, in units of the noise.

    The probability ``p`` of being missed; ``r - a^2 p`` and ``s``; ``1 - r`` and ``1 - s`` (below `LOW`); and the
    derivatives of ``r`` and ``s`` by the logarithm of the threshold, and of ``r`` (less ``2 a^2 p``) and ``s`` by that
    of ``a``. With the bias ``b(y) = y - u``, all of ``y`` where missed, ``1 - s = E z b`` and ``r = E (z - b)^2``.
    ``row``: of thresholds, one a coefficient, which are the same; neighbours then share their integrals.
    """
    if row is None:
        row = np.zeros(a.size, dtype=np.intp) if np.ndim(jump.threshold) == 0 else np.arange(a.size)
    jump = Jump(jump.q, np.broadcast_to(jump.threshold, a.shape))
    rows = np.zeros((9, a.size))
    sharp = a > _SHARP
    clear = a - jump.threshold > np.where(sharp, 0.0, _CLEAR)
    silent = ~clear & (sharp | (jump.threshold - a >= SILENT))
    rows[0, silent] = 1.0
    if clear.any():
        rows[:, clear] = _clear(jump.at(clear), a[clear])
    part = ~clear & ~silent
    if part.any():
        rows[:, part] = _around(jump.at(part), a[part], row[part])
    return rows


def _clear(jump: Jump, a: Array) -> Array:
    """Far above the threshold, where ``b`` is smooth: means over the noise, of derivatives instead of ``z``."""
    each = jump.at((slice(None), None))
    y = a[:, None] + _HERMITE
    u = each.learned(y)
    bias = each.bias(u)
    slope = each.slope_of(u, bias)
    falls = -(1.0 - jump.q) * (bias / u) * slope
    bends = -(2.0 - jump.q) * falls / u * slope**2
    lost, square, curved = falls @ _MASS, bias**2 @ _MASS, bends @ _MASS
    moved = (y * bends) @ _MASS
    by_path = 2.0 * (moved + (bias * (bias - y * falls)) @ _MASS), moved
    by_size = 2.0 * a * ((bias * falls) @ _MASS - curved), -a * curved
    risk = 2.0 * lost - square
    return np.array([np.zeros_like(a), 1.0 - risk, 1.0 - lost, risk, lost, *by_path, *by_size])


def _around(jump: Jump, a: Array, row: NDArray[np.intp]) -> Array:
    """Around the threshold and below: beyond it on either side by panels, and on it."""
    top = jump.threshold
    rows = np.zeros((9, a.size))
    for side, seen in ((1.0, top - a < SILENT), (-1.0, (top + a < SILENT) & (top * a < _OTHER_SIGN))):
        if seen.any():
            rows[1:, seen] += _beyond(jump.at(seen), side * a[seen], row[seen])
    rows[0] = ndtr(top - a) - ndtr(-top - a)
    edge = np.exp(-0.5 * (top - a) ** 2) / math.sqrt(2.0 * math.pi)
    rows[8] -= a * edge * np.expm1(-2.0 * top * a)  # E z of all that is beyond the threshold
    low = top < LOW
    if low.any():  # b = y between
        y = top[low, None] * _NODE
        z = y - a[low, None]
        mass = top[low, None] * _WEIGHT * np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        lost, square = (mass * z * y).sum(axis=1), (mass * y * y).sum(axis=1)
        rows[0, low] = mass.sum(axis=1)
        rows[3:5, low] += 2.0 * lost - square, lost
    return rows


def _beyond(jump: Jump, a: Array, row: NDArray[np.intp]) -> Array:
    """`terms` of what is observed above the threshold, coefficients of a row side by side."""
    first = np.append(0, np.flatnonzero(row[1:] != row[:-1]) + 1)
    count = np.append(first[1:], a.size) - first
    k = np.repeat(np.arange(first.size), count)
    place = np.arange(a.size) - first[k]
    beside = np.repeat(a[first, None], count.max(), axis=1)
    beside[k, place] = a
    return _integrals(Jump(jump.q, jump.threshold[first, None]), beside)[:, k, place]


def _integrals(jump: Jump, a: Array) -> Array:
    """The same of rows of coefficients, one threshold each: integrals, and where ``b`` drops by ``u*``."""
    top, size, q = jump.threshold, jump.size, jump.q
    u, weight = estimates(jump, a)
    bias = jump.bias(u)
    slope = jump.slope_of(u, bias)
    above = (u - size) + (bias - (top - size))
    x = top - a
    z = x[..., None] + above[:, None, :]
    mass = np.square(z)
    mass *= -0.5
    np.exp(mass, out=mass)
    y, falls = top + above, -(1.0 - q) * (bias / u) * slope
    moves = bias - y * falls  # of b, by the logarithm of the threshold
    density = (weight / slope / math.sqrt(2.0 * math.pi))[..., None]

    def means(kernel: Array, *f: Array) -> Array:
        found: Array = (kernel @ (density * np.array(f).transpose(1, 2, 0))).transpose(2, 0, 1)
        return found

    square, sloped, biased, shrunk = means(mass, bias**2, slope, bias * moves, bias * falls)
    mass *= z
    lost, shifted, turned = means(mass, bias, moves, falls)
    edge = np.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    jumped = size * (size - 2.0 * a) * edge
    return np.array(
        [
            ndtr(-x) + x * edge - 2.0 * lost + square,
            sloped + size * edge,
            2.0 * lost - square,
            lost,
            2.0 * (biased - shifted) - top * jumped,
            -shifted - top * size * x * edge,
            a * (2.0 * (shrunk - turned) + jumped),
            a * (size * x * edge - turned),
        ]
    )


def estimates(jump: Jump, a: Array) -> tuple[Array, Array]:
    """Nodes and weights in ``u`` over the observations ``y >= y*`` that coefficients ``a`` can make.

    In ``u`` the observation is explicit, ``y = u + bias(u)``, and the integrand is analytic away from ``u = 0``.
    For rows of coefficients, one threshold each: a row of nodes.
    """
    top, shared = jump.threshold, a.shape[-1] > 1
    z = top - a.max(axis=-1, keepdims=True)
    low = jump.size if shared else jump.learned(np.maximum(top + (np.maximum(z, -REACH) - z), top))
    last = np.where(z > 0, np.hypot(z, REACH), REACH)
    high = jump.learned(np.maximum(top + (last - z), top))
    # from the singularity at 0 panels grow by its distance, until they are as wide as the noise allows
    size = max(float(np.min(jump.size)), _FLOOR * min(float(np.max(jump.size)), 1.0))
    marks, width = [0.0], _FIRST if shared else _STEP
    reach = float((high - low).max())
    while len(marks) == 1 or marks[-1] < reach:
        step = min(3.0 * (size + marks[-1]), width)
        marks.append(marks[-1] + step)
        width = min(2.0 * width, _STEP) if step == width else width
    edges = low + (high - low) * (np.array(marks) / marks[-1])
    half = 0.5 * np.diff(edges)[..., None]
    middle = 0.5 * (edges[..., 1:] + edges[..., :-1])[..., None]
    shape = (len(a), -1)
    return (middle + half * _NODE).reshape(shape), (half * _WEIGHT).reshape(shape)
