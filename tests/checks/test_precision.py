"""Rays chosen by the machine, limits by elimination, and a constant that is off by one part in a billion."""

import dataclasses
import functools
from fractions import Fraction

import pytest
import sympy
from mpmath import MPContext

from asymptotix.asymptotics.diagram import phase_diagram
from asymptotix.checks import run
from asymptotix.checks.claim import Verdict
from asymptotix.checks.deepest_points import deepest, measurable
from asymptotix.checks.extrapolation import fit_logarithms, richardson, schedule, semigroup
from asymptotix.checks.precision import GAMMAS, measure, plan
from asymptotix.precise import solve
from asymptotix.report import digits
from asymptotix.state_evolution import solve as solve_in_doubles


@functools.cache
def all_of(network, gamma):
    return dict(deepest(network, Fraction(gamma)))


def interior(network, gamma, name):
    return all_of(network, gamma)[name]


@pytest.mark.parametrize("network", measurable())
@pytest.mark.parametrize("gamma", GAMMAS, ids=str)
def test_every_phase_has_a_ray(network: str, gamma: Fraction):
    found = all_of(network, gamma)
    assert len(found) == len(phase_diagram(network).phases)
    for name, one in found.items():
        assert one is not None, name
        assert one.name == name
        assert one.phase.phase == name.split(".")[0]
        order = one.next_order
        assert order is None or order < -0.04 or order == 0.0  # fast, or logarithmic
        size = one.step * 24
        assert one.exact_problem(size).d == 10**size


def test_the_least_sums_of_generators():
    assert semigroup([Fraction(2), Fraction(3)], 6) == [2, 3, 4, 5, 6, 7]


def test_sizes_reach_what_is_wanted():
    chosen = schedule([Fraction(1, 8), Fraction(1, 5)], step=4, digits=13.0, least=24, floor=10.0)
    assert chosen.left is not None
    assert chosen.left_in_slope is not None
    assert chosen.sizes[0] * chosen.left >= 13
    assert chosen.sizes[0] * chosen.left_in_slope >= 10
    assert all(size % 4 == 0 for size in chosen.sizes)
    assert chosen.spacing >= 12


def test_elimination_is_exact_for_what_it_eliminates():
    context = MPContext()
    context.dps = 40
    values = [2 + context.mpf(10) ** -k - 3 * context.mpf(10) ** (-2 * k) for k in (2, 4, 6)]
    found = richardson(context, values, 2, [Fraction(1), Fraction(2)])
    assert abs(found - 2) < 1e-35


def test_logarithms_are_fitted_as_logarithms():
    context = MPContext()
    context.dps = 40
    sizes = [100, 150, 225, 340, 500, 750]
    logs = [k * context.log(10) for k in sizes]
    values = [3 / x * (1 + context.log(x) / x - 2 / x) for x in logs]
    fit = fit_logarithms(context, values, sizes, 0, -1)
    assert abs(fit["constant"] - 3) < 1e-5
    assert abs(fit["log_power"] + 1) < 1e-5
    assert abs(fit["exponent"]) < 1e-8


@pytest.mark.parametrize(
    ("network", "phase"),
    [("diagonal", "II"), ("diagonal", "VIa"), ("quadratic", "III")],
)
def test_a_constant_off_by_a_billionth_is_caught(network: str, phase: str):
    right = interior(network, "5/4", phase)
    assert all(v.passed for v in measure(right))
    growth = right.phase.growth
    off = dataclasses.replace(growth, constant=growth.constant * (1 + sympy.Rational(1, 10**9)))
    wrong = dataclasses.replace(right, phase=dataclasses.replace(right.phase, growth=off))
    passed = {v.id.rsplit("/", 1)[1]: v.passed for v in measure(wrong)}
    assert passed == {"exponent": True, "constant": False}


@pytest.mark.parametrize("network", measurable())
def test_what_is_left_is_below_a_billionth(network: str):
    """On every ray, elimination leaves less than the perturbation that must be caught."""
    for gamma in GAMMAS:
        for one in all_of(network, gamma).values():
            if one.next_order != 0.0:
                chosen = plan(one)
                assert chosen.left is None or float(chosen.left) * chosen.sizes[0] > 11.0


def test_the_table_has_no_blank_cell():
    verdicts = list(measure(interior("diagonal", "2", "III")))
    text = digits.section(verdicts)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(cell.strip() for line in rows for cell in line.strip("|").split("|")[1:])
    assert "diagonal: 1 exponents" in text
    assert digits.section([]) == ""


def test_what_could_not_be_measured_says_why():
    cell = {"network": "diagonal", "phase": "X", "gamma": "2"}
    failed = Verdict("x", "x", "none", 0.0, float("nan"), 0.0, "none", exact={**cell, "why": "no root"})
    assert "not measured: see below" in digits.section([failed])
    assert "no root" in digits.section([failed])


def test_families_side_by_side_give_the_same():
    def plain(workers):
        prefixes = ["least-squares", "digits-exponents/diagonal/2"]
        return [v.to_dict() | {"seconds": 0} for v in run(prefixes=prefixes, workers=workers)]

    assert plain(1) == plain(2)


def test_a_threshold_far_from_its_point_in_gaps():
    """At gamma = 3/5 threshold and subordination point lie a million coefficients apart."""
    problem = interior("quadratic", "3/5", "II").exact_problem(20)
    assert float(solve(problem, 20).error) == pytest.approx(solve_in_doubles(problem).error, rel=1e-9)
