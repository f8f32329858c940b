"""A root of an increasing function of one variable, safely: values may be ``-inf``, brackets may be wide."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

Function = Callable[[float], float]

# Steps towards a first root, other than those that pass none; two roots as close as the shortest may be missed. The
# longest grows while values end where the last slope leads, to a share of them: by a factor that makes it a quarter of
# how far that was so.
_STRIDE, _SHORTEST = 1.0, 0.01
_FORESEEN, _GROWTH = 0.02, 1.25
# The longest of those that pass none: values may be infinite.
_LEAP = 50.0
# Of a search within a bracket: some ten are usual, bisection takes a hundred.
_STEPS = 200
# Secants are followed a little beyond where they end, so that roots end up between two points.
_BEYOND = 1.02


@dataclass(frozen=True)
class Bracket:
    """Two points with ``f(a) <= 0 <= f(b)``, and the values there."""

    a: float
    b: float
    fa: float
    fb: float


def bracket(f: Function, start: float, step: float, low: float, high: float) -> Bracket | None:
    """Walk from ``start`` in growing steps until an increasing ``f`` changes sign.

    The first step is ``step``, or ``|f|`` where that is smaller (the functions here have slopes near one).
    Returns None when a bound is reached first.

    >>> bracket(lambda x: x - 5.0, 0.0, 1.0, -100.0, 100.0)
    Bracket(a=1.0, b=5.0, fa=-4.0, fb=0.0)
    """
    here = min(max(start, low), high)
    value = f(here)
    direction = 1.0 if value < 0 else -1.0
    step = min(step, 1.2 * abs(value) + 1e-12 * max(1.0, abs(here)))
    while True:
        there = min(max(here + direction * step, low), high)
        if there == here:
            return None
        next_value = f(there)
        if next_value * direction >= 0:
            ends = (here, there, value, next_value)
            return Bracket(*ends) if direction > 0 else Bracket(there, here, next_value, value)
        here, value, step = there, next_value, 4.0 * step


def first_crossing(f: Function, start: float, low: float, high: float) -> Bracket | None:
    """Go from ``start`` the way an increasing ``f`` would change sign, to where it first does; None if it does not.

    For logarithms of ``nu tau^2 / (noise + R)``: where ``R`` increases their slope is 2 at most, so that steps of
    ``|f|/2`` (the state evolution itself) pass no root; secants speed them up, within a stride.

    >>> def f(x):
    ...     return (x - 1.0) * (x - 1.5) * (x - 9.0) / 20.0
    >>> first_crossing(f, 0.0, 0.0, 100.0).b < 1.5, first_crossing(f, 12.0, 0.0, 100.0).a > 1.5
    (True, True)
    """
    here = min(max(start, low), high)
    value, slope = f(here), math.nan
    up = 1.0 if value < 0 else -1.0
    step, stride = _STRIDE / 4.0, _STRIDE
    while True:
        step = max(min(0.5 * abs(value), _LEAP), min(step, stride), _SHORTEST)
        there = min(max(here + up * step, low), high)
        if there == here:
            return None
        next_value = f(there)
        if next_value * up >= 0:
            ends = (here, there, value, next_value)
            return Bracket(*ends) if up > 0 else Bracket(there, here, next_value, value)
        move, change = there - here, next_value - value
        foreseen = abs(change - slope * move) <= _FORESEEN * abs(value)
        stride = _GROWTH * stride if foreseen else _STRIDE
        slope = change / move
        here, value, step = there, next_value, _BEYOND * abs(next_value) / slope if slope > 0 else stride


def increasing_root(f: Function, ends: Bracket, *, tolerance: float = 1e-15, width: float = 0.0) -> float:
    """The root of an increasing ``f`` within a bracket by Chandrupatla's method.

    Inverse quadratic interpolation where three points allow it, bisection otherwise (in particular while an
    end has an infinite value). Stops when ``|f| <= tolerance``, or when the bracket is no wider than ``width``
    or cannot be halved.

    >>> def f(x):
    ...     return x**3 - 2.0
    >>> round(increasing_root(f, bracket(f, 0.0, 1.0, -10.0, 10.0)), 14)
    1.25992104989487
    """
    a, b, fa, fb = ends.a, ends.b, ends.fa, ends.fb
    if abs(fa) <= tolerance or abs(fb) <= tolerance:
        return a if abs(fa) < abs(fb) else b
    t = fa / (fa - fb) if math.isfinite(fa) and math.isfinite(fb) else 0.5
    best = a
    for _ in range(_STEPS):
        x = a + t * (b - a)
        fx = f(x)
        if (fx > 0) == (fa > 0):
            c, fc = a, fa
        else:
            c, b, fc, fb = b, a, fb, fa
        a, fa = x, fx
        best, value = (a, fa) if abs(fa) < abs(fb) else (b, fb)
        resolution = 2.0**-52 * max(abs(best), 1e-300)
        if abs(value) <= tolerance or abs(b - a) <= max(width, 2.0 * resolution):
            return best
        t = _fraction(a, b, c, fa, fb, fc)
        smallest = resolution / abs(b - a)
        t = min(max(t, smallest), 1.0 - smallest)
    return best


def _fraction(a: float, b: float, c: float, fa: float, fb: float, fc: float) -> float:
    """Where between ``a`` and ``b`` to look next."""
    if not (math.isfinite(fa) and math.isfinite(fb)):
        return 0.5
    if math.isfinite(fc) and fb != fc and fa != fc:
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        if phi**2 < xi and (1.0 - phi) ** 2 < 1.0 - xi:
            inverse = fa / (fb - fa) * fc / (fb - fc)
            return inverse + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
    return 0.5
