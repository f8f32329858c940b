"""The curve above which a noisy spectrum lies, and where its bulk ends.

In units of ``tau``: the eigenvalue density of ``S + Z`` at ``x = z(w)`` is ``d Im w / pi`` on the support curve
``t sum_i 1/|w - a_i|^2 = 1``, and the eigenvectors there have squared overlap

    O_i(x) dx = (1/pi) Im w / |w - a_i|^2 dx

with the ``i``-th teacher direction [BI], [BBPo]. A feature is *visible* when its eigenvalue leaves the bulk, for a
lone feature when ``a_i > 1`` [BBP]; the others are *hidden*. Where features are so dense that their eigenvalues
form a band with the bulk there is no gap to cut at, and ``Re w = 1`` is the place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize_scalar

from asymptotix.arrays import Array
from asymptotix.free_convolution.atoms import scaled
from asymptotix.free_convolution.subordination import Subordination

# Features tried one by one as the weakest visible one.
_CANDIDATES = 12
# Features closer to each other than this, in units of the noise, are a band as far as the cut is concerned.
_RESOLVED = 1e-6
# The logarithm of a sum that is no double, on a feature.
_FULL = 700.0
# A smaller height of the curve, in these units, where its slope is infinite is the square root of a rounding error.
_ROUNDING = 1e-6
# Newton's steps for a height are guarded by bisection, which goes down tenfold, to 1e-14 in 14, and halves 53 times.
_STEPS = 80
# After a Newton step this small the next one would be of the order of rounding.
_LAST_STEP = 1e-8


@dataclass(frozen=True)
class Cut:
    """Where the bulk ends.

    Attributes:
        w: a point of the support curve, or the real end of the curve where a gap begins.
        visible: number of features beyond.
        gap: whether the bulk ends in a gap.
    """

    w: complex
    visible: float
    gap: bool


class SupportCurve:
    """The support curve of one teacher at one noise scale."""

    def __init__(self, plane: Subordination) -> None:
        self.plane, self.t, self.d = plane, plane.t, plane.atoms.d

    def atom(self, index: float) -> float:
        """``a_i`` in units of ``tau``; infinite for ``i = 0``, 0 beyond the rank."""
        log_a = self.plane.atoms.log_at(index)
        return math.inf if log_a == math.inf else float(scaled(log_a - self.plane.log_tau))

    def x(self, w: complex) -> float:
        """``Re z``."""
        return w.real + self.plane.shift(w)[0].real

    def excess(self, u: float) -> float:
        """``t sum 1/(u - a_i)^2``: below 1 in a gap."""
        return self.plane.excess(u)

    @cached_property
    def cut(self) -> Cut:
        """Where the bulk ends: the first gap from the weakest visible feature on, else ``Re w = 1``."""
        one = self.plane.detectable
        most = self.plane.count(one)
        if most >= self.d:
            return Cut(0j, self.d, True)
        if self.plane.spacing(one) > _RESOLVED * one:
            for visible in (most - k for k in range(_CANDIDATES) if most >= k):
                end = self._end_before(visible)
                if end is not None:
                    return Cut(complex(end), visible, True)
        height = self.height(one)
        if height < _ROUNDING * one:
            return Cut(complex(one), most, True)
        return Cut(complex(one, height), most, False)

    def _end_before(self, visible: float) -> float | None:
        """The real end of the curve below the ``visible``-th feature; None where there is no gap."""
        low, high = self.atom(visible + 1.0), self.atom(visible)
        if visible == 0:
            high = low + 2.0 * max(self.plane.detectable, low)
        if not high > low:
            return None
        span = high - low

        def log_excess(x: float) -> float:
            value = self.excess(low + x * span)
            return math.log(value) if 0 < value < math.inf else _FULL

        found = minimize_scalar(log_excess, bounds=(1e-9, 1 - 1e-9 * (visible > 0)), method="bounded")
        if not found.fun < -1e-12:
            return None
        near, far = 0.0, float(found.x)  # decreasing on the way: bisection and secants on 1/sqrt(excess) - 1
        return low + span * _decreasing_root(log_excess, near, far)

    def left_end(self) -> float:
        """Where the curve begins, left of all features."""
        smallest = self.atom(self.d)
        # excess(low) <= 1 / 1^2
        low = smallest - float(self.plane.highest(np.array([smallest]))[0]) * (1.0 + 1e-9)
        return _decreasing_root(lambda u: 1.0 - self.excess(u), low, smallest)

    def height(self, u: float) -> float:
        """``v(u)``, the root of ``t sum 1/((u - a_i)^2 + v^2) = 1``; 0 in a gap."""
        return float(self.heights(np.array([u]))[0])

    def heights(self, u: Array, guess: Array | None = None) -> Array:
        """`height` at many places at once."""
        low, high = np.zeros(u.size), self.plane.highest(u)
        v = np.full(u.size, 0.5) if guess is None else np.where((guess > 0) & (guess < high), guess, 0.5)
        left = np.arange(u.size)
        for _ in range(_STEPS):
            here = v[left]
            value, slope = self.plane.shifts(u[left] + 1j * here)
            with np.errstate(divide="ignore", invalid="ignore"):
                log = np.log(np.maximum(-value.imag / here, 0.0))
                rate = slope.real / value.imag - 1.0 / here
                step = np.where((rate < 0) & np.isfinite(log), here - log / rate, np.nan)
            above = log > 0
            low[left], high[left] = np.where(above, here, low[left]), np.where(above, high[left], here)
            done = np.abs(step - here) <= _LAST_STEP * here
            halved = np.where(low[left] > 0, 0.5 * (low[left] + high[left]), 0.1 * high[left])
            inside = (low[left] < step) & (step < high[left])
            there = np.where(done | inside, step, halved)
            flat = ~done & (there < 1e-14 * self.plane.detectable)
            v[left] = np.where(flat, 0.0, there)
            left = left[~(done | flat)]
            if not left.size:
                break
        return v

    def beside(self, v: float, u: float) -> float:
        """``u(v)`` on the branch that comes down to the end of the curve, from a guess."""
        for _ in range(_STEPS):
            value, slope = self.plane.shift(complex(u, v))
            mass = -value.imag / v
            step = math.log(mass) * mass * v / slope.imag  # mass' = -Im(tG')/v
            u += step
            if abs(step) <= 4e-16 * u:
                break
        return u


def _decreasing_root(f: Callable[[float], float], low: float, high: float) -> float:
    """Bisection, to the last double at which the function is positive; it may be infinite at either end."""
    while low < (middle := 0.5 * (low + high)) < high:
        low, high = (middle, high) if f(middle) > 0 else (low, middle)
    return low
