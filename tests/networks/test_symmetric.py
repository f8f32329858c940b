"""The symmetric network's response against its definition on the real line and closed cases."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix.networks.spectral import OneSided
from asymptotix.networks.two_sided import TwoSided
from asymptotix.teacher import FiniteRank, PowerLaw


def _below(a: np.ndarray, c: float) -> tuple[float, float]:
    """Leak below ``-c`` from Biane's density ``v/(pi t)``, by Gauss quadrature in the angle of ``(x + c)``."""
    t = 1 / a.size

    def solve(x: np.ndarray) -> np.ndarray:
        w = x / 2 + 1j
        for _ in range(3000):
            w = 0.5 * (w + x - t * (1 / (w[:, None] - a)).sum(axis=1))
        for _ in range(5):
            inverse = 1 / (w[:, None] - a)
            w -= (w + t * inverse.sum(axis=1) - x) / (1 - t * (inverse**2).sum(axis=1))
        return w

    low, high = -2.5, -c
    for _ in range(6):  # the left edge, in sixty-fourths
        places = np.linspace(low, high, 65)
        first = int(np.argmax(solve(places).imag > 1e-8))
        low, high = places[first - 1 : first + 1]
    node, weight = np.polynomial.legendre.leggauss(40)
    s = 0.5 * (1 + node)
    rho = dof = 0.0
    levels = high + (-c - high) * s**2
    for k, (x, w) in enumerate(zip(levels, solve(levels), strict=True)):
        measure = 0.5 * weight[k] * 2 * s[k] * (-c - high)
        overlap = w.imag / np.abs(w - a) ** 2 / math.pi
        rho += measure * float(np.sum((x + c) * (x + c - 2 * a) * overlap))
        dof += measure * 2 * (x + c) * (x - w.real) * w.imag / math.pi * a.size**2 * t
    return rho, dof


@pytest.mark.parametrize(("log_tau", "c"), [(-1.0, 0.3), (-1.0, 1.5), (-2.5, 0.7), (-2.5, 1.2)])
def test_leak_below(log_tau: float, c: float) -> None:
    spectrum = PowerLaw(1.25).spectrum(40)
    both, one = (p(spectrum).response(math.log(c), log_tau) for p in (TwoSided, OneSided))
    rho, dof = _below(spectrum.values() / math.exp(log_tau), c)
    assert both.rho - one.rho == pytest.approx(rho, rel=2e-6)  # the reference searches its edge
    assert both.dof - one.dof == pytest.approx(dof, rel=2e-6)  # the reference searches its edge


@pytest.mark.parametrize("d", [400, 10**60])
@pytest.mark.parametrize("path", [-3.0, -0.5, 0.4, 3.0, 8.0, 14.0])
def test_noise_leaks_twice(d: int, path: float) -> None:
    spectrum = FiniteRank([1.0]).spectrum(d)
    both, one = (p(spectrum).response(path, 150.0) for p in (TwoSided, OneSided))
    assert both.rho == pytest.approx(2 * one.rho, rel=1e-12)
    assert both.dof == pytest.approx(2 * one.dof, rel=1e-12)


def test_everything_is_learned_without_threshold() -> None:
    for log_tau in (2.0, -2.0, -4.0, -6.0, -9.0):
        response = TwoSided(PowerLaw(1.25).spectrum(400)).response(-math.inf, log_tau)
        assert response.rho == pytest.approx(400, rel=1e-12)
        assert response.dof == pytest.approx(400, rel=1e-12)


@pytest.mark.parametrize("below_two", [9e-4, 3e-4])
def test_both_ways_to_the_lower_edge_agree(below_two: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within 1e-3 of ``c = 2`` by angle and radius, beyond by Newton's method: the same leak.

    To 1e-10: so many digits are left of the latter's angle.
    """
    potential = TwoSided(PowerLaw(0.82).spectrum(13))
    log_tau = 9.0  # the mean coefficient is 2e-5 of the noise
    path = potential.path_of(2.0 - below_two, log_tau)
    by_angle = potential.response(path, log_tau)
    monkeypatch.setattr("asymptotix.networks.two_sided._EDGE", 0.0)
    by_newton = potential.response(path, log_tau)
    assert by_angle.dof == pytest.approx(by_newton.dof, rel=1e-10)
    assert by_angle.rho == pytest.approx(by_newton.rho, rel=1e-10)
