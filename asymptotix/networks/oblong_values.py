"""The singular values of a matrix of any shape behind a Gaussian one, thresholded, at any dimension."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import wrightomega

from asymptotix.free_convolution.crowded import FARTHEST, FEW_ROWS, CrowdedSums
from asymptotix.free_convolution.oblong import OblongSums, curvature
from asymptotix.free_convolution.squares_plane import CrowdedPlane, SquaredAtoms, SquaresPlane
from asymptotix.free_convolution.subordination import Place
from asymptotix.networks.base import over_noise, saturated_exp
from asymptotix.networks.square_values import SingularValues, unthresholded
from asymptotix.networks.threshold_line import LARGE, RADIUS, Line, SpectralResponse, excess, last_angle
from asymptotix.rootfinding import bracket, increasing_root

# Brackets of the threshold's position end here.
_FAR = 700.0


class OblongLine(Line):
    """All thresholds at one effective noise; points are squares.

    Noise alone has singular values within ``q = sqrt(m/d)`` of 1. Beyond the angles the path is from its joint

        u + log(1 + u/q)          (u = |log c/c_joint|),

    which tells thresholds apart on the scale ``q`` as well as on that of 1; and they are known by ``c^2 - 1``.
    """

    plane: SquaresPlane
    bottom = 0.0

    def __init__(self, atoms: SquaredAtoms, log_tau: float) -> None:
        super().__init__(atoms, log_tau)
        self.plane, self.places = SquaresPlane(atoms, log_tau), CrowdedPlane(atoms, log_tau)

    @cached_property
    def top(self) -> float:
        return saturated_exp(0.5 * self.atoms.log_largest - self.log_tau) + RADIUS

    @cached_property
    def end(self) -> tuple[float, float]:
        level = 2.0 * self.log_tau + math.log(self.plane.detectable)
        last, moves = last_angle(self.atoms, np.array([level]), self.finest)
        return float(last[0]), 2.0 * float(moves[0])

    @cached_property
    def ends(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """``(path, c^2 - 1)`` of both joints."""
        if self.atoms.d >= LARGE:
            points = [(path, self.on_ray(path)) for path in (0.0, self.end[0])]
            low, high = ((path, math.nan if w is None else self.plane.beyond(w)) for path, w in points)
            if -1.0 < low[1] < high[1]:
                return low, high
        return (0.0, 0.0), (0.0, 0.0)

    @cached_property
    def joints(self) -> tuple[tuple[float, float], tuple[float, float]]:
        (p1, x1), (p0, x0) = self.ends
        return (p1, math.sqrt(1.0 + x1)), (p0, math.sqrt(1.0 + x0))

    def threshold_at(self, w: complex) -> float:
        return math.sqrt(max(1.0 + self.plane.beyond(w), 0.0))

    def on_ray(self, path: float, near: complex | None = None) -> complex | None:
        return self.plane.on_ray(cmath.rect(1.0, 2.0 * math.atan(math.exp(-path))), near)

    def bend(self, w: complex) -> tuple[float, tuple[float, float]]:
        c, (f, slope) = self.threshold_at(w), self.plane.trace(w)
        k = curvature(self.plane, w)
        moves = 2.0 * (f + w * slope) * (2.0 * w * (1.0 + f) + self.plane.spare)
        by_path = w.imag * abs(k) ** 2 * (w.imag / abs(w)) / k.real
        by_tau = moves.real + k.imag / k.real * moves.imag
        return c, (by_path / c**2, 0.5 * by_tau / c**2)

    def at(self, path: float, near: complex | None = None) -> SpectralResponse:
        (p1, x1), (p0, x0) = self.ends
        if p0 > p1 and p1 <= path <= p0:
            return self.at_angle(path, near)
        if path == -math.inf:
            return self.at_c(0.0)
        joint, x = (p1, x1) if path < p1 else (p0, x0)
        q = self.plane.detectable
        far = float(wrightomega(abs(path - joint) + q + math.log(q)))  # q + u
        u, rate = math.copysign(max(far - q, 0.0), path - joint), far / (1.0 + far)
        beyond = x + (1.0 + x) * math.expm1(min(2.0 * u, 600.0))
        moves = 0.0
        if p0 > p1:
            _, (by_path, moves) = self.bend(self.ray(joint))
            moves += (by_path - rate) * self.end[1] if joint > 0.0 else 0.0
        c = math.sqrt(1.0 + x) * saturated_exp(u)
        return self.at_beyond(c, beyond, path, near).moving(rate, moves)

    def path_of(self, c: float, x: float) -> float:
        """The position of the threshold ``c``, ``x = c^2 - 1``; a little off where only the angle tells."""
        (p1, x1), (p0, x0) = self.ends
        if x1 < x < x0:
            s = self.places.place_beyond(x).w
            return min(max(-math.log(math.tan(0.5 * math.atan2(max(s.imag, 1e-300), s.real))), p1), p0)
        joint, at, sign = (p1, x1, -1.0) if x <= x1 else (p0, x0, 1.0)
        apart = (x - at) / (1.0 + at)
        u = 0.5 * abs(math.log1p(apart)) if apart > -0.5 else 0.5 * math.log(1.0 + at) - math.log(c)
        return joint + sign * (u + math.log1p(u / self.plane.detectable))

    def at_c(self, c: float, path: float | None = None, near: complex | None = None) -> SpectralResponse:
        if c > 0:
            x = (c - 1.0) * (c + 1.0)
            return self.at_beyond(c, x, self.path_of(c, x) if path is None else path, near)
        return unthresholded(self.atoms.d, -1 + 0j)

    def at_beyond(self, c: float, x: float, path: float, near: complex | None = None) -> SpectralResponse:
        """The response at the threshold ``c``, ``x = c^2 - 1``."""
        if c >= self.top:
            return self.beyond(c, path)
        return self._at_place(self.places.place_beyond(x, near), c, x, path)

    def at_angle(self, path: float, near: complex | None = None) -> SpectralResponse:
        w = self.ray(path, near)
        c, bend = self.bend(w)
        return self._at_place(self.plane.inside(w), c, self.plane.beyond(w), path).moving(*bend)

    def _at_place(self, place: Place, c: float, x: float, path: float) -> SpectralResponse:
        if place.above == 0 and place.angle == 0:
            return self.beyond(c, path)
        given = self.plane, place.view, place.angle, c, x, place.clearance
        if self.plane.share > FEW_ROWS or place.view.r > FARTHEST:
            return self.from_sums(place, c, path, OblongSums(*given).sums())
        sums, turn = CrowdedSums(*given).crowded()
        return replace(self.from_sums(place, c, path, sums), turn=turn)

    def guess(self, nu: float, force: float) -> float:
        """Of rows that are all learned ``s = m (1 - c)``; of the last few ``s = (2/15 pi) m q angle^5``."""
        m, q, c = self.atoms.d, self.plane.detectable, force / nu
        b = nu - m
        root = math.sqrt(b * b + 4.0 * m * force)
        low = 2.0 * force / (b + root) if b > 0 else (root - b) / (2.0 * m)
        if max(c, low) < 1.0 - q or c > 1.0 + q:
            c = max(c, low) if c < 1.0 else c
            return self.path_of(c, (c - 1.0) * (c + 1.0))
        angle = min((7.5 * math.pi * nu / (m * q)) ** 0.2, 0.5 * math.pi)
        return min(-math.log(math.tan(0.5 * angle)), self.ends[1][0])

    def solve(self, nu: float, force: float, near: SpectralResponse | None) -> SpectralResponse:
        found: dict[float, SpectralResponse] = {}

        def balance(path: float) -> float:
            found[path] = self.at(path)
            return -excess(found[path], nu, force)

        start = near.path if near is not None and math.isfinite(near.path) else self.guess(nu, force)
        ends = bracket(balance, start, 0.5, -_FAR, _FAR)
        if ends is None:  # beyond what doubles hold: the noise scale is far from where it has to be
            return min(found.values(), key=lambda x: abs(excess(x, nu, force)))
        return found[increasing_root(balance, ends, tolerance=4e-16)]


@dataclass(frozen=True)
class OblongValues(SingularValues):
    """Of a matrix of any shape: their squares, thresholded from above."""

    @cached_property
    def atoms(self) -> SquaredAtoms:
        return SquaredAtoms(self.spectrum, self.d)

    def line(self, log_tau: float) -> OblongLine:
        return OblongLine(self.atoms, log_tau)

    def path_of(self, c: float, log_tau: float) -> float:
        return self.line(log_tau).path_of(c, (c - 1.0) * (c + 1.0)) if c > 0 else -math.inf

    def guess(self, log_tau: float, nu: float, penalty: float) -> float:
        return self.line(log_tau).guess(nu, over_noise(penalty, log_tau))

    def among_squares(self, point: complex) -> complex:
        return point
