"""Algebraic laws of orders of growth and of the exact numbers beneath them."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from asymptotix.asymptotics.growth import Affine, Growth
from asymptotix.asymptotics.ratfun import RatFun, gamma_of, poly_at
from asymptotix.asymptotics.signs import Interval, definite_sign, roots
from asymptotix.asymptotics.symbols import GAMMA

small = st.integers(-4, 4)
polys = st.lists(small, min_size=1, max_size=3).map(tuple)
ratfuns = st.builds(RatFun, polys, polys.filter(any))
forms = st.tuples(ratfuns, ratfuns, ratfuns, ratfuns, ratfuns).map(Affine)
growths = st.builds(
    Growth,
    st.integers(1, 5).map(sympy.Integer),
    st.integers(-3, 3).map(Affine.of),
    st.integers(-2, 2).map(RatFun.of),
)
regional = st.builds(Growth, st.just(sympy.Integer(1)), forms, st.integers(-2, 2).map(RatFun.of))


@given(ratfuns, ratfuns, ratfuns)
def test_rational_functions_form_a_field(x: RatFun, y: RatFun, z: RatFun) -> None:
    assert x + y == y + x
    assert (x + y) + z == x + (y + z)
    assert x * (y + z) == x * y + x * z
    assert not x - x
    if y:
        assert x / y * y == x


@given(ratfuns, ratfuns, st.fractions(Fraction(51, 100), 5, max_denominator=100))
def test_values_follow_the_operations(x: RatFun, y: RatFun, gamma: Fraction) -> None:
    if poly_at(x.den, gamma) and poly_at(y.den, gamma):
        assert (x * y + x).at(gamma) == x.at(gamma) * y.at(gamma) + x.at(gamma)


@settings(max_examples=30, deadline=None)
@given(ratfuns)
def test_sympy_round_trip(x: RatFun) -> None:
    assert gamma_of(x.to_sympy()) == x


@given(polys.filter(any))
def test_signs_change_only_at_the_roots_found(poly: tuple[int, ...]) -> None:
    for piece in Interval().split(roots(poly)):
        sample = piece.sample()
        assert piece.contains_value(sample)
        assert poly_at(poly, sample) != 0
    if definite_sign(poly) is not None:
        assert len(Interval().split(roots(poly))) == 1


@settings(deadline=None)
@given(growths, growths, growths)
def test_products_keep_the_order(x: Growth, y: Growth, z: Growth) -> None:
    assert (x * z / (y * z)).deciding.sign == (x / y).deciding.sign
    assert (x / y * y / x).deciding.sign == 0


@settings(deadline=None)
@given(regional, regional)
def test_a_comparison_is_the_same_from_both_sides(x: Growth, y: Growth) -> None:
    here, back = (x / y).deciding, (y / x).deciding
    assert here == -back
    if here.sign is not None:
        assert back.sign == -here.sign


def test_powers_are_exact() -> None:
    x = Growth(sympy.Integer(4), Affine.parameter("a"), RatFun.of(1))
    y = x ** gamma_of(1 / (2 * GAMMA))
    assert y.exponent.coords[1] == gamma_of(1 / (2 * GAMMA))
    assert y.log_power == gamma_of(1 / (2 * GAMMA))
    assert sympy.simplify(y.constant - 2 ** (1 / GAMMA)) == 0
    assert y**0 == Growth.known(1)


def test_irrational_exponents_are_refused() -> None:
    with pytest.raises(ValueError, match="rational function of gamma"):
        gamma_of(sympy.Symbol("x"))


def test_irrational_roots_are_exact() -> None:
    (root,) = roots((-3, 0, 1))
    assert root.rational is None
    assert root.to_sympy() == sympy.sqrt(3)
    assert Fraction(17, 10) < root.low <= root.high < Fraction(174, 100)
