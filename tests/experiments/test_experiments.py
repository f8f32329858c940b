"""Experiments: readings of curves, the store, and small samples of every family of claims."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from asymptotix.checks import dynamics, universality
from asymptotix.checks.crossovers import find, scatter_verdicts
from asymptotix.experiments.geometry import chords, level, read, vertex
from asymptotix.experiments.lines import LINES, Line
from asymptotix.experiments.measurements import Measured, Plan, measure, normal_score
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve
from asymptotix.store import Store

SMALL = Problem("diagonal", gamma=1.25, d=200, n=150, lam=0.5, noise=0.1)


def test_chords_find_where_two_power_laws_meet() -> None:
    x = np.array([1.0, 2.0, 50.0, 80.0])
    place = read(chords, x, np.where(x < 10, 3.0 / x, 30.0 / x**2))
    assert (place.position, place.height) == pytest.approx((10.0, 0.3))


def test_a_level_averages_a_plateau() -> None:
    place = read(level, [1, 2, 40, 80], [1.1, 1 / 1.1, 4.0, 8.0])
    assert (place.position, place.height) == pytest.approx((10.0, 1.0))


@pytest.mark.parametrize("reading", [chords, level, vertex])
def test_propagated_errors_are_those_of_repeated_readings(reading) -> None:  # type: ignore[no-untyped-def]
    x, y = np.array([1.0, 2.0, 4.0, 8.0]), np.array([1.0, 0.7, 0.8, 1.6])
    errors = 0.01 * y
    rng = np.random.default_rng(0)
    places = [read(reading, x, y + errors * rng.standard_normal(4)) for _ in range(3000)]
    told = read(reading, x, y, errors)
    assert np.std(np.log([p.position for p in places])) == pytest.approx(told.position_error, rel=0.1)
    assert np.std(np.log([p.height for p in places])) == pytest.approx(told.height_error, rel=0.1)


def test_scores_are_normal_when_z_is_student() -> None:
    rng = np.random.default_rng(1)
    z = rng.standard_t(5, size=4000)
    scores = np.array([normal_score(float(v), 5) for v in z])
    assert abs(scores.mean()) < 0.06
    assert scores.std() == pytest.approx(1.0, abs=0.05)


def artificial(bias: float, spread: float, count: int = 200) -> list[Measured]:
    """Points whose errors scatter about theory 1 by 0.1, measured with a bias and with wrong error bars."""
    rng = np.random.default_rng(2)
    points = []
    for _ in range(count):
        errors = 1.0 + 0.1 * rng.standard_normal(16)
        errors = 1.0 + bias * 0.1 / 4 + spread * (errors.mean() - 1.0) + (errors - errors.mean())
        points.append(Measured(Plan(SMALL, 0), 1.0, tuple(errors), 0, 0.0))
    return points


def failing(points: list[Measured]) -> set[str]:
    return {v.id.rsplit("/", 1)[1] for v in scatter_verdicts("diagonal", points) if not v.passed}


def test_the_scatter_claims_pass_honest_points_and_catch_bias_and_wrong_errors() -> None:
    assert failing(artificial(0.0, 1.0)) == set()
    assert "mean" in failing(artificial(0.7, 1.0))
    assert "rms" in failing(artificial(0.0, 1.5))
    assert {"rms", "law"} <= failing(artificial(0.0, 0.4))  # suspiciously small


def test_a_store_repeats_nothing_and_survives_a_broken_line(tmp_path: Path) -> None:
    plan, path = Plan(SMALL, seed=1, seeds=3), tmp_path / "points.jsonl"
    first = measure(plan, Store(path))
    with path.open("a") as file:
        file.write('{"key": {"netw')
    store = Store(path)
    store.put({"other": 1}, 2)
    assert measure(plan, Store(path)) == first  # its seconds too: nothing was run
    assert Store(path).get({"other": 1}) == 2
    assert measure(plan).errors == first.errors  # reproducible


def test_the_command_of_a_point_repeats_it(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from asymptotix.cli import main

    plan = Plan(SMALL, seed=5, seeds=3, inputs="uniform")
    with pytest.raises(SystemExit):
        main([*plan.command.split()[1:], "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["error"] == pytest.approx(measure(plan).error, rel=1e-9)


def test_every_point_of_every_line_has_a_seed_of_its_own() -> None:
    seeds = [plan.seed for line in LINES for plan in line.plans()]
    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.id)
def test_the_theory_itself_has_every_crossing_where_its_laws_have_it(line: Line) -> None:
    points = []
    for plan in line.plans(seeds=2, anchors_only=True):
        theory = solve(plan.problem).error
        points.append(Measured(plan, theory, (theory, theory), 0, 0.0))
    for found in find(line, points):
        assert found.measured.position == pytest.approx(found.predicted.position)
        anchors = found.crossing.anchors
        assert 0.5 * anchors[0] < found.predicted.position < 2 * anchors[-1]
        if found.limit is not None:  # sizes are small: laws and prediction agree within a factor of three
            assert 1 / 3 < found.limit.position / found.predicted.position < 3


@pytest.mark.parametrize("passing", dynamics.PASSINGS.values(), ids=list(dynamics.PASSINGS))
def test_the_recursion_of_message_passing_ends_at_the_state_evolution(passing: Plan) -> None:
    errors = dynamics.message_passing(passing.problem, 150)
    assert errors[-1] == pytest.approx(solve(passing.problem).error, rel=1e-6)


def test_what_holds_and_what_fails_is_claimed_of_every_problem() -> None:
    assert len(universality.HOLDS) == len(universality.FAILS) == len(universality.PROBLEMS)
    for holds, fails in zip(universality.HOLDS, universality.FAILS, strict=True):
        assert not set(holds) & set(fails)
        assert set(holds) | set(fails) <= set(universality.LAWS)


def test_a_plateau_without_scatter_has_no_standard_error() -> None:
    point = Measured(Plan(SMALL, 0), 1.0, (1.0,) * 8, 0, 0.0)
    assert not point.scatters
    assert point.z == 0.0
    assert math.isinf(Measured(Plan(SMALL, 0), 0.9, (1.0,) * 8, 0, 0.0).z)
