"""Risk and degrees of freedom of a thresholded spectrum, as integrals along an arc.

In units of ``tau``, with ``t = 1/d``, ``z = w + t G(w)`` and threshold ``c``, split the atoms into a head of
``m`` and a tail of ``n_t``, ``G = h + T``. Let ``w_c`` be the point where ``z(w_c) = c`` and the arc
``|w| = |w_c|`` lead to it from the negative real axis ("left") and on to the positive one ("right"). Then

    R / tau^2 = m (c^2 + 1 + n_t/d) + sum_tail a^2 + V_R + (1/pi)     Im int_left M_R dw
    s         = m (1 + n_t/d)                      + V_s + (1/(pi d)) Im int_left M_s dw

which is the risk ``sum_i int (f(x) - a_i)^2 O_i(x) dx``, ``f(x) = (x - c)_+``, with the head taken as learned
and the left arc taking back what is not, and the tail taken as missed. ``V`` is the noise that the tail alone
leaks through the threshold, an integral over the right arc without head atoms:

    V_R = -(1/pi)     Im int_right (P^2 T - 2 P Sigma) z_t' dw      z_t = w + t T,  P = z_t - c
    V_s = -(1/(pi d)) Im int_right P T^2 z_t' dw                    Sigma = sum_tail a/(w - a)

At a fixed threshold ``s`` moves with ``log tau`` by the integral of ``2 P G (G + w G')`` in place of ``P G^2 z'``,
cut in the same way (the homogeneity of ``G`` in the atoms, and one integration by parts).

The number of eigenvalues above needs no left arc: with ``V_N = -(1/pi) Im int_right T z_t' dw``

    N = m + V_N - (1/pi) sum_head (pi - arg(w_c - a)) + (1/(pi d)) Im (h T + h^2/2)(w_c)

``M_R`` and ``M_s`` hold the head's own terms and the products of head and tail. Nothing of order ``d`` and
nothing of the order of the head's squares is left to cancel, and with

    z - c = (w - w_c) (w - conj w_c) K(w),    K = t sum_i omega_i / (w - a_i),  omega_i = 1/|w_c - a_i|^2

(exact on the support curve, where ``t sum omega_i = 1``) the leak keeps its digits at the spectral edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.view import TailSums, View

# Gauss's error falls like q^(-2 nodes), q the size of the ellipse that holds no pole (semi-axes summed). Left arc: the
# next atom is as far from the first panel's start as 2/3 of its width, q = 3.4; from a panel (x, 3x) it is at least x
# away, q = 3.7; so 16 nodes leave 1e-17. Right arc: the tail's atoms are below r/2, which is log 2 off the angles
# (0, angle), q = 2.0 for the widest angle, pi, and 28 nodes leave 1e-17.
_LEFT = np.polynomial.legendre.leggauss(16)
_RIGHT = np.polynomial.legendre.leggauss(28)
_GROWTH = 3.0
_FIRST = 1.5


#: ``V_R``, ``V_s``, ``-dV_s/dc``, ``V_N``, the excess and the drift; numbers, or arrays of many arcs.
Leak = tuple[Any, Any, Any, Any, Any, Any]


@dataclass(frozen=True)
class ArcSums:
    """Risk over ``tau^2``, degrees of freedom, how these fall with the threshold (``-ds/dc``), and the number above.

    ``drift`` is ``ds / d log tau`` at a fixed threshold, ``excess`` is ``-ds/dc - c count`` without cancellation: what
    is learned, less the truth there.
    """

    rho: float
    dof: float
    slope: float
    count: float
    excess: float
    drift: float


def respond(view: View, angle: float, c: float, clearance: float) -> ArcSums:
    """Evaluate the two sums from ``w_c = r e^{i angle}``; ``angle = 0``: any real point with the same atoms above.

    Args:
        view: the atoms seen from ``r = |w_c|``.
        angle: argument of ``w_c``, positive on the support curve, 0 in a gap of the spectrum.
        c: the threshold over ``tau``.
        clearance: distance from ``w_c`` to the nearest atom of the head.
    """
    m, share = view.head_count, view.tail_count * view.t
    w = complex(view.r * math.cos(angle), view.r * math.sin(angle))
    h = complex(view.head(np.array([w]))[0][0]) if m > 0 else 0j
    left, leaked, missed = _left(view, angle, c, clearance), (0.0,) * 6, 0.0
    if angle > 0:
        leaked = leak(view, angle, view.t * h)
        missed = -view.t / math.pi * (h * complex(view.tail(np.array([w])).value[0]) + 0.5 * h * h).imag
    held = m - (view.head_angles(w) / math.pi + missed) if m > 0 else 0.0
    return sums_of(m, c, share, view.tail_square, held, h.imag if angle > 0 else 0.0, left, leaked)


def leak(view: View, angle: float, th: complex) -> tuple[float, float, float, float, float, float]:
    """The leak along ``r e^{i phi}``, ``phi`` from ``angle`` to 0; ``th = t h(w_c)``."""
    arc = Right.of(view.r, angle)
    w = complex(view.r * math.cos(angle), view.r * math.sin(angle))
    leaked = leak_through(arc, view.t, view.tail(arc.w), view.kernel(arc.w, angle), w, th)
    return tuple(map(float, leaked))  # type: ignore[return-value]


def sums_of(
    m: Any, c: Any, share: Any, tail_square: Any, held: Any, turned: Any, left: Any, leaked: Any
) -> ArcSums:
    """From both arcs; numbers or arrays.

    Args:
        m, share, tail_square: what the head is, the tail's share of all atoms, its sum of squares.
        held: number above the threshold, the tail's leak apart.
        turned: ``Im h(w_c)`` where ``z_t`` is not real at ``w_c``: there ``z = z_t + t h`` is.
    """
    rho = m * (c * c + 1.0 + share) + tail_square + leaked[0] + left[0]
    excess = leaked[4] + left[2] - c * held + share / math.pi * turned
    dof, slope, drift = (leaked[k] + left[j] for k, j in ((1, 1), (2, 2), (5, 3)))
    return ArcSums(rho, m * (1.0 + share) + dof, slope, held + leaked[3], excess, drift)


def missed_moments(view: View, angle: float, c: float, clearance: float) -> tuple[float, float]:
    """``sum (x - c)`` and ``sum (x - c)^2`` over the eigenvalues below the threshold, by the plain integrals.

    ``-(1/pi) Im int_left (z - c)^k G dz``: terms of order ``d`` cancel where little is learned.
    """
    w, weight = onward(view, angle, math.pi, clearance)
    tail, (h, h_slope) = view.tail(w), view.head(w)
    g, z_slope = tail.value + h, 1.0 + view.t * (tail.slope + h_slope)
    excess = w + view.t * g - c
    measure = (weight / math.pi) * w * g * z_slope
    return float(np.sum((excess * measure).real)), float(np.sum((excess**2 * measure).real))


def _left(view: View, angle: float, c: float, clearance: float) -> tuple[float, float, float, float]:
    """The left arc: ``(1/pi) Im int M_R``, ``(1/(pi d)) Im int M_s``, minus its derivative in ``c``, and its drift."""
    if view.head_count == 0:
        return 0.0, 0.0, 0.0, 0.0
    w, weight = onward(view, angle, math.pi, clearance)
    # from the negative axis to w_c the angle falls: dw = -i w d(beyond)
    terms = left_terms(view.t, w, c, view.tail(w), *view.head(w))
    risk, dof, slope, drift = (float((f @ (-(weight / math.pi) * w)).real) for f in terms)
    return risk, dof, slope, drift


def left_terms(
    t: float, w: Complex, c: float | Array, tail: TailSums, h: Complex, h_slope: Complex
) -> tuple[Complex, ...]:
    """``M_R``, ``M_s / d``, minus its derivative in ``c``, and the drift's."""
    th, th_slope, tt = t * h, t * h_slope, t * tail.value
    zt_slope = 1.0 + t * tail.slope
    z_slope = zt_slope + th_slope
    pt = w + tt - c
    p = pt + th
    square = p * (p - 2.0 * w) * h * z_slope
    square += (p * p * tail.value - 2.0 * p * tail.first) * th_slope
    square += th * ((p + pt) * tail.value - 2.0 * tail.first) * zt_slope
    cross = th * (2.0 * tail.value + h)  # t (G^2 - T^2)
    tt2 = tt * tail.value
    # t P G^2 z' - t P_t T^2 z_t', and its derivative in -c
    count = th * (tt2 + cross) * z_slope + pt * cross * z_slope + pt * tt2 * th_slope
    fall = cross * z_slope + tt2 * th_slope
    head_moves = h + w * h_slope
    moves = th * tail.value * tail.moves + p * (h * (tail.moves + head_moves) + tail.value * head_moves)
    return square, count, fall, 2.0 * t * moves


