"""The best threshold and its noise scale at once: quick, and right where steps may stop too early."""

from __future__ import annotations

import math
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from asymptotix import FiniteRank, Problem, optimum, solve
from asymptotix.checks.numbers import random_problem
from asymptotix.equations import Root, System
from asymptotix.networks.balances import noise_balance
from asymptotix.networks.base import Response
from asymptotix.networks.threshold_line import Line
from asymptotix.risk.stationary import least_risk, rises


class Counted:
    """A potential that counts what it is asked."""

    def __init__(self, potential: Any) -> None:
        self.potential, self.asked = potential, 0

    def response(self, path: float, log_tau: float) -> Response:
        self.asked += 1
        found: Response = self.potential.response(path, log_tau)
        return found

    def __getattr__(self, name: str) -> Any:
        if name == "nearby":
            raise AttributeError(name)
        return getattr(self.potential, name)


def found(problem: Problem) -> tuple[System, Root | None, int]:
    system = System.of(problem.replace(lam=1))
    counted: Any = Counted(system.potential)
    with np.errstate(all="ignore"):
        return system, least_risk(replace(system, potential=counted)), counted.asked


@pytest.mark.parametrize("network", ["diagonal", "quadratic", "symmetric"])
def test_random_problems_settle_at_the_least_risk(network: str) -> None:
    asked = []
    for seed in range(500_000, 500_030):
        problem = random_problem(network, seed)
        if problem.noise == 0:
            continue
        system, root, count = found(problem)
        assert root is not None, seed
        asked.append(count)
        here, respond = root.response, system.potential.response
        assert noise_balance(here, root.log_tau, system.nu, system.noise).residual < 1e-12
        for apart in (0.003, 0.1, 1.0, 3.0):
            around = [respond(here.path + x, root.log_tau).rho for x in (-apart, apart)]
            assert here.rho <= min(around) * (1 + 1e-12), (seed, apart)
    assert np.median(asked) <= 10
    assert max(asked) <= 30


@pytest.mark.parametrize(
    ("network", "seed"),
    [
        ("diagonal", 500_174),  # two sides that the noise scale has left behind: 3e-6 too high
        ("diagonal", 500_156),  # the plateau where nothing is learned, flat, too
        ("diagonal", 500_132),  # differences along a moving noise scale
        ("quadratic", 500_148),  # nothing is learned at best
        ("quadratic", 500_009),
    ],
)
def test_steps_do_not_stop_where_it_is_merely_flat(network: str, seed: int) -> None:
    problem = random_problem(network, seed)
    best = optimum(problem)
    assert best.lam_star > 0
    grid = best.lam_star * np.array([0.1, 0.5, 0.9, 1.0, 1.1, 2.0, 10.0])
    errors = [solve(problem.replace(lam=float(x))).error for x in grid]
    assert best.error_star == pytest.approx(errors[3], rel=1e-10)
    assert best.error_star <= min(errors) * (1 + 1e-12)


@pytest.mark.parametrize("kind", [{}, {"depth": 3}, {"beta": 0.5}])
def test_few_samples_and_no_noise(kind: dict[str, Any]) -> None:
    problem = Problem("diagonal", gamma=1.25, d=400, n=20, lam=0, noise=0, **kind)
    best = optimum(problem)
    around = [solve(problem.replace(lam=best.lam_star * x)).error for x in (0.8, 1.0, 1.25)]
    assert around[1] == pytest.approx(best.error_star, rel=1e-10)
    assert best.error_star <= min(around) * (1 + 1e-12)


def test_more_samples_than_coefficients_far_out_of_the_noise_need_no_penalty() -> None:
    problem = Problem("diagonal", gamma=1, d=10, n=1e20, lam=1, noise=2)
    best = optimum(problem)
    assert (best.status, best.lam_star) == ("ridgeless", 0.0)
    assert math.isclose(best.error_star, 2.0 * 10 / 1e20, rel_tol=1e-10)


