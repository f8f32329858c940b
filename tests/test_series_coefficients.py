"""Coefficients of series, each by itself: one of high order is too small to show in the sums it serves."""

from __future__ import annotations

import math
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from asymptotix.asymptotics.expansions import scalar_threshold, spectral_threshold
from asymptotix.networks import diagonal
from asymptotix.networks.gaussian_sums import Group
from asymptotix.precise import series, soft_threshold
from asymptotix.precise.backend import working
from asymptotix.risk import scalar_parts

MP = mpmath.MPContext()
MP.dps = 40


def six(a: Any, c: Any) -> list[Any]:
    """``r - a^2``, ``s``, their slopes in ``c``, ``a dr/da - 2 a^2`` and ``a ds/da``, by the moments of the normal."""

    def risk(a: Any, c: Any) -> Any:
        out = -2 * a * (first(c - a) - first(c + a))
        return out + second(c - a) + second(c + a)

    def beyond(x: Any) -> Any:
        return MP.erfc(x / MP.sqrt(2)) / 2

    def first(x: Any) -> Any:
        return MP.exp(-x * x / 2) / MP.sqrt(2 * MP.pi) - x * beyond(x)

    def second(x: Any) -> Any:
        return beyond(x) - x * first(x)

    def count(a: Any, c: Any) -> Any:
        return beyond(c - a) + beyond(c + a)

    return [
        risk(a, c),
        count(a, c),
        MP.diff(lambda y: risk(a, y), c),
        MP.diff(lambda y: count(a, y), c),
        a * MP.diff(lambda x: risk(x, c), a),
        a * MP.diff(lambda x: count(x, c), a),
    ]


def taylor(c: Any, order: int) -> list[list[Any]]:
    """Taylor coefficients of the six in ``a`` at 0, from values on the unit circle: they are entire."""
    roots = [MP.expjpi(MP.mpf(k) / 20) for k in range(40)]
    columns = zip(*(six(root, c) for root in roots), strict=True)
    return [
        [
            MP.re(sum(v * root**-n for v, root in zip(values, roots, strict=True))) / 40
            for n in range(order + 1)
        ]
        for values in columns
    ]


@pytest.mark.parametrize("c", [0.2, 0.7, 2.6])
def test_moments_of_small_coefficients_in_doubles(c: float) -> None:
    """What each sum of ``a^2k`` adds to risk and degrees of freedom; both forms, on either side of c = 1/2."""

    def parts(which: int) -> np.ndarray:
        """Of one coefficient that is zero but for one sum of its powers, which is 1."""
        moments = tuple(0.0 if k == which else -math.inf for k in range(1, 5))
        response = diagonal._response(
            math.log(c), c, Group(np.zeros(0), np.zeros(0), 0.0, 1.0, moments), 0.0, 1.0
        )
        return np.array([response.rho, response.dof])

    risk, count = taylor(MP.mpf(c), 8)[:2]
    risk[2] += 1  # a^2 itself
    for k in range(5):
        rho, dof = parts(k) - (parts(0) if k else 0.0)
        assert rho == pytest.approx(float(risk[2 * k]), rel=1e-10)
        if k < 4:  # the last moment is not needed there: a^8 is below rounding
            assert dof == pytest.approx(float(count[2 * k]), rel=1e-10)


class _Moments:
    """A spectrum of which nothing is known but one sum of powers."""

    rank, d = 5.0, 0.0

    def __init__(self, power: float) -> None:
        self.power = power
        if power == 0:
            self.d = 1.0

    def log_power_sum(self, first: float, last: float, power: float) -> float:
        return 0.0 if power == self.power else -math.inf


@pytest.mark.parametrize("c", [0.3, 1.1, 2.6])
def test_moments_of_small_coefficients_in_the_parts_of_the_error(c: float) -> None:
    risk, count = (x[::2] for x in taylor(MP.mpf(c), 8)[:2])  # powers of a^2
    risk[1] += 1
    missed = [MP.mpf(0), *((k == 0) - x for k, x in enumerate(count[:-1]))]  # a^2 (1 - s)
    fitted = [x - y for x, y in zip(risk, missed, strict=True)]
    for k in range(5):
        found = scalar_parts._small_sums(_Moments(2.0 * k), c, 0.0, 0.0)  # type: ignore[arg-type]
        assert found[0] == pytest.approx(float(missed[k]), rel=1e-10)
        assert found[1] == pytest.approx(float(fitted[k]), rel=1e-10, abs=1e-16)
        # E (|a + z| - c)_+^2 has the second derivatives 2 s in a
        curve = float(2 * count[k - 1] / (2 * k * (2 * k - 1))) if k else float(fitted[0])
        assert found[2] == pytest.approx(curve, rel=1e-10)
        if k < 4:
            assert found[3] == pytest.approx(float(count[k]), rel=1e-10)
        assert found[4] == (1.0 if k == 1 else 0.0)


