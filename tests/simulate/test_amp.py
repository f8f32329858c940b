"""AMP: fixed points are convex minimisers, the Onsager term is a divergence, failure is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.random import SeedSequence

from asymptotix.errors import InvalidInput
from asymptotix.problem import Problem
from asymptotix.simulate.amp import amp, channel
from asymptotix.simulate.data import DataSet, draw
from asymptotix.simulate.features import soft
from asymptotix.simulate.lasso import fit_lasso
from asymptotix.simulate.sensing import fit_sensing


def data_set(network: str, n_eff: float, d: int | None = None, seed: int = 0) -> DataSet:
    d = d or (400 if network == "diagonal" else 50)
    n = int(n_eff if network == "diagonal" else n_eff * d)
    return draw(Problem(network, gamma=1.25, d=d, n=n, lam=1, noise=0.5), SeedSequence(seed))


@pytest.mark.parametrize(
    ("network", "n_eff", "lam"),
    [
        ("diagonal", 200, 1.0),
        ("diagonal", 1200, 0.3),
        ("quadratic", 60, 3.0),
        ("quadratic", 100, 1.0),
        ("symmetric", 100, 3.0),
    ],
)
def test_fixed_points_are_the_convex_minimisers(network: str, n_eff: float, lam: float) -> None:
    data = data_set(network, n_eff)
    fit = amp(data, lam, tolerance=1e-7)
    best = (fit_lasso if network == "diagonal" else fit_sensing)(data, lam)
    assert fit.status == "converged"
    assert fit.objective == pytest.approx(best.objective, rel=1e-6)
    assert np.sum((fit.weights - best.weights) ** 2) < 1e-4 * data.d


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_the_onsager_coefficient_is_the_divergence_of_the_spectral_threshold(network: str) -> None:
    system = channel(data_set(network, 5, d=6))
    rng = np.random.default_rng(0)
    h = rng.standard_normal((6, 6))
    h = h + h.T
    threshold = 0.8

    def denoise(matrix: np.ndarray) -> np.ndarray:
        values, rebuild = system.decompose(matrix)
        return rebuild(system.denoise(values, threshold, 1.0)[0])

    total, step = 0.0, 1e-6
    for i in range(6):
        for j in range(i + 1):  # an orthonormal basis of the symmetric matrices
            basis = np.zeros((6, 6))
            basis[i, j] = basis[j, i] = 1.0 if i == j else 0.5**0.5
            change = (denoise(h + step * basis) - denoise(h - step * basis)) / (2 * step)
            total += float(np.sum(basis * change))
    values, _ = system.decompose(h)
    assert system.denoise(values, threshold, 1.0)[1] == pytest.approx(total, rel=1e-6)


def test_every_iteration_obeys_the_scalar_state_evolution() -> None:
    # delta_{t+1}^2 = (noise + error_t) d/n, and error_t is that of a soft threshold at (delta_t, eps_t) [BM]
    data = data_set("diagonal", 1500, d=2000, seed=1)
    history = amp(data, 1.0, iterations=12, tolerance=0.0).history
    rng = np.random.default_rng(0)
    for t in range(11):
        predicted = np.sqrt((0.5 + history["error"][t]) * 2000 / 1500)
        assert history["delta"][t + 1] == pytest.approx(predicted, rel=0.05)
        h = data.weights + history["delta"][t] * rng.standard_normal((200, 2000))
        risk = np.mean((soft(h, history["eps"][t], two_sided=True) - data.weights) ** 2)
        assert history["error"][t] == pytest.approx(risk, rel=0.15)


def test_every_iteration_obeys_the_matrix_state_evolution() -> None:
    # 2 alpha delta^2 = noise/2 + error with alpha = n/d^2; S is seen through delta times a GOE matrix [NR]
    # The first iterations see labels far from Gaussian (one feature dominates): X' diag(y) X is skewed at
    # finite d. Measured with many seeds: error 1.28, 1.12, 1.04, 1.02, ... times the prediction at d = 80.
    d, n_eff, seeds = 80, 120, 4
    rng = np.random.default_rng(0)
    ratios = np.empty((seeds, 7))
    for seed in range(seeds):
        data = data_set("quadratic", n_eff, d=d, seed=seed)
        history = amp(data, 1.0, iterations=8, tolerance=0.0).history
        predicted = np.sqrt((0.25 + history["error"][:-1]) * d / (2 * n_eff))
        np.testing.assert_allclose(history["delta"][1:], predicted, rtol=0.06)
        for t in range(7):
            risks = []
            for _ in range(6):
                g = rng.standard_normal((d, d))
                h = data.weights + history["delta"][t] * (g + g.T) / np.sqrt(2 * d)
                values, vectors = np.linalg.eigh(h)
                s = (vectors * np.maximum(values - history["eps"][t], 0.0)) @ vectors.T
                risks.append(data.error(s))
            ratios[seed, t] = history["error"][t] / np.mean(risks)
    np.testing.assert_allclose(ratios.mean(axis=0)[:2], [1.28, 1.12], atol=0.2)
    np.testing.assert_allclose(ratios.mean(axis=0)[2:], 1.0, atol=0.12)


def test_a_fixed_ratio_reports_the_penalty_it_stands_for() -> None:
    data = data_set("diagonal", 300)
    fit = amp(data, 0.0, ratio=1.5, tolerance=1e-8)
    assert fit.status == "converged"
    lam = float(fit.history["lam"][-1])
    np.testing.assert_allclose(fit.weights, fit_lasso(data, lam).weights, atol=1e-2)


def test_interpolating_regimes_are_not_called_converged() -> None:
    fit = amp(data_set("diagonal", 360), 1e-3, iterations=100)
    assert fit.status != "converged"
    assert fit.gap > 1e-3
    damped = amp(data_set("quadratic", 20), 0.1, damping=0.5, iterations=400)
    undamped = amp(data_set("quadratic", 20), 0.1, iterations=400)
    assert damped.status == "converged"
    assert undamped.status != "converged"


@pytest.mark.parametrize(
    ("options", "parameter"),
    [
        ({"damping": 1.0}, "damping"),
        ({"damping": -0.1}, "damping"),
        ({"ratio": -1.0}, "ratio"),
        ({"ratio": float("nan")}, "ratio"),
        ({"iterations": 0}, "iterations"),
    ],
)
def test_bad_input_is_one_clear_line(options: dict[str, Any], parameter: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        amp(data_set("diagonal", 100), 1.0, **options)
    assert caught.value.parameter == parameter
