"""Fitted tails against maximum likelihood by search and Kolmogorov's distance by `scipy`."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import kstest

import asymptotix as ax
from asymptotix.errors import InvalidInput

X = np.r_[
    np.random.default_rng(3).uniform(0.2, 1.0, 60), (1 - np.random.default_rng(4).random(140)) ** -0.5, -3.0
]


@pytest.mark.parametrize("start", [0.5, 1.0, 2.0])
def test_a_tail_is_the_likeliest(start: float) -> None:
    tail = X[start <= X]

    def loss(e: float) -> float:
        return -float(np.sum(math.log((e - 1) / start) - e * np.log(tail / start)))

    best = minimize_scalar(loss, bounds=(1.01, 20.0), method="bounded", options={"xatol": 1e-10})
    fit = ax.fit_tail(X, x_min=start)
    assert fit.exponent == pytest.approx(float(best.x), rel=1e-6)
    assert (fit.x_min, fit.count) == (start, tail.size)
    h = 1e-4
    curvature = (loss(best.x + h) - 2 * loss(best.x) + loss(best.x - h)) / h**2
    assert fit.stderr == pytest.approx(curvature**-0.5, rel=1e-4)
    lower = kstest(tail, lambda x: 1.0 - (x / start) ** (1.0 - fit.exponent), alternative="less").statistic
    upper = kstest(tail, lambda x: 1.0 - (x / start) ** (1.0 - fit.exponent), alternative="greater").statistic
    # the empirical law just below each value, as Clauset's code takes it
    assert fit.distance == pytest.approx(max(lower, upper - 1 / tail.size), abs=1.01 / tail.size)


def test_the_start_is_where_the_fit_is_nearest() -> None:
    found = ax.fit_tail(X)
    starts = np.unique(X[X > 0])[:-4]
    fits = [ax.fit_tail(X, x_min=float(s)) for s in starts]
    assert found == min(fits, key=lambda fit: fit.distance)
    assert ax.fit_tail(X, fewest=100).count >= 100


def test_five_different_values_are_a_tail_and_four_are_none() -> None:
    assert ax.fit_tail([1.0, 2.0, 3.0, 4.0, 6.0]).count == 5
    for few in ([1.0, 2.0, 3.0, 4.0, -6.0], [2.0] * 9, []):
        with pytest.raises(InvalidInput, match=r"positive values.*at least 5 different ones in the tail"):
            ax.fit_tail(few)
    with pytest.raises(InvalidInput, match="at least 5"):
        ax.fit_tail([1.0, 2.0, 3.0, 4.0, 6.0], x_min=1.5)
    assert ax.fit_tail([1.0, 2.0, 3.0], fewest=3).count == 3
    with pytest.raises(InvalidInput, match=r"infinity.*finite numbers"):
        ax.fit_tail([[1.0, math.inf]])
    assert ax.fit_tail([[1.0, 2.0, 3.0], [4.0, 6.0, 7.0]]).count >= 5
