"""Five integrals along an arc of the upper half-plane, from a point to the negative real axis.

    Im int_w^{negative axis} f(w') dw',   f = G, w^2 G, G^2, w G^2, G^3   along |w'| = |w|

On the negative axis, where there is no coefficient, ``G`` is real: these are all that a thresholded spectrum
needs (`asymptotix.precise.spectral`). Gauss-Legendre panels, halved towards the start as its distance
from the nearest coefficient asks for. With all coefficients at hand, each panel's error is bounded by the
largest ``|f|`` on an ellipse around it, from the coefficients' distances.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.euler import LN10
from asymptotix.precise.resolvent import AllTerms, Resolvent

# Bernstein ellipse whose foci are a panel's ends.
_ELLIPSE = 4.0
# Panels are this fraction of their start's distance from singularities, and no wider than this angle: then the
# ellipse keeps clear of them.
_FRACTION = 0.7
_WIDEST = 0.5
# Where no coefficient can be told apart the continuum's series is analytic all around: wide panels.
SMOOTH = 4.0
_WIDE = 1.6


@dataclass(frozen=True)
class ArcIntegrals:
    """Imaginary parts of the integrals of ``G, w^2 G, G^2, w G^2, G^3``."""

    g: Number
    wwg: Number
    gg: Number
    wgg: Number
    ggg: Number


def integrate(resolvent: Resolvent, radius: Number, angle: Number, clearance: float) -> ArcIntegrals:
    """Integrate from ``radius e^(i angle)`` to the negative axis.

    Args:
        clearance: distance of the start from the nearest singularity, in units of ``radius``.
    """
    b = resolvent.b
    totals = [b.number(0)] * 5
    if not b.midpoint(angle) < b.midpoint(b.pi):
        return ArcIntegrals(*totals)
    closed = resolvent.closed(radius)
    if closed is not None:
        return ArcIntegrals(*closed.arcs(radius, angle))
    start = b.midpoint(angle)
    low = angle
    while b.midpoint(low) < b.midpoint(b.pi):
        passed = b.double(low - start)
        high = b.midpoint(low) + b.number(
            min(_FRACTION * max(clearance, passed), _WIDE if clearance >= SMOOTH else _WIDEST)
        )
        last = not b.midpoint(high) < b.midpoint(b.pi) - b.number(0.01)
        totals = _panel(resolvent, radius, low, b.pi if last else high, totals)
        if last:
            break
        low = high
    return ArcIntegrals(*totals)


def _panel(
    resolvent: Resolvent, radius: Number, low: Number, high: Number, totals: list[Number]
) -> list[Number]:
    b = resolvent.b
    middle, half = (low + high) / 2, (high - low) / 2
    order = 6 * math.ceil((b.digits + 6) * LN10 / (2.0 * math.log(_ELLIPSE)) / 6.0)
    sums = [b.number(0)] * 5
    for x, weight in b.legendre(order):
        angle = middle + half * x
        w = radius * b.cexp(b.complex(0, 1) * angle)
        g = resolvent.value(w)
        # dw = i w d angle, so Im f dw = Re (f w) d angle
        gw, g2w = g * w, g * g * w
        terms = (gw, gw * w * w, g2w, g2w * w, g2w * g)
        sums = [s + weight * b.real(t) for s, t in zip(sums, terms, strict=True)]
    parts = [half * s for s in sums]
    if isinstance(resolvent, AllTerms):
        bounds = _bounds(b, resolvent, radius, middle, half)
        factor = half * b.number(64.0 / 15.0 / (1.0 - _ELLIPSE**-2)) * b.number(_ELLIPSE) ** (-2 * order)
        parts = [b.widen(p, factor * m) for p, m in zip(parts, bounds, strict=True)]
    return [t + p for t, p in zip(totals, parts, strict=True)]


def _bounds(b: Backend, resolvent: AllTerms, radius: Number, middle: Number, half: Number) -> list[Number]:
    """Largest ``|f w|`` on the ellipse, which lies within ``e`` of the panel's middle."""
    centre = radius * b.cexp(b.complex(0, 1) * b.midpoint(middle))
    reach = radius * (b.exp(abs(half) * b.number(0.5 * (_ELLIPSE + 1.0 / _ELLIPSE) + 0.001)) - 1)
    size = radius + reach
    g = resolvent.zeros / _positive(b, abs(centre) - reach) if resolvent.zeros else b.number(0)
    for a in resolvent.atoms:
        g += 1 / _positive(b, abs(centre - a) - reach)
    gw, g2w = g * size, g * g * size
    return [gw, gw * size**2, g2w, g2w * size, g2w * g]


def _positive(b: Backend, x: Number) -> Number:
    """A distance; one that may vanish makes the bound infinite, never wrong."""
    return x if x > 0 else b.number(0)
