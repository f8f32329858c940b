"""Signs of polynomials in ``gamma`` for ``gamma > 1/2``: where a case split is needed, and where none is.

Real roots are isolated exactly (by flint, in balls that hold one root each); a root is a rational number or an
irreducible polynomial with an isolating interval, and roots compare exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, total_ordering
from itertools import pairwise
from typing import Any

import sympy
from flint import arb

from asymptotix.asymptotics.ratfun import IntPoly, coefficients, poly_at, polynomial
from asymptotix.asymptotics.symbols import GAMMA

GAMMA_MIN = Fraction(1, 2)  # below, the teacher's norm grows with d


@total_ordering
@dataclass(frozen=True, eq=False)
class Root:
    """A real algebraic number: the root of ``poly`` (irreducible) between ``low`` and ``high``."""

    poly: IntPoly
    low: Fraction
    high: Fraction

    @property
    def rational(self) -> Fraction | None:
        return self.low if self.low == self.high else None

    def refined(self) -> Root:
        """Half the isolating interval."""
        middle = (self.low + self.high) / 2
        left, centre = poly_at(self.poly, self.low), poly_at(self.poly, middle)
        if left * centre <= 0:
            return Root(self.poly, self.low, middle)
        return Root(self.poly, middle, self.high)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Root):
            return NotImplemented
        if self.poly != other.poly:
            return False
        return self.low <= other.high and other.low <= self.high

    def __hash__(self) -> int:
        return hash(self.poly)

    def __lt__(self, other: Root) -> bool:
        if self == other:
            return False
        a, b = self, other
        while a.low <= b.high and b.low <= a.high:
            a, b = (
                (a if a.rational is not None else a.refined()),
                (b if b.rational is not None else b.refined()),
            )
        return a.high < b.low

    def to_sympy(self) -> Any:
        if self.rational is not None:
            return sympy.Rational(self.rational.numerator, self.rational.denominator)
        expression = sum(c * GAMMA**i for i, c in enumerate(self.poly))
        candidates = sympy.Poly(expression, GAMMA).real_roots()
        return min(candidates, key=lambda r: abs(r.evalf(30) - sympy.Float(float(self.low))))

    def __str__(self) -> str:
        return str(self.to_sympy())


@cache
def roots(poly: IntPoly) -> tuple[Root, ...]:
    """The distinct real roots of ``poly`` above 1/2, in order."""
    if len(poly) <= 1:
        return ()
    found: list[Root] = []
    for factor, _ in polynomial(poly).factor()[1]:
        ascending = coefficients(factor)
        if len(ascending) == 2:
            found.append(rational_root(Fraction(-ascending[0], ascending[1])))
            continue
        for ball in (x.real for x, _ in factor.complex_roots() if x.imag == 0):
            root = Root(ascending, _fraction(ball.lower()), _fraction(ball.upper()))
            while root.low <= GAMMA_MIN < root.high:
                root = root.refined()
            found.append(root)
    return tuple(sorted(r for r in found if r.low > GAMMA_MIN))


def _fraction(x: arb) -> Fraction:
    exact = x.fmpq()
    return Fraction(int(exact.p), int(exact.q))


@dataclass(frozen=True)
class Interval:
    """An open interval of ``gamma``; ``None`` stands for 1/2 below and infinity above.

    >>> print(Interval().sample())
    7/5
    """

    low: Root | None = None
    high: Root | None = None

    def sample(self) -> Fraction:
        """A rational number inside, the simplest ones first."""
        low, high = self.low, self.high
        while low is not None and high is not None and low.high >= high.low:
            low = low if low.rational is not None else low.refined()
            high = high if high.rational is not None else high.refined()
        left = GAMMA_MIN if low is None else low.high
        right = (max(left, Fraction(1)) + Fraction(13, 10)) if high is None else high.low
        return ((left + right) / 2).limit_denominator(10) if _roomy(left, right) else (left + right) / 2

    def contains(self, root: Root) -> bool:
        return (self.low is None or self.low < root) and (self.high is None or root < self.high)

    def contains_value(self, gamma: Fraction) -> bool:
        return gamma > GAMMA_MIN and self.contains(rational_root(gamma))

    def intersect(self, other: Interval) -> Interval | None:
        low = max((r for r in (self.low, other.low) if r is not None), default=None)
        high = min((r for r in (self.high, other.high) if r is not None), default=None)
        if low is not None and high is not None and not low < high:
            return None
        return Interval(low, high)

    def split(self, points: Iterable[Root]) -> list[Interval]:
        """The pieces between ``points`` that lie inside."""
        inside = sorted({p for p in points if self.contains(p)})
        ends = [self.low, *inside, self.high]
        return [Interval(a, b) for a, b in pairwise(ends)]

    def around(self, gamma: Fraction, points: Iterable[Root]) -> Interval:
        """The piece between ``points`` that holds ``gamma``."""
        here = rational_root(gamma)
        inside = sorted({p for p in points if self.contains(p)})
        low = max((p for p in inside if p < here), default=self.low)
        high = min((p for p in inside if here < p), default=self.high)
        return Interval(low, high)

    def to_sympy(self) -> Any:
        low = sympy.Rational(1, 2) if self.low is None else self.low.to_sympy()
        return low, (sympy.oo if self.high is None else self.high.to_sympy())

    def __str__(self) -> str:
        low, high = self.to_sympy()
        return f"gamma > {low}" if high == sympy.oo else f"{low} < gamma < {high}"


def rational_root(value: Fraction) -> Root:
    return Root((-value.numerator, value.denominator), value, value)


def _roomy(left: Fraction, right: Fraction) -> bool:
    return right - left > Fraction(1, 2)


@cache
def definite_sign(poly: IntPoly) -> int | None:
    """The sign of ``poly`` on all of ``gamma > 1/2``, ``None`` when it changes or vanishes inside."""
    if not poly:
        return 0
    if roots(poly):
        return None
    return 1 if poly_at(poly, Interval().sample()) > 0 else -1
