"""The diagonal network in many digits: two engines, closed cases, and what a wrong constant would do."""

from __future__ import annotations

from fractions import Fraction

import flint
import mpmath
import pytest

from asymptotix.checks.numbers import random_problem
from asymptotix.errors import InvalidInput
from asymptotix.precise import soft_threshold, solve
from asymptotix.precise.backend import working
from asymptotix.precise.spectrum import GeometricSpectrum, PowerSpectrum, SmoothSpectrum, Spectrum, spectrum
from asymptotix.precise.sums import sums
from asymptotix.problem import Problem
from asymptotix.state_evolution import solve as solve_in_doubles
from asymptotix.teacher import FiniteRank, Geometric, Values

# one point of each phase at d = 1e60: II, III, IV, peak side of V, VIa, VIb
POINTS = [
    ("5/4", "1e20", "1e-15"),
    ("3/4", "1e58", "1e-6"),
    ("5/4", "1e20", "0"),
    ("5/4", "1e50", "1e-30"),
    ("5/4", "1e70", "1e-8"),
    ("5/4", "1e170", "1e-8"),
]


def diagonal(**fields: object) -> Problem:
    return Problem("diagonal", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(("gamma", "n", "lam"), POINTS)
def test_engines_agree_with_each_other_and_with_doubles(gamma: str, n: str, lam: str) -> None:
    problem = diagonal(gamma=gamma, d="1e60", n=n, lam=lam, noise=1)
    near = solve_in_doubles(problem)
    balls, reference = (solve(problem, 30, engine=e, near=near) for e in ("flint", "mpmath"))
    assert balls.error == reference.error
    assert abs(float(balls.error) / near.error - 1) < 1e-9


@pytest.mark.parametrize(("gamma", "n", "lam"), POINTS)
def test_certificate_encloses_a_solve_in_more_digits(gamma: str, n: str, lam: str) -> None:
    problem = diagonal(gamma=gamma, d="1e60", n=n, lam=lam, noise=1)
    certified = solve(problem, 40, certify=True)
    more = solve(problem, 60)
    assert certified.radius is not None
    with working("mpmath", 80) as b:
        apart = abs(b.number(certified.error) - b.number(more.error))
        assert apart <= b.number(certified.radius)
        assert b.number(certified.radius) < b.number(certified.error) * b.number(10) ** -37


@pytest.mark.parametrize("d", [7, 400, 10**60])
def test_least_squares_is_exact(d: int) -> None:
    n, noise = 3 * d, Fraction(7, 10)
    with working("mpmath", 60) as b:
        expected = b.text(b.number(noise * d / (n - d)), 50)
    assert solve(diagonal(gamma=1, d=d, n=n, lam=0, noise="7/10")).error == expected


def test_least_squares_is_the_limit_of_small_penalties() -> None:
    problem = diagonal(gamma=1, d=100, n=150, lam="1e-60", noise=2)
    assert solve(problem, 50).error[:50] == "4." + "0" * 48


def test_null_estimator() -> None:
    assert solve(diagonal(gamma="5/4", d=400, n=300, lam="1e9", noise=1)).error == "1." + "0" * 49
    assert solve(diagonal(gamma="5/4", d=400, n=300, lam="1e9", noise=1)).status == "zero estimator"


@pytest.mark.parametrize(("tau", "c"), [("0.01", "1.3"), ("0.00001", "3"), ("5", "2"), ("0.0001", "40")])
@pytest.mark.parametrize("gamma", ["0.6", "2"])
def test_sums_enclose_the_exact_ones(gamma: str, tau: str, c: str) -> None:
    with working("flint", 30) as b:
        _compare_with_all_terms(PowerSpectrum(b, Fraction(gamma), 4000), tau, c)


def test_sums_over_a_geometric_teacher() -> None:
    with working("flint", 30) as b:
        _compare_with_all_terms(GeometricSpectrum(b, Fraction(99, 100), 2000), "0.01", "1.3")
        _compare_with_all_terms(GeometricSpectrum(b, Fraction(1, 2), 2000), "0.001", "2")


def _compare_with_all_terms(spectrum: Spectrum, tau: str, c: str) -> None:
    b = spectrum.b
    fast = sums(b, spectrum, b.number(tau), b.number(c))
    totals, squares = [b.number(0)] * 6, b.number(0)
    for i in range(1, spectrum.rank + 1):
        a = spectrum.value(b.number(i)) / b.number(tau)
        totals = [x + y for x, y in zip(totals, soft_threshold.six(b, a, b.number(c)), strict=True)]
        squares += a * a
    totals[0] += squares
    totals[4] += 2 * squares
    for x, y in zip(fast, totals, strict=True):
        assert x.overlaps(y)
    assert b.radius(fast[0]) < fast[0] * b.number(10) ** -27


def test_dimension_as_text_float_and_integer_are_one() -> None:
    errors = {
        solve(diagonal(gamma="5/4", d=d, n="1e20", lam="1e-15", noise=1), 30).error
        for d in (1e60, 10**60, "1e60", Fraction(10**60))
    }
    assert len(errors) == 1


def test_a_constant_off_by_a_billionth_is_caught() -> None:
    p = diagonal(gamma="5/4", d="1e60", n="1e20", lam="1e-15", noise=1)
    off = p.replace(lam=Fraction(p.lam) * (1 + Fraction(1, 10**9)))
    exact, wrong = (solve(x, 50, certify=True) for x in (p, off))
    with working("mpmath", 60) as b:
        apart = abs(b.number(exact.error) - b.number(wrong.error))
        assert apart > b.number(exact.radius) + b.number(wrong.radius)
        assert apart / b.number(exact.error) > 1e-10


def test_no_precision_leaks() -> None:
    before = flint.ctx.prec, mpmath.mp.prec
    solve(diagonal(gamma=1, d=50, n=20, lam=1, noise=1), 20)
    with pytest.raises(ZeroDivisionError), working("flint", 100):
        raise ZeroDivisionError
    assert (flint.ctx.prec, mpmath.mp.prec) == before


@pytest.mark.parametrize("teacher", [Geometric(0.9), Values([3.0, 1.0, 0.5, 0.0]), FiniteRank([2.0, 1.0])])
def test_other_teachers(teacher: object) -> None:
    d = 4 if isinstance(teacher, Values) else 10**30
    p = diagonal(teacher=teacher, d=d, n=d / 4, lam="0.5" if d == 4 else "1e-1", noise="0.1")
    assert abs(float(solve(p, 20, certify=True).error) / solve_in_doubles(p).error - 1) < 1e-9


def test_outcomes_without_a_noise_scale() -> None:
    assert solve(diagonal(gamma=1, d=10, n=10, lam=0, noise=1)).status == "infinite risk"
    assert solve(diagonal(gamma=1, d=10, n=20, lam=0, noise=0)).status == "perfect recovery"
    sparse = diagonal(teacher=FiniteRank([1.0]), d=1000, n=500, lam=0, noise=0)
    assert solve(sparse).status == solve_in_doubles(sparse).status == "perfect recovery"


@pytest.mark.parametrize("seed", range(12))
def test_random_problems_agree_with_doubles(seed: int) -> None:
    p = random_problem("diagonal", seed)
    doubles, many = solve_in_doubles(p), solve(p, 20)
    assert many.status == doubles.status
    if many.error not in ("inf", "0.0"):
        assert abs(float(many.error) / doubles.error - 1) < 1e-9


@pytest.mark.slow
def test_ten_thousand_digits_of_dimension() -> None:
    s = solve(diagonal(gamma=1, d="1e10000", n="1e9000", lam="1e-3000", noise=1), 50, certify=True)
    assert s.digits == 50
    assert s.seconds < 10
    assert abs(float(s.error) / (4.3485e-4) - 1) < 1e-4  # printed by this code when it was first certified


def test_bad_input_says_what_to_change() -> None:
    p = diagonal(gamma=1, d=50, n=20, lam=1, noise=1)
    with pytest.raises(InvalidInput, match="digits"):
        solve(p, 0)
    with pytest.raises(InvalidInput, match="engine"):
        solve(p, engine="abacus")
    with pytest.raises(InvalidInput, match="certify"):
        solve(p, engine="mpmath", certify=True)


def test_teacher_arrays_are_exact_decimals() -> None:
    """0.1 is one tenth, as a double, a string or a fraction; one third stays one third."""
    errors = {
        solve(diagonal(teacher=Values(given), d=3, n=2, lam="0.1", noise=1), 40).error
        for given in ([0.3, 0.1, 0.02], ["0.3", "1/10", "2e-2"], [Fraction(3, 10), 0.1, Fraction(1, 50)])
    }
    assert len(errors) == 1
    third = solve(diagonal(teacher=Values([1, Fraction(1, 3)]), d=2, n=2, lam="0.1", noise=1), 40)
    whole = solve(diagonal(teacher=Values([3, 1]), d=2, n=2, lam="0.1", noise=1), 40)
    assert third.error == whole.error
    rounded = solve(diagonal(teacher=Values([1, 1 / 3]), d=2, n=2, lam="0.1", noise=1), 40)
    assert rounded.error != whole.error


def test_sums_by_panels_are_asked_of_smooth_spectra_only() -> None:
    with working("flint", 20) as b:
        explicit = spectrum(b, diagonal(teacher=Values([3.0, 1.0]), d=2, n=1, lam=0, noise=1))
        assert not isinstance(explicit, SmoothSpectrum)
        assert isinstance(PowerSpectrum(b, Fraction(2), 10), SmoothSpectrum)
