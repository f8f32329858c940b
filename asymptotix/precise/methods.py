"""What differs between networks, as seen by `asymptotix.precise.solve`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

from asymptotix.errors import InvalidInput, NotConverged
from asymptotix.precise.backend import Backend, working
from asymptotix.precise.diagonal import DiagonalEquations, Search
from asymptotix.precise.equations import Constants, Equations, Vector, exact_samples
from asymptotix.precise.newton import newton
from asymptotix.precise.spectrum import spectrum
from asymptotix.problem import Problem
from asymptotix.validate import exact

# Digits of the search for a first solution; more where samples and dimension nearly agree.
_SEARCH = 22


@dataclass(frozen=True)
class Outcome:
    """An answer that needs no solving: its status and, where there is one, the exact ``tau^2`` and error."""

    status: str
    tau_squared: Fraction | None = None
    error: Fraction | None = None
    dof: Fraction | None = None

    def texts(self, problem: Problem, digits: int) -> dict[str, str]:
        """The answer's numbers in the user's units."""
        if self.error is None or self.tau_squared is None or self.dof is None:
            recovered = self.status == "perfect recovery"
            end = "0.0" if recovered else "inf"
            return {"error": end, "excess_risk": end, "delta": end, "eps": end if recovered else "nan"}
        with working("mpmath", digits + 5) as b:
            error = b.text(b.number(self.error), digits)
            delta = b.sqrt(b.number(self.tau_squared * problem.d))
            dof = b.text(b.number(self.dof), digits)
            return {
                "error": error,
                "excess_risk": error,
                "delta": b.text(delta, digits),
                "eps": "0.0",
                "degrees_of_freedom": dof,
            }


class Method(Protocol):
    """A network's way to its solution."""

    #: What keeps a certificate from being a proof; empty if nothing does.
    unproven: str

    def start(self, problem: Problem, near: Any) -> Vector | Outcome:
        """A first solution to a few digits."""

    def equations(self, b: Backend, problem: Problem) -> Equations:
        """The problem in one arithmetic."""

    def extra_digits(self, problem: Problem, first: Vector) -> int:
        """Digits that cancel or are lost to large numbers on the way."""


class DiagonalMethod:
    """Unknowns ``log tau`` and ``log c``."""

    unproven = ""

    def equations(self, b: Backend, problem: Problem) -> Equations:
        return DiagonalEquations(b, spectrum(b, problem), Constants.of(b, problem))

    def start(self, problem: Problem, near: Any) -> Vector | Outcome:
        closed = _least_squares(problem)
        if closed is not None:
            return closed
        if near is not None and math.isfinite(near.log_delta) and math.isfinite(near.log_eps):
            found = self._from(problem, near)
            if found is not None:
                return found
        return self._search(problem)

    def _from(self, problem: Problem, near: Any) -> Vector | None:
        with working("flint", _search_digits(problem)) as b:
            log_tau = near.log_delta - 0.5 * math.log(problem.d)
            guess = (b.number(log_tau), b.number(near.log_eps - near.log_delta))
            try:
                return _plain(b, newton(self.equations(b, problem), guess, 10)[0])
            except NotConverged:
                return None

    def _search(self, problem: Problem) -> Vector | Outcome:
        with working("flint", _search_digits(problem)) as b:
            equations = DiagonalEquations(b, spectrum(b, problem), Constants.of(b, problem))
            search = Search(equations)
            found = search.run()
            return Outcome(search.status) if found is None else _plain(b, found)

    def extra_digits(self, problem: Problem, first: Vector) -> int:
        return max(0, math.ceil(min(float(first[1]) / math.log(10.0), 200.0)))


def _plain(b: Backend, unknowns: Vector) -> Vector:
    """Unknowns as decimal strings, free of any backend."""
    return b.text(unknowns[0], b.digits), b.text(unknowns[1], b.digits)


def _search_digits(problem: Problem) -> int:
    gap = abs(exact_samples(problem) - problem.d) / problem.d
    return _SEARCH + (0 if gap == 0 else max(0, math.ceil(-_log10(gap))))


def _log10(x: Fraction) -> float:
    return math.log10(x.numerator) - math.log10(x.denominator)


def _least_squares(problem: Problem) -> Outcome | None:
    """``lam = 0`` and ``n >= d``: ordinary least squares, ``tau^2 = Delta / (n - d)``, error ``d tau^2``."""
    n, d = exact_samples(problem), problem.d
    noise = exact("noise", problem.noise, "")
    if problem.lam != 0 or n < d:
        return None
    if noise == 0:
        return Outcome("perfect recovery")
    if n == d:
        return Outcome("infinite risk")
    tau_squared = noise / (n - d)
    return Outcome("ridgeless", tau_squared, d * tau_squared, Fraction(d))


def method(problem: Problem) -> Method:
    """The way to solve a network.

    Raises:
        InvalidInput: a network that has none.
    """
    if problem.network == "diagonal":
        return DiagonalMethod()
    raise InvalidInput("network", problem.network, "diagonal")
