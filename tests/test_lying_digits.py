"""Digits that are claimed must be there: in doubles near a peak, and in many digits when arithmetic is made to err."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from asymptotix import InvalidInput, Problem, solve
from asymptotix.checks.numbers import random_problem
from asymptotix.errors import NotConverged
from asymptotix.precise import solve as solve_in_digits
from asymptotix.precise.backend import Number
from asymptotix.precise.equation_pair import Equations, State, Vector
from asymptotix.state_evolution import solver

MODULE = importlib.import_module("asymptotix.precise.solve")
PLACES = [
    Problem("diagonal", gamma=1.25, d=300, n=120, lam=0.3, noise=0.2),
    Problem("quadratic", gamma=1.25, d=400, n=160_000, lam=0.1, noise=0.1),
    Problem("symmetric", gamma=0.8, d=10**30, n=1e55, lam=1e-6, noise=1),
    Problem("diagonal", gamma=1, d=10**6, n=10**6, lam=1e-6, noise=1),
    Problem("diagonal", gamma=1.25, d=10**60, n=1e70, lam=0, noise=1),
]
POINT = Problem("diagonal", gamma="5/4", d=300, n=120, lam="0.3", noise="0.2")


@pytest.mark.parametrize("near", range(1, 11))
def test_digits_near_the_peak(near: int) -> None:
    """Least squares, ``R = noise d / (n - d)``: exact whatever is left of ``n - d``."""
    d = 10**6
    n = d * (1 + 2.0 ** -round(near / math.log10(2)))
    solution = solve(Problem("diagonal", gamma=1, d=d, n=n, lam=0, noise=3))
    exact = 3 * d / (Fraction(n) - d)
    assert abs(Fraction(solution.error) / exact - 1) < Fraction(10) ** -solution.digits
    assert 12 <= solution.digits <= 14  # equations are evaluated to 1e-14


@pytest.mark.parametrize("problem", PLACES)
@pytest.mark.parametrize("shift", [1e-12, 3e-10, 1e-7, 1e-4])
def test_digits_of_a_root_that_is_off_are_those_it_still_has(
    problem: Problem, shift: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A noise scale off by a known factor: not a digit more is claimed than is left, and at most two less."""
    right = solve(problem)
    search = solver.noise_scale

    def off(*arguments: Any, **options: Any) -> Any:
        root = search(*arguments, **options)
        return replace(root, log_tau=root.log_tau + shift)

    monkeypatch.setattr(solver, "newton_root", lambda *_: None)
    monkeypatch.setattr(solver, "noise_scale", off)
    wrong = solve(problem)
    left = -math.log10(abs(math.log(wrong.error / right.error)))
    assert left - 2.5 < wrong.digits <= left


@pytest.mark.parametrize(
    "slopes", [((0.0, 0.0), (0.0, 0.0)), ((1.0, 1.0), (1.0, 1.0)), ((math.inf, 0.0), (0.0, 1.0))]
)
def test_equations_that_do_not_tell_the_unknowns_leave_no_digits(
    slopes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solver, "balance_slopes", lambda *_: slopes)
    assert solve(PLACES[0]).digits == 0


