"""Sums of soft-threshold risks behind Gaussian noise over the coefficients of a teacher, with their derivatives.

For one coefficient ``a`` and threshold ``c``, with ``x = c - a``, ``y = c + a``, the tails ``I_k`` of `gaussian` and
``r = E (soft(a + z; c) - a)^2``, ``s = P(|a + z| > c)``,

    r = a^2 + I_2(x) + I_2(y) - 2 a (I_1(x) - I_1(y))      dr/dc = -2 (I_1(x) + I_1(y) - a (I_0(x) - I_0(y)))
    s = I_0(x) + I_0(y)                                    ds/dc = -phi(x) - phi(y)
    dr/da = 2 a (1 - s)                                    ds/da = phi(x) - phi(y)

so that one pass gives everything a Newton step needs. Forms are chosen where nothing cancels. Where weights are
nonnegative (one side) the terms of ``y`` are absent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from asymptotix.arrays import Array
from asymptotix.gaussian import density, signed_tails, tail_ratio, tail_ratios
from asymptotix.networks.base import saturated_exp
from asymptotix.quadrature import owned_panels
from asymptotix.teacher import Spectrum

Number = float | Array

# A normal variable beyond this many standard deviations weighs less than 1e-18 of one within.
REACH = 9.0
# Sixteen nodes resolve a Gaussian factor over this many standard deviations to 1e-15.
STEP = 2.0
# From here on leaked noise underflows, even 1e120 times: whatever is below the threshold's reach is missed.
SILENT = 50.0
# Up to this rank, all terms are cheaper than choosing panels.
ALL_TERMS = 600
# Coefficients below this over (1 + c) are summed by their first even moments, the next being below 1e-16.
SMALL = 0.01
# From this ``a c`` on the density at ``c + a`` is below 1e-17 of the one at ``c - a``.
_ONE_SIDE = 20.0
# Thresholds below this use the forms of 1 - r and 1 - s that do not cancel as c -> 0.
LOW = 0.5
# Panels are those of a threshold above by at most this much, and of a noise scale that moves none by more than half.
_CELL = 0.5
# Where many points share their panels, the logarithm of the noise scale is rounded to this, and panels are narrower.
_COARSE, _NARROW = 0.2, 0.85
# Groups kept, of some five kilobytes each.
_MOST = 5000
# For thresholds up to `LOW` and coefficients up to `REACH` ten nodes leave less than 1e-17.
_LEGENDRE = np.polynomial.legendre.leggauss(10)
# And five for thresholds below this: (a c)^10 / 2e12 of what they sum.
TINY, _SHORT_RULE = 0.05, np.polynomial.legendre.leggauss(5)
POWERS = (2.0, 4.0, 6.0, 8.0)  # powers in the Taylor series of small coefficients
# On one side the odd ones count, too.
ONE_SIDED = (2.0, 1.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)
_FACTORIAL = tuple(math.factorial(k) for k in range(9))


def powers_of(sides: int) -> tuple[float, ...]:
    """Powers of small coefficients whose sums count, the square first."""
    return POWERS if sides == 2 else ONE_SIDED


class Sums(NamedTuple):
    """``sum r`` and ``sum s`` (or of ``1 - r`` and ``1 - s``), and derivatives by ``log c`` and ``log tau``."""

    rho: float
    dof: float
    rho_by_path: float
    dof_by_path: float
    rho_by_tau: float
    dof_by_tau: float

    def plus(self, other: Iterable[Number]) -> Sums:
        """Term by term."""
        return Sums(*(x + float(y) for x, y in zip(self, other, strict=True)))


@dataclass(frozen=True)
class Group:
    """Coefficients sorted by what they need: nodes, moments, or just their number.

    Attributes:
        log_a, weight: those resolved one by one, or by quadrature.
        large: number far above the threshold: ``r = 1 + c^2``, ``s = 1``.
        small: number far below the noise (zeros included).
        log_moments: of those, logarithms of the sums of ``a^2, ..., a^8``; or of those far above the noise and far
            below the threshold, which are missed (``r = a^2``, ``s = 0``), of ``a^2`` alone.
    """

    log_a: Array
    weight: Array
    large: float
    small: float
    log_moments: tuple[float, ...]
    powers: tuple[float, ...] = POWERS

    def moments(self, log_tau: float) -> list[float]:
        """Sums of powers in units of ``tau``."""
        return [saturated_exp(x - p * log_tau) for x, p in zip(self.log_moments, self.powers, strict=False)]


class Groups:
    """The groups of one spectrum: points close to each other share theirs."""

    def __init__(self, spectrum: Spectrum, coarse: bool = False, sides: int = 2) -> None:
        self.spectrum, self.coarse, self.powers = spectrum, coarse, powers_of(sides)
        self.few = spectrum.rank <= ALL_TERMS or not spectrum.smooth
        self._known: dict[tuple[float, int], Group] = {}
        if self.few:
            self._log_all = spectrum.log_value(np.arange(1.0, spectrum.rank + 1.0))
            self._ones = np.ones(self._log_all.size)

    def at(self, c: float, log_tau: float) -> Group:
        """Sort the coefficients; boundaries are indices, so that every coefficient is counted once."""
        spectrum = self.spectrum
        if self.few:
            large = spectrum.count_above(math.log(c + REACH) + log_tau)
            k = int(large)
            return Group(self._log_all[k:], self._ones[k:], large, spectrum.zeros, ())
        if c > SILENT:
            return self._silent(c, log_tau)
        cell = _CELL * math.ceil(c / _CELL)
        step = _COARSE if self.coarse else 0.5 * _CELL / (cell + REACH)
        key = (cell, round(log_tau / step))
        if len(self._known) > _MOST:
            self._known.clear()
        if key not in self._known:
            self._known[key] = self._resolved(cell, step * key[1])
        return self._known[key]

    def _silent(self, c: float, log_tau: float) -> Group:
        return self._silent_ones(np.array([c]), np.array([log_tau]))[0]

    def many(self, c: Array, log_tau: Array) -> list[Group]:
        """`at` many places."""
        silent = np.flatnonzero(c > SILENT) if not self.few else np.empty(0, dtype=np.intp)
        apart = self._silent_ones(c[silent], log_tau[silent]) if silent.size else []
        found = dict(zip(silent.tolist(), apart, strict=True))
        return [found[k] if k in found else self.at(float(c[k]), float(log_tau[k])) for k in range(c.size)]

    def _silent_ones(self, c: Array, log_tau: Array) -> list[Group]:
        levels = np.log(c[:, None] + np.arange(REACH + STEP, -REACH, -STEP)) + log_tau[:, None]
        breaks = self.spectrum.counts_above(levels.ravel()).reshape(levels.shape)
        owner = np.repeat(np.arange(c.size), levels.shape[1] - 1)
        index, weight, owner = owned_panels(breaks[:, :-1].ravel(), breaks[:, 1:].ravel(), owner)
        order = np.argsort(owner, kind="stable")
        log_a, weight = self.spectrum.log_value(index[order]), weight[order]
        ends = np.searchsorted(owner[order], np.arange(c.size + 1))
        missed = [self.spectrum.log_power_sum(float(last), self.spectrum.rank, 2.0) for last in breaks[:, -1]]
        return [
            Group(log_a[low:high], weight[low:high], float(large), 0.0, (power,))
            for (low, high), large, power in zip(pairwise(ends), breaks[:, 0], missed, strict=True)
        ]

    def _resolved(self, c: float, log_tau: float) -> Group:
        levels = _levels(c, self.spectrum.log_step, 0.5 * _COARSE if self.coarse else 0.0)
        log_a, weight, large, last = self._nodes(levels + log_tau)
        moments = tuple(self.spectrum.log_power_sum(last, self.spectrum.rank, p) for p in self.powers)
        return Group(log_a, weight, large, self.spectrum.d - last, moments, self.powers)

    def _nodes(self, log_levels: Array) -> tuple[Array, Array, float, float]:
        breaks = self.spectrum.counts_above(log_levels)
        breaks = breaks[np.append(True, np.diff(breaks) > 0)]
        return *self.spectrum.nodes(breaks), float(breaks[0]), float(breaks[-1])


def _levels(c: float, log_step: float, slack: float) -> Array:
    """Boundaries of the panels in ``log a``, falling: fine around the threshold, geometric below the noise.

    ``slack``: by how much all may be off in ``log a``.
    """
    top = (c + REACH + 0.5 * _CELL) * math.exp(slack)
    step = STEP * _NARROW if slack > 0 else STEP
    wide = step / -math.expm1(-log_step)  # up to here the geometric panels are the narrower ones
    linear = np.arange(top, min(wide, top), -step)
    least = math.log(SMALL / (1.0 + c)) - slack
    start = (
        math.log(max(float(linear[-1]) - step, wide * math.exp(-log_step))) if linear.size else math.log(top)
    )
    return np.concatenate([np.log(linear), np.arange(start, least - log_step, -log_step)])


def tail_sums(c: float | Array, a: Array, weight: Array, sides: int = 2) -> Sums:
    """``sum r`` and ``sum s``; each is its limit (missed or learned) plus Gaussian tails."""
    return Sums(*(float(weight @ term) for term in tail_terms(c, a, sides)))


def tail_terms(c: float | Array, a: Array, sides: int = 2) -> tuple[Array, ...]:
    """``r``, ``s`` and their derivatives for each coefficient; ``c`` may be one threshold for each."""
    x = c - a
    learned, far = x < 0, np.abs(x)
    phi = density(far)
    q, i1, i2 = (phi * ratio for ratio in tail_ratios(far))
    a_q = a * q
    missed = np.where(learned, q, 1.0 - q)
    r = np.where(learned, 1.0 + c * c - i2, a * a + i2) - 2.0 * a * i1
    s = np.where(learned, 1.0 - q, q)
    r_by_c = np.where(learned, c - a_q, a_q) - i1
    s_by_c, s_by_a = -phi, -a * phi
    if sides == 2:  # the other side, where it has digits to add
        k = np.flatnonzero(c * a < _ONE_SIDE)
        a_k = a[k]
        y = (c[k] if isinstance(c, np.ndarray) else c) + a_k
        phi = density(y)
        q, i1, i2 = (phi * ratio for ratio in tail_ratios(y))
        r[k] += i2 + 2.0 * a_k * i1
        s[k] += q
        missed[k] -= q
        r_by_c[k] -= i1 + a_k * q
        s_by_c[k] -= phi
        s_by_a[k] += a_k * phi
    r_by_a = np.where(missed > 0, a * missed, 0.0)
    return r, s, 2.0 * c * r_by_c, c * s_by_c, -2.0 * a * r_by_a, s_by_a


def bias_terms(c: float | Array, a: Array) -> tuple[Array, Array, Array]:
    """``a b`` with the bias ``b = a - E soft(a + z; c)`` for each coefficient, and its derivatives as above."""
    x = c - a
    (q_x, i1_x, _), (q_y, i1_y, _) = signed_tails(x), signed_tails(c + a)
    bias = np.where(x < 0, c - (i1_x + x), a - i1_x) + i1_y
    return a * bias, c * a * (q_x - q_y), -a * bias - a * a * np.maximum(1.0 - q_x - q_y, 0.0)


def small_bias(c: Any, moments: Sequence[Any]) -> tuple[Any, Any, Any]:
    """``sum a b`` of coefficients far below the noise, from the sums of their powers, as in `small_sums`."""
    phi = 2.0 * np.exp(-0.5 * c * c) / math.sqrt(2.0 * math.pi)
    within, s, m2 = special.erf(c / math.sqrt(2.0)), shares(c, phi), moments[0]
    above = [(int(p), m) for p, m in zip(POWERS, moments, strict=True) if p > 2]
    ab = within * m2 - sum(s[p - 2][0] * m / (p - 1) for p, m in above)
    by_path = phi * m2 - sum(s[p - 2][1] * m / (p - 1) for p, m in above)
    by_tau = -2.0 * within * m2 + sum(s[p - 2][0] * m * p / (p - 1) for p, m in above)
    return ab, c * by_path, by_tau


def center_sums(c: float | Array, a: Array, weight: Array, sides: int = 2) -> Sums:
    """``sum (1 - r)`` and ``sum (1 - s)``, from the normal's mass within the threshold: small with ``c``."""
    return Sums(*(float(weight @ term) for term in center_terms(c, a, sides)))


