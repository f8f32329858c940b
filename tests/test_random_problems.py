"""A sample over all that is promised, peaks included: every solve converges and certifies itself."""

from __future__ import annotations

import numpy as np
import pytest

from asymptotix import Problem, solve
from asymptotix.checks.numbers import random_problem
from asymptotix.networks import get
from asymptotix.solution import Solution

# Samples over dimensions at which bare noise, all learned, uses up the samples: d or d/2 degrees of freedom.
PEAKS = {"diagonal": 1.0, "quadratic": 0.25, "symmetric": 0.5}


def at_a_peak(network: str, seed: int) -> Problem:
    """A random problem moved to its interpolation peak, or to within 1e-12 to 0.3 of it."""
    rng = np.random.default_rng([seed, 1, len(network)])
    problem = random_problem(network, seed)
    off = rng.choice([-1.0, 0.0, 1.0]) * 10.0 ** rng.uniform(-12.0, -0.5)
    return problem.replace(n_eff=problem.d * PEAKS[network] * (1.0 + off))


def check(solution: Solution) -> None:
    assert solution.converged, solution.problem
    assert solution.residual < 1e-10, solution.problem


@pytest.mark.parametrize(("network", "count"), [("diagonal", 1600), ("quadratic", 400), ("symmetric", 200)])
def test_random_problems(network: str, count: int) -> None:
    assert get(network).name == network
    for seed in range(30_000, 30_000 + count):
        check(solve(random_problem(network, seed)))


@pytest.mark.parametrize(("network", "count"), [("diagonal", 400), ("quadratic", 150), ("symmetric", 60)])
def test_random_peaks(network: str, count: int) -> None:
    for seed in range(40_000, 40_000 + count):
        check(solve(at_a_peak(network, seed)))


@pytest.mark.parametrize(("network", "count"), [("diagonal", 100), ("quadratic", 25), ("symmetric", 15)])
def test_random_peaks_without_noise_and_hardly_a_penalty(network: str, count: int) -> None:
    """On the way down to a root at thresholds that no square of a double holds (seed 700,091), risks are no numbers."""
    for seed in range(700_091, 700_091 + count):
        rng = np.random.default_rng([seed, 7])
        problem = at_a_peak(network, seed)
        lam = float(problem.n_eff / problem.d) ** 0.5 * 10.0 ** rng.uniform(-16, -3)
        check(solve(problem.replace(noise=0, lam=lam)))
