"""The symbols against the numbers: exponents at random points, and checks that a wrong law fails."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from asymptotix import Problem, spectrum
from asymptotix.asymptotics.diagram import BoundaryPoint, phase_diagram
from asymptotix.checks import derived_laws as laws

TOLERANCE = 1e-3
# Distance (as an exponent of d) from where terms tie, so that what is neglected is small at d = 1e120.
MARGIN = Fraction(1, 16)


def random_ray(network, rng):
    """A random exact point away from boundaries.

    From ``n_eff = d^(-1/5)`` on: below ``d^(-1/4)`` samples the spectral solvers do not resolve the edge.
    """
    while True:
        gamma = Fraction(int(rng.integers(21, 160)), 40)
        a, l, zeta = (Fraction(int(x), 40) for x in rng.integers([-8, -110, -30], [60, 50, 31]))  # noqa: E741
        try:
            phase = phase_diagram(network).at(gamma=gamma, a=a, l=l, zeta=zeta)
        except BoundaryPoint:
            continue
        ray = laws.Ray(phase)
        order = ray.next_order
        inside = min(phase.distances(), default=MARGIN) >= MARGIN
        if inside and (order is None or order == 0 or order <= -MARGIN):
            return ray


def exponent_error(ray):
    """Numerical slope of log(error) between two huge dimensions, less the slope of the law (with its logs)."""
    high = 10.0 ** min(ray.top, 115.0)
    low = high / 1e4
    return (math.log(ray.ratio(high)) - math.log(ray.ratio(low))) / math.log(1e4)


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric"])
@pytest.mark.parametrize("block", range(5))
def test_exponents_at_random_exact_points(network, block):
    rng = np.random.default_rng(block)
    for _ in range(20):  # the claims of `digits-exponents` measure every phase
        ray = random_ray(network, rng)
        assert abs(exponent_error(ray)) < TOLERANCE, (network, ray.phase.phase, ray.point)


@pytest.fixture(scope="module")
def ray():
    return next(r for r in laws.rays("diagonal", Fraction(5, 4)) if r.phase.phase == "II")


def verdict(ray):
    return next(iter(laws.beside(ray, "II")))


def test_the_true_law_passes(ray):
    assert verdict(ray).passed


def test_a_constant_off_by_1e_8_fails(ray):
    growth = replace(ray.phase.growth, constant=ray.phase.growth.constant * (1 + Fraction(1, 10**8)))
    assert not verdict(replace(ray, phase=replace(ray.phase, growth=growth))).passed


def test_a_wrong_exponent_fails(ray):
    slightly = ray.phase.growth.exponent * Fraction(1001, 1000)
    wrong = replace(ray.phase, growth=replace(ray.phase.growth, exponent=slightly))
    assert not verdict(replace(ray, phase=wrong)).passed


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric"])
@pytest.mark.parametrize(("a", "l"), [("3/5", -2), (2, -1), ("7/2", -1), ("7/2", "3/2"), ("1/4", 2)])
def test_tables_and_spectra_say_what_is_there_in_the_same_words(network, a, l):  # noqa: E741
    phase = phase_diagram(network).at(gamma="5/4", a=a, l=l)
    d = 10**8
    n_eff, lam = (float(d) ** float(Fraction(x)) for x in (a, l))
    problem = Problem(network, gamma=1.25, d=d, n=1, lam=lam, noise=1).replace(n_eff=n_eff)
    assert spectrum(problem).kind == phase.spectrum
