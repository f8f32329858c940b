r"""Coefficients behind Gaussian noise, penalised by a power of their size: ``|theta|^q`` with ``0 < q < 1``.

In units of the effective noise the estimator of one coefficient is the proximal map of ``c |u|^q``,

    u(y) = argmin_u (y - u)^2 / 2 + c |u|^q,        c = eps delta^(q-2),

which is 0 up to a threshold ``y*``, jumps there to ``u* = y* (2-2q)/(2-q)``, and follows ``y = u + c q u^(q-1)``
beyond, with ``2 c (1-q) = u*^(2-q)``. As for every penalty, the risk is ``r = E (u(a+z) - a)^2`` and the degrees of
freedom ``s = E z u(a+z)``: the slope of ``u``, and what its two jumps add, all of it positive (`theory.md` 10).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from asymptotix.arrays import Array
from asymptotix.networks.base import Response, saturated_exp
from asymptotix.networks.sequence import solve_threshold
from asymptotix.teacher import Spectrum

# A normal variable beyond this many standard deviations weighs less than 1e-18 of one within.
_REACH = 9.0
# Sixteen nodes resolve a Gaussian factor over this many standard deviations to 1e-15.
_STEP = 2.0
# Up to this rank, all terms are cheaper than choosing panels.
_ALL_TERMS = 600
# Coefficients below this over (1 + y*) are summed by even powers, the fourth of which is below 1e-16.
_SMALL = 0.01
# From here on leaked noise underflows, even 1e120 times: whatever is below the threshold's reach is missed.
_SILENT = 50.0
# Coefficients this far above (1 + y*) follow the first orders of their bias, the next being below 1e-14.
_LARGE = 1e6
# Coefficients above this do not feel the noise: its width is below the rounding of what depends on them.
_SHARP = 1e9
# The largest logarithm of a threshold over the noise, either way, that doubles hold with room to spare.
_WIDEST = 690.0
# Newton's method on a convex function from above: doubles its digits, from at least a factor of two.
_NEWTON = 8
# Nodes of a panel: see `_STEP`.
_NODE, _WEIGHT = np.polynomial.legendre.leggauss(16)


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

    @property
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
        slope: Array = 1.0 / (1.0 - (1.0 - self.q) * self.bias(u) / u)
        return slope

    def estimate(self, y: Array) -> Array:
        """The proximal map itself.

        >>> Jump(q=0.5, threshold=1.5).estimate(np.array([-4.0, 1.4, 1.6])).round(4).tolist()
        [-3.7415, 0.0, 1.1295]
        """
        size = np.abs(y)
        u = np.maximum(size, self.threshold)
        for _ in range(_NEWTON):
            u = np.maximum(
                u - (u + self.bias(u) - np.maximum(size, self.threshold)) * self.slope(u), self.size
            )
        found: Array = np.where(size > self.threshold, np.sign(y) * u, 0.0)
        return found


@dataclass(frozen=True)
class PowerPenaltySequence:
    """The potential of the penalty ``|theta|^q``; ``path`` is the logarithm of the threshold over the noise."""

    spectrum: Spectrum
    q: float

    def path_of(self, c: float, log_tau: float) -> float:
        return self._path(math.log(c), log_tau) if c > 0 else -math.inf

    def _path(self, log_ratio: float, log_tau: float) -> float:
        """From ``log(eps/delta)``, the scale of the two equations, to the threshold of one coefficient."""
        log_c = log_ratio - (1.0 - self.q) * (log_tau + 0.5 * math.log(self.spectrum.d))
        log_size = (log_c + math.log(2.0 - 2.0 * self.q)) / (2.0 - self.q)
        return log_size + math.log((2.0 - self.q) / (2.0 - 2.0 * self.q))

    def ratio(self, path: float, log_tau: float) -> float:
        """``eps / delta``, from the threshold of one coefficient."""
        return saturated_exp((2.0 - self.q) * (path - self._path(0.0, log_tau)))

    def response(self, path: float, log_tau: float) -> Response:
        """Respond at the threshold ``exp(path)``.

        >>> from asymptotix.teacher import FiniteRank
        >>> sequence = PowerPenaltySequence(FiniteRank([1.0]).spectrum(100), 2 / 3)
        >>> round(sequence.response(-math.inf, 0.0).rho, 12)
        100.0
        """
        d = self.spectrum.d
        if path == -math.inf:
            return Response(path, 0.0, d, d, d, 0.0, 0.0)
        jump = Jump(self.q, math.exp(path))
        a, weight, first, last = self.nodes(jump, log_tau)
        r, s = each(jump, a)
        small_rho, small_dof = self._small(jump, log_tau, first, last)
        return Response(
            path, self.ratio(path, log_tau), float(weight @ r) + small_rho, float(weight @ s) + small_dof
        )

    def threshold(self, log_tau: float, nu: float, penalty: float, near: Response | None) -> Response:
        """Solve ``s / nu + L / (nu kappa) = 1`` for the threshold."""
        if penalty == 0 and self.spectrum.d <= nu:
            return self.response(-math.inf, log_tau)
        start = self._guess(log_tau, nu, penalty)
        range_ = (max(-_WIDEST, self._path(-_WIDEST, log_tau)), min(_WIDEST, self._path(_WIDEST, log_tau)))
        return solve_threshold(self.response, log_tau, nu, penalty, start, near, range_)

    def _guess(self, log_tau: float, nu: float, penalty: float) -> float:
        """Where the penalty alone, or the noise alone, would put the threshold."""
        from_noise = 0.5 * math.log(2.0 * math.log(max(self.spectrum.d / nu, 2.0)))
        if penalty == 0:
            return from_noise
        return max(from_noise, self._path(math.log(penalty) - math.log(nu) - log_tau, log_tau))

    def nodes(self, jump: Jump, log_tau: float) -> tuple[Array, Array, float, float]:
        """Weighted coefficients over ``tau``, and the range of indices that `small` sums instead."""
        spectrum, rank = self.spectrum, self.spectrum.rank
        if rank <= _ALL_TERMS or not spectrum.smooth:
            log_a = spectrum.log_value(np.arange(1.0, rank + 1.0))
            return np.exp(np.minimum(log_a - log_tau, 700.0)), np.ones(log_a.size), rank, rank
        top = float(spectrum.log_value(np.array([1.0]))[0]) - log_tau
        levels = _levels(jump.threshold, max(top, 0.0), spectrum.log_step)
        inner = [spectrum.count_above(float(level) + log_tau) for level in levels]
        log_a, weight = spectrum.nodes(np.unique([0.0, *inner]))
        return np.exp(np.minimum(log_a - log_tau, 700.0)), weight, max(inner), rank

    def small(self, jump: Jump, log_tau: float, first: float, last: float) -> tuple[Array, list[float]]:
        """Coefficients far below the noise, and zeros: four places, and sums of even powers (see `even_sum`).

        There are no places where nothing is learned of them.
        """
        zeros = self.spectrum.d - first
        moments = [zeros]
        for power in (2.0, 4.0, 6.0, 8.0):
            moments.append(saturated_exp(self.spectrum.log_power_sum(first, last, power) - power * log_tau))
        silent = zeros <= 0 or jump.threshold > _SILENT
        places = np.empty(0) if silent else _SMALL / (1.0 + jump.threshold) * np.array([0.0, 0.4, 0.7, 1.0])
        return places, moments

    def _small(self, jump: Jump, log_tau: float, first: float, last: float) -> tuple[float, float]:
        a, moments = self.small(jump, log_tau, first, last)
        if not a.size:
            return moments[1], 0.0
        fitted, inside, s = pieces(jump, a)
        return even_sum(a, inside, moments[1:]) + even_sum(a, fitted, moments), even_sum(a, s, moments)


def even_sum(a: Array, values: Array, moments: list[float]) -> float:
    """``sum_i f(a_i)`` for an even function known at four places, from the sums of even powers."""
    if not values.any():
        return 0.0
    largest = a[-1] ** 2
    # divided by the value at 0: what is interpolated is then 1 + O(a^2), whatever the tail underflows to
    coefficients = np.linalg.solve(np.vander(a**2 / largest, increasing=True), values / values[0])
    terms = coefficients * np.array(moments[:4]) / largest ** np.arange(4)
    return float(values[0] * terms.sum())


def _levels(threshold: float, log_top: float, log_step: float) -> list[float]:
    """Boundaries of panels in ``log a``: fine around the threshold, geometric elsewhere."""
    floor = math.log(_SMALL / (1.0 + threshold))
    # relative to the threshold, which may be too large to feel a step of the noise
    offsets = np.arange(_REACH, max(-_REACH, 1.0 - threshold), -0.5 * _STEP)
    near = math.log(threshold) + np.log1p(offsets / threshold)
    above = np.arange(max(log_top, float(near[0])), float(near[0]), -log_step)
    below = np.arange(float(near[-1]), floor, -log_step)
    return [*above.tolist(), *near.tolist(), *below.tolist(), floor]


def each(jump: Jump, a: Array) -> tuple[Array, Array]:
    """`coordinate` at any size: far above the threshold and the noise by what is left there."""
    large = a > _LARGE * (1.0 + jump.threshold)
    sharp = ~large & (a > _SHARP)
    r, s = np.empty_like(a), np.empty_like(a)
    with np.errstate(over="ignore"):  # a search may look where the risk is infinite
        for part, ask in ((large, _far_above), (sharp, _without_noise), (~large & ~sharp, coordinate)):
            if part.any():
                r[part], s[part] = ask(jump.at(part), a[part])
    return r, s


def coordinate(jump: Jump, a: Array) -> tuple[Array, Array]:
    """Risk ``r`` and degrees of freedom ``s`` of coefficients ``a >= 0``, in units of the noise.

    >>> r, s = coordinate(Jump.of(2 / 3, 1.0), np.array([0.0, 1.0, 1e4]))
    >>> r.round(4).tolist(), s.round(4).tolist()
    ([0.2621, 0.9066, 1.001], [0.3714, 0.6638, 1.0])
    """
    fitted, inside, s = pieces(jump, a)
    return a * a * inside + fitted, s


def _far_above(jump: Jump, a: Array) -> tuple[Array, Array]:
    """The same far above the threshold, where noise moves the bias ``b(a)`` by little."""
    bias, slope = jump.bias(a), jump.slope(a)
    return slope**2 + bias**2, slope


def _without_noise(jump: Jump, a: Array) -> tuple[Array, Array]:
    """The same where the noise is below rounding: missed below the threshold, biased above."""
    u = np.where(a > jump.threshold, jump.estimate(a), jump.size)
    learned = a > jump.threshold
    risk = np.where(learned, jump.bias(u) ** 2 + jump.slope(u) ** 2, a * a)
    return risk, np.where(learned, jump.slope(u), 0.0)


def pieces(jump: Jump, a: Array) -> tuple[Array, Array, Array]:
    """``E (u - a)^2`` where learned, the probability of being missed, and ``E z u``."""
    y_star = jump.threshold
    fitted, s = np.zeros_like(a), np.zeros_like(a)
    for signed in (a, -a):
        where = y_star - signed < _SILENT
        if not where.any():
            continue
        centre, here = signed[where], jump.at(where)
        u, weight = estimates(here, centre)
        each_node = here.at((slice(None), None))
        z = u + each_node.bias(u) - centre[:, None]
        mass = weight * np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
        fitted[where] += (mass / each_node.slope(u) * (u - centre[:, None]) ** 2).sum(axis=1)
        edge = np.exp(-0.5 * (here.threshold - centre) ** 2) / math.sqrt(2.0 * math.pi)
        s[where] += mass.sum(axis=1) + here.size * edge
    inside = ndtr(y_star - a) - ndtr(-y_star - a)
    return fitted, inside, s


def estimates(jump: Jump, a: Array) -> tuple[Array, Array]:
    """Nodes and weights in ``u`` over the observations ``y >= y*`` that a coefficient ``a`` can make.

    In ``u`` the observation is explicit, ``y = u + bias(u)``, and the integrand is analytic away from ``u = 0``.
    """
    first = np.maximum(jump.threshold - a, -_REACH)
    last = np.where(first > 0, np.hypot(first, _REACH), _REACH)
    ends = []
    for z in (first, last):
        y = np.maximum(a + z, jump.threshold)
        u = y.copy()
        for _ in range(_NEWTON):
            u = np.maximum(u - (u + jump.bias(u) - y) * jump.slope(u), jump.size)
        ends.append(u)
    low, high = ends
    # panels double in size from the singularity at 0 until they are as wide as the noise allows
    marks = [0.0]
    width = min(float(np.min(jump.size)), _STEP)
    reach = float((high - low).max())
    while len(marks) == 1 or marks[-1] < reach:
        marks.append(marks[-1] + width)
        width = min(2.0 * width, _STEP)
    edges = low[:, None] + (high - low)[:, None] * (np.array(marks) / marks[-1])
    half = 0.5 * np.diff(edges, axis=1)[:, :, None]
    middle = 0.5 * (edges[:, 1:] + edges[:, :-1])[:, :, None]
    shape = (a.size, -1)
    return (middle + half * _NODE).reshape(shape), (half * _WEIGHT).reshape(shape)
