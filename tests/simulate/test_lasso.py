"""The LASSO solver: certificates, closed cases, an independent linear programme, coherence of paths."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import SeedSequence
from scipy.optimize import linprog

from asymptotix.problem import Problem
from asymptotix.simulate.data import draw
from asymptotix.simulate.lasso import Design, design, duality_gap, fit_lasso, lasso_curve
from asymptotix.simulate.pursuit import basis_pursuit
from asymptotix.teacher import FiniteRank


def problem(n: int, noise: float = 0.5, d: int = 120) -> Problem:
    return Problem("diagonal", gamma=1.25, d=d, n=n, lam=0, noise=noise)


@pytest.mark.parametrize("n", [10, 60, 110, 120, 150, 400, 3000])
@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_every_fit_is_certified_and_optimal(n: int, noise: float) -> None:
    data = draw(problem(n, noise), SeedSequence(n))
    a = data.matrix / np.sqrt(data.d)
    for lam in (3.0, 0.3, 0.03):
        fit = fit_lasso(data, lam)
        assert fit.status == "converged"
        assert fit.gap <= 1e-8
        residual = data.labels - a @ fit.weights
        correlation = a.T @ residual
        assert np.abs(correlation).max() <= lam * (1 + 1e-6)
        np.testing.assert_allclose(
            correlation[fit.weights != 0], lam * np.sign(fit.weights[fit.weights != 0]), rtol=1e-5
        )
        expected = 0.5 * residual @ residual + lam * np.abs(fit.weights).sum()
        assert fit.objective == pytest.approx(expected, rel=1e-9)
        assert fit.train_loss == pytest.approx(residual @ residual / n, rel=1e-6, abs=1e-12)


def test_reduction_to_the_gram_matrix_changes_nothing() -> None:
    data = draw(problem(1000), SeedSequence(1))
    reduced = design(data)
    whole = Design(data.matrix / np.sqrt(data.d), data.labels, 0.0, data.n)
    theta = np.random.default_rng(0).standard_normal(data.d)
    assert reduced.matrix.shape == (120, 120)
    assert reduced.loss(theta) == pytest.approx(whole.loss(theta), rel=1e-12)
    assert duality_gap(reduced, theta, 1.0)[0] == pytest.approx(duality_gap(whole, theta, 1.0)[0], rel=1e-12)


def test_null_estimator_above_the_largest_penalty() -> None:
    data = draw(problem(50), SeedSequence(2))
    largest = float(np.abs(data.matrix.T @ data.labels).max() / np.sqrt(data.d))
    assert fit_lasso(data, largest * 1.0001).support == 0
    assert fit_lasso(data, largest * 0.999).support == 1


def test_ridgeless_above_interpolation_is_least_squares_with_its_exact_risk() -> None:
    # E ||theta_hat - theta||^2 / d = noise * d / (n - d - 1): the mean of an inverse Wishart matrix
    d, n, noise = 40, 100, 0.7
    errors = []
    for k in range(200):
        data = draw(problem(n, noise, d), SeedSequence(11, spawn_key=(k,)))
        errors.append(data.error(fit_lasso(data, 0.0).weights))
    exact = noise * d / (n - d - 1)
    stderr = np.std(errors, ddof=1) / np.sqrt(len(errors))
    assert abs(np.mean(errors) - exact) < 3.5 * stderr
    assert stderr < 0.03 * exact


@pytest.mark.parametrize("n", [8, 30, 70, 115])
@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_ridgeless_below_interpolation_is_the_least_l1_norm(n: int, noise: float) -> None:
    data = draw(problem(n, noise), SeedSequence(3))
    fit = fit_lasso(data, 0.0)
    a = data.matrix / np.sqrt(data.d)
    oracle = linprog(np.ones(240), A_eq=np.hstack([a, -a]), b_eq=data.labels, method="highs-ds")
    assert fit.status == "converged"
    assert fit.gap <= 1e-8
    assert np.abs(fit.weights).sum() == pytest.approx(oracle.fun, rel=1e-7)
    assert np.linalg.norm(a @ fit.weights - data.labels) < 1e-8 * np.linalg.norm(data.labels)


def test_noiseless_recovery_above_interpolation() -> None:
    data = draw(problem(200, 0.0), SeedSequence(4))
    fit = fit_lasso(data, 0.0)
    assert fit.status == "converged"
    assert data.error(fit.weights) < 1e-20


def test_a_warm_curve_meets_cold_starts() -> None:
    data = draw(problem(80), SeedSequence(5))
    lams = np.geomspace(2.0, 0.02, 7).tolist()
    for lam, fit in zip(lams, lasso_curve(data, lams), strict=True):
        cold = fit_lasso(data, lam)
        assert fit.gap <= 1e-8
        np.testing.assert_allclose(fit.weights, cold.weights, atol=1e-7)


def test_streamed_data_gives_the_same_fit() -> None:
    p = Problem("diagonal", gamma=1, d=300, n=7000, lam=1, noise=1)
    kept = fit_lasso(draw(p, SeedSequence(6)), 1.0)
    streamed = fit_lasso(draw(p, SeedSequence(6), streamed=True), 1.0)
    np.testing.assert_array_equal(kept.weights, streamed.weights)


@pytest.mark.parametrize("seed", range(4))
def test_basis_pursuit_from_any_start_reaches_the_linear_programme(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, y = rng.standard_normal((25, 60)), rng.standard_normal(25)
    oracle = linprog(np.ones(120), A_eq=np.hstack([a, -a]), b_eq=y, method="highs-ds").fun
    for start in (np.zeros(60), rng.standard_normal(60), np.eye(60)[3]):
        theta = basis_pursuit(a, y, start)
        assert theta is not None
        np.testing.assert_allclose(a @ theta, y, atol=1e-10)
        assert np.abs(theta).sum() == pytest.approx(oracle, rel=1e-9)


def test_basis_pursuit_says_when_it_may_not_finish() -> None:
    rng = np.random.default_rng(0)
    assert (
        basis_pursuit(rng.standard_normal((25, 60)), rng.standard_normal(25), np.zeros(60), pivots=2) is None
    )


def test_sparse_noiseless_recovery_with_a_degenerate_basis() -> None:
    p = Problem("diagonal", teacher=FiniteRank([3.0, 2.0, 1.0]), d=60, n=40, lam=0, noise=0)
    data = draw(p, SeedSequence(0))
    fit = fit_lasso(data, 0.0)
    assert fit.status == "converged"
    assert data.error(fit.weights) < 1e-18


@pytest.mark.parametrize("n", [128, 250])
@pytest.mark.parametrize("lam", [1e-7, 1e-9])
def test_a_tiny_penalty_without_noise_is_certified(n: int, lam: float) -> None:
    """The dual is then far below the rounding of the residual."""
    p = Problem("diagonal", gamma=1.25, d=256, n=n, lam=lam, noise=0)
    fit = fit_lasso(draw(p, np.random.SeedSequence(0)), p.lam)
    assert fit.status == "converged"
    assert fit.gap < 1e-11
