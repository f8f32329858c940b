"""Intervals of confidence: as wide as they say, checked against definitions written out anew and against coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from asymptotix import Measurement, Problem, regress, solve
from asymptotix.regression import _mean_ratio, _slope
from asymptotix.report.exam_and_parts import wilson

BASE = Problem("quadratic", gamma=1.25, d=10**6, n=1, lam=1, noise=1)


def scattered(count: int, seed: int) -> tuple[list[Measurement], np.ndarray]:
    rng = np.random.default_rng(seed)
    n = np.geomspace(1e14, 1e17, count)
    theory = np.array([solve(BASE.replace(n=float(x))).error for x in n])
    error = theory * np.exp(0.05 * rng.standard_normal(count))
    return [Measurement(float(x), 1.0, float(e), math.nan) for x, e in zip(n, error, strict=True)], theory


@pytest.mark.parametrize("count", [5, 9])
def test_interval_of_an_exponent_is_students_at_95_percent(count: int) -> None:
    rows, _ = scattered(count, seed=count)
    (stretch,) = regress(rows, "quadratic", gamma=1.25, d=10**6, noise=1.0).stretches
    line = stats.linregress(np.log([m.n for m in rows]), np.log([m.error for m in rows]))
    half = stats.t.ppf(0.975, count - 2) * line.stderr
    assert stretch.exponent == pytest.approx(line.slope, rel=1e-10)
    assert stretch.exponent_interval == pytest.approx((line.slope - half, line.slope + half), rel=1e-8)


def test_interval_of_a_constant_is_students_at_95_percent() -> None:
    rng = np.random.default_rng(4)
    y = 0.3 + 0.1 * rng.standard_normal(8)
    mean, (low, high) = _mean_ratio(y, np.ones(8))
    expected = stats.t.interval(0.95, 7, loc=y.mean(), scale=stats.sem(y))
    assert (mean, low, high) == pytest.approx(tuple(np.exp([y.mean(), *expected])), rel=1e-12)


def test_intervals_hold_the_truth_19_times_of_20() -> None:
    rng = np.random.default_rng(11)
    x, held = np.linspace(0.0, 3.0, 7), np.zeros(2)
    weight = rng.uniform(0.2, 5.0, 7)
    trials = 1500
    for _ in range(trials):
        noise = rng.standard_normal(7) / np.sqrt(weight)
        _, (low, high) = _slope(x, 1.0 - 0.7 * x + noise, weight)
        held[0] += low < -0.7 < high
        _, (low, high) = _mean_ratio(0.2 + noise, weight)
        held[1] += low < math.exp(0.2) < high
    # four standard errors of a share of 0.95 in 1500 are 0.0225
    assert held / trials == pytest.approx([0.95, 0.95], abs=0.0225)


@pytest.mark.parametrize(("right", "total"), [(9, 10), (0, 7), (40, 40), (150, 171)])
def test_interval_of_a_share_ends_where_it_is_two_standard_errors_away(right: int, total: int) -> None:
    share, quantile = right / total, stats.norm.ppf(0.975)
    low, high = wilson(right, total)
    for end in (low, high):
        if 0 < end < 1:
            assert abs(share - end) == pytest.approx(quantile * math.sqrt(end * (1 - end) / total), rel=1e-4)
    assert low <= share <= high
    assert low < high
