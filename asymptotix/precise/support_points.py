"""Points ``w`` with ``z(w) = w + t G(w) = x``: where on the support curve a threshold ``x`` lies ([BI]).

In general by Newton's method from noise alone. To the left of a non-negative spectrum there is one edge only, the
largest ``z(u)`` below all coefficients (at ``u < 0``, or between 0 and the least coefficient where that stands out of
the noise); the point is sought from there, and enclosed by an interval Newton step:
if ``N = m - F(m) / F'(W)`` lies in the interior of ``W``, then ``W`` holds one root, and it is in ``N``.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.euler import LN10
from asymptotix.precise.nested_search import root
from asymptotix.precise.resolvent import BOTH, Resolvent

# Newton's steps from noise alone, each at most 0.7 of the height, down to an edge 1e-90 of it deep.
_STEPS = 400
# A box that holds no proof grows so much, and so often.
_GROWTH = 64
_ATTEMPTS = 6
# Of the logarithm of an edge, from where secants converge.
_COARSE = 1e-6
# Depth of a left threshold, in units of the noise, beyond which Newton's method needs no edge to start from.
_DEEP = 0.3
# Longest Newton step in units of the height, and the log of one that shows that the method has settled.
_TRUSTED = 0.7
_SETTLED = -10.0


def left(b: Backend, resolvent: Resolvent, t: Number, x: Number) -> tuple[Number | None, bool]:
    """The point for a threshold ``x < 0``, None below the spectrum's left edge, and whether that is proven.

    Raises:
        NotConverged: none was found.
    """
    half = b.complex(x / 2, 0)
    if b.real(half + t * resolvent.value(half)) > x:  # one z(u) above x is enough to know
        return None, True
    tau = b.midpoint(b.sqrt(t * resolvent.spectrum.d))
    near = resolvent.bare(t, x) if b.double(2 + x / tau) > _DEEP else None
    if near is None:
        so_far = resolvent.proven
        u = _edge(b, resolvent, b.midpoint(t))
        resolvent.proven = so_far  # how the edge was found is no part of a proof
        lowest = b.complex(u, 0)
        depth = x - b.real(lowest + t * resolvent.value(lowest))
        if not b.midpoint(depth) > 0:
            return None, bool(depth < 0)
        # close to the edge z is a parabola: of noise alone, z'' = -2 / tau
        near = b.complex(u, b.sqrt(b.midpoint(depth) * tau))
    try:
        w = _descend(b, resolvent, t, x, near)
    except NotConverged:
        w = locate(b, resolvent, t, x)
        if not b.midpoint(w.imag) > 0:
            return None, False
    box = _enclosed(b, resolvent, t, x, w)
    return (w, False) if box is None else (box, True)


def _descend(b: Backend, resolvent: Resolvent, t: Number, x: Number, w: Number) -> Number:
    """Newton's method for ``z(w) = x`` in units of the height: close to an edge that is small.

    Raises:
        NotConverged: the steps do not become small.
    """
    before = math.inf
    for _ in range(_STEPS):
        value, slope = resolvent.values(w, BOTH)
        step = (w + t * value - x) / (1 + t * slope)
        height = b.midpoint(w.imag)
        size = b.magnitude(abs(step)) - b.magnitude(height)
        if size > math.log(_TRUSTED):  # where z' is small, a step beyond the height leads nowhere
            step = step * b.exp(b.number(math.log(_TRUSTED) - size))
        w = b.midpoint(w - step)
        if size < -b.digits * LN10 or (size < _SETTLED and not size < before - 1.0):
            return w
        before = size
    raise NotConverged("no point of the left threshold was found")


def _edge(b: Backend, resolvent: Resolvent, t: Number) -> Number:
    """``u`` below all coefficients with ``z'(u) = 0``: below 0, or else above."""

    def spare(u: Number) -> Number:
        """``-log t sum 1/(a - u)^2``, falling."""
        return -b.midpoint(b.log(-t * b.real(resolvent.slope(b.complex(u, 0)))))

    def below_zero(log_u: Number) -> Number:
        return spare(-b.exp(log_u))

    log_tau = 0.5 * (b.magnitude(t) + math.log(resolvent.spectrum.d))
    coarse = root(lambda log_u: b.double(below_zero(b.number(log_u))), log_tau, 0.1, _COARSE)
    if coarse is None:
        return _edge_above_zero(b, resolvent, t, spare)
    last, here = b.number(coarse + _COARSE), b.number(coarse)
    value_last = below_zero(last)
    for _ in range(_STEPS):
        value = below_zero(here)
        if abs(value) < b.number(10) ** -(b.digits // 2 + 3) or value == value_last:
            break
        here, last, value_last = b.midpoint(here - value * (here - last) / (value - value_last)), here, value
    return -b.exp(here)


def _edge_above_zero(
    b: Backend, resolvent: Resolvent, t: Number, spare: Callable[[Number], Number]
) -> Number:
    """By halving: where ``z'(0) > 0``, its zero is at least ``sqrt(t)`` below the least coefficient."""
    low, high = b.number(0), b.midpoint(resolvent.spectrum.value(b.number(resolvent.spectrum.d)) - b.sqrt(t))
    for _ in range(math.ceil(0.5 * b.digits * math.log2(10.0))):
        middle = b.midpoint((low + high) / 2)
        low, high = (middle, high) if spare(middle) > 0 else (low, middle)
    return low


def _enclosed(b: Backend, resolvent: Resolvent, t: Number, x: Number, w: Number) -> Number | None:
    """A box with one root of ``z(w) = x``, for all ``t`` and ``x`` of two balls; the point itself without balls."""
    if b.name != "flint":
        return w
    middle = b.midpoint(w)
    residual = middle + t * resolvent.value(middle) - x
    step = residual / (1 + t * resolvent.slope(middle))
    margin = b.magnitude(abs(b.midpoint(step)) + b.radius(step.real) + b.radius(step.imag)) + 1.0
    for _ in range(_ATTEMPTS):
        box = b.cwiden(middle, margin)
        inner = middle - residual / (1 + t * resolvent.slope(box))
        if box.contains_interior(inner):
            return inner
        margin += math.log(_GROWTH)
    return None


def locate(b: Backend, resolvent: Resolvent, t: Number, x: Number) -> Number:
    """The point ``w`` of the closed upper half-plane of a threshold, ``z(w) = x``; real where ``x`` is in a gap.

    Raises:
        NotConverged: none was found.
    """
    x = resolvent.aim(x)
    w = resolvent.bare(t, x)
    for averaging in (0, 10, 40, _STEPS):
        w = resolvent.drawn(t, x, w, averaging)
        found = _newton(b, resolvent, t, x, w)
        if found is not None:
            return found
    raise NotConverged("no subordination point was found")


def _newton(b: Backend, resolvent: Resolvent, t: Number, x: Number, w: Number) -> Number | None:
    tiny = b.number(10) ** -(b.digits - 8)
    before = math.inf
    for _ in range(200):
        z, slope = resolvent.position(t, w)
        step = (z - x) / slope
        w = b.midpoint(w - step)
        if b.midpoint(w.imag) < 0:
            w = b.complex(w.real, -w.imag)
        size = b.double(abs(step) / abs(w))
        if not size < 1e6:
            return None
        if size < b.double(tiny) or (size < 1e-8 and not size < 0.3 * before):
            break  # at an edge, where z' = 0, half of the digits are as good as it gets
        before = size
    else:
        return None
    if w.imag > abs(w) * b.number(10) ** -(b.digits // 2):
        return w
    return b.complex(w.real, 0) if resolvent.openness(t, w.real) > 0 else None
