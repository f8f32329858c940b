"""What a solve says beside its error: derivatives that claim digits, and the share of samples used up."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.equations import System
from asymptotix.networks.base import Slopes
from asymptotix.risk.decomposition import response_at
from asymptotix.state_evolution import solve
from asymptotix.state_evolution.newton import balance_slopes, differenced
from asymptotix.state_evolution.solver import _good_digits

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


@pytest.mark.parametrize(
    ("network", "gamma", "d", "n", "lam", "noise"),
    [
        ("diagonal", 1.335, 169, 119.1, 0.099, 3.25e-4),
        ("diagonal", 2.066, 568, 3290, 0.0811, 7.55e-6),
        ("quadratic", 2.395, 2924, 2.905e7, 0.686, 1.53e-5),
        ("symmetric", 1.349, 289178, 1.386e10, 0.505, 3.84e-5),
        ("diagonal", 1.25, 400, 399.9, 1e-9, 0.1),
    ],
)
def test_digits_are_rounding_carried_by_the_inverse_jacobian(
    network: str, gamma: float, d: int, n: float, lam: float, noise: float
) -> None:
    """Both equations by central differences, and the inverse by elimination."""
    problem = ax.Problem(network, gamma=gamma, d=d, n=n, lam=lam, noise=noise)
    system, found = System.of(problem), solve(problem)
    response, log_tau = response_at(found, system)

    def both(path: float, x: float) -> np.ndarray:
        r = system.potential.response(path, x)
        return np.array([*(b.value for b in system.balances(r, x)), math.log(r.rho) + 2 * x])

    h, path = 1e-5, response.path
    by_path = (both(path + h, log_tau) - both(path - h, log_tau)) / (2 * h)
    by_tau = (both(path, log_tau + h) - both(path, log_tau - h)) / (2 * h)
    jacobian = np.array([by_path, by_tau])
    carried = np.abs(np.linalg.solve(jacobian[:, :2], jacobian[:, 2])).sum()
    rounding = 1e-14 + 2.0**-51 * (abs(log_tau) + abs(path))
    claimed = -math.log10((carried + 1) * rounding + carried * np.abs(both(path, log_tau)[:2]).sum())
    assert claimed - 1.05 < found.digits < claimed + 0.05


def test_where_the_equations_do_not_move_no_digit_is_claimed() -> None:
    system = System.of(PROBLEMS[0])
    response, log_tau = response_at(solve(PROBLEMS[0]), system)
    balances = system.balances(response, log_tau)
    flat = replace(response, slopes=Slopes(0.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    assert _good_digits(system, flat, log_tau, balances) == 0


# the noise learned a hair beyond the threshold is 1e24 times the risk, and cancels in how the risk moves
@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
def test_digits_where_the_risk_is_nothing_beside_what_is_learned(network):
    p = ax.Problem(network, gamma=1.25, d=10**120, n=10**180, lam=0, noise=0.1)
    solution = ax.solve(p)
    assert solution.digits >= 11
    assert solution.error == pytest.approx(
        float(ax.solve(p, digits=18).error), rel=10.0 ** (1 - solution.digits)
    )
