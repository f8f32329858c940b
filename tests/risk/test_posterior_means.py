"""The diagonal network's least error: the posterior mean, by its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix import Problem
from asymptotix.equations import System
from asymptotix.risk import bayes_error
from asymptotix.risk.bayes import mmse
from asymptotix.risk.scalar_bayes import lattice_error, posterior_mean_error
from asymptotix.teacher import FiniteRank, PowerLaw, Spectrum


def by_definition(a: np.ndarray, weight: np.ndarray, step: float = 0.02) -> float:
    """``sum w_i int phi(y - a_i) (a_i - m(y))^2 dy``."""
    y, total = np.arange(-12.0, a.max() + 12.0, step), 0.0
    for part in np.array_split(y, 1 + y.size // 1000):
        near = (a > part[0] - 14.0) & (a < part[-1] + 14.0)
        mass = weight[near] * np.exp(-0.5 * (part[:, None] - a[near]) ** 2)
        seen = mass.sum(axis=1) > 0
        mass = mass[seen]
        mean = (mass @ a[near]) / mass.sum(axis=1)
        total += float((mass * (a[near] - mean[:, None]) ** 2).sum())
    return total * step / math.sqrt(2.0 * math.pi)


def in_units(spectrum: Spectrum, tau: float) -> np.ndarray:
    return np.exp(spectrum.log_value(np.arange(1.0, spectrum.rank + 1.0))) / tau


@pytest.mark.parametrize(
    ("gamma", "d", "tau"),
    [(1.25, 300, 3.0), (1.25, 300, 0.03), (0.8, 1000, 0.02), (2.0, 20, 0.01), (1.0, 3, 0.2), (1.0, 2, 0.2)],
)
def test_coefficients_near_the_noise(gamma: float, d: int, tau: float) -> None:
    spectrum = PowerLaw(gamma).spectrum(d)
    a = in_units(spectrum, tau)
    a_60 = a[a <= 69.0]  # the others are known exactly
    exact = by_definition(a_60, np.ones(a_60.size))
    assert posterior_mean_error(spectrum, math.log(tau)) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(("size", "d"), [(0.3, 10), (1.0, 10), (3.0, 50), (4.0, 10**6)])
def test_spikes_among_zeros(size: float, d: int) -> None:
    """One spike among ``d - 1`` zeros, and two, which are not taken for the start of a law."""
    for sizes in ([1.0], [1.0, 0.5]):
        spectrum = FiniteRank(sizes).spectrum(d)
        a = in_units(spectrum, 1.0 / size)
        exact = by_definition(np.append(a, 0.0), np.append(np.ones(a.size), d - a.size))
        assert posterior_mean_error(spectrum, -math.log(size)) == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("spacing", [0.31, 0.7, 1.0, 1.9, 3.33, 5.21, 7.9, 8.1, 11.4])
def test_error_on_a_lattice(spacing: float) -> None:
    """Over one cell, which is periodic: the sum over nodes is exact."""
    y = spacing * np.arange(-500, 500) / 1000
    a = spacing * np.arange(-math.ceil(40 / spacing), math.ceil(40 / spacing) + 1)
    mass = np.exp(-0.5 * (y[:, None] - a) ** 2) / math.sqrt(2 * math.pi)
    mean = (mass @ a) / mass.sum(axis=1)
    exact = float((mass * (a - mean[:, None]) ** 2).sum()) * spacing / 1000
    assert lattice_error(spacing) == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("spacing", [15.0, 20.0, 300.0])
def test_neighbours_far_apart_are_rarely_confused(spacing: float) -> None:
    """Half of the squared distance ``s^2/4`` on either side where the middle is, ``2 * 2 (s/2)^2 Q(s/2)`` and less."""
    assert 0 <= lattice_error(spacing) <= spacing**2 * math.erfc(spacing / math.sqrt(8))


@pytest.mark.parametrize(("gamma", "d"), [(1.25, 1000), (0.6, 1000), (2.0, 300), (1.25, 2500)])
@pytest.mark.parametrize("last", [1.0, 10.0, 61.0, 68.0, 100.0, 1000.0])
def test_coefficients_far_above_the_noise(gamma: float, d: int, last: float) -> None:
    """Only neighbours matter there, on both sides: none follows the last one."""
    spectrum = PowerLaw(gamma).spectrum(d)
    tau = float(spectrum.values()[-1]) / last
    a = in_units(spectrum, tau)
    known = (a[:-1] - a[1:]) > 30.0  # of its neighbours, too
    first = int(np.argmin(known)) if not known.all() else a.size - 1
    exact = by_definition(a[first:], np.ones(a.size - first), step=0.1)
    assert posterior_mean_error(spectrum, math.log(tau)) == pytest.approx(exact, rel=5e-5)


@pytest.mark.parametrize("last", [1e5, 0.99e6, 1.01e6, 1e9])
def test_all_dense_and_far_above_the_noise(last: float) -> None:
    """The risk of what is observed as it is, but for the last few, which know that none follows them."""
    spectrum = PowerLaw(1.25).spectrum(10**40)
    log_tau = float(spectrum.log_value(np.array([1e40]))[0]) - math.log(last)
    assert posterior_mean_error(spectrum, log_tau) == pytest.approx(1e40, rel=2.0 / last + 1e-10)


def test_all_far_apart_nothing_is_left() -> None:
    assert posterior_mean_error(PowerLaw(1.25).spectrum(20), math.log(1e-8)) < 1e-12


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "bilinear"])
def test_below_the_noise_all_is_missed(network: str) -> None:
    """All but the mean of the sizes, which is known; of both signs it is 0."""
    p = Problem(network, gamma=1.25, d=100, n=60, lam=1, noise=0.3)
    mean = 0.0 if network == "bilinear" else p.spectrum.values().sum() / 100
    system = System.of(p)
    assert mmse(system, 7.0) == pytest.approx(math.exp(-14.0) * (1 - 100 * mean**2), rel=1e-4)
    assert mmse(system, -40.0) <= 100.0


@pytest.mark.parametrize("n", [60.0, 300.0])
def test_the_least_error_balances_the_first_equation(n: float) -> None:
    """``n tau^2 = noise + R`` of the diagonal network, ``R`` by its definition."""
    p = Problem("diagonal", gamma=1.25, d=100, n=n, lam=0, noise=0.3)
    error = bayes_error(p)
    tau = math.sqrt((0.3 + error) / n)
    exact = tau**2 * by_definition(in_units(p.spectrum, tau), np.ones(100))
    assert error == pytest.approx(exact, rel=1e-9)
