"""Bayes, ridge, pruning: against matrices, closed forms, trained networks, and each other."""

import itertools
import math

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.equations import System
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.networks.spectral import OneSided
from asymptotix.risk import bayes_error, error_after_pruning, prune, pruning_threshold, ridge_error
from asymptotix.risk.bayes import mmse
from asymptotix.risk.scalar_bayes import posterior_mean_error
from asymptotix.risk.spectral_bayes import least_error
from asymptotix.simulate import draw, fit_lasso, fit_sensing, train
from asymptotix.teacher import FiniteRank, PowerLaw


@pytest.mark.parametrize(("gamma", "tau"), [(1.25, 0.1), (0.8, 0.03), (0.6, 1e-3)])
def test_denoiser_against_the_oracle_on_random_matrices(gamma, tau):
    """The oracle that keeps ``u' S u`` on each eigenvector attains the error up to order ``1/d``."""
    spectrum = PowerLaw(gamma).spectrum(200)
    ours = least_error(OneSided(spectrum), math.log(tau))
    rng = np.random.default_rng(0)
    a, measured = spectrum.values() / tau, []
    for _ in range(4):
        g = rng.normal(size=(200, 200))
        vectors = np.linalg.eigh(np.diag(a) + (g + g.T) / math.sqrt(400.0))[1]
        measured.append(float((a**2).sum() - (((vectors**2).T @ a) ** 2).sum()))
    assert ours == pytest.approx(np.mean(measured), rel=0.05)


def test_denoiser_of_noise_and_of_one_spike():
    """``d`` zeros and one spike ``a``: error ``2 - 1/a^2`` in units of ``tau^2`` (``1/d`` corrections)."""
    spike = FiniteRank([1.0]).spectrum(10**9)
    for a in (1.5, 4.0, 100.0):
        assert least_error(OneSided(spike), -math.log(a)) == pytest.approx(2 - a**-2, rel=1e-6)
    assert least_error(OneSided(spike), -math.log(0.5)) == pytest.approx(0.25, rel=1e-6)


@pytest.mark.parametrize("tau", [0.3, 0.03, 0.001])
def test_posterior_mean_by_its_definition(tau):
    spectrum = PowerLaw(1.25).spectrum(300)
    a = spectrum.values() / tau
    z = np.linspace(-9, 9, 401)
    y = a[:, None] + z
    exponent = -0.5 * (y[:, :, None] - a) ** 2
    mass = np.exp(exponent - exponent.max(axis=2, keepdims=True))
    mean = (mass @ a) / mass.sum(axis=2)
    density = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    exact = float((((a[:, None] - mean) ** 2) @ density).sum() * (z[1] - z[0]))
    assert posterior_mean_error(spectrum, math.log(tau)) == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize(
    ("network", "d", "samples"),  # the claims of `bayes` ask more of the first two
    [("diagonal", 100, 3.0), ("quadratic", 100, 0.3), ("symmetric", 100, 3.0), ("symmetric", 10**30, 1e-10)],
)
def test_bayes_is_below_every_estimator(network, d, samples):
    n = samples * d if network == "diagonal" else samples * float(d) * d
    best = ax.optimum(ax.Problem(network, gamma=0.9, d=d, n=n, lam=0, noise=0.2))
    assert 0 < best.bayes_error < best.error_star
    assert best.error_star <= min(best.pruned_error, best.error_at_half, best.error_at_twice)
    assert best.bayes_error < best.ridge_error
    assert set(best.to_dict()) >= {"lam_star", "error_star", "bayes_error", "pruned_error"}


def test_mmse_falls_with_the_noise():
    for network in ("diagonal", "quadratic"):
        system = System.of(ax.Problem(network, gamma=1.1, d=500, n=1000, lam=1, noise=1))
        errors = [mmse(system, x) * math.exp(2 * x) for x in np.linspace(2.0, -8.0, 21)]
        assert all(a > b > 0 for a, b in itertools.pairwise(errors))
        assert errors[0] == pytest.approx(1.0, rel=0.35)


def test_ratio_to_bayes_tends_to_its_limit():
    """``3 gamma/(gamma + 1)`` for the quadratic network (derivation 11)."""
    best = ax.optimum(ax.Problem("quadratic", gamma=1.25, d=10**60, n=1e80, lam=0, noise=1))
    assert best.error_star / best.bayes_error == pytest.approx(5 / 3, rel=1e-5)


def test_ridge_solves_its_equation():
    p = ax.Problem("quadratic", gamma=1.25, d=300, n=40_000, lam=0, noise=0.4)
    x = ridge_error(p) / (1 - ridge_error(p))
    system = System.of(p)
    assert system.nu * x / p.d == pytest.approx(system.noise + x / (1 + x), rel=1e-13)


