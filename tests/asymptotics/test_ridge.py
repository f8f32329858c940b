"""Phases of the elastic net, ridge = d^b, against the state evolution, and one against trained weights."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.problem import problem_at

# phase, leading sector's regime in words: gamma, a, l, zeta, b, and the size of the next order there
POINTS = (
    ("R", "3/4", "5/3", "1/2", "0", "0"),
    ("R", "2", "7/2", "1", "-1/2", "1"),
    ("R", "5/4", "17/6", "1/6", "3/2", "1/2"),
    ("Ic", "5/4", "17/6", "5/6", "7/6", "7/6"),
    ("Ic", "3/4", "7/3", "3/2", "-1", "1/2"),
    ("V", "5/4", "1", "-5/6", "-1", "1"),
    ("V", "2", "1/2", "-2", "-1", "2/3"),
    ("II", "3/4", "3/2", "2/3", "-1/6", "-5/6"),
    ("III", "2", "19/6", "1/2", "4/3", "-5/6"),
    ("VIa", "5/4", "3/2", "-2/3", "-1", "1/6"),
)


@pytest.fixture(scope="module")
def diagram():
    return ax.phase_diagram("elastic-net", ridge=True)


@pytest.mark.parametrize("place", POINTS)
def test_laws_hold_to_their_next_order(diagram, place) -> None:
    name, gamma, *sizes = place
    a, length, zeta, b = map(Fraction, sizes)
    phase = diagram.at(gamma, a, length, zeta, b)
    assert phase.phase == name
    d = 10.0**20
    sizes = phase.sizes(d)
    error = ax.solve(problem_at("elastic-net", gamma=gamma, **sizes)).error
    law, corrected = (phase.law(**sizes, order=k) for k in (0, 1))
    off = error / law - 1
    assert corrected / law - 1 == pytest.approx(off, rel=0.05 + 5 * abs(off), abs=2e-13)
    low, high = phase.law_band(**sizes)
    assert low <= law <= high


def test_interpolation_by_the_ridge_is_logarithms_from_that_by_the_threshold(diagram) -> None:
    """With little ridge the interpolator is the LASSO's, with much the least squares': d^-(1-a) of the noise."""
    point = {"gamma": "5/4", "a": "3/4", "l": -4, "zeta": 0}
    little, much = diagram.at(**point, b=-2), diagram.at(**point, b="1/2")
    assert little.growth == ax.phase_diagram("diagonal").at(**point).growth
    assert (much.phase, much.risk_exponent) == ("Ic", 0)
    noisy = diagram.at(**{**point, "zeta": "-1"}, b="1/2")
    assert (noisy.phase, noisy.risk_exponent, noisy.log_power) == ("V", Fraction(3, 4), 0)


def test_all_features_shrunk_alike_is_seen_in_training(diagram) -> None:
    """lam ridge d/n = 0.05, squared."""
    sizes = {"gamma": 0.75, "d": 200, "n": 20_000, "lam": 0.25, "noise": 1e-3}
    problem = ax.Problem("elastic-net", ridge=20, **sizes)
    phase = diagram.locate(problem)
    assert phase.phase == "R"
    law, corrected = (phase.law(2e4, 0.25, 200, 1e-3, ridge=20, order=k) for k in (0, 1))
    assert law == pytest.approx(0.05**2, rel=1e-12)
    runs = ax.simulate(problem, seeds=8)
    assert abs(runs.error - corrected) < 4 * runs.stderr + ((corrected / law - 1) ** 2 + 2 / 200) * law


def test_the_ridge_is_asked_for_and_named(diagram, capsys) -> None:
    with pytest.raises(NotSupplied, match="phases depend on how the ridge grows"):
        ax.phase_diagram("elastic-net")
    with pytest.raises(InvalidInput, match="ridge = d"):
        diagram.at("5/4", 1, 0)
    with pytest.raises(InvalidInput, match="ridge"):
        diagram.at("5/4", 2, "1/2", b=0).law(1e4, 10, 1e2, 1)
    point = ("--gamma", "5/4", "--a", "2", "--l", "3/4", "--b", "0")
    law = told(capsys, "exponents", "--network", "elastic-net", "--ridge", *point)
    assert (law["phase"], law["ridge_exponent"], law["lam_exponent"]) == ("R", "2", "2")
    problem = (
        "--gamma",
        "5/4",
        "--d",
        "200",
        "--n",
        "20000",
        "--lam",
        "1/4",
        "--noise",
        "1e-3",
        "--ridge",
        "20",
    )
    assert told(capsys, "solve", "--network", "elastic-net", *problem)["phase"] == "R"


def told(capsys, *arguments: str) -> dict:
    with pytest.raises(SystemExit) as end:
        main([*arguments, "--json"])
    assert end.value.code == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("ridge", "n"), [(5.0, 100), (0.1, 100), (1.0, 300)])
def test_without_weight_decay_the_least_penalty_interpolates(ridge: float, n: int) -> None:
    problem = ax.Problem("elastic-net", gamma=1.25, d=200, n=n, lam=0, noise=0.2, ridge=ridge)
    runs = ax.simulate(problem, seeds=12)
    assert runs.status == "converged"
    error = ax.solve(problem).error
    assert abs(runs.error - error) < 4 * runs.stderr + 2 / 200 * error
    assert n > 200 or max(run.train_loss for run in runs.runs) < 1e-12


def test_a_law_reaches_to_a_size_of_the_ridge():
    reaches = [str(r) for b in ax.phase_diagram("elastic-net", ridge=True).boundaries() for r in b.reach]
    assert any(" ends at ridge = " in reach for reach in reaches)
    assert not any("width" in reach for reach in reaches)