@pytest.mark.parametrize("c", ["0.3", "2.1"])
def test_moments_of_small_coefficients_in_many_digits(c: str) -> None:
    orders = 5
    exact = taylor(MP.mpf(c), 2 * orders)
    with working("flint", 40) as b:
        zero, one = b.number(0), b.number(1)
        none = soft_threshold.small_sums(b, b.number(c), zero, [zero] * orders)
        assert all(x == 0 for x in none)
        for k in range(1, orders + 1):
            unit = [one if j == k else zero for j in range(1, orders + 1)]
            for which, ball in enumerate(soft_threshold.small_sums(b, b.number(c), zero, unit)):
                if k < orders or which in (0, 2, 4):
                    assert b.double(ball) == pytest.approx(float(exact[which][2 * k]), rel=1e-10, abs=1e-20)
        for which, ball in enumerate(soft_threshold.small_sums(b, b.number(c), one, [])):
            assert b.double(ball) == pytest.approx(float(exact[which][0]), rel=1e-10, abs=1e-20)


def test_taylor_series_of_the_six_functions() -> None:
    """Composed with ``a + h + h^2/2``, at a point on the threshold's flank."""
    length, a, c = 6, MP.mpf("1.3"), MP.mpf("1.9")
    with working("flint", 40) as b:
        path = [b.number("1.3"), b.number(1), b.number("0.5"), *[b.number(0)] * (length - 3)]
        found = soft_threshold.six_series(b, path, b.number("1.9"))
        for which in (0, 1, 2, 3):  # the two others are derivatives of these
            exact = MP.taylor(lambda h, i=which: six(a + h + h * h / 2, c)[i], 0, length - 2)
            for order, value in enumerate(exact):
                assert b.double(found[which][order]) == pytest.approx(float(value), rel=1e-8, abs=1e-12)
        for which, ball in enumerate(soft_threshold.six(b, b.number("1.3"), b.number("1.9"))):
            expected = float(six(a, c)[which]) - (0.0 if which != 4 else 2 * 1.3**2)
            assert b.double(ball) == pytest.approx(expected, rel=1e-9) or which == 4
            assert b.double(found[which][0]) == pytest.approx(b.double(ball), rel=1e-12)


def test_operations_on_series() -> None:
    length = 9
    with working("flint", 30) as b:

        def agrees(found: list[Any], function: Any, count: int = length) -> None:
            exact = MP.taylor(function, 0, count - 1)
            assert [b.double(x) for x in found[:count]] == pytest.approx([float(x) for x in exact], rel=1e-12)

        def polynomial(h: Any) -> Any:
            return sum(MP.mpf(k + 2) / 3 * (-h) ** k for k in range(length))

        p = [b.number(k + 2) / 3 * (-1) ** k for k in range(length)]
        q = series.binomial(b.number("1.5"), b.number("-0.7"), length)
        agrees(q, lambda h: (1 + h / MP.mpf("1.5")) ** MP.mpf("-0.7"))
        agrees(series.multiply(p, q), lambda h: polynomial(h) * (1 + h / MP.mpf("1.5")) ** MP.mpf("-0.7"))
        agrees(series.exponential(b, p), lambda h: MP.exp(polynomial(h)))
        agrees(series.reciprocal(p), lambda h: 1 / polynomial(h))
        for k in range(1, length):
            assert (series.derivative(p)[k - 1] - k * p[k]).contains(0)
            assert (series.integral(b.number(4), p)[k] - p[k - 1] / k).contains(0)
        assert series.integral(b.number(4), p)[0] == 4
        agrees(series.add(p, q, b.number(-3)), lambda h: polynomial(h) - 3 * (1 + h / 1.5) ** MP.mpf("-0.7"))


@pytest.mark.parametrize("sides", [1, 2])
def test_both_terms_of_the_leaked_noise_behind_a_gaussian_tail(sides: int) -> None:
    """``j = q (A c^-3 + B c^-5 + ...)``: at c = 1e4 the third term is 1e-7 of the second."""
    lead, second = scalar_threshold.noise_share(sides).at_edge
    c = MP.mpf(10) ** 4
    with MP.workdps(60):
        scaled = MP.quad(lambda t: t * t * MP.exp(-t * c - t * t / 2), [0, 1 / c, 10 / c, 200 / c]) / MP.sqrt(
            2 * MP.pi
        )
        exact = sides * scaled
    a, b = MP.mpf(str(lead.coefficient.evalf(50))), MP.mpf(str(second.coefficient.evalf(50)))
    assert (lead.powers["c"], second.powers["c"]) == (-3, -5)
    assert exact * c**3 == pytest.approx(a, rel=1e-6)
    assert float((exact - a * c**-3) * c**5) == pytest.approx(float(b), rel=1e-6)


@pytest.mark.parametrize("sides", [1, 2])
def test_both_terms_of_the_leaked_noise_at_a_square_root_edge(sides: int) -> None:
    """``j = A g^(7/2) + B g^(9/2) + ...`` in the gap ``g = 2 - c``: at g = 1e-6 a third term is small."""
    share = spectral_threshold.noise_share(sides)
    lead, second = share.at_edge
    g = MP.mpf(10) ** -6
    exact = sides * MP.quad(lambda h: (g - h) ** 2 * MP.sqrt(h * (4 - h)) / (2 * MP.pi), [0, g])
    a, b = MP.mpf(str(lead.coefficient.evalf(50))), MP.mpf(str(second.coefficient.evalf(50)))
    assert (lead.powers["gap"], second.powers["gap"], share.edge) == (sp.Rational(7, 2), sp.Rational(9, 2), 2)
    assert float(exact / g**3.5) == pytest.approx(float(a), rel=1e-5)
    assert float((exact - a * g ** MP.mpf("3.5")) / g ** MP.mpf("4.5")) == pytest.approx(float(b), rel=1e-5)
