"""Wrong units on straight lines: which factor is named, which is only measured, and where nothing is said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from scipy import stats

import asymptotix as ax
from asymptotix.inference.likelihood import Search
from asymptotix.inference.suspicion import _conventions, _freed, _good, _start, _suspects, suspected
from tests.inference.straight_line import FREE, StraightLine, line, searching

SIZES = (10.0, 30.0, 100.0, 300.0, 900.0, 2000.0)
ASK = "are its units those of the table of units?"


def said(search: Search) -> list[str]:
    return suspected(search, *search.best())


def given(values: Sequence[float], *, stderr: float = 0.05, **more: float) -> Search:
    """Nothing is free, and the line says 1 everywhere."""
    return searching(line(values, SIZES[: len(values)], stderr=stderr, **more), (), gamma=1.5, noise=1.0)


@pytest.mark.parametrize(
    ("stderr", "band", "bound"),
    [(0.05, 0.0, 0.05 * math.sqrt(stats.chi2.isf(0.01, 4) / 4)), (math.nan, 0.01, 0.1)],
)
def test_only_a_bad_fit_is_suspected(stderr: float, band: float, bound: float) -> None:
    """Four runs, all off by one factor: bad from 1 % of chance on, or from 10 % off where scatter is not known."""
    for part, bad in ((0.99, False), (1.01, True)):
        factor = math.exp(part * bound)
        found = said(given([factor] * 4, stderr=stderr, band=band))
        assert found == ([f"a factor {factor:.3g} in error makes the fit good: {ASK}"] if bad else [])


def test_two_degrees_of_freedom_are_enough_to_suspect() -> None:
    assert said(given([2.0] * 2)) != []
    assert said(given([2.0])) == []


def test_what_is_good() -> None:
    """More than 5 % of chance; without standard errors a ratio of variances beyond one in a thousand."""
    known, unknown = given([1.0] * 4), given([1.0] * 4, stderr=math.nan, band=0.01)
    end = stats.chi2.isf(0.05, 3)
    assert [_good(known, x * end, 3, 1e9, 4) for x in (0.999, 1.001)] == [True, False]
    ratio = stats.f.isf(0.001, 4, 3)
    assert [_good(unknown, 3.0, 3, x * 4.0 * ratio, 4) for x in (0.999, 1.001)] == [False, True]
    assert _good(unknown, 0.0, 3, 1.0, 4)


@pytest.mark.parametrize(
    ("factor", "name"),
    [
        (2.0, "2"),
        (0.5, "1/2"),
        (100.0, "d"),
        (0.01, "1/d"),
        (10.0, "sqrt(d)"),
        (0.1, "1/sqrt(d)"),
        (2.05, "2"),
    ],
)
def test_a_factor_of_the_measure_by_name(factor: float, name: str) -> None:
    found = said(given([factor] * 6))
    assert found == [
        f"error looks like {name} times that of the table of units: divided by it the fit is good"
    ]


@pytest.mark.parametrize("factor", [3.0, 2.5, 20.0])
def test_a_factor_without_a_name_is_measured(factor: float) -> None:
    assert said(given([factor] * 6)) == [f"a factor {factor:.3g} in error makes the fit good: {ASK}"]


def of_lam(power: float, factor: float) -> list[str]:
    """``error = lam^(1/2)``, and the runs have ``lam`` over ``factor n^power``; a norm changes nothing at lam = 1."""
    values = [math.sqrt(factor * n**power) for n in SIZES]
    model = line(values, SIZES, stderr=0.03, decay=0.5)
    return said(Search(model, ("norm",), {"gamma": 1.5, "noise": 1.0}, "linear"))


@pytest.mark.parametrize(
    ("power", "factor", "name"),
    [
        (1, 1.0, "n makes the fit good (--lam-unit mean)"),
        (1, 0.5, "n/2 makes the fit good (--lam-unit weight-decay)"),
        (1, 0.1, "n/sqrt(d) makes the fit good (--lam-unit alpha)"),
        (1, 0.01, "n/d makes the fit good"),
        (1, 0.005, "n/(2 d) makes the fit good"),
        (-1, 1.0, "1/n makes the fit good (it looks divided already)"),
        (-1, 10.0, "sqrt(d)/n makes the fit good"),
        (0, 2.0, "2 makes the fit good"),
        (0, 0.5, "1/2 makes the fit good"),
        (0, 100.0, "d makes the fit good"),
        (0, 0.01, "1/d makes the fit good"),
        (0, 10.0, "sqrt(d) makes the fit good"),
        (0, 0.1, "1/sqrt(d) makes the fit good"),
    ],
)
def test_a_factor_of_weight_decay_by_name(power: float, factor: float, name: str) -> None:
    assert of_lam(power, factor) == [f"lam times {name}: {ASK}"]


@pytest.mark.parametrize(("power", "per"), [(1, " n"), (-1, " / n"), (0, "")])
def test_a_factor_of_weight_decay_without_a_name(power: float, per: str) -> None:
    assert of_lam(power, 4000.0) == [f"a factor 4e+03{per} in lam makes the fit good: {ASK}"]


def test_another_norm_of_the_teacher() -> None:
    model = line([2.0**k for k in range(6)], SIZES, stderr=0.05)
    runs = tuple(replace(run, lam=math.exp(k)) for k, run in enumerate(model.runs))
    search = searching(replace(model, runs=runs), (), gamma=1.5, noise=1.0)
    assert said(search) == ["a teacher of norm 2 instead of 1 makes the fit good: --norm"]


def test_what_is_suspected_of_whom() -> None:
    """A power of n where sizes differ, a factor of lam where there is one, of the measure if its norm is given."""

    def of(search: Search) -> list[tuple[str, float]]:
        return [(s.parameter, s.power) for s in _suspects(search)]

    norm, plain = [("error_factor", 0.0), ("norm", 0.0)], [("lam_factor", 0.0)]
    model = line([1.0, 1.0], (10.0, 20.0))
    assert of(searching(model)) == [("lam_factor", 1.0), ("lam_factor", -1.0), *plain, *norm]
    assert of(searching(replace(model, runs=model.runs[:1]))) == [*plain, *norm]
    quiet = tuple(replace(run, lam=0.0) for run in model.runs)
    assert of(searching(replace(model, runs=quiet))) == norm
    assert of(searching(replace(model, runs=(model.runs[0], quiet[1]))))[0] == ("lam_factor", 1.0)
    assert of(Search(model, (*FREE, "norm"), {}, "linear"))[2:] == plain


def test_factors_that_other_units_amount_to() -> None:
    """d = 100: n, n/2, n/10, n/100, n/200; of a matrix of 25 hidden units n sqrt(25/100)/2 is another one."""
    model = line([1.0], [10.0])
    plain = {name: value for name, (value, _) in _conventions(searching(model)).items()}
    assert plain == pytest.approx({"n": 1.0, "n/2": 0.5, "n/sqrt(d)": 0.1, "n/d": 0.01, "n/(2 d)": 0.005})
    matrix = ax.Problem("quadratic", gamma=1.5, d=100, n=1, lam=1, noise=1)
    runs = (*model.runs, replace(model.runs[0], width=25), replace(model.runs[0], width=64))
    found = _conventions(searching(StraightLine(matrix, runs, "error")))
    assert found["0.25 n"] == (pytest.approx(0.25), "--lam-unit weight-decay")
    assert found["n/(2 d)"] == (0.005, "--lam-unit weight-decay --weights plain")
    assert found["n"] == (1.0, "--lam-unit mean")
    assert found["n/sqrt(d)"] == (0.1, "")


@pytest.mark.parametrize(("gamma", "factor"), [(0.8, 0.01), (1.3, 0.5), (2.2, 2.0), (1.3, 100.0)])
def test_a_search_for_a_factor_starts_at_the_best_of_a_few_places(gamma: float, factor: float) -> None:
    model = line([factor * (gamma - 0.5) * n ** math.log(0.1) for n in SIZES], SIZES, stderr=0.05)
    search = searching(model)
    suspect = next(s for s in _suspects(search) if s.parameter == "error_factor")
    start, cost = _start(_freed(search, suspect), suspect)
    assert start == pytest.approx([math.log(gamma - 0.5), math.log(0.1), math.log(factor)])
    assert cost == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([1, 1, 2, 1, 1, 1], "row 4: error is about 2 times what the other rows say (2): mixed units?"),
        (
            [1, 2.2, 2.1, 1, 1, 1],
            "rows 3, 4: error is about 2 times what the other rows say (2.15): mixed units?",
        ),
        ([1, 1, 2.4, 1, 1, 1], ""),
        ([1, 1, 1.75, 1, 1, 1], "row 4: error is about 2 times what the other rows say (1.75): mixed units?"),
        ([1, 1, 1.7, 1, 1, 1], ""),
        ([1, 0.5, 1, 1, 1, 1], "row 3: error is about 1/2 times what the other rows say (0.5): mixed units?"),
        ([1, 100, 1, 1, 1, 1], "row 3: error is about 100 times what the other rows say (100): mixed units?"),
        (
            [1, 0.01, 1, 1, 1, 1],
            "row 3: error is about 1/100 times what the other rows say (0.01): mixed units?",
        ),
        ([1, 1, 2, 1, 3, 1], ""),
    ],
)
def test_rows_that_are_off_where_the_others_agree(values: list[float], sentence: str) -> None:
    """Off is beyond a factor 1.4; of one name within 1.15, and all by factors within 1.4 of one another."""
    assert said(given(values)) == ([sentence] if sentence else [])


@pytest.mark.parametrize(("factor", "name"), [(40.0, "d"), (1 / 40.0, "1/d")])
def test_rows_that_are_off_by_the_dimension(factor: float, name: str) -> None:
    model = line([1, 1, factor, 1, 1, 1], SIZES, stderr=0.05)
    small = replace(model, base=model.base.replace(d=40))
    (found,) = said(searching(small, (), gamma=1.5, noise=1.0))
    assert found == f"row 4: error is about {name} times what the other rows say ({factor:.3g}): mixed units?"


def test_rows_off_where_the_others_do_not_agree_are_no_minority() -> None:
    """Others off by 3 standard deviations at most: here by 0.149 and 0.151 at 5 %."""
    for off, mixed in ((0.149, True), (0.151, False)):
        others = [math.exp(off * sign) for sign in (1, -1, 1, -1, 1)]
        found = said(given([*others, 2.0]))
        assert any("mixed units" in one for one in found) is mixed


def test_half_of_the_rows_are_no_minority() -> None:
    assert not any("mixed" in one for one in said(given([2, 2, 2, 1, 1, 1])))
    assert any("mixed" in one for one in said(given([2, 2, 1, 1, 1])))
