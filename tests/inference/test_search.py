"""The search for the best truth, where it is a straight line through points: everything is known in closed form."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from asymptotix.inference.likelihood import Search, _between, crossing
from asymptotix.inference.model import Truth
from asymptotix.inference.run_table import Run
from tests.inference.straight_line import BASE, StraightLine, line, regression, searching

SIZES = (10.0, 30.0, 100.0, 200.0, 500.0)
VALUES = (0.9, 0.5, 0.33, 0.2, 0.17)
SIGMA = 0.05
MODEL = line(VALUES, SIZES, stderr=SIGMA)


def test_logarithms_become_numbers() -> None:
    search = searching(MODEL, noise=0.3)
    assert search.truth(np.array([0.2, -0.7])) == Truth(0.5 + math.exp(0.2), math.exp(-0.7), 1.0)


def test_a_residual_is_a_deviation_over_the_scatter_and_the_band() -> None:
    search = searching(replace(MODEL, band=0.12))
    assert search.sigma == pytest.approx([0.13] * 5, rel=1e-12)
    x = np.array([0.1, -0.4])
    expected = [(math.log(v) - (0.1 - 0.4 * math.log(n))) / 0.13 for n, v in zip(SIZES, VALUES, strict=True)]
    assert search.residuals(x) == pytest.approx(expected, rel=1e-12)


def test_a_share_of_the_value_shares_in_the_band() -> None:
    model = replace(MODEL, band=0.24)
    half = Search(model, ("gamma", "noise"), {"norm": 1.0}, "linear", np.full(5, 0.5))
    assert half.sigma == pytest.approx([0.13] * 5, rel=1e-12)


def test_a_run_without_a_standard_error_scatters_as_the_middle_one_does() -> None:
    runs = [
        replace(run, stderr=s * run.value)
        for run, s in zip(MODEL.runs, (0.1, 0.2, 0.4, 0.3, math.nan), strict=True)
    ]
    search = searching(replace(MODEL, runs=tuple(runs)))
    assert search.sigma[-1] == pytest.approx(0.25, rel=1e-12)
    assert not search.known_scatter
    assert searching(MODEL).known_scatter
    none = searching(replace(line(VALUES, SIZES), band=0.3))
    assert not none.known_scatter
    assert none.sigma == pytest.approx([0.3] * 5, rel=1e-12)


def test_a_few_repeats_make_the_normal_variable_of_the_same_tail() -> None:
    """Welch and Satterthwaite: of sigma^2 = 0.06^2 + 0.08^2 the first part has 3 degrees of freedom."""
    run = Run(2, 50.0, 1.0, 1.3, 0.06 * 1.3, repeats=4, freedom=3.0)
    sure = replace(run, row=3, lam=2.0, freedom=math.inf, repeats=1)
    search = searching(StraightLine(BASE, (run, sure), "error", band=0.08), free=(), gamma=1.5, noise=1.0)
    t = math.log(1.3) / 0.1
    pull = stats.norm.ppf(stats.t.cdf(t, 3.0 * (0.1 / 0.06) ** 4))
    assert search.residuals(np.zeros(0)) == pytest.approx([pull, t], rel=1e-9)


def test_repeats_that_agree_by_chance_are_widened_where_errors_fall() -> None:
    runs = [
        Run(k, n, 1.0, 10.0 / n, 1e-9, repeats=2, freedom=1.0) for k, n in enumerate((50.0, 100.0, 200.0))
    ]
    search = searching(StraightLine(BASE, tuple(runs), "error"))
    assert search.sigma == pytest.approx([math.sqrt(1.0 / n) for n in (50, 100, 200)], rel=1e-6)
    many = tuple(replace(run, freedom=math.inf) for run in runs)
    assert (searching(StraightLine(BASE, many, "error")).sigma < 1e-6).all()


def test_the_best_point_is_the_regression() -> None:
    x, cost, covariance = regression(MODEL, SIGMA)
    search = searching(MODEL)
    best, least = search.best()
    assert best == pytest.approx(x, abs=1e-6)
    assert least == pytest.approx(cost, rel=1e-9)
    jacobian = search.jacobian(best)
    assert np.linalg.inv(jacobian.T @ jacobian) == pytest.approx(covariance, rel=1e-6)


def test_of_two_starts_the_better_one_is_followed() -> None:
    """Where the first one ends in a poor minimum (no straight line), the next is tried."""

    class TwoValleys(StraightLine):
        def errors(self, truth: Truth) -> np.ndarray:
            x = math.log(truth.noise)
            return np.exp(np.array([0.2 * x + 1.0, (x + 6.0) * (x + 1.0) * (x + 0.9)]))

    runs = (Run(2, 1.0, 1.0, math.exp(-0.2), 0.01), Run(3, 1.0, 2.0, 1.0, 0.01))
    found, cost = searching(TwoValleys(BASE, runs, "error"), ("noise",), gamma=1.0).best()
    assert found[0] == pytest.approx(-6.0, abs=0.01)
    assert cost < 1.0


def test_one_coordinate_held_is_a_regression_of_the_other() -> None:
    search = searching(MODEL)
    logs, logn = np.log(VALUES), np.log(SIZES)
    level = float((logs + 0.3 * logn).mean())
    x, cost = search.minimise(np.array([0.5, -0.3]), held=1)
    assert x == pytest.approx([level, -0.3], abs=1e-6)
    assert cost == pytest.approx(float((((logs + 0.3 * logn - level) / SIGMA) ** 2).sum()), rel=1e-8)
    slope = float(logn @ (logs - 0.2) / (logn @ logn))
    assert search.minimise(np.array([0.2, -1.0]), held=0)[0] == pytest.approx([0.2, slope], abs=1e-6)


def test_nothing_free_is_the_sum_of_squares_itself() -> None:
    search = searching(MODEL, (), gamma=1.5, noise=0.5)
    x, cost = search.best()
    assert x.size == 0
    assert cost == pytest.approx(float((search.residuals(x) ** 2).sum()), rel=1e-12)
    assert search.minimise(x, beside=lambda _: 2.0)[1] == pytest.approx(cost + 4.0, rel=1e-12)
    assert search.jacobian(x).shape == (5, 0)


def test_one_residual_beside() -> None:
    """A sixth run at slope -1/2, with a tenth of the scatter of the others: the regression with one more row."""
    search = searching(MODEL)
    rows = np.vstack([[[1.0, math.log(n)] for n in SIZES], [0.0, 10.0]]) / SIGMA
    y = np.append(np.log(VALUES), -5.0) / SIGMA
    expected, rest, *_ = np.linalg.lstsq(rows, y, rcond=None)
    x, cost = search.minimise(np.array([0.0, -1.0]), beside=lambda x: (x[1] + 0.5) * 10.0 / SIGMA)
    assert x == pytest.approx(expected, abs=1e-6)
    assert cost == pytest.approx(float(rest[0]), rel=1e-8)


def test_a_start_out_of_range_is_brought_inside() -> None:
    search = searching(MODEL)
    assert search.minimise(np.array([9.0, -30.0]))[0] == pytest.approx(regression(MODEL, SIGMA)[0], abs=1e-5)
    assert (search.bound(0, -1.0), search.bound(0, 1.0)) == (math.log(0.02), math.log(7.5))
    assert (search.bound(1, -1.0), search.bound(1, 1.0)) == (-18.0, 9.0)


def test_logarithms_are_looked_for_in_ranges() -> None:
    names = ("norm", "lam_factor", "error_factor")
    search = searching(MODEL, names, gamma=1.0, noise=1.0)
    ends = [(search.bound(k, -1.0), search.bound(k, 1.0)) for k in range(3)]
    assert ends == [(-7.0, 7.0), (-14.0, 14.0), (-9.0, 9.0)]


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_forecast_that_is_no_straight_line(sign: float) -> None:
    """Of ``exp(slope)``, by a theory that is sure: its ends are those at the ends of the slope."""
    search = searching(line(VALUES, SIZES, stderr=SIGMA), ("noise",), gamma=1.5)
    logn = np.log(SIZES)
    slope, far = float(logn @ np.log(VALUES) / (logn @ logn)), 3.0 * SIGMA / math.sqrt(float(logn @ logn))
    best = search.best()
    assert best[0] == pytest.approx([slope], rel=1e-6)
    end = search.ahead(best, best[0], lambda y: math.exp(5.0 * float(y[0])), 1e-4, 9.0, sign, 1.0)
    at_end = math.exp(5.0 * (slope + sign * far))
    middle = math.exp(5.0 * slope)
    assert end - middle == pytest.approx(at_end - middle, rel=0.1)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("k", [0, 1])
@pytest.mark.parametrize("rise", [3.84, 0.25])
def test_an_interval_ends_where_the_parabola_has_risen(rise: float, k: int, sign: float) -> None:
    x, _, covariance = regression(MODEL, SIGMA)
    search = searching(MODEL)
    far = math.sqrt(rise * covariance[k, k])
    for variance in (covariance[k, k], 0.0):  # a first try that is right, or one that says nothing
        end, there = search.end(search.best(), k, sign, rise, variance)
        assert end is not None
        assert abs(end - x[k]) == pytest.approx(far, rel=1e-4 if variance else 0.03)
        assert (end - x[k]) * sign > 0
        # the other one follows along the line of regression
        follows = x[1 - k] + (end - x[k]) * covariance[0, 1] / covariance[k, k]
        assert there[k] == pytest.approx(end, abs=1e-9)
        assert there[1 - k] == pytest.approx(follows, abs=1e-5)


def test_an_end_beyond_the_range_is_open() -> None:
    search = searching(line(VALUES[:2], SIZES[:2], stderr=30.0))
    assert search.end(search.best(), 1, 1.0, 3.84, 1.0)[0] is None


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_forecast_is_as_uncertain_as_one_more_run(sign: float) -> None:
    """The prediction interval of a regression: ``rise (spread^2 + g' C g)`` about the line."""
    x, _, covariance = regression(MODEL, SIGMA)
    search, g = searching(MODEL), np.array([1.0, math.log(5000.0)])
    best, spread, rise = search.best(), 0.1, 2.7
    far = math.sqrt(rise * (spread**2 + g @ covariance @ g))
    for guess, accuracy in ((far, 1e-6), (3.0 * far, 0.03), (far / 5.0, 0.03)):
        end = search.ahead(best, best[0], lambda y: float(g @ y), spread, rise, sign, guess)
        assert (end - g @ x) * sign == pytest.approx(far, rel=accuracy)


def test_a_crossing_is_found_from_either_side_and_not_beyond_the_limit() -> None:
    asked: list[float] = []

    def ratio(far: float) -> float:
        asked.append(far)
        return (far / 3.0) ** 2

    for start in (0.01, 1.0, 2.99, 50.0, 1e4):
        found = crossing(ratio, start, math.inf)
        assert found is not None
        assert abs(ratio(found) - 1.0) < 0.03
    asked.clear()
    assert crossing(ratio, 1.0, 2.0) is None
    assert asked[-1] == 2.0
    assert max(asked) == 2.0
    assert crossing(ratio, 7.0, 3.0) == 3.0
    assert crossing(ratio, 3.5, 3.5) == pytest.approx(3.0, rel=0.03)
    assert crossing(lambda far: far / 0.3, 0.4, 0.5) == pytest.approx(0.3, rel=0.03)
    # a secant of a straight line is exact
    assert crossing(lambda far: far / 3.0, 50.0, math.inf) == pytest.approx(3.0, rel=1e-12)
    assert crossing(ratio, 1.0, 0.0) is None
    assert crossing(ratio, 1.0, -1.0) is None


def test_a_crossing_that_jumps_is_halved_into() -> None:
    """A ratio that leaps past 1: whatever a secant says, the bracket halves at least every other time."""
    asked = []

    def leap(far: float) -> float:
        asked.append(far)
        return 0.0 if far < 0.7 else 1e9

    found = crossing(leap, 1.0, math.inf)
    assert found == pytest.approx(0.7, abs=0.003)
    assert len(asked) == 16


def test_between_two_ends_of_a_crossing() -> None:
    """A secant, or the middle, no nearer to an end than a tenth; without an outer end from one and a tenth to three."""
    assert _between((1.0, 0.9), (2.0, 1.9), halve=False) == pytest.approx(1.1)
    assert _between((1.0, 0.6), (2.0, 1.6), halve=False) == pytest.approx(1.4)
    assert _between((1.0, 0.6), (2.0, 1.6), halve=True) == 1.5
    assert _between((0.0, 0.999), (1.0, 2.0), halve=False) == pytest.approx(0.1)
    assert _between((0.0, 0.0), (1.0, 1.001), halve=False) == pytest.approx(0.9)
    outside = (math.inf, math.inf)
    for below, factor in ((0.5, 2.0), (0.99, 1.1), (1e-9, 3.0), (0.0, 3.0)):
        assert _between((2.0, below), outside, halve=False) == pytest.approx(2.0 * factor)
