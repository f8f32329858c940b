"""A ray of problems through one point of a phase, and the law that holds on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.points import Point
from asymptotix.networks import get
from asymptotix.problem import Problem, problem_at
from asymptotix.state_evolution import solve

# Powers of ten of the dimensions; fewer where the sizes would leave double precision.
LARGEST = 120.0
# How far constants of order one may enlarge a next order whose constant is not known.
FACTOR = 20.0
# The same for the square of a logarithmic one; 0.02 to 1.1 are seen.
SQUARES = 2.0
# The promised accuracy of a solve.
ACCURACY = 1e-9


@dataclass(frozen=True)
class Ray:
    """Problems of sizes that are powers of ``d``, those of the point of a phase (as `PhaseDiagram.at` gives it).

    Attributes:
        name: tells parts of a phase apart: its label, numbered from the second part on (``"V.2"``).
    """

    phase: Phase
    name: str = ""

    @property
    def network(self) -> str:
        """Whose phase it is."""
        return self.phase.network

    @property
    def point(self) -> Point:
        """The exact point."""
        assert self.phase.point is not None
        return self.phase.point

    @property
    def top(self) -> float:
        """``log10 d`` of the largest dimension at which every size is a double, squares of ``kappa/tau`` too."""
        p = self.point
        threshold = p.l + (1 + p.zeta - p.a) / 2  # of an estimator that is zero, in units of the noise
        widest = max(abs(p.a) + 1, abs(p.l), abs(p.zeta), 2 * threshold, Fraction(1))
        return min(LARGEST, 280.0 / float(widest))

    @property
    def step(self) -> int:
        """Least ``k`` for which ``d = 10^k`` makes every size a power of ten."""
        p = self.point
        return math.lcm(p.a.denominator, p.l.denominator, p.zeta.denominator)

    @property
    def next_order(self) -> float | None:
        """Exponent of ``d`` of the largest correction; None if there is none, 0 if it is logarithmic."""
        found = self.phase.corrections()
        return max(float(self.point.number(c.exponent)) for c in found) if found else None

    def law(self, d: float) -> float:
        """The law's error at dimension ``d``, with its next order where that is logarithmic."""
        return self.phase.law(**self.phase.sizes(d), order=1 if self.next_order == 0 else 0)

    def problem(self, d: float) -> Problem:
        """The problem on the ray at dimension ``d``."""
        return problem_at(self.network, gamma=float(self.point.gamma), **self.phase.sizes(d))

    def exact_problem(self, size: int) -> Problem:
        """The problem at ``d = 10^size``, in exact numbers."""
        p = self.point
        sizes: dict[str, Any] = {
            "gamma": p.gamma,
            "n": _ten_to((p.a + get(self.network).geometry.value) * size),
            "lam": _ten_to(p.l * size),
            "noise": _ten_to(-p.zeta * size),
        }
        return Problem(self.network, d=10**size, **sizes)

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

    def __str__(self) -> str:
        p = self.point
        noise = "" if p.zeta == 0 else f", noise = d^({-p.zeta})"
        return f"n_eff = d^({p.a}), lam = d^({p.l}){noise}"


def _ten_to(power: Fraction) -> Fraction:
    if power.denominator != 1:
        raise AssertionError(f"10^{power} is not exact: choose another d")
    return Fraction(10) ** int(power)
