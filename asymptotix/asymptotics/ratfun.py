"""Exact rational functions of ``gamma``, the numbers of the engine's linear algebra.

Exponents in a phase diagram are affine in the size exponents with coefficients in Q(gamma). SymPy's fraction
fields are exact but spend about 0.1 ms an operation; a derivation needs some 10^6 of them. Here a rational
function is a pair of coprime integer polynomials (coefficients from the constant term up); reductions to
lowest terms are remembered, because the same few denominators return all the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import gcd
from typing import Any, Union

import sympy

from asymptotix.asymptotics.symbols import GAMMA

IntPoly = tuple[int, ...]
Scalar = Union["RatFun", Fraction, int]


def trim(coefficients: Sequence[int]) -> IntPoly:
    """Drop leading zeros; the zero polynomial is ``()``."""
    end = len(coefficients)
    while end and coefficients[end - 1] == 0:
        end -= 1
    return tuple(coefficients[:end])


def poly_add(p: IntPoly, q: IntPoly) -> IntPoly:
    if len(p) < len(q):
        p, q = q, p
    return trim([c + (q[i] if i < len(q) else 0) for i, c in enumerate(p)])


def poly_mul(p: IntPoly, q: IntPoly) -> IntPoly:
    if not p or not q:
        return ()
    out = [0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        if a:
            for j, b in enumerate(q):
                out[i + j] += a * b
    return tuple(out)


def poly_scale(p: IntPoly, factor: int) -> IntPoly:
    return tuple(factor * c for c in p) if factor else ()


def content(p: IntPoly) -> int:
    return gcd(*p) if p else 0


def primitive(p: IntPoly) -> IntPoly:
    """``p`` divided by its content, with a positive leading coefficient."""
    if not p:
        return ()
    g = content(p) if p[-1] > 0 else -content(p)
    return tuple(c // g for c in p)


@cache
def poly_divide(p: IntPoly, q: IntPoly) -> IntPoly | None:
    """Exact quotient ``p/q`` over the integers, or ``None`` when ``q`` does not divide ``p``."""
    rest, out = list(p), [0] * max(len(p) - len(q) + 1, 0)
    for shift in range(len(out) - 1, -1, -1):
        top, remainder = divmod(rest[shift + len(q) - 1], q[-1])
        if remainder:
            return None
        out[shift] = top
        for i, c in enumerate(q):
            rest[shift + i] -= top * c
    return None if any(rest) else trim(out)


@cache
def poly_gcd(p: IntPoly, q: IntPoly) -> IntPoly:
    """Greatest common divisor over the integers (primitive Euclid), leading coefficient positive."""
    if not p or not q:
        r = p or q
        return poly_scale(primitive(r), content(r)) if r else ()
    common = gcd(content(p), content(q))
    a, b = primitive(p), primitive(q)
    while b:
        a, b = b, primitive(_pseudo_remainder(a, b))
    return poly_scale(a, common)


def _pseudo_remainder(a: IntPoly, b: IntPoly) -> IntPoly:
    rest = list(a)
    while len(rest) >= len(b):
        lead, shift = rest[-1], len(rest) - len(b)
        rest = [c * b[-1] for c in rest]
        for i, c in enumerate(b):
            rest[shift + i] -= lead * c
        rest = list(trim(rest[:-1]))
        if not rest:
            break
    return tuple(rest)


def poly_at(p: IntPoly, x: Fraction) -> Fraction:
    total = Fraction(0)
    for c in reversed(p):
        total = total * x + c
    return total


@cache
def _lowest_terms(num: IntPoly, den: IntPoly) -> tuple[IntPoly, IntPoly]:
    if not num:
        return (), (1,)
    g = poly_gcd(num, den)
    if den[-1] < 0:
        g = poly_scale(g, -1)
    top, bottom = poly_divide(num, g), poly_divide(den, g)
    assert top is not None
    assert bottom is not None
    return top, bottom


class RatFun:
    """A rational function of ``gamma`` with rational coefficients, in lowest terms.

    >>> g = RatFun((0, 1))
    >>> (2 * g - 1) / g + 1 / g == 2
    True
    >>> str(1 - 1 / (2 * g))
    '(2*gamma - 1)/(2*gamma)'
    """

    __slots__ = ("den", "num")

    def __init__(self, num: IntPoly, den: IntPoly = (1,)) -> None:
        self.num, self.den = _lowest_terms(trim(num), trim(den))

    @classmethod
    def of(cls, value: Scalar) -> RatFun:
        if isinstance(value, RatFun):
            return value
        exact = Fraction(value)
        return cls((exact.numerator,), (exact.denominator,))

    @classmethod
    def from_sympy(cls, expression: Any) -> RatFun:
        """Convert a SymPy expression that is rational in a symbol called ``gamma``.

        Raises ``ValueError`` for anything else: exponents must be exact.
        """
        return _from_sympy(sympy.sympify(expression))

    def __add__(self, other: Scalar) -> RatFun:
        o = RatFun.of(other)
        if self.den == o.den:
            return RatFun(poly_add(self.num, o.num), self.den)
        return RatFun(
            poly_add(poly_mul(self.num, o.den), poly_mul(o.num, self.den)), poly_mul(self.den, o.den)
        )

    def __mul__(self, other: Scalar) -> RatFun:
        o = RatFun.of(other)
        return RatFun(poly_mul(self.num, o.num), poly_mul(self.den, o.den))

    def __truediv__(self, other: Scalar) -> RatFun:
        o = RatFun.of(other)
        if not o.num:
            raise ZeroDivisionError("division by the zero rational function")
        return RatFun(poly_mul(self.num, o.den), poly_mul(self.den, o.num))

    def __neg__(self) -> RatFun:
        return RatFun(poly_scale(self.num, -1), self.den)

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
        if len(self.num) <= 1 and len(self.den) == 1:
            return Fraction(self.num[0] if self.num else 0, self.den[0])
        return None

    def to_sympy(self) -> Any:
        return _to_sympy(self.num, self.den)

    def __str__(self) -> str:
        return str(self.to_sympy())

    def __repr__(self) -> str:
        return f"RatFun({self})"


@cache
def _to_sympy(num: IntPoly, den: IntPoly) -> Any:
    top, bottom = (sum((c * GAMMA**i for i, c in enumerate(p)), sympy.Integer(0)) for p in (num, den))
    return sympy.factor(top / bottom) if len(den) > 1 else sympy.expand(top / bottom)


@cache
def _from_sympy(expression: Any) -> RatFun:
    symbols = list(expression.free_symbols)
    if [s for s in symbols if s.name != GAMMA.name]:
        raise ValueError(f"{expression} is not a rational function of gamma alone")
    top, bottom = sympy.fraction(sympy.together(expression))
    polys = []
    for part in (top, bottom):
        poly = sympy.Poly(part, *(symbols or [GAMMA]), domain="QQ")
        polys.append([Fraction(int(c.p), int(c.q)) for c in reversed(poly.all_coeffs())])
    scale = 1
    for c in polys[0] + polys[1]:
        scale = scale * c.denominator // gcd(scale, c.denominator)
    ints = [tuple(int(c * scale) for c in p) for p in polys]
    return RatFun(ints[0], ints[1])
