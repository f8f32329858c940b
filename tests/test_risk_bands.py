"""The optimal denoiser in small and large dimensions: against matrices, against each other, at the ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix.equations import System
from asymptotix.problem import Problem
from asymptotix.risk import optimum, spectral_bayes
from asymptotix.risk.bayes import bayes_error
from asymptotix.risk.spectral_bands import banded_error, outlier_widths
from asymptotix.state_evolution import solve


def features(d: int, gamma: float, log_tau: float) -> np.ndarray:
    spectrum = Problem("quadratic", gamma=gamma, d=d, n=d, lam=1, noise=1).spectrum
    return np.exp(spectrum.log_value(np.arange(1.0, d + 1.0)) - log_tau)


def by_matrices(a: np.ndarray, copies: int) -> float:
    """Each feature many times over, in one large random matrix: the best multiple of each eigenvector."""
    rng = np.random.default_rng(5)
    every = np.repeat(a, copies)
    z = rng.normal(size=(every.size, every.size))
    _, u = np.linalg.eigh(np.diag(every) + (z + z.T) / math.sqrt(2.0 * every.size))
    best = (u**2 * every[:, None]).sum(axis=0)
    return float((every @ every - best @ best) / copies)


@pytest.mark.parametrize(("d", "gamma", "log_tau"), [(2, 0.7, -1), (8, 0.7, -2), (8, 1.3, -3), (8, 3, -6)])
def test_bands_against_matrices(d: int, gamma: float, log_tau: float) -> None:
    a = features(d, gamma, log_tau)
    assert abs(by_matrices(a, 1200 // d) / banded_error(a) - 1) < 6e-3


@pytest.mark.parametrize(
    ("gamma", "log_tau"), [(0.6, -1), (0.6, -5), (0.9, -3.5), (1.3, -4), (2, -8), (3, -3.5)]
)
def test_bulk_and_outliers_against_bands(
    gamma: float, log_tau: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    plane = System.of(Problem("quadratic", gamma=gamma, d=600, n=600, lam=1, noise=1)).potential
    apart = spectral_bayes.least_error(plane, log_tau)  # type: ignore[arg-type]
    assert abs(apart / banded_error(features(600, gamma, log_tau)) - 1) < 2e-3


@pytest.mark.parametrize("name", ["quadratic", "symmetric"])
@pytest.mark.parametrize("d", [4, 20, 8 * 10**10])
def test_far_above_the_noise_only_directions_are_unknown(name: str, d: int) -> None:
    p = Problem(name, gamma=0.7, d=d, n=d * 1e26 * d**2, lam=0, noise=0.1)
    best = optimum(p)
    assert best.bayes_error / best.error_star == pytest.approx(1 - 1 / d, rel=1e-6)


def test_huge_diagonal_network() -> None:
    p = Problem("diagonal", gamma=2.77, d=10**110, n=1e35, lam=0, noise=0)
    assert 0 < bayes_error(p) < optimum(p).error_star


@pytest.mark.parametrize(
    ("name", "gamma", "d", "n", "noise"),
    [
        ("symmetric", 1.31, 227, 128, 0.0171),
        ("quadratic", 1.45, 1549, 516, 0),
        ("diagonal", 3.02, 6, 4010, 0.00715),
    ],
)
def test_the_best_penalty_is_not_lost_on_a_plateau(
    name: str, gamma: float, d: int, n: float, noise: float
) -> None:
    """A search among thresholds that began where nothing is learned ended there; one between two, too."""
    p = Problem(name, gamma=gamma, d=d, n=n, lam=0, noise=noise)
    best = optimum(p)
    errors = [solve(p.replace(lam=best.lam_star * x)).error for x in (0.97, 1.0, 1.03)]
    assert errors[1] == pytest.approx(best.error_star, rel=1e-9)
    assert min(errors) > best.error_star * (1 - 1e-10)


def test_nothing_is_clipped_on_the_way_to_perfect_recovery() -> None:
    """Noise scales of e^-380 are tried there: features are so far apart that their squares are no doubles."""
    p = Problem("quadratic", gamma=1.2, d=19, n=19 * 40, lam=0, noise=1e-300)
    assert 0 < bayes_error(p) <= optimum(p).error_star


def test_widths_of_outliers_among_equal_neighbours() -> None:
    """``1/(1 - (pi^2/3) t/D^2)``, in a row of them."""
    t, apart = 1e-3, 0.1
    widths = outlier_widths(np.full(3, apart), np.full(3, apart), t)
    assert widths == pytest.approx([1 / (1 - np.pi**2 / 3 * t / apart**2)] * 3, rel=1e-12)