def center_terms(c: float | Array, a: Array, sides: int = 2) -> tuple[Array, ...]:
    """``1 - r``, ``1 - s`` and their derivatives for each coefficient.

    1 - s = int_0^c (phi(u-a) + phi(u+a)) du
    1 - r = 4 c phi(a) - c^2 + int_0^c (c-u)^2 (phi(u-a) + phi(u+a)) + 2 a (c-u) (phi(u-a) - phi(u+a)) du

    by Gauss-Legendre quadrature; ``c`` may be one threshold for each coefficient. On one side, with ``y = a - c``,
    they are the tails ``I_0(y)`` and ``I_2(y) + 2 a I_1(y) - c^2``.
    """
    if sides == 1:
        i0, i1, i2 = signed_tails(a - c)
        slope = 2.0 * (i1 + a * i0 - c)
        phi = density(c - a)
        return i2 + 2.0 * a * i1 - c * c, i0, c * slope, c * phi, 2.0 * a * a * i0, a * phi
    # a row for each node: sums over them run along the coefficients
    node, rule = (x[:, None] for x in (_SHORT_RULE if np.all(c < TINY) else _LEGENDRE))
    half = 0.5 * c
    u, left = half * (1.0 + node), half * (1.0 - node)  # left: c - u
    g = np.exp(-0.5 * u * u) * (half * rule)
    up = np.exp(a * u)
    down = 1.0 / up
    odd = up - down
    up += down
    even_0, odd_0 = _weighed(up, g), _weighed(odd, g)
    g *= left
    even_1, odd_1 = _weighed(up, g), _weighed(odd, g)
    g *= left
    phi = density(a)
    below_s = phi * even_0
    below_r = phi * (4.0 * c + _weighed(up, g) + 2.0 * a * odd_1) - c * c
    r_by_c = phi * (4.0 + 2.0 * even_1 + 2.0 * a * odd_0) - 2.0 * c
    phi_x, phi_y = density(c - a), density(c + a)
    return below_r, below_s, c * r_by_c, c * (phi_x + phi_y), 2.0 * a * a * below_s, a * (phi_x - phi_y)


