"""Matrices of any shape in any dimension, against other integrals, the square network and derived laws."""

from __future__ import annotations

import math

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.networks.oblong_values import OblongValues
from asymptotix.networks.singular_values import SingularValues
from asymptotix.networks.square_values import SquareValues
from asymptotix.teacher import FiniteRank, Geometric, PowerLaw, Teacher

TEACHERS = (PowerLaw(1.25), PowerLaw(0.7), PowerLaw(3.0), Geometric(0.9), FiniteRank([1.0, 1.0, 0.2]))


@pytest.mark.parametrize(("m", "d"), [(3, 10), (300, 500), (299, 300), (10**5, 3 * 10**5)])
@pytest.mark.parametrize("teacher", TEACHERS, ids=repr)
def test_the_integrals_are_those_of_features_one_by_one(teacher: Teacher, m: int, d: int) -> None:
    spectrum = teacher.spectrum(m)
    here, there = OblongValues(spectrum, float(d)).thresholded, SingularValues(spectrum, float(d))
    for log_tau in (-6.0, -2.0, 0.5):
        for c in (0.03, 0.9, 1.5, 2.5, 20.0):
            found, slow = here.line(log_tau).at_c(c), there.response(math.log(c), log_tau)
            # rounding of the other integrals is of the order of d units in the last place
            allowed = 1e-10 + 1e-15 * d
            assert found.rho == pytest.approx(slow.rho, rel=1e-10, abs=allowed)
            assert found.dof == pytest.approx(slow.dof, rel=1e-10, abs=allowed)


def test_every_threshold_has_its_place() -> None:
    """Few rows of all shapes: gaps below all singular values, outliers, and curves that lean over 0."""
    rng = np.random.default_rng(0)
    for _ in range(150):
        gamma, ratio = rng.choice([0.6, 0.8, 1.25, 3.0]), rng.choice([1.0, 1.0, 1.02, 1.5, 5.0])
        m = int(rng.integers(1, 80))
        spectrum, d = PowerLaw(float(gamma)).spectrum(m), float(int(m * ratio))
        log_tau, log_c = rng.uniform(-9, 2), rng.uniform(-8, 3)
        found = OblongValues(spectrum, d).thresholded.line(log_tau).at_c(math.exp(log_c))
        slow = SingularValues(spectrum, d).response(log_c, log_tau)
        assert found.rho == pytest.approx(slow.rho, rel=1e-8)
        assert found.dof == pytest.approx(slow.dof, rel=1e-8, abs=1e-11)


@pytest.mark.parametrize("c", [0.3, 1.3, 1.8, 3.0, 9.0])
@pytest.mark.parametrize("log_tau", [-4.0, -1.0])
@pytest.mark.parametrize("columns", [None, 500.0, 900.0, 9000.0])
def test_slopes_are_differences(columns: float | None, c: float, log_tau: float) -> None:
    spectrum = PowerLaw(1.25).spectrum(500)
    potential = SquareValues(spectrum) if columns is None else OblongValues(spectrum, columns)
    line, h = potential.thresholded.line, 1e-5
    at = line(log_tau).at_c(c)
    up, down = (line(log_tau).at_c(c + x) for x in (h, -h))
    late, early = (line(log_tau + x).at_c(c) for x in (h, -h))
    assert -at.slope == pytest.approx((up.dof - down.dof) / (2 * h), rel=1e-6, abs=1e-6)
    assert -2 * at.excess == pytest.approx((up.rho - down.rho) / (2 * h), rel=1e-6, abs=1e-6)
    assert at.drift == pytest.approx((late.dof - early.dof) / (2 * h), rel=1e-6, abs=1e-5)
    assert at.excess == pytest.approx(at.slope - c * at.count, abs=1e-9 * max(at.slope, 1.0))


@pytest.mark.parametrize("power", [6, 24, 120])
def test_as_many_rows_as_columns_are_the_square_network(power: int) -> None:
    """Other integrals in another plane, to a hair (d^(-1/4)) below the edge of the noise."""
    d = 10**power
    square, oblong = (x(PowerLaw(1.25).spectrum(d)) for x in (SquareValues, OblongValues))
    for share in (-0.05, -0.9, -1.3):
        log_tau = share * math.log(d)
        for path in (-3.0, 0.0, 1.5, 0.2 * math.log(d), 0.25 * math.log(d) + 1.0):
            one = square.response(path, log_tau)
            # Angles end elsewhere in the plane of squares: beyond the edge the threshold is what both share.
            beyond = one.c > 2.1
            other = oblong.response(oblong.path_of(one.c, log_tau) if beyond else path, log_tau)
            for name in ("c", "rho", "dof", "slope", "count", "excess"):
                assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-10), name


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("d", [10**6, 10**24])
def test_where_all_features_are_far_above_the_threshold_each_is_lowered_by_it(d: int, columns: int) -> None:
    potential = OblongValues(PowerLaw(1.25).spectrum(d), float(columns * d))
    log_tau = -1.25 * math.log(d) - 69.0  # the least feature is 1e30
    here = potential.thresholded.line(log_tau).at_c(5e11)
    assert here.dof == pytest.approx(d, rel=1e-12)
    assert here.rho == pytest.approx(d * (25e22 + 1.0), rel=1e-12)


def test_no_digits_are_claimed_that_a_crowded_bulk_has_not() -> None:
    """Few rows: the error goes as ``(m/d)^(-1/10)``; at 1e-24 doubles are off by a factor of 4,000."""
    p = ax.Problem("bilinear", gamma=1.25, d=10**60, n=1e90, lam=0, noise=0.1, rows=10**48)
    fine, coarse = ax.solve(p), ax.solve(p.replace(rows=10**44))
    off = abs(coarse.error / fine.error / 10**0.4 - 1)
    assert 10.0**-coarse.digits > off > 1e-4
    assert ax.solve(p.replace(rows=10**36)).status == "not converged"
