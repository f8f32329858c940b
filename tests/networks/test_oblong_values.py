"""Matrices of any shape in any dimension, against other integrals, the square network and derived laws."""

from __future__ import annotations

import math

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.errors import NotConverged
from asymptotix.networks import oblong_values
from asymptotix.networks.oblong_values import OblongValues
from asymptotix.networks.square_values import SquareValues
from asymptotix.teacher import FiniteRank, Geometric, PowerLaw, Teacher
from tests.networks.one_by_one import OneByOne

TEACHERS = (PowerLaw(1.25), PowerLaw(0.7), PowerLaw(3.0), Geometric(0.9), FiniteRank([1.0, 1.0, 0.2]))


@pytest.mark.parametrize(("m", "d"), [(3, 10), (300, 500), (299, 300), (10**5, 3 * 10**5)])
@pytest.mark.parametrize("teacher", TEACHERS, ids=repr)
def test_the_integrals_are_those_of_features_one_by_one(teacher: Teacher, m: int, d: int) -> None:
    spectrum = teacher.spectrum(m)
    here, there = OblongValues(spectrum, float(d)), OneByOne(spectrum, float(d))
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
        found = OblongValues(spectrum, d).line(log_tau).at_c(math.exp(log_c))
        slow = OneByOne(spectrum, d).response(log_c, log_tau)
        assert found.rho == pytest.approx(slow.rho, rel=1e-8)
        assert found.dof == pytest.approx(slow.dof, rel=1e-8, abs=1e-11)


@pytest.mark.parametrize("c", [0.3, 1.3, 1.8, 3.0, 9.0])
@pytest.mark.parametrize("log_tau", [-4.0, -1.0])
@pytest.mark.parametrize("columns", [None, 500.0, 900.0, 9000.0])
def test_slopes_are_differences(columns: float | None, c: float, log_tau: float) -> None:
    spectrum = PowerLaw(1.25).spectrum(500)
    potential = SquareValues(spectrum) if columns is None else OblongValues(spectrum, columns)
    line, h = potential.line, 1e-5
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
            beyond = path < 0 or one.c > 2.1
            other = oblong.response(oblong.path_of(one.c, log_tau) if beyond else path, log_tau)
            for name in ("c", "rho", "dof", "slope", "count", "excess"):
                assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-10), name


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("d", [10**6, 10**24])
def test_where_all_features_are_far_above_the_threshold_each_is_lowered_by_it(d: int, columns: int) -> None:
    potential = OblongValues(PowerLaw(1.25).spectrum(d), float(columns * d))
    log_tau = -1.25 * math.log(d) - 69.0  # the least feature is 1e30
    here = potential.line(log_tau).at_c(5e11)
    assert here.dof == pytest.approx(d, rel=1e-12)
    assert here.rho == pytest.approx(d * (25e22 + 1.0), rel=1e-12)


def test_few_rows_keep_their_digits() -> None:
    """Within 1e-14 (``sqrt(m/d)``) of one another: all learned, as by least squares, or almost none."""
    p = ax.Problem("bilinear", gamma=1.25, d=10**60, n=1e90, lam=0, noise=0.1, rows=10**32)
    interpolated = ax.solve(p)
    assert interpolated.digits >= 10
    assert interpolated.error == pytest.approx(0.1 / (10**92 / 1e90 - 1), rel=1e-11)
    p = p.replace(d=10**100, n=1e120, rows=10**76)
    more, fewer = ax.solve(p), ax.solve(p.replace(rows=10**72))
    assert min(more.digits, fewer.digits) >= 10
    assert fewer.error == pytest.approx(more.error, rel=4e-12)


@pytest.mark.parametrize(
    ("gamma", "d", "rows", "n"),
    [
        (1.25, 3.5117e105, 1.1559e92, 5.503e158),  # a search passes by thresholds that are no doubles
        (3, 3.9023e40, 2.5885e17, 3.2612e57),  # and by one whose square is none
    ],
)
def test_interpolation_without_noise_is_found(gamma: float, d: float, rows: float, n: float) -> None:
    found = ax.solve(ax.Problem("bilinear", gamma=gamma, d=int(d), rows=int(rows), n=n, lam=0, noise=0))
    assert found.status == "ridgeless"
    assert found.residual < 1e-12


def test_parts_that_cancel_are_refused() -> None:
    p = ax.Problem("bilinear", gamma=2, d=10**50, rows=10**9, n=1e58, lam=0, noise=0.1)
    with pytest.raises(NotConverged, match="cancel beyond doubles: their sum is off by"):
        ax.decompose(p)


@pytest.mark.parametrize("log_tau", [-3.5, -2.0, 0.5])
@pytest.mark.parametrize("rows", [90, 10**7])
def test_shells_of_few_rows_are_the_sums_over_all(
    rows: int, log_tau: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where rows are not so few that those sums cancel."""
    line = OblongValues(PowerLaw(1.25).spectrum(rows), columns=1e3 * rows).line(log_tau)
    for c in (0.2, 0.95, 0.99, 1.01, 1.03, 1.04, 1.08):
        apart = line.at_c(c)
        monkeypatch.setattr(oblong_values, "FEW_ROWS", 0.0)
        at_once = line.at_c(c)
        monkeypatch.undo()
        assert at_once.turn is None
        if apart.dof > 0:
            for name in ("rho", "dof", "slope", "count", "excess", "drift"):
                assert getattr(apart, name) == pytest.approx(getattr(at_once, name), rel=1e-11), name


@pytest.mark.parametrize("columns", [1e20, 1e60, 1e90])
def test_slopes_of_few_rows_are_differences(columns: float) -> None:
    potential, h = OblongValues(PowerLaw(1.25).spectrum(10**9), columns=columns), 1e-4
    log_tau = 0.25 * math.log(1e9 / columns) - 1.0  # features of the order of the spread are seen
    for path in (-5.0, -0.5, 1.0, 2.0, 8.0):
        here = potential.response(path, log_tau)
        slopes, lost = here.slopes, 1e-11 / h
        assert slopes is not None
        right, left, late, early = (
            potential.response(path + x, log_tau + y) for x, y in ((h, 0), (-h, 0), (0, h), (0, -h))
        )
        by_path, by_tau = right.dof - left.dof, late.dof - early.dof
        assert slopes.dof_by_path == pytest.approx(by_path / (2 * h), rel=1e-5, abs=lost * here.dof)
        assert slopes.dof_by_tau == pytest.approx(by_tau / (2 * h), rel=1e-5, abs=lost * here.dof)
        by_tau = late.rho - early.rho
        assert slopes.rho_by_tau == pytest.approx(by_tau / (2 * h), rel=1e-5, abs=lost * here.rho)
