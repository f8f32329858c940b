"""Few hidden units, little noise: of several solutions the one of least noise, whichever way it is come to."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.equations import System
from asymptotix.experiments.narrow import several_solutions
from asymptotix.networks.balances import noise_balance
from asymptotix.state_evolution import solve_curve

PROBLEM = several_solutions()[0].problem


def solutions(problem: ax.Problem) -> list[tuple[float, str]]:
    """Error and constraint wherever the noise balance rises through 0, from the least noise scale on."""
    system, found, last = System.of(problem), [], math.nan
    for log_tau in np.linspace(system.lowest, 0.5 * math.log(10.0 / system.nu), 200):
        here = system.potential.threshold(log_tau, system.nu, system.penalty, None)
        value = noise_balance(here, log_tau, system.nu, system.noise).value
        if last < 0 <= value:
            found.append((here.rho * math.exp(2.0 * log_tau), here.constraint))
        last = value
    return found


@pytest.mark.parametrize(
    "problem",
    [
        PROBLEM,
        PROBLEM.replace(noise=0),
        PROBLEM.replace(network="symmetric", gamma=3, d=122, n=1879, noise=0, width=12),
        ax.Problem(
            "quadratic", gamma=1.25, d=2312173, n=30223.6 * 2312173, lam=2e-14, noise=3e-8, width=16572
        ),
    ],
)
def test_the_one_of_least_noise(problem: ax.Problem) -> None:
    (least, acts), other = solutions(problem)[:2]
    assert other[0] > 10.0 * least
    solved = ax.solve(problem)
    assert solved.error == pytest.approx(least, rel=0.3)  # of the places looked at: solved is exact
    assert (solved.constraint, solved.converged) == (acts, True)


def test_from_whichever_side_a_line_comes() -> None:
    line = [PROBLEM.replace(noise=0, n=150.0 * x) for x in np.geomspace(4.0, 40.0, 12)]
    alone = [ax.solve(p).error for p in line]
    assert [s.error for s in solve_curve(line)] == pytest.approx(alone, rel=1e-10)
    assert [s.error for s in solve_curve(line[::-1])][::-1] == pytest.approx(alone, rel=1e-10)


def test_units_are_no_lottery() -> None:
    """Widths around the best one, which `optimum` finds by another search."""
    n = Fraction(287720186143311759132751467, 2500000000000)
    p = ax.Problem("quadratic", gamma=2.0739431158683654, d=106867959836, n=n, lam=0, noise=0)
    best = ax.optimum(p, over="width")
    errors = [ax.solve(p.replace(width=best.width_star + k)).error for k in (-64, -24, 0, 24)]
    assert min(errors) == errors[2] == pytest.approx(best.error_star, rel=1e-9)
    assert max(errors) < 1.1 * min(errors)


def test_digits_are_of_the_same() -> None:
    solved = ax.solve(PROBLEM.replace(noise=0), digits=30)
    assert float(solved.error) == pytest.approx(ax.solve(PROBLEM.replace(noise=0)).error, rel=1e-12)


def test_where_the_threshold_leaves_fewer_it_is_as_wide() -> None:
    wide = ax.solve(PROBLEM.replace(width=None, lam=0.1))
    assert ax.solve(PROBLEM.replace(lam=0.1)).error == pytest.approx(wide.error, rel=1e-12)


def test_a_teacher_that_fits_is_recovered() -> None:
    """Two features, three units, no noise: the other solution would be an error of 1."""
    p = ax.Problem("quadratic", teacher=ax.FiniteRank([2.0, 1.0]), d=300, n=300 * 8, lam=0, noise=0, width=3)
    assert ax.solve(p).status == "perfect recovery"
