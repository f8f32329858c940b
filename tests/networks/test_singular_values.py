"""Parts of the bilinear network's error, and the least error of any estimator, against matrices that are drawn."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.networks.oblong_values import OblongValues
from asymptotix.networks.square_values import SquareValues
from asymptotix.risk import singular_bayes
from asymptotix.risk.bayes import bayes_error
from asymptotix.risk.singular_parts import singular_parts
from asymptotix.risk.spectral_bands import banded_error
from asymptotix.teacher import PowerLaw
from tests.networks.one_by_one import OneByOne

DRAWS = 40


def drawn(a: np.ndarray, d: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Singular vectors and values of noisy matrices with the singular values ``a``."""
    rng, m = np.random.default_rng(5), a.size
    for _ in range(DRAWS):
        y = rng.standard_normal((m, d)) / math.sqrt(d)
        y[np.arange(m), np.arange(m)] += a
        yield np.linalg.svd(y)


@pytest.mark.parametrize("c", [0.0, 0.3, 1.2, 2.5])
@pytest.mark.parametrize(("m", "d"), [(60, 60), (40, 120)])
def test_the_parts_are_those_of_drawn_matrices(m: int, d: int, c: float) -> None:
    log_tau = -2.5
    spectrum = PowerLaw(1.25).spectrum(m)
    a = spectrum.values() * math.exp(-log_tau)
    potential = SquareValues(spectrum) if m == d else OblongValues(spectrum, float(d))
    here = potential.response(potential.path_of(c, log_tau), log_tau)
    parts = singular_parts(potential, here, log_tau)
    # the integrals are independent of those of the risk
    total = parts.overfitting + parts.underfitting + parts.approximation
    assert total == pytest.approx(here.rho, rel=1e-9)
    rows, hidden = [], np.arange(m) >= parts.visible
    for u, s, v in drawn(a, d):
        f = np.maximum(s - c, 0.0)[:, None]
        share, cross = 0.5 * (u.T**2 + v[:m, :m] ** 2), u.T * v[:m, :m]
        pairs = f**2 * share - 2.0 * f * a * cross + a**2 * share
        idle = 0.5 * f[:, 0] ** 2 * (v[:m, m:] ** 2).sum(axis=1)
        unseen = 0.5 * a**2 * (v[m:, :m] ** 2).sum(axis=0)
        learned = f[:, 0] > 0
        bulk = hidden & learned
        over = pairs[np.ix_(bulk, hidden)].sum() + idle[bulk].sum()
        under = pairs[np.ix_(~learned, hidden)].sum() + unseen[hidden].sum()
        rows.append((over, under, float(bulk.sum()), float((f[hidden] ** 2).sum())))
    found = (parts.overfitting, parts.underfitting, parts.learned, parts.bulk_moment)
    if c < 2.0:  # beyond, which features are visible fluctuates
        # four standard errors and about one direction in all
        allowed = 4.0 * np.std(rows, axis=0) / math.sqrt(DRAWS) + 0.03 * np.array(found) + 0.1
        assert np.all(np.abs(np.mean(rows, axis=0) - found) < allowed)
    else:
        assert parts.overfitting == 0.0


def test_the_parts_of_a_solved_problem() -> None:
    for rows in (None, 30):
        p = ax.Problem("bilinear", gamma=1.25, d=100, rows=rows, n=3000, lam=0.1, noise=0.2)
        parts = ax.decompose(p)
        assert parts.residual < 1e-10
        assert min(parts.overfitting, parts.underfitting, parts.approximation) > 0.0