def leak_through(
    arc: Right, t: float, tail: TailSums, kernels: tuple[Complex, Complex], w: Any, th: Any
) -> Leak:
    """`leak` from sums along its arc, ``w = w_c``; numbers, or arrays of many arcs.

    The head's share: ``P = q K_t + (w - w_c) omega_h - t h(w_c)``, with ``Im w_c omega_h = -t Im h(w_c)``.
    """
    kernel, kernel_slope = kernels
    omega = -th.imag / w.imag
    z_slope = 2.0 * (arc.half + 1j * arc.w.imag) * kernel + arc.w * arc.lens * kernel_slope + omega
    p = arc.w * arc.lens * kernel + (arc.half * omega - th.real) + 1j * arc.w.imag * omega
    return arc.integrate(t, p, tail.value, tail.moves, tail.first, z_slope)


def leak_below(view: View, angle: float) -> Leak:
    """The same for all atoms and the noise below ``-c``, with ``w_c = -r e^{-i angle}``.

    Seen in the mirror, all atoms are on the far side: ``w -> -w``, ``a -> -a``, ``G -> -G``, and no head.
    """
    arc = Right.of(view.r, angle)
    w = arc.w
    kernels = view.kernel(-w, angle, mirror=True), view.head_kernel(-w, angle, mirror=True)
    leaked = leak_in_mirror(arc, view.t, view.head_count, view.tail(-w), view.head(-w), *kernels)
    return tuple(map(float, leaked))  # type: ignore[return-value]


