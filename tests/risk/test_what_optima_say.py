"""What an optimum says of itself, entry by entry, by its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from asymptotix import Problem, optimum, solve
from asymptotix.risk import bayes_error, error_after_pruning, prune, pruning_threshold, ridge_error

NARROW = Problem("quadratic", gamma=1.25, d=30, n=1200, lam=0, noise=0.1)


@pytest.mark.parametrize("lam", [0.0, 0.02])
def test_the_best_width_is_the_best_of_all(lam: float) -> None:
    p = NARROW.replace(lam=lam)
    best = optimum(p, over="width")
    errors = [solve(p.replace(width=w)).error for w in range(1, 31)]
    assert best.error_star == pytest.approx(min(errors), rel=1e-9)
    assert errors[best.width_star - 1] == pytest.approx(min(errors), rel=1e-9)
    assert best.wide_error == pytest.approx(errors[-1], rel=1e-9)
    assert best.lam_star == lam
    assert best.error_at_half == pytest.approx(errors[max(best.width_star // 2, 1) - 1], rel=1e-9)
    assert best.error_at_twice == pytest.approx(errors[min(2 * best.width_star, 30) - 1], rel=1e-9)
    assert best.constraint == solve(p.replace(width=best.width_star)).constraint
    assert best.decay_error == pytest.approx(optimum(p).error_star, rel=1e-9)
    assert best.over_decay == pytest.approx(best.error_star / optimum(p).error_star, rel=1e-9)
    assert best.bayes_error == pytest.approx(bayes_error(p), rel=1e-12)
    assert best.over_bayes == pytest.approx(best.error_star / bayes_error(p), rel=1e-9)
    assert best.status == ("interior" if min(errors) < errors[-1] * (1 - 1e-10) else "wide")
    assert ("assumes" in best.to_dict()) is (best.status != "wide")


def test_width_and_decay_together_are_the_best_of_all() -> None:
    p = NARROW.replace(d=10, n=300)
    best = optimum(p, over="both")
    each = [optimum(p.replace(width=w)) for w in range(1, 11)]
    found = min(each, key=lambda one: one.error_star)
    assert best.error_star == pytest.approx(found.error_star, rel=1e-8)
    assert best.lam_star == pytest.approx(found.lam_star, rel=1e-3)
    assert best.wide_error == best.decay_error == pytest.approx(optimum(p).error_star, rel=1e-9)


def test_perfect_recovery() -> None:
    recovered = optimum(NARROW.replace(d=10, n=1000, noise=0), over="width")
    assert (recovered.status, recovered.error_star, recovered.over_decay, recovered.over_bayes) == (
        "perfect recovery",
        0.0,
        1.0,
        1.0,
    )


@pytest.mark.parametrize(("network", "n"), [("diagonal", 30.0), ("quadratic", 600.0), ("bilinear", 600.0)])
@pytest.mark.parametrize("noise", [0.0, 0.2, 30.0])
def test_ridge_at_its_best_penalty_shrinks_all_directions_alike(network: str, n: float, noise: float) -> None:
    """``k (S + tau Z)``: ``R = (1-k)^2 + k^2 d tau^2`` at the best ``k``, and ``nu tau^2 = noise' + R``."""
    p = Problem(network, gamma=1.25, d=40, n=n, lam=1, noise=noise)
    error = ridge_error(p)
    units = p.net.units
    nu, scaled = float(units.samples) * p.n_eff, float(units.noise) * noise
    tau2 = (scaled + error) / nu
    k = 1.0 / (1.0 + 40 * tau2)
    assert error == pytest.approx((1 - k) ** 2 + k * k * 40 * tau2, rel=1e-12)
    if noise == 0 and n < 40 * 40 and nu < 40:
        assert error == pytest.approx(1 - nu / 40, rel=1e-12)


def test_ridge_of_fewer_rows() -> None:
    p = Problem("bilinear", rows=10, gamma=1.25, d=40, n=600, lam=1, noise=0.2)
    error, units = ridge_error(p), p.net.units
    noise = 10 * (float(units.noise) * 0.2 + error) / (float(units.samples) * p.n_eff)
    assert error == pytest.approx(noise / (1 + noise), rel=1e-12)


@pytest.mark.parametrize("by", [0.0, 0.3, 2.0])
def test_pruning_lowers_values_and_nothing_else(by: float) -> None:
    rng = np.random.default_rng(2)
    weights = rng.normal(size=9)
    assert prune(weights, by) == pytest.approx(np.sign(weights) * np.maximum(abs(weights) - by, 0))
    for shape in ((5, 5), (4, 7)):
        matrix = rng.normal(size=shape)
        u, s, v = np.linalg.svd(matrix, full_matrices=False)
        assert prune(matrix, by) == pytest.approx(u @ np.diag(np.maximum(s - by, 0)) @ v, abs=1e-12)


@pytest.mark.parametrize(("network", "n"), [("diagonal", 40.0), ("quadratic", 900.0), ("symmetric", 900.0)])
def test_a_pruned_error_is_that_of_a_larger_threshold(network: str, n: float) -> None:
    """At the same noise: as if the weight decay that leads there had not changed it."""
    p = Problem(network, gamma=1.25, d=50, n=n, lam=0.02, noise=0.4)
    solution = solve(p)
    by = pruning_threshold(solution)
    assert error_after_pruning(solution, 0.0) == pytest.approx(solution.error, rel=1e-9)
    # another problem with this noise and the larger threshold: its label noise and weight decay are free to choose
    pruned, units = error_after_pruning(solution, by), p.net.units
    noise = (float(units.samples) * p.n_eff * solution.delta**2 / 50 - pruned) / float(units.noise)
    threshold = solution.eps + by
    lam = math.exp(
        brentq(
            lambda x: math.log(solve(p.replace(noise=noise, lam=math.exp(x))).eps / threshold),
            math.log(1e-4),
            math.log(1e3),
            xtol=1e-13,
        )
    )
    there = solve(p.replace(noise=noise, lam=lam))
    assert there.delta == pytest.approx(solution.delta, rel=1e-7)
    assert there.error == pytest.approx(pruned, rel=1e-7)


@pytest.mark.parametrize("network", ["bilinear", "quadratic"])
def test_all_but_no_data_have_a_best_penalty(network: str) -> None:
    """Without weight decay less would be learned than a threshold at the edge of the noise tells in doubles."""
    best = optimum(Problem(network, gamma=3, d=10**80, n=1e48, lam=0, noise=0.1))
    assert best.error_star == pytest.approx(1.0, rel=1e-12)
    assert best.lam_star > 0.0
