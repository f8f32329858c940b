"""A spectrum thresholded on one side or both: risk and degrees of freedom from arcs in the upper half-plane.

The learner sees the teacher's spectrum blurred by a semicircle: with ``G(w) = sum 1/(w - a_i)`` and
``t = tau^2 / d``, its density lies on ``z = w + t G(w)`` ([BI], [NR]). For a threshold at ``x``, of

    J(t, x) = int (z - x)_+^2 mu(dz)            R = 1 - J + 2 t J_t + x J_x            s = J_t / d

all derivatives are contour integrals of ``(z - x)^j G^k dz`` from the point ``w`` with ``z(w) = x``. Integrated by
parts until only ``G, w^2 G, G^2, w G^2, G^3`` are left, and led over the negative axis, where they are real,
to infinity, where residues remain (``d``, ``sum a^2 = 1``, ``0``, ``d^2``, ``0``):

    R_part = -(1/pi) Im [ -int (w^2 - x^2) G + t int (w - 2x) G^2 + t^2 int G^3 + t^3 G^4/4 - x t^2 G^3/3 ]
    J_t    = -(1/pi) Im [ int (w - x) G^2 + (2 t/3) int G^3 + t^2 G^4/12 ]
    J_tt   = -(2/3pi) Im [ int G^3 - t G^4/4 ]        J_tx = (1/pi) Im [ int G^2 - t G^3/3 ]
    J_xx   = -(2/pi) Im [ int G - t G^2/2 ]

The ``1`` in ``R`` goes with the residue of ``w^2 G``: nothing of the teacher's own size is left to cancel. In a gap of
the spectrum ``w`` is real, any point of the gap serves, and all is polynomial in ``t`` and ``x``.

The five integrals go from a point to the negative real axis (or, of coefficients in pairs, to the imaginary one:
`asymptotix.precise.paired`).

    Im int_w^{negative axis} f(w') dw',   f = G, w^2 G, G^2, w G^2, G^3   along |w'| = |w|

On the negative axis, where there is no coefficient, ``G`` is real: these are all that a thresholded spectrum needs.
Gauss-Legendre panels, halved towards the start as its distance from the nearest coefficient asks for; each panel's
error is bounded by the largest ``|f|`` on an ellipse around it. Where the resolvent is a sum of powers no quadrature is
needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.euler import LN10
from asymptotix.precise.resolvent import ORDERS, SMOOTH, Closed, Resolvent

# Bernstein ellipse whose foci are a panel's ends.
_ELLIPSE = 4.0
# The ellipse's larger half-axis over a panel's half-width, and a little more.
REACH = 0.5 * (_ELLIPSE + 1.0 / _ELLIPSE) + 0.01
# Panels are this fraction of their start's distance from singularities, and no wider than this angle: then the
# ellipse keeps clear of them.
_FRACTION = 0.7
# Where no coefficient can be told apart the continuum's series is analytic all around: wide panels.
_WIDE = 1.6


@dataclass(frozen=True)
class ArcIntegrals:
    """Imaginary parts of the integrals of ``G, w^2 G, G^2, w G^2, G^3``, or the resolvent's own powers of ``w``."""

    g: Number
    wwg: Number
    gg: Number
    wgg: Number
    ggg: Number


#: Of an arc that begins on the negative axis.
NO_ARC = ArcIntegrals(0, 0, 0, 0, 0)


def integrate(resolvent: Resolvent, radius: Number, angle: Number) -> ArcIntegrals:
    """Integrate from ``radius e^(i angle)`` to where the resolvent's arcs end."""
    b, end = resolvent.b, resolvent.end
    totals = [b.number(0)] * 5
    totals[2] = resolvent.beyond(radius)
    if not b.midpoint(angle) < b.midpoint(end):
        return ArcIntegrals(*totals)
    closed = resolvent.closed(radius)
    if closed is not None:
        end = b.number(closed[1]) if b.midpoint(angle) < b.number(closed[1]) else angle
        totals = [x + y for x, y in zip(totals, _in_closed_form(resolvent, closed, radius, end), strict=True)]
    start = b.midpoint(angle)
    clearance = resolvent.clearance(b.midpoint(radius), start) if start < b.midpoint(end) else 1.0
    low = angle
    while b.midpoint(low) < b.midpoint(end):
        passed = b.double(low - start)
        width = min(_FRACTION * max(clearance, passed), _WIDE if clearance >= SMOOTH else resolvent.widest)
        high = b.midpoint(low) + b.number(width)
        # a panel may grow by a tenth to be the last
        last = not b.midpoint(high) + b.number(0.1 * width) < b.midpoint(end)
        totals = _panel(resolvent, radius, low, end if last else high, totals)
        if last:
            break
        low = high
    return ArcIntegrals(*totals)


