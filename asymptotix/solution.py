"""The answer to a `Problem`: numbers with their certificate, and one named outcome."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from asymptotix.problem import Problem
from asymptotix.tables import Tabular

#: Named outcomes of a solve, and what each means.
OUTCOMES = {
    "converged": "both equations are solved",
    "ridgeless": "lam = 0, taken as the limit lam -> 0+; both equations are solved",
    "zero estimator": "the threshold exceeds everything: nothing is learned",
    "below one sample": "n < 1; both equations are solved",
    "perfect recovery": "no noise, lam -> 0+ and enough samples: the error is exactly 0",
    "infinite risk": "as many samples as unknowns, noise, and lam -> 0+: the error diverges",
    "not converged": "no root could be certified; the numbers are not to be used",
}


@dataclass(frozen=True)
class Solution(Tabular):
    """State evolution at one point.

    Attributes:
        problem: the question.
        error: ``R = ||estimate - teacher||^2 / d``.
        log_delta, log_eps: logarithms of the effective noise and of the threshold (``-inf`` for 0).
        degrees_of_freedom: ``s = d A``; the expected size of the support (diagonal).
        residual: largest relative residual of the two equations, recomputed at the returned numbers.
        digits: decimal digits of ``error`` that are good, from the residual and the equations' Jacobian.
        status: one of `OUTCOMES`.

    Every further number of the result is a property; `to_dict` has them all, under the names of the
    command line.
    """

    keys: ClassVar[tuple[str, ...]] = (
        "error",
        "excess_risk",
        "delta",
        "eps",
        "n_eff",
        "degrees_of_freedom",
        "dof_ratio",
        "train_loss",
        "residual",
        "digits",
        "status",
    )

    problem: Problem
    error: float = math.nan
    log_delta: float = math.nan
    log_eps: float = math.nan
    degrees_of_freedom: float = math.nan
    dof_ratio: float = math.nan
    train_loss: float = math.nan
    residual: float = math.inf
    digits: int = 0
    status: str = "not converged"

    @property
    def converged(self) -> bool:
        """Whether the numbers may be used."""
        return self.status != "not converged"

    @property
    def excess_risk(self) -> float:
        """``error`` (diagonal) or ``2 error`` (quadratic networks, as ``Tr S(xx'-I)`` has variance 2)."""
        return self.problem.net.excess_factor * self.error

    @property
    def delta(self) -> float:
        """Effective noise."""
        return math.exp(self.log_delta) if self.log_delta < 709 else math.inf

    @property
    def eps(self) -> float:
        """Threshold."""
        return math.exp(self.log_eps) if self.log_eps < 709 else math.inf

    @property
    def n_eff(self) -> float:
        """Effective sample size."""
        return self.problem.n_eff
