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
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.points import Point
from asymptotix.checks.claim import NUMBERS, Family, Verdict
from asymptotix.checks.deepest_points import interiors, measurable
from asymptotix.networks import PAPER
from asymptotix.problem import Problem, problem_at
from asymptotix.state_evolution import solve

# From near the least, 1/2, to where few features matter, and 1, where powers meet logarithms.
GAMMAS = tuple(Fraction(x) for x in ("3/5", "3/4", "1", "5/4", "2", "3"))
# Powers of ten of the dimensions; fewer where the sizes would leave double precision.
LARGEST = 120.0
# How far constants of order one may enlarge a next order whose constant is not known.
FACTOR = 20.0
# The same for the square of a logarithmic one; 0.02 to 1.1 are seen.
SQUARES = 2.0
# By how many decades the next order is behind where its rate is measured.
_BEHIND = (4.0, 6.0)
_SMALLEST = 1e6  # below, orders after the next are seen
# The promised accuracy of a solve.
ACCURACY = 1e-9


@dataclass(frozen=True)
class Ray:
    """A ray of problems through one point of a phase, and the law that holds on it; ``name`` tells parts apart."""

    network: str
    phase: Phase
    point: Point
    name: str = ""

    @property
    def top(self) -> float:
        """``log10 d`` of the largest dimension at which every size is a double, squares of ``kappa/tau`` too."""
        p = self.point
        threshold = p.l + (1 + p.zeta - p.a) / 2  # of an estimator that is zero, in units of the noise
        widest = max(abs(p.a) + 1, abs(p.l), abs(p.zeta), 2 * threshold, Fraction(1))
        return min(LARGEST, 280.0 / float(widest))

    @property
    def next_order(self) -> float | None:
        """Exponent of ``d`` of the largest correction; None if there is none, 0 if it is logarithmic."""
        found = self.phase.corrections()
        return max(float(self.point.number(c.exponent)) for c in found) if found else None

    def sizes(self, d: float) -> dict[str, Any]:
        """What a law is evaluated at."""
        return self.phase.sizes(d)

    def law(self, d: float) -> float:
        """The law's error at dimension ``d``, with its next order where that is logarithmic."""
        return self.phase.law(**self.sizes(d), order=1 if self.next_order == 0 else 0)

    def problem(self, d: float) -> Problem:
        """The problem on the ray at dimension ``d``."""
        return problem_at(self.network, gamma=float(self.point.gamma), **self.sizes(d))

    def ratio(self, d: float) -> float:
        """Error of the state evolution over the law."""
        return solve(self.problem(d)).error / self.law(d)

    def tolerance(self, d: float) -> float:
        """Largest distance from 1 that the next order allows.

        A logarithmic one is included. Its square is not: of order ``(log x/x)^2``, ``x = c^2/2 = v log d`` for a
        share ``d^-v`` of the noise above the threshold ``c``.
        """
        order = self.next_order
        if order is None:
            return ACCURACY
        if order == 0:
            tail = self.phase.piece.solution.tail
            x = math.log(d) * float(self.point.number(tail) if tail is not None else 1)
            return SQUARES * (math.log(x) / x) ** 2
        return float(FACTOR * d**order + ACCURACY)


def rays(network: str, gamma: Fraction) -> list[Ray]:
    """One ray through each part of each phase that exists at ``gamma``."""
    return [
        Ray(network, here.phase, here.point, here.name)
        for here in interiors(network, gamma)
        if here.phase is not None
    ]


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
