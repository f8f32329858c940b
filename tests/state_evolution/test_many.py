"""Many problems at once are what each is alone, with the outcome of each."""

from __future__ import annotations

import math

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.errors import InvalidInput, NotConverged
from asymptotix.state_evolution import many


def same(one, other, digits):
    """Equal to 1e-12, or to what digits there are: near a peak rounding in the equations is magnified."""
    if not math.isfinite(one) or not math.isfinite(other):
        return one == other
    return one == pytest.approx(other, rel=max(1e-12, 10.0 ** (1 - digits)), abs=1e-300)


@pytest.mark.parametrize(
    ("network", "d"), [("diagonal", 400), ("diagonal", 1e12), ("quadratic", 400), ("symmetric", 60)]
)
def test_a_grid_is_its_points(network, d):
    p = ax.Problem(network, gamma=1.25, d=d, n=1, lam=0, noise=0.1)
    n_eff, lam = [3, 30, 300], [1, 0, 1e-4, 1e3]
    grid = ax.solve_grid(p, n_eff=n_eff, lam=lam)
    assert grid.error.dims == ("n_eff", "lam")
    assert grid.lam.values.tolist() == lam
    for x in n_eff:
        for y in lam:
            alone = ax.solve(p.replace(n_eff=x, lam=y))
            here = grid.sel(n_eff=x, lam=y)
            assert str(here.status.item()) == alone.status
            assert same(float(here.error), alone.error, alone.digits)
            assert same(float(here.delta), alone.delta, alone.digits)
            assert same(float(here.eps), alone.eps, alone.digits)
            assert float(here.residual) < 1e-10


def test_axes_of_every_kind():
    p = ax.Problem("diagonal", gamma=1, d=100, n=50, lam=0.1, noise=1)
    grid = ax.solve_grid(p, d=[100, 200], gamma=[1, 1.5], noise=np.array([0.0, 1.0]))
    assert dict(grid.sizes) == {"d": 2, "gamma": 2, "noise": 2}
    alone = ax.solve(p.replace(d=200, gamma=1.5, noise=0))
    assert float(grid.error.sel(d=200, gamma=1.5, noise=0)) == pytest.approx(alone.error, rel=1e-12)
    assert grid.attrs["network"] == "diagonal"


def test_named_outcomes_at_each_point():
    p = ax.Problem("diagonal", gamma=1, d=100, n=100, lam=0, noise=1)
    grid = ax.solve_grid(p, n=[50, 100, 200], noise=[0, 1])
    assert grid.status.sel(noise=1).values.tolist() == ["ridgeless", "infinite risk", "ridgeless"]
    assert grid.status.sel(noise=0).values.tolist()[1] == "perfect recovery"
    assert float(grid.error.sel(n=100, noise=1)) == math.inf


def test_order_and_processes_change_nothing():
    p = ax.Problem("diagonal", gamma=1.25, d=1000, n=100, lam=0.1, noise=1)
    problems = [p.replace(n=n, lam=lam) for n in (700, 30, 200) for lam in np.geomspace(1e-3, 10, 20)]
    one, two = ax.solve_many(problems), ax.solve_many(iter(problems), n_jobs=2)
    assert [s.problem for s in one] == problems
    assert [s.error for s in two] == [s.error for s in one]
    assert [s.error for s in one] == pytest.approx([ax.solve(q).error for q in problems], rel=1e-12)
    assert len(ax.solve_many([])) == 0


def test_a_point_that_fails_stops_no_other(monkeypatch):
    p = ax.Problem("diagonal", gamma=1.25, d=100, n=50, lam=0.1, noise=1)

    def fail(problem, **_):
        raise NotConverged("as the test asks")

    def curve(problems):
        for problem in problems:
            yield fail(problem) if problem.n == 60 else ax.solve(problem)

    monkeypatch.setattr(many, "solve_together", lambda line: [None] * len(line))
    monkeypatch.setattr(many, "solve_curve", curve)
    monkeypatch.setattr(many, "solve", fail)
    solved = ax.solve_many([p, p.replace(n=60), p.replace(n=70)])
    assert [s.status for s in solved] == ["converged", "not converged", "converged"]
    assert math.isnan(solved[1].error)


@pytest.mark.parametrize(
    ("axes", "says"),
    [
        ({"depth": [2, 3]}, "axis"),
        ({"n": []}, "n = "),
        ({}, "axes"),
        ({"n": [1], "n_eff": [1]}, "n_eff"),
        ({"lam": [-1]}, "lam"),
        ({"n": [1], "n_jobs": 0}, "n_jobs"),
    ],
)
def test_bad_axes_are_named(axes, says):
    p = ax.Problem("diagonal", gamma=1, d=100, n=50, lam=0.1, noise=1)
    with pytest.raises(InvalidInput, match=says):
        ax.solve_grid(p, **axes)


def test_a_neighbour_far_away_does_not_lead_astray():
    p = ax.Problem("diagonal", gamma=3.8089819456793816, d=2131179, n=1, lam=0, noise=0, depth=3)
    far = p.replace(n=1.1702525891428064, lam=0.015132844626232855)
    rich = p.replace(n=9.241236523851809e28, lam=35853.518520697995)
    assert all(s.residual < 1e-10 for s in ax.solve_many([far, rich]))
