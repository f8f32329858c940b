"""Points ``w`` with ``z(w) = w + t G(w) = x``: where on the support curve a threshold ``x`` lies ([BI]).

In general by Newton's method from noise alone. To the left of a non-negative spectrum there is one edge only, the
largest ``z(u)`` below all coefficients (at ``u < 0``, or between 0 and the least coefficient where that stands out of
the noise); the point is sought from there, and enclosed by an interval Newton step:
if ``N = m - F(m) / F'(W)`` lies in the interior of ``W``, then ``W`` holds one root, and it is in ``N``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.resolvent import Resolvent

_STEPS = 400
_ATTEMPTS = 6
_GROWTH = 64


@dataclass(frozen=True)
class Left:
    """Where a threshold at the left is: a point of the support curve, or None below the spectrum's left edge."""

    w: Number | None
    proven: bool


def left(b: Backend, resolvent: Resolvent, t: Number, x: Number) -> Left:
    """The point for a threshold ``x < 0``.

    Raises:
        NotConverged: none was found.
    """
    half = b.complex(x / 2, 0)
    if b.real(half + t * resolvent.value(half)) > x:  # one z(u) above x is enough to know
        return Left(None, True)
    so_far = resolvent.proven
    u = _edge(b, resolvent, b.midpoint(t))
    resolvent.proven = so_far  # how the edge was found is no part of a proof
    lowest = b.complex(u, 0)
    depth = x - b.real(lowest + t * resolvent.value(lowest))
    if depth < 0:
        return Left(None, True)
    # close to the edge z is a parabola: of noise alone, z'' = -2 / tau
    tau = b.midpoint(b.sqrt(t * resolvent.spectrum.d))
    near = b.complex(u, b.sqrt(b.midpoint(depth) * tau)) if 5 * depth < tau else None
    w = locate(b, resolvent, t, x, near)
    if b.midpoint(b.imag(w)) == 0:
        return Left(None, False)
    box = _enclosed(b, resolvent, t, x, w)
    return Left(w, False) if box is None else Left(box, True)


def _edge(b: Backend, resolvent: Resolvent, t: Number) -> Number:
    """``u`` below all coefficients with ``z'(u) = 0``."""

    def excess(u: Number) -> Number:
        """``log t sum 1/(a - u)^2``, rising."""
        return b.midpoint(b.log(-t * b.real(resolvent.slope(b.complex(u, 0)))))

    u = _edge_below_zero(b, resolvent, t, excess)
    return u if u is not None else _edge_above_zero(b, resolvent, t, excess)


def _edge_below_zero(
    b: Backend, resolvent: Resolvent, t: Number, excess: Callable[[Number], Number]
) -> Number | None:
    """By secants in ``log |u|``; None where ``z' > 0`` up to 0."""
    log_tau = 0.5 * (b.magnitude(t) + math.log(resolvent.spectrum.d))
    high = b.number(log_tau)
    f_high = excess(-b.exp(high))
    low, f_low = high, f_high
    while f_low < 0:
        low = low - 2
        if b.double(low) < log_tau - 4.0 * math.log(resolvent.spectrum.d) - 60.0:
            return None
        f_low = excess(-b.exp(low))
    for _ in range(60):
        if not b.double(abs(high - low)) > 10.0 ** (-0.5 * b.digits):
            break
        here = b.midpoint(low + f_low * (high - low) / (f_low - f_high)) if f_low > f_high else low
        value = excess(-b.exp(here))
        if abs(value) < b.number(10.0) ** -(b.digits // 2):
            return -b.exp(here)
        # secant steps; both ends move towards the root of a convex function
        low, f_low, high, f_high = high, f_high, here, value
    return -b.exp(b.midpoint(high))


def _edge_above_zero(
    b: Backend, resolvent: Resolvent, t: Number, excess: Callable[[Number], Number]
) -> Number:
    """By halving: where ``z'(0) > 0``, its zero is at least ``sqrt(t)`` below the least coefficient."""
    low, high = b.number(0), b.midpoint(resolvent.spectrum.value(b.number(resolvent.spectrum.d)) - b.sqrt(t))
    for _ in range(math.ceil(0.5 * b.digits * math.log2(10.0))):
        middle = b.midpoint((low + high) / 2)
        if excess(middle) < 0:
            low = middle
        else:
            high = middle
    return low


def _enclosed(b: Backend, resolvent: Resolvent, t: Number, x: Number, w: Number) -> Number | None:
    """A box with one root of ``z(w) = x``, for all ``t`` and ``x`` of two balls; the point itself without balls."""
    if b.name != "flint":
        return w
    middle = b.cmid(w)
    residual = middle + t * resolvent.value(middle) - x
    step = residual / (1 + t * resolvent.slope(middle))
    margin = b.magnitude(abs(b.cmid(step)) + b.radius(b.real(step)) + b.radius(b.imag(step))) + 1.0
    for _ in range(_ATTEMPTS):
        box = b.cwiden(middle, margin)
        inner = middle - residual / (1 + t * resolvent.slope(box))
        if box.contains_interior(inner):
            return inner
        margin += math.log(_GROWTH)
    return None


def locate(b: Backend, resolvent: Resolvent, t: Number, x: Number, near: Number | None = None) -> Number:
    """The point ``w`` of the closed upper half-plane with ``z(w) = x``; real where ``x`` is in a gap.

    Raises:
        NotConverged: none was found.
    """
    d = resolvent.spectrum.d
    tau = b.sqrt(t * d)
    start = near if near is not None else _semicircle(b, tau, x)
    w = start
    for averaging in (0, 10, 40, _STEPS):
        for _ in range(averaging):
            w = (w + x - t * resolvent.value(w)) / 2
        found = _newton(b, resolvent, t, x, w)
        if found is not None:
            return found
        if averaging == 0:
            w = _semicircle(b, tau, x)
    raise NotConverged("no subordination point was found")


def _semicircle(b: Backend, tau: Number, x: Number) -> Number:
    """The solution for noise alone, a little above the axis."""
    c = b.double(x / tau)
    if abs(c) < 2.0:
        return tau * b.complex(b.number(0.5 * c), b.number((1.0 - 0.25 * c * c) ** 0.5 + 0.05))
    return x * b.complex(b.number(0.5 + 0.5 * (1.0 - 4.0 / c / c) ** 0.5), 0) + tau * b.complex(
        0, b.number(0.1)
    )


def _newton(b: Backend, resolvent: Resolvent, t: Number, x: Number, w: Number) -> Number | None:
    tiny = b.number(10) ** -(b.digits - 8)
    before = math.inf
    for _ in range(200):
        step = (w + t * resolvent.value(w) - x) / (1 + t * resolvent.slope(w))
        w = b.cmid(w - step)
        if b.midpoint(b.imag(w)) < 0:
            w = b.complex(b.real(w), -b.imag(w))
        size = b.double(abs(step) / abs(w))
        if not size < 1e6:
            return None
        if size < b.double(tiny) or (size < 1e-8 and not size < 0.3 * before):
            break  # at an edge, where z' = 0, half of the digits are as good as it gets
        before = size
    else:
        return None
    if b.imag(w) > abs(w) * b.number(10) ** -(b.digits // 2):
        return w
    real = b.complex(b.real(w), 0)
    return real if b.real(1 + t * resolvent.slope(real)) > 0 else None
