"""Measured points: what was trained, on how many data sets, and how far it lies from the state evolution.

A finished point is one line of a file, so that an interrupted series of experiments goes on where it stopped
and a report can be drawn again without training anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from scipy import stats

from asymptotix.networks.base import Network
from asymptotix.problem import Problem
from asymptotix.simulate import simulate
from asymptotix.simulate.data import GOE
from asymptotix.simulate.fit import CONVERGED
from asymptotix.simulate.runs import problem_dict
from asymptotix.state_evolution import solve
from asymptotix.store import Store

#: Data sets a point: quick enough everywhere, and enough for a standard error good to a fifth.
SEEDS = 16


@dataclass(frozen=True)
class Plan:
    """One point to be measured: a problem, and how its data are drawn. Points of a series differ in ``seed``."""

    problem: Problem
    seed: int
    seeds: int = SEEDS
    inputs: str = "gaussian"
    method: str = "erm"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> dict[str, Any]:
        """Everything that determines the outcome, as JSON values."""
        drawn = {name: getattr(self, name) for name in ("seed", "seeds", "inputs", "method")}
        return {**problem_dict(self.problem), **drawn, "options": dict(self.options)}

    @property
    def command(self) -> str:
        """The command line that repeats the point."""
        words = [command(self.problem, self.seeds, self.seed)]
        words += [f"--inputs {self.inputs}"] if self.inputs != "gaussian" else []
        words += [f"--method {self.method}"] if self.method != "erm" else []
        return " ".join([*words, *(f"--option {name}={value}" for name, value in self.options.items())])


def command(p: Problem, seeds: int, seed: int) -> str:
    """The command line that trains networks on a problem, but for how.

    >>> command(Problem("diagonal", gamma=1, depth=3, d=10, n=20, lam=0.5, noise=1), 2, 7)
    'asymptotix simulate --network diagonal --depth 3 --gamma 1 --d 10 --n 20 --lam 0.5 --noise 1 --seeds 2 --seed 7'
    """
    shape = {"depth": p.depth if p.depth > 2 else None, "width": p.width}
    more = "".join(f" --{name} {size}" for name, size in shape.items() if size is not None)
    sizes = f"--gamma {p.gamma:g} --d {p.d} --n {p.n:.0f} --lam {float(p.lam)!r} --noise {float(p.noise):g}"
    return f"asymptotix simulate --network {p.network}{more} {sizes} --seeds {seeds} --seed {seed}"


@dataclass(frozen=True)
class Measured:
    """A point measured: one error a data set, beside the state evolution's.

    ``origin`` is the digest of the file that it is recalled from; empty if this very code trained it.
    ``theory_error`` is the theory's own standard error, where that is an average over random matrices.
    """

    plan: Plan
    theory: float
    errors: tuple[float, ...]
    unconverged: int
    seconds: float
    origin: str = ""
    theory_error: float = 0.0

    @property
    def error(self) -> float:
        """Mean error."""
        return float(np.mean(self.errors))

    @property
    def stderr(self) -> float:
        """Standard error of the mean."""
        return float(stats.sem(self.errors))

    @property
    def scatters(self) -> bool:
        """Whether the errors scatter at all; an estimator that is zero has error 1 on every data set."""
        return self.stderr > 1e-9 * self.error

    @property
    def z(self) -> float:
        """Deviation from theory in standard errors: Student's t with ``seeds - 1`` degrees of freedom."""
        if self.scatters:
            return (self.error - self.theory) / math.hypot(self.stderr, self.theory_error)
        return 0.0 if math.isclose(self.error, self.theory, rel_tol=1e-6) else math.inf

    @property
    def score(self) -> float:
        """`z` turned into the normal variable of the same tail probability."""
        return normal_score(self.z, len(self.errors) - 1)


def model_inputs(network: Network) -> str:
    """The inputs that the theory is about: Gaussian ones, or such that a matrix has Gaussian features."""
    return "gaussian" if network.is_sequence else GOE


