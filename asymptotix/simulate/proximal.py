"""Accelerated proximal gradient for squared loss plus a nuclear norm, with backtracking, restart and a dual bound.

    min  ||y - A(S)||^2 + c ||S||_*

[Beck, Teboulle 2009; O'Donoghue, Candes 2015]. What matrices are, symmetric or not, is the problem's: it thresholds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from asymptotix.arrays import Array
from asymptotix.simulate.certificate import Convex, relative_gap
from asymptotix.simulate.data import DataSet
from asymptotix.simulate.fit import CONVERGED, Fit
from asymptotix.status import Status

# Rounds between two looks at the dual bound.
_DUAL_EVERY = 5


@dataclass(frozen=True, eq=False)
class Iterate:
    """A feasible ``S`` (with ``matrix`` and ``nuclear_norm``), its predictions, objective and the best gap known."""

    s: Any
    predictions: Array
    objective: float
    gap: float


class NuclearProblem(ABC):
    """One data set at one penalty ``c = lam d``: objective, dual bound, proximal steps.

    ``features``: ``apply`` (to what `shrink` makes) and ``adjoint``; ``curvature``: a guess, corrected on the way.
    """

    def __init__(self, data: DataSet, lam: float, features: Any, curvature: float) -> None:
        self.features, self.curvature = features, curvature
        self.y = data.labels
        self.convex = Convex(data.net, data.d, lam)
        self.c = self.convex.penalty
        self.best_dual = -np.inf

    @abstractmethod
    def shrink(self, z: Array, step: float) -> Any:
        """The proximal map at ``z``: its spectrum lowered by ``c step``."""

    def iterate(self, s: Any, predictions: Array | None = None) -> Iterate:
        """Evaluate ``s``; its predictions may be handed in when they are known."""
        a = self.features.apply(s) if predictions is None else predictions
        r = self.y - a
        objective = float(r @ r) + self.c * s.nuclear_norm
        return Iterate(s, a, objective, self.relative_gap(objective))

    def relative_gap(self, objective: float) -> float:
        """``(objective - best dual bound) / objective``."""
        return relative_gap(objective, self.best_dual)

    def fitted(self, best: Iterate, tolerance: float, steps: int, otherwise: Status) -> Fit:
        """What is handed back; converged if the gap is as small as was asked for."""
        gap, r = self.relative_gap(best.objective), self.y - best.predictions
        status = CONVERGED if gap <= tolerance else otherwise
        return Fit(best.s.matrix, best.objective, gap, status, steps, float(r @ r) / self.y.size)

    def improve_dual(self, r: Array, adjoint: Array) -> None:
        """Raise the dual bound that ``r`` and ``adjoint = A*(r)`` give."""
        self.best_dual = max(self.best_dual, self.convex.bound(r, self.y, adjoint))


def proximal_gradient(
    problem: NuclearProblem, start: Iterate, steps: int, tolerance: float
) -> tuple[Iterate, int]:
    """So many steps, or fewer if the gap is closed; returns the best iterate and the steps taken."""
    current = best = start
    s_matrix = start.s.matrix
    point, point_a, momentum = s_matrix, start.predictions, 1.0
    step = 0
    for step in range(1, steps + 1):
        r = problem.y - point_a
        adjoint = problem.features.adjoint(r)
        if step % _DUAL_EVERY == 1:
            problem.improve_dual(r, adjoint)
        new, new_matrix = _backtracked_step(problem, point, point_a, adjoint)
        if new.objective < best.objective:
            best = new
        if problem.relative_gap(best.objective) <= tolerance:
            break
        move = new_matrix - s_matrix
        if float(np.sum((point - new_matrix) * move)) > 0.0:
            momentum = 1.0
        following = (1.0 + np.sqrt(1.0 + 4.0 * momentum**2)) / 2.0
        beta = (momentum - 1.0) / following
        point = new_matrix + beta * move
        point_a = new.predictions + beta * (new.predictions - current.predictions)
        current, s_matrix, momentum = new, new_matrix, following
    return best, step


def _backtracked_step(
    problem: NuclearProblem, point: Array, point_a: Array, adjoint: Array
) -> tuple[Iterate, Array]:
    problem.curvature *= 0.9
    while True:
        step = 1.0 / problem.curvature
        s = problem.shrink(point + 2.0 * step * adjoint, step)
        matrix = s.matrix
        a = problem.features.apply(s)
        # f is quadratic, so the majorisation test needs no difference of nearby objectives
        stretch = float(np.sum((a - point_a) ** 2))
        length = float(np.sum((matrix - point) ** 2))
        if stretch <= 0.5 * problem.curvature * length * (1.0 + 1e-12) or length == 0.0:
            return problem.iterate(s, a), matrix
        problem.curvature = max(1.3 * problem.curvature, min(2.0 * stretch / length, 4 * problem.curvature))
