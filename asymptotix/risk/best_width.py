"""How many hidden units are best, with the weight decay held fixed or chosen together with them.

At a fixed noise scale a width is a place ``q`` on the line of thresholds, with as many eigenvalues beyond; the least
risk is looked for over places, which does not grow with ``d``. The number beyond it, an integer, is solved for its own
noise scale, and again the least risk is looked for there, until the width is the one before: errors are off by the
square of what the place is off. Then widths are walked downhill one by one.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import Any, cast

import numpy as np
from scipy.optimize import minimize_scalar

from asymptotix.arrays import Array
from asymptotix.equations import Root, System, noise_scale
from asymptotix.errors import NotConverged
from asymptotix.networks.balances import noise_balance
from asymptotix.networks.base import Response, over_noise
from asymptotix.networks.narrow import Narrow, best_below, held
from asymptotix.networks.threshold_line import SpectralResponse
from asymptotix.problem import Problem
from asymptotix.risk.optimum import response_at_best
from asymptotix.risk.width_optimum import WidthOptimum
from asymptotix.solution import Solution
from asymptotix.state_evolution import solve_system
from asymptotix.status import Status

# Places at which the line of thresholds is looked at first, before and beyond the edge of the noise; and on it.
_PLACES, _ON_EDGE = 9, 25
# The first features stand this many e-folds around the edge of the noise.
_LEAVING = 2.0
# Then so many between two of them that are further apart than this.
_CLOSER, _SMOOTH = 9, 1.0
# The best place is found to this in its logarithm; the risk is flat there, to the square of that.
_STEP = 1e-5
# At the wide network's noise scale to this. At the next it is looked for this near, and beside where it moved; what is
# found within this share of that is no end.
_ROUGH, _BESIDE, _INSIDE = 1e-2, 0.2, 0.9
# Without weight decay the line begins this many e-folds below the place where angles turn into values.
_DEPTH = 8.0
# Widths are solved and places looked for so many times at most.
_TURNS = 8
# From here on one unit more or less is no difference.
_MANY = 1e6
# Among fewer units than these their risk tells which of the two next to a count is better.
_FEW = 30
# A count this close above an integer is that integer.
_ROUNDING = 1e-9
# Errors are compared to rounding: of widths as good as each other the least is taken.
_EQUAL = 1e-11
# A balance below this is surely negative: rounding in it is less.
_WORSE = 1e-9

#: Error, weight decay, what limits the network, and ``log tau``.
_Found = tuple[float, float, str, float]


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
        self.known: dict[int, _Found] = {}
        self.solved: Solution | None = None
        self.log_tau: float | None = None  # of the last width that was solved
        self.near: SpectralResponse | None = None
        self.start: float | None = None  # the wide network's noise scale

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
        self.near, self.start = cast(SpectralResponse, root.response), root.log_tau
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
        """Search places and solve widths in turn, then widths around the best one."""
        error, _, _ = self.wide
        if error == 0 or self.enough == 1:
            return self.as_wide()
        width = self._downhill(self._turns())
        found, lam, acts, _ = self.at(width)
        if not found < error * (1.0 - _EQUAL):
            return self.as_wide()
        status = Status.ONE_UNIT if width == 1 else Status.INTERIOR
        if self.decay and lam == 0:
            status = Status.RIDGELESS
        return WidthOptimum(self.problem, width, lam, found, error, acts, status)

    def _turns(self) -> int:
        """The width of least risk at its own noise scale, or one close by: the best of those on the way."""
        error, system = self.wide[0], self.system
        log_tau = 0.5 * math.log((system.noise + (error if error < math.inf else 1.0)) / system.nu)
        log_tau = log_tau if self.start is None else self.start
        best, around = 0, None
        for _ in range(_TURNS):
            here, place = self.least(log_tau, around)
            width = self._whole(_count(here), log_tau)
            if abs(width - best) <= _STEP * best:
                break
            best, last = width, log_tau
            _, _, _, log_tau = self.at(width)
            if not math.isfinite(log_tau):
                break
            moved = abs(log_tau - last)
            if width < _FEW and moved < _BESIDE:  # those next to it are looked at anyway
                break
            around = (place, _BESIDE + moved) if moved < _SMOOTH and math.isfinite(place) else None
        return min(self.known, key=lambda p: self.known[p][0])

    def least(
        self, log_tau: float, around: tuple[float, float] | None = None
    ) -> tuple[SpectralResponse, float]:
        """The response of least risk over all widths at one noise scale, and the place of its cut.

        ``around``: a place known to be near, and how near.
        """
        potential = cast(Narrow, self.system.potential)
        line = potential.line(log_tau)
        found: list[tuple[SpectralResponse, float]] = []

        def rho(path: float) -> float:
            here = line.at(path)
            if here.count > 0:
                found.append((self.respond(here, log_tau), path))
                return found[-1][0].rho
            return here.rho

        def nearby(start: float, end: float, fine: float) -> tuple[SpectralResponse, float]:
            minimize_scalar(rho, bounds=(start, end), method="bounded", options={"xatol": fine})
            return min(found, key=lambda pair: pair[0].rho)

        if around is not None:
            place, near = around
            best = nearby(place - near, place + near, _STEP)
            if abs(best[1] - place) < _INSIDE * near and best[0].constraint:
                return best
            found.clear()
        last = self.last(log_tau)
        if last is not None:
            found.append((last, last.path))
        low, high = line.joints[0][0] - _DEPTH, potential.path_of(line.top, log_tau)
        low = max(low, last.path) if last is not None else low
        places = _grid(low, high, line.joints[1][0])
        while low < high:
            # beyond the last place is no eigenvalue, or it is known to be worse; close to a feature it costs most
            risks = [r.rho if r.count > 0 else math.inf for r in self._together(places[:-1], log_tau)]
            k = int(np.argmin(risks))
            start, end = places[max(k - 1, 0)], places[min(k + 1, places.size - 1)]
            if end - start < _SMOOTH or places.size == _CLOSER:
                nearby(start, end, _STEP if self.known else _ROUGH)
                break
            places = np.linspace(start, end, _CLOSER)
        if not found:
            raise NotConverged(f"no eigenvalue is learned at any width, at log tau = {log_tau}")
        return min(found, key=lambda pair: pair[0].rho)

    def _together(self, places: Array, log_tau: float) -> list[SpectralResponse]:
        """What networks do whose widths are the numbers of eigenvalues beyond places, a few digits short."""
        wide = cast(Narrow, self.system.potential).wide
        found = wide.responses(places, np.full(places.size, log_tau)).each(places)
        return [self.respond(_cut(here), log_tau) for here in found]

    def last(self, log_tau: float) -> SpectralResponse | None:
        """The wide network's response: narrower ones are cut beyond it."""
        system, potential = self.system, cast(Narrow, self.system.potential)
        if log_tau != self.start:
            self.near = potential.wide.threshold(log_tau, system.nu, system.penalty, self.near)
        return self.near

    def respond(self, cut: SpectralResponse, log_tau: float) -> SpectralResponse:
        """What a network does whose width is the number of eigenvalues beyond a place."""
        system = self.system
        narrow = held(cut, system.nu, over_noise(system.penalty, log_tau))
        return cut if narrow is None else narrow

    def at(self, width: int) -> _Found:
        """Error, weight decay, constraint and ``log tau`` at an integer width."""
        if width not in self.known:
            if width < self.enough:
                self.known[width] = self.solve(width)
            else:
                error, lam, _ = self.wide
                log_tau = 0.5 * math.log((self.system.noise + error) / self.system.nu)
                self.known[width] = error, lam, "threshold", log_tau
        return self.known[width]

    def solve(self, width: int) -> _Found:
        solution, _ = solve_system(self.problem, self.narrow(width), self.solved)
        if not solution.converged:
            raise NotConverged(f"width {width} did not converge: residual {solution.residual:.2g}")
        self.solved, self.log_tau = solution, solution.log_delta - 0.5 * math.log(self.problem.d)
        return solution.error, float(self.problem.lam), solution.constraint, self.log_tau

    def narrow(self, width: int) -> System:
        potential: Any = self.system.potential
        return replace(self.system, potential=replace(potential, width=float(width)))

    def _downhill(self, best: int) -> int:
        """The best width next to one that is close to it."""
        for step in (-1, 1) if best <= _MANY else ():
            while 1 <= best + step <= self.enough and self._better(best + step, best):
                best += step
        return best

    def _better(self, width: int, best: int) -> bool:
        """Whether a width has less error: not if at the noise scale of the best its risk asks for more samples."""
        error, _, _, log_tau = self.at(best)
        if width not in self.known and width < self.enough and math.isfinite(log_tau):
            here = self._response_of(width, log_tau)
            if here is not None:
                balance = noise_balance(here, log_tau, self.system.nu, self.system.noise)
                if balance.value < -_WORSE:
                    return False
        return self.at(width)[0] < error * (1.0 - _EQUAL)

    def _response_of(self, width: int, log_tau: float) -> SpectralResponse | None:
        """What a width does at a noise scale; None where that many eigenvalues are not to be had."""
        cut = cast(Narrow, self.narrow(width).potential).cut(log_tau)
        return None if cut is None else self.respond(replace(cut, count=float(width)), log_tau)

    def _whole(self, count: float, log_tau: float) -> int:
        """The width of less risk of the two around a count: the nearer one of few may be much the worse."""
        width = min(max(round(count), 1), self.enough)
        if not 1.0 < count < min(_FEW, self.enough):
            return width
        both = (self._response_of(p, log_tau) for p in (math.floor(count), math.ceil(count)))
        few, more = (math.inf if here is None else here.rho for here in both)
        return width if few == more else math.floor(count) if few < more else math.ceil(count)