@pytest.mark.parametrize("network", ["diagonal", "quadratic"])
def test_pruning_trained_networks(network):
    """An under-regularised network, pruned at the noise's edge, against the state evolution and the best penalty."""
    d, n = (400, 200) if network == "diagonal" else (40, 640)
    p = ax.Problem(network, gamma=1.25, d=d, n=n, lam=1e-3, noise=0.5 if network == "diagonal" else 2.0)
    solution = ax.solve(p)
    by = pruning_threshold(solution)
    full, pruned = [], []
    for seed in range(6):
        data = draw(p, np.random.SeedSequence(seed), inputs="goe" if network == "quadratic" else "gaussian")
        fit = fit_lasso(data, p.lam) if network == "diagonal" else fit_sensing(data, p.lam)
        full.append(data.error(fit.weights))
        pruned.append(data.error(prune(fit.weights, by)))
    predicted = error_after_pruning(solution, by)
    assert np.mean(full) == pytest.approx(solution.error, rel=0.25)
    assert np.mean(pruned) == pytest.approx(predicted, rel=0.15)
    assert predicted < solution.error
    best = ax.optimum(p)
    assert best.bayes_error < np.mean(pruned) < 3 * best.pruned_error


@pytest.mark.parametrize("network", ["diagonal", "quadratic"])
def test_pruning_networks_trained_by_gradients(network):
    """Factors trained with weight decay: error after pruning within standard errors, and what it gains."""
    d, n = (200, 120) if network == "diagonal" else (30, 300)
    p = ax.Problem(network, gamma=1.25, d=d, n=n, lam=0.02, noise=1.0)
    solution = ax.solve(p)
    by = pruning_threshold(solution)
    before, after = [], []
    for seed in range(5):
        data = draw(p, np.random.SeedSequence(seed))
        fit = train(data, p.lam, spectra=False, tolerance=1e-4)
        before.append(data.error(fit.weights))
        after.append(data.error(prune(fit.weights, by)))
    predicted = error_after_pruning(solution, by)
    stderr = np.std(after, ddof=1) / math.sqrt(5)
    features = 3.0 / p.n_eff * predicted if network == "quadratic" else 0.0  # not Gaussian, see `simulate`
    assert abs(np.mean(after) - predicted) < 4 * stderr + features
    assert predicted < 0.7 * solution.error
    assert np.mean(np.log(np.divide(before, after))) > 0.5 * math.log(solution.error / predicted)


def test_pruning_leaves_the_best_thresholds_error_close():
    """At the noise's edge the pruned error is within a factor of the best thresholding, whatever the penalty was."""
    for network, n in (("diagonal", 150), ("quadratic", 20_000)):
        p = ax.Problem(network, gamma=1.25, d=300, n=n, lam=0, noise=0.5)
        best = ax.optimum(p)
        for lam in (0.0, 1e-3, 1e-2):
            solution = ax.solve(p.replace(lam=lam))
            pruned = error_after_pruning(solution, pruning_threshold(solution))
            assert best.bayes_error < pruned < 2 * best.pruned_error
            assert pruned < solution.error
    over = ax.solve(p.replace(lam=50.0))
    assert pruning_threshold(over) == 0.0
    assert error_after_pruning(over, 0.0) == pytest.approx(over.error, rel=1e-9)


@pytest.mark.parametrize(
    "bad", [np.ones((2, 3, 4)), np.array([1.0, np.nan]), np.array([[0.0, np.inf], [0.0, 0.0]])]
)
def test_bad_weights(bad):
    with pytest.raises(InvalidInput, match="weights"):
        prune(bad, 0.1)
    with pytest.raises(InvalidInput, match="threshold"):
        prune([1.0], -1.0)


def test_perfect_recovery_has_no_bayes_error():
    p = ax.Problem("diagonal", gamma=1.0, d=20, n=50, lam=0, noise=0)
    assert ax.optimum(p).bayes_error == 0.0
    assert bayes_error(p.replace(noise=1e-3)) > 0


@pytest.mark.parametrize(
    ("network", "more"),
    [("diagonal", {"beta": 1}), ("diagonal", {"depth": 3}), ("elastic-net", {"ridge": 1})],
)
def test_pruning_is_refused_where_it_is_no_larger_threshold(network, more):
    p = ax.Problem(network, gamma=1.25, d=60, n=40, lam=0.1, noise=0.1, **more)
    with pytest.raises(NotSupplied, match="no pruning: weights lowered alike"):
        error_after_pruning(ax.solve(p), 0.1)
