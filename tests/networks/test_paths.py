"""Positions of thresholds, and a network's limits: what every potential promises, asked of each."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from asymptotix import Problem, solve
from asymptotix.equations import System
from asymptotix.networks.jump_map import Jump, coordinate

PROBLEMS = [
    Problem("diagonal", gamma=1.25, d=300, n=100, lam=1, noise=1),
    Problem("diagonal", depth=3, gamma=1.25, d=300, n=100, lam=1, noise=1),
    Problem("diagonal", beta=0.5, gamma=1.25, d=300, n=100, lam=1, noise=1),
    Problem("quadratic", gamma=1.25, d=300, n=10_000, lam=1, noise=1),
    Problem("quadratic", width=40, gamma=1.25, d=300, n=10_000, lam=1, noise=1),
    Problem("symmetric", gamma=1.25, d=300, n=10_000, lam=1, noise=1),
]


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("log_tau", [-5.0, -3.0, 0.0])
def test_the_position_of_a_threshold_leads_to_it(problem: Problem, log_tau: float) -> None:
    potential = System.of(problem).potential
    seen = [potential.response(potential.path_of(c, log_tau), log_tau) for c in (0.1, 0.7, 1.5, 2.5, 6.0)]
    assert [r.c for r in seen] == pytest.approx([0.1, 0.7, 1.5, 2.5, 6.0], rel=0.02)
    assert all(one.dof >= other.dof for one, other in itertools.pairwise(seen))
    assert all(0 <= r.dof <= 300 for r in seen)


@pytest.mark.parametrize(
    "problem",
    [
        *PROBLEMS[:4],
        PROBLEMS[5],
        Problem("bilinear", gamma=1.25, d=300, n=10_000, lam=1, noise=1),
        Problem("bilinear", rows=100, gamma=1.25, d=300, n=10_000, lam=1, noise=1),
    ],
)
def test_no_threshold_has_a_position_too(problem: Problem) -> None:
    potential = System.of(problem).potential
    path = potential.path_of(0.0, -3.0)
    nothing, little = potential.response(path, -3.0), potential.response(potential.path_of(1e-3, -3.0), -3.0)
    assert path < potential.path_of(1e-3, -3.0)
    assert nothing.c == 0
    assert nothing.dof >= little.dof > 0.4 * nothing.dof


@pytest.mark.parametrize("problem", [*PROBLEMS[:4], PROBLEMS[5]])
@pytest.mark.parametrize("log_tau", [-5.0, -3.0, 0.0])
def test_a_threshold_that_is_solved_for_says_where_it_is(problem: Problem, log_tau: float) -> None:
    potential = System.of(problem).potential
    for penalty in (0.1, 30.0, 1e3, 1e6):
        found = potential.threshold(log_tau, 100.0, penalty, None)
        assert found.path == pytest.approx(potential.path_of(found.c, log_tau), rel=1e-6, abs=0.02)
        again = potential.response(found.path, log_tau)
        assert (again.rho, again.dof) == pytest.approx((found.rho, found.dof), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_the_position_of_a_threshold_that_only_its_angle_tells(network: str) -> None:
    """In large dimension, between ``c = sqrt 2`` and the edge: a little off, and in order."""
    d = 10**6
    potential = System.of(Problem(network, gamma=1.25, d=d, n=30 * d, lam=1, noise=1)).potential
    wanted = np.array([1.45, 1.6, 1.8, 1.95])
    for log_tau in (-5.0, 0.0):
        seen = [potential.response(potential.path_of(c, log_tau), log_tau).c for c in wanted]
        assert seen == pytest.approx(wanted, abs=0.02)


@pytest.mark.parametrize("problem", [*PROBLEMS[:3], PROBLEMS[5]])
def test_without_penalty_and_with_more_samples_than_unknowns_all_is_learned(problem: Problem) -> None:
    units = problem.net.units
    n = problem.net.samples(400, 300) if problem.net.geometry.value == 0 else 300 * 400
    plenty = problem.replace(lam=0, n=n)
    solution = solve(plenty)
    assert solution.degrees_of_freedom == pytest.approx(300, rel=1e-9)
    if problem.net.name in ("diagonal", "symmetric"):  # least squares: nu tau^2 = noise' + d tau^2
        nu = float(units.samples) * plenty.n_eff
        assert solution.error == pytest.approx(300 * float(units.noise) / (nu - 300), rel=1e-9)


@pytest.mark.parametrize("problem", [PROBLEMS[0], PROBLEMS[2]])
def test_a_penalty_below_the_smallest_double_is_none(problem: Problem) -> None:
    plenty = problem.replace(n=600)
    tiny, none = solve(plenty.replace(lam=1e-307)), solve(plenty.replace(lam=0))
    assert tiny.error == pytest.approx(none.error, rel=1e-12)
    assert tiny.degrees_of_freedom == pytest.approx(300, rel=1e-12)


@pytest.mark.parametrize("q", [2 / 3, 2 / 5])
def test_a_power_penalty_without_noise_is_its_limit(q: float) -> None:
    """Below the threshold all is missed, above it the bias and one unit of noise are left."""
    jump = Jump.of(q, 1e12)
    a = jump.threshold * np.array([0.5, 0.99, 1.01, 2.0, 100.0])
    risk, count = coordinate(jump, a)
    u = np.array([float(jump.estimate(np.array([x]))[0]) for x in a])
    assert risk == pytest.approx(np.where(u > 0, (a - u) ** 2, a * a), rel=1e-6)
    assert count[:2].tolist() == [0.0, 0.0]
    h = 1e-5 * a[2:]
    up, down = (np.array([float(jump.estimate(np.array([x]))[0]) for x in a[2:] + s * h]) for s in (1, -1))
    assert count[2:] == pytest.approx((up - down) / (2 * h), rel=1e-6)
    small = Jump.of(q, 1e-9)
    far = np.array([1e3, 1e5])
    risk, count = coordinate(small, far)
    assert risk == pytest.approx([1.0, 1.0], rel=1e-6)
    assert count == pytest.approx([1.0, 1.0], rel=1e-6)


def test_no_position_is_below_a_threshold_of_zero() -> None:
    for problem in (PROBLEMS[0], PROBLEMS[5]):
        potential = System.of(problem).potential
        assert potential.path_of(0.0, -3.0) == -math.inf
        assert potential.response(-math.inf, -3.0).dof == pytest.approx(300)
