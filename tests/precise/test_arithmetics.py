"""Both arithmetics, operation by operation, against mpmath at more digits."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import flint
import mpmath
import pytest

from asymptotix.errors import InvalidInput
from asymptotix.precise.backend import ENGINES, Backend, bits, working

MP = mpmath.MPContext()
MP.dps = 60


def exactly(b: Backend, x: Any) -> Any:
    return MP.mpf(b.text(x, 45))


@pytest.fixture(params=ENGINES)
def b(request: pytest.FixtureRequest) -> Any:
    with working(request.param, 40) as backend:
        yield backend


def close(b: Backend, found: Any, truth: Any, digits: int = 37) -> None:
    assert abs(exactly(b, b.real(found)) - MP.re(truth)) <= abs(truth) * MP.mpf(10) ** -digits
    assert abs(exactly(b, b.imag(found)) - MP.im(truth)) <= abs(truth) * MP.mpf(10) ** -digits


def test_numbers_are_what_they_say(b: Backend) -> None:
    close(b, b.number(Fraction(-5, 7)), MP.mpf(-5) / 7)
    close(b, b.number("0.1"), MP.mpf("0.1"))
    assert exactly(b, b.number(-3)) == -3
    assert exactly(b, b.number(0.375)) == MP.mpf("0.375")
    for name in ENGINES:  # of either arithmetic
        with working(name, 40) as other:
            third = other.number(Fraction(-1, 3))
        close(b, b.number(third), -MP.mpf(1) / 3)


@pytest.mark.parametrize("w", [(1.0, 0.0), (0.3, 0.4), (-0.3, 1e-20), (-2.0, 0.0), (1.0, 1e-30)])
def test_angles(b: Backend, w: tuple[float, float]) -> None:
    found, truth = b.angle(b.complex(*map(b.number, w))), MP.atan2(MP.mpf(w[1]), MP.mpf(w[0]))
    assert abs(exactly(b, found) - truth) < MP.mpf("1e-38")


@pytest.mark.parametrize(("s", "a"), [("2.5", 1), ("0.6", 7), ("-3.5", 40), ("3", 10**20), ("1.25", 2000)])
def test_hurwitz_zeta(b: Backend, s: str, a: int) -> None:
    if a < 10**6:
        close(b, b.hurwitz(b.number(s), a), MP.zeta(MP.mpf(s), a), 36)
    else:  # Euler and Maclaurin's first terms are enough
        x = MP.mpf(a) - MP.mpf("0.5")
        close(b, b.hurwitz(b.number(s), a), x**-2 / 2 - MP.mpf(3) / 24 * x**-4, 36)


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("w", [(2.3, 0.4), (-1.3, 0.4), (0.0, 1.0)])
def test_digamma(b: Backend, order: int, w: tuple[float, float]) -> None:
    close(b, b.digamma(b.complex(*map(b.number, w)), order), MP.psi(order, MP.mpc(*w)), 35)


@pytest.mark.parametrize("w", [(0.3, 0.4), (-1.3, 0.4), (2.0, 3.0), (0.6, 0.8)])
def test_gauss_hypergeometric_function(b: Backend, w: tuple[float, float]) -> None:
    close(
        b,
        b.hyp2f1(b.number("-0.8"), b.complex(*map(b.number, w))),
        MP.hyp2f1(1, MP.mpf("-0.8"), MP.mpf("0.2"), MP.mpc(*w)),
        34,
    )


@pytest.mark.parametrize("order", [1, 2, 5, 24])
def test_nodes_of_gauss_and_legendre_integrate_polynomials(b: Backend, order: int) -> None:
    rule = b.legendre(order)
    assert len(rule) == order
    for power in {0, 1, order - 1, order, 2 * order - 2, 2 * order - 1}:
        total = sum((w * x**power for x, w in rule), b.number(0))
        assert abs(exactly(b, total) - (MP.mpf(2) / (power + 1) if power % 2 == 0 else 0)) < MP.mpf("1e-37")
    highest = sum((w * x ** (2 * order) for x, w in rule), b.number(0))
    assert 0 <= exactly(b, highest) < MP.mpf(2) / (2 * order + 1)  # the first power that is missed


def test_polynomials_and_their_slopes(b: Backend) -> None:
    x = b.complex(b.number("0.3"), b.number("-0.2"))
    value, slope = b.polynomial([b.number(2), b.number(-1), b.number(5)])[1](x)
    z = MP.mpc("0.3", "-0.2")
    close(b, value, 2 - z + 5 * z * z)
    close(b, slope, -1 + 10 * z)


@pytest.mark.parametrize("x", ["1e-5000", "-3.25", "7e4000", "1"])
def test_magnitude_is_the_logarithm_of_the_size(b: Backend, x: str) -> None:
    assert b.magnitude(b.number(x)) == pytest.approx(float(MP.log(abs(MP.mpf(x)))), rel=1e-15, abs=1e-15)
    assert b.magnitude(b.number(0)) == -math.inf


@pytest.mark.parametrize(("x", "floor"), [("3.7", 3), ("-3.2", -4), ("12", 12), ("1e20", 10**20)])
def test_floor(b: Backend, x: str, floor: int) -> None:
    assert b.floor(b.number(x)) == floor


def test_functions(b: Backend) -> None:
    x = b.number("1.3")
    for name in ("exp", "log", "sqrt", "sin", "erfc", "zeta"):
        close(b, getattr(b, name)(x), getattr(MP, name)(MP.mpf("1.3")))
    close(b, b.atan2(b.number(1), b.number(-2)), MP.atan2(1, -2))
    close(b, b.bernoulli(8), -MP.mpf(1) / 30)
    close(b, b.pi, MP.pi)


def test_balls_are_widened_and_the_reference_has_none() -> None:
    with working("flint", 40) as b:
        wide = b.widen(b.number(3), b.number("-0.25"))
        assert b.double(b.radius(wide)) == pytest.approx(0.25, rel=1e-8)
        assert wide.contains(flint.arb("3.2499"))
        assert not wide.contains(flint.arb("3.2501"))
        for log_bound in (-2.0, -50.3, 3.0):
            both = b.cwiden(b.complex(1, 2), log_bound)
            for x in (both.real, both.imag):  # rounded up to a power of 2, and that one's neighbour
                assert math.exp(log_bound) <= b.double(b.radius(x)) < 4.01 * math.exp(log_bound)
        assert b.radius(b.midpoint(wide)) == 0
    with working("mpmath", 40) as m:
        assert m.widen(m.number(3), m.number(1)) == 3
        assert m.cwiden(m.complex(1, 2), 0.0) == m.complex(1, 2)
        assert m.radius(m.number(3)) == 0


def test_precision_is_that_of_the_block_and_restored() -> None:
    before = flint.ctx.prec
    with working("flint", 70):
        assert flint.ctx.prec == bits(70) >= math.ceil(70 * math.log2(10)) + 8
        with working("flint", 20):
            assert flint.ctx.prec == bits(20)
        assert flint.ctx.prec == bits(70)
    assert flint.ctx.prec == before
    with pytest.raises(InvalidInput, match="engine"), working("decimal", 20):
        pass
