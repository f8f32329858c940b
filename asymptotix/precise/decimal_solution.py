"""The answer in many digits."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import mpmath
from mpmath import MPContext

from asymptotix.problem import Problem
from asymptotix.status import Status
from asymptotix.tables import Tabular


@dataclass(frozen=True)
class PreciseSolution(Tabular):
    """State evolution at one point, in decimal strings.

    Attributes:
        problem: the question.
        error: ``R = ||estimate - teacher||^2 / d``.
        excess_risk: ``error`` (diagonal) or ``2 error``.
        delta, eps: effective noise and threshold.
        degrees_of_freedom: ``s = d A``.
        residual: largest relative residual of the two equations, recomputed at the higher precision.
        digits: digits of ``error`` on which solves at two precisions agree; all that are printed.
        status: an outcome (`asymptotix.status.Status`).
        radius: proven bound of ``|error - exact|``; None unless certified.
        certificate: what is proven, and which step, if any, is only estimated.
        seconds: what it cost.
        engine: ``"flint"`` or ``"mpmath"``.
    """

    problem: Problem
    error: str = "nan"
    excess_risk: str = "nan"
    delta: str = "nan"
    eps: str = "nan"
    degrees_of_freedom: str = "nan"
    residual: str = "inf"
    digits: int = 0
    status: Status = Status.NOT_CONVERGED
    radius: str | None = None
    certificate: str = "none asked for"
    seconds: float = 0.0
    engine: str = "flint"

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the command line's JSON."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "problem"}

    @property
    def converged(self) -> bool:
        """Whether the numbers may be used."""
        return self.status is not Status.NOT_CONVERGED

    def mpf(self, name: str = "error") -> mpmath.mpf:
        """One of the numbers as an mpmath number, in a context of its own with all its digits.

        >>> from asymptotix.precise import solve
        >>> p = Problem("diagonal", gamma=1, d=100, n=150, lam=0, noise=2)
        >>> solve(p, digits=30).mpf() == 4
        True
        """
        context = MPContext()
        context.dps = max(self.digits, 15) + 10
        return context.mpf(getattr(self, name))
