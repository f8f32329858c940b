"""State evolution: the solution of the two shared equations at any point, with its certificate.

A root is first bracketed in two nested dimensions (`asymptotix.equations` says why each has one root), only
coarsely, then polished by Newton's method in both at once; the residuals, recomputed at the end, certify it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from scipy.optimize import minimize_scalar

from asymptotix.equations import LOWEST_LOG_TAU, WIDEST_PATH, System
from asymptotix.networks import network
from asymptotix.problem import Problem
from asymptotix.rootfinding import bracket, increasing_root
from asymptotix.solution import Solution

# A solve is certified when both relative residuals, recomputed, are below this.
CERTIFIED = 1e-10
# Newton's method usually ends below this; if not, the nested search goes on to full precision.
_POLISHED = 1e-13

# position, log tau, residual
Point = tuple[float, float, float]


def solve(problem: Problem, *, near: Solution | None = None) -> Solution:
    """Solve the state evolution of one problem.

    Args:
        problem: any network, teacher, dimension and amount of data.
        near: the solution of a similar problem, to start from (curves).

    Returns:
        A `Solution`, whose ``status`` names the outcome and whose ``residual`` certifies it.

    Ordinary least squares, ``Delta d / (n - d)``:

    >>> p = Problem("diagonal", gamma=1, d=100, n=150, lam=0, noise=2)
    >>> round(solve(p).error, 12)
    4.0
    >>> solve(p.replace(n=100)).status
    'infinite risk'
    """
    system = System.of(problem)
    if near is not None and math.isfinite(near.log_delta):
        system.log_tau = near.log_delta - 0.5 * math.log(problem.d)
    if system.penalty == 0:
        return _solve_ridgeless(problem, system)
    return _search(problem, system, _start(system, near))


def solve_curve(problems: Iterable[Problem]) -> Iterator[Solution]:
    """Solve neighbouring problems (a line in ``lam`` or ``n``), each starting from the one before.

    >>> p = Problem("diagonal", gamma=1, d=1e6, n=1e3, lam=1, noise=1)
    >>> errors = [s.error for s in solve_curve(p.replace(lam=x) for x in (0.01, 0.1, 1))]
    >>> errors[0] < 0.9, errors[2] > errors[1]
    (True, True)
    """
    last: Solution | None = None
    for problem in problems:
        last = solve(problem, near=last if last is not None and last.converged else None)
        yield last


def _start(system: System, near: Solution | None) -> float:
    lowest = system.lowest_path()
    if near is not None and math.isfinite(near.log_eps) and math.isfinite(near.log_delta):
        log_c = near.log_eps - near.log_delta
        if log_c < 600:
            path = system.potential.path_of(math.exp(log_c), system.log_tau or 0.0)
            return max(path, lowest + 1e-3)
    return system.guess(lowest)


def _search(problem: Problem, system: System, start: float) -> Solution:
    """Find the root of both equations from a first guess of the position."""
    best: Point = (start, math.nan, math.inf)
    for tolerance in (1e-5, 2e-15):

        def balance(path: float, tolerance: float = tolerance) -> float:
            return system.penalty_balance(path, 0.01 * tolerance)

        ends = bracket(balance, start, 0.2, -WIDEST_PATH, WIDEST_PATH)
        if ends is None:
            break
        start = increasing_root(balance, ends, tolerance=tolerance)
        # without noise the root may lie where the first equation ceases to have one: stay on the good side
        found = system.noise_scale(start, tolerance) or system.noise_scale(ends.b, tolerance)
        if found is None:
            break
        best = min(best, _polish(system, start, found[0]), key=lambda point: point[2])
        if best[2] < _POLISHED:
            break
    if system.noise == 0 and not best[2] < CERTIFIED:
        best = _search_noiseless(system, best)
    return _finish(problem, system, *best[:2])


def _search_noiseless(system: System, best: Point) -> Point:
    """Exchange the loops: noise scale outside, position inside.

    Without noise and with all coefficients learned, ``rho`` hardly depends on ``tau``: the first equation
    then fixes the position ``c``, and it is the second that fixes ``tau``.
    """
    path = best[0]

    def position(log_tau: float) -> float:
        nonlocal path

        def excess(p: float) -> float:
            return math.log(system.potential.response(p, log_tau).rho / system.nu)

        ends = bracket(excess, path, 0.1, -WIDEST_PATH, WIDEST_PATH)
        path = path if ends is None else increasing_root(excess, ends)
        return path

    def balance(log_tau: float) -> float:
        response = system.potential.response(position(log_tau), log_tau)
        return system.balances(response, log_tau)[1].value

    start = best[1] if math.isfinite(best[1]) else 0.0
    ends = bracket(balance, start, 1.0, LOWEST_LOG_TAU, -LOWEST_LOG_TAU)
    if ends is None:
        return best
    log_tau = increasing_root(balance, ends)
    return min(best, _polish(system, position(log_tau), log_tau), key=lambda point: point[2])


def _polish(system: System, path: float, log_tau: float) -> Point:
    """Newton's method with backtracking on both equations; returns the point of least residual found."""
    h = 1e-7

    def values(p: float, x: float) -> tuple[float, float]:
        first, second = system.balances(system.potential.response(p, x), x)
        return first.value, second.value

    def residual() -> float:
        return system.residual(system.potential.response(path, log_tau), log_tau)

    here = values(path, log_tau)
    for _ in range(20):
        if not max(map(abs, here)) > 2e-15 or not all(map(math.isfinite, here)):
            break
        by_path = [(v - u) / h for v, u in zip(values(path + h, log_tau), here, strict=True)]
        by_tau = [(v - u) / h for v, u in zip(values(path, log_tau + h), here, strict=True)]
        determinant = by_path[0] * by_tau[1] - by_path[1] * by_tau[0]
        if determinant == 0 or not math.isfinite(determinant):
            break
        step_path = (here[1] * by_tau[0] - here[0] * by_tau[1]) / determinant
        step_tau = (here[0] * by_path[1] - here[1] * by_path[0]) / determinant
        for damping in (1.0, 0.25, 1.0 / 16.0):
            next_path, next_tau = path + damping * step_path, log_tau + damping * step_tau
            there = values(next_path, next_tau)
            if max(map(abs, there)) < max(map(abs, here)):
                path, log_tau, here = next_path, next_tau, there
                break
        else:
            break
    return path, log_tau, residual()


