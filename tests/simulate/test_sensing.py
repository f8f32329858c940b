"""The trace-norm solver: certificates, closed cases, optimality conditions recomputed densely, paths."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import SeedSequence

from asymptotix.problem import Problem
from asymptotix.simulate.data import DataSet, draw
from asymptotix.simulate.features import features_of, threshold_derivative
from asymptotix.simulate.sensing import fit_sensing, largest_useful_penalty, sensing_curve


def data_set(network: str, n_eff: float, d: int = 24, noise: float = 0.5, seed: int = 0) -> DataSet:
    p = Problem(network, gamma=1.25, d=d, n=int(n_eff * d), lam=0, noise=noise)
    return draw(p, SeedSequence(seed))


def dense_features(data: DataSet) -> np.ndarray:
    d = data.d
    return (np.einsum("ni,nj->nij", data.matrix, data.matrix) - np.eye(d)) / np.sqrt(d)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
@pytest.mark.parametrize("n_eff", [2, 6, 12, 30, 100])
@pytest.mark.parametrize("lam", [3.0, 0.3, 0.03])
def test_every_fit_is_certified_and_optimal(network: str, n_eff: float, lam: float) -> None:
    data = data_set(network, n_eff)
    fit = fit_sensing(data, lam)
    assert fit.status == "converged"
    assert fit.gap <= 1e-8
    a = dense_features(data)
    r = data.labels - np.einsum("nij,ij->n", a, fit.weights)
    gradient = 2.0 * np.einsum("n,nij->ij", r, a)
    c = lam * data.d
    s_values = np.linalg.eigvalsh(fit.weights)
    expected = r @ r + c * np.abs(s_values).sum()
    assert fit.objective == pytest.approx(expected, rel=1e-10)
    g_values = np.linalg.eigvalsh(gradient)
    assert g_values[-1] <= c * (1 + 2e-3)
    if network == "quadratic":
        assert s_values[0] >= -1e-10
    else:
        assert g_values[0] >= -c * (1 + 2e-3)
    # complementary slackness: <gradient, S> = c ||S||_*
    assert np.sum(gradient * fit.weights) == pytest.approx(c * np.abs(s_values).sum(), rel=1e-4, abs=1e-3 * c)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_null_estimator_above_the_largest_penalty(network: str) -> None:
    data = data_set(network, 8)
    largest = largest_useful_penalty(data)
    above, below = fit_sensing(data, largest * 1.001), fit_sensing(data, largest * 0.99)
    assert above.support == 0
    assert above.status == "converged"
    assert below.support == 1


def test_symmetric_ridgeless_above_interpolation_is_least_squares() -> None:
    data = data_set("symmetric", 60, d=12, seed=3)
    fit = fit_sensing(data, 0.0)
    i, j = np.tril_indices(12)
    columns = dense_features(data)[:, i, j] * np.where(i == j, 1.0, 2.0)
    solution = np.linalg.lstsq(columns, data.labels, rcond=None)[0]
    s = np.zeros((12, 12))
    s[i, j] = s[j, i] = solution
    assert np.sum((fit.weights - s) ** 2) < 1e-6 * np.sum(s**2)


def test_semidefinite_recovery_without_noise() -> None:
    data = data_set("quadratic", 16, d=20, noise=0.0, seed=1)
    fit = fit_sensing(data, 0.0)
    assert fit.status == "converged"
    assert data.error(fit.weights) < 1e-9


def test_semidefinite_constraint_binds_only_for_the_quadratic_network() -> None:
    quadratic, symmetric = (fit_sensing(data_set(n, 20), 0.01) for n in ("quadratic", "symmetric"))
    assert np.linalg.eigvalsh(quadratic.weights)[0] > -1e-10
    assert np.linalg.eigvalsh(symmetric.weights)[0] < -0.01


def test_a_warm_curve_meets_cold_starts() -> None:
    data = data_set("quadratic", 12)
    lams = np.geomspace(3.0, 0.1, 5).tolist()
    for lam, fit in zip(lams, sensing_curve(data, lams), strict=True):
        cold = fit_sensing(data, lam)
        assert max(fit.gap, cold.gap) <= 1e-8
        assert fit.objective == pytest.approx(cold.objective, rel=2e-8)
        assert np.sum((fit.weights - cold.weights) ** 2) < 1e-5 * data.d


def test_newton_derivative_is_the_derivative_of_the_spectral_threshold() -> None:
    rng = np.random.default_rng(0)
    z, direction = (m + m.T for m in rng.standard_normal((2, 8, 8)))
    values, q = np.linalg.eigh(z)
    threshold = 0.5
    omega = threshold_derivative(values, np.maximum(values - threshold, 0.0))

    def positive_part(m: np.ndarray) -> np.ndarray:
        w, v = np.linalg.eigh(m)
        return (v * np.maximum(w - threshold, 0.0)) @ v.T

    h = 1e-6
    numeric = (positive_part(z + h * direction) - positive_part(z - h * direction)) / (2 * h)
    np.testing.assert_allclose(q @ (omega * (q.T @ direction @ q)) @ q.T, numeric, atol=1e-7)


def test_dual_bound_against_cvxpy() -> None:
    cvxpy = pytest.importorskip("cvxpy")
    data = data_set("quadratic", 6, d=12)
    s = cvxpy.Variable((12, 12), PSD=True)
    a = dense_features(data).reshape(data.n, -1)
    loss = cvxpy.sum_squares(data.labels - a @ cvxpy.vec(s, order="C")) + 0.3 * 12 * cvxpy.trace(s)
    reference = cvxpy.Problem(cvxpy.Minimize(loss)).solve()
    assert fit_sensing(data, 0.3).objective == pytest.approx(reference, rel=1e-5)


def test_streamed_data_gives_the_same_fit() -> None:
    p = Problem("quadratic", gamma=1, d=150, n=9000, lam=1, noise=1)
    kept = fit_sensing(draw(p, SeedSequence(6)), 3.0, tolerance=1e-6)
    streamed = fit_sensing(draw(p, SeedSequence(6), streamed=True), 3.0, tolerance=1e-6)
    np.testing.assert_array_equal(kept.weights, streamed.weights)


def test_features_of_nothing() -> None:
    data = data_set("quadratic", 3)
    assert features_of(data).adjoint(np.zeros(data.n)).any() == np.False_
