"""The best weight decay, and what it buys.

Every threshold is the solution for *some* weight decay, ``L = kappa (nu - s)``. So the best one solves

    nu tau^2 = noise' + R(tau, c tau)        dR/dc = 0

for noise scale and threshold, and the weight decay is read off at the end. In convex problems the risk has a single
minimum over thresholds: proved for the diagonal network (Mousavi, Maleki, Baraniuk, Ann. Stat. 45, 2017), and so
wherever we looked for the others (`tests/test_risk.py`). Elsewhere, and without slopes, thresholds are searched.
More than two layers may have several solutions there: the least error is then that of those that `solve` tells.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, overload

import numpy as np
from scipy.optimize import minimize_scalar

from asymptotix.equations import Root, System, noise_scale
from asymptotix.errors import InvalidInput, NotConverged, NotSupplied
from asymptotix.networks.base import Response
from asymptotix.problem import Problem
from asymptotix.risk.bayes import bayes_error
from asymptotix.risk.pruning import check_prunable
from asymptotix.risk.ridge import ridge_error
from asymptotix.risk.stationary import best_threshold, least_risk, rises
from asymptotix.state_evolution import solve, solve_system
from asymptotix.status import Status
from asymptotix.tables import Tabular

if TYPE_CHECKING:
    from asymptotix.risk.width_optimum import WidthOptimum

#: What can be looked for.
OVER = ("lam", "width", "both")
# Thresholds (over noise) among which the first search for the best one looks.
_SCAN = np.geomspace(1e-3, 1e3, 61)
# And where slopes tell whether there is another minimum between two.
_COARSE = _SCAN[::5]
# Where all features stand far out of the noise the best one is less; so small a one does nothing.
_LEAST = 1e-9
# Half-width of a search around the best position at a similar noise scale.
_NEARBY = 0.3
# A minimum followed so is the least of all if no other is lower by more than this, relatively.
_FOLLOWED = 1e-9
# At one weight decay errors of the same solution differ by less than this. Where another ends is looked for in steps of
# this, then to this.
_OTHER, _MORE, _JUMP = 1e-6, 2.0, 1e-4
# An error that is as good as none.
_RECOVERED = 1e-20
# A threshold whose square is nothing beside 1 is as good as none.
_NONE = 1e-8


@dataclass(frozen=True)
class Optimum(Tabular):
    """The best weight decay for a problem (whose own ``lam`` plays no role).

    Attributes:
        lam_star: the weight decay of least error, to about 8 digits (the minimum is flat), or 4 where the error jumps
            there from one solution to another (more than two layers); 0 when the best is the ridgeless limit.
        error_star: its error.
        c_star: threshold over effective noise at the optimum.
        bayes_error, pruned_error, ridge_error: benchmarks; error_at_half, error_at_twice: how flat the optimum is
            (computed when asked for).
        status: ``"interior"``, ``"ridgeless"`` or ``"perfect recovery"``.
    """

    keys: ClassVar[tuple[str, ...]] = (
        "lam_star",
        "error_star",
        "bayes_error",
        "pruned_error",
        "ridge_error",
        "error_at_half",
        "error_at_twice",
        "c_star",
        "status",
    )

    problem: Problem
    lam_star: float
    error_star: float
    c_star: float
    status: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values; without the benchmarks that there are not for a network or its inputs."""
        found = {}
        for name in self.keys:
            with suppress(NotSupplied):
                found[name] = getattr(self, name)
        return found

    @cached_property
    def bayes_error(self) -> float:
        """The least error of any estimator that knows the teacher's sizes."""
        return 0.0 if self.status == Status.PERFECT_RECOVERY else bayes_error(self.problem)

    @cached_property
    def pruned_error(self) -> float:
        """Error of the ridgeless estimator after the best further thresholding of its weights."""
        return pruned_error(self.problem)

    @property
    def ridge_error(self) -> float:
        """Error of the lazy network: ridge on fixed features at its own best penalty."""
        return ridge_error(self.problem)

    @cached_property
    def error_at_half(self) -> float:
        """Error at half the best weight decay."""
        return solve(self.problem.replace(lam=0.5 * self.lam_star)).error

    @cached_property
    def error_at_twice(self) -> float:
        """Error at twice the best weight decay."""
        return solve(self.problem.replace(lam=2.0 * self.lam_star)).error


@overload
def optimum(problem: Problem, over: Literal["lam"] = "lam") -> Optimum: ...


@overload
def optimum(problem: Problem, over: Literal["width", "both"]) -> WidthOptimum: ...


@overload
def optimum(problem: Problem, over: str) -> Optimum | WidthOptimum: ...