def _in_closed_form(resolvent: Resolvent, closed: Closed, radius: Number, angle: Number) -> list[Number]:
    b, (powers, _, log_error) = resolvent.b, closed
    totals = powers.arcs(radius, angle, resolvent.weights)
    if log_error is None:
        return totals
    error = b.exp(b.number(log_error))
    g = powers.ceiling(radius) + error
    length = b.pi * radius * error
    bounds = [
        many * length * g ** (many - 1) * radius**k for many, k in zip(ORDERS, resolvent.weights, strict=True)
    ]
    return [b.widen(x, bound) for x, bound in zip(totals, bounds, strict=True)]


def gauss(b: Backend) -> list[tuple[Number, Number]]:
    """Nodes and weights for a panel."""
    return b.legendre(order(b.digits + 6))


def gauss_bound(b: Backend, nodes: int = 0) -> Number:
    """Their error on [-1, 1], of a function at most 1 on the ellipse; or that of so many nodes."""
    nodes = nodes or order(b.digits + 6)
    return b.number(64.0 / 15.0 / (1.0 - _ELLIPSE**-2)) * b.number(_ELLIPSE) ** (-2 * nodes)


def order(digits: float) -> int:
    """Nodes for so many digits on a panel."""
    return 6 * max(1, math.ceil(digits * LN10 / (2.0 * math.log(_ELLIPSE)) / 6.0))


def _panel(
    resolvent: Resolvent, radius: Number, low: Number, high: Number, totals: list[Number]
) -> list[Number]:
    b = resolvent.b
    middle, half = (low + high) / 2, (high - low) / 2
    sums = [b.number(0)] * 5
    for x, weight in gauss(b):
        angle = middle + half * x
        w = radius * b.exp(b.complex(0, 1) * angle)
        g = resolvent.value(w)
        # dw = i w d angle, so Im f dw = Re (f w) d angle
        terms = [g**many * w ** (k + 1) for many, k in zip(ORDERS, resolvent.weights, strict=True)]
        sums = [s + weight * t.real for s, t in zip(sums, terms, strict=True)]
    parts = [half * s for s in sums]
    reach = b.double(half) * REACH
    g = resolvent.ceiling(radius, middle, reach)
    if g is None:
        resolvent.proven = False
    else:
        # the largest |f w| on the ellipse
        size = radius * b.exp(b.number(reach))
        factor = half * gauss_bound(b) * g * size
        bounds = [
            factor * g ** (many - 1) * size**k for many, k in zip(ORDERS, resolvent.weights, strict=True)
        ]
        parts = [b.widen(p, bound) for p, bound in zip(parts, bounds, strict=True)]
    return [t + p for t, p in zip(totals, parts, strict=True)]


@dataclass(frozen=True)
class Side:
    """Share of one threshold: ``R``, ``J_t`` and second derivatives by ``t`` and ``kappa = |x|``."""

    risk: Number
    j_t: Number
    j_tt: Number
    j_tk: Number
    j_kk: Number

    def __add__(self, other: Side) -> Side:
        return Side(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))


#: Of a threshold beyond which nothing is.
NO_SIDE = Side(0, 0, 0, 0, 0)


def side(
    b: Backend,
    d: int,
    t: Number,
    x: Number,
    g: Number | None,
    arcs: ArcIntegrals,
    *,
    left: bool = False,
    end: Number | None = None,
) -> Side:
    """One threshold's share.

    Args:
        x: the threshold, negative for the left one.
        g: ``G`` at the start of the arc; None in a gap, where it is real and drops out.
        arcs: integrals from there to the negative axis.
        left: integrate the spectrum below ``x`` rather than above.
        end: the angle at which the arcs end, if not ``pi``.
    """
    pi = b.pi
    end = b.number(0) if left else pi if end is None else end
    sign = 1 / pi if left else -1 / pi
    i_g, i_wgg = arcs.g - end * d, arcs.wgg - end * d * d
    i_wwg, i_gg, i_ggg = arcs.wwg, arcs.gg, arcs.ggg
    g2 = g3 = g4 = b.number(0)
    if g is not None:
        square = g * g
        g2, g3, g4 = square.imag, b.imag(square * g), b.imag(square * square)
    risk = -i_wwg + x * x * i_g + t * (i_wgg - 2 * x * i_gg) + t * t * i_ggg
    risk += t**3 * g4 / 4 - x * t * t * g3 / 3
    j_t = i_wgg - x * i_gg + 2 * t / 3 * i_ggg + t * t * g4 / 12
    j_tt = (i_ggg - t * g4 / 4) * 2 / 3
    j_tx = -(i_gg - t * g3 / 3)
    j_xx = 2 * (i_g - t * g2 / 2)
    flip = -1 if left else 1
    # R = 1 - J + 2 t J_t + x J_x, so R_t = J_t + 2 t J_tt + x J_xt and R_x = 2 t J_tx + x J_xx
    return Side(sign * risk, sign * j_t, sign * j_tt, sign * flip * j_tx, sign * j_xx)
