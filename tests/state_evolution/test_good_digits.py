"""What a solve says beside its error: derivatives that claim digits, and the share of samples used up."""

from __future__ import annotations

import pytest

import asymptotix as ax
from asymptotix.equations import System
from asymptotix.risk.decomposition import response_at
from asymptotix.state_evolution import solve
from asymptotix.state_evolution.newton import balance_slopes, differenced

PROBLEMS = [
    ax.Problem("diagonal", gamma=1.25, d=400, n=150, lam=0.5, noise=0.3),
    ax.Problem("diagonal", gamma=0.75, d=10**6, n=3e5, lam=0.01, noise=1),
    ax.Problem("quadratic", gamma=1.25, d=400, n=160_000, lam=0.1, noise=0.1),
    ax.Problem("symmetric", gamma=2, d=10**8, n=1e15, lam=1e-3, noise=1),
]


@pytest.mark.parametrize("problem", PROBLEMS[:2])
def test_slopes_of_both_equations_are_those_by_difference(problem: ax.Problem) -> None:
    system = System.of(problem)
    response, log_tau = response_at(solve(problem), system)
    assert response.slopes is not None
    balances = system.balances(response, log_tau)
    apart = differenced(system.potential, response, log_tau, 1e-6)
    closed, by_difference = (balance_slopes(*balances, x) for x in (response.slopes, apart))
    for ours, theirs in zip(closed, by_difference, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_the_share_of_samples_used_up(problem: ax.Problem) -> None:
    """Degrees of freedom over samples; a symmetric matrix has ``d/2`` parameters a row."""
    one_each = 1.0 if problem.network == "diagonal" else 2.0
    found, size = solve(problem), problem.n if problem.network == "diagonal" else problem.n_eff
    assert found.dof_ratio == pytest.approx(found.degrees_of_freedom / (one_each * float(size)), rel=1e-9)
    assert 0 < found.dof_ratio < 1
