"""The quadratic network's response against direct evaluation of its definition."""

from __future__ import annotations

import math
from functools import cache

import mpmath
import numpy as np
import pytest

from asymptotix.networks.spectral import OneSided
from asymptotix.teacher import FiniteRank, PowerLaw

CASES = [(-2.3, 0.5), (-2.3, 1.3), (-2.3, 1.98), (-2.3, 3.0), (-3.5, 3.3), (1.0, 1.7), (-4.0, 0.05)]


def _definition(atoms: list[float], d: int, c: float) -> tuple[float, float]:
    """``R/tau^2`` and ``s`` from the densities themselves, in 20 digits, along a path far from all atoms.

    ``R = sum_i int (f(x) - a_i)^2 O_i(x) dx`` with ``O_i = -Im 1/(w - a_i) / pi``, and
    ``s = -(1/(pi d)) Im int (z - c) G^2 dz`` over ``x > c``.
    """
    ctx = mpmath.mp.clone() if hasattr(mpmath.mp, "clone") else mpmath.MPContext()
    ctx.dps = 20
    a = [ctx.mpf(x) for x in atoms]
    t = ctx.mpf(1) / d

    @cache  # both integrals are asked at the same nodes
    def sums(w):
        inverse = [1 / (w - x) for x in a]
        return sum(inverse), -sum(x * x for x in inverse)

    w = ctx.mpc(c / 2, 1)
    for _ in range(400):
        w = (w + c - t * sums(w)[0]) / 2
    for _ in range(8):
        g, slope = sums(w)
        w -= (w + t * g - c) / (1 + t * slope)
    top = ctx.mpc(w.real, w.imag + 2)
    right = ctx.mpf(max(atoms) + 3)
    corners = [w + (top - w) * ctx.mpf(3) ** -k for k in range(8, -1, -1)]
    steps = [top + (right + 2j - top) * ctx.mpf(k) / 8 for k in range(1, 9)]

    def along(f):
        return ctx.im(ctx.quad(f, [w, *corners, *steps, right])) / ctx.pi

    def risk(w):
        g, slope = sums(w)
        p = w + t * g - c
        return p * (p * g - 2 * (w * g - d)) * (1 + t * slope)

    def count(w):
        g, slope = sums(w)
        return (w + t * g - c) * g * g * (1 + t * slope)

    return float(sum(x * x for x in a) - along(risk)), float(-along(count) * t)


@pytest.mark.parametrize(("log_tau", "c"), CASES)
def test_response_is_its_definition(log_tau: float, c: float) -> None:
    spectrum = PowerLaw(1.25).spectrum(12)
    atoms = [float(x) / math.exp(log_tau) for x in spectrum.values()]
    rho, dof = _definition(atoms, 12, c)
    response = OneSided(spectrum).response(math.log(c), log_tau)
    assert response.rho == pytest.approx(rho, rel=1e-12)
    assert response.dof == pytest.approx(dof, rel=1e-12)


@pytest.mark.parametrize("c", [0.0, 1e-3, 0.7, 1.9, 1.999])
def test_pure_noise_is_the_semicircle(c: float) -> None:
    """``J(c) = int_c^2 (x - c)^2 sqrt(4 - x^2) / (2 pi) dx`` and ``s = d J' / 2`` in closed form."""
    d, log_tau = 10**4, 30.0
    response = OneSided(FiniteRank([1.0]).spectrum(d)).response(math.log(c) if c else -math.inf, log_tau)

    def density(x):
        return mpmath.sqrt(4 - x * x) / (2 * mpmath.pi)

    risk = mpmath.quad(lambda x: (x - c) ** 2 * density(x), [c, 2])
    count = mpmath.quad(lambda x: (x - c) * x * density(x), [c, 2])
    assert response.rho == pytest.approx(d * float(risk), rel=1e-12)
    assert response.dof == pytest.approx(d * float(count), rel=1e-12)


