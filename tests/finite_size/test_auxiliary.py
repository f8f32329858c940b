"""What is computed for finite ``d``: its limit, data it has not seen, and the law of own features on made-up points."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from asymptotix.checks.universality import excess_verdicts
from asymptotix.experiments.lines import LINES
from asymptotix.experiments.measurements import Measured, Plan
from asymptotix.finite_size import auxiliary, excess
from asymptotix.problem import Problem
from asymptotix.simulate.data import haar_rotation
from asymptotix.state_evolution import solve
from asymptotix.store import Store

DATA = Path(__file__).parents[2] / "reports" / "data" / "experiments.jsonl"


def quadratic(d: int, n: int, lam: float, noise: float = 1.0) -> Problem:
    return Problem("quadratic", gamma=1.25, d=d, n=n, lam=lam, noise=noise)


@pytest.mark.parametrize(("n_eff", "lam"), [(6.0, 0.5), (60.0, 0.5)])
def test_the_difference_from_the_state_evolution_falls_like_1_over_d(n_eff: float, lam: float) -> None:
    scaled = []
    for d, pairs in ((20, 200), (80, 24)):
        p = quadratic(d, round(n_eff * d), lam)
        error, spread = auxiliary.predict(p, own=False, pairs=pairs)
        scaled.append(((error / solve(p).error - 1.0) * d, spread / error * d))
    assert abs(scaled[0][0] - scaled[1][0]) < 4 * np.hypot(scaled[0][1], scaled[1][1]) + 0.5
    assert 0.2 < scaled[0][0] < 3.0


def test_variances_of_own_features_are_those_of_samples() -> None:
    """``E (Tr D (xx' - I))^2 x_i^2 x_j^2`` by Monte Carlo, for a ``D`` that is not diagonal."""
    rng = np.random.default_rng(0)
    o = haar_rotation(rng, 4)
    deviation = (o * np.array([2.0, -1.0, 0.5, 0.0])) @ o.T
    problem = quadratic(4, 16, 1.0, noise=0.7)
    x = rng.standard_normal((2_000_000, 4))
    squares = (np.einsum("ki,ij,kj->k", x, deviation, x) - np.trace(deviation)) ** 2 + 4 * 0.7
    base = 2 * float(np.sum(deviation**2)) + 4 * 0.7
    found = auxiliary.own_variances(problem, deviation[None]) * base
    for i, j in ((0, 1), (1, 2), (0, 3)):
        assert float(np.mean(squares * x[:, i] ** 2 * x[:, j] ** 2)) == pytest.approx(found[i, j], rel=0.03)
    for i in (0, 1):
        assert float(np.mean(squares * (x[:, i] ** 2 - 1) ** 2)) == pytest.approx(2 * found[i, i], rel=0.03)


def test_a_stored_prediction_is_what_is_computed_now() -> None:
    records = [json.loads(line) for line in DATA.read_text().splitlines()]
    stored = [r for r in records if "prediction" in r["key"] and r["key"]["d"] <= 30]
    assert stored
    for record in stored[:: max(1, len(stored) // 3)]:
        key = record["key"]
        problem = quadratic(key["d"], key["n"], key["lam"], key["noise"])
        error, spread = auxiliary.predict(problem, own=key["own"], pairs=key["pairs"], seed=key["seed"])
        assert (error, spread) == pytest.approx(
            (record["value"]["error"], record["value"]["stderr"]), rel=1e-2
        )


def test_a_prediction_is_kept(tmp_path: Path) -> None:
    plan = Plan(quadratic(20, 120, 0.5), seed=3, seeds=2, inputs="goe")
    point = Measured(plan, 0.4, (0.4, 0.5), 0, 0.0)
    first = auxiliary.at_this_size(point, Store(tmp_path / "points.jsonl"))
    assert first.theory_error > 0.0
    assert first.z == pytest.approx((0.45 - first.theory) / np.hypot(point.stderr, first.theory_error))
    assert str(first.theory) in (tmp_path / "points.jsonl").read_text()
    assert auxiliary.at_this_size(point, Store(tmp_path / "points.jsonl")) == first


def test_no_prediction_of_own_features_about_interpolation() -> None:
    def point(n: int, inputs: str) -> Measured:
        return Measured(Plan(quadratic(40, n, 0.02), 0, 2, inputs), 1.0, (0.9, 1.2), 0, 0.0)

    assert auxiliary.applies(point(420, "goe"))
    assert not auxiliary.applies(point(420, "gaussian"))
    assert auxiliary.applies(point(150, "gaussian"))
    assert auxiliary.applies(point(6000, "gaussian"))
    sequence = Problem("diagonal", gamma=1.25, d=40, n=420, lam=0.02, noise=1.0)
    assert not auxiliary.applies(Measured(Plan(sequence, 0, 2, "goe"), 1.0, (0.9, 1.2), 0, 0.0))


def test_the_effective_noise_may_be_far_above_that_of_the_data() -> None:
    """With few samples what is not learned acts as noise, a hundred times that of the data."""
    p = quadratic(20, 60, 0.05, noise=1e-3)
    error, spread = auxiliary.predict(p, own=False, pairs=16)
    assert abs(error / solve(p).error - 1.0) < 4.0 * spread / error + 3.0 / p.d


def made_up(power: float, c: float) -> list[Measured]:
    rng = np.random.default_rng(4)
    points = []
    for d in (50, 50, 60, 60, 100, 200, 200, 200):
        for n_eff in (6.0, 12.0, 30.0):
            errors = (1.0 + c / n_eff**power) * (1.0 + 0.04 * rng.standard_normal(16))
            plan = Plan(quadratic(d, round(n_eff * d), 1.0), 0, 16)
            points.append(Measured(plan, 1.0, tuple(errors), 0, 0.0))
    return points


def test_the_law_of_own_features_is_found_and_a_wrong_one_refused() -> None:
    regime = excess.Regime("made up", (), "", 100)
    found = excess.law(regime, made_up(1.0, 2.0))
    assert abs(found.power - 1.0) < 4 * found.power_error < 0.8
    assert abs(found.c - 2.0) < 4 * found.c_error < 1.0
    assert all(v.passed for v in excess_verdicts(found))
    wrong = excess.law(regime, made_up(0.3, 1.0))
    assert not all(v.passed for v in excess_verdicts(wrong))


def test_regimes_name_lines_that_exist() -> None:
    ids = {line.id: {c.name for c in line.crossings} for line in LINES}
    for regime in excess.REGIMES:
        assert all(regime.crossing in ids[name] for name in regime.lines)
