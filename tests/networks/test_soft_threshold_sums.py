"""Each share of the soft threshold's sums against integrals in many digits: risk, count, bias, and all slopes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from asymptotix.gaussian import density, signed_tails, tail_ratio, tail_ratios
from asymptotix.networks import gaussian_sums as sums

MP = mpmath.MPContext()
MP.dps = 40
Both = tuple[Any, Any]


def tails(x: Any) -> tuple[Any, Any, Any]:
    """``I_k(x) = int_x^oo (z - x)^k phi(z) dz``."""
    q, phi = MP.erfc(x / MP.sqrt(2)) / 2, MP.npdf(x)
    return q, phi - x * q, (1 + x * x) * q - x * phi


def exact(c: Any, a: Any, sides: int) -> Both:
    """``E (soft(a + z; c) - a)^2`` and ``P(learned)``, as textbooks have them."""
    above = [tails(c - a)] + ([tails(c + a)] if sides == 2 else [])
    missed = 1 - sum(q for q, _, _ in above)
    risk = a * a * missed
    for (q, one, two), way in zip(above, (1, -1), strict=False):
        # given z > x, the error is (z - x) - a: of the upper side, and mirrored of the lower
        risk += two - 2 * way * a * one + a * a * q
    return risk, sum(q for q, _, _ in above)


def bias(c: Any, a: Any) -> Any:
    return a * (a - tails(c - a)[1] + tails(c + a)[1])


def six(f: Callable[[Any, Any], Both], c: float, a: float) -> list[Any]:
    """Values and derivatives by ``log c``, and by ``log tau`` at one threshold over the noise: minus by ``log a``."""
    c, a = MP.mpf(c), MP.mpf(a)
    by_c = [c * MP.diff(lambda x, k=k: f(x, a)[k], c) for k in (0, 1)]
    by_a = [-a * MP.diff(lambda x, k=k: f(c, x)[k], a) if a else MP.mpf(0) for k in (0, 1)]
    return [*f(c, a), *by_c, *by_a]


PLACES = [(0.02, 0.7), (0.3, 0.05), (0.45, 5.0), (1.0, 1.3), (2.5, 0.3), (2.5, 7.0), (6.0, 2.0), (9.0, 12.0)]


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize(("c", "a"), PLACES)
def test_terms_of_one_coefficient(c: float, a: float, sides: int) -> None:
    truth = six(lambda x, y: exact(x, y, sides), c, a)
    found = [float(x[0]) for x in sums.tail_terms(c, np.array([a]), sides)]
    for x, y in zip(found, truth, strict=True):
        assert x == pytest.approx(float(y), rel=2e-12, abs=1e-16)
    assert found == pytest.approx(list(sums.tail_sums(c, np.array([a]), np.ones(1), sides)))
    below = [float(x[0]) for x in sums.center_terms(c, np.array([a]), sides)]
    if c < sums.LOW:
        for x, y in zip(below, [1 - truth[0], 1 - truth[1], *(-t for t in truth[2:])], strict=True):
            assert x == pytest.approx(float(y), rel=2e-12, abs=1e-15)


@pytest.mark.parametrize(("c", "a"), PLACES)
def test_bias_of_one_coefficient(c: float, a: float) -> None:
    truth = six(lambda x, y: (bias(x, y), MP.mpf(0)), c, a)
    found = [float(x[0]) for x in sums.bias_terms(c, np.array([a]))]
    for x, y in zip(found, (truth[0], truth[2], truth[4]), strict=True):
        assert x == pytest.approx(float(y), rel=2e-12, abs=1e-15)


SMALL = (0.05, 0.11, 0.2)


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("c", [0.03, 0.3, 0.48, 1.1, 2.6, 5.0])
def test_sums_of_small_coefficients_from_their_powers(c: float, sides: int) -> None:
    """Moments to the eighth of three coefficients, whose tenth, and on one side ninth, is left out."""
    moments = [sum(a**p for a in SMALL) for p in sums.powers_of(sides)]
    truth = [
        sum(column)
        for column in zip(*(six(lambda x, y: exact(x, y, sides), c, a) for a in SMALL), strict=True)
    ]
    left_out = 0.2 ** (10 if sides == 2 else 9)
    found = [float(x) for x in sums.small_sums(c, 3.0, moments, False, sides)]
    for x, y in zip(found, truth, strict=True):
        assert x == pytest.approx(float(y), rel=1e-12, abs=left_out)
    if c < sums.LOW:
        below = [float(x) for x in sums.small_sums(c, 3.0, moments, True, sides)]
        for x, y in zip(below, [3 - truth[0], 3 - truth[1], *(-t for t in truth[2:])], strict=True):
            assert x == pytest.approx(float(y), rel=1e-12, abs=left_out)
    many = sums.small_sums(np.array([c, 2 * c]), 3.0, moments, False, sides)
    assert [float(x[0]) for x in many] == pytest.approx(found, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("c", [0.03, 0.48, 1.1, 2.6])
def test_bias_of_small_coefficients_from_their_powers(c: float) -> None:
    moments = [sum(a**p for a in SMALL) for p in sums.POWERS]
    terms = (six(lambda x, y: (bias(x, y), MP.mpf(0)), c, a) for a in SMALL)
    truth = [sum(column) for column in zip(*terms, strict=True)]
    for x, y in zip(sums.small_bias(c, moments), (truth[0], truth[2], truth[4]), strict=True):
        assert float(x) == pytest.approx(float(y), rel=1e-12, abs=0.2**10)


@pytest.mark.parametrize("x", [0.0, 0.4, 3.0, 4.99, 5.01, 6.5, 9.0, 25.0, 300.0])
def test_tails_of_a_normal_variable(x: float) -> None:
    MP.dps = 40
    truth = [float(t / MP.npdf(MP.mpf(x))) for t in tails(MP.mpf(x))] if x < 12 else None
    one, many = tail_ratio(x), [float(t[0]) for t in tail_ratios(np.array([x]))]
    assert many == pytest.approx(one, rel=3e-13)
    if truth is not None:
        assert one == pytest.approx(truth, rel=1e-12)
    else:
        assert one[1] * x * x == pytest.approx(1 - 3 / x**2 + 15 / x**4, rel=200 / x**6)
        assert one[2] * x**3 == pytest.approx(2 - 12 / x**2 + 90 / x**4, rel=1500 / x**6)
    for sign in (-1.0, 1.0):
        found = [float(t[0]) for t in signed_tails(np.array([sign * x]))]
        if x < 12:
            assert found == pytest.approx([float(t) for t in tails(MP.mpf(sign * x))], rel=1e-12)


def test_density_of_anything() -> None:
    found = density(np.array([0.0, -1.0, 1e200]))
    assert found == pytest.approx([1 / math.sqrt(2 * math.pi), math.exp(-0.5) / math.sqrt(2 * math.pi), 0.0])
