"""Networks trained on data sets that scikit-learn ships, beside Gaussian inputs of the same spectrum.

The theory knows inputs by their covariance alone; universality claims that the rest does not matter. Every point is
measured twice: on rows of the table, whitened or in their own principal axes, and on Gaussian inputs with the same
variances. How far these two are apart is what the shape of the data does; how far the second is from the theory is
what the finite dimension does.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from asymptotix.arrays import Array
from asymptotix.experiments.measurements import command
from asymptotix.networks import get
from asymptotix.problem import Problem
from asymptotix.simulate import Runs, simulate
from asymptotix.simulate.fit import CONVERGED
from asymptotix.simulate.real_rows import RealInputs, real_inputs
from asymptotix.simulate.runs import problem_dict
from asymptotix.state_evolution import solve
from asymptotix.store import Store

#: The data sets, by the name of their loader in scikit-learn.
NAMES = ("digits", "diabetes", "breast_cancer")
_SEED, _GAMMA, _LAM, _NOISE = 8200, 1.25, 0.5, 0.1
#: Samples a network sees, as shares of the rows; data sets a point.
_SHARES, _SEEDS = (0.05, 0.25), {"diagonal": 64, "quadratic": 12}
# As many samples of a matrix as n_eff = 10 takes, where there are rows for them.
_N_EFF = 10
# The shape of the data is invisible within so many standard errors.
_SIGMAS = 3.0


@cache
def table(name: str) -> Array:
    """The columns that vary, a row a sample.

    >>> table("digits").shape
    (1797, 61)
    """
    from sklearn import datasets

    rows = np.asarray(getattr(datasets, f"load_{name}")().data, dtype=float)
    return rows[:, np.ptp(rows, axis=0) > 0]


@dataclass(frozen=True)
class Shape:
    """What is not Gaussian about a table: fourth moments of its whitened principal axes (3 for Gaussian ones)."""

    rows: int
    axes: int
    smallest_variance: float
    median_fourth: float
    largest_fourth: float

    @classmethod
    def of(cls, inputs: RealInputs) -> Shape:
        fourth = (inputs.rows**4).mean(axis=0)
        values = (float(inputs.variances[-1]), float(np.median(fourth)), float(fourth.max()))
        count, d = inputs.rows.shape
        return cls(count, d, *values)


@dataclass(frozen=True)
class RealPlan:
    """One point: a data set, whitened or not, and a problem of its dimension."""

    name: str
    whiten: bool
    problem: Problem
    seed: int
    seeds: int

    @property
    def key(self) -> dict[str, Any]:
        """Everything that determines the outcome, as JSON values."""
        digest = hashlib.sha256(table(self.name).tobytes()).hexdigest()[:16]
        plain = {"experiment": "real inputs", "data": self.name, "rows": digest, "whiten": self.whiten}
        return {**plain, **problem_dict(self.problem), "seed": self.seed, "seeds": self.seeds}

    @property
    def command(self) -> str:
        """The command line that repeats the point and its twin."""
        shown = command(self.problem, self.seeds, self.seed)
        return f"{shown} --inputs-from {self.name}.npy{'' if self.whiten else ' --as-they-are'}"


@dataclass(frozen=True)
class RealPoint:
    """Errors on the data, on Gaussian inputs of the same spectrum, and the state evolution's; ``(mean, stderr)``."""

    plan: RealPlan
    theory: float
    measured: tuple[float, float]
    gaussian: tuple[float, float]
    unconverged: int

    @property
    def z(self) -> float:
        """Data less Gaussian inputs, in standard errors."""
        (a, da), (b, db) = self.measured, self.gaussian
        return (a - b) / math.hypot(da, db)

    @property
    def holds(self) -> bool:
        """Whether the shape of the data stays invisible: within three standard errors."""
        return abs(self.z) <= _SIGMAS


def plans() -> Iterator[RealPlan]:
    """All points, in the order of the page."""
    seed = _SEED
    for name in NAMES:
        rows, d = table(name).shape
        for network, seeds in _SEEDS.items():
            matrix = not get(network).is_sequence
            sizes = [_N_EFF * d] if matrix else [round(share * rows) for share in _SHARES]
            for n in sizes:
                problem = Problem(network, gamma=_GAMMA, d=d, n=n, lam=_LAM, noise=_NOISE)
                for whiten in (True, False):
                    yield RealPlan(name, whiten, problem, seed, seeds)
                    seed += 1


def measure(plan: RealPlan, store: Store) -> RealPoint:
    """Train at a point and at its twin, or recall that it was done."""
    found = store.recall(plan.key, partial(_trained, plan))
    pairs = (tuple(found["measured"]), tuple(found["gaussian"]))
    return RealPoint(plan, found["theory"], *pairs, found["unconverged"])


def _trained(plan: RealPlan) -> dict[str, Any]:
    sizes: dict[str, Any] = {"seeds": plan.seeds, "seed": plan.seed, "options": {"tolerance": 1e-5}}
    runs = simulate(plan.problem, inputs_from=table(plan.name), whiten=plan.whiten, **sizes)
    twin = simulate(runs.problem, **sizes)
    return {
        "theory": solve(runs.problem).error,
        "measured": _summary(runs),
        "gaussian": _summary(twin),
        "unconverged": sum(status != CONVERGED for r in (runs, twin) for status in r.statuses),
    }


def _summary(runs: Runs) -> list[float]:
    return [float(f"{x:.10g}") for x in (runs.error, runs.stderr)]


def shapes() -> dict[str, Shape]:
    """What is not Gaussian about each table."""
    return {name: Shape.of(real_inputs(table(name))) for name in NAMES}
