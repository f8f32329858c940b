"""Statements about polyhedra for all gamma, against z3 at single gammas."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import z3
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from asymptotix.asymptotics.growth import Affine
from asymptotix.asymptotics.linear_program import maximise_slack
from asymptotix.asymptotics.polyhedra import feasible_on, partition, row_of
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.regions import irredundant, on_face, united
from asymptotix.asymptotics.signs import Interval

entry = st.lists(st.integers(-3, 3), max_size=2).map(lambda c: tuple(c) if c and c[-1] else ())


def row(*polynomials: tuple[int, ...]) -> Affine:
    return Affine(tuple(map(RatFun, polynomials)))


rows = st.lists(st.tuples(entry, entry, entry, entry).map(lambda p: row(*p)), min_size=1, max_size=6)


def z3_feasible(system: list[Affine], gamma: Fraction) -> bool:
    x = z3.Reals("a l zeta")
    solver = z3.Solver()
    for one in system:
        b, *p = (z3.RealVal(str(v)) for v in (x.at(gamma) for x in one.coords))
        solver.add(b + sum(c * v for c, v in zip(p, x, strict=True)) > 0)
    return solver.check() == z3.sat


@settings(max_examples=80, deadline=None)
@given(rows)
def test_feasibility_for_all_gamma_agrees_with_z3_at_single_ones(system: list[Affine]) -> None:
    for interval, answer in partition(tuple(sorted(set(system))), Interval()):
        assert z3_feasible(system, interval.sample()) == answer
    for gamma in (Fraction(51, 100), Fraction(3, 4), Fraction(11, 10), Fraction(29, 10), Fraction(41)):
        inside = [i for i in feasible_on(system, Interval()) if i.contains_value(gamma)]
        assert z3_feasible(system, gamma) == bool(inside)


def test_a_case_split_is_found_where_a_region_vanishes() -> None:
    squeezed = [row((), (1,), (), ()), row((-3, 0, 1), (-1,), (), ())]  # 0 < a < gamma^2 - 3
    (interval,) = feasible_on(squeezed, Interval())
    assert str(interval) == "gamma > sqrt(3)"


def test_a_statement_without_variables_decides_alone() -> None:
    free = row((), (1,), (), ())  # a > 0
    assert [str(i) for i in feasible_on([free, row((3,), (), (), ())], Interval())] == [str(Interval())]
    assert feasible_on([free, row((-3,), (), (), ())], Interval()) == []
    assert feasible_on([free, row((), (), (), ())], Interval()) == []  # 0 > 0


def test_two_halves_are_united_and_redundant_faces_dropped() -> None:
    low = (row((), (1,), (), ()), row((1,), (-1,), (), ()))  # 0 < a < 1
    high = (row((-1,), (1,), (), ()), row((2,), (-1,), (), ()), row((9,), (-1,), (), ()))  # 1 < a < 2 (< 9)
    (union,) = united([irredundant(low, Interval()), irredundant(high, Interval())], Interval())
    assert set(union[0]) == {row((), (1,), (), ()), row((2,), (-1,), (), ())}
    assert union[1] == (0, 1)


def test_restriction_to_a_face() -> None:
    assert row_of(on_face(row((), (1,), (1,), ()), row((), (1,), (-1,), ()))) == row(
        (), (1,), (), ()
    )  # a + l on a = l


def test_the_most_slack_is_that_of_another_solver() -> None:
    """``max s`` with ``r_0 + r.x >= s`` for all rows and ``s <= 1``, in up to five dimensions, often degenerate."""
    rng = np.random.default_rng(0)
    for _ in range(150):
        count, width = int(rng.integers(2, 12)), int(rng.integers(2, 6))
        rows = rng.integers(-3, 4, size=(count, width))
        found, active = maximise_slack([[fmpq(int(x)) for x in row] for row in rows])
        bounds = [(None, None)] * (width - 1) + [(None, 1)]
        other = linprog(
            np.r_[np.zeros(width - 1), -1.0], np.c_[-rows[:, 1:], np.ones(count)], rows[:, 0], bounds=bounds
        )
        assert float(found.p) / float(found.q) == pytest.approx(-other.fun, abs=1e-9)
        assert active == sorted(set(active))
