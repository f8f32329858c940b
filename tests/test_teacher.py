"""Spectra at any dimension against exact sums."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asymptotix import FiniteRank, Geometric, PowerLaw, Values
from asymptotix.quadrature import integer_panels
from asymptotix.teacher import log_zeta_range

TEACHERS = [PowerLaw(0.51), PowerLaw(1.25), PowerLaw(4.0), Geometric(0.9), Geometric(0.9999)]


@pytest.mark.parametrize("s", [0.5, 0.9, 1.0, 1.0002, 2.0, 8.0, 32.0])
@pytest.mark.parametrize(("first", "last"), [(0, 5), (0, 3000), (40, 5000), (1000, 1010)])
def test_power_sums_are_exact(s, first, last):
    exact = math.fsum(i**-s for i in range(first + 1, last + 1))
    assert log_zeta_range(first, last, s) == pytest.approx(math.log(exact), abs=1e-13)


def test_power_sum_at_1e60_is_a_difference_of_zeta_functions():
    ctx = mpmath.MPContext()
    ctx.dps = 80
    exact = ctx.zeta(ctx.mpf("1.2")) - ctx.zeta(ctx.mpf("1.2"), ctx.mpf(10) ** 60 + 1)
    assert log_zeta_range(0, 1e60, 1.2) == pytest.approx(float(ctx.log(exact)), rel=1e-14)


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize("d", [2, 37, 5000])
def test_unit_norm_and_order(teacher, d):
    a = teacher.spectrum(d).values()
    assert len(a) == d
    assert (a**2).sum() == pytest.approx(1, rel=1e-13)
    assert np.all(np.diff(a) <= 0)


@pytest.mark.parametrize("teacher", TEACHERS)
def test_nodes_sum_any_smooth_function(teacher):
    spectrum = teacher.spectrum(5000)
    a = spectrum.values()
    first = math.log(a[0])
    levels = np.arange(first, max(math.log(a[-1]), first - 300) - spectrum.log_step, -spectrum.log_step)
    breaks = np.unique([0.0, *(spectrum.count_above(x) for x in levels), 5000.0])
    log_a, weight = spectrum.nodes(breaks)
    for f in (lambda x: x**2, lambda x: x / (1 + x), lambda x: np.exp(-x)):
        assert weight @ f(np.exp(log_a)) == pytest.approx(math.fsum(f(a)), rel=1e-12)


@given(st.floats(-300, 5))
def test_count_above_agrees_with_the_values(level):
    for teacher in (PowerLaw(1.25), Geometric(0.9), Values([3.0, 2.0, 2.0, 0.5]), FiniteRank([2.0, 1.0])):
        spectrum = teacher.spectrum(4)
        logs = spectrum.log_value(np.arange(1.0, spectrum.rank + 1))
        # levels within rounding of a value may count either way
        if np.all(np.abs(logs - level) > 1e-12):
            assert spectrum.count_above(level) == np.count_nonzero(logs > level)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 8))
def test_panels_integrate_polynomials_exactly(first, count, degree):
    index, weight = integer_panels(np.array([float(first)]), np.array([float(first + count)]))
    x = np.arange(1, count + 1) / count
    rounding = degree * np.spacing(index.max()) / count  # of the positions themselves
    exact = pytest.approx((x**degree).sum(), rel=1e-12 + rounding)
    assert weight @ ((index - first) / count) ** degree == exact


def test_finite_rank_has_zeros_in_any_dimension():
    spectrum = FiniteRank([2.0, 1.0]).spectrum(10**60)
    assert spectrum.rank == 2.0
    assert spectrum.zeros == 1e60
    assert math.exp(2 * spectrum.log_value(np.array([1.0]))[0]) == pytest.approx(0.8)
