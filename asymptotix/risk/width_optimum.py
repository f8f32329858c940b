"""The best number of hidden units, and what it buys beside weight decay and beside any estimator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from asymptotix.problem import Problem
from asymptotix.risk.bayes import bayes_error
from asymptotix.risk.optimum import Optimum, best_decay, pruned_error
from asymptotix.state_evolution import solve
from asymptotix.status import Status
from asymptotix.tables import Tabular


@dataclass(frozen=True)
class WidthOptimum(Tabular):
    """The best number of hidden units for a problem (whose own ``width`` plays no role).

    Attributes:
        width_star: the number of units of least error, between 1 and ``d``; the least of those that are equal.
        lam_star: the weight decay: the problem's, or the best together with the width.
        error_star: the error there.
        wide_error: of a network with as many units as it can use, at the same weight decay (with ``over="both"``: at
            its own best, which is ``decay_error``).
        decay_error: the least over weight decays at unlimited width.
        bayes_error: the least of any estimator. Ratios to both of these: ``over_decay``, ``over_bayes``.
        pruned_error: of the network of ``width_star`` units without weight decay after the best further
            thresholding.
        error_at_half, error_at_twice: at half and at twice the best width.
        constraint: what limits the network at the optimum, ``"width"``, ``"threshold"`` or ``"both"``.
        status: ``"interior"``; ``"one unit"``; ``"wide"`` where fewer units than the network would use do no better,
            so that any width from ``width_star`` on gives the same; ``"ridgeless"`` where the best weight decay is 0;
            ``"perfect recovery"``.
    """

    keys: ClassVar[tuple[str, ...]] = (
        "width_star",
        "lam_star",
        "error_star",
        "bayes_error",
        "pruned_error",
        "wide_error",
        "decay_error",
        "over_decay",
        "over_bayes",
        "error_at_half",
        "error_at_twice",
        "constraint",
        "status",
        "note",
    )

    problem: Problem
    width_star: int
    lam_star: float
    error_star: float
    wide_error: float
    constraint: str
    status: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the command line; ``assumes`` where width matters."""
        values = super().to_dict()
        return values if self.status == Status.WIDE else {**values, "assumes": self._narrow.net.assumes}

    @property
    def note(self) -> str:
        """What the width means, in words."""
        if self.status == Status.WIDE:
            return f"width does not matter from {self.width_star} units on: the network uses no more"
        return ""

    @property
    def _narrow(self) -> Problem:
        return self.problem.replace(width=self.width_star, lam=self.lam_star)

    @cached_property
    def _decay(self) -> Optimum:
        return best_decay(self.problem.replace(width=None))

    @property
    def decay_error(self) -> float:
        """Least error over weight decays of a wide network."""
        return self._decay.error_star

    @cached_property
    def bayes_error(self) -> float:
        """The least error of any estimator that knows the teacher's sizes."""
        return 0.0 if self.error_star == 0 else bayes_error(self.problem.replace(width=None))

    @property
    def over_decay(self) -> float:
        """``error_star / decay_error``; 1 where both vanish."""
        return _ratio(self.error_star, self.decay_error)

    @property
    def over_bayes(self) -> float:
        """``error_star / bayes_error``; 1 where both vanish."""
        return _ratio(self.error_star, self.bayes_error)

    @cached_property
    def pruned_error(self) -> float:
        """Least error over thresholds at the effective noise of the network without weight decay."""
        return pruned_error(self._narrow)

    @cached_property
    def error_at_half(self) -> float:
        """Error at half the best width."""
        return solve(self._narrow.replace(width=max(self.width_star // 2, 1))).error

    @cached_property
    def error_at_twice(self) -> float:
        """Error at twice the best width."""
        return solve(self._narrow.replace(width=2 * self.width_star)).error


def _ratio(error: float, benchmark: float) -> float:
    return error / benchmark if benchmark > 0 else 1.0 if error == 0 else math.inf