def _solve_ridgeless(problem: Problem, system: System) -> Solution:
    """The limit ``lam -> 0+``: no threshold where samples exceed the degrees of freedom, else ``s = nu``."""
    if problem.noise == 0 and _recovers(system):
        return Solution(
            problem,
            error=0.0,
            log_delta=-math.inf,
            log_eps=-math.inf,
            train_loss=0.0,
            residual=0.0,
            digits=15,
            status="perfect recovery",
        )
    unpenalised = system.noise_scale(-math.inf)
    if unpenalised is not None and unpenalised[1].spare_dof(system.nu) >= 0:
        return _finish(problem, system, -math.inf, unpenalised[0])
    limit = system.potential.noise_response(-math.inf)
    if limit.spare_samples(system.nu) == 0 == limit.spare_dof(system.nu):
        return Solution(
            problem,
            error=math.inf,
            log_delta=math.inf,
            log_eps=-math.inf,
            degrees_of_freedom=system.nu,
            dof_ratio=1.0,
            train_loss=0.0,
            residual=0.0,
            digits=15,
            status="infinite risk",
        )
    return _search(problem, system, system.guess(system.lowest_path()))


def _recovers(system: System) -> bool:
    """Without noise: whether, at some threshold, ``rho < nu`` however small the noise scale."""

    def rho(path: float) -> float:
        return system.potential.response(path, LOWEST_LOG_TAU / 2.0).rho

    if rho(-math.inf) <= system.nu:
        return True
    low, high = (system.potential.path_of(c, LOWEST_LOG_TAU / 2.0) for c in (1e-6, 60.0))
    best = minimize_scalar(rho, bounds=(low, high), method="bounded", options={"xatol": 1e-8})
    return bool(best.fun < system.nu)


def _finish(problem: Problem, system: System, path: float, log_tau: float) -> Solution:
    """Recompute the residual at the root and turn it into the user's units."""
    if not math.isfinite(log_tau):
        return Solution(problem)
    response = system.potential.response(path, log_tau)
    half_log_d = 0.5 * math.log(problem.d)
    log_kappa = log_tau + math.log(response.c) if response.c > 0 else -math.inf
    spare = system.spare_fraction(response, log_tau)
    solution = Solution(
        problem,
        error=response.rho * math.exp(2.0 * log_tau),
        log_delta=log_tau + half_log_d,
        log_eps=log_kappa + half_log_d,
        degrees_of_freedom=response.dof,
        dof_ratio=response.dof / system.nu,
        train_loss=system.nu * math.exp(2.0 * log_tau) * spare**2 / network(problem.network).noise_factor,
        residual=system.residual(response, log_tau),
        digits=_good_digits(system, path, log_tau),
        status="converged",
    )
    return replace(solution, status=_outcome(problem, solution))


def _outcome(problem: Problem, solution: Solution) -> str:
    if not solution.residual < CERTIFIED:
        return "not converged"
    if solution.degrees_of_freedom < 1e-12:
        return "zero estimator"
    if problem.n < 1:
        return "below one sample"
    return "ridgeless" if problem.lam == 0 else "converged"


def _good_digits(system: System, path: float, log_tau: float) -> int:
    """Digits of the error: rounding in both equations, carried to ``log R`` by the inverse Jacobian."""
    h = 1e-6
    free = path > -math.inf  # else the threshold is 0 and only the first equation counts

    def functions(p: float, x: float) -> tuple[float, float, float]:
        r = system.potential.response(p, x)
        first, second = (b.value for b in system.balances(r, x))
        return first, second if free else 0.0, math.log(r.rho) + 2.0 * x if r.rho > 0 else -math.inf

    base = functions(path, log_tau)
    by_tau = [(v - b) / h for v, b in zip(functions(path, log_tau + h), base, strict=True)]
    by_path = [0.0, 1.0, 0.0]
    if free:
        by_path = [(v - b) / h for v, b in zip(functions(path + h, log_tau), base, strict=True)]
    determinant = by_path[0] * by_tau[1] - by_path[1] * by_tau[0]
    if determinant == 0 or not math.isfinite(determinant):
        return 0
    from_first = (by_path[2] * by_tau[1] - by_tau[2] * by_path[1]) / determinant
    from_second = (by_tau[2] * by_path[0] - by_path[2] * by_tau[0]) / determinant
    rounding = 1e-14 + 2.0**-51 * (abs(log_tau) + (abs(path) if free else 0.0))
    error = (abs(from_first) + abs(from_second)) * (rounding + abs(base[0]) + abs(base[1])) + rounding
    return max(0, min(15, math.floor(-math.log10(error)))) if math.isfinite(error) and error > 0 else 0
