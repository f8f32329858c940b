"""State evolution: the solution of the two shared equations at any point, with its certificate, and along lines.

A line of problems is followed: predicted by the secant, corrected by Newton's method; where the prediction is poor the
problem is solved from scratch.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from asymptotix.arrays import Array
from asymptotix.equations import HIGHEST, LOWEST, Root, System, noise_scale
from asymptotix.errors import NotConverged
from asymptotix.networks.balances import Balance, noise_balance, threshold_balance
from asymptotix.networks.base import Response
from asymptotix.problem import Problem
from asymptotix.rootfinding import bracket, increasing_root
from asymptotix.solution import Solution
from asymptotix.state_evolution.newton import Jacobian, balance_slopes, differenced, newton_root
from asymptotix.status import Status

# A solve is certified when both relative residuals, recomputed, are below this.
CERTIFIED = 1e-10
# Where there may be several roots, none is beside one whose penalty takes at least this share of the samples.
_SPARE = 0.1
# How far a threshold may jump, in its logarithm.
_FOLD = 60.0
# Slopes by differences over this have the two digits that an estimate of digits needs.
_H = 1e-6


def _quiet() -> np.errstate:
    """What overflows at extreme sizes becomes nan, fails its residual and is refused: no need to warn."""
    return np.errstate(over="ignore", divide="ignore", invalid="ignore")


def solve(problem: Problem, *, near: Solution | None = None) -> Solution:
    """Solve the state evolution of one problem.

    Args:
        problem: any network, teacher, dimension and amount of data.
        near: the solution of a similar problem, to start from (curves) where no other solution may be.

    Returns:
        A `Solution`, whose ``status`` names the outcome and whose ``residual`` certifies it.

    Ordinary least squares, ``Delta d / (n - d)``:

    >>> p = Problem("diagonal", gamma=1, d=100, n=150, lam=0, noise=2)
    >>> round(solve(p).error, 12)
    4.0
    >>> solve(p.replace(n=100)).status
    'infinite risk'
    """
    with _quiet():
        return solve_system(problem, System.of(problem), near)[0]


def solve_curve(problems: Iterable[Problem]) -> Iterator[Solution]:
    """Solve neighbouring problems (a line in ``lam`` or ``n``), each starting from the one before.

    >>> p = Problem("diagonal", gamma=1, d=1e6, n=1e3, lam=1, noise=1)
    >>> errors = [s.error for s in solve_curve(p.replace(lam=x) for x in (0.01, 0.1, 1))]
    >>> errors[1] < errors[0] and errors[1] < errors[2]
    True
    """
    follower = Follower()
    last: Solution | None = None
    for problem in problems:
        with _quiet():
            system = follower.system(problem)
            root = follower.root(problem, system)
            solution = certified(problem, system, root) if root is not None else None
            if solution is None or not solution.converged:
                solution, root = solve_system(problem, system, last)
                if not solution.converged and last is not None:  # a neighbour far away led astray
                    solution, root = solve_system(problem, system)
        if root is not None and solution.converged and _alone(system, root):
            follower.found(problem, root)
        else:
            follower.forget()
        last = solution if solution.converged else None
        yield solution


@np.errstate(over="ignore", divide="ignore", invalid="ignore")  # what is not finite is no root
def solve_system(
    problem: Problem, system: System, near: Solution | None = None
) -> tuple[Solution, Root | None]:
    """Solve one equation inside the other; the root is None where the problem is degenerate.

    The system is the problem's, or one whose potential differs (a width between two integers).
    """

    def respond(log_tau: float, last: Response | None) -> Response:
        return system.potential.threshold(log_tau, system.nu, system.penalty, last)

    start = None
    if near is not None and math.isfinite(near.log_delta) and not system.net.assumes:
        start = near.log_delta - 0.5 * math.log(problem.d)
    guess = 0.5 * math.log((system.noise + 1.0) / system.nu) if start is None else start
    if (quick := _quick_root(system, guess)) is not None:
        solution = certified(problem, system, quick)
        if solution.converged:
            return solution, quick
    root = noise_scale(system, respond, start, first=bool(system.net.assumes))
    if isinstance(root, Root):
        solution = certified(problem, system, root)
        if not solution.converged and system.net.assumes and (turn := _at_a_fold(system, root)) is not None:
            solution, root = certified(problem, system, turn), turn
        return solution, root
    return _degenerate(problem, system, root), None


def _quick_root(system: System, guess: float) -> Root | None:
    """Newton's, in the place of the cut first where width may bind."""
    cuts = getattr(system.potential, "cuts", None)
    if cuts is None:
        return newton_root(system, guess)
    return _cut_root(system, cuts) or _free_root(system, guess)


