"""The answer to a `Problem`: numbers with their certificate, and one named outcome."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from asymptotix.problem import Problem
from asymptotix.status import Status
from asymptotix.tables import Tabular

if TYPE_CHECKING:
    from asymptotix.finite_size.band import Band


#: The numbers of a solution, as datasets describe them.
MEANINGS = {
    "error": "squared distance to the teacher, in its units (null estimator: 1)",
    "excess_risk": "error times the network's factor",
    "delta": "effective noise",
    "eps": "threshold",
    "log_delta": "natural logarithm of the effective noise",
    "log_eps": "natural logarithm of the threshold",
    "degrees_of_freedom": "effective number of learned parameters, d A",
    "train_loss": "mean squared training residual",
    "residual": "largest relative residual of the two equations, recomputed at the solution",
    "digits": "decimal digits of error that are good",
    "status": "named outcome",
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
        status: a `asymptotix.status.Status`.
        constraint: what limits the estimator where width may: ``"width"``, ``"threshold"`` or ``"both"``.

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
    status: Status = Status.NOT_CONVERGED
    constraint: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the command line's JSON; ``assumes`` where there is something to say."""
        said = {"constraint": self.constraint, "assumes": self.assumes}
        band = self.finite_size
        return {
            **super().to_dict(),
            "finite_size": [band.low, band.high],
            **{name: text for name, text in said.items() if text},
        }

    @property
    def assumes(self) -> str:
        """What the numbers rest on beyond a convex problem; a width that does not bind changes nothing."""
        return "" if self.constraint == "threshold" else self.problem.net.assumes

    @property
    def converged(self) -> bool:
        """Whether the numbers may be used."""
        return self.status is not Status.NOT_CONVERGED

    @property
    def finite_size(self) -> Band:
        """How far the error of a network of this very size may lie from `error`, relative to it."""
        from asymptotix.finite_size.band import Band

        return Band.about_solution(self)

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
