"""A curve solved by continuation gives what solving each point from scratch gives."""

from __future__ import annotations

import numpy as np
import pytest

from asymptotix import Problem, solve, solve_curve
from asymptotix.state_evolution.solver import Follower


@pytest.mark.parametrize(
    ("network", "d", "noise"), [("diagonal", 1e12, 1.0), ("quadratic", 1e5, 1e-3), ("quadratic", 400, 0)]
)
@pytest.mark.parametrize("direction", [1, -1])
def test_curve_agrees_with_points(network, d, noise, direction):
    line = np.geomspace(1e-6, 1e4, 30)[::direction]
    base = Problem(network, gamma=1.25, d=d, n=30 if network == "diagonal" else 30 * d, lam=1, noise=noise)
    for warm in solve_curve(base.replace(lam=float(x)) for x in line):
        cold = solve(warm.problem)
        assert warm.error == pytest.approx(cold.error, rel=1e-11)
        assert warm.residual < 1e-10


def test_prediction_is_used(monkeypatch):
    found = []
    root = Follower.root
    monkeypatch.setattr(Follower, "root", lambda *a: found.append(root(*a)) or found[-1])
    base = Problem("diagonal", gamma=1.25, d=1e12, n=1e5, lam=1, noise=1)
    list(solve_curve(base.replace(lam=float(x)) for x in np.geomspace(1e-5, 1e-3, 40)))
    assert sum(r is not None for r in found) > 30


def test_a_change_of_teacher_starts_afresh():
    base = Problem("diagonal", gamma=1.25, d=1e6, n=1e3, lam=0.1, noise=1)
    problems = [base.replace(gamma=g, d=d) for g, d in ((1.25, 1e6), (2.0, 1e6), (2.0, 1e8), (0.75, 10))]
    for warm in solve_curve(problems):
        assert warm.error == pytest.approx(solve(warm.problem).error, rel=1e-11)
