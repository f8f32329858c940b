r"""Paths in the plane of squares, with visible features as an addition to hidden ones.

With ``F = F_h + V`` split into hidden and visible features (`asymptotix.free_convolution.squares_plane`) a path leads
from a point of the curve to the negative axis ("left"), where what is even in ``z`` is real; what is odd goes up the
imaginary axis ("ray"); and what hidden features alone leak goes to the positive axis ("right").

``z^2`` has a zero ``s_0 < 0``, of the columns beyond the rows. For ``W`` analytic on the negative axis

    Im int W dlog z^2 = -pi W(s_0) + Im int_left (W - W(s_0)) dlog z^2

from far left to a point where ``z`` is real, on whichever side of ``s_0`` the path comes in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq

from asymptotix.arrays import Complex
from asymptotix.free_convolution.added import Added
from asymptotix.free_convolution.arc import graded
from asymptotix.free_convolution.atoms import scaled
from asymptotix.free_convolution.hidden_features import SplitView
from asymptotix.free_convolution.squares_plane import SquaresPlane
from asymptotix.free_convolution.view import poles

# Atoms are not resolved more finely than this.
_CLOSEST = 1e-14
# Panels of the ray: poles and cuts are pi/2 away in log s, so that 16 nodes on a width of 2 are good to 1e-17. What is
# odd falls like the root of 1/s.
_RAY = np.polynomial.legendre.leggauss(16)
_WIDTH, _PANELS = 2.0, 40
# Zeros this near to each other differ by what their slope says.
_NEAR = 1e-5


@dataclass(frozen=True)
class Path:
    """Points ``s`` and steps ``ds``, with what is made of ``F``; `Added` by the visible features."""

    s: Complex
    ds: Complex
    f: Added
    slope: Added
    first: Complex  #: ``t sum a^2/(s - a^2)`` over hidden features
    b: float

    @cached_property
    def one(self) -> Added:
        """``1 + F``."""
        return 1.0 + self.f

    @cached_property
    def rest(self) -> Added:
        """``s (1 + F) + b``."""
        return self.s * self.one + self.b

    @cached_property
    def square(self) -> Added:
        """``z^2``."""
        return self.one * self.rest

    @cached_property
    def square_slope(self) -> Added:
        return self.slope * self.rest + self.one * (self.one + self.s * self.slope)

    @cached_property
    def by_one(self) -> Added:
        """``(z^2)'/(1 + F)``, regular where both vanish in a square matrix."""
        return self.slope * (2.0 * self.s + self.b / self.one) + self.one

    @cached_property
    def log_slope(self) -> Added:
        """Of ``log z^2``."""
        return self.square_slope / self.square

    @cached_property
    def z(self) -> Added:
        return self.square.root()

    def integral(self, integrand: Complex) -> float:
        """Its imaginary part."""
        return float((integrand * self.ds).imag.sum())


class Paths:
    """Those from one point, with so many visible features."""

    def __init__(self, plane: SquaresPlane, point: complex, visible: float) -> None:
        self.plane, self.visible, self.point = plane, visible, complex(point.real, abs(point.imag))
        self.view, self.b = SplitView(plane, point, visible), plane.spare
        self.t = 1.0 / plane.atoms.columns
        self.angle = math.atan2(self.point.imag, self.point.real)
        self.seen, self.hidden = visible * self.t, self.view.hidden_count * self.t
        self.finest = min(max(self.view.clearance(self.point) / self.view.r, _CLOSEST), 1.0)

    def _path(self, s: Complex, ds: Complex, seen: tuple[Complex, Complex], view: SplitView) -> Path:
        sums, t = view.hidden(s), self.t
        f, slope = Added(t * sums.zeroth, t * seen[0]), Added(t * sums.slope, t * seen[1])
        return Path(s, ds, f, slope, t * sums.first, self.b)

    @cached_property
    def left(self) -> Path:
        """From the negative axis to the point; finest at both, as zeros are near the axis in a nearly square matrix."""
        half = 0.5 * (math.pi - self.angle)
        first, second = graded(half, self.finest), graded(half, min(max(0.1 * self.b, _CLOSEST), 1.0))
        angle = np.concatenate([self.angle + first[0], math.pi - second[0]])
        s: Complex = np.asarray(self.view.r * np.exp(1j * angle), dtype=np.complex128)
        return self._path(s, -1j * s * np.concatenate([first[1], second[1]]), self.view.seen(s), self.view)

    @cached_property
    def right(self) -> Path:
        """From the point to the positive axis, beyond all hidden features."""
        phi, weight = graded(self.angle, min(max(self.view.hidden_gap / self.view.r, _CLOSEST), 1.0))
        s = self.view.r * np.exp(1j * phi)
        return self._path(s, -1j * s * weight, self.view.seen(s), self.view)

    def ray(self, c: float) -> tuple[Path, Path]:
        """From the point to the imaginary axis, and up."""
        r, turn = self.view.r, 0.5 * math.pi - self.angle
        finest = self.finest if turn > 0 else min(self.finest, max(c * c / r, _CLOSEST))
        beyond, weight = graded(abs(turn), finest) if turn else (np.zeros(0), np.zeros(0))
        sign = math.copysign(1.0, turn)
        s = r * np.exp(1j * (self.angle + sign * beyond))
        across = self._path(s, 1j * sign * s * weight, self.view.seen(s), self.view)
        node, share = _RAY
        s = 1j * r * np.exp(_WIDTH * (np.arange(_PANELS)[:, None] + 0.5 * (1.0 + node)).ravel())
        log_a, many = self.plane.atoms.leading(self.visible)
        seen = poles(s, scaled(log_a - self.plane.log_tau), many)
        return across, self._path(s, s * np.tile(0.5 * _WIDTH * share, _PANELS), seen, self.view)

    @cached_property
    def zero(self) -> Path:
        """At ``s_0``."""
        return self.at(complex(-self._zero(visible=True)))

    @cached_property
    def moved(self) -> float:
        """How far ``s_0`` is from that of the hidden features alone."""
        if self.b == 0.0:
            return 0.0
        s, alone = float(self.zero.s[0].real), -self._zero(visible=False)
        if abs(s - alone) > _NEAR:
            return s - alone
        middle = self.at(complex(0.5 * (s + alone)))
        rate = 1.0 + middle.f.base[0].real + middle.s[0].real * middle.slope.base[0].real
        return float(-s * self.zero.f.extra[0].real / rate)

    def at(self, s: complex) -> Path:
        """At one point, near or far."""
        at = np.array([s])
        view = SplitView(self.plane, s, self.visible)
        return self._path(at, at, view.seen(at), view)

    def _zero(self, *, visible: bool) -> float:
        """``-s``, between ``b`` and 1."""
        if self.b == 0.0:
            return 1.0

        def beyond(x: float) -> float:
            f = self.at(complex(-x)).f
            return float(x * (1.0 + (f.whole if visible else f.base)[0].real) - self.b)

        return float(brentq(beyond, 0.5 * self.b, 1.0 + 1e-9, xtol=1e-300, rtol=1e-15))
