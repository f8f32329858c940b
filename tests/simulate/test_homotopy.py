"""The LASSO's path from `lam = 0+` upwards: against solutions found otherwise, and where those stall."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import SeedSequence
from scipy.linalg import lstsq

from asymptotix.problem import Problem
from asymptotix.simulate.data import draw
from asymptotix.simulate.homotopy import ascend
from asymptotix.simulate.lasso import design, duality_gap, fit_lasso
from asymptotix.simulate.pursuit import basis_pursuit


@pytest.mark.parametrize("n", [60, 99, 100, 101, 150])
@pytest.mark.parametrize("seed", [0, 1])
def test_the_path_from_below_ends_at_the_minimiser(n: int, seed: int) -> None:
    problem = design(draw(Problem("diagonal", gamma=1.25, d=100, n=n, lam=0, noise=5), SeedSequence(seed)))
    a, y = problem.matrix, problem.target
    start = basis_pursuit(a, y, np.zeros(100)) if n < 100 else lstsq(a, y)[0]
    for lam in (1e-4, 1e-2, 0.3, 3.0):
        theta = ascend(a, y, start, lam)
        assert theta is not None
        assert duality_gap(problem, theta, lam)[1] < 1e-8
        correlation = a.T @ (y - a @ theta)
        assert np.abs(correlation).max() <= lam * (1 + 1e-6)


def test_above_the_largest_penalty_nothing_is_left() -> None:
    theta = ascend(np.eye(3), np.array([3.0, -2.0, 1.0]), np.array([3.0, -2.0, 1.0]), 3.5)
    np.testing.assert_array_equal(theta, np.zeros(3))


def test_a_path_that_is_cut_short_says_so() -> None:
    rng = np.random.default_rng(0)
    a, y = rng.standard_normal((30, 30)), rng.standard_normal(30)
    assert ascend(a, y, np.linalg.solve(a, y), 1.0, breakpoints=2) is None
    assert ascend(a, y, np.zeros(30), 1.0) is None


@pytest.mark.parametrize("n", [300, 297])
def test_no_stall_at_interpolation_with_a_tiny_penalty(n: int) -> None:
    data = draw(Problem("diagonal", gamma=1.25, d=300, n=n, lam=0, noise=5), SeedSequence(0))
    fit = fit_lasso(data, 1e-5)
    assert fit.status == "converged"
    assert fit.gap < 1e-8
