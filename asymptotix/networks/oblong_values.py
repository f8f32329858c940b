"""The singular values of a matrix of any shape behind a Gaussian one, thresholded, at any dimension."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

from asymptotix.free_convolution.oblong import OblongSums, curvature
from asymptotix.free_convolution.squares_plane import SquaredAtoms, SquaresPlane
from asymptotix.free_convolution.subordination import Place
from asymptotix.networks.base import saturated_exp
from asymptotix.networks.spectral import OneSided
from asymptotix.networks.square_values import SquareValues
from asymptotix.networks.threshold_line import RADIUS, Line, SpectralResponse

# Singular values of few rows are all within sqrt(m/d) of 1 behind noise, and sums over their bulk cancel: by so much
# times d/m to this power. Measured for m/d from 1e-12 to 1e-20 against the scaling of the law with m/d: 5e-4 at 1e-16.
_CROWDED = (1e-13, 0.61)


class OblongLine(Line):
    """All thresholds at one effective noise; points are squares."""

    plane: SquaresPlane
    bent = False
    bottom = 0.0

    def __init__(self, atoms: SquaredAtoms, log_tau: float, finest: float) -> None:
        super().__init__(atoms, log_tau, finest)
        self.plane = SquaresPlane(atoms, log_tau)

    @cached_property
    def top(self) -> float:
        return saturated_exp(0.5 * self.atoms.log_largest - self.log_tau) + RADIUS

    def threshold_at(self, w: complex) -> float:
        return math.sqrt(max(super().threshold_at(w), 0.0))

    def on_ray(self, path: float, near: complex | None = None) -> complex | None:
        return self.plane.on_ray(cmath.rect(1.0, 2.0 * math.atan(math.exp(-path))), near)

    def bend(self, w: complex) -> tuple[float, tuple[float, float]]:
        c, (f, slope) = self.threshold_at(w), self.plane.trace(w)
        k = curvature(self.plane, w)
        moves = 2.0 * (f + w * slope) * (2.0 * w * (1.0 + f) + self.plane.spare)
        by_path = w.imag * abs(k) ** 2 * (w.imag / abs(w)) / k.real
        by_tau = moves.real + k.imag / k.real * moves.imag
        return c, (by_path / c**2, 0.5 * by_tau / c**2)

    def at_c(self, c: float, path: float | None = None, near: complex | None = None) -> SpectralResponse:
        if c > 0:
            return super().at_c(c, path, near)
        d = self.atoms.d  # nothing is thresholded: all of the noise is learned, whatever the teacher
        everything = SpectralResponse(-math.inf, 0.0, d, d, point=-1 + 0j, bulk=True, count=d)
        return replace(everything, reference=d, rho_below=0.0, dof_below=0.0)

    def respond(self, place: Place, c: float, path: float) -> SpectralResponse:
        if place.above == 0 and place.angle == 0:
            return self.beyond(c, path)
        sums = OblongSums(self.plane, place.view, place.angle, c, place.clearance).sums()
        least, power = _CROWDED
        return replace(
            self.from_sums(place, c, path, sums), rounding=least / math.pow(self.plane.share, power)
        )


@dataclass(frozen=True)
class Oblong(OneSided):
    """Squares of the features of a matrix with so many columns, thresholded from above."""

    columns: float = math.nan
    sides: ClassVar[int] = 2

    @cached_property
    def atoms(self) -> SquaredAtoms:
        return SquaredAtoms(self.spectrum, self.columns)

    def line(self, log_tau: float) -> OblongLine:
        return OblongLine(self.atoms, log_tau, self.finest)

    def path_of(self, c: float, log_tau: float) -> float:
        if c <= 0:
            return -math.inf
        line = self.line(log_tau)
        low, high = line.joints
        if not low[1] < c < high[1]:
            joint = low if c <= low[1] else high
            return math.log(c / joint[1]) + joint[0]
        s = line.plane.place(c).w
        return min(max(-math.log(math.tan(0.5 * math.atan2(max(s.imag, 1e-300), s.real))), low[0]), high[0])


@dataclass(frozen=True)
class OblongValues(SquareValues):
    """The potential of a matrix of any shape: numbers at any dimension.

    >>> from asymptotix.networks.singular_values import SingularValues
    >>> from asymptotix.teacher import PowerLaw
    >>> spectrum, tau = PowerLaw(1.25).spectrum(300), -2.5
    >>> any_dimension, any_shape = OblongValues(spectrum, 500.0), SingularValues(spectrum, 500.0)
    >>> here = any_dimension.thresholded.line(tau).at_c(1.1)
    >>> abs(here.rho / any_shape.response(math.log(1.1), tau).rho - 1) < 1e-12
    True
    """

    @cached_property
    def thresholded(self) -> Oblong:
        return Oblong(self.spectrum, columns=self.d)

    def among_squares(self, point: complex) -> complex:
        return point
