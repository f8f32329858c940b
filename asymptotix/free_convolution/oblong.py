r"""Thresholded singular values of a matrix of any shape and dimension, as integrals over the squares' plane.

With ``F(s) = t sum 1/(s - a_i^2)``, ``t = 1/d``, ``b = 1 - m/d``, ``G = 1 + F`` (`information_noise`), everything that
is integrated is a polynomial in ``s``, ``F``, ``F'`` but for powers of ``z``:

    z^2 = G (s G + b)      h = z F/G                 Y = (F + s F') (2 s F G + b (1 + 2 F))
    P = F (s F + b) = h k  X = F (s (1 - F) - b)

As on one side (`asymptotix.free_convolution.arc`) the squares are split into a head of ``n`` and a tail. What the tail
alone leaks, with ``f = z - c`` and ``L = -(2 d/pi) Im int ... dz`` on the right arc from the threshold's ``s_c``,

    V_R = L[f^2 h - 2 f sum_tail t a^2/(s - a^2)]      V_s = L[f P]      V_l = L[P]      V_N = L[h]

keeps its digits at the spectral edge by ``z^2 - c^2 = (s - s_c) (s - conj s_c) K(s)``. All the rest has a factor of the
head. What is real on the negative axis is led there, ``|s| = |s_c|`` ("left"), and infinity leaves a residue; what is
not comes with a power of ``c`` and is followed up the imaginary axis ("ray"):

    N   = V_N + n - (1/pi) sum_head (pi - arg(s_c - a^2)) + (d/pi) Im D[P - b log G](s_c)
    l   = V_l - (2 d/pi) Im int_ray D[P dz]                                   (l = -ds/dc)
    s   = V_s + n (1 + t n_t) - c (l - V_l) - (d/pi) Im int_left D[P dz^2]
    R   = V_R + sum_tail a^2 + n (1 + t n_t) + c^2 (N - V_N) - 2 c (l - V_l) + (d/pi) Im int_left D[X dz^2]

where ``D[...]`` is all atoms' less the tail's, and the drift is ``-(2 d/pi) Im int (1 - c/z) Y ds`` in the same way.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.arc import ArcSums, Right, graded, onward
from asymptotix.free_convolution.atoms import scaled
from asymptotix.free_convolution.squares_plane import SquaresPlane
from asymptotix.free_convolution.view import View, poles

# Below this angle a difference to the threshold is a product along the curve.
_NARROW = 0.3
# At larger angles slopes have digits enough.
_SHARP = 1e-4
# Panels of the ray: poles and cuts are pi/2 away in log s, so that 16 nodes on a width of 2 are good to 1e-17.
_RAY = np.polynomial.legendre.leggauss(16)
_WIDTH, _BLOCK, _NOTHING = 2.0, 6, 1e-17
# Beyond so many times the largest square poles and cuts are far; what is left is a polynomial in s^(-1/2) to rounding.
_BEYOND = 8.0
# Of the wide right arc: the tail is log 2 away.
_WIDEST = 0.8


@dataclass(frozen=True)
class Traces:
    """``F`` and its derivative at points ``s``: of the tail, and what the head adds."""

    s: Complex
    f: Complex
    slope: Complex
    head: Complex
    head_slope: Complex
    b: float

    def differences(self) -> tuple[Complex, ...]:
        """``D[P dz^2]``, ``D[X dz^2]``, ``D[Y]``, and with them ``D[z^2]``, ``P dz^2`` and ``Y`` of the tail."""
        s, b, f, h = self.s, self.b, self.f, self.head
        both = 2.0 * f + h
        rises = self.slope + self.head_slope
        two = s * (2.0 + both) + b
        square = h * two
        square_slope = self.head_slope * two + h * ((2.0 + both) + s * (rises + self.slope))
        tail_slope = (1.0 + f) ** 2 + self.slope * (2.0 * s * (1.0 + f) + b)
        slope = tail_slope + square_slope
        p, x = f * (s * f + b), f * (s * (1.0 - f) - b)
        count = h * (s * both + b) * slope + p * square_slope
        risk = h * (s * (1.0 - both) - b) * slope + x * square_slope
        moves, turn = f + s * self.slope, 2.0 * s * f * (1.0 + f) + b * (1.0 + 2.0 * f)
        added = h * (2.0 * s * (1.0 + both) + 2.0 * b)
        drift = (h + s * self.head_slope) * (turn + added) + moves * added
        return count, risk, drift, square, p * tail_slope, moves * turn

    def with_roots(self) -> tuple[Complex, Complex]:
        """``D[P dz]`` and ``D[Y/z]``."""
        count, _, drift, square, tail_count, tail_drift = self.differences()
        below = (1.0 + self.f) * (self.s * (1.0 + self.f) + self.b)
        z, z_tail = np.sqrt(below + square), np.sqrt(below)
        root = square / (z * z_tail * (z + z_tail))
        return 0.5 * (count / z - tail_count * root), drift / z - tail_drift * root


def kernel(
    s: Any, f: Any, slope: Any, second: tuple[Any, Any], at: complex, f_at: complex, b: float
) -> tuple[Any, Any]:
    """``K`` and its derivative: the second divided difference of ``z^2`` by ``s``, ``s_c`` and its conjugate.

    ``second``: that of ``F`` (`View.kernel`); ``f_at``: ``F(s_c)``. Products go by Leibniz's rule.
    """
    zeroth, first = -f_at.imag / at.imag, -(at * f_at).imag / at.imag
    value, rise = second
    up, up_rise = s * value - zeroth, value + s * rise  # of s F
    beside = s - at.conjugate()
    product = s * f * value - zeroth * (beside * up - first) + up * f_at.conjugate()
    product_rise = (f + s * slope) * value + s * f * rise
    product_rise = product_rise - zeroth * (up + beside * up_rise) + up_rise * f_at.conjugate()
    return 2.0 * up + b * value + product, 2.0 * up_rise + b * rise + product_rise


class OblongSums:
    """The sums of one threshold: its point, and the squares seen from there."""

    def __init__(
        self, plane: SquaresPlane, view: View, angle: float, c: float, x: float, clearance: float
    ) -> None:
        """``x``: ``c^2 - 1``, which few rows need to be small."""
        self.plane, self.view, self.angle, self.clearance = plane, view, angle, clearance
        self.c, self.x = c, x
        self.b, self.t = plane.spare, view.t * plane.share
        self.point = complex(view.r * math.cos(angle), view.r * math.sin(angle) if angle < math.pi else 0.0)
        at = np.array([self.point])
        self.tail_at = self.t * complex(view.tail(at).value[0])
        self.head_at = self.t * complex(view.head(at)[0][0]) if view.head_count > 0 else 0j
        #: ``D[z^2]`` at the point, which the tail alone lacks there.
        self.missing = self.head_at * (self.point * (2.0 + 2.0 * self.tail_at + self.head_at) + self.b)

    def sums(self) -> ArcSums:
        view, c, d = self.view, self.c, 1.0 / self.t
        n, share = view.head_count, view.tail_count * self.t
        rho, dof, slope, count, excess, drift, _ = self.leak() if self.angle > 0 else (0.0,) * 7
        rho += float(view._tail[1]) * view._tail_scale
        if n == 0:
            return ArcSums(rho, dof, slope, count, excess, drift)
        if self.angle > 0:  # what is constant is not real there
            short = self.short()
            rho -= 2.0 * view.tail_count / math.pi * (short * short).imag
            excess += 2.0 * view.tail_count / math.pi * short.imag
        left, ray = self.left(), self.ray()
        fall = -2.0 * d / math.pi * ray[0]
        held = n - view.head_angles(self.point) / math.pi + self.turned() * d / math.pi
        rho += n * (1.0 + share) + c * c * held - 2.0 * c * fall + d / math.pi * left[1]
        dof += n * (1.0 + share) - c * fall - d / math.pi * left[0]
        drift += 2.0 * d / math.pi * (c * ray[1] - left[2])
        return ArcSums(rho, dof, slope + fall, count + held, excess + fall - c * held, drift)

    def short(self) -> complex:
        """``c - z`` of the tail alone at the point."""
        if self.angle < math.pi:
            return self.missing / (cmath.sqrt(self.c * self.c - self.missing) + self.c)
        one = 1.0 + self.tail_at.real
        square = one * (self.point.real * one + self.b)
        return self.c - cmath.sqrt(square)

    def turned(self) -> float:
        """``Im D[P - b log G]`` at the threshold's point."""
        if self.point.imag == 0:
            return 0.0
        s, f, h = self.point, self.tail_at, self.head_at
        return float((h * (s * (2.0 * f + h) + self.b) - self.b * np.log1p(h / (1.0 + f))).imag)

    def leak(self) -> tuple[float, ...]:
        """Of the tail alone, along the right arc."""
        view, b, t, c = self.view, self.b, self.t, self.c
        narrow = self.angle < _NARROW
        arc = Right.of(view.r, self.angle) if narrow else self.wide()
        s, tail = arc.w, view.tail(arc.w)
        f, rise = t * tail.value, t * tail.slope
        if narrow:
            second = tuple(self.plane.share * x for x in view.kernel(s, self.angle))
            k, k_rise = kernel(s, f, rise, second, self.point, self.tail_at, b)  # type: ignore[arg-type]
            turn = self.missing.imag / self.point.imag
            beyond = s * arc.lens * k - (arc.half * turn + self.missing.real) - 1j * turn * s.imag
            slope = 2.0 * (arc.half + 1j * s.imag) * k + s * arc.lens * k_rise - turn
        else:
            beyond = s + f * (b + s * (2.0 + f)) - self.plane.share - self.x
            slope = (1.0 + f) ** 2 + rise * (2.0 * s * (1.0 + f) + b)
        z = np.sqrt(c * c + beyond)
        over, z_slope = beyond / (z + c), slope / (2.0 * z)
        h, squares = z * f / (1.0 + f), t * tail.first
        p = f * (squares + (view.tail_count * t + b))
        moves = t * tail.moves * (2.0 * s * f * (1.0 + f) + b * (1.0 + 2.0 * f))
        dz, ds = z_slope * s * arc.weight, s * arc.weight
        terms = (
            over * (over * h - 2.0 * squares) * dz,
            over * p * dz,
            p * dz,
            h * dz,
            (over * h - squares) * dz,
            over / z * moves * ds,
            (0.5 * slope * squares + over / z * moves) * ds,
        )
        return tuple(2.0 / t * float(x.real.sum()) for x in terms)

    def wide(self) -> Right:
        """The right arc in panels, finest where the threshold's zero may be near."""
        widths = np.minimum(max(self.c * self.c / self.view.r, 1e-14) * 3.0 ** np.arange(40.0), _WIDEST)
        ends = np.append(0.0, widths.cumsum())
        ends = np.append(ends[ends < self.angle], self.angle)
        node, weight = _RAY
        half = 0.5 * np.diff(ends)[:, None]
        beyond = (ends[:-1, None] + half * (1.0 + node)).ravel()
        s = self.view.r * np.exp(1j * (self.angle - beyond))
        return Right(s, (half * weight).ravel() / math.pi, beyond, beyond)

    def left(self) -> tuple[float, float, float]:
        """``Im int`` of ``D[P dz^2]``, ``D[X dz^2]`` and ``D[Y] ds`` from the point to the negative axis."""
        if self.angle == math.pi:
            return 0.0, 0.0, 0.0
        s, weight = onward(self.view, self.angle, math.pi, self.clearance)
        found = self._near(s).differences()
        count, risk, drift = (float(((x * s) @ weight).real) for x in found[:3])  # ds = i s d(angle)
        return count, risk, drift

    def ray(self) -> tuple[float, float]:
        """``Im int`` of ``D[P dz]`` and ``D[Y/z] ds`` from the point to the imaginary axis and up."""
        turn, r = 0.5 * math.pi - self.angle, self.view.r
        finest = min(self.clearance / r, 1.0)
        if turn < 0:  # the threshold's zero is near
            finest = min(finest, self.c * self.c / r)
        beyond, weight = (
            graded(abs(turn), min(max(finest, 1e-14), 1.0)) if turn else (np.zeros(0), np.zeros(0))
        )
        s = r * np.exp(1j * (self.angle + math.copysign(1.0, turn) * beyond))
        step = math.copysign(1.0, turn) * 1j * s * weight
        total = np.array([complex(x @ step).imag for x in self._near(s).with_roots()])
        log_a, many = self.plane.atoms.leading(self.view.head_count)
        a = scaled(log_a - self.plane.log_tau)
        for s, weights in _up(r, max(r, _BEYOND * (1.0 + float(a.max(initial=0.0))))):
            value, slope = poles(s, a, many)
            traces = self._traces(s, self.t * value, self.t * slope)
            part = np.array([complex(x @ (s * weights)).imag for x in traces.with_roots()])
            total += part
            if np.all(np.abs(part) <= _NOTHING * np.abs(total)):
                break
        return float(total[0]), float(total[1])

    def _near(self, s: Complex) -> Traces:
        value, slope = self.view.head(s)
        return self._traces(s, self.t * value, self.t * slope)

    def _traces(self, s: Complex, head: Complex, head_slope: Complex) -> Traces:
        tail = self.view.tail(s)
        return Traces(s, self.t * tail.value, self.t * tail.slope, head, head_slope, self.b)


