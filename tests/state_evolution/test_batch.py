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

TEACHERS = [PowerLaw(0.7), PowerLaw(2.5), FiniteRank([2.0, 1.0])]


def plane(network, d, noise, teacher, counts=(4, 9)):
    base = Problem(network, teacher=teacher, d=d, n=1, lam=1, noise=noise)
    places = product(np.geomspace(1, 1e3 * d, counts[0]), np.geomspace(1e-9, 1e9, counts[1]))
    return [base.replace(n_eff=float(n), lam=float(lam)) for n, lam in places]


def together_as_alone(problems, share):
    together = solve_together(problems)
    for problem, one in zip(problems, together, strict=True):
        if one is None:
            continue
        other = solve(problem)
        tolerance = max(1e-12, 10.0 ** (1 - other.digits))
        assert (one.problem, one.status) == (problem, other.status)
        assert one.residual < 1e-10
        assert abs(one.digits - other.digits) <= 2
        assert one.error == pytest.approx(other.error, rel=tolerance)
        assert one.log_delta == pytest.approx(other.log_delta, abs=tolerance)
        assert one.degrees_of_freedom == pytest.approx(other.degrees_of_freedom, rel=tolerance, abs=1e-290)
    assert sum(one is not None for one in together) > share * len(problems)


@pytest.mark.parametrize("d", [40, 10**4, 10**12, 10**120])
@pytest.mark.parametrize("noise", [0, 1.0])
@pytest.mark.parametrize("teacher", TEACHERS)
def test_together_as_alone(d, noise, teacher):
    problems = plane("diagonal", d, noise, teacher)
    together_as_alone(problems, 0.8 if noise > 0 else 0.0)
    assert all(s.status == solve(s.problem).status for s in solve_all(problems))


@pytest.mark.parametrize("d", [40, 10**12, 10**60])
@pytest.mark.parametrize("ridge", [0.0, 1e-3, 100.0])
def test_ridges_together_as_alone(d, ridge):
    base = Problem("elastic-net", gamma=0.7 if d == 40 else 2, d=d, n=1, lam=1, noise=1, ridge=ridge)
    places = product(np.geomspace(1, 1e3 * d, 4), np.geomspace(1e-9, 1e9, 9))
    together_as_alone([base.replace(n_eff=float(n), lam=float(lam)) for n, lam in places], 0.8)


@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
@pytest.mark.parametrize("d", [40, 10**4, 10**12, 10**60])
@pytest.mark.parametrize("noise", [0, 1.0])
@pytest.mark.parametrize("teacher", TEACHERS)
def test_spectra_together_as_alone(network, d, noise, teacher):
    together_as_alone(plane(network, d, noise, teacher, (3, 6)), 0.8 if noise > 0 else 0.0)


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric"])
def test_a_line_with_a_peak(network):
    base = Problem(network, gamma=1.25, d=10**12, n=1, lam=1e-9, noise=1)
    peak = 1e12 if network == "diagonal" else 0.5e12  # as many samples as coefficients
    line = [base.replace(n_eff=float(peak * x)) for x in np.geomspace(0.5, 2, 25)]
    together_as_alone(line, 0.5)


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric"])
@pytest.mark.parametrize("gamma", [0.6, 1.25, 2.5])
@pytest.mark.parametrize("d", [30, 3000, 10**9, 10**16])
def test_places_together_as_alone(network, gamma, d):
    rng = np.random.default_rng(0)
    potential = get(network).bind(PowerLaw(gamma).spectrum(d))
    path, log_tau = rng.uniform(-5, 8, 12), rng.uniform(-gamma * math.log(d) - 2, 2, 12)
    many = potential.responses(path, log_tau)
    for k in range(path.size):
        one = potential.response(path[k], log_tau[k])
        assert (many.rho[k], many.dof[k]) == pytest.approx((one.rho, one.dof), rel=1e-11, abs=1e-290)
        assert many.c[k] == pytest.approx(one.c, rel=1e-12)
        assert math.isnan(many.rho_below[k]) == (one.rho_below is None)
        if one.rho_below is not None:
            assert many.rho_below[k] == pytest.approx(one.rho_below, rel=1e-12)
        for name in one.slopes._fields:
            scale = getattr(one, name.split("_by_")[0], 1.0)
            expected = getattr(one.slopes, name)
            assert getattr(many, name)[k] == pytest.approx(expected, rel=1e-8, abs=1e-9 * scale)


def test_what_is_not_settled_together_is_left():
    plain = Problem("diagonal", gamma=1.25, d=100, n=50, lam=1, noise=1)
    assert solve_together([plain.replace(lam=0)] * 5) == [None] * 5
    assert solve_together([plain.replace(network="quadratic", width=5)] * 5) == [None] * 5
    assert solve_together([plain.replace(depth=3)] * 5) == [None] * 5
    assert solve_all([]) == []


def test_a_problem_without_a_solution_says_so(monkeypatch):
    def fail(*_):
        raise NotConverged("as the test asks")

    monkeypatch.setattr("asymptotix.state_evolution.solver.solve_system", fail)
    with pytest.raises(NotConverged, match="as the test asks"):
        solve_all([Problem("diagonal", gamma=1.25, d=100, n=50, lam=0, noise=1)])
