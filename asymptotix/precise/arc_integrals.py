"""Five integrals along an arc of the upper half-plane, from a point to the negative real axis (or, of coefficients in
pairs, to the imaginary one: `asymptotix.precise.paired`).

    Im int_w^{negative axis} f(w') dw',   f = G, w^2 G, G^2, w G^2, G^3   along |w'| = |w|

On the negative axis, where there is no coefficient, ``G`` is real: these are all that a thresholded spectrum
needs (`asymptotix.precise.thresholded_side`). Gauss-Legendre panels, halved towards the start as its distance
from the nearest coefficient asks for; each panel's error is bounded by the
largest ``|f|`` on an ellipse around it. Where the resolvent is a sum of powers no quadrature is needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.euler import LN10
from asymptotix.precise.resolvent import SMOOTH, Closed, Resolvent

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
    """Imaginary parts of the integrals of ``G, w^2 G, G^2, w G^2, G^3``."""

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
        totals = [x + y for x, y in zip(totals, _in_closed_form(b, closed, radius, end), strict=True)]
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


def _in_closed_form(b: Backend, closed: Closed, radius: Number, angle: Number) -> list[Number]:
    powers, _, log_error = closed
    totals = powers.arcs(radius, angle)
    if log_error is None:
        return totals
    error = b.exp(b.number(log_error))
    g = powers.ceiling(radius) + error
    length = b.pi * radius * error
    bounds = [length, length * radius**2, 2 * length * g, 2 * length * g * radius, 3 * length * g**2]
    return [b.widen(x, bound) for x, bound in zip(totals, bounds, strict=True)]


def gauss(b: Backend) -> list[tuple[Number, Number]]:
    """Nodes and weights for a panel."""
    return b.legendre(_order(b))


def gauss_bound(b: Backend) -> Number:
    """Their error on [-1, 1], of a function at most 1 on the ellipse."""
    return b.number(64.0 / 15.0 / (1.0 - _ELLIPSE**-2)) * b.number(_ELLIPSE) ** (-2 * _order(b))


def _order(b: Backend) -> int:
    return 6 * math.ceil((b.digits + 6) * LN10 / (2.0 * math.log(_ELLIPSE)) / 6.0)


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
        gw, g2w = g * w, g * g * w
        terms = (gw, gw * w * w, g2w, g2w * w, g2w * g)
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
        bounds = (factor, factor * size**2, factor * g, factor * g * size, factor * g * g)
        parts = [b.widen(p, bound) for p, bound in zip(parts, bounds, strict=True)]
    return [t + p for t, p in zip(totals, parts, strict=True)]
