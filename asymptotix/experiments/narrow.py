"""Narrow networks: lines through their peak in width, and what training reaches at it.

The authors' networks at ``d = 400``, ``p = 42``, ``n_eff = 66`` have an error below the theory's. Two explanations can
be told apart by training at several dimensions with ``p/d`` and ``n/d^2`` fixed, from several starts. If ``d`` is
merely finite, the deviation shrinks with ``d``. If training ends in other minima than the one the theory speaks of, the
error and the training loss, of which the objective is made, deviate at every ``d``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np
from scipy import stats

from asymptotix.equations import System
from asymptotix.experiments.measurements import Plan
from asymptotix.networks.narrow import Narrow
from asymptotix.problem import Problem
from asymptotix.simulate import simulate
from asymptotix.simulate.runs import problem_dict
from asymptotix.state_evolution import solve_system
from asymptotix.store import Store

#: ``n/d^2`` of the authors' networks, their weight decay, noise and decay of the teacher.
RATIO, LAM, NOISE, GAMMA = 0.1657227, 0.040709, 0.1, 1.25
#: Dimension, hidden units (42/400 of it), data sets, random starts on each, and whether one more is at the teacher.
SIZES: tuple[tuple[int, int, int, int, bool], ...] = (
    (50, 5, 32, 3, True),
    (100, 10, 32, 3, True),
    (100, 11, 32, 3, True),
    (200, 21, 8, 2, True),
)
_SEED = 7300  # any number; every data set adds its index
# Objectives that differ by less than this, relatively, are of one minimum.
_SAME = 1e-5

#: The lines: widths at fixed samples, effective samples at fixed width.
WIDTHS = (1, 2, 4, 7, 10, 14, 20, 50)
SAMPLES = (6, 14, 20, 80)
_BASE = Problem("quadratic", gamma=GAMMA, d=100, n=1657, lam=LAM, noise=NOISE)
_FIXED_WIDTH = 10
#: Data sets a point of a line.
SEEDS = 6


def width_line(seeds: int = SEEDS, widths: Iterable[int] = WIDTHS) -> list[Plan]:
    """Networks of more and more units on data of one size, through the peak in width.

    >>> [plan.problem.width for plan in width_line(2)][:3]
    [1, 2, 4]
    """
    return [_plan(_BASE.replace(width=p), 7500 + p, seeds) for p in widths]


def sample_line(seeds: int = SEEDS) -> list[Plan]:
    """Networks of one width on more and more data, through the same peak."""
    return [_plan(_BASE.replace(width=_FIXED_WIDTH, n=100 * n), 7600 + n, seeds) for n in SAMPLES]


def several_solutions() -> list[Plan]:
    """Hardly any noise and fewer parameters than samples: the equations have a second solution of error 3.

    >>> plan = several_solutions()[0]
    >>> plan.problem.width * plan.problem.d < plan.problem.n
    True
    """
    problem = Problem("quadratic", gamma=2.5, d=150, n=12 * 150, lam=0, noise=1e-4, width=8)
    return [_plan(problem, 7700, 4, 1e-5)]


def _plan(problem: Problem, seed: int, seeds: int, tolerance: float = 1e-7) -> Plan:
    options = {"spectra": False, "gradient_tolerance": tolerance}
    return Plan(problem, seed=seed, seeds=seeds, method="lbfgs", options=options)


@dataclass(frozen=True)
class Trained:
    """One data set: objective, error and training loss of every start; the last is at the teacher if ``informed``."""

    problem: Problem
    informed: bool
    objectives: tuple[float, ...]
    errors: tuple[float, ...]
    losses: tuple[float, ...]

    @property
    def best(self) -> int:
        """The start that ended lowest."""
        return int(np.argmin(self.objectives))

    @property
    def minima(self) -> int:
        """How many different minima the starts ended in."""
        values = np.sort(self.objectives)
        return 1 + int((np.diff(values) > _SAME * values[1:]).sum())


def peak_problem(d: int, width: int) -> Problem:
    """The authors' point at another dimension.

    >>> round(peak_problem(400, 42).n_eff, 2)
    66.29
    """
    n = round(RATIO * d * d)
    return Problem("quadratic", gamma=GAMMA, d=d, n=n, lam=LAM, noise=NOISE, width=width)


def trained(
    problem: Problem, seeds: int, store: Store | None = None, starts: int = 3, informed: bool = True
) -> Iterator[Trained]:
    """Train on so many data sets, or recall that it was done."""
    for index in range(seeds):
        key = {**problem_dict(problem), "seed": _SEED + index, "starts": starts, "informed": informed}
        found = (store or Store()).recall(key, partial(_train, problem, _SEED + index, starts, informed))
        yield Trained(problem, informed, *(tuple(found[name]) for name in ("objectives", "errors", "losses")))


def _train(problem: Problem, seed: int, starts: int, informed: bool) -> dict[str, Any]:
    columns: dict[str, list[float]] = {"objectives": [], "errors": [], "losses": []}
    kinds: list[dict[str, Any]] = [{"starts": starts}, *([{"start": "teacher"}] if informed else [])]
    for kind in kinds:
        options = {"spectra": False, "gradient_tolerance": 1e-7, **kind}
        (run,) = simulate(problem, "lbfgs", seeds=1, seed=seed, options=options).runs
        columns["objectives"] += list(run.history.get("starts", [run.objective]))
        columns["errors"] += list(run.history.get("start_errors", [run.error]))
        columns["losses"] += list(run.history.get("start_losses", [run.train_loss]))
    return {name: [float(f"{x:.10g}") for x in values] for name, values in columns.items()}


def predicted(problem: Problem) -> dict[str, float]:
    """What the theory says of a narrow network: error, training loss and objective, the last two a sample.

    The objective is the loss and ``lam d Tr S / n``, where ``Tr S = sqrt(d) tau sum (x - c)`` over the ``p`` largest
    eigenvalues: at the cut by the plain formula, below it ``p`` times the distance more. For dimensions that fit in
    memory.
    """
    system = System.of(problem)
    solution, root = solve_system(problem, system)
    assert root is not None
    potential, tau = cast(Narrow, system.potential), math.exp(root.log_tau)
    place, c, kept = potential.cut(root.log_tau), root.response.c, float(problem.width or problem.d)
    if place is None or place.c <= c:
        raise ValueError("width does not act")
    at_cut = potential.wide.potential(place.c, root.log_tau)[2] / (-2.0 * place.c * tau * tau)
    trace = math.sqrt(problem.d) * tau * (at_cut + kept * (place.c - c))
    decay = float(problem.lam) * problem.d * trace / float(problem.n)
    return {
        "errors": solution.error,
        "losses": solution.train_loss,
        "objectives": solution.train_loss + decay,
    }


@dataclass(frozen=True)
class Deviation:
    """Mean relative deviation from the state evolution, and its standard error, over data sets."""

    mean: float
    stderr: float

    @classmethod
    def of(cls, values: Sequence[float], theory: float) -> Deviation:
        """Of measured values from a predicted one; of a single one no standard error is known."""
        off = np.asarray(values) / theory - 1.0
        return cls(float(off.mean()), float(stats.sem(off)) if off.size > 1 else math.nan)


@dataclass(frozen=True)
class AtPeak:
    """All data sets of one dimension and width."""

    problem: Problem
    data_sets: tuple[Trained, ...]

    def deviation(self, what: str, which: str) -> Deviation:
        """Of ``errors``, ``losses`` or ``objectives`` at the ``first`` start, the ``best``, or the ``teacher``'s."""
        theory = predicted(self.problem)[what]
        if what == "objectives":
            theory *= float(self.problem.n)
        chosen = [{"first": 0, "best": t.best, "teacher": -1}[which] for t in self.data_sets]
        return Deviation.of(
            [getattr(t, what)[k] for t, k in zip(self.data_sets, chosen, strict=True)], theory
        )

    @property
    def spread(self) -> float:
        """Mean relative range of the objective over starts on the same data."""
        return float(np.mean([max(t.objectives) / min(t.objectives) - 1.0 for t in self.data_sets]))


def measured(
    store: Store | None = None, sizes: Iterable[tuple[int, int, int, int, bool]] = SIZES
) -> list[AtPeak]:
    """Every size, trained or recalled."""
    return [
        AtPeak(peak_problem(d, p), tuple(trained(peak_problem(d, p), seeds, store, starts, informed)))
        for d, p, seeds, starts, informed in sizes
    ]


def limit(points: Sequence[AtPeak], what: str, which: str) -> tuple[Deviation, Deviation]:
    """Deviation for infinite ``d``, and the coefficient of ``1/d``, by weighted least squares; single data sets out.

    ``1/d`` is the order of a network's own features, ``1/n_eff`` at a fixed ratio.
    """
    found = [(float(p.problem.d), p.deviation(what, which)) for p in points if len(p.data_sets) > 1]
    y, error = (np.array([getattr(off, name) for _, off in found]) for name in ("mean", "stderr"))
    values, covariance = np.polyfit([1.0 / d for d, _ in found], y, 1, w=1.0 / error, cov="unscaled")
    slope, constant = map(Deviation, values.tolist(), np.sqrt(np.diag(covariance)).tolist())
    return constant, slope
