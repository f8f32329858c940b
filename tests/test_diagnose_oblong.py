"""Diagnosis of a matrix of fewer rows than columns: its noise, features and training run, as of a square one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import quad

import asymptotix as ax
from asymptotix.networks import get
from asymptotix.spectrum.noise_and_features import noise_of
from asymptotix.spectrum.training_run import Known


@pytest.mark.parametrize(("rows", "columns"), [(30, 120), (60, 80)])
def test_noise_and_features_are_told_apart(rows: int, columns: int) -> None:
    """Three features beside noise of delta = 1.5, all lowered by eps = 1; transposed it is the same."""
    rng = np.random.default_rng(5)
    s = 1.5 * rng.standard_normal((rows, columns)) / np.sqrt(columns)
    s[np.arange(3), np.arange(3)] += [30.0, 20.0, 12.0]
    left, values, right = np.linalg.svd(s, full_matrices=False)
    learned = (left * np.maximum(values - 1.0, 0.0)) @ right
    found = ax.diagnose(learned, "bilinear")
    assert found.network == f"bilinear of rows {rows} x {columns}"
    assert found.features == 3
    assert found.effective_noise == pytest.approx(1.5, rel=0.12)
    assert found.threshold == pytest.approx(1.0, rel=0.25)
    assert ax.diagnose(learned.T, "bilinear").effective_noise == pytest.approx(found.effective_noise)


@pytest.mark.parametrize("shape", [(10, 40), (30, 40)])
def test_the_noises_law_is_that_of_marchenko_and_pastur(shape: tuple[int, int]) -> None:
    noise, rho = noise_of(get("bilinear").of_rows(*shape).name, shape[0]), shape[0] / shape[1]
    low, high = 1.0 - rho**0.5, 1.0 + rho**0.5

    def density(x: float) -> float:
        return float(np.sqrt((x**2 - low**2) * (high**2 - x**2)) / (np.pi * x * rho))

    assert noise.above(0.0) == pytest.approx(1.0)
    for c in (low + 0.1, 1.0, high - 0.05):
        assert noise.above(c) == pytest.approx(quad(density, c, high)[0], rel=1e-6)
    a = np.array([1.5, 4.0])
    assert noise.behind(np.sqrt((1.0 + a**2) * (rho + a**2)) / a) == pytest.approx(a)


def test_a_trained_oblong_network_gives_its_noise_and_threshold() -> None:
    p = ax.Problem("bilinear", gamma=1.25, d=80, rows=40, n=3200, lam=0.3, noise=0.5)
    solved = ax.solve(p)
    runs = ax.simulate(p, seeds=1, inputs="goe")
    weights = np.diag(runs.spectra[0]) @ np.eye(40, 80)
    found = ax.diagnose(weights, "bilinear", samples=float(p.n), lam=0.3)
    assert found.effective_noise == pytest.approx(float(solved.delta), rel=0.15)
    assert found.threshold == pytest.approx(float(solved.eps), rel=0.25)


def test_columns_and_rows_are_those_of_the_record() -> None:
    net = get("bilinear").of_rows(20, 60)
    assert (net.aspect, net.rows(60), net.columns(20)) == (Fraction(1, 3), 20, 60)
    with pytest.raises(ax.InvalidInput, match="weights"):
        ax.diagnose(np.ones((30, 40)), net.name)


@pytest.mark.parametrize(
    ("network", "penalty"),
    [("quadratic", 60.0), ("bilinear", 60.0), ("bilinear of rows 60 x 240", 240.0), ("diagonal", 2.0)],
)
def test_a_stopped_run_is_off_by_a_share_of_its_own_objective(network: str, penalty: float) -> None:
    """``sum (y - yhat)^2 + lam d ||S||`` of matrices, ``2 lam sum |theta|`` beside squares of a sequence."""
    sizes, samples, lam, loss = np.linspace(3.0, 0.0, 60), 5000.0, 0.2, 1e-4
    known = Known.of(network, sizes, samples, lam, loss, None, None)
    stopped = (known.loss_width**2 - known.width**2) * samples * loss
    assert stopped == pytest.approx(1e-5 * lam * penalty * sizes.sum())