def _weighed(values: Array, g: Array) -> Array:
    total: Array = g[:, 0] @ values if g.shape[1] == 1 else np.einsum("kn,kn->n", values, g)
    return total


def small_sums(
    c: Number, m0: Number, moments: Sequence[Number], below: bool, sides: int = 2
) -> tuple[Any, ...]:
    """What coefficients far below the noise add, by the sums ``m_p`` of their powers (see `powers_of`).

    ``s = sum_p s_p a^p`` with ``s_p`` of `shares`, and ``dr/da = 2 a (1 - s)``. ``below``: to ``sum (1 - r)`` and
    ``sum (1 - s)``, for small thresholds, instead. At arrays of thresholds, too.
    """
    m2 = moments[0]
    q, i1, i2 = tail_ratios(c) if isinstance(c, np.ndarray) else tail_ratio(c)
    phi = sides * np.exp(-0.5 * c * c) / math.sqrt(2.0 * math.pi)
    within = special.erf(c / math.sqrt(2.0)) if sides == 2 else special.ndtr(c)
    s = shares(c, phi)
    risk = risk_by_c = risk_by_tau = count = count_by_c = count_by_tau = 0.0 * phi
    for power, m in zip(powers_of(sides), moments, strict=True):
        p = int(power)
        share, slope = s[p]
        count, count_by_c, count_by_tau = (
            count + share * m,
            count_by_c + slope * m,
            count_by_tau - p * share * m,
        )
        if p > 2:
            share, slope = s[p - 2]
            risk, risk_by_c = risk - 2.0 / p * share * m, risk_by_c - 2.0 / p * slope * m
            risk_by_tau = risk_by_tau + 2.0 * share * m
    rho_by_path = c * (risk_by_c + phi * m2 - 2.0 * phi * i1 * m0)
    dof_by_path = c * (count_by_c - phi * m0)
    rho_by_tau = risk_by_tau - 2.0 * within * m2
    if not below:
        rho, dof = risk + within * m2 + phi * i2 * m0, count + phi * q * m0
        return rho, dof, rho_by_path, dof_by_path, rho_by_tau, count_by_tau
    zero_r, zero_s = center_terms(c, np.zeros(np.size(c)), sides)[:2]
    rho, dof = zero_r * m0 - zero_s * m2 - risk, zero_s * m0 - count
    if not isinstance(c, np.ndarray):
        rho, dof = rho[0], dof[0]
    return rho, dof, -rho_by_path, -dof_by_path, -rho_by_tau, -count_by_tau


def shares(c: Number, phi: Number) -> list[tuple[Number, Number]]:
    """Coefficients ``s_p = phi He_(p-1)(c) / p!`` of ``s`` in powers of a small ``a``, and their slopes by ``c``.

    The zeroth is left out (0): it is a tail. ``phi`` is the density times the number of sides, on two of which only
    even powers are there.
    """
    hermite: list[Number] = [1.0, c]
    for k in range(2, 9):
        hermite.append(c * hermite[-1] - (k - 1) * hermite[-2])
    return [(phi * hermite[p - 1] / f if p else 0.0, -phi * hermite[p] / f) for p, f in enumerate(_FACTORIAL)]
