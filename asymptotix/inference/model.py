r"""The equations as a model of measured errors: a teacher's decay, its norm, and the noise.

A teacher of norm ``q`` is one of norm 1 in other units. With penalty ``lam |theta|^p``

    error = q^2 error_1,        noise = q^2 noise_1,        lam = q^(2 - p) lam_1 ,

where the numbers with 1 are those of `Problem`; ``p = 1`` but for deep networks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from asymptotix.arrays import Array
from asymptotix.finite_size.band import Band, own_features
from asymptotix.inference.run_table import Run
from asymptotix.problem import Problem
from asymptotix.state_evolution.batch import solve_all
from asymptotix.units import Convention


@dataclass(frozen=True)
class Truth:
    """What a user does not know: decay and norm of the teacher, variance of the noise, factors of doubtful units.

    With doubtful units the user's numbers are ``lam / (lam_factor n^lam_power)`` and ``error_factor`` times the error.
    """

    gamma: float
    noise: float
    norm: float = 1.0
    lam_factor: float = 1.0
    lam_power: float = 0.0
    error_factor: float = 1.0


@dataclass(frozen=True)
class Model:
    """Predicts the measure of every run from a `Truth`.

    Attributes:
        base: a problem with the network, the dimension and whatever else is known of the runs.
        measure: ``"error"``, ``"excess_risk"`` or ``"test_loss"``.
        units: which the runs' ``lam`` is in.
    """

    base: Problem
    runs: tuple[Run, ...]
    measure: str
    units: Convention = field(default_factory=Convention)
    _known: dict[Truth, Array] = field(default_factory=dict, repr=False, compare=False)

    def problem(self, run: Run, truth: Truth) -> Problem:
        """The problem of one run, in units where the teacher's norm is 1."""
        power = float(self.base.net.power)
        width = {} if run.width is None else {"width": run.width}
        return self.base.replace(
            gamma=truth.gamma,
            n=run.n,
            lam=run.lam * self.lam_factor(run, truth) * truth.norm ** (power - 2.0),
            noise=truth.noise / truth.norm**2,
            **width,
        )

    def lam_factor(self, run: Run, truth: Truth) -> float:
        """From the user's ``lam`` to that of a summed loss."""
        doubtful = float(truth.lam_factor * run.n**truth.lam_power)
        if run.lam == 0.0:
            return doubtful
        width = self.base.width if run.width is None else run.width
        return doubtful * self.units.lam_factor(self.base.net, run.n, self.base.d, width)

    def errors(self, truth: Truth) -> Array:
        """Predicted error of every run, in the user's units: the middle of the band of its size."""
        if truth not in self._known:
            order = sorted(range(len(self.runs)), key=lambda k: (self.runs[k].lam, self.runs[k].n))
            curve = solve_all([self.problem(self.runs[k], truth) for k in order])
            values = np.empty(len(order))
            for k, solution in zip(order, curve, strict=True):
                values[k] = truth.norm**2 * solution.error * math.exp(solution.finite_size.centre)
            self._known[truth] = values
        return self._known[truth]

    def values(self, truth: Truth) -> Array:
        """Predicted measure of every run."""
        return truth.error_factor * self.measured(self.errors(truth), truth)

    def measured(self, errors: Array, truth: Truth) -> Array:
        """The measure that goes with an error: a test loss has the noise as its floor."""
        if self.measure == "error":
            return errors
        risk: Array = self.base.net.excess_factor * errors
        return risk if self.measure == "excess_risk" else risk + truth.noise

    def share(self, truth: Truth) -> Array:
        """The part of the measure that comes from the error: less than 1 where it has the noise as its floor."""
        return np.asarray(1.0 - self.measured(np.zeros(len(self.runs)), truth) / self.values(truth))

    def allowance(self, run: Run) -> float:
        """Relative uncertainty of the theory itself at this size: a standard deviation where the band is a bound.

        Whatever the truth, so that weights do not depend on what is fitted: the band of samples that are not used up.
        """
        own = own_features(self.base.net, float(self.base.net.n_eff(run.n, self.base.d)))
        return Band.of(raised=own, blurred=0.0, d=self.base.d, n=run.n).spread

    def at(self, runs: Sequence[Run]) -> Model:
        """The same model of other runs."""
        return replace(self, runs=tuple(runs), _known={})
