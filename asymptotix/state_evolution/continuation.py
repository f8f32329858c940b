"""Follow a solution along a line of problems: predict by the secant, correct by Newton's method.

Where the prediction is poor, `Follower.root` gives up and the caller solves from scratch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from asymptotix.arrays import Array
from asymptotix.equations import Root, System
from asymptotix.problem import Problem
from asymptotix.state_evolution.newton import Jacobian, newton_root


@dataclass(frozen=True)
class _Solved:
    place: Array  # logarithms of what may change along a line
    unknowns: Array  # path, log tau


class Follower:
    """Solves a sequence of problems, remembering the last two solutions and the last Jacobian."""

    def __init__(self) -> None:
        self._trail: list[_Solved] = []
        self._jacobian: Jacobian | None = None
        self._last: tuple[Problem, System] | None = None

    def system(self, problem: Problem) -> System:
        """The equations of a problem, with the potential of the last one if its teacher is the same."""
        potential = None
        if self._last is not None:
            known, old = self._last
            if (known.net, known.teacher, known.d) == (problem.net, problem.teacher, problem.d):
                potential = old.potential
            else:
                self.forget()
        system = System.of(problem, potential)
        self._last = problem, system
        return system

    def forget(self) -> None:
        """Start afresh at the next problem."""
        self._trail, self._jacobian = [], None

    def found(self, problem: Problem, root: Root) -> None:
        """Remember a root."""
        solved = _Solved(_place(problem), np.array([root.response.path, root.log_tau]))
        usable = bool(np.isfinite(solved.unknowns).all() and np.isfinite(solved.place).all())
        self._trail = [*self._trail[-1:], solved] if usable else []
        self._jacobian = root.jacobian

    def root(self, problem: Problem, system: System) -> Root | None:
        """The root near where the trail leads, or ``None``."""
        start = self._predict(problem)
        if start is None:
            return None
        return newton_root(system, float(start[0]), float(start[1]), self._jacobian)

    def _predict(self, problem: Problem) -> Array | None:
        place = _place(problem)
        if not self._trail or not np.isfinite(place).all():
            return None
        last = self._trail[-1]
        if len(self._trail) == 1:
            return last.unknowns
        before = self._trail[0]
        past, ahead = last.place - before.place, place - last.place
        scale = float(past @ past)
        forward = float(past @ ahead) / scale if scale > 0 else 0.0
        if not 0.0 < forward < 3.0:
            return last.unknowns
        return last.unknowns + forward * (last.unknowns - before.unknowns)


def _place(problem: Problem) -> Array:
    sizes = float(problem.n), float(problem.lam), float(problem.noise)
    return np.array([math.log(x) if x > 0 else (-1e3 if k == 2 else -math.inf) for k, x in enumerate(sizes)])
