"""The diagonal network's two equations, in the unknowns ``log tau`` and ``log c`` (``c = kappa / tau``)."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from asymptotix.errors import NotConverged
from asymptotix.precise.backend import Backend, Number, working
from asymptotix.precise.closed_forms import ClosedForm, least_squares
from asymptotix.precise.equation_pair import (
    Constants,
    Method,
    Start,
    State,
    Vector,
    balance,
    exact_constants,
    log10,
)
from asymptotix.precise.euler import LN10
from asymptotix.precise.nested_search import searched
from asymptotix.precise.newton import newton
from asymptotix.precise.soft_threshold import Six
from asymptotix.precise.spectrum import Spectrum, spectrum
from asymptotix.precise.sums import sums
from asymptotix.problem import Problem

if TYPE_CHECKING:
    from typing import Self  # from Python 3.11 on

# Digits of the search for a first solution; more where samples and dimension nearly agree.
_SEARCH = 22
# Most digits that a large threshold takes: beyond, no noise is learned.
_MOST = 200.0


@dataclass(frozen=True)
class ScalarEquations:
    """One problem of a diagonal network, or of a relative, in one arithmetic."""

    b: Backend
    problem: Problem
    spectrum: Spectrum
    constants: Constants
    #: Every sum is enclosed.
    estimated: ClassVar[str] = ""

    @classmethod
    def of(cls, b: Backend, problem: Problem, start: Start | None = None) -> Self:
        """The equations, wherever their solution lies."""
        return cls(b, problem, spectrum(b, problem), Constants.of(b, problem))

    def state(self, unknowns: Vector) -> State:
        tau, c = self.b.exp(unknowns[0]), self.b.exp(unknowns[1])
        rho, dof, rho_c, dof_c, rho_a, dof_a = self.sums(tau, c)
        one, zero = c / c, 0 * c
        slopes = ((-rho_a, c * rho_c), (-dof_a, c * dof_c), (one, zero), (one, one))
        return balance(self.b, self.constants, tau, c * tau, (rho, dof), slopes)

    def sums(self, tau: Number, c: Number) -> Six:
        """``rho`` and ``s``, their derivatives by ``c``, and minus those by ``log tau``."""
        return sums(self.b, self.spectrum, tau, c)

    def caveat(self, state: State) -> str:
        return "; that the equations have no other root is a theorem"


def start(problem: Problem, near: Any) -> Start | ClosedForm:
    """Least squares, or a first solution, from doubles or from nothing."""
    return first_solution(problem, near, ScalarEquations.of)


def first_solution(
    problem: Problem,
    near: Any,
    make: Callable[[Backend, Problem], Any],
    closed: bool = True,
    place: tuple[float, float] | None = None,
) -> Start | ClosedForm:
    """The same for any equations in two such unknowns.

    ``closed``: least squares solve them where they can. ``place``: the unknowns in doubles, where they are others.
    """
    answer = least_squares(problem) if closed else None
    if answer is not None:
        return answer
    with working("flint", _SEARCH + max(0, math.ceil(_closeness(problem)))) as b:
        here = make(b, problem)
        if near is not None and math.isfinite(near.log_delta) and math.isfinite(near.log_eps):
            place = near.log_delta - 0.5 * math.log(problem.d), near.log_eps - near.log_delta
        if place is not None:
            with suppress(NotConverged):
                return _settled(here, problem, *place)
        return searched(
            b,
            here.constants,
            problem.d,
            lambda x, y: here.state((b.number(x), b.number(y))),
            lambda x, y: _settled(here, problem, x, y),
        )


#: The diagonal network; a solve of 50 digits takes a third of a second.
DIAGONAL = Method(start, ScalarEquations.of, lambda problem, digits: 0.35 * (digits / 62.0) ** 1.9)


def _settled(equations: Any, problem: Problem, log_tau: float, log_c: float) -> Start:
    b = equations.b
    unknowns, _, _ = newton(equations, (b.number(log_tau), b.number(log_c)), 10)
    digits = b.double(unknowns[1]) / LN10
    # near n = d what counts is by how little a small threshold lowers the degrees of freedom
    lost = min(digits, _MOST) if digits >= 0 else min(-digits, _closeness(problem))
    return Start.at(b, unknowns, max(0, math.ceil(lost)))


def _closeness(problem: Problem) -> float:
    """Digits on which samples and degrees of freedom agree near ``n = d``: those of the gap, or of the threshold."""
    nu, noise, penalty_squared = exact_constants(problem)
    gap = abs(nu - problem.d) / problem.d
    digits = [-log10(gap)] if gap > 0 else []
    if penalty_squared > 0:
        digits.append(0.5 * (log10(nu * (noise + 1)) - log10(penalty_squared)))
    return min(digits, default=0.0)
