"""Exact rational functions of ``gamma``, the numbers of the engine's linear algebra, on python-flint's polynomials.

Exponents in a phase diagram are affine in the size exponents with coefficients in Q(gamma). SymPy's fraction
fields are exact but spend about 0.1 ms an operation; a derivation needs some 10^6 of them. Here a rational
function is a pair of coprime integer polynomials, which flint multiplies and divides.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, Union

import sympy
from flint import fmpq, fmpq_poly, fmpz_poly

from asymptotix.asymptotics.symbols import GAMMA

IntPoly = tuple[int, ...]
"""Coefficients from the constant term up, which can be ordered and hashed; the zero polynomial is ``()``."""
Scalar = Union["RatFun", Fraction, int]


def polynomial(p: Iterable[int] | fmpz_poly) -> Any:
    """flint's form of a polynomial."""
    return p if isinstance(p, fmpz_poly) else fmpz_poly(list(p))


def coefficients(p: fmpz_poly) -> IntPoly:
    return tuple(map(int, p.coeffs()))


def poly_at(p: IntPoly, x: Fraction) -> Fraction:
    return from_flint(polynomial(p)(to_flint(x)))


def to_flint(x: Fraction | int) -> fmpq:
    """flint's form of a number, ten times faster to reckon with."""
    return fmpq(x.numerator, x.denominator)


def from_flint(x: fmpq) -> Fraction:
    return Fraction(int(x.p), int(x.q))


class RatFun:
    """A rational function ``top/bottom`` of ``gamma`` with rational coefficients, in lowest terms.

    >>> g = RatFun((0, 1))
    >>> (2 * g - 1) / g + 1 / g == 2
    True
    >>> str(1 - 1 / (2 * g))
    '(2*gamma - 1)/(2*gamma)'
    """

    def __init__(self, top: IntPoly | fmpz_poly, bottom: IntPoly | fmpz_poly = (1,)) -> None:
        top, bottom = polynomial(top), polynomial(bottom)
        common = top.gcd(bottom)
        if bottom.leading_coefficient() < 0:
            common = -common
        self.top, self.bottom = (top, bottom) if common.is_one() else (top // common, bottom // common)

    @cached_property
    def num(self) -> IntPoly:
        return coefficients(self.top)

    @cached_property
    def den(self) -> IntPoly:
        return coefficients(self.bottom)

    def __reduce__(self) -> tuple[type[RatFun], tuple[IntPoly, IntPoly]]:
        return RatFun, (self.num, self.den)

    @staticmethod
    def of(value: Scalar) -> RatFun:
        return value if isinstance(value, RatFun) else _constant(value.numerator, value.denominator)

    def __add__(self, other: Scalar) -> RatFun:
        o = RatFun.of(other)
        if self.bottom == o.bottom:
            return RatFun(self.top + o.top, self.bottom)
        return RatFun(self.top * o.bottom + o.top * self.bottom, self.bottom * o.bottom)

    def __mul__(self, other: Scalar) -> RatFun:
        o = RatFun.of(other)
        return RatFun(self.top * o.top, self.bottom * o.bottom)

    def __truediv__(self, other: Scalar) -> RatFun:
        o = RatFun.of(other)
        if not o:
            raise ZeroDivisionError("division by the zero rational function")
        return RatFun(self.top * o.bottom, self.bottom * o.top)

    def __neg__(self) -> RatFun:
        return RatFun(-self.top, self.bottom)

    def __sub__(self, other: Scalar) -> RatFun:
        return self + (-RatFun.of(other))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Scalar) -> RatFun:
        return RatFun.of(other) - self

    def __rtruediv__(self, other: Scalar) -> RatFun:
        return RatFun.of(other) / self

    def __bool__(self) -> bool:
        return bool(self.top)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RatFun | int | Fraction):
            return NotImplemented
        o = RatFun.of(other)
        return bool(self.top == o.top and self.bottom == o.bottom)

    def __lt__(self, other: RatFun) -> bool:
        """Some order, by which rows are sorted."""
        return (self.num, self.den) < (other.num, other.den)

    def __hash__(self) -> int:
        return hash((self.num, self.den))

    def at(self, gamma: Fraction) -> Fraction:
        """The exact value at one ``gamma``."""
        return from_flint(self.value(to_flint(gamma)))

    def value(self, gamma: fmpq) -> fmpq:
        return self.top(gamma) / self.bottom(gamma)

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
def gamma_of(expression: Any) -> RatFun:
    """A SymPy expression that is rational in a symbol called ``gamma``.

    Raises ``ValueError`` for anything else: exponents must be exact.
    """
    expression = sympy.sympify(expression)
    symbols = list(expression.free_symbols)
    if [s for s in symbols if s.name != GAMMA.name]:
        raise ValueError(f"{expression} is not a rational function of gamma alone")
    polys = []
    for part in sympy.fraction(sympy.together(expression)):
        rational = sympy.Poly(part, *(symbols or [GAMMA]), domain="QQ").all_coeffs()
        polys.append(fmpq_poly([fmpq(int(c.p), int(c.q)) for c in reversed(rational)]))
    top, bottom = polys
    return RatFun(top.numer() * bottom.denom(), bottom.numer() * top.denom())
