"""Follow a solution along a line of problems: predict by the secant, correct by Newton's method.

Both equations at once, in the unknowns (position of the threshold, ``log tau``). The pair has one solution, so
whatever balances it is the solution; where the prediction is poor, `Follower.root` gives up early and the caller
solves from scratch. A correction costs a handful of responses, a solve from scratch some sixty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from asymptotix.equations import HIGHEST, LOWEST, Root, System
from asymptotix.networks.base import Response, noise_balance, threshold_balance
from asymptotix.problem import Problem
from asymptotix.state_evolution.newton import newton_root

Array = NDArray[np.float64]

# A kept step divides the balances by three at least; once steps gain speed, five or six lead from a percent to 1e-13,
# and half of the rest is for a Jacobian that has to be taken anew.
_STEPS = 12
_CLOSE = 1e-13  # balances at this level are as good as rounding lets them be
_GOOD = 1e-11  # or at this one, once steps no longer help
_FAR = 1.5  # a step this long in either unknown is not a correction
_ABOVE = 0.5  # nor is one to a noise scale so far above the predicted one
# Forward differences of values that are rounded to 1e-14: their error, h + 1e-14 / h, is least here.
_H = 1e-7


@dataclass(frozen=True)
class _Solved:
    place: Array  # logarithms of what may change along a line
    unknowns: Array  # path, log tau


class Follower:
    """Solves a sequence of problems, remembering the last two solutions and the last Jacobian."""

    def __init__(self) -> None:
        self._trail: list[_Solved] = []
        self._inverse: Array | None = None
        self._last: tuple[Problem, System] | None = None
        self._sloped = False

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
        self._trail, self._inverse = [], None

    def found(self, problem: Problem, root: Root) -> None:
        """Remember a root."""
        solved = _Solved(_place(problem), np.array([root.response.path, root.log_tau]))
        self._sloped = root.response.slopes is not None
        usable = bool(np.isfinite(solved.unknowns).all() and np.isfinite(solved.place).all())
        self._trail = [*self._trail[-1:], solved] if usable else []

    def root(self, problem: Problem, system: System) -> Root | None:
        """The root near where the trail leads, or ``None``."""
        start = self._predict(problem)
        if start is None:
            self._inverse = None
            return None
        if self._sloped and system.penalty > 0 and not system.net.assumes:
            path, log_tau = float(start[0]), float(start[1])
            return newton_root(system, path, max(log_tau, system.lowest), log_tau + _ABOVE)
        root = self._correct(system, start)
        if root is None:
            self._inverse = None
        return root

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

    def _correct(self, system: System, start: Array) -> Root | None:
        """Newton's method; its inverse Jacobian is carried along the line by Broyden's update."""
        x = start
        here = balances(system, x)
        fresh = False
        for _ in range(_STEPS):
            if here is None:
                return None
            response, f = here
            size = float(np.abs(f).max())
            if size <= _CLOSE:
                return Root(float(x[1]), response)
            if self._inverse is None:
                self._inverse, fresh = inverse_jacobian(system, x, f), True
                if self._inverse is None:
                    return None
            step = -self._inverse @ f
            if not float(np.abs(step).max()) < _FAR:
                if fresh:
                    return None
                self._inverse = None
                continue
            there = balances(system, x + step)
            if there is None or not float(np.abs(there[1]).max()) < 0.3 * size:
                if fresh:
                    return Root(float(x[1]), response) if size <= _GOOD else None
                self._inverse = None  # an old Jacobian: take a new one here
                continue
            self._inverse = updated(self._inverse, step, there[1] - f)
            x, here = x + step, there
        return None


def updated(inverse: Array, step: Array, change: Array) -> Array:
    """Broyden's update of an inverse Jacobian, after a step that changed the balances so."""
    moved = inverse @ change
    scale = float(step @ moved)
    if scale == 0 or not math.isfinite(scale):
        return inverse
    return np.asarray(inverse + np.outer(step - moved, step @ inverse) / scale)


def _place(problem: Problem) -> Array:
    sizes: Sequence[float] = (float(problem.n), float(problem.lam), float(problem.noise))
    return np.array([math.log(x) if x > 0 else (-1e3 if k == 2 else -math.inf) for k, x in enumerate(sizes)])


def balances(system: System, x: Array) -> tuple[Response, Array] | None:
    """The response at a point of the unknowns, and by how much both equations fail; None where that says nothing."""
    path, log_tau = float(x[0]), float(x[1])
    if not (LOWEST < log_tau < HIGHEST and log_tau >= system.lowest and abs(path) < 1e3):
        return None
    response = system.potential.response(path, log_tau)
    if not response.dof > 0:  # nothing is learned: the equations are flat
        return None
    first = noise_balance(response, log_tau, system.nu, system.noise).value
    second = threshold_balance(response, log_tau, system.nu, system.penalty).value
    values = np.array([first, second])
    return (response, values) if bool(np.isfinite(values).all()) else None


def inverse_jacobian(system: System, x: Array, f: Array) -> Array | None:
    """By differences; None where it is singular."""
    columns = []
    for k in (0, 1):
        moved = x.copy()
        moved[k] += _H
        there = balances(system, moved)
        if there is None:
            return None
        columns.append((there[1] - f) / _H)
    jacobian = np.stack(columns, axis=1)
    determinant = float(np.linalg.det(jacobian))
    if not abs(determinant) > 1e-9:
        return None
    return np.asarray(np.linalg.inv(jacobian), dtype=np.float64)
