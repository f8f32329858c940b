"""The quadratic network's response against direct evaluation of its definition."""

from __future__ import annotations

import math

import mpmath
import pytest

from asymptotix.networks.spectral import OneSided
from asymptotix.teacher import FiniteRank, PowerLaw

CASES = [(-2.3, 0.5), (-2.3, 1.3), (-2.3, 1.98), (-2.3, 3.0), (-3.5, 3.3), (1.0, 1.7), (-4.0, 0.05)]


def _definition(atoms: list[float], d: int, c: float) -> tuple[float, float]:
    """``R/tau^2`` and ``s`` from the densities themselves, in 30 digits, along a path far from all atoms.

    ``R = sum_i int (f(x) - a_i)^2 O_i(x) dx`` with ``O_i = -Im 1/(w - a_i) / pi``, and
    ``s = -(1/(pi d)) Im int (z - c) G^2 dz`` over ``x > c``.
    """
    ctx = mpmath.mp.clone() if hasattr(mpmath.mp, "clone") else mpmath.MPContext()
    ctx.dps = 30
    a = [ctx.mpf(x) for x in atoms]
    t = ctx.mpf(1) / d

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
