"""The subordination point: where on the support curve, or in which gap, a threshold lies.

In units of ``tau`` the equation is ``z(w) = w + t G(w) = c``. Exactly one solution is the limit of solutions for
``c + i 0``: either it has ``Im w > 0`` (``c`` inside the spectrum) or it is real with ``z'(w) >= 0`` (``c`` in a gap).
It attracts the averaged fixed-point iteration ``w <- (w + c - t G(w)) / 2`` from the whole upper half-plane [BI],
slowly near an edge; Newton's method does the rest, and the two signs tell whether it found the right solution.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.atoms import FINEST, MANY, Atoms, neighbourhood, scaled
from asymptotix.free_convolution.view import View

# Averaging steps tried before Newton's method, in turn.
ATTEMPTS = (0, 6, 40, 300)
# A step at most halves the point: so many lead down by twelve decades, the rest of Newton's method takes five or six.
NEWTON = 40
# A smaller imaginary part is that of a gap, or of an interval too narrow to matter.
FLAT = 1e-11
# Atoms are blurred over so many spacings, at which distance they look continuous to 1e-11.
BLUR = 4.0


@dataclass(frozen=True)
class Place:
    """Where the threshold lies.

    Attributes:
        w: the subordination point (in a gap: some real point of it).
        view: the atoms seen from ``|w|``.
        angle: argument of ``w``; 0 in a gap.
        clearance: distance from ``w`` to the nearest head atom.
        above: number of atoms above ``Re w``.
    """

    w: complex
    view: View
    angle: float
    clearance: float
    above: float


class Subordination:
    """The map ``z(w) = w + t G(w)`` of one teacher at one noise scale."""

    view_of: ClassVar[type[View]] = View
    #: From where on a lone feature leaves the bulk.
    detectable = 1.0

    def __init__(self, atoms: Atoms, log_tau: float) -> None:
        self.atoms, self.log_tau, self.t = atoms, log_tau, 1.0 / atoms.d
        self._all: Array | None = scaled(atoms.log_all - log_tau) if atoms.few else None
        self._view: View | None = None

    @cached_property
    def bottom(self) -> float:
        """The smallest atom."""
        return float(scaled(self.atoms.log_at(self.atoms.d) - self.log_tau))

    def shift(self, w: complex) -> tuple[complex, complex]:
        """``t G(w)`` and ``t G'(w)``."""
        if self._all is None:
            return self.view(w).total(w)
        inverse = 1.0 / (w - self._all)
        zeros = self.atoms.spectrum.zeros
        value, slope = complex(inverse.sum()), -complex(np.dot(inverse, inverse))
        if zeros > 0:
            value, slope = value + zeros / w, slope - zeros / w / w  # w**2 may overflow
        return self.t * value, self.t * slope

    def shifts(self, w: Complex) -> tuple[Complex, Complex]:
        """`shift` at many points: those that one view serves are summed in one pass."""
        if self._all is not None:
            return self._sums_over(self._all, w)
        value, slope = np.empty_like(w), np.empty_like(w)
        r = np.abs(w)
        centre, distance = neighbourhood(self.counts, w)
        left = np.lexsort((w.imag, centre))
        while left.size:
            view = self.view(complex(w[left[0]]))
            served = view.serve(r[left], centre[left], distance[left])
            served[0] = True
            group = left[served]
            value[group], slope[group] = view.totals(w[group])
            left = left[~served]
        return value, slope

    def _sums_over(self, a: Array, w: Complex) -> tuple[Complex, Complex]:
        inverse = 1.0 / (w[:, None] - a)
        zeros = self.atoms.spectrum.zeros
        value, slope = inverse.sum(axis=1) + zeros / w, -(inverse * inverse).sum(axis=1) - zeros / w**2
        return self.t * value, self.t * slope

    def count(self, u: float) -> float:
        """Number of atoms above ``u > 0``."""
        return self.atoms.spectrum.count_above(self.log_tau + math.log(u))

    def counts(self, u: Array) -> Array:
        """`count` at many places."""
        return self.atoms.spectrum.counts_above(self.log_tau + np.log(u))

    def view(self, w: complex) -> View:
        """The atoms as seen from ``w``; the last view again while it still serves."""
        r = abs(w)
        if self.atoms.few:
            return self.view_of(self.atoms, self.log_tau, r)
        centre, distance = neighbourhood(self.count, w)
        last = self._view
        if last is None or not last.serve(r, centre, distance):
            last = self._view = self.view_of(self.atoms, self.log_tau, r, centre, distance)
        return last

    def place(self, c: float, near: complex | None = None) -> Place:
        """Locate the threshold ``c``, starting from a guess."""
        w = self.solve(c, near) if self.atoms.few else self._solve_smooth(c, near)
        return self.inside(w) if w.imag > FLAT * abs(w) else self.gap(w.real)

    def _solve_smooth(self, c: float, near: complex | None) -> complex:
        """Seen from a few spacings above, the atoms are continuous; nearer, they count one by one."""
        u = near.real if near is not None and near.imag == 0 else self.bare(c).real
        flat = self._blurred(c, u)
        if flat is None:
            return self.solve(c, near)
        width = self.interval(flat)
        if self.count(flat) > MANY or width < FLAT * flat:  # no interval is wide enough to matter
            return complex(flat)
        return self.solve(c, complex(flat, 0.5 * min(width, self.spacing(flat))))

    def _blurred(self, c: float, u: float) -> float | None:
        """Solve ``u + t Re G(u + i eta) = c`` with ``eta`` a few spacings; None inside the continuous spectrum."""
        for _ in range(NEWTON):
            eta = max(BLUR * self.spacing(u), FINEST * u)
            if not eta < 0.1 * u:
                return None
            value, slope = self.shift(complex(u, eta))
            if -value.imag > eta:
                return None
            step = (u + value.real - c) / max(1.0 + slope.real, 0.1)
            if not math.isfinite(step):
                return None
            u = max(u - step, 0.5 * u)
            if abs(step) < 1e-13 * u:
                return u
        return None

    def spacing(self, u: float) -> float:
        """Distance between the atoms around ``u``, at most ``u``."""
        above = self.count(u) if u > 0 else self.atoms.d
        if above >= self.atoms.spectrum.rank or above < 1:
            return abs(u)
        step = 1e-3 * above if above > 1e6 else 1.0
        return min(
            abs(u) * -math.expm1(self.atoms.log_at(above + step) - self.atoms.log_at(above)) / step, abs(u)
        )

    def inside(self, w: complex) -> Place:
        """The place of a point on the support curve."""
        view = self.view(w).seen_from(abs(w))
        above = self.count(w.real) if w.real > 0 else self.atoms.d
        return Place(w, view, math.atan2(w.imag, w.real), view.clearance(w), above)

    def gap(self, u: float) -> Place:
        """The place of a gap: a point well between its atoms, as near to ``u`` as may be."""
        above = self.count(u)
        last = above >= self.atoms.spectrum.rank  # then above + 1 may be the same double
        low = 0.0 if last else float(scaled(self.atoms.log_at(above + 1.0) - self.log_tau))
        high = float(scaled(self.atoms.log_at(above) - self.log_tau))
        w = max(u, min(1.5 * low, (2.0 * low + high) / 3.0))
        w = min(w, max(high / 1.5, (low + 2.0 * high) / 3.0))
        view = self.view_of(self.atoms, self.log_tau, w, above)
        return Place(complex(w), view, 0.0, view.clearance(complex(w)), above)

    def solve(self, c: float, near: complex | None = None) -> complex:
        """The physical solution of ``z(w) = c``."""
        w = near if near is not None and near.imag > 0 else self.bare(c)
        for averaging in ATTEMPTS:
            for _ in range(averaging):
                w = 0.5 * (w + c - self.shift(w)[0])
            found = self._newton(w, c)
            if found is not None:
                return found
            w = self.bare(c) if averaging == 0 else w
        return w

    def _newton(self, w: complex, c: float) -> complex | None:
        """Newton's method; None when it does not settle, or on an unphysical solution."""
        last = math.inf
        for _ in range(NEWTON):
            value, slope = self.shift(w)
            step = (w + value - c) / (1.0 + slope)
            w -= step
            if not math.isfinite(abs(w)):  # the point came all but onto an atom
                return None
            if w.imag < 0.0:
                w = w.conjugate()
            if not abs(step) > 1e-15 * abs(w):
                break
            if abs(step) < 1e-13 * abs(w) and (w.imag > 1e-3 * abs(w) or abs(step) >= last):
                break
            last = abs(step)
        else:
            if not abs(step) < 1e-7 * abs(w):
                return None
        if w.imag > FLAT * abs(w):
            return w
        return complex(w.real) if self.physical(w.real) else None

    def physical(self, u: float) -> bool:
        """Whether a real solution is that of a gap."""
        return u > 0.0 and self.shift(complex(u))[1].real > -1.0

    def excess(self, u: float) -> float:
        """Below 1 in a gap, where the map rises."""
        return -self.shift(complex(u))[1].real

    def highest(self, u: Array) -> Array:
        """The support curve is lower."""
        return np.ones_like(u)

    def turned(self, w: complex, g: complex) -> float:
        """What ``sum arg(w - a_i)`` lacks of ``pi`` times the number of eigenvalues beyond; ``g = G(w)``."""
        return 0.5 * self.t * (g * g).imag

    def interval(self, u: float) -> float:
        """About half the width of the spectrum around a lone feature there."""
        return math.sqrt(self.t / max(1.0 - (1.0 / u) ** 2, 1e-3)) if u > 1.0 else u

    def bare(self, c: float) -> complex:
        """The solution for noise alone, a little above the real axis."""
        return _semicircle(c)

    def on_ray(self, direction: complex, near: complex | None = None) -> complex | None:
        """The outermost point of the support curve in this direction (of length 1); None where there is none.

        ``near``: that of a similar direction and noise scale, to start from.

        ``t sum 1/|w - a_i|^2 = 1``, solved in ``log r`` by Newton's method within a bracket.
        """

        def excess(log_r: float) -> tuple[float, float]:
            w = math.exp(log_r) * direction
            value, slope = self.shift(w)
            mass = -value.imag / w.imag
            if mass <= 0.0:  # all atoms are far beyond reach
                return -math.inf, 0.0
            derivative = -(slope * w).imag / w.imag / mass - 1.0
            return math.log(mass), derivative

        # at a tenth of the smallest atom and below, the sum is within a factor 3/2 of its value here
        below_all = self.atoms.log_at(self.atoms.d) - self.log_tau - math.log(10.0)
        if self.bottom * direction.imag > 1.0:  # farther than 1 from every atom, wherever on the ray
            return None
        noise, low, high = math.log(self.detectable), -math.inf, math.inf
        log_r = noise if near is None or near.imag <= 0 else math.log(abs(near))
        for _ in range(100):
            value, slope = excess(log_r)
            if value == -math.inf or (value < -0.5 and log_r < below_all):
                return None
            if value > 0:
                low = log_r
            else:
                high = log_r
            step = -value / slope if slope < 0 else math.copysign(0.5, value)
            if abs(step) < 1e-15:
                return math.exp(log_r + step) * direction
            there = log_r + max(min(step, 2.0), -2.0)
            if not low < there < high:
                there = 0.5 * (low + high) if math.isfinite(low + high) else there
            if there < noise - 60.0:
                return None
            if there == log_r:
                break
            log_r = there
        return math.exp(log_r) * direction


def _semicircle(c: float) -> complex:
    """The solution for noise alone, a little above the real axis."""
    if c < 2.0:
        return complex(0.5 * c, math.sqrt(1.0 - 0.25 * c * c) + 0.05)
    return complex(0.5 * (c + math.sqrt(c * c - 4.0)), 0.1 * c)
