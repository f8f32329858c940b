"""Narrow networks at their peak in width: is what training reaches the minimum that the theory speaks of?

The authors' networks at ``d = 400``, ``p = 42``, ``n_eff = 66`` have an error below the theory's. Two explanations can
be told apart by training at several dimensions with ``p/d`` and ``n/d^2`` fixed, from several starts. If ``d`` is
merely finite, the deviation shrinks with ``d``. If training ends in another minimum, deviation and excess of the
training loss stay, or the least objective of many starts (one of them at the teacher) does better than a single one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from asymptotix.problem import Problem
from asymptotix.simulate import simulate
from asymptotix.simulate.runs import problem_dict
from asymptotix.state_evolution import solve
from asymptotix.store import Store

Array = NDArray[np.float64]

#: ``n_eff/d`` of the authors' networks, their weight decay, noise and decay of the teacher.
RATIO, LAM, NOISE, GAMMA = 0.1657227, 0.040709, 0.1, 1.25
#: Dimension, hidden units (42/400 of it), data sets, random starts on each.
SIZES: tuple[tuple[int, int, int, int], ...] = (
    (50, 5, 32, 3),
    (100, 10, 32, 3),
    (100, 11, 14, 3),
    (200, 21, 8, 2),
    (400, 42, 2, 1),
)
_SEED = 7300
# Objectives that differ by less than this, relatively, are of one minimum.
_SAME = 1e-5


@dataclass(frozen=True)
class Trained:
    """One data set: objective, error and training loss of every random start, then of the start at the teacher."""

    problem: Problem
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


def trained(problem: Problem, seeds: int, store: Store | None = None, starts: int = 3) -> Iterator[Trained]:
    """Train on so many data sets, or recall that it was done."""
    for index in range(seeds):
        key = {**problem_dict(problem), "seed": _SEED + index, "starts": starts}
        found = store.get(key) if store is not None else None
        if found is None:
            found = _train(problem, _SEED + index, starts)
            if store is not None:
                store.put(key, found)
        yield Trained(problem, *(tuple(found[name]) for name in ("objectives", "errors", "losses")))


def _train(problem: Problem, seed: int, starts: int) -> dict[str, Any]:
    options: dict[str, Any] = {"spectra": False, "gradient_tolerance": 1e-7}
    runs = [
        simulate(problem, "lbfgs", seeds=1, seed=seed, options={**options, **more}).runs[0]
        for more in ({"starts": starts}, {"start": "teacher"})
    ]
    history = runs[0].history
    first = {
        "objectives": history.get("starts", [runs[0].objective]),
        "errors": history.get("start_errors", [runs[0].error]),
        "losses": history.get("start_losses", [runs[0].train_loss]),
    }
    at_teacher = (runs[1].objective, runs[1].error, runs[1].train_loss)
    columns = {name: [*first[name], value] for name, value in zip(first, at_teacher, strict=True)}
    return {name: [float(f"{x:.10g}") for x in values] for name, values in columns.items()}


@dataclass(frozen=True)
class Deviation:
    """Mean relative deviation from the state evolution, and its standard error, over data sets."""

    mean: float
    stderr: float

    @classmethod
    def of(cls, values: Sequence[float], theory: float) -> Deviation:
        """Of measured values from a predicted one."""
        off = np.asarray(values) / theory - 1.0
        return cls(float(off.mean()), float(off.std(ddof=1) / math.sqrt(off.size)))


@dataclass(frozen=True)
class AtPeak:
    """All data sets of one dimension and width."""

    problem: Problem
    data_sets: tuple[Trained, ...]

    def deviation(self, what: str, which: str) -> Deviation:
        """Of ``"errors"`` or ``"losses"``, at the ``"first"`` start, the ``"best"``, or that at the ``"teacher"``."""
        solution = solve(self.problem)
        theory = solution.error if what == "errors" else solution.train_loss
        chosen = [{"first": 0, "best": t.best, "teacher": -1}[which] for t in self.data_sets]
        return Deviation.of(
            [getattr(t, what)[k] for t, k in zip(self.data_sets, chosen, strict=True)], theory
        )


def measured(store: Store | None = None, sizes: Iterable[tuple[int, int, int, int]] = SIZES) -> list[AtPeak]:
    """Every size, trained or recalled."""
    return [
        AtPeak(problem, tuple(trained(problem, seeds, store, starts)))
        for d, width, seeds, starts in sizes
        for problem in (peak_problem(d, width),)
    ]


def limit(
    points: Sequence[AtPeak], what: str, which: str, power: Fraction = Fraction(1)
) -> tuple[Deviation, Deviation]:
    """Deviation for infinite ``d``, and coefficient of ``d^-power``, by weighted least squares.

    Data sets of one dimension count together, whichever width.
    """
    found = [(p.problem.d, p.deviation(what, which)) for p in points]
    d = np.array([float(size) for size, _ in found])
    y, error = (np.array([getattr(dev, name) for _, dev in found]) for name in ("mean", "stderr"))
    design: Array = np.stack([np.ones_like(d), d ** -float(power)], axis=1) / error[:, None]
    covariance = np.linalg.inv(design.T @ design)
    values, errors = covariance @ design.T @ (y / error), np.sqrt(np.diag(covariance))
    return Deviation(float(values[0]), float(errors[0])), Deviation(float(values[1]), float(errors[1]))