def leak_in_mirror(
    arc: Right,
    t: float,
    m: Any,
    tail: TailSums,
    head: tuple[Complex, Complex],
    tail_kernel: tuple[Complex, Complex],
    head_kernel: tuple[Complex, Complex],
) -> Leak:
    """`leak_below` from sums along its arc; of one arc, or of many."""
    w, (h, h_slope) = arc.w, head
    kernel, slope = -(tail_kernel[0] + head_kernel[0]), tail_kernel[1] + head_kernel[1]
    z_slope = 2.0 * (arc.half + 1j * w.imag) * kernel + w * arc.lens * slope
    first = tail.first - w * h - m
    moves = -(tail.moves + h - w * h_slope)
    return arc.integrate(t, w * arc.lens * kernel, -(tail.value + h), moves, first, z_slope)


@dataclass(frozen=True)
class Right:
    """The arc ``r e^{i phi}``, ``0 < phi < angle``.

    ``half = Re w - Re w_c`` and ``(w - w_c)(w - conj w_c) = w lens``, with ``lens`` real.
    """

    w: Complex
    weight: Array
    half: Array
    lens: Array

    @classmethod
    def of(cls, r: float | Array, angle: float | Array) -> Right:
        node, weight = _RIGHT
        phi = 0.5 * angle * (1.0 + node)
        half = 2.0 * r * np.sin(0.5 * (angle - phi)) * np.sin(0.5 * (angle + phi))
        return cls(r * (np.cos(phi) + 1j * np.sin(phi)), 0.5 * angle * weight / math.pi, half, 2.0 * half)

    def integrate(
        self, t: float, p: Complex, value: Complex, moves: Complex, first: Complex, z_slope: Complex
    ) -> Leak:
        """All six from ``P``, ``G = sum 1/(w-a)``, ``G + w G'``, ``sum a/(w-a)`` and ``z'``.

        The excess is ``-dV_s/dc - c V_N``, by ``t T = P + c - w`` the leak of ``P T - Sigma``, a constant apart.
        """
        dw = self.w * self.weight
        measure = z_slope * dw
        part = p * value
        square, squared = p * (part - 2.0 * first) * measure, value * value * measure
        terms = (
            square,
            t * p * squared,
            t * squared,
            value * measure,
            (part - first) * measure,
            2.0 * t * part * moves * dw,
        )
        risk, dof, fall, number, excess, drift = (term.real.sum(axis=-1) for term in terms)
        return risk, dof, fall, number, excess, drift


def onward(view: View, angle: float, end: float, clearance: float) -> tuple[Complex, Array]:
    """Nodes of the arc from an angle to an end, finest where it begins, so far from the nearest atom; and weights."""
    beyond, weight = graded(end - angle, min(clearance / view.r, 1.0))
    return view.r * np.exp(1j * (angle + beyond)), weight


def graded(length: float, finest: float) -> tuple[Array, Array]:
    """Gauss nodes on ``(0, length)`` in panels growing threefold from a first of about ``1.5 finest``."""
    first = _FIRST * finest
    panels = max(1, math.ceil(math.log(length / first) / math.log(_GROWTH) + 1.0)) if first < length else 1
    node, weight = _graded_unit(panels)
    return length * node, length * weight


@lru_cache(maxsize=128)
def _graded_unit(panels: int) -> tuple[Array, Array]:
    edges = np.append(0.0, _GROWTH ** np.arange(1.0 - panels, 1.0))
    node, weight = _LEFT
    half = 0.5 * np.diff(edges)[:, None]
    return (edges[:-1, None] + half * (1.0 + node)).ravel(), (half * weight).ravel()
