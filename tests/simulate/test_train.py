"""Training the factored networks: gradients, the convex optimum, certificates, divergence, recording."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.random import SeedSequence

from asymptotix.errors import InvalidInput
from asymptotix.problem import Problem
from asymptotix.simulate.data import DataSet, draw
from asymptotix.simulate.factors import build
from asymptotix.simulate.lasso import fit_lasso
from asymptotix.simulate.sensing import fit_sensing
from asymptotix.simulate.train import train

NETWORKS = ("diagonal", "quadratic", "symmetric")


def data_set(network: str, lam: float = 1.0, seed: int = 0) -> DataSet:
    d, n = (60, 100) if network == "diagonal" else (16, 250)
    return draw(Problem(network, gamma=1.25, d=d, n=n, lam=lam, noise=0.5), SeedSequence(seed))


def convex_objective(data: DataSet, lam: float) -> float:
    return (fit_lasso if data.problem.network == "diagonal" else fit_sensing)(data, lam).objective


@pytest.mark.parametrize("network", NETWORKS)
def test_the_gradient_is_that_of_the_objective(network: str) -> None:
    built = build(data_set(network), 0.7)
    rng = np.random.default_rng(1)
    x, direction = built.start(rng, 1.0), built.start(rng, 1.0)
    h = 1e-5
    numeric = (built.evaluate(x + h * direction).objective - built.evaluate(x - h * direction).objective) / (
        2 * h
    )
    assert float(built.evaluate(x).gradient @ direction) == pytest.approx(numeric, rel=1e-7)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("width", [None, 40])
def test_the_factored_objective_is_the_convex_one_for_balanced_factors(
    network: str, width: int | None
) -> None:
    data, lam = data_set(network), 0.7
    if network == "diagonal":
        theta = data.weights * np.where(np.arange(data.d) % 2, -1.0, 1.0)
        root = np.sqrt(np.abs(theta))
        built, parameters = build(data, lam), np.concatenate([root, np.sign(theta) * root])
        penalty = lam * np.abs(theta).sum()
    else:
        built = build(data, lam, width=width)
        s = data.weights - (0.5 * np.eye(data.d) if network == "symmetric" else 0.0)
        values, vectors = np.linalg.eigh(s)
        p = 40 if width else (2 if network == "symmetric" else 1) * data.d
        w = np.zeros((p, data.d))
        rows = np.sqrt(np.sqrt(p * data.d) * np.abs(values))[:, None] * vectors.T
        w[: (values > 0).sum()] = rows[values > 0]
        w[p // 2 : p // 2 + (values < 0).sum()] += rows[values < 0]
        parameters, penalty = w.ravel(), lam * data.d * np.abs(values).sum()
        theta = s
    np.testing.assert_allclose(built.weights(parameters), theta, atol=1e-10)
    here = built.evaluate(parameters)
    scale = 0.5 if network == "diagonal" else 1.0
    assert here.objective == pytest.approx(scale * here.squared_residuals + penalty, rel=1e-10)
    assert built.bound(parameters) <= convex_objective(data, lam) * (1 + 1e-9)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("optimiser", ["gd", "adam", "lbfgs"])
def test_weight_decay_on_the_factors_reaches_the_convex_optimum(network: str, optimiser: str) -> None:
    data, lam = data_set(network), 1.0
    fit = train(data, lam, optimiser=optimiser, tolerance=1e-5)
    assert fit.status == "converged"
    assert fit.gap <= 1e-5
    best = convex_objective(data, lam)
    assert best * (1 - 1e-8) <= fit.objective <= best * (1 + 1e-5)


def test_gradient_descent_waits_for_a_feature_barely_above_the_threshold() -> None:
    """It leaves zero at a rate proportional to its margin, here after more than 20,000 iterations."""
    problem = Problem("diagonal", gamma=1.1, d=300, n=260, lam=1.4, noise=0.3)
    fit = train(draw(problem, SeedSequence(0, spawn_key=(17,))), 1.4, optimiser="gd", spectra=False)
    assert fit.status == "converged"
    assert fit.iterations > 20_000


def test_a_narrow_network_stops_short_and_says_so() -> None:
    data, lam = data_set("quadratic"), 0.3
    assert fit_sensing(data, lam).support > 2
    fit = train(data, lam, width=2)
    assert fit.status != "converged"
    assert fit.gap > 0.01
    assert fit.objective > 1.001 * convex_objective(data, lam)


@pytest.mark.parametrize("network", NETWORKS)
def test_single_precision(network: str) -> None:
    data, lam = data_set(network), 1.0
    fit = train(data, lam, optimiser="gd", dtype="float32", iterations=3000)
    assert fit.weights.dtype == np.float64
    assert fit.objective == pytest.approx(convex_objective(data, lam), rel=1e-4)


def test_divergence_keeps_the_last_good_state() -> None:
    data = data_set("quadratic")
    fit = train(data, 1.0, optimiser="gd", rate=0.5)
    assert fit.status.startswith("diverged")
    assert np.isfinite(fit.weights).all()
    assert np.isfinite(fit.objective)
    assert fit.history["objective"][-1] <= 10 * fit.history["objective"][0]


def test_what_is_recorded_and_that_it_repeats() -> None:
    data = data_set("quadratic")
    fit, again = (train(data, 1.0, optimiser="gd", iterations=300) for _ in range(2))
    history = fit.history
    assert history["iteration"][0] == 0
    assert history["error"][0] == pytest.approx(1.0, abs=1e-3)
    assert history["error"][-1] == pytest.approx(data.error(fit.weights))
    assert history["spectrum"].shape == (history["iteration"].size, data.d)
    assert (np.diff(history["objective"]) < 1e-6 * history["objective"][0]).mean() > 0.9
    np.testing.assert_array_equal(fit.weights, again.weights)


def test_without_weight_decay_the_network_goes_to_zero_gradient_and_has_no_gap() -> None:
    data = draw(Problem("diagonal", gamma=1, d=20, n=60, lam=0, noise=0.5), SeedSequence(0))
    fit = train(data, 0.0)
    assert np.isnan(fit.gap)
    assert fit.status == "converged"
    np.testing.assert_allclose(fit.weights, fit_lasso(data, 0.0).weights, atol=1e-3)


def test_streamed_training_is_the_same() -> None:
    p = Problem("quadratic", gamma=1, d=150, n=9000, lam=1, noise=1)
    kept, streamed = (
        train(draw(p, SeedSequence(6), streamed=s), 1.0, optimiser="gd", iterations=3) for s in (False, True)
    )
    np.testing.assert_allclose(kept.weights, streamed.weights, rtol=1e-12)


@pytest.mark.parametrize(
    ("network", "options", "parameter"),
    [
        ("quadratic", {"width": -3}, "width"),
        ("quadratic", {"width": 2.5}, "width"),
        ("symmetric", {"width": 3}, "width"),
        ("diagonal", {"width": 10}, "width"),
        ("quadratic", {"rate": -1.0}, "rate"),
        ("quadratic", {"rate": "fast"}, "rate"),
        ("quadratic", {"tolerance": -1.0}, "tolerance"),
        ("quadratic", {"initial": 0.0}, "initial"),
        ("quadratic", {"dtype": "float16"}, "dtype"),
        ("quadratic", {"optimiser": "sgd"}, "optimiser"),
        ("quadratic", {"iterations": 0}, "iterations"),
    ],
)
def test_bad_input_is_one_clear_line(network: str, options: dict[str, Any], parameter: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        train(data_set(network), 1.0, **options)
    assert caught.value.parameter == parameter
    assert "\n" not in str(caught.value)
