"""Problems solved in common are what each is alone."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from asymptotix import FiniteRank, Problem, solve
from asymptotix.errors import NotConverged
from asymptotix.networks import get
from asymptotix.state_evolution.batch import solve_all, solve_together
from asymptotix.teacher import PowerLaw


def line(d, noise, teacher):
    base = Problem("diagonal", teacher=teacher, d=d, n=1, lam=1, noise=noise)
    places = product(np.geomspace(1, 1e3 * d, 4), np.geomspace(1e-9, 1e9, 9))
    return [base.replace(n=float(n), lam=float(lam)) for n, lam in places]


@pytest.mark.parametrize("d", [40, 10**4, 10**12, 10**120])
@pytest.mark.parametrize("noise", [0, 1.0])
@pytest.mark.parametrize("teacher", [PowerLaw(0.7), PowerLaw(2.5), FiniteRank([2.0, 1.0])])
def test_together_as_alone(d, noise, teacher):
    problems = line(d, noise, teacher)
    together = solve_together(problems)
    settled = 0
    for problem, one in zip(problems, together, strict=True):
        if one is None:
            continue
        other = solve(problem)
        tolerance = max(1e-12, 10.0 ** (1 - other.digits))
        assert (one.problem, one.status) == (problem, other.status)
        assert one.residual < 1e-10
        assert one.error == pytest.approx(other.error, rel=tolerance)
        assert one.log_delta == pytest.approx(other.log_delta, abs=tolerance)
        assert one.degrees_of_freedom == pytest.approx(other.degrees_of_freedom, rel=tolerance, abs=1e-290)
        settled += 1
    assert settled > 0.8 * len(problems) or noise == 0
    assert all(s.status == solve(s.problem).status for s in solve_all(problems))


def test_places_together_as_alone():
    rng = np.random.default_rng(0)
    for d in (30, 10**9):
        potential = get("diagonal").bind(PowerLaw(1.25).spectrum(d))
        path, log_tau = rng.uniform(-5, 5, 40), rng.uniform(-15, 2, 40)
        many = potential.responses(path, log_tau)
        for k in range(path.size):
            one = potential.response(path[k], log_tau[k])
            assert (many.rho[k], many.dof[k]) == pytest.approx((one.rho, one.dof), rel=1e-13, abs=1e-290)
            assert math.isnan(many.rho_below[k]) == (one.rho_below is None)
            if one.rho_below is not None:
                assert many.rho_below[k] == pytest.approx(one.rho_below, rel=1e-12)
            found = [getattr(many, name)[k] for name in one.slopes._fields[:4]]
            assert found == pytest.approx(one.slopes[:4], rel=1e-11, abs=1e-12 * one.rho)


def test_what_is_not_settled_together_is_left():
    plain = Problem("diagonal", gamma=1.25, d=100, n=50, lam=1, noise=1)
    assert solve_together([plain.replace(lam=0)] * 5) == [None] * 5
    assert solve_together([plain.replace(network="quadratic")] * 5) == [None] * 5
    assert solve_together([plain.replace(depth=3)] * 5) == [None] * 5
    assert solve_all([]) == []


def test_a_problem_without_a_solution_says_so(monkeypatch):
    def fail(*_):
        raise NotConverged("as the test asks")

    monkeypatch.setattr("asymptotix.state_evolution.solver.solve_system", fail)
    with pytest.raises(NotConverged, match="as the test asks"):
        solve_all([Problem("diagonal", gamma=1.25, d=100, n=50, lam=0, noise=1)])
