"""A model of runs whose logarithms are linear in what is fitted: all of inference is then a textbook regression."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from asymptotix.arrays import Array
from asymptotix.inference.likelihood import Search
from asymptotix.inference.model import Model, Truth
from asymptotix.inference.run_table import Run
from asymptotix.problem import Problem
from asymptotix.teacher import FiniteRank

BASE = Problem("diagonal", teacher=FiniteRank([1.0]), d=100, n=1, lam=1, noise=1)
FREE = ("gamma", "noise")


@dataclass(frozen=True)
class StraightLine(Model):
    """``log error = log(gamma - 1/2) + log(noise) log(n) + log(norm) log(lam) + decay log(lam')``.

    ``lam'`` is what becomes of ``lam`` where its unit is doubtful; ``band`` is what the theory is uncertain by.
    """

    decay: float = 0.0
    band: float = 0.0

    def problem(self, run: Run, truth: Truth) -> Problem:
        return self.base

    def errors(self, truth: Truth) -> Array:
        return np.array(
            [
                (truth.gamma - 0.5)
                * run.n ** math.log(truth.noise)
                * run.lam ** math.log(truth.norm)
                * (run.lam * self.lam_factor(run, truth)) ** self.decay
                for run in self.runs
            ]
        )

    def allowance(self, run: Run) -> float:
        return self.band


def line(
    values: Sequence[float], sizes: Sequence[float], *, stderr: float = math.nan, **more: Any
) -> StraightLine:
    """Runs at those sizes; ``stderr`` is relative."""
    runs = tuple(
        Run(k + 2, n, 1.0, v, stderr * v) for k, (n, v) in enumerate(zip(sizes, values, strict=True))
    )
    return StraightLine(BASE, runs, "error", **more)


def searching(model: Model, free: tuple[str, ...] = FREE, loss: str = "linear", **fixed: float) -> Search:
    return Search(model, free, {"norm": 1.0, **fixed}, loss)


def regression(model: Model, sigma: float) -> tuple[Array, float, Array]:
    """Intercept and slope in ``log n``, their sum of squares, and their covariance."""
    rows = np.array([[1.0, math.log(run.n)] for run in model.runs])
    y = np.log([run.value for run in model.runs])
    x, *_ = np.linalg.lstsq(rows, y, rcond=None)
    inverse: Array = sigma**2 * np.linalg.inv(rows.T @ rows)
    return x, float((((y - rows @ x) / sigma) ** 2).sum()), inverse