def _cut_root(system: System, cuts: Any) -> Root | None:
    """The first root from below, in the place of the cut and the noise scale, or None; there the threshold follows."""
    start, potential = system.lowest, cuts(system.nu, system.penalty)
    if start <= LOWEST:
        return None
    path = potential.guess(start, system.nu, 0.0)
    root = newton_root(replace(system, potential=potential, penalty=0.0), start, path)
    if root is None:
        return None
    response: Any = root.response
    root = Root(root.log_tau, response.held, direct=True)
    return root if no_other(system, root) else None


def _free_root(system: System, guess: float) -> Root | None:
    """The wide network's root, where it learns no more eigenvalues than there are units."""
    narrow: Any = system.potential
    wide = replace(system, net=replace(system.net, assumes=""), potential=narrow.wide)
    root = newton_root(wide, guess)
    if root is None or not no_other(system, root):
        return None
    response: Any = root.response
    if response.count > narrow.width:
        return None
    return replace(root, response=replace(response, constraint="threshold"))


def _at_a_fold(system: System, jump: Root) -> Root | None:
    """The root where the threshold, in a problem that is not convex, jumps as the noise scale passes.

    Between its two places the threshold leads: at each the noise scale is the one that balances the second equation.
    """
    places: dict[float, Root] = {}
    first = jump.response.path

    def balance(path: float) -> float:
        respond = partial(system.potential.response, path)

        def second(log_tau: float) -> float:
            return threshold_balance(respond(log_tau), log_tau, system.nu, system.penalty).value

        start = jump.log_tau - (path - first)  # the threshold itself hardly changes, in units of the teacher
        ends = bracket(second, start, 0.05, system.lowest, HIGHEST)
        if ends is None:
            return math.nan
        log_tau = increasing_root(second, ends)
        places[path] = Root(log_tau, respond(log_tau), direct=True)
        return -noise_balance(places[path].response, log_tau, system.nu, system.noise).value

    ends = bracket(balance, first, 0.5, first - _FOLD, first + _FOLD)
    return None if ends is None else places[increasing_root(balance, ends)]


def _degenerate(problem: Problem, system: System, status: Status) -> Solution:
    """The outcomes without a noise scale: it would be 0 or infinite, which only happens without a penalty."""
    if problem.lam > 0:
        raise NotConverged(f"no noise scale balances the first equation in doubles: d = {problem.d:.3g}")
    recovered = status is Status.PERFECT_RECOVERY
    return Solution(
        problem,
        error=0.0 if recovered else math.inf,
        log_delta=-math.inf if recovered else math.inf,
        log_eps=-math.inf if recovered else math.nan,
        degrees_of_freedom=math.nan if recovered else system.nu,
        dof_ratio=math.nan if recovered else 1.0,
        train_loss=0.0,
        residual=0.0,
        digits=15,
        status=status,
    )


def certified(problem: Problem, system: System, root: Root) -> Solution:
    """Recompute the residual at the root and turn it into the user's units."""
    log_tau, response = root.log_tau, root.response
    if not root.direct:
        response = system.potential.response(response.path, log_tau)
    tau, half_log_d = math.exp(log_tau), 0.5 * math.log(problem.d)
    log_kappa = log_tau + math.log(response.c) if response.c > 0 else -math.inf
    spare = system.spare_fraction(response, log_tau)
    balances = system.balances(response, log_tau)
    residual = max(balance.residual for balance in balances)
    digits = _good_digits(system, response, log_tau, balances)
    return Solution(
        problem,
        error=response.risk(log_tau),
        log_delta=log_tau + half_log_d,
        log_eps=log_kappa + half_log_d,
        degrees_of_freedom=response.dof,
        dof_ratio=response.dof / system.nu,
        train_loss=tau * system.nu * spare**2 * tau / float(problem.net.units.noise),
        residual=residual,
        digits=digits,
        status=_outcome(problem, residual, response.dof),
        constraint=response.constraint,
    )


