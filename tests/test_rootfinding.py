"""Roots of increasing functions, with infinite values and steep sides."""

import math

import pytest

from asymptotix.rootfinding import bracket, increasing_root


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