class _JointSearch(_Search):
    """Widths with the weight decay that is best for each: its threshold is known, see `best_below`."""

    @cached_property
    def wide(self) -> tuple[float, float, float]:
        best, here = response_at_best(self.problem)
        if best.error_star == 0:
            return 0.0, 0.0, self.problem.spectrum.rank
        if here is None:
            without = self.problem.replace(lam=0)
            _, root = solve_system(without, System.of(without))
            here = root.response if root is not None else None
        return best.error_star, best.lam_star, float(self.problem.d) if here is None else _count(here)

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

    def solve(self, width: int) -> _Found:
        system = self.narrow(width)
        potential: Any = system.potential

        def respond(log_tau: float, _: Response | None) -> Response:
            best: SpectralResponse = potential.best(log_tau)
            if best.spare_dof(system.nu) >= 0:
                return best
            least: SpectralResponse = potential.threshold(log_tau, system.nu, 0.0, None)
            return least

        root = noise_scale(system, respond, self.log_tau)
        if not isinstance(root, Root):
            return math.inf, 0.0, "", math.inf
        here, self.log_tau = root.response, root.log_tau
        kappa = here.c * math.exp(root.log_tau)
        spare = here.spare_dof(system.nu)
        lam = max(kappa * spare / system.penalty, 0.0) if spare > _EQUAL * system.nu else 0.0
        return here.risk(root.log_tau), lam, here.constraint, root.log_tau


def _grid(low: float, high: float, edge: float) -> Array:
    """Places on a line of thresholds, more of them where the first features leave the noise."""
    near, beyond = min(max(edge, low), high), min(edge + _LEAVING, high)
    parts = [(low, near, _PLACES), (near, beyond, _ON_EDGE), (beyond, high, _PLACES)]
    grid: Array = np.unique(
        np.concatenate([[low], *(np.linspace(*part) for part in parts if part[0] < part[1])])
    )
    return grid


def _cut(here: Response) -> SpectralResponse:
    """The number of eigenvalues beyond a place, and what goes with it, from slopes."""
    assert here.slopes is not None
    by_path = here.slopes.log_c_by_path * here.c
    fall, excess = max(-here.slopes.dof_by_path / by_path, 0.0), -0.5 * here.slopes.rho_by_path / by_path
    count = max((fall - excess) / here.c, 0.0)
    return SpectralResponse(here.path, here.c, here.rho, here.dof, slope=fall, count=count, excess=excess)


def _count(response: Response) -> float:
    return float(response.count) if isinstance(response, SpectralResponse) else 0.0
