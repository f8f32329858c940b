"""Bilinear networks trained in four ways: the same minimum, certified, where the state evolution says."""

from __future__ import annotations

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.errors import InvalidInput
from asymptotix.problem import Problem
from asymptotix.risk.pruning import prune
from asymptotix.simulate.bilinear import BilinearNetwork, fit_bilinear, singular_channel
from asymptotix.simulate.data import draw
from asymptotix.simulate.train import train

P = Problem("bilinear", gamma=1.25, d=20, n=400, lam=0.3, noise=0.2)
DATA = draw(P, np.random.SeedSequence(1))


def test_the_gradient_is_that_of_the_objective() -> None:
    network, rng = BilinearNetwork(DATA, 0.3, width=7), np.random.default_rng(0)
    here, way = network.start(rng, 0.5), rng.standard_normal(network.size)
    h = 1e-5
    slope = (network.evaluate(here + h * way).objective - network.evaluate(here - h * way).objective) / (
        2 * h
    )
    assert slope == pytest.approx(float(network.evaluate(here).gradient @ way), rel=1e-6)


def test_training_both_layers_reaches_the_convex_minimum() -> None:
    convex = fit_bilinear(DATA, P.lam)
    assert convex.status == "converged"
    for optimiser in ("gd", "lbfgs"):
        trained = train(DATA, P.lam, optimiser=optimiser)
        assert trained.objective == pytest.approx(convex.objective, rel=1e-5)
        assert DATA.error(trained.weights) == pytest.approx(DATA.error(convex.weights), rel=2e-2)


def test_the_divergence_is_that_of_the_threshold() -> None:
    rng = np.random.default_rng(2)
    h, channel = rng.standard_normal((20, 20)), singular_channel(DATA)

    def denoise(m: np.ndarray) -> np.ndarray:
        values, rebuild = channel.decompose(m)
        return rebuild(np.maximum(values - 2.0, 0.0))

    total = 0.0
    for k in range(400):
        e = np.zeros(400)
        e[k] = 1e-5
        step = e.reshape(20, 20)
        total += float((denoise(h + step) - denoise(h - step)).ravel()[k]) / 2e-5
    values, _ = channel.decompose(h)
    assert channel.denoise(values, 2.0, 1.0)[1] == pytest.approx(total, rel=1e-6)


def test_message_passing_finds_the_minimum_on_gaussian_matrices() -> None:
    runs = {method: ax.simulate(P, method, seeds=3, inputs="goe", rotate=False) for method in ("amp", "erm")}
    assert runs["amp"].error == pytest.approx(runs["erm"].error, rel=2e-2)


def test_the_error_is_the_predicted_one_on_gaussian_matrices_and_near_it_on_pairs() -> None:
    p = Problem("bilinear", gamma=1.25, d=20, n=400, lam=0.3, noise=0.2)
    predicted = ax.solve(p).error
    matrices, pairs = (ax.simulate(p, seeds=5, inputs=law) for law in ("goe", "gaussian"))
    # four standard errors and the next order in 1/d
    assert abs(matrices.error - predicted) < 4 * matrices.stderr + predicted / p.d
    # products of inputs add a fraction of the order of 1/n_eff
    assert -4 * pairs.stderr < pairs.error - predicted < 4 * pairs.stderr + 6 / p.n_eff * predicted


def test_measured_inputs_are_refused() -> None:
    with pytest.raises(InvalidInput, match="inputs_from"):
        draw(P, np.random.SeedSequence(0), rows=np.zeros((500, 20)))


def test_fewer_rows_than_columns_are_trained_alike_by_every_method() -> None:
    p = Problem("bilinear", gamma=1.25, d=36, rows=12, n=500, lam=0.3, noise=0.2)
    data = draw(p, np.random.SeedSequence(3))
    assert data.weights.shape == (12, 36)
    assert float((data.weights**2).sum()) == pytest.approx(36.0)
    assert data.matrix.shape == (500, 48)
    convex = fit_bilinear(data, p.lam)
    assert convex.status == "converged"
    trained = train(data, p.lam)
    assert trained.status == "converged"
    assert trained.weights == pytest.approx(convex.weights, abs=2e-2)
    runs = {m: ax.simulate(p, m, seeds=3, inputs="goe") for m in ("erm", "amp")}
    assert runs["amp"].status == "converged"
    assert runs["amp"].errors == pytest.approx(runs["erm"].errors, rel=1e-3)
    assert abs(runs["erm"].z(ax.solve(p).error)) < 6


def test_the_divergence_counts_the_columns_beyond_the_rows() -> None:
    p = Problem("bilinear", gamma=1.25, d=30, rows=8, n=100, lam=0.3, noise=0.2)
    channel, rng = singular_channel(draw(p, np.random.SeedSequence(4))), np.random.default_rng(0)
    h, eps, step = rng.standard_normal((8, 30)), 4.0, 1e-6

    def denoised(x: np.ndarray) -> np.ndarray:
        values, rebuild = channel.decompose(x)
        return rebuild(np.maximum(values - eps, 0.0))

    trace = 0.0
    for i in range(8):
        for j in range(30):
            e = np.zeros_like(h)
            e[i, j] = step
            trace += float((denoised(h + e) - denoised(h - e))[i, j]) / (2 * step)
    values, _ = channel.decompose(h)
    assert channel.denoise(values, eps, 1.0)[1] == pytest.approx(trace, rel=1e-6)


def test_the_phase_is_read_off_trained_weights() -> None:
    p = Problem("bilinear", gamma=1.25, d=50, n=15_000, lam=0.01, noise=1.0)
    fit = fit_bilinear(draw(p, np.random.SeedSequence(0)), p.lam)
    found = ax.diagnose(fit.weights, "bilinear", samples=p.n, lam=p.lam)
    assert found.phase == "VIa"
    assert found.effective_noise == pytest.approx(ax.solve(p).delta, rel=0.1)
    assert found.overfitting == pytest.approx(ax.decompose(p).overfitting, rel=0.3)


def test_pruning_lowers_singular_values() -> None:
    rng = np.random.default_rng(0)
    for shape in ((12, 12), (8, 15)):
        a = rng.standard_normal(shape)
        left, values, right = np.linalg.svd(a, full_matrices=False)
        expected = (left * np.maximum(values - 2.0, 0.0)) @ right
        np.testing.assert_allclose(prune(a, 2.0), expected, atol=1e-12)
    s = a[:8, :8] + a[:8, :8].T
    values, vectors = np.linalg.eigh(s)
    kept = np.sign(values) * np.maximum(np.abs(values) - 1.0, 0.0)
    np.testing.assert_allclose(prune(s, 1.0), (vectors * kept) @ vectors.T, atol=1e-12)
