"""What differs between networks, as seen by `asymptotix.precise.solve`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, working
from asymptotix.precise.diagonal import DiagonalEquations, Search
from asymptotix.precise.equation_pair import (
    Constants,
    Equations,
    State,
    Vector,
    exact_constants,
    exact_samples,
    log10,
)
from asymptotix.precise.extremes import extreme
from asymptotix.precise.newton import newton
from asymptotix.precise.outcome import Exact, Outcome
from asymptotix.precise.quadratic import QuadraticEquations
from asymptotix.precise.quadratic_start import Plan, build, find
from asymptotix.precise.spectrum import spectrum
from asymptotix.problem import Problem
from asymptotix.status import Status
from asymptotix.validate import exact

# Digits of the search for a first solution; more where samples and dimension nearly agree.
_SEARCH = 22


@dataclass(frozen=True)
class Start:
    """A first solution to a few digits, as decimal strings, and which stretch of the line of thresholds it is on."""

    unknowns: tuple[str, str]
    plan: Any = None


class Method(Protocol):
    """A network's way to its solution."""

    def start(self, problem: Problem, near: Any) -> Start | Outcome:
        """A first solution to a few digits."""

    def equations(self, b: Backend, problem: Problem, plan: Any) -> Equations:
        """The problem in one arithmetic."""

    def extra_digits(self, problem: Problem, first: Start) -> int:
        """Digits that cancel or are lost to large numbers on the way."""

    def seconds(self, problem: Problem, digits: int) -> float:
        """About how long a solve takes with so many working digits."""

    def caveat(self, equations: Any, state: State) -> str:
        """What a proof of one solution rests on beside the enclosures, in words."""


class DiagonalMethod:
    """Unknowns ``log tau`` and ``log c``."""

    def seconds(self, problem: Problem, digits: int) -> float:
        return float(0.35 * (digits / 62.0) ** 1.9)

    def caveat(self, equations: DiagonalEquations, state: State) -> str:
        return "; that the equations have no other root is a theorem"

    def equations(self, b: Backend, problem: Problem, plan: Any = None) -> Equations:
        return DiagonalEquations(b, spectrum(b, problem), Constants.of(b, problem))

    def start(self, problem: Problem, near: Any) -> Start | Outcome:
        closed = _least_squares(problem)
        if closed is not None:
            return closed
        if near is not None and math.isfinite(near.log_delta) and math.isfinite(near.log_eps):
            found = self._from(problem, near)
            if found is not None:
                return found
        return self._search(problem)

    def _from(self, problem: Problem, near: Any) -> Start | None:
        with working("flint", _search_digits(problem)) as b:
            log_tau = near.log_delta - 0.5 * math.log(problem.d)
            guess = (b.number(log_tau), b.number(near.log_eps - near.log_delta))
            try:
                return _plain(b, newton(self.equations(b, problem), guess, 10)[0])
            except NotConverged:
                return None

    def _search(self, problem: Problem) -> Start | Outcome:
        with working("flint", _search_digits(problem)) as b:
            equations = DiagonalEquations(b, spectrum(b, problem), Constants.of(b, problem))
            found = Search(equations).run()
            return Outcome(found) if isinstance(found, Status) else _plain(b, found)

    def extra_digits(self, problem: Problem, first: Start) -> int:
        log_c = float(first.unknowns[1]) / math.log(10.0)
        # near n = d what counts is by how little a small threshold lowers the degrees of freedom
        peak = min(-log_c, _closeness(problem)) if log_c < 0 else 0.0
        return max(0, math.ceil(min(log_c, 200.0)), math.ceil(peak))


class QuadraticMethod:
    """One-sided and symmetric; unknowns as in `asymptotix.precise.quadratic`."""

    def seconds(self, problem: Problem, digits: int) -> float:
        return float(1.5 * ((digits + math.log10(problem.d)) / 122.0) ** 1.7)

    def caveat(self, equations: QuadraticEquations, state: State) -> str:
        alone = "; that the equations have no other root is observed, not proved"
        if equations.above is None:
            return alone
        if equations.in_gap(state):
            return f"; the threshold proven to be in the gap below {equations.above} coefficients{alone}"
        return f"{alone}; that the threshold lies in this gap of the spectrum is checked, not enclosed"

    def equations(self, b: Backend, problem: Problem, plan: Any) -> Equations:
        return build(b, problem, plan)

    def start(self, problem: Problem, near: Any) -> Start | Outcome:
        closed = extreme(problem)
        if closed is not None:
            return closed
        found = find(problem, near)
        return Outcome(found) if isinstance(found, Status) else Start(*found)

    def extra_digits(self, problem: Problem, first: Start) -> int:
        plan: Plan = first.plan
        return plan.extra


def _plain(b: Backend, unknowns: Vector, plan: Any = None) -> Start:
    """Unknowns as decimal strings, free of any backend."""
    return Start((b.text(unknowns[0], b.digits), b.text(unknowns[1], b.digits)), plan)


def _search_digits(problem: Problem) -> int:
    return _SEARCH + max(0, math.ceil(_closeness(problem)))


def _closeness(problem: Problem) -> float:
    """Digits on which samples and degrees of freedom agree near ``n = d``: those of the gap, or of the threshold."""
    nu, noise, penalty_squared = exact_constants(problem)
    gap = abs(nu - problem.d) / problem.d
    digits = [-log10(gap)] if gap > 0 else []
    if penalty_squared > 0:
        digits.append(0.5 * (log10(nu * (noise + 1)) - log10(penalty_squared)))
    return min(digits, default=0.0)


def _least_squares(problem: Problem) -> Outcome | None:
    """``lam = 0`` and ``n >= d``: ordinary least squares, ``tau^2 = Delta / (n - d)``, error ``d tau^2``."""
    n, d = exact_samples(problem), problem.d
    noise = exact("noise", problem.noise, "")
    if problem.lam != 0 or n < d:
        return None
    if noise == 0:
        return Outcome(Status.PERFECT_RECOVERY)
    if n == d:
        return Outcome(Status.INFINITE_RISK)
    tau_squared = noise / (n - d)
    return Outcome(Status.RIDGELESS, Exact(tau_squared, Fraction(0), d * tau_squared, Fraction(d)))


def method(problem: Problem) -> Method:
    """The way to solve a network."""
    made: Method = problem.net.supply("digits")()
    return made