def _up(low: float, high: float) -> Iterator[tuple[Complex, Array]]:
    """Nodes on the imaginary axis above ``i low`` and relative weights, in blocks: panels, and all beyond ``high``."""
    node, weight = _RAY
    panels = math.ceil(math.log(high / low) / _WIDTH)
    width = math.log(high / low) / max(panels, 1)
    for start in range(0, panels, _BLOCK):
        first = np.arange(start, min(start + _BLOCK, panels))[:, None]
        log_s = width * (first + 0.5 * (1.0 + node))
        yield 1j * low * np.exp(log_s.ravel()), np.tile(0.5 * width * weight, first.size)
    root = 0.5 * (1.0 + node)  # of high / s
    yield np.asarray(1j * high / (root * root), dtype=np.complex128), weight / root


def curvature(plane: SquaresPlane, s: complex) -> complex:
    """``s K(s)`` of all squares at a point of the curve, ``dz^2/ds = 2i Im s K``."""
    angle = math.atan2(s.imag, s.real)
    if angle > _SHARP:
        return s * (1.0 + plane.shift(s)[1]) / (2j * s.imag)
    view, at = plane.inside(s).view, np.array([s])
    second = view.kernel(at, angle)[0][0] + view.head_kernel(at, angle)[0][0]
    f, slope = plane.trace(s)
    value, _ = kernel(s, f, slope, (plane.share * complex(second), 0j), s, f, plane.spare)
    return s * complex(value)