def optimum(problem: Problem, over: str = "lam") -> Optimum | WidthOptimum:
    """Find the weight decay of least error, the number of hidden units, or both.

    Args:
        problem: what is not looked for is taken from here; what is looked for plays no role.
        over: ``"lam"`` at the problem's width; ``"width"`` at the problem's weight decay, from 1 to ``d`` units; or
            ``"both"``.

    Raises:
        InvalidInput: ``over`` is none of these.
        NotSupplied: a width is looked for, and the network has none.

    >>> p = Problem("diagonal", gamma=1.25, d=1000, n=500, lam=0, noise=0.1)
    >>> best = optimum(p)
    >>> best.error_star <= min(solve(p.replace(lam=best.lam_star * x)).error for x in (0.9, 1.1))
    True
    >>> best.bayes_error < best.error_star < best.ridge_error
    True

    Without weight decay few units are best; the best weight decay with many does better still:

    >>> p = Problem("quadratic", gamma=1.25, d=400, n=160_000, lam=0, noise=0.1)
    >>> few = optimum(p, over="width")
    >>> few.width_star, few.status, few.error_star > optimum(p).error_star
    (25, 'interior', True)
    """
    if over not in OVER:
        raise InvalidInput("over", over, f"one of {', '.join(OVER)}")
    if over == "lam":
        return best_decay(problem)
    from asymptotix.risk.best_width import best_width

    return best_width(problem, decay=over == "both")


def best_decay(problem: Problem) -> Optimum:
    """The weight decay of least error at the problem's width."""
    return response_at_best(problem)[0]


def response_at_best(problem: Problem) -> tuple[Optimum, Response | None]:
    """The same, and the network's response there; None where no weight decay is best."""
    system = System.of(problem.replace(lam=1))
    nothing = Optimum(problem, 0.0, 0.0, 0.0, Status.PERFECT_RECOVERY)
    full = system.noise == 0 and system.potential.response(-math.inf, 0.0).dof <= system.nu
    if full and solve(problem.replace(lam=0)).status is Status.PERFECT_RECOVERY:
        return nothing, None
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # what is not finite is no root
        if (without := _error_without(problem, system)) is not None:
            return Optimum(problem, 0.0, without, 0.0, Status.RIDGELESS), None
        root = least_risk(system)
    if root is None or (system.net.assumes and _undercut(system, root)):
        if system.noise == 0 and solve(problem.replace(lam=0)).status is Status.PERFECT_RECOVERY:
            return nothing, None
        root = _searched(system, near=True)
        if root is None:
            return _falling(problem, system), None
        if _undercut(system, root):
            root = _searched(system, near=False) or root
    here = root.response
    # no weight decay is as low as that
    if here.spare_dof(system.nu) <= 0 or here.c < _NONE * _unit(system, root.log_tau):
        return Optimum(problem, 0.0, solve(problem.replace(lam=0)).error, 0.0, Status.RIDGELESS), None
    kappa = here.c * math.exp(root.log_tau)
    lam = kappa * here.spare_dof(system.nu) / system.penalty
    best = Optimum(problem, lam, here.risk(root.log_tau), here.c, Status.INTERIOR)
    # of few hidden units the least of several solutions is told, here and by `solve`
    return (_told(best) if system.net.assumes and system.out_of_reach is None else best), here


def _told(best: Optimum) -> Optimum:
    """The least error that `solve` tells, where at the best weight decay it tells another solution of the equations.

    That one ends at some larger weight decay, and the error falls by a jump, which is looked for by bisection.
    """

    before = least = _at(best.problem, best.lam_star)
    if least.error_star <= best.error_star * (1.0 + _OTHER):
        return best
    while (more := _at(best.problem, _MORE * least.lam_star)).error_star < least.error_star:
        before, least = least, more
    return _jump(before, least)


def _falling(problem: Problem, system: System) -> Optimum:
    """The same where one solution recovers as the weight decay vanishes, down from so much that nothing is learned."""
    potential: Any = system.potential
    log_tau = 0.5 * math.log((system.noise + 1.0) / system.nu)
    largest = float(potential.spectrum.log_value(np.ones(1))[0]) - log_tau
    kappa = potential.response(largest, log_tau).c * math.exp(log_tau)
    least = _at(problem, system.nu * kappa / system.penalty)
    while (less := _at(problem, least.lam_star / _MORE)).error_star <= least.error_star:
        least = less
        if least.error_star < _RECOVERED:
            return Optimum(problem, 0.0, 0.0, 0.0, Status.PERFECT_RECOVERY)
    return _jump(less, least)


def _at(problem: Problem, lam: float) -> Optimum:
    found = solve(problem.replace(lam=lam))
    if not found.converged:
        raise NotConverged(f"no certified solution at lam = {lam:.6g}, on the way to the best weight decay")
    c = math.exp(found.log_eps - found.log_delta)
    return Optimum(problem, lam, found.error, c, Status.INTERIOR)


def _jump(before: Optimum, least: Optimum) -> Optimum:
    """The place of least error at a jump between two weight decays."""
    while least.lam_star > before.lam_star * (1.0 + _JUMP):
        middle = _at(least.problem, math.sqrt(before.lam_star * least.lam_star))
        before, least = (before, middle) if middle.error_star <= least.error_star else (middle, least)
    return least