def normal_score(z: float, freedom: int) -> float:
    """The normal quantile of a Student-t variable; symmetric, and exact far out in the tails.

    >>> round(normal_score(2.131449, 15), 4)  # the 97.5 % point
    1.96
    """
    tail = max(float(stats.t.sf(abs(z), freedom)), 1e-300)
    return math.copysign(float(stats.norm.isf(tail)), z)


def measure(plan: Plan, store: Store | None = None) -> Measured:
    """Train at a point, or recall that it was done."""
    store = store or Store()
    found = store.recall(plan.key, partial(_trained, plan))
    errors = tuple(found["errors"])
    return Measured(
        plan, found["theory"], errors, found["unconverged"], found["seconds"], store.origin(plan.key)
    )


def _trained(plan: Plan) -> dict[str, Any]:
    """What a line of the file holds beside the key."""
    settings: dict[str, Any] = {"inputs": plan.inputs, "options": plan.options}
    runs = simulate(plan.problem, plan.method, seeds=plan.seeds, seed=plan.seed, **settings)
    return {
        "errors": [float(f"{error:.10g}") for error in runs.errors],
        "theory": solve(plan.problem).error,
        "unconverged": sum(status != CONVERGED for status in runs.statuses),
        "seconds": round(sum(run.seconds for run in runs.runs), 3),
    }


def measure_all(plans: Iterable[Plan], store: Store | None = None) -> list[Measured]:
    """`measure` of each."""
    return [measure(plan, store) for plan in plans]


def scaled(points: Sequence[Measured], scales: Sequence[float]) -> tuple[float, list[float], list[float]]:
    """``(error/theory - 1) scale``: the weighted mean, all values and their standard errors."""
    values = [(p.error / p.theory - 1.0) * scale for p, scale in zip(points, scales, strict=True)]
    spread = [p.stderr / p.theory * scale for p, scale in zip(points, scales, strict=True)]
    mean = sum(x / s**2 for x, s in zip(values, spread, strict=True)) / sum(s**-2 for s in spread)
    return mean, values, spread


def recalled(points: Sequence[Measured]) -> str:
    """What a claim says of its points: how many were recalled, and from which file; nothing if none was.

    >>> plan = Plan(Problem("diagonal", gamma=1, d=10, n=20, lam=0, noise=1), seed=0, seeds=2)
    >>> old = Measured(plan, 1.0, (0.9, 1.2), 0, 0.1, origin="1f3a9c02")
    >>> recalled([old, Measured(plan, 1.0, (0.9, 1.2), 0, 0.1)])
    '; 1 of 2 points recalled from 1f3a9c02'
    """
    old = [p.origin for p in points if p.origin]
    return f"; {len(old)} of {len(points)} points recalled from {old[0]}" if old else ""


@dataclass(frozen=True)
class Scatter:
    """How the scores of many points are distributed, beside what independent normal variables would do.

    Attributes:
        count, mean, rms, worst: of the scores.
        distance: Kolmogorov and Smirnov's, of their empirical law from the standard normal one.
    """

    count: int
    mean: float
    rms: float
    worst: float
    distance: float

    @classmethod
    def of(cls, points: Sequence[Measured]) -> Scatter:
        """Of all points that scatter (an estimator that is exactly zero has no standard error)."""
        scores = np.array([point.score for point in points if point.scatters])
        worst = float(scores[np.argmax(np.abs(scores))])
        distance = float(stats.kstest(scores, "norm").statistic)
        return cls(len(scores), float(scores.mean()), float(np.sqrt(np.mean(scores**2))), worst, distance)

    @property
    def mean_error(self) -> float:
        """Standard deviation of the mean of that many normal variables."""
        return 1.0 / math.sqrt(self.count)

    @property
    def rms_error(self) -> float:
        """Standard deviation of their root mean square."""
        return 1.0 / math.sqrt(2.0 * self.count)
