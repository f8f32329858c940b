"""Exact rational functions of ``gamma``, the numbers of the engine's linear algebra, on python-flint's polynomials.

Exponents in a phase diagram are affine in the size exponents with coefficients in Q(gamma). SymPy's fraction
fields are exact but spend about 0.1 ms an operation; a derivation needs some 10^6 of them. Here a rational
function is a pair of coprime integer polynomials, each a tuple of coefficients from the constant term up (which can be
ordered, hashed and kept on disk); flint multiplies, divides and finds common factors.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cache, reduce
from typing import Any, Union

import sympy
from flint import fmpq, fmpq_poly, fmpz_poly

from asymptotix.asymptotics.symbols import GAMMA

IntPoly = tuple[int, ...]
Scalar = Union["RatFun", Fraction, int]


def polynomial(p: Iterable[int] | fmpz_poly) -> Any:
    """flint's form of a polynomial."""
    return p if isinstance(p, fmpz_poly) else fmpz_poly(list(p))


def coefficients(p: fmpz_poly) -> IntPoly:
    """From the constant term up; the zero polynomial is ``()``."""
    return tuple(map(int, p.coeffs()))


def poly_mul(p: IntPoly, q: IntPoly) -> IntPoly:
    return coefficients(polynomial(p) * polynomial(q))


def poly_scale(p: IntPoly, factor: int) -> IntPoly:
    return tuple(factor * c for c in p) if factor else ()


@cache
def poly_divide(p: IntPoly, q: IntPoly) -> IntPoly:
    """``p/q`` for a ``q`` that divides ``p`` over the integers."""
    return coefficients(polynomial(p) // polynomial(q))


@cache
def poly_gcd(*polynomials: IntPoly) -> IntPoly:
    """Greatest common divisor over the integers, leading coefficient positive."""
    return coefficients(reduce(fmpz_poly.gcd, map(polynomial, polynomials), fmpz_poly()))


def poly_at(p: IntPoly, x: Fraction) -> Fraction:
    total = Fraction(0)
    for c in reversed(p):
        total = total * x + c
    return total


class RatFun:
    """A rational function of ``gamma`` with rational coefficients, in lowest terms.

    >>> g = RatFun((0, 1))
    >>> (2 * g - 1) / g + 1 / g == 2
    True
    >>> str(1 - 1 / (2 * g))
    '(2*gamma - 1)/(2*gamma)'
    """

    __slots__ = ("den", "num")

    num: IntPoly
    den: IntPoly

    def __init__(self, num: IntPoly | fmpz_poly, den: IntPoly | fmpz_poly = (1,)) -> None:
        top, bottom = polynomial(num), polynomial(den)
        common = top.gcd(bottom)
        if bottom.leading_coefficient() < 0:
            common = -common
        if not common.is_one():
            top, bottom = top // common, bottom // common
        self.num, self.den = coefficients(top), coefficients(bottom)

    @classmethod
    def of(cls, value: Scalar) -> RatFun:
        if isinstance(value, RatFun):
            return value
        return _constant(value.numerator, value.denominator)

    @classmethod
    def from_sympy(cls, expression: Any) -> RatFun:
        """Convert a SymPy expression that is rational in a symbol called ``gamma``.

        Raises ``ValueError`` for anything else: exponents must be exact.
        """
        return _from_sympy(sympy.sympify(expression))

    def __add__(self, other: Scalar) -> RatFun:
        o = RatFun.of(other)
        if self.den == o.den:
            return RatFun(polynomial(self.num) + polynomial(o.num), self.den)
        bottom, below = polynomial(self.den), polynomial(o.den)
        return RatFun(polynomial(self.num) * below + polynomial(o.num) * bottom, bottom * below)

    def __mul__(self, other: Scalar) -> RatFun:
        o = RatFun.of(other)
        return RatFun(polynomial(self.num) * polynomial(o.num), polynomial(self.den) * polynomial(o.den))

    def __truediv__(self, other: Scalar) -> RatFun:
        o = RatFun.of(other)
        if not o.num:
            raise ZeroDivisionError("division by the zero rational function")
        return RatFun(polynomial(self.num) * polynomial(o.den), polynomial(self.den) * polynomial(o.num))

    def __neg__(self) -> RatFun:
        return RatFun(-polynomial(self.num), self.den)

    def __sub__(self, other: Scalar) -> RatFun:
        return self + (-RatFun.of(other))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Scalar) -> RatFun:
        return RatFun.of(other) - self

    def __rtruediv__(self, other: Scalar) -> RatFun:
        return RatFun.of(other) / self

    def __bool__(self) -> bool:
        return bool(self.num)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RatFun):
            return self.num == other.num and self.den == other.den
        return isinstance(other, (int, Fraction)) and self == RatFun.of(other)

    def __hash__(self) -> int:
        return hash((self.num, self.den))

    def at(self, gamma: Fraction) -> Fraction:
        """The exact value at one ``gamma``."""
        return poly_at(self.num, gamma) / poly_at(self.den, gamma)

    @property
    def constant(self) -> Fraction | None:
        """The value when it does not depend on ``gamma``, else ``None``."""
        return self.at(Fraction(0)) if len(self.num) <= 1 and len(self.den) == 1 else None

    def to_sympy(self) -> Any:
        return _to_sympy(self.num, self.den)

    def __str__(self) -> str:
        return str(self.to_sympy())

    def __repr__(self) -> str:
        return f"RatFun({self})"


@cache
def _constant(numerator: int, denominator: int) -> RatFun:
    return RatFun((numerator,), (denominator,))


@cache
def _to_sympy(num: IntPoly, den: IntPoly) -> Any:
    top, bottom = (sum((c * GAMMA**i for i, c in enumerate(p)), sympy.Integer(0)) for p in (num, den))
    return sympy.factor(top / bottom) if len(den) > 1 else sympy.expand(top / bottom)


@cache
def _from_sympy(expression: Any) -> RatFun:
    symbols = list(expression.free_symbols)
    if [s for s in symbols if s.name != GAMMA.name]:
        raise ValueError(f"{expression} is not a rational function of gamma alone")
    polys = []
    for part in sympy.fraction(sympy.together(expression)):
        rational = sympy.Poly(part, *(symbols or [GAMMA]), domain="QQ").all_coeffs()
        polys.append(fmpq_poly([fmpq(int(c.p), int(c.q)) for c in reversed(rational)]))
    top, bottom = polys
    return RatFun(top.numer() * bottom.denom(), bottom.numer() * top.denom())
