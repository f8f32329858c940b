"""A spectrum thresholded from above and from below: the numbers behind the symmetric network.

The teacher's eigenvalues are positive; its signs do not matter but to the relative order ``1/i`` of discreteness.
They are learned on the upper side as by the quadratic network. On the lower side noise leaks through ``-c``,

    R / tau^2 += sum_i int_(x < -c) (x + c) (x + c - 2 a_i) O_i(x) dx      (both factors negative)

which in the mirror is the leak of a spectrum without head (`asymptotix.free_convolution.arc.leak_below`).
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from typing import ClassVar

from asymptotix.free_convolution.arc import leak_below
from asymptotix.free_convolution.subordination import Place
from asymptotix.free_convolution.view import View
from asymptotix.networks.spectral import OneSided
from asymptotix.networks.threshold_line import Line, SpectralResponse, distance_below_edge

# Below this distance from 2 the threshold is known by its angle only.
_EDGE = 1e-3
# Newton's method takes five or six; an iteration that contracts by a half arrives at rounding within 53.
_STEPS = 60


@dataclass(frozen=True)
class TwoSided(OneSided):
    """The potential of soft thresholding ``S + delta Z`` at ``+-eps``.

    >>> from asymptotix.teacher import FiniteRank
    >>> noise = TwoSided(FiniteRank([1.0]).spectrum(10**4))
    >>> round(noise.response(-math.inf, 20.0).dof / 10**4, 8)
    1.0
    """

    sides: ClassVar[int] = 2

    def line(self, log_tau: float) -> Line:
        return TwoSidedLine(self.atoms, log_tau, self.finest)


class TwoSidedLine(Line):
    """All pairs of thresholds at one effective noise."""

    sides: ClassVar[int] = 2

    def respond(self, place: Place, c: float, path: float) -> SpectralResponse:
        above = super().respond(place, c, path)
        if c == 0:  # nothing is thresholded: all of the noise is learned, whatever the teacher
            d = self.atoms.d
            return replace(above, rho=d, dof=d, count=d, reference=d, rho_below=0.0, dof_below=0.0, drift=0.0)
        point = self._below(place, c)
        if point is None:
            return above
        rho, dof, slope, count, excess, drift = leak_below(
            View(self.atoms, self.log_tau, abs(point)), math.atan2(point.imag, point.real)
        )
        density = self.atoms.d * point.imag / math.pi
        lower = density / (above.density + density)
        between = place.w.real - point.real if above.density > 0 else 0.0
        steepens = above.steepens + slope - 4.0 / 3.0 * density * point.imag**2
        return replace(
            above,
            rho=above.rho + rho,
            dof=above.dof + dof,
            slope=above.slope + slope,
            count=above.count + count,
            excess=above.excess + excess,
            drift=above.drift + drift,
            density=above.density + density,
            truth=above.truth - 2.0 * lower * between if above.density > 0 else 2.0 * point.real - c,
            apart=2.0 * lower * between,
            steepens=steepens + 4.0 * above.density * lower * between**2,
            rho_below=None,
            dof_below=None,
        )

    def _below(self, place: Place, c: float) -> complex | None:
        """The mirror image of the point where ``z = -c``; None where no eigenvalue is below ``-c``."""
        if place.angle > 0:
            excess, _ = distance_below_edge(place.view, place.angle, mirror=False)
            if abs(excess) < _EDGE:
                return self._near_edge(excess)
        if c >= 2.0:
            return None
        w = complex(0.5 * c, math.sqrt(1.0 - 0.25 * c * c))
        for _ in range(_STEPS):
            value, slope = self.plane.shift(-w)
            step = (w - value - c) / (1.0 + slope)
            w -= step
            w = complex(w.real, abs(w.imag))
            if not abs(step) > 4e-16 * abs(w):
                break
        return w if w.imag > 1e-9 else None

    def _near_edge(self, excess: float) -> complex | None:
        """The mirrored point with ``2 - c = excess``: angle and radius by fixed-point iteration.

        The radius is 1 but for a fraction of the order of ``excess``, which is what the angle's square is made of.
        """
        angle, view = 2.0 * math.asin(math.sqrt(0.25 * excess)) if excess > 0 else 0.0, None
        for _ in range(_STEPS):
            if angle == 0.0:
                return None
            view = View(self.atoms, self.log_tau, 1.0) if view is None else view
            distance, view.r = distance_below_edge(view, angle, mirror=True)
            square = excess - distance + 4.0 * math.sin(0.5 * angle) ** 2
            last, angle = angle, 2.0 * math.asin(math.sqrt(0.25 * square)) if square > 0 else 0.0
            if abs(angle - last) <= 4e-16 * angle:
                break
        return cmath.rect(view.r, angle) if view is not None and angle > 0 else None
