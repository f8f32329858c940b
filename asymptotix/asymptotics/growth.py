"""Orders of growth ``constant * d**e * (log d)**q`` as ``d`` tends to infinity.

``e`` is affine in the size exponents ``a, l, zeta, b`` (``n_eff = d**a``, ``lam = d**l``, ``Delta = d**-zeta``,
width ``p = d**b``) with coefficients in Q(gamma), ``q`` is in Q(gamma), and ``constant`` is an exact positive
SymPy expression.
Products and powers are exact. A comparison is definite, or it names the form whose sign decides it; it is never a
guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import sympy

from asymptotix.asymptotics.ratfun import RatFun, Scalar, from_flint, to_flint
from asymptotix.asymptotics.signs import definite_sign
from asymptotix.asymptotics.symbols import GAMMA

PARAMETERS = ("a", "l", "zeta", "b")
SYMBOLS = {name: sympy.Symbol(name, real=True) for name in PARAMETERS}
LOG_D = sympy.Symbol("log(d)", positive=True)
Expr = Any  # a SymPy expression; SymPy ships no types


@dataclass(frozen=True, order=True)
class Affine:
    """``coords[0] + coords[1] a + coords[2] l + coords[3] zeta + coords[4] b`` with coefficients in Q(gamma).

    >>> str(Affine.of(1) - Affine.parameter("a") / 2)
    '1 - a/2'
    """

    coords: tuple[RatFun, ...]

    @classmethod
    def of(cls, value: Scalar) -> Affine:
        return cls((RatFun.of(value), *(RatFun.of(0) for _ in PARAMETERS)))

    @classmethod
    def parameter(cls, name: str) -> Affine:
        return cls((RatFun.of(0), *(RatFun.of(int(name == p)) for p in PARAMETERS)))

    def __add__(self, other: Affine) -> Affine:
        return Affine(tuple(x + y for x, y in zip(self.coords, other.coords, strict=True)))

    def __sub__(self, other: Affine) -> Affine:
        return Affine(tuple(x - y for x, y in zip(self.coords, other.coords, strict=True)))

    def __neg__(self) -> Affine:
        return Affine(tuple(-x for x in self.coords))

    def __mul__(self, factor: Scalar) -> Affine:
        return Affine(tuple(x * factor for x in self.coords)) if factor else Affine.of(0)

    def __truediv__(self, factor: Scalar) -> Affine:
        return Affine(tuple(x / factor for x in self.coords))

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return any(self.coords)

    @property
    def sign(self) -> int | None:
        """The sign for all parameters and all ``gamma > 1/2``, or ``None``."""
        if any(self.coords[1:]):
            return None
        value = self.coords[0]
        top, bottom = definite_sign(value.num), definite_sign(value.den)
        return None if top is None or bottom is None else top * bottom

    def at(self, gamma: Fraction, point: Sequence[Fraction]) -> Fraction:
        place, (one, *rest) = to_flint(gamma), self.coords
        terms = (x.value(place) * to_flint(p) for x, p in zip(rest, point, strict=True) if x)
        return from_flint(sum(terms, one.value(place)))

    @cache  # noqa: B019  forms are few
    def to_sympy(self) -> Expr:
        one, *rest = (shortest(x.to_sympy()) for x in self.coords)
        return one + sum(x * SYMBOLS[p] for p, x in zip(PARAMETERS, rest, strict=True))

    def __str__(self) -> str:
        return str(self.to_sympy())


@cache
def shortest(x: Expr) -> Expr:
    """The most readable way to write a rational function of ``gamma``."""
    forms = [sympy.factor(x), sympy.expand(x), sympy.apart(x, GAMMA)] if x.has(GAMMA) else [x]
    return min(forms, key=lambda form: len(str(form)))


@dataclass(frozen=True)
class Growth:
    """``constant * d**exponent * (log d)**log_power``.

    >>> d = Growth.power_of_d(1)
    >>> print(d**2 * Growth.known(sympy.sqrt(2)))
    sqrt(2)*d**2
    """

    constant: Expr
    exponent: Affine
    log_power: RatFun

    @classmethod
    def known(cls, constant: Expr) -> Growth:
        return cls(sympy.sympify(constant), Affine.of(0), RatFun.of(0))

    @classmethod
    def power_of_d(cls, exponent: Scalar | Affine) -> Growth:
        form = exponent if isinstance(exponent, Affine) else Affine.of(exponent)
        return cls(sympy.Integer(1), form, RatFun.of(0))

    def __mul__(self, other: Growth) -> Growth:
        exponent = self.exponent + other.exponent
        return Growth(self.constant * other.constant, exponent, self.log_power + other.log_power)

    def __pow__(self, power: Scalar) -> Growth:
        p = RatFun.of(power)
        return Growth(power_of(self.constant, p), self.exponent * p, self.log_power * p)

    def __truediv__(self, other: Growth) -> Growth:
        return self * other**-1

    @property
    def deciding(self) -> Affine:
        """The form whose sign tells whether it grows: the exponent, or the power of ``log d`` where that vanishes."""
        return self.exponent or Affine.of(self.log_power)

    def to_sympy(self) -> Expr:
        d = sympy.Symbol("d", positive=True)
        return self.constant * d ** self.exponent.to_sympy() * LOG_D ** self.log_power.to_sympy()

    def __str__(self) -> str:
        return str(self.to_sympy())


def power_of(constant: Expr, power: RatFun) -> Expr:
    """``constant**power`` for a positive constant, distributing over products."""
    if not power or constant == 1:
        return sympy.Integer(1)
    return sympy.Pow(constant, power.to_sympy())


@cache
def tidy(constant: Expr) -> Expr:
    """A positive constant in its shortest form (every base is positive, so powers may be combined)."""
    flat = sympy.expand_power_base(sympy.powdenest(constant, force=True), force=True)
    flat = sympy.powdenest(flat, force=True)
    forms = [constant, flat, sympy.powsimp(flat, force=True), sympy.simplify(flat)]
    return min(forms, key=lambda form: len(str(form)))
