"""A status must not say more than what was solved, whatever comes out of the search for the root."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from asymptotix import Problem, Solution, diagnose, optimum, plan, precise, solve, solve_curve
from asymptotix.cli import main
from asymptotix.equations import Root, System
from asymptotix.state_evolution import solver
from asymptotix.status import Status

POINTS = [
    Problem("diagonal", gamma=1.25, d=300, n=120, lam=0.3, noise=0.2),
    Problem("quadratic", gamma=1.25, d=400, n=20_000, lam=0.1, noise=0.1),
    Problem("symmetric", gamma=0.8, d=10**30, n=1e50, lam=1e-12, noise=1),
    Problem("diagonal", gamma=1.25, d=10**60, n=1e20, lam=0, noise=1),
]


def displace(monkeypatch: pytest.MonkeyPatch, shift: float) -> None:
    """Let the search return a noise scale that is off by a factor ``exp(shift)``."""
    search = solver.noise_scale

    def off(system: System, *rest: Any, **options: Any) -> Root | Status:
        root = search(system, *rest, **options)
        return replace(root, log_tau=root.log_tau + shift) if isinstance(root, Root) else root

    monkeypatch.setattr(solver, "newton_root", lambda *_: None)
    monkeypatch.setattr(solver, "noise_scale", off)


@pytest.mark.parametrize("problem", POINTS)
@pytest.mark.parametrize("shift", [1e-2, 1e-5, 1e-8, -1e-8])
def test_a_root_that_is_none_is_not_converged(
    problem: Problem, shift: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    displace(monkeypatch, shift)
    solution = solve(problem)
    assert solution.status is Status.NOT_CONVERGED
    assert not solution.converged
    assert solution.residual > 1e-10
    # the residual is of the size of what is wrong
    assert 0.01 * abs(shift) < solution.residual < 20 * abs(shift)
    assert next(solve_curve([problem])).status is Status.NOT_CONVERGED


@pytest.mark.parametrize("problem", POINTS)
def test_rounding_is_no_failure(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    displace(monkeypatch, 3e-13)
    solution = solve(problem)
    assert solution.converged
    assert solution.residual < 1e-11


def test_a_failed_solve_is_said_so_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    displace(monkeypatch, 1e-6)
    options = "--network diagonal --gamma 1.25 --d 300 --n 120 --lam 0.3 --noise 0.2 --json"
    with pytest.raises(SystemExit) as stop:
        main(["solve", *options.split()])
    assert stop.value.code == 1
    assert json.loads(capsys.readouterr().out)["status"] == "not converged"


@pytest.mark.parametrize("network", ["diagonal", "quadratic"])
def test_a_threshold_that_is_none_is_not_converged(network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the best weight decay the first equation does not feel the threshold: the second must be looked at."""
    problem = Problem(network, gamma=1.25, d=200, n=120 if network == "diagonal" else 9000, lam=0, noise=0.2)
    problem = problem.replace(lam=optimum(problem).lam_star)
    search = solver.noise_scale

    def off(system: System, *rest: Any, **options: Any) -> Root | Status:
        root = search(system, *rest, **options)
        assert isinstance(root, Root)
        return replace(root, response=replace(root.response, path=root.response.path + 1e-7))

    monkeypatch.setattr(solver, "newton_root", lambda *_: None)
    monkeypatch.setattr(solver, "noise_scale", off)
    assert solve(problem).status is Status.NOT_CONVERGED


@pytest.mark.parametrize("residual", [1e-9, 1e-3, math.inf, math.nan])
def test_no_residual_but_a_small_one_is_converged(residual: float) -> None:
    problem = POINTS[0]
    learned = solve(problem).degrees_of_freedom
    assert solver._outcome(problem, residual, learned) is Status.NOT_CONVERGED
    assert solver._outcome(problem, 1e-12, learned) is Status.CONVERGED
    assert not Solution(problem).converged


def test_each_outcome_has_its_own_name() -> None:
    base = Problem("diagonal", gamma=1.25, d=300, n=120, lam=0.3, noise=0.2)
    cases = {
        Status.CONVERGED: base,
        Status.RIDGELESS: base.replace(lam=0),
        Status.ZERO_ESTIMATOR: base.replace(lam=1e6),
        Status.BELOW_ONE_SAMPLE: base.replace(n=0.5, lam=1e-9),
        Status.PERFECT_RECOVERY: base.replace(n=400, lam=0, noise=0),
        Status.INFINITE_RISK: base.replace(n=300, lam=0),
    }
    for status, problem in cases.items():
        solution = solve(problem)
        assert solution.status is status
        assert precise.solve(problem, 15).status == status
        assert math.isfinite(solution.error) is (status is not Status.INFINITE_RISK)
        assert (solution.error == 0) is (status is Status.PERFECT_RECOVERY)


def test_what_is_said_where_there_is_no_noise_scale() -> None:
    recovered = solve(Problem("diagonal", gamma=1.25, d=300, n=400, lam=0, noise=0))
    diverged = solve(Problem("diagonal", gamma=1.25, d=300, n=300, lam=0, noise=1))
    assert (recovered.error, recovered.log_delta, recovered.log_eps) == (0.0, -math.inf, -math.inf)
    assert math.isnan(recovered.degrees_of_freedom)
    assert math.isnan(recovered.dof_ratio)
    assert (diverged.error, diverged.log_delta) == (math.inf, math.inf)
    assert math.isnan(diverged.log_eps)
    assert (diverged.degrees_of_freedom, diverged.dof_ratio) == (300.0, 1.0)
    assert (
        {s.train_loss for s in (recovered, diverged)} == {s.residual for s in (recovered, diverged)} == {0.0}
    )


def test_every_outcome_is_a_member_of_the_enumeration() -> None:
    p = Problem("diagonal", gamma=1.25, d=100, n=200, lam=1, noise=0.1)
    few = Problem("quadratic", gamma=1.25, d=30, n=300, lam=1, noise=0.1)
    optima = [optimum(p), optimum(p.replace(noise=0)), optimum(few, over="width")]
    unread = diagnose(np.zeros(30), "diagonal", samples=20)
    said = [*(x.status for x in optima), plan(p, error=0.1, lam=1).status, unread.phase]
    assert all(isinstance(x, Status) for x in said), said
    assert json.loads(json.dumps(said))[-2:] == ["reached", "undecided"]