def test_without_slopes_they_are_differenced() -> None:
    problem = Problem("bilinear", gamma=1.25, d=100, n=6000, lam=0, noise=0.5)
    _, root, asked = found(problem)
    assert root is not None
    assert asked <= 60
    best = optimum(problem)
    around = [solve(problem.replace(lam=best.lam_star * x)).error for x in (0.9, 1.0, 1.1)]
    assert around[1] == pytest.approx(best.error_star, rel=1e-10)
    assert best.error_star < min(around[0], around[2])


def test_recovery_on_unequal_inputs() -> None:
    """On the way to no noise at all squares of distances are beyond doubles."""
    problem = Problem("quadratic", gamma=1.25, d=400, n=1e6, lam=1, noise=0, beta=0.5)
    assert (optimum(problem).status, optimum(problem).error_star) == ("perfect recovery", 0.0)


@pytest.mark.parametrize("n", [9.4, 9.6])
def test_a_plateau_where_nothing_is_learned_is_no_best_penalty(n: float) -> None:
    """Its slopes vanish as at a minimum, and its error is 1."""
    p = Problem("elastic-net", gamma="1.1", d=10, n=n, lam=1, noise=0, ridge=0.1)
    errors = [solve(p.replace(lam=lam)).error for lam in (1e-5, 3e-5, 1e-4, 1e-3)]
    assert optimum(p).error_star <= min(errors)


def test_thresholds_are_followed_where_steps_do_not_settle(monkeypatch):
    asked = []
    at = Line.respond
    monkeypatch.setattr(Line, "respond", lambda self, *place: asked.append(place) or at(self, *place))
    p = Problem("symmetric", gamma=1.8347, d=7, n=0.49008 * 49, lam=1, noise=0)
    best = optimum(p)
    assert len(asked) < 400  # a thousand, when each noise scale was searched anew
    assert best.error_star <= min(solve(p.replace(lam=best.lam_star * x)).error for x in (0.9, 1.1))


@pytest.mark.parametrize("network", ["diagonal", "nonnegative"])
def test_with_curvature_in_closed_form_an_optimum_costs_a_few_solves(network: str) -> None:
    """With and without noise, wherever there is something to learn; it took up to 500 responses."""
    for seed in range(700_000, 700_090, 3):
        for noise in (0.0, 0.01):
            problem = random_problem(network, seed).replace(noise=noise)
            system, root, count = found(problem)
            if root is None:  # nothing is lost without a penalty
                assert optimum(problem).status in ("perfect recovery", "ridgeless")
                continue
            assert count <= 20, (seed, noise)
            here, respond = root.response, system.potential.response
            for apart in (0.003, 0.1, 1.0, 3.0):
                around = [respond(here.path + x, root.log_tau).rho for x in (-apart, apart)]
                assert here.rho <= min(around) * (1 + 1e-12), (seed, noise, apart)


@pytest.mark.parametrize("ridge", [1e-3, 0.3, 30.0])
def test_beside_a_ridge_an_optimum_costs_a_few_solves(ridge: float) -> None:
    """Its rise and its fall are sums whose difference has digits; it took up to 500 responses."""
    for seed in range(700_000, 700_060, 5):
        for noise in (0.0, 0.01):
            p = random_problem("diagonal", seed)
            problem = Problem("elastic-net", gamma=1.25, d=p.d, n=1, lam=0, noise=noise, ridge=ridge)
            system, root, count = found(problem.replace(n_eff=p.n_eff))
            if root is None:
                continue
            assert count <= 20, (seed, noise)
            here, respond = root.response, system.potential.response
            for apart in (0.003, 0.1, 1.0):
                around = [respond(here.path + x, root.log_tau).rho for x in (-apart, apart)]
                assert here.rho <= min(around) * (1 + 1e-12), (seed, noise, apart)


