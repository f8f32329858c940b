"""Roots of increasing functions, with infinite values and steep sides."""

import math

import pytest

from asymptotix.rootfinding import bracket, first_crossing, increasing_root


@pytest.mark.parametrize(
    ("f", "root"),
    [
        (lambda x: x**3 - 2, 2 ** (1 / 3)),
        (lambda x: math.log(x) if x > 0 else -math.inf, 1.0),
        (lambda x: math.expm1(50 * (x - 3)) if x < 10 else math.inf, 3.0),
        (lambda x: math.atan(1e6 * (x + 7)), -7.0),
    ],
)
@pytest.mark.parametrize("start", [-20.0, 0.0, 15.0])
def test_root(f, root, start):
    ends = bracket(f, start, 0.5, -100.0, 100.0)
    assert increasing_root(f, ends) == pytest.approx(root, rel=1e-13)


def test_no_sign_change_is_none():
    assert bracket(lambda x: -1.0, 0.0, 1.0, -10.0, 10.0) is None
    assert bracket(lambda x: 1.0, 0.0, 1.0, -10.0, 10.0) is None


@pytest.mark.parametrize(("start", "first"), [(-30.0, 1.0), (1.2, 1.0), (2.7, 9.0), (80.0, 9.0)])
def test_the_first_of_several_roots(start, first):
    ends = first_crossing(lambda x: (x - 1.0) * (x - 2.5) * (x - 9.0) / (20.0 + x**2), start, -100.0, 100.0)
    assert ends.a <= first <= ends.b
    assert not ends.a <= 2.5 <= ends.b


@pytest.mark.parametrize("plain", [0.5, 1.5, 3.0, 5.0])
def test_a_valley_behind_a_plain_is_not_passed_over(plain):
    ends = first_crossing(lambda x: 0.7 - math.exp(-((x + plain) ** 2)), 1.0, -100.0, 100.0)
    assert ends.b == pytest.approx(-plain + math.sqrt(-math.log(0.7)), abs=1.0)


def test_a_plain_without_end_is_left_in_strides_that_grow():
    asked = []
    assert first_crossing(lambda x: asked.append(x) or 0.7, 10.0, -1000.0, 100.0) is None
    assert len(asked) < 100


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x**3 - 2,
        lambda x: math.exp(x) - 5,
        lambda x: math.atan(30 * (x - 0.7)),
        lambda x: x + 0.1 * math.sin(x) - 1,
    ],
)
def test_a_smooth_function_is_asked_a_few_times(f):
    """Interpolation triples the digits in two steps; halving a bracket of doubles takes fifty."""
    asked = []
    ends = bracket(f, 0.0, 1.0, -50.0, 50.0)
    increasing_root(lambda x: asked.append(x) or f(x), ends)
    assert len(asked) < 20
