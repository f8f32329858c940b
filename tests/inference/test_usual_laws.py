"""Power laws on the same points: points that follow one exactly give back its numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from asymptotix.inference.power_laws import broken, chinchilla, compare
from asymptotix.inference.run_table import Run

SIZES = np.array([10.0, 20.0, 50.0, 100.0, 400.0, 2000.0, 1e4])


def runs(values: np.ndarray) -> list[Run]:
    return [
        Run(k, n, 1.0, v, math.nan)
        for k, (n, v) in enumerate(zip(SIZES.tolist(), values.tolist(), strict=True))
    ]


def test_the_laws_are_what_they_are_called() -> None:
    assert chinchilla(SIZES, np.log([0.1, 3.0, math.e**0.7])) == pytest.approx(
        0.1 + 3.0 * SIZES**-0.7, rel=1e-13
    )
    x = np.array([math.log(2.0), 0.3, 1.2, math.log(90.0)])
    assert broken(SIZES, x) == pytest.approx(
        2.0 * SIZES**-0.3 * (1.0 + SIZES / 90.0) ** (0.3 - 1.2), rel=1e-13
    )


def test_a_law_with_a_floor_is_recovered() -> None:
    usual, other = compare(runs(0.05 + 3.0 * SIZES**-0.7), np.full(7, 0.1))
    assert usual.name == "E + A n^-alpha"
    assert usual.values == pytest.approx((math.log(0.05), math.log(3.0), 0.7), rel=1e-6)
    assert usual.at(1e6) == pytest.approx(0.05 + 3.0 * 1e6**-0.7, rel=1e-6)
    assert usual.chi2 < 1e-9
    assert usual.to_dict() == {"name": usual.name, "parameters": list(usual.values), "chi2": usual.chi2}
    assert other.name == "broken power law"
    assert other.chi2 > 1e-3


def test_a_law_with_a_break_is_recovered() -> None:
    usual, other = compare(runs(2.0 * SIZES**-0.3 * (1.0 + SIZES / 90.0) ** -0.9), np.full(7, 0.1))
    assert other.values == pytest.approx((math.log(2.0), 0.3, 1.2, math.log(90.0)), rel=1e-4)
    assert other.chi2 < 1e-9 < usual.chi2


def test_the_sum_of_squares_is_on_the_weights_given() -> None:
    """Points off a power law: each residual over its own sigma, at the least of their squares."""
    points, sigma = runs(SIZES**-0.5 * np.array([1, 1.2, 0.9, 1.1, 1, 0.8, 1.1])), np.linspace(0.05, 0.4, 7)
    for law in compare(points, sigma):
        off = np.array([math.log(p.value / law.at(p.n)) for p in points]) / sigma
        assert law.chi2 == pytest.approx(float(off @ off), rel=1e-9)


def test_laws_are_for_one_curve_of_enough_points() -> None:
    points = runs(SIZES**-0.5)
    names = [[law.name for law in compare(points[:k], np.ones(k))] for k in (3, 4, 5)]
    assert names == [[], ["E + A n^-alpha"], ["E + A n^-alpha", "broken power law"]]
    assert compare([*points[1:], replace(points[0], lam=2.0)], np.ones(7)) == ()
    assert compare([*points[1:], replace(points[0], width=2)], np.ones(7)) == ()


def test_runs_of_one_size_say_nothing_against_a_law() -> None:
    points = [replace(run, n=50.0) for run in runs(np.full(7, 0.3))]
    assert all(law.at(50.0) == pytest.approx(0.3, rel=1e-6) for law in compare(points, np.ones(7)))
    assert len(compare(points, np.ones(7))) == 2
