"""Answers that need no solving."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from asymptotix.precise.backend import working
from asymptotix.problem import Problem
from asymptotix.status import Status


@dataclass(frozen=True)
class Exact:
    """An answer in closed form: rational numbers."""

    tau_squared: Fraction
    kappa_squared: Fraction
    error: Fraction
    dof: Fraction


@dataclass(frozen=True)
class Outcome:
    """A status and, where the noise scale is finite, the answer."""

    status: Status
    exact: Exact | None = None
    #: Whether it is proven that the closed form holds.
    proven: bool = True

    def texts(self, problem: Problem, digits: int) -> dict[str, str]:
        """The answer's numbers in the user's units."""
        if self.exact is None:
            recovered = self.status is Status.PERFECT_RECOVERY
            end = "0.0" if recovered else "inf"
            return {"error": end, "excess_risk": end, "delta": end, "eps": end if recovered else "nan"}
        with working("mpmath", digits + 5) as b:
            factor = problem.net.excess_factor
            eps = b.sqrt(b.number(self.exact.kappa_squared * problem.d))
            return {
                "error": b.text(b.number(self.exact.error), digits),
                "excess_risk": b.text(b.number(factor * self.exact.error), digits),
                "delta": b.text(b.sqrt(b.number(self.exact.tau_squared * problem.d)), digits),
                "eps": b.text(eps, digits) if eps > 0 else "0.0",
                "degrees_of_freedom": b.text(b.number(self.exact.dof), digits),
            }
