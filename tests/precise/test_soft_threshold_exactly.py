"""One coefficient under a soft threshold: every function by its integral over the noise, and its bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from asymptotix.precise.backend import working
from asymptotix.precise.soft_threshold import bias, learned, log_ceiling, six


def mean(f: Callable[[float], float], breaks: list[float]) -> float:
    def weighed(z: float) -> float:
        return f(z) * math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)

    return float(sum(quad(weighed, low, high, epsabs=1e-13)[0] for low, high in pairwise(breaks)))


def soft(y: float, c: float, sides: int) -> float:
    return max(y - c, 0.0) - (max(-y - c, 0.0) if sides == 2 else 0.0)


def risk(a: float, c: float, sides: int) -> float:
    return mean(lambda z: (soft(a + z, c, sides) - a) ** 2, sorted([-14.0, -c - a, c - a, 14.0]))


def share(a: float, c: float, sides: int) -> float:
    return mean(lambda z: 1.0, [c - a, 14.0]) + (mean(lambda z: 1.0, [-14.0, -c - a]) if sides == 2 else 0.0)


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize(("a", "c"), [(0.0, 0.7), (0.4, 1.3), (2.0, 0.5), (3.0, 2.9)])
def test_the_six_functions(a: float, c: float, sides: int) -> None:
    h = 1e-4

    def slope(f: Callable[[float, float, int], float], by: str) -> float:
        ends = [f(a + s * h, c, sides) if by == "a" else f(a, c + s * h, sides) for s in (1, -1)]
        return (ends[0] - ends[1]) / (2 * h)

    exact = [
        risk(a, c, sides) - a * a,
        share(a, c, sides),
        slope(risk, "c"),
        slope(share, "c"),
        a * slope(risk, "a") - 2 * a * a,
        a * slope(share, "a"),
    ]
    with working("flint", 25) as b:
        found = [b.double(x) for x in six(b, b.number(a), b.number(c), sides)]
    assert found[:2] == pytest.approx(exact[:2], abs=1e-11)
    assert found[2:] == pytest.approx(exact[2:], abs=1e-6)


@pytest.mark.parametrize(("a", "c"), [(0.4, 1.3), (2.0, 0.5), (3.0, 2.9)])
def test_the_bias_and_its_slopes(a: float, c: float) -> None:
    def times(a: float, c: float) -> float:
        return a * (a - mean(lambda z: soft(a + z, c, 2), sorted([-14.0, -c - a, c - a, 14.0])))

    h = 1e-4
    exact = [
        times(a, c),
        (times(a, c + h) - times(a, c - h)) / (2 * h),
        a * (times(a + h, c) - times(a - h, c)) / (2 * h),
    ]
    with working("flint", 25) as b:
        found = [b.double(x) for x in bias(b, b.number(a), b.number(c))]
    assert found[0] == pytest.approx(exact[0], abs=1e-11)
    assert found == pytest.approx(exact, abs=1e-6)


@pytest.mark.parametrize("c", [0.0, 0.8, 5.0])
def test_far_above_the_threshold_noise_passes_whole(c: float) -> None:
    with working("flint", 25) as b:
        a = b.number(c + 30)
        exact = six(b, a, b.number(c))
        exact[0], exact[4] = exact[0] + a * a, exact[4] + 2 * a * a
        for x, y in zip(learned(b, b.number(c)), exact, strict=True):
            assert b.double(x) == pytest.approx(b.double(y), abs=1e-12)


@pytest.mark.parametrize(("size", "eta"), [(0.5, 0.3), (1.0, 1.0), (5.0, 3.0), (8.0, 4.0)])
@pytest.mark.parametrize("c", [0.2, 2.0])
def test_a_ceiling_at_complex_coefficients(size: float, eta: float, c: float) -> None:
    """Above all six; a square of the imaginary part too many would be 1e3 times more at the last."""
    largest = 0.0
    with working("flint", 25) as b:
        for x in np.linspace(-1, 1, 21):
            for y in (0.0, 0.5, 1.0):
                imaginary = min(eta * y, size)
                real = x * math.sqrt(size**2 - imaginary**2)
                a = b.complex(real, imaginary)
                largest = max(largest, *(float(abs(v)) for v in six(b, a, b.complex(c, 0))))
    bound = math.exp(log_ceiling(math.log(size), eta, c))
    assert largest <= bound < 2000 * largest
