"""The best weight decay, against a grid of solves."""

import numpy as np
import pytest

from asymptotix import Problem, solve_curve
from asymptotix.risk import optimum

CASES = [
    ("diagonal", 1000, 500, 0.1, 1.25),
    ("diagonal", 1000, 5000, 0.1, 0.7),
    ("diagonal", 10**60, 1e20, 0.5, 2.0),
    ("quadratic", 400, 4_000, 0.1, 1.25),
    ("quadratic", 400, 160_000, 0.1, 1.25),
]


@pytest.mark.parametrize(("network", "d", "n", "noise", "gamma"), CASES)
def test_optimum_is_the_least_of_a_line_with_one_minimum(network, d, n, noise, gamma):
    problem = Problem(network, gamma=gamma, d=d, n=n, lam=0, noise=noise)
    best = optimum(problem)
    grid = best.lam_star * np.geomspace(1e-4, 1e4, 41)
    errors = np.array([s.error for s in solve_curve(problem.replace(lam=x) for x in grid)])
    assert best.error_star == pytest.approx(errors[20], rel=1e-8)
    assert best.error_star <= errors.min() * (1 + 1e-9)
    # one minimum: falling, then rising (up to rounding on plateaus)
    signs = np.sign(np.diff(np.log(errors)))[np.abs(np.diff(np.log(errors))) > 1e-9]
    assert np.all(np.diff(signs) >= 0)
    assert best.error_star <= best.pruned_error


def test_without_noise_the_best_is_no_penalty():
    best = optimum(Problem("diagonal", gamma=1.25, d=100, n=200, lam=1, noise=0))
    assert (best.status, best.lam_star, best.error_star) == ("perfect recovery", 0.0, 0.0)
