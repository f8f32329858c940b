"""Problems solved in common are what each is alone."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from asymptotix import FiniteRank, Problem, solve
from asymptotix.equations import System
from asymptotix.errors import NotConverged
from asymptotix.networks import get
from asymptotix.state_evolution.batch import _between, _moves, _searched, solve_all, solve_together
from asymptotix.teacher import PowerLaw

TEACHERS = [PowerLaw(0.7), PowerLaw(2.5), FiniteRank([2.0, 1.0])]


def plane(network, d, noise, teacher, counts=(4, 9)):
    base = Problem(network, teacher=teacher, d=d, n=1, lam=1, noise=noise)
    places = product(np.geomspace(1, 1e3 * d, counts[0]), np.geomspace(1e-9, 1e9, counts[1]))
    return [base.replace(n_eff=float(n), lam=float(lam)) for n, lam in places]


def together_as_alone(problems, share, counted=1e-290):
    together = solve_together(problems)
    for problem, one in zip(problems, together, strict=True):
        if one is None:
            continue
        other = solve(problem)
        tolerance = max(1e-12, 10.0 ** (1 - other.digits))
        assert (one.problem, one.status) == (problem, other.status)
        assert one.residual < 1e-10
        assert one.digits >= other.digits - 2
        assert one.error == pytest.approx(other.error, rel=tolerance)
        assert one.log_delta == pytest.approx(other.log_delta, abs=tolerance)
        assert one.degrees_of_freedom == pytest.approx(other.degrees_of_freedom, rel=tolerance, abs=counted)
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


@pytest.mark.parametrize("network", ["quadratic", "symmetric", "bilinear"])
@pytest.mark.parametrize("d", [40, 10**12, 10**60])
@pytest.mark.parametrize("noise", [0, 1.0])
@pytest.mark.parametrize("teacher", TEACHERS)
def test_spectra_together_as_alone(network, d, noise, teacher):
    # degrees of freedom of singular values are what is left of features above and the arcs that take them back
    counted = 100 * np.finfo(float).eps if network == "bilinear" else 1e-290
    together_as_alone(plane(network, d, noise, teacher, (3, 6)), 0.8 if noise > 0 else 0.0, counted)


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric", "bilinear"])
def test_a_line_with_a_peak(network):
    base = Problem(network, gamma=1.25, d=10**12, n=1, lam=1e-9, noise=1)
    peak = 0.5e12 if network in ("quadratic", "symmetric") else 1e12  # as many samples as coefficients
    line = [base.replace(n_eff=float(peak * x)) for x in np.geomspace(0.5, 2, 25)]
    together_as_alone(line, 0.5)


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric", "bilinear"])
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


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric", "bilinear"])
@pytest.mark.parametrize("noise", [0, 1])
def test_without_penalty_together_as_alone(network, noise):
    base = Problem(network, gamma=1.25, d=1e6, n=1, lam=0, noise=noise)
    together_as_alone([base.replace(n_eff=float(n)) for n in np.geomspace(3, 4e6, 30)], 0.7)


@pytest.mark.parametrize("network", ["diagonal", "quadratic"])
@pytest.mark.parametrize(
    "change", [{"n": 1.1}, {"lam": 1.1}, {"noise": 1.1}, {"n": 1.1, "lam": 0.9, "noise": 1.05}]
)
def test_roots_move_by_their_tangents(network, change):
    base = Problem(network, gamma=1.25, d=1e6, n=1, lam=0.01, noise=1).replace(n_eff=1e3)
    line = [
        base.replace(**{name: float(getattr(base, name)) * x**power for name, x in change.items()})
        for power in (-1e-3, 0, 1e-3, 0.5, 1)
    ]
    systems = [System.of(p, System.of(base).potential) for p in line]
    roots = np.array(_searched(systems), dtype=object)
    places = np.array([(root.response.path, root.log_tau) for root in roots])
    moved = _moves(systems, roots, np.array([1]))[0] @ [
        math.log(change.get(k, 1.0)) for k in ("n", "lam", "noise")
    ]
    assert moved == pytest.approx((places[2] - places[0]) / 2e-3, rel=1e-5, abs=1e-7)
    roots[3] = None
    between = _between(systems, roots, np.array([3]))[:, 0]
    straight = 0.5 * (places[2] + places[4])
    assert np.abs(between - places[3]).max() < 0.02 * np.abs(straight - places[3]).max()


def test_tangents_that_say_nothing_leave_the_straight_line():
    base = Problem("diagonal", gamma=1.25, d=1e6, n=1e3, lam=0.01, noise=1)
    systems = [System.of(base.replace(lam=0.01 * 2**k), System.of(base).potential) for k in range(3)]
    roots = np.array(_searched(systems), dtype=object)
    middle = np.array([[r.response.path, r.log_tau] for r in roots[[0, 2]]]).mean(axis=0)
    roots[1] = None
    assert _between(systems, roots, np.array([1]))[:, 0] != pytest.approx(middle, abs=1e-6)
    roots[0] = replace(roots[0], jacobian=None)
    assert _between(systems, roots, np.array([1]))[:, 0] == pytest.approx(middle, abs=1e-12)


def test_what_is_not_settled_together_is_left():
    plain = Problem("diagonal", gamma=1.25, d=100, n=50, lam=1, noise=1)
    assert solve_together([plain.replace(lam=0, n=100)] * 5) == [None] * 5
    assert solve_together([plain.replace(network="quadratic", width=5)] * 5) == [None] * 5
    assert solve_together([plain.replace(depth=3, lam=0)] * 5) == [None] * 5
    assert solve_together([plain.replace(depth=3, lam=1e-6)] * 5) == [None] * 5
    assert solve_all([]) == []


def test_a_problem_without_a_solution_says_so(monkeypatch):
    def fail(*_):
        raise NotConverged("as the test asks")

    monkeypatch.setattr("asymptotix.state_evolution.solver.solve_system", fail)
    with pytest.raises(NotConverged, match="as the test asks"):
        solve_all([Problem("diagonal", gamma=1.25, d=100, n=50, lam=0, noise=1)])


@pytest.mark.parametrize("change", [{"depth": 3}, {"depth": 6}, {"depth": 3, "beta": 0.5}])
@pytest.mark.parametrize("d", [100, 10**12])
def test_deep_networks_together_as_alone(change, d):
    base = Problem("diagonal", gamma=1.25, d=d, n=60, lam=1, noise=0.3, **change)
    line = [base.replace(n=float(n), lam=lam) for n in np.geomspace(20, 2000, 4) for lam in (0.3, 1.0, 5.0)]
    found = solve_together(line)
    assert sum(s is not None for s in found) >= 8
    for p, solution in zip(line, found, strict=True):
        if solution is not None:
            alone = solve(p)
            assert solution.status == alone.status
            assert solution.error == pytest.approx(alone.error, rel=1e-12)
