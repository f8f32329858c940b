"""The quick way to a solution gives what the search within brackets gives, or gives up."""

from __future__ import annotations

import math

import pytest

from asymptotix import Problem, solve
from asymptotix.checks.numbers import random_problem
from asymptotix.equations import System
from asymptotix.state_evolution import solver
from asymptotix.state_evolution.newton import newton_root


def both(problem, monkeypatch):
    quick = solve(problem)
    with monkeypatch.context() as patch:
        patch.setattr(solver, "newton_root", lambda *_: None)
        return quick, solve(problem)


@pytest.mark.parametrize(("network", "count"), [("diagonal", 80), ("quadratic", 20), ("symmetric", 8)])
def test_joint_and_nested_agree(network, count, monkeypatch):
    for seed in range(count):
        quick, safe = both(random_problem(network, 20_000 + seed), monkeypatch)
        assert quick.status == safe.status
        assert quick.residual < 1e-10
        if math.isfinite(safe.error):
            assert quick.error == pytest.approx(safe.error, rel=max(1e-12, 10.0 ** (1 - safe.digits))), (
                quick.problem
            )


@pytest.mark.parametrize("lam", [1e-12, 1e-3, 0.1])
@pytest.mark.parametrize(("network", "n"), [("diagonal", 400), ("quadratic", 40_000), ("symmetric", 80_000)])
def test_no_false_root_at_infinite_noise_on_a_peak(network, n, lam, monkeypatch):
    """There both balances fade as the noise grows, without a root."""
    quick, safe = both(Problem(network, gamma=1.25, d=400, n=n, lam=lam, noise=0.1), monkeypatch)
    assert quick.error == pytest.approx(safe.error, rel=max(1e-12, 10.0 ** (1 - safe.digits)))


def test_the_quick_way_is_taken_inside_the_phases():
    taken = 0
    for n_eff in (1e2, 1e4, 1e6, 1e8):
        for lam in (1e-8, 1e-4):
            system = System.of(Problem("diagonal", gamma=1.25, d=1e12, n=n_eff, lam=lam, noise=0.1))
            taken += newton_root(system, 0.5 * math.log((system.noise + 1.0) / system.nu)) is not None
    assert taken >= 6


def test_problems_that_are_not_convex_are_left_to_the_search():
    """They may have several roots, of which steps from afar would find any."""
    for p in (
        Problem("diagonal", gamma=1.25, d=400, n=200, lam=0.1, noise=0.1, depth=3),
        Problem("quadratic", gamma=1.25, d=400, n=40_001, lam=0.1, noise=0.1, width=5),
    ):
        system = System.of(p)
        assert newton_root(system, 0.5 * math.log((system.noise + 1.0) / system.nu)) is None