@pytest.mark.parametrize("shift", [1e-3, -0.3])
def test_a_wrong_root_along_a_curve_is_not_kept(shift: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """What following leads to is certified, and solved anew where it is not."""
    lams = (0.3, 0.4, 0.5)
    right = [solve(PLACES[0].replace(lam=x)).error for x in lams]
    follow = solver.Follower.root

    def off(*arguments: Any) -> Any:
        root = follow(*arguments)
        return root and replace(root, log_tau=root.log_tau + shift)

    monkeypatch.setattr(solver.Follower, "root", off)
    along = list(solver.solve_curve(PLACES[0].replace(lam=x) for x in lams))
    assert [s.error for s in along] == pytest.approx(right, rel=1e-10)
    assert all(s.converged for s in along)


def test_claimed_digits_of_random_problems_are_good() -> None:
    for network in ("diagonal", "quadratic"):
        for seed in range(3):  # the claims of `digits-doubles` ask this of more
            problem = random_problem(network, 300 + seed)
            solution = solve(problem)
            if solution.status not in ("converged", "ridgeless"):
                continue
            exact = solve_in_digits(problem, 20, near=solution).mpf()
            assert abs(solution.error / exact - 1) < 10.0 ** (1 - solution.digits), problem


@pytest.mark.parametrize("digits", [1, 7, 20, 33])
def test_every_digit_printed_is_good(digits: int) -> None:
    few, many = solve_in_digits(POINT, digits), solve_in_digits(POINT, digits + 25)
    assert few.digits == digits
    assert len(few.error.replace("0.", "").lstrip("0")) <= digits
    assert abs(few.mpf() / many.mpf() - 1) < mpmath.mpf(10) ** (1 - digits)
    assert mpmath.mpf(few.residual) < mpmath.mpf(10) ** -digits


def err(monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    """Let Newton's method return unknowns that are off, each time by another number of this size."""
    newton, calls = MODULE.newton, iter(range(1, 1000))

    def off(equations: Equations, start: Vector, digits: int, **options: Any) -> tuple[Vector, State, Number]:
        here, _, left = newton(equations, start, digits, **options)
        b = equations.b
        away = here[0] + b.number(size) * (-1) ** next(calls), here[1]
        return away, equations.state(away), left

    monkeypatch.setattr(MODULE, "newton", off)


def test_digits_on_which_two_precisions_differ_are_not_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    err(monkeypatch, "1e-18")
    with pytest.raises(NotConverged, match="digits"):
        solve_in_digits(POINT, 20)
    assert solve_in_digits(POINT, 14).digits == 14


def test_a_wrong_number_gets_no_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The enclosure is compared with the number printed: one that is off in its 12th digit is not certified to 20."""
    small = POINT.replace(d=30, n=20)
    right = solve_in_digits(small, 20)
    wrong = mpmath.nstr(right.mpf() * (1 + mpmath.mpf("1e-12")), 20)
    state = MODULE._solution  # what is about to be printed

    def printed(*arguments: Any) -> Any:
        return replace(state(*arguments), error=wrong)

    monkeypatch.setattr(MODULE, "_solution", printed)
    with pytest.raises(NotConverged, match="enclosure"):
        solve_in_digits(small, 20, certify=True)


@pytest.mark.parametrize(("network", "n"), [("diagonal", 120), ("quadratic", 9000)])
def test_the_radius_holds_and_is_as_small_as_the_digits(network: str, n: int) -> None:
    problem = POINT.replace(network=network, n=n, d=100)
    certified, exact = solve_in_digits(problem, 18, certify=True), solve_in_digits(problem, 40)
    assert certified.radius is not None
    radius = exact.mpf().context.mpf(certified.radius)
    assert abs(exact.mpf() - certified.mpf()) <= radius < exact.mpf() * mpmath.mpf(10) ** -16


@pytest.mark.parametrize("digits", [0, -3, True, 2.5])
def test_no_digits_cannot_be_asked_for(digits: Any) -> None:
    with pytest.raises(InvalidInput, match="digits"):
        solve_in_digits(POINT, digits)


def test_a_closed_form_is_certified_to_its_last_digit_and_an_infinite_error_is_not() -> None:
    squares = Problem("diagonal", gamma=1, d=7, n=21, lam=0, noise="7/10")
    certified = solve_in_digits(squares, 20, certify=True)
    assert certified.radius is not None
    assert (
        abs(Fraction(certified.error) - Fraction(7, 20)) <= Fraction(certified.radius) < Fraction(1, 10**18)
    )
    assert solve_in_digits(squares, 20).radius is None
    assert solve_in_digits(squares.replace(n=7), 20, certify=True).radius is None