def test_one_spike() -> None:
    """A spike ``a`` far above the noise: outlier ``a + 1/a``, overlap ``1 - 1/a^2`` [BBP], in units of tau."""
    a, c, d = 20.0, 5.0, 10**40
    response = OneSided(FiniteRank([1.0]).spectrum(d)).response(
        OneSided(FiniteRank([1.0]).spectrum(d)).path_of(c, -math.log(a)), -math.log(a)
    )
    learned = a + 1 / a - c
    assert response.rho == pytest.approx(learned**2 - 2 * learned * (a - 1 / a) + a * a, rel=1e-12)
    assert response.dof == pytest.approx(2 * learned / a, rel=1e-12)


@pytest.mark.parametrize(
    ("gamma", "log_tau", "c"), [(1.25, -10.0, 3.0), (0.7, -6.0, 2.5), (2.0, -15.0, 50.0)]
)
def test_isolated_spikes_in_a_huge_dimension(gamma: float, log_tau: float, c: float) -> None:
    """Outliers ``a + 1/a`` with overlap ``1 - 1/a^2`` [BBP]: risk ``(1/a - c)^2 + 2 (a + 1/a - c)/a`` each."""
    d = 1e60
    spectrum = PowerLaw(gamma).spectrum(d)
    potential = OneSided(spectrum)
    response = potential.response(potential.path_of(c, log_tau), log_tau)
    above = response.spikes
    a = np.exp(spectrum.log_value(np.arange(1.0, above + 1.0)) - log_tau)
    missed = math.exp(spectrum.log_power_sum(above, d, 2.0) - 2.0 * log_tau)
    rho = math.fsum((1 / a - c) ** 2 + 2 * (a + 1 / a - c) / a) + missed
    assert response.rho == pytest.approx(rho, rel=1e-12)
    assert response.dof == pytest.approx(math.fsum(2 * (a + 1 / a - c) / a), rel=1e-12)


@pytest.mark.parametrize("log_cot", [3.0, 10.0, 25.0])
def test_leak_at_the_edge(log_cot: float) -> None:
    """With ``c = 2 cos theta`` pure noise leaks ``rho ~ 16 d theta^7 / 105 pi``, ``s ~ 8 d theta^5 / 15 pi``."""
    d, log_tau = 10**120, 400.0
    response = OneSided(FiniteRank([1.0]).spectrum(d)).response(log_cot, log_tau)
    theta = math.atan(math.exp(-log_cot))

    def moment(k):  # theta^-(2 k + 3) int_0^theta (cos phi - cos theta)^k cos(phi)^(2-k) sin(phi)^2 dphi
        def sine(x):
            return mpmath.sin(theta * x) / theta

        return mpmath.quad(
            lambda x: (
                (2 * sine((1 - x) / 2) * sine((1 + x) / 2)) ** k
                * sine(x) ** 2
                * mpmath.cos(theta * x) ** (2 - k)
            ),
            [0, 1],
        )

    assert response.rho == pytest.approx(float(8 * d / mpmath.pi * theta**7 * moment(2)), rel=1e-12)
    assert response.dof == pytest.approx(float(8 * d / mpmath.pi * theta**5 * moment(1)), rel=1e-12)


@pytest.mark.parametrize("log_tau", [1.0, -1.0, -3.0, -5.0])
@pytest.mark.parametrize("c", [0.02, 0.8, 2.4, 6.0])
def test_naive_identity_where_it_does_not_cancel(log_tau: float, c: float) -> None:
    """``R = Q0 - J + delta Jd + eps Je``, each from its own integral."""
    potential = OneSided(PowerLaw(1.1).spectrum(100))
    value, by_delta, by_eps = potential.potential(c, log_tau)
    risk = math.exp(2 * log_tau) * potential.response(math.log(c), log_tau).rho
    scale = 1 + 100 * (1 + c * c) * math.exp(2 * log_tau)  # of the terms that cancel
    assert abs(1 - value + by_delta + by_eps - risk) < 1e-13 * scale
    step = 1e-5
    plus, minus = (potential.potential(c * math.exp(-x), log_tau + x)[0] for x in (step, -step))
    assert (plus - minus) / (2 * step) == pytest.approx(by_delta, rel=1e-6, abs=1e-8 * scale)