def _outcome(problem: Problem, residual: float, dof: float) -> Status:
    if not residual < CERTIFIED:
        return Status.NOT_CONVERGED
    if dof < 1e-12:
        return Status.ZERO_ESTIMATOR
    if problem.n < 1:
        return Status.BELOW_ONE_SAMPLE
    return Status.RIDGELESS if problem.lam == 0 else Status.CONVERGED


def _good_digits(system: System, response: Response, log_tau: float, at: tuple[Balance, Balance]) -> int:
    """Digits of the error: rounding in both equations, carried to ``log R`` by the inverse Jacobian."""
    path, slopes = response.path, response.slopes
    free = path > -math.inf  # else the threshold is 0 and only the first equation counts
    if slopes is None:
        slopes = differenced(system.potential, response, log_tau, _H)
    (a, c), (b, d) = balance_slopes(*at, slopes)
    if not free:
        a, b, c, d = 0.0, b, 1.0, 0.0
    determinant = a * d - b * c
    if determinant == 0 or not math.isfinite(determinant) or not response.rho > 0:
        return 0
    along, up = slopes.rho_by_path / response.rho, slopes.rho_by_tau / response.rho + 2.0
    from_both = abs((along * d - up * c) / determinant) + abs((up * a - along * b) / determinant)
    rounding = 1e-14 + 2.0**-51 * (abs(log_tau) + (abs(path) if free else 0.0))
    error = from_both * (rounding + abs(at[0].value) + (abs(at[1].value) if free else 0.0)) + rounding
    return max(0, min(15, math.floor(-math.log10(error)))) if math.isfinite(error) and error > 0 else 0


# Along a line ------------------------------------------------------------------------------------------------


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
        root = newton_root(system, float(start[1]), float(start[0]), self._jacobian)
        return root if root is not None and _alone(system, root) else None

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


def _alone(system: System, root: Root) -> bool:
    """Whether no other root is to be told: neither beside this one, nor on the way to it."""
    if system.out_of_reach is not None:
        return root.response.constraint == "threshold"
    return not system.net.assumes or (no_other(system, root) and led_by_penalty([system])[0])


def no_other(system: System, root: Root) -> bool:
    """Whether a problem that is not convex has no root beside this one, led by the penalty as it is."""
    return not system.net.assumes or root.response.dof < (1.0 - _SPARE) * system.nu


@np.errstate(divide="ignore", over="ignore", invalid="ignore")  # what is not finite is not led
def led_by_penalty(systems: Sequence[System]) -> list[bool]:
    """Whether the penalty takes a share of the samples, ``L / (nu kappa)``, at the noise scale of unit risk.

    Thresholds fall with the noise scale, so that it takes more below. Several roots, of problems that are not convex,
    were seen only where at one of them nearly all samples are fitted (2,200 random problems).
    """
    potential: Any = systems[0].potential
    sizes = [(s.nu, s.noise, s.penalty) for s in systems]
    nu, noise, penalty = np.array(sizes).reshape(-1, 3).T
    log_tau = 0.5 * np.log((noise + 1.0) / nu)
    c = np.exp(np.log(penalty / nu / _SPARE) - log_tau)
    path = np.array([potential.path_of(*place) for place in zip(c.tolist(), log_tau.tolist(), strict=True)])
    led = np.isfinite(path)
    led[led] = potential.responses(path[led], log_tau[led]).dof < (1.0 - _SPARE) * nu[led]
    return [bool(x) for x in led]


def _place(problem: Problem) -> Array:
    sizes = float(problem.n), float(problem.lam), float(problem.noise)
    return np.array([math.log(x) if x > 0 else (-1e3 if k == 2 else -math.inf) for k, x in enumerate(sizes)])