def _error_without(problem: Problem, system: System) -> float | None:
    """The error without weight decay, if the risk rises from there with the threshold.

    Asked where that is cheaper than the search for what is best.
    """
    if system.net.assumes or hasattr(system.potential, "tilt"):
        return None
    try:
        solution, root = solve_system(problem.replace(lam=0), replace(system, penalty=0.0))
    except NotConverged:  # less is learned than what a threshold at the edge of the noise tells in doubles
        return None
    if root is None:
        return None
    path = root.response.path
    if path == -math.inf:
        path = system.potential.path_of(_NONE * _unit(system, root.log_tau), root.log_tau)
    return solution.error if rises(system, path, root.log_tau) else None


def _undercut(system: System, root: Root) -> bool:
    """Whether another minimum is lower, as where width cuts the spectrum."""
    if hasattr(system.potential, "responses") and not _other_minimum(system, root):
        return False
    return _best_response(system, root.log_tau, known=root.response).rho < root.response.rho * (
        1.0 - _FOLLOWED
    )


def _other_minimum(system: System, root: Root) -> bool:
    """Whether the risk is lower, or between two places turns from falling to rising, anywhere else."""
    potential: Any = system.potential
    unit, path = _unit(system, root.log_tau), root.response.path
    places = np.array([potential.path_of(c * unit, root.log_tau) for c in _COARSE])
    found = potential.responses(places, np.full(places.size, root.log_tau))
    # less than this is rounding of a risk that does not change
    steep = found.rho_by_path * (np.abs(found.rho_by_path) > _FOLLOWED * found.rho)
    between = (steep[:-1] < 0) & (steep[1:] > 0) & ~((places[:-1] <= path) & (path <= places[1:]))
    return bool(between.any() or (found.rho < root.response.rho * (1.0 - _FOLLOWED)).any())


def _searched(system: System, near: bool) -> Root | None:
    """The noise scale of the best threshold, looked for near the last best one or among all; None if it would be 0."""
    root = noise_scale(system, lambda log_tau, last: _best_response(system, log_tau, last if near else None))
    assert root is not Status.INFINITE_RISK  # the best error is at most that of the null estimator
    return root if isinstance(root, Root) else None


def _best_response(
    system: System, log_tau: float, near: Response | None = None, known: Response | None = None
) -> Response:
    """The threshold of least risk at fixed effective noise; ``known`` is a minimum, perhaps not the least."""
    respond = system.potential.response
    if not (system.net.assumes or system.net.ridge_share):  # a ridge makes more than one minimum
        start = near.path if near is not None else system.potential.path_of(1.0, log_tau)
        found = best_threshold(system, log_tau, start) if math.isfinite(start) else None
        if found is not None:
            return found

    def rho(path: float) -> float:
        return respond(path, log_tau).rho

    if near is not None and math.isfinite(near.path):
        low, high = near.path - _NEARBY, near.path + _NEARBY
        found = respond(_minimise(rho, low, high), log_tau)
        # a search that began on the plateau where nothing is learned ends there
        inside = low + 0.01 * _NEARBY < found.path < high - 0.01 * _NEARBY
        if inside and found.dof > 0 and found.rho <= rho(near.path):
            return found
    unit = _unit(system, log_tau)
    paths = [system.potential.path_of(c * unit, log_tau) for c in _SCAN]
    k = int(np.argmin([rho(p) for p in paths]))
    low = paths[k - 1] if k > 0 else system.potential.path_of(_LEAST * unit, log_tau)
    if known is not None and low <= known.path <= paths[min(k + 1, len(paths) - 1)]:
        return known
    # either side for itself: a search across both may end on the plateau
    sides = _minimise(rho, low, paths[k]), _minimise(rho, paths[k], paths[min(k + 1, len(paths) - 1)])
    return min((respond(path, log_tau) for path in (*sides, paths[k])), key=lambda r: r.rho)


def _unit(system: System, log_tau: float) -> float:
    """``kappa/tau`` of a threshold as large as the noise: 1, but for ``|theta|^q`` it is ``delta^(1-q)``."""
    return math.exp((1.0 - float(system.net.power)) * (log_tau + math.log(system.penalty)))  # lam is 1


def _minimise(f: Any, low: float, high: float) -> float:
    return float(minimize_scalar(f, bounds=(low, high), method="bounded", options={"xatol": 1e-8}).x)


def pruned_error(problem: Problem) -> float:
    """Least error over thresholds at the effective noise of the estimator trained without weight decay."""
    check_prunable(problem.net)
    ridgeless = solve(problem.replace(lam=0))
    log_tau = ridgeless.log_delta - 0.5 * math.log(problem.d)
    if not math.isfinite(log_tau):
        return ridgeless.error
    return _best_response(System.of(problem.replace(lam=1)), log_tau).risk(log_tau)
