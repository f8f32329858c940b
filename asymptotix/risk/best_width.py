"""How many hidden units are best, with the weight decay held fixed or chosen together with them.

For every width the first equation ``nu tau^2 = noise' + R`` has one solution, so the least error over widths solves it
with the least ``R`` at each ``tau`` (as in `asymptotix.risk.optimum`). At fixed ``tau`` a width is a place ``q`` on the
line of thresholds, with as many eigenvalues beyond; places are searched, which costs no more than searching thresholds
and does not grow with ``d``. The width is a real number there; around it the integers are solved one by one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

import numpy as np
from scipy.optimize import minimize_scalar

from asymptotix.arrays import Array
from asymptotix.equations import Root, System, noise_scale
from asymptotix.errors import NotConverged
from asymptotix.networks.base import Response, saturated_exp
from asymptotix.networks.narrow import Narrow, best_below, held
from asymptotix.networks.threshold_line import SpectralResponse
from asymptotix.problem import Problem
from asymptotix.risk.optimum import best_decay
from asymptotix.risk.width_optimum import WidthOptimum
from asymptotix.state_evolution import solve_system
from asymptotix.status import Status

# Places at which the line of thresholds is looked at first: features and the edge of noise are e-folds apart.
_PLACES = 40
# The first features stand this many e-folds around the edge of the noise.
_LEAVING = 2.0
# Then near the last best one, within an e-fold and by how much the noise scale has moved.
_PLACES_NEARBY, _NEARBY = 13, 0.5
# Grids are made finer down to this; what is closer together is smooth.
_SMOOTH = 0.1
# A place followed so is the best of all if no other has less risk by more than this, relatively.
_TRACKED = 1e-4
# The best place is found to this in its logarithm; the risk is flat there, to the square of that.
_STEP, _FLAT = 1e-4, 1e-7
# Without weight decay the line begins this many e-folds below the place where angles turn into values.
_DEPTH = 8.0
# Widths around the best real one that are all solved, and how far a walk downhill may go on.
_SPREAD, _MOST = 0.15, 24
# From here on one unit more or less is no difference.
_MANY = 1e6
# A count this close above an integer is that integer.
_ROUNDING = 1e-9
# Errors are compared to rounding: of widths as good as each other the least is taken.
_EQUAL = 1e-11


def best_width(problem: Problem, decay: bool = False) -> WidthOptimum:
    """Find the width of least error at the problem's weight decay, or together with the best one.

    >>> p = Problem("quadratic", gamma=1.25, d=10**60, n=1e100, lam=0, noise=0.1)
    >>> best = best_width(p)
    >>> best.status, best.bayes_error < best.error_star < best.decay_error
    ('interior', True)
    """
    wide = problem.replace(width=None)
    wide.net.supply("narrower")
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        if wide.d == 1:
            return _Search(wide, decay).as_wide()
        return (_JointSearch if decay else _Search)(wide, decay).best()


class _Search:
    """Widths at fixed weight decay."""

    def __init__(self, problem: Problem, decay: bool) -> None:
        self.problem = problem
        self.decay = decay
        self.known: dict[int, tuple[float, float, str]] = {}
        self.near: SpectralResponse | None = None
        self.place: tuple[float, float] | None = None  # of the best cut: log tau, path

    @cached_property
    def system(self) -> System:
        """The narrow network's, at any width: `dataclasses.replace` its potential's."""
        return System.of(self.problem.replace(width=1))

    @cached_property
    def wide(self) -> tuple[float, float, float]:
        """Error, weight decay and number of learned eigenvalues of the wide network."""
        solution, root = solve_system(self.problem, System.of(self.problem))
        if root is None:
            recovered = solution.status is Status.PERFECT_RECOVERY
            used = self.problem.spectrum.rank if recovered else float(self.problem.d)
            return solution.error, float(self.problem.lam), used
        return solution.error, float(self.problem.lam), _count(root.response)

    @property
    def enough(self) -> int:
        """The least width that makes no difference."""
        return max(1, min(self.problem.d, math.ceil(self.wide[2] * (1.0 - _ROUNDING))))

    def as_wide(self) -> WidthOptimum:
        error, lam, _ = self.wide
        status = Status.PERFECT_RECOVERY if error == 0 else Status.WIDE
        return WidthOptimum(self.problem, self.enough, lam, error, error, "threshold", status)

    def best(self) -> WidthOptimum:
        """Search places, then integers around the best one."""
        error, _, _ = self.wide
        if error == 0 or self.enough == 1:
            return self.as_wide()
        root = self.root(track=True)
        if self.least(root.log_tau).rho < root.response.rho * (1.0 - _TRACKED):
            root = self.root(track=False)  # another minimum took over on the way
        width = self._integer(min(max(_count(root.response), 1.0), float(self.enough)))
        found, lam, acts = self.at(width)
        if not found < error * (1.0 - _EQUAL):
            return self.as_wide()
        status = Status.ONE_UNIT if width == 1 else Status.INTERIOR
        if self.decay and lam == 0:
            status = Status.RIDGELESS
        return WidthOptimum(self.problem, width, lam, found, error, acts, status)

    def root(self, track: bool) -> Root:
        """The noise scale that goes with the least risk; ``track``: look near the last place first."""

        def respond(log_tau: float, _: Response | None) -> Response:
            return self.least(log_tau, self.place if track else None)

        self.place = None
        error, system = self.wide[0], self.system
        start = 0.5 * math.log((system.noise + error) / system.nu) if error < math.inf else None
        root = noise_scale(system, respond, start, tolerance=_FLAT)
        if not isinstance(root, Root):
            raise NotConverged(f"no width has a finite error: {root}")
        return root

    def least(self, log_tau: float, near: tuple[float, float] | None = None) -> SpectralResponse:
        """The response of least risk over all widths at one noise scale, or near ``(log tau, path)``."""
        potential = cast(Narrow, self.system.potential)
        line, last = potential.line(log_tau), self.last(log_tau)
        seen: dict[float, SpectralResponse] = {}

        def rho(path: float) -> float:
            if path not in seen:
                here = line.at(path)
                seen[path] = self.respond(here, log_tau) if here.count > 0 else here
            return seen[path].rho

        low, high = line.joints[0][0] - _DEPTH, potential.path_of(line.top, log_tau)
        if last is not None and last.path > low:
            low = last.path
        places = _grid(low, high, line.joints[1][0])
        if near is not None:
            reach = _NEARBY + abs(log_tau - near[0])
            places = np.linspace(max(low, near[1] - reach), min(high, near[1] + reach), _PLACES_NEARBY)
        if low < high:
            _search(rho, places)
        found = [(path, r) for path, r in seen.items() if r.count > 0]
        if found:
            path, best = min(found, key=lambda item: item[1].rho)
            if last is None or best.rho < last.rho:
                self.place = (log_tau, path)
                return best
        if last is None:
            raise NotConverged(f"no eigenvalue is learned at any width, at log tau = {log_tau}")
        self.place = None
        return last

    def last(self, log_tau: float) -> SpectralResponse | None:
        """The wide network's response: narrower ones are cut beyond it."""
        system, potential = self.system, cast(Narrow, self.system.potential)
        self.near = potential.wide.threshold(log_tau, system.nu, system.penalty, self.near)
        return self.near

    def respond(self, cut: SpectralResponse, log_tau: float) -> SpectralResponse:
        """What a network does whose width is the number of eigenvalues beyond a place."""
        system = self.system
        narrow = held(cut, system.nu, system.penalty * saturated_exp(-log_tau))
        return cut if narrow is None else narrow

    def at(self, width: int) -> tuple[float, float, str]:
        """Error, weight decay and constraint at an integer width."""
        if width not in self.known:
            self.known[width] = self.solve(width) if width < self.enough else (*self.wide[:2], "threshold")
        return self.known[width]

    def solve(self, width: int) -> tuple[float, float, str]:
        solution, _ = solve_system(self.problem, self.narrow(width))
        if not solution.converged:
            raise NotConverged(f"width {width} did not converge: residual {solution.residual:.2g}")
        return solution.error, float(self.problem.lam), solution.constraint

    def narrow(self, width: int) -> System:
        potential: Any = self.system.potential
        return replace(self.system, potential=replace(potential, width=float(width)))

    def _integer(self, width: float) -> int:
        """The best integer near a best real number: all that are near, then downhill."""
        if width > _MANY:
            return min(round(width), self.enough)
        reach = min(math.ceil(_SPREAD * width) + 1, _MOST // 2)
        middle = round(width)
        near = range(max(middle - reach, 1), min(middle + reach, self.enough) + 1)
        error: Callable[[int], float] = lambda p: self.at(p)[0]  # noqa: E731
        best = min(near, key=error)
        for step in (-1, 1):
            while 1 <= best + step <= self.enough and error(best + step) < error(best) * (1.0 - _EQUAL):
                best += step
        return best


class _JointSearch(_Search):
    """Widths with the weight decay that is best for each: its threshold is known, see `best_below`."""

    @cached_property
    def wide(self) -> tuple[float, float, float]:
        best = best_decay(self.problem)
        if best.error_star == 0:
            return 0.0, 0.0, self.problem.spectrum.rank
        at_best = self.problem.replace(lam=best.lam_star)
        _, root = solve_system(at_best, System.of(at_best))
        return (
            best.error_star,
            best.lam_star,
            float(self.problem.d) if root is None else _count(root.response),
        )

    @property
    def enough(self) -> int:
        """The best width may be beyond what the wide network uses at its own best weight decay."""
        return self.problem.d

    def as_wide(self) -> WidthOptimum:
        found = super().as_wide()
        used = max(1, min(self.problem.d, math.ceil(self.wide[2] * (1.0 - _ROUNDING))))
        return replace(found, width_star=used)

    @cached_property
    def system(self) -> System:
        return System.of(self.problem.replace(width=1, lam=1))

    def last(self, log_tau: float) -> SpectralResponse | None:
        return None

    def respond(self, cut: SpectralResponse, log_tau: float) -> SpectralResponse:
        best = best_below(cut)
        if best.spare_dof(self.system.nu) >= 0:
            return best
        without = held(cut, self.system.nu, 0.0)  # no weight decay is that low: the least there is
        return cut if without is None else without

    def solve(self, width: int) -> tuple[float, float, str]:
        system = self.narrow(width)
        potential: Any = system.potential

        def respond(log_tau: float, _: Response | None) -> Response:
            best: SpectralResponse = potential.best(log_tau)
            if best.spare_dof(system.nu) >= 0:
                return best
            least: SpectralResponse = potential.threshold(log_tau, system.nu, 0.0, None)
            return least

        root = noise_scale(system, respond)
        if not isinstance(root, Root):
            return math.inf, 0.0, ""
        here = root.response
        kappa = here.c * math.exp(root.log_tau)
        spare = here.spare_dof(system.nu)
        lam = max(kappa * spare / system.penalty, 0.0) if spare > _EQUAL * system.nu else 0.0
        return here.rho * math.exp(2.0 * root.log_tau), lam, here.constraint


def _grid(low: float, high: float, edge: float) -> Array:
    """Places on a line of thresholds, more of them where the first features leave the noise."""
    near, beyond = min(max(edge, low), high), min(edge + _LEAVING, high)
    parts = [(low, near), (near, beyond), (beyond, high)]
    grid: Array = np.unique(
        np.concatenate([np.linspace(*ends, _PLACES) for ends in parts if ends[0] < ends[1]])
    )
    return grid


def _search(f: Callable[[float], float], places: Array) -> None:
    """Evaluate a function ever closer to its least value, on grids first: beside it there may be a plateau."""
    while True:
        grid = places.tolist()
        k = int(np.argmin([f(x) for x in grid]))
        low, high = grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)]
        if high - low < _SMOOTH:
            break
        places = np.linspace(low, high, _PLACES_NEARBY)
    minimize_scalar(f, bounds=(low, high), method="bounded", options={"xatol": _STEP})


def _count(response: Response) -> float:
    return float(response.count) if isinstance(response, SpectralResponse) else 0.0
