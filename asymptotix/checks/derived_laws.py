"""Claims about the laws: each derived phase against the state evolution at dimensions no computer can simulate.

For every part of every phase of every network one point is chosen deep inside (`asymptotix.checks.deepest_points`).
Along the ray through it, ``n_eff = d^a``, ``lam = d^l``, ``Delta = d^-zeta``,

* the error divided by the law tends to 1, no further off than the next order allows;
* the distance from 1 shrinks at the rate of the next order;
* the local slope is the exponent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from asymptotix.checks.claim import NUMBERS, Family, Verdict
from asymptotix.checks.deepest_points import measurable, rays
from asymptotix.checks.ray import ACCURACY, Ray
from asymptotix.networks import PAPER

# From near the least, 1/2, to where few features matter, and 1, where powers meet logarithms.
GAMMAS = tuple(Fraction(x) for x in ("3/5", "3/4", "1", "5/4", "2", "3"))
# By how many decades the next order is behind where its rate is measured.
_BEHIND = (4.0, 6.0)
_SMALLEST = 1e6  # below, orders after the next are seen


def laws(full: bool) -> Iterator[Verdict]:
    """Value, rate and slope of every phase of every network."""
    for network in measurable() if full else PAPER:
        for gamma in GAMMAS if full else (Fraction(5, 4),):
            for ray in rays(network, gamma):
                yield from beside(ray, f"{network}/{gamma}/{ray.name}")


def beside(ray: Ray, name: str) -> Iterator[Verdict]:
    """The law at the largest dimension, and the rate at which it is approached."""
    p, d, order = ray.point, 10.0**ray.top, ray.next_order
    source = "no correction: accuracy of the solve" if order is None else f"next order {ray.phase.next_order}"
    if order == 0:
        source = f"square of the {source}, which is included"
    where = f"n_eff = d^({p.a}), lam = d^({p.l}), Delta = d^({-p.zeta}), gamma = {p.gamma}"
    claim = f"error over law at d = 1e{ray.top:.0f}, {where}"
    yield Verdict(f"law/{name}", claim, NUMBERS, 1.0, ray.ratio(d), ray.tolerance(d), source)
    if order is not None and order < 0:
        yield from _rate(ray, name, order)


def _rate(ray: Ray, name: str, order: float) -> Iterator[Verdict]:
    """The rate at which the error approaches its law, where it is neither far from it nor lost in rounding."""
    d, e = (10.0 ** min(ray.top, decades / -order) for decades in _BEHIND)
    x, y = (abs(ray.ratio(size) - 1.0) for size in (d, e))
    if d < _SMALLEST or d == e or min(x, y) < 100 * ACCURACY or max(x, y) > 0.1:
        return
    decades = math.log(e / d)
    claim = f"exponent of (error / law - 1) between d = {d:.0e} and {e:.0e}"
    allowed = 0.1 * abs(order) + math.log(3.0) / decades
    source = "10 % and a factor of 3 for the orders after the next"
    yield Verdict(f"rate/{name}", claim, NUMBERS, order, math.log(y / x) / decades, allowed, source)


FAMILIES = (Family("law", laws, seconds=70.0),)