@pytest.mark.parametrize("share", [1, 3])
@pytest.mark.parametrize(
    ("power", "samples", "penalty"),
    [(6, 2.3, -0.5), (9, 1.5, -1.0), (30, 1.9, -0.9), (60, 2.3, -0.5), (120, 1.5, -1.0)],
)
@pytest.mark.parametrize("gamma", [0.8, 1.25])
def test_the_parts_sum_to_the_error_in_any_dimension(
    gamma: float, power: int, samples: float, penalty: float, share: int
) -> None:
    """Independent integrals, with a threshold far above, within, and a hair below the edge of the noise."""
    d = 10**power
    p = ax.Problem(
        "bilinear", gamma=gamma, d=d, rows=d // share, n=float(d) ** samples, lam=float(d) ** penalty, noise=1
    )
    parts = ax.decompose(p)
    assert parts.residual < 1e-9
    assert min(parts.overfitting, parts.underfitting, parts.approximation) >= 0.0


@pytest.mark.parametrize("gamma", [0.8, 1.25])
@pytest.mark.parametrize("share", [1, 3])
def test_the_parts_approach_those_of_features_beside_noise(share: int, gamma: float) -> None:
    """Few learned of d = 10^60: ``sum a^2`` of what is below the noise, and ``f = sqrt(m/d)`` beyond its edge."""
    d, rho = 10**60, 1.0 / share
    p = ax.Problem("bilinear", gamma=gamma, d=d, rows=d // share, n=float(d) ** 1.5, lam=1.0 / d, noise=1)
    parts, log_tau = ax.decompose(p), ax.solve(p).log_delta - 0.5 * math.log(d)
    visible = p.spectrum.count_above(0.25 * math.log(rho) + log_tau)
    assert parts.features == pytest.approx(visible, rel=1e-6)
    hidden = math.exp(p.spectrum.log_power_sum(visible, p.spectrum.rank, 2.0))
    assert parts.underfitting == pytest.approx(hidden, rel=1e-6)
    # features a = s^(1/2 gamma) of the first visible: f^2 - 2 f a O + a^2 of outliers where lone ones are
    x = np.polynomial.legendre.leggauss(400)
    u = (0.5 + 0.5 * x[0]) ** 4
    share_of = visible * 2.0 * x[1] * (0.5 + 0.5 * x[0]) ** 3
    a = rho**0.25 * u**-gamma
    outlier = np.sqrt(a**2 + 1.0 + rho + rho / a**2)
    overlap = np.sqrt((a**4 - rho) ** 2 / (a**4 + a**2) / (a**4 + rho * a**2))
    f = outlier - 1.0 - math.sqrt(rho)
    error = float(share_of @ (f**2 - 2.0 * f * a * overlap + a**2)) * math.exp(2.0 * log_tau)
    assert parts.approximation == pytest.approx(error, rel=1e-4)


@pytest.mark.parametrize("share", [1, 3])
def test_the_least_error_in_any_dimension_is_that_of_features_beside_noise(share: int) -> None:
    """Of a lone feature ``a > (m/d)^(1/4)`` its ``1 - O^2``, of others all, in units of ``tau^2``."""
    found = []
    for power in (9, 120):
        spectrum, rho = PowerLaw(1.25).spectrum(10**power // share), 1.0 / share
        log_tau = -0.3 * math.log(10**power)
        visible = spectrum.count_above(0.25 * math.log(rho) + log_tau)
        node, weight = np.polynomial.legendre.leggauss(400)
        u, du = (0.5 + 0.5 * node) ** 4, 2.0 * weight * (0.5 + 0.5 * node) ** 3
        a = rho**0.25 * u**-1.25
        # a^2 (1 - O^2) with nothing cancelled
        lost = ((1.0 + rho) * a**4 + 3.0 * rho * a**2 - rho**2 / a**2) / (a**2 + 1.0) / (a**2 + rho)
        known = visible * float(du @ lost)
        hidden = math.exp(spectrum.log_power_sum(visible, spectrum.rank, 2.0) - 2.0 * log_tau)
        least = singular_bayes.least_error(OblongValues(spectrum, float(10**power)), log_tau)
        found.append(least / (known + hidden) - 1.0)
    assert abs(found[0]) < 0.02
    assert abs(found[1]) < 1e-4


def test_the_least_error_of_many_columns_is_below_every_threshold() -> None:
    p = ax.Problem("bilinear", gamma=1.25, d=10**60, n=1e90, lam=0, noise=0.1)
    for rows in (None, 10**60 // 3):
        q = p.replace(rows=rows)
        assert 0.5 < bayes_error(q) / ax.optimum(q).error_star < 1.0


@pytest.mark.parametrize("log_tau", [-4.0, -2.0, -0.5, 1.0])
def test_many_columns_meet_the_bands_followed_one_by_one(
    log_tau: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    spectrum = PowerLaw(1.25).spectrum(300)
    a = spectrum.values() * math.exp(-log_tau)
    monkeypatch.setattr(singular_bayes, "_BANDS", 0)
    found = singular_bayes.least_error(OneByOne(spectrum), log_tau)
    # outliers at the end of the bulk are taken as lone ones
    assert found == pytest.approx(0.5 * banded_error(np.concatenate([a, -a[::-1]])), rel=2e-3)


@pytest.mark.parametrize(("m", "d"), [(40, 120), (60, 70)])
def test_no_denoiser_of_drawn_matrices_is_better(m: int, d: int) -> None:
    log_tau = -1.5
    spectrum = PowerLaw(1.25).spectrum(m)
    a = spectrum.values() * math.exp(-log_tau)
    # the best sizes for the singular vectors that are drawn, averaged over draws: they hardly fluctuate
    sizes = [((u.T * a) * v[:m, :m]).sum(axis=1) for u, _, v in drawn(a, d)]
    oracle = float((a**2).sum() - (np.mean(sizes, axis=0) ** 2).sum())
    found = singular_bayes.least_error(OneByOne(spectrum, float(d)), log_tau)
    assert found == pytest.approx(oracle, rel=0.03)


def test_the_least_error_is_below_the_best_threshold() -> None:
    p = ax.Problem("bilinear", gamma=1.25, d=60, rows=20, n=1500, lam=0, noise=0.1)
    assert 0.5 < bayes_error(p) / ax.optimum(p).error_star < 1.0


def test_every_threshold_has_its_place() -> None:
    """Near the hard edge, where the curve leans over 0, among outliers, and for nearly square matrices."""
    rng = np.random.default_rng(0)
    for _ in range(300):
        gamma, ratio = rng.choice([0.6, 0.8, 1.25, 3.0]), rng.choice([1.0, 1.0, 1.02, 1.5, 5.0])
        m = int(rng.integers(1, 80))
        potential = OneByOne(PowerLaw(float(gamma)).spectrum(m), float(int(m * ratio)))
        log_tau, log_c = rng.uniform(-9, 2), rng.uniform(-8, 3)
        here, above = (potential.response(log_c + x, log_tau) for x in (0.0, 0.01))
        assert 0.0 <= above.dof <= here.dof + 1e-9 * m
        assert here.dof <= m
        # the risk changes by what is lowered, at most
        assert (
            abs(math.sqrt(above.rho) - math.sqrt(here.rho)) <= math.sqrt(m) * math.expm1(0.01) * here.c * 1.01
        )


def test_a_place_on_a_curve_that_leans_over() -> None:
    """A threshold of 0.1 with all features near the noise, where the way up in ``s`` leaves the physical sheet."""
    spectrum = PowerLaw(1.25).spectrum(60)
    here = OneByOne(spectrum).response(math.log(0.1), -4.56568)
    risks = []
    for u, s, v in drawn(spectrum.values() * math.exp(4.56568), 60):
        fit = (u * np.maximum(s - 0.1, 0.0)) @ v
        risks.append(((fit - np.diag(spectrum.values()) * math.exp(4.56568)) ** 2).sum())
    assert here.rho == pytest.approx(np.mean(risks), abs=4 * float(np.std(risks)) / math.sqrt(DRAWS) + 0.1)