@pytest.mark.parametrize("log_tau", [-12.0, -6.0, 2.0])
@pytest.mark.parametrize("path", [-9.0, -1.0, 1.0, 1.7])
def test_what_a_risk_with_a_ridge_gains_and_loses_by_a_threshold(path: float, log_tau: float) -> None:
    """Where all is learned, some, and next to nothing."""
    for ridge in (1e-4, 0.3, 1e3):
        net = System.of(Problem("elastic-net", gamma=1.25, d=400, n=1, lam=1, noise=1, ridge=ridge)).potential
        here = net.response(path, log_tau)
        assert here.rise >= 0 <= here.fall
        scale = 1e-12 * max(here.rho, here.rise)
        assert here.rise - here.fall == pytest.approx(here.slopes.rho_by_path, rel=1e-9, abs=scale)
        assert net.tilt(here)[0] == pytest.approx(math.log(here.rise / here.fall))
        assert math.isnan(net.tilt(net.soft.response(path, log_tau))[0])


def test_where_the_risk_only_rises_no_threshold_is_looked_for() -> None:
    """With samples in plenty; the search for none took 40 steps, then 200 responses."""
    problem = Problem("quadratic", gamma=1.25, d=10, n=1e14, lam=1, noise=1, beta=0.5)
    best = optimum(problem)
    assert (best.status, best.lam_star, best.c_star) == ("ridgeless", 0.0, 0.0)
    assert best.error_star == solve(problem.replace(lam=0)).error
    assert best.error_star <= solve(problem.replace(lam=1e-3)).error
    system = System.of(problem)
    assert rises(system, -5.0, -10.0)
    assert not rises(System.of(problem.replace(n=50)), -1.0, 0.0)


def test_responses_that_have_slopes_are_not_differenced() -> None:
    problem = Problem("diagonal", gamma=1.25, d=10**8, n=1e5, lam=0, noise=0.1, depth=3)
    _, root, asked = found(problem)
    assert root is not None
    assert asked <= 25
    best = optimum(problem)
    around = [solve(problem.replace(lam=best.lam_star * x)).error for x in (0.999, 1.001)]
    assert best.error_star <= min(around)


def test_a_minimum_beside_the_least_of_a_scan_is_the_least(monkeypatch: pytest.MonkeyPatch) -> None:
    """No search between two places of it: half of what the best weight decay of deep networks took."""
    problem = Problem("diagonal", gamma=1.25, d=1000, n=200, lam=0, noise=0.1, depth=3)
    system, root, _ = found(problem)
    assert root is not None
    searched: list[float] = []
    optimum_module = import_module("asymptotix.risk.optimum")
    minimise = optimum_module._minimise
    monkeypatch.setattr(
        optimum_module, "_minimise", lambda f, low, high: searched.append(low) or minimise(f, low, high)
    )
    best = optimum_module._best_response
    assert best(system, root.log_tau, known=root.response) is root.response
    assert not searched
    astray = system.potential.response(root.response.path + 2.0, root.log_tau)
    least = best(system, root.log_tau, known=astray)
    assert len(searched) == 2
    assert least.rho == pytest.approx(root.response.rho, rel=1e-12)
    assert not optimum_module._undercut(system, root)
    assert optimum_module._undercut(system, Root(root.log_tau, astray))


def test_the_best_of_what_is_told_where_the_equations_have_several_solutions() -> None:
    """A solution of a tenth of the error is not told below a weight decay at which another one ends."""
    problem = random_problem("diagonal", 700_011).replace(depth=4)
    best = optimum(problem)
    below, there, above = (solve(problem.replace(lam=best.lam_star * x)).error for x in (0.999, 1.0, 1.3))
    assert there == pytest.approx(best.error_star, rel=1e-10)
    assert below > 5.0 * there
    assert above > there


@pytest.mark.parametrize(("n", "status"), [(40, "interior"), (400, "perfect recovery")])
def test_few_equal_coefficients_without_noise(n: int, status: str) -> None:
    """One solution recovers as the weight decay vanishes, but is not told where samples are few."""
    problem = Problem("diagonal", teacher=FiniteRank([1.0] * 6), d=1000, n=n, lam=1, noise=0, depth=3)
    best = optimum(problem)
    assert best.status == status
    if best.lam_star > 0:
        below, there = (solve(problem.replace(lam=best.lam_star * x)).error for x in (0.999, 1.0))
        assert there == pytest.approx(best.error_star, rel=1e-10)
        assert below > 5.0 * there
