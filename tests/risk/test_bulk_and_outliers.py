"""The least error of large matrices: bulk and outliers apart, against every band followed by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix import Problem
from asymptotix.equations import System
from asymptotix.errors import NotConverged
from asymptotix.networks.singular_values import SingularValues
from asymptotix.risk.bayes import mmse
from asymptotix.risk.singular_bayes import least_error
from asymptotix.risk.spectral_bands import banded_error, outlier_widths
from asymptotix.teacher import FiniteRank, PowerLaw
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
    few, many = (least_error(SingularValues(PowerLaw(gamma).spectrum(d)), log_tau) for d in (400, 401))
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


def test_widths_of_outliers_are_integrals_of_their_density() -> None:
    """``(4 pi^2/3) d int rho^3``, over ``t``: of a lone one 1; nearly, beside neighbours a tenth of them nearer."""
    t, a = 1e-6, np.array([3.0, 2.0, 1.99, 1.0, 0.0])
    widths = outlier_widths(a, t)
    assert widths.size == 4
    assert widths[0] == pytest.approx(1.0 + t, rel=1e-9)
    assert widths[1] == pytest.approx(1.0 / (1.0 - t * (1 + 1e4)), rel=1e-9)
    band = 2 * math.pi**2 / 3
    for crowd, width in (
        (0.1, 1 / 0.9),
        (0.4, 1 / 0.6),
        (0.7, 1 / 0.3),
        (0.9, 0.9 * band),
        (3.0, 3.0 * band),
    ):
        found = outlier_widths(np.array([2.0, 1.0, 0.0]), 0.5 * crowd)  # two neighbours at a distance of 1
        assert found[1] == pytest.approx(min(width, 2.0 / crowd * band), rel=1e-12)


def test_an_error_that_is_none_is_not_said() -> None:
    """Eight features a hundred times each are no outliers one by one: the sum is found out, not returned."""
    a = np.repeat([1.5, 1.2, 0.9, 0.5, 0.2, 0.1, 0.05, 0.01], 100)
    problem = Problem("quadratic", teacher=FiniteRank(a.tolist()), d=800, n=800, lam=1, noise=1)
    with pytest.raises(NotConverged, match="least error"):
        mmse(System.of(problem), -math.log(float(np.linalg.norm(a))))
