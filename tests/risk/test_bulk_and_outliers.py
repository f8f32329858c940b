"""The least error of large matrices: bulk and outliers apart, against every band followed by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from asymptotix import Problem
from asymptotix.equations import System
from asymptotix.errors import NotConverged
from asymptotix.networks import get
from asymptotix.risk import spectral_bayes
from asymptotix.risk.bayes import bayes_root, mmse
from asymptotix.risk.singular_bayes import least_error
from asymptotix.risk.spectral_bands import banded_error, narrow_ones, outlier_widths
from asymptotix.teacher import FiniteRank, Geometric, PowerLaw
from tests.networks.one_by_one import OneByOne
from tests.risk.law_of_bands import Law


@pytest.mark.parametrize(
    ("gamma", "log_tau", "good"),
    [  # one bulk is exact; where features at its end just become single ones it is not
        (1.25, 0.0, 1e-10),
        (0.7, 1.0, 1e-10),
        (0.6, -5.0, 1.5e-4),
        (1.3, -4.0, 2e-4),
        (1.25, -2.0, 3e-4),
        (0.8, -2.0, 3e-4),
        (3.0, -3.5, 1e-3),
        (0.6, -1.0, 1e-3),
        (1.25, -12.0, 3e-4),  # more outliers than are counted one by one
    ],
)
def test_eigenvalues(gamma: float, log_tau: float, good: float) -> None:
    system = System.of(Problem("quadratic", gamma=gamma, d=500, n=500, lam=1, noise=1))
    features = np.exp(system.potential.spectrum.log_value(np.arange(1.0, 501.0)) - log_tau)
    assert mmse(system, log_tau) == pytest.approx(banded_error(features), rel=good)


@pytest.mark.parametrize(
    ("gamma", "log_tau", "good"), [(1.25, 0.3, 1e-7), (0.8, 0.5, 1e-7), (1.25, -3.0, 5e-4), (0.7, -2.0, 1e-3)]
)
def test_singular_values(gamma: float, log_tau: float, good: float) -> None:
    """Square: of 400 columns bands, of 401 bulk and outliers."""
    few, many = (least_error(OneByOne(PowerLaw(gamma).spectrum(d)), log_tau) for d in (400, 401))
    features = PowerLaw(gamma).spectrum(401).values() * math.exp(-log_tau)
    bands = 0.5 * banded_error(np.concatenate([features, -features[::-1]]))
    assert many == pytest.approx(bands, rel=good)
    assert few == pytest.approx(bands, rel=3e-2)


@pytest.mark.parametrize(
    "a", [[0.5, 0.2, 0.1], [3.0, 2.0, 0.1, 0.0, 0.0], [5.0, 4.9, 4.8, 1.0, 0.5, 0.0], [40.0, 39.0, 0.3]]
)
def test_bands_are_those_of_the_law(a: list[float]) -> None:
    features = np.array(a)
    law = Law.of(features)
    mean = (law.a @ law.overlaps) / law.overlaps.sum(axis=0)
    assert banded_error(features) == pytest.approx(law.pairs(mean, law.a >= 0, law.x == law.x), rel=1e-9)


def width_in_a_row(q: float) -> float:
    """``(4 pi^2/3) d int rho^3`` over ``t``, of one of infinitely many at distances of 1, where ``q = t``.

    ``q pi/v sinh(2 pi v)/(cosh(2 pi v) - cos(2 pi u)) = 1`` gives ``v = pi rho`` at ``u + i v``.
    """
    edge = math.asin(min(math.pi * math.sqrt(q), 1.0)) / math.pi
    node, weight = np.polynomial.legendre.leggauss(60)
    angle = 0.25 * math.pi * (node + 1.0)
    total = 0.0
    for u, du in zip(edge * np.sin(angle), edge * np.cos(angle) * weight * 0.25 * math.pi, strict=True):

        def excess(v: float, u: float = u) -> float:
            return (
                q
                * math.pi
                / v
                * math.sinh(2 * math.pi * v)
                / (math.cosh(2 * math.pi * v) - math.cos(2 * math.pi * u))
                - 1.0
            )

        v = brentq(excess, 1e-9, 4.0 * max(q * math.pi, math.sqrt(q)), xtol=1e-14)
        slope = 1.0 - q * math.pi**2 / np.sin(math.pi * (u + 1j * v)) ** 2
        total += 2.0 * v**3 * abs(slope) ** 2 / slope.real * du
    return 4.0 / (3.0 * math.pi * q * q) * total


@pytest.mark.parametrize("q", [1e-3, 0.03, 0.08, 0.1, 0.13, 0.15, 0.2, 0.4, 1.0])
def test_widths_of_outliers_are_integrals_of_their_density(q: float) -> None:
    """Of a lone one 1, of one in a row more; a neighbour a hundred times nearer than the other counts for both."""
    t = 1e-6
    near, far = math.sqrt(t / q), 100.0 * math.sqrt(t / q)
    here = outlier_widths(np.array([math.inf, near, near]), np.array([math.inf, near, far]), t)
    assert here[0] == 1.0
    assert here[1] == pytest.approx(width_in_a_row(q), rel=2e-2 if 0.05 < q < 0.25 else 1e-3)
    assert outlier_widths(np.array([math.inf]), np.array([near]), t)[0] < here[2] < here[1]


@pytest.mark.parametrize("visible", [1, 50, 299, 301, 5000, 20000])
def test_widths_of_many_outliers_are_summed_by_panels(visible: int) -> None:
    spectrum, t = PowerLaw(0.8).spectrum(20000), 1.0 / 20000
    a = np.exp(spectrum.log_value(np.arange(1.0, 20001.0)) + 8.0)
    apart = np.concatenate([[math.inf], a[:-1] - a[1:], [math.inf]])
    exact = t * float(outlier_widths(apart[:-1], apart[1:], t)[:visible].sum())
    found = narrow_ones(spectrum, visible, -8.0, t)
    assert found == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize("last", [0.3, 3.0, 9.0, 12.0, 30.0, 100.0, 1000.0])
@pytest.mark.parametrize(("gamma", "d"), [(0.6, 420), (1.25, 1000), (2.0, 420)])
def test_crowds_of_outliers(gamma: float, d: int, last: float) -> None:
    """Features that blur, that raise bumps and that are apart, against every band by itself: to a part of one."""
    spectrum = PowerLaw(gamma).spectrum(d)
    log_tau = math.log(spectrum.values()[-1] / last)
    found = spectral_bayes.least_error(get("quadratic").bind(spectrum), log_tau)
    exact = banded_error(spectrum.values() * math.exp(-log_tau))
    assert found == pytest.approx(exact, rel=0.3 / d)


@pytest.mark.parametrize(
    ("gamma", "d", "n_eff", "noise"), [(0.6, 53686, 86290.247, 8.45e-8), (0.8, 10**4, 3e4, 1e-9)]
)
def test_all_crowded_outliers_are_told(gamma: float, d: int, n_eff: float, noise: float) -> None:
    """Where they are more than dimensions and next to no noise: more than all of it was told."""
    p = Problem("quadratic", gamma=gamma, d=d, n=n_eff * d, lam=1, noise=noise)
    root = bayes_root(p)
    assert root is not None
    assert 0.9 * d < root.response.rho < d


def test_an_error_that_is_none_is_not_said() -> None:
    """Eight features a hundred times each are no outliers one by one: the sum is found out, not returned."""
    a = np.repeat([1.5, 1.2, 0.9, 0.5, 0.2, 0.1, 0.05, 0.01], 100)
    problem = Problem("quadratic", teacher=FiniteRank(a.tolist()), d=800, n=800, lam=1, noise=1)
    with pytest.raises(NotConverged, match="least error"):
        mmse(System.of(problem), -math.log(float(np.linalg.norm(a))))


@pytest.mark.parametrize("power", [0.5, 1.0])
def test_features_beyond_all_doubles_are_alone(power: float) -> None:
    """Of 0.3^i half a million stand beyond exp(700) noises: each is as wide as a lone semicircle."""
    d = 10**6
    found = narrow_ones(Geometric(0.3).spectrum(d), 5e5, -1e6, 1.0 / d, power)
    assert found == pytest.approx(0.5, rel=1e-12)
