"""The best weight decay and the pruning edge, against searches and definitions that share no code with them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special
from scipy.optimize import minimize_scalar

from asymptotix import Problem, optimum, solve
from asymptotix.equations import System
from asymptotix.networks import get
from asymptotix.risk import error_after_pruning, pruning_threshold

CASES = [
    ("diagonal", 1.25, 1000, 500, 0.1),
    ("quadratic", 0.8, 200, 12_000, 0.3),
    ("symmetric", 1.7, 50, 4_000, 1.0),
    ("diagonal", 2.0, 10**40, 1e15, 0.5),
    # a shallow minimum beside the plateau where nothing is learned: one search over both sides ends on the plateau
    ("symmetric", 1.4914, 109, 22.5, 2.924),
]


def least(problem: Problem) -> tuple[float, float]:
    """The weight decay of least error, by solving for many."""
    grid = np.geomspace(1e-6, 1e6, 61) * math.sqrt(problem.n_eff / problem.d)
    errors = [solve(problem.replace(lam=float(x))).error for x in grid]
    k = int(np.argmin(errors))
    found = [
        minimize_scalar(
            lambda log: solve(problem.replace(lam=math.exp(log))).error,
            bounds=(math.log(grid[j]), math.log(grid[j + 1])),
            method="bounded",
            options={"xatol": 1e-7},
        )
        for j in (k - 1, k)
    ]
    best = min(found, key=lambda one: float(one.fun))
    return math.exp(best.x), float(best.fun)


@pytest.mark.parametrize(("network", "gamma", "d", "n", "noise"), CASES)
def test_the_optimum_is_what_a_search_over_solves_finds(
    network: str, gamma: float, d: int, n: float, noise: float
) -> None:
    problem = Problem(network, gamma=gamma, d=d, n=n, lam=0, noise=noise)
    best, (lam, error) = optimum(problem), least(problem)
    assert best.status == "interior"
    assert best.error_star == pytest.approx(error, rel=1e-10)
    assert best.lam_star == pytest.approx(lam, rel=1e-3)
    at = solve(problem.replace(lam=best.lam_star))
    assert at.error == pytest.approx(best.error_star, rel=1e-10)
    assert best.c_star == pytest.approx(at.eps / at.delta, rel=1e-6)
    assert best.error_at_half == pytest.approx(solve(problem.replace(lam=best.lam_star / 2)).error, rel=1e-10)
    assert best.error_at_twice == pytest.approx(
        solve(problem.replace(lam=best.lam_star * 2)).error, rel=1e-10
    )


@pytest.mark.parametrize(("network", "gamma", "d", "n", "noise"), CASES)
def test_the_pruned_error_is_the_least_over_thresholds(
    network: str, gamma: float, d: int, n: float, noise: float
) -> None:
    problem = Problem(network, gamma=gamma, d=d, n=n, lam=0, noise=noise)
    ridgeless = solve(problem)
    thresholds = ridgeless.delta * np.geomspace(0.02, 50, 1500) - ridgeless.eps
    errors = [error_after_pruning(ridgeless, float(x)) for x in thresholds if x >= 0]
    assert optimum(problem).pruned_error == pytest.approx(min(errors), rel=1e-4)
    assert optimum(problem).pruned_error <= min(errors) * (1 + 1e-12)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_the_edge_of_spectral_noise_is_where_it_ends(network: str) -> None:
    """Of noise alone nothing passes a threshold above the edge, something one below."""
    edge = get(network).noise_edge(400.0)
    # a teacher a thousand times below the noise: all that is learned is noise
    system = System.of(Problem(network, gamma=1.25, d=400, n=1e4, lam=1, noise=1))
    for share, learned in ((0.99, True), (1.01, False)):
        c = share * edge
        dof = system.potential.response(system.potential.path_of(c, 7.0), 7.0).dof
        assert (dof > 1e-3) is learned
    values = np.linalg.eigvalsh(_noise(1500, np.random.default_rng(5)))
    assert values[-1] == pytest.approx(edge, abs=0.05)


def _noise(d: int, rng: np.random.Generator) -> np.ndarray:
    g = rng.standard_normal((d, d))
    return (g + g.T) / math.sqrt(2 * d)


@pytest.mark.parametrize("d", [10.0**2, 10.0**6, 10.0**12, 10.0**60])
def test_the_edge_of_a_gaussian_sequence_leaves_less_than_one(d: float) -> None:
    """Beyond ``x = sqrt(2 log d)`` lie ``2 d Q(x)`` of ``d`` variables, ``2 / (sqrt(2 pi) x)`` and a little less."""
    edge = get("diagonal").noise_edge(d)
    expected = 2.0 * d * math.exp(float(special.log_ndtr(-edge)))
    assert 0.9 < expected * math.sqrt(2 * math.pi) * edge / 2 < 1.0


@pytest.mark.parametrize(("network", "n"), [("diagonal", 150), ("quadratic", 20_000), ("symmetric", 20_000)])
def test_pruning_raises_the_threshold_to_the_edge(network: str, n: int) -> None:
    solution = solve(Problem(network, gamma=1.25, d=300, n=n, lam=1e-3, noise=0.5))
    edge = 2.0 if network != "diagonal" else math.sqrt(2 * math.log(300))
    by = pruning_threshold(solution)
    assert by > 0
    assert (solution.eps + by) / solution.delta == pytest.approx(edge, rel=1e-12)
    assert pruning_threshold(solve(solution.problem.replace(lam=100.0))) == 0.0
    # the noise of an unpruned network is what pruning takes away
    assert error_after_pruning(solution, 0.0) == pytest.approx(solution.error, rel=1e-8)
    assert error_after_pruning(solution, by) < solution.error
    assert error_after_pruning(solution, 1e6 * by) == pytest.approx(1.0, rel=1e-6)
