"""The peak's slope, and the finite-size prediction of the quadratic network's peak."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from asymptotix.checks import peaks
from asymptotix.checks.crossovers import deviation, groups
from asymptotix.experiments.lines import LINES
from asymptotix.experiments.measurements import Measured, Plan
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve

PEAK = peaks.PEAKS[0]


def test_the_place_of_interpolation_has_the_moments_of_the_positive_cone() -> None:
    # Steiner's formula: for a Gaussian point g, E |P g|^2 is the mean of the intrinsic volumes' law, and their
    # variance is Var |P g|^2 - 2 E |P g|^2 [McCoy, Tropp 2014, Proposition 4.4].
    d, draws = 40, 1500
    rng = np.random.default_rng(0)
    g = rng.standard_normal((draws, d, d))
    values = np.linalg.eigvalsh((g + g.transpose(0, 2, 1)) / 2.0)
    norms = np.sum(np.maximum(values, 0.0) ** 2, axis=1)
    mean = d * (d + 1) / 4
    assert norms.mean() == pytest.approx(mean, abs=4 * norms.std() / math.sqrt(draws))
    variance = (peaks.FLUCTUATION * d / 4) ** 2
    assert norms.var() - 2 * mean == pytest.approx(variance, abs=4 * norms.var() * math.sqrt(2 / draws))


def test_the_slope_of_an_exact_power_is_its_exponent_and_errors_propagate() -> None:
    rng = np.random.default_rng(1)
    slopes = []
    for _ in range(120):
        points = []
        for plan in PEAK.plans():
            value = float(plan.problem.lam) ** peaks.LAW
            noisy = value * (1.0 + 0.1 * rng.standard_normal(PEAK.seeds))
            points.append(Measured(plan, value, tuple(noisy), 0, 0.0))
        slopes.append(peaks.slope(PEAK, points))
    assert slopes[0].state_evolution == pytest.approx(-2 / 3)
    assert np.mean([s.measured for s in slopes]) == pytest.approx(-2 / 3, abs=0.004)
    assert np.std([s.measured for s in slopes]) == pytest.approx(slopes[0].stderr, rel=0.25)


def test_a_slope_that_is_off_fails() -> None:
    found = peaks.Slope(PEAK, -0.735, 0.01, -0.735, -0.735)
    assert all(v.passed for v in peaks.verdicts(found))
    assert not any(v.passed for v in peaks.verdicts(replace(found, measured=-0.5)))


def test_smearing_vanishes_with_d_and_for_the_diagonal_network() -> None:
    ratios = []
    for d in (20, 80):
        p = Problem("quadratic", gamma=1.25, d=d, n=d * d / 4, lam=0.1, noise=100)
        ratios.append(1.0 - peaks.smeared(p) / solve(p).error)
    assert 0.15 < ratios[0] < 0.3
    assert 0.0 < ratios[1] < 0.05
    p = Problem("diagonal", gamma=1.25, d=100, n=100, lam=0.1, noise=5)
    assert peaks.smeared(p) == solve(p).error


def test_points_are_grouped_by_what_they_test() -> None:
    own = Problem("quadratic", gamma=1.25, d=50, n=500, lam=1, noise=0.1)
    errors = tuple(1.1 + 0.01 * k for k in (-1, 0, 1))
    point = Measured(Plan(own, 0), 1.0, errors, 0, 0.0)
    goe = replace(point, plan=Plan(own, 0, inputs="goe"))
    assert {name: len(points) for name, points in groups([point, goe]).items()} == {
        "quadratic/own-features": 1,
        "quadratic": 1,
    }
    assert deviation([point], "n_eff")[0] == pytest.approx(1.0)  # 0.1 times n_eff = 10
    assert deviation([point], "d")[0] == pytest.approx(5.0)


def test_every_measurement_has_a_seed_of_its_own() -> None:
    seeds = [plan.seed for line in LINES for plan in line.plans()]
    seeds += [plan.seed for peak in peaks.PEAKS for plan in peak.plans()]
    assert len(set(seeds)) == len(seeds)


def test_known_deviations_pass_and_larger_ones_fail() -> None:
    from asymptotix.checks.crossovers import deviating_verdicts

    p = Problem("quadratic", gamma=1.25, d=50, n=500, lam=1, noise=0.1)
    rng = np.random.default_rng(0)

    def points(bias: float) -> list[Measured]:
        scatter = 0.04 * rng.standard_normal((20, 16))
        return [Measured(Plan(p, k), 1.0, tuple(1.0 + bias + e), 0, 0.0) for k, e in enumerate(scatter)]

    assert all(v.passed for v in deviating_verdicts("x", points(0.2)))  # allowed: 2/50 + 3/10
    assert not any(v.passed for v in deviating_verdicts("x", points(0.5)))
