"""Claims about the numbers: the state evolution against closed forms, exact sums and itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np
from scipy.integrate import quad

from asymptotix.checks.claim import Family, Verdict, relative
from asymptotix.checks.deepest_points import measurable
from asymptotix.problem import Problem, problem_at
from asymptotix.state_evolution import CERTIFIED, solve
from asymptotix.teacher import FiniteRank

_ROUNDING = "rounding of the conditioned solve: 1e-9 is what is promised"


def least_squares(full: bool) -> Iterator[Verdict]:
    """Without penalty and with ``n > d`` the diagonal network is ordinary least squares."""
    cases = [(2, 3.0), (100, 150.0), (400, 401.0), (10**6, 1e9), (10**60, 3e60), (10**120, 1e140)]
    for d, n in cases if full else cases[:4]:
        expected = 2.0 * d / (n - d)
        solved = solve(Problem("diagonal", gamma=1.25, d=d, n=n, lam=0, noise=2)).error
        name, claim = f"least-squares/d={d:.0e}/n={n:.3g}", "ridgeless error for n > d is noise d / (n - d)"
        yield relative(name, claim, expected, solved, 1e-9, _ROUNDING, "closed form")


def pure_noise(full: bool) -> Iterator[Verdict]:
    """A teacher far below the noise: the risk is that of thresholded pure noise, in closed form."""
    d = 400
    for c in (0.3, 1.0, 1.9) if full else (1.0,):
        problem = Problem("quadratic", teacher=FiniteRank([1.0]), d=d, n=d, lam=1, noise=1)
        potential = problem.net.bind(problem.spectrum)
        # at tau = e^20 a spike of size 1 shifts R by at most (1/tau)^2 relative
        rho = potential.response(potential.path_of(c, 20.0), 20.0)
        exact = d * _semicircle_tail(rho.c)
        claim = "risk of thresholded noise is d int (x - c)_+^2 over the semicircle"
        witness = "quadrature over the semicircle"
        yield relative(f"pure-noise/quadratic/c={c}", claim, exact, rho.rho, 1e-9, _ROUNDING, witness)


def _semicircle_tail(c: float) -> float:
    """``int_c^2 (x - c)^2 sqrt(4 - x^2) / (2 pi) dx``, the root at 2 being a weight of the quadrature."""

    def smooth(x: float) -> float:
        return (x - c) ** 2 * math.sqrt(2.0 + x) / (2.0 * math.pi)

    return float(quad(smooth, c, 2.0, weight="alg", wvar=(0.0, 0.5), epsrel=1e-13)[0])


def residuals(name: str, full: bool) -> Iterator[Verdict]:
    """Random problems over the whole range: every solve certifies itself."""
    solved = (solve(random_problem(name, seed)) for seed in range(2000 if full else 50))
    worst = max(s.residual if s.converged else math.inf for s in solved)
    claim = "worst relative residual over random problems (gamma, d, n_eff, lam, noise)"
    source = "the promise that a solve is certified"
    yield Verdict(f"residual/{name}", claim, "the two equations, recomputed", 0.0, worst, CERTIFIED, source)


def random_problem(name: str, seed: int) -> Problem:
    """A problem drawn over the whole range promised.

    gamma in (0.5, 4], d from 2 to 1e120, n_eff from 1e-2 to 1e40, lam = 0 or over 24 decades around
    ``sqrt(n_eff/d)``, noise 0 or 1e-6 to 1e4.
    """
    rng = np.random.default_rng([seed, len(name)])
    d = max(2, round(10.0 ** rng.uniform(0.3, rng.choice([3.0, 20.0, 120.0]))))
    n_eff = 10.0 ** rng.uniform(-2.0, rng.choice([4.0, 40.0]))
    lam = math.sqrt(n_eff / d) * 10.0 ** rng.uniform(-12.0, 12.0) if rng.random() > 0.15 else 0.0
    noise = 10.0 ** rng.uniform(-6.0, 4.0) if rng.random() > 0.2 else 0.0
    return problem_at(name, n_eff, d, gamma=float(4.0 - rng.uniform(0.0, 3.4999)), lam=lam, noise=noise)


FAMILIES = (
    Family("least-squares", least_squares),
    Family("pure-noise", pure_noise),
    *(Family(f"residual/{name}", partial(residuals, name), seconds=50.0) for name in measurable()),
)
