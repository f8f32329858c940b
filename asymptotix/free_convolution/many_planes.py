"""The maps ``z(w)`` of one teacher at many noise scales, solved in step: `subordination.Subordination` for each.

Where Newton's method does not settle in step the answer is nan, and the caller goes alone.
"""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.atoms import FINEST, MANY, Atoms, neighbourhood, scaled
from asymptotix.free_convolution.many_views import Index, Views
from asymptotix.free_convolution.subordination import ATTEMPTS, BLUR, FLAT, NEWTON

# A step of Newton's method this short (relative) is its last: the next would be its square.
LAST = 1e-11


class Planes:
    """The maps ``z(w) = w + t G(w)`` of one teacher at many noise scales: `subordination.Subordination`."""

    views_of: ClassVar[type[Views]] = Views

    def __init__(self, atoms: Atoms, log_tau: Array) -> None:
        self.atoms, self.log_tau, self.t = atoms, log_tau, 1.0 / atoms.d

    def at(self, k: Index) -> Planes:
        """Some of them."""
        return type(self)(self.atoms, self.log_tau[k])

    def views(self, w: Complex) -> Views:
        """The atoms as seen from a point for each."""
        return self.views_of(self.atoms, self.log_tau, np.abs(w), *neighbourhood(self.count, w))

    def shift(self, w: Complex) -> tuple[Complex, Complex]:
        """``t G(w)`` and ``t G'(w)``."""
        return self.views(w).totals(w)

    def count(self, u: Array) -> Array:
        """Number of atoms above ``u > 0``."""
        return self.atoms.spectrum.counts_above(self.log_tau + np.log(u))

    def atom(self, index: Array) -> Array:
        """``log a_i`` in units of the noise: infinite for ``i = 0``, minus infinity for zeros."""
        rank = self.atoms.spectrum.rank
        value = self.atoms.spectrum.log_value(np.clip(index, 1.0, rank)) - self.log_tau
        return np.where(index < 1, np.inf, np.where(index > rank, -np.inf, value))

    def spacing(self, u: Array) -> Array:
        """Distance between the atoms around ``u > 0``, at most ``u``."""
        above = self.count(u)
        step = np.where(above > 1e6, 1e-3 * above, 1.0)
        apart = -u * np.expm1(self.atom(above + step) - self.atom(above)) / step
        return np.where((above >= self.atoms.spectrum.rank) | (above < 1), u, np.minimum(apart, u))

    def on_ray(self, angle: Array) -> Complex:
        """The outermost point of the support curve with this argument; nan where there is none."""
        direction, smallest = np.exp(1j * angle), self.atom(np.full_like(angle, self.atoms.d))
        w: Complex = np.full(angle.size, complex(math.nan))
        log_r = np.zeros_like(angle)
        low, high = np.full_like(angle, -np.inf), np.full_like(angle, np.inf)
        left = np.flatnonzero(scaled(smallest) * direction.imag <= 1.0)
        for _ in range(100):
            if not left.size:
                break
            here = np.exp(log_r[left]) * direction[left]
            value, slope = self.at(left).shift(here)
            mass = -value.imag / here.imag
            excess, derivative = np.log(mass), -(slope * here).imag / here.imag / mass - 1.0
            low[left] = np.where(excess > 0, log_r[left], low[left])
            high[left] = np.where(excess > 0, high[left], log_r[left])
            step = np.where(derivative < 0, -excess / derivative, np.copysign(0.5, excess))
            there = log_r[left] + np.clip(step, -2.0, 2.0)
            middle = 0.5 * (low[left] + high[left])
            there = np.where(
                ((low[left] < there) & (there < high[left])) | ~np.isfinite(middle), there, middle
            )
            done = (np.abs(step) < LAST) | (there == log_r[left])
            none = (
                ~(mass > 0)
                | ((excess < -0.5) & (log_r[left] < smallest[left] - math.log(10.0)))
                | (there < -60.0)
            )
            w[left] = np.where(done & ~none, np.exp(log_r[left] + step) * direction[left], w[left])
            log_r[left] = there
            left = left[~(done | none)]
        w[left] = np.exp(log_r[left]) * direction[left]
        return w

    def place(self, c: Array) -> Complex:
        """The subordination point of each threshold; real in a gap of the spectrum."""
        if self.atoms.few:
            return self.solve(c, _semicircle(c))
        flat, start = self._blurred(c), _semicircle(c)
        width = np.where(flat > 1.0, np.sqrt(self.t / np.maximum(1.0 - flat**-2.0, 1e-3)), flat)
        known, w = np.isfinite(flat), flat + 0j
        # no interval is wide enough to matter
        narrow = known & ((self.count(np.where(known, flat, 1.0)) > MANY) | (width < FLAT * flat))
        k = np.flatnonzero(known & ~narrow)
        start[k] = flat[k] + 0.5j * np.minimum(width[k], self.at(k).spacing(flat[k]))
        k = np.flatnonzero(~narrow)
        w[k] = self.at(k).solve(c[k], start[k])
        return np.asarray(w)

    def _blurred(self, c: Array) -> Array:
        """Solve ``u + t Re G(u + i eta) = c`` with ``eta`` a few spacings; nan inside the continuous spectrum."""
        found, u, left = np.full(c.size, np.nan), _semicircle(c).real.copy(), np.arange(c.size)
        for _ in range(NEWTON):
            here, plane = u[left], self.at(left)
            eta = np.maximum(BLUR * plane.spacing(here), FINEST * here)
            value, slope = plane.shift(here + 1j * eta)
            step = (here + value.real - c[left]) / np.maximum(1.0 + slope.real, 0.1)
            some = (eta < 0.1 * here) & (-value.imag <= eta) & np.isfinite(step)
            u[left] = there = np.maximum(here - step, 0.5 * here)
            done = some & (np.abs(step) < LAST * there)
            found[left[done]] = there[done]
            left = left[some & ~done]
            if not left.size:
                break
        return found

    def solve(self, c: Array, start: Complex) -> Complex:
        """The physical solution of ``z(w) = c``."""
        found: Complex = np.full(c.size, complex(math.nan))
        w, left = start.copy(), np.arange(c.size)
        for averaging in ATTEMPTS:
            plane = self.at(left)
            for _ in range(averaging):
                w[left] = 0.5 * (w[left] + c[left] - plane.shift(w[left])[0])
            found[left] = plane._newton(w[left], c[left])
            left = left[np.isnan(found[left])]
            if not left.size:
                break
            if averaging == 0:
                w[left] = _semicircle(c[left])
        return found

    def _newton(self, w: Complex, c: Array) -> Complex:
        """Newton's method; nan where it does not settle, or on an unphysical solution."""
        step, left = np.full(w.size, np.inf), np.arange(w.size)
        w = w.copy()
        for _ in range(NEWTON):
            value, slope = self.at(left).shift(w[left])
            by = (w[left] + value - c[left]) / (1.0 + slope)
            there = w[left] - by
            w[left] = there = np.where(there.imag < 0.0, there.conj(), there)
            step[left] = np.abs(by) / np.abs(there)
            sharp = there.imag > 1e-3 * np.abs(there)
            left = left[step[left] > np.where(sharp, LAST, 1e-15)]
            if not left.size:
                break
        bulk = w.imag > FLAT * np.abs(w)
        flat = np.flatnonzero(~bulk & (w.real > 0.0))
        physical = bulk.copy()
        physical[flat] = self.at(flat).shift(w[flat].real.astype(complex))[1].real > -1.0
        return np.asarray(
            np.where(physical & (step < 1e-7), np.where(bulk, w, w.real), math.nan), dtype=complex
        )

    def gap(self, u: Array) -> tuple[Array, Array]:
        """A point well between the atoms of the gap around ``u``, and the number of atoms above it."""
        above = self.count(u)
        last = above >= self.atoms.spectrum.rank  # then above + 1 may be the same double
        low, high = np.where(last, 0.0, scaled(self.atom(above + 1.0))), scaled(self.atom(above))
        w = np.maximum(u, np.minimum(1.5 * low, (2.0 * low + high) / 3.0))
        return np.minimum(w, np.maximum(high / 1.5, (low + 2.0 * high) / 3.0)), above


def _semicircle(c: Array) -> Complex:
    """The solution for noise alone, a little above the real axis."""
    inside, beyond = np.sqrt(np.maximum(1.0 - 0.25 * c * c, 0.0)), np.sqrt(np.maximum(c * c - 4.0, 0.0))
    return np.asarray(np.where(c < 2.0, 0.5 * c + 1j * (inside + 0.05), 0.5 * (c + beyond) + 0.1j * c))
