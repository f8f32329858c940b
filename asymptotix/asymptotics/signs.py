"""Signs of polynomials in ``gamma`` for ``gamma > 1/2``: where a case split is needed, and where none is.

A root is a rational number or one of an irreducible polynomial with its place to 96 binary digits (isolated by flint,
in balls that hold one root each). The few polynomials that occur are of low degree, with small coefficients: by
Mahler's bound their roots are much farther apart, so that places compare as the roots do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import count, pairwise
from typing import Any

import sympy
from flint import ctx

from asymptotix.asymptotics.ratfun import IntPoly, coefficients, poly_at, polynomial
from asymptotix.asymptotics.symbols import GAMMA

GAMMA_MIN = Fraction(1, 2)  # below, the teacher's norm grows with d
SCALE = 2**96


@dataclass(frozen=True, order=True)
class Root:
    """A real algebraic number: the root of ``poly`` (irreducible) from ``place`` to ``place + 1``, over `SCALE`."""

    place: int
    poly: IntPoly

    @property
    def rational(self) -> Fraction | None:
        return Fraction(-self.poly[0], self.poly[1]) if len(self.poly) == 2 else None

    @property
    def low(self) -> Fraction:
        return Fraction(self.place, SCALE) if self.rational is None else self.rational

    @property
    def high(self) -> Fraction:
        return Fraction(self.place + 1, SCALE) if self.rational is None else self.rational

    def to_sympy(self) -> Any:
        if self.rational is not None:
            return sympy.Rational(self.rational.numerator, self.rational.denominator)
        expression = sum(c * GAMMA**i for i, c in enumerate(self.poly))
        candidates = sympy.Poly(expression, GAMMA).real_roots()
        return min(candidates, key=lambda r: abs(r.evalf(30) - sympy.Float(float(self.low))))

    def __str__(self) -> str:
        return str(self.to_sympy())


def rational_root(value: Fraction) -> Root:
    return Root(value.numerator * SCALE // value.denominator, (-value.numerator, value.denominator))


@cache
def roots(poly: IntPoly) -> tuple[Root, ...]:
    """The distinct real roots of ``poly`` above 1/2, in order."""
    if len(poly) <= 1:
        return ()
    found: list[Root] = []
    with ctx.workprec(256):
        for factor, _ in polynomial(poly).factor()[1]:
            own = coefficients(factor)
            if len(own) == 2:
                found.append(rational_root(Fraction(-own[0], own[1])))
                continue
            balls = (x.real for x, _ in factor.complex_roots() if x.imag == 0)
            found += [Root(int((ball * SCALE).floor().unique_fmpz()), own) for ball in balls]
    return tuple(sorted(r for r in found if r > rational_root(GAMMA_MIN)))


@dataclass(frozen=True)
class Interval:
    """An open interval of ``gamma``; ``None`` stands for 1/2 below and infinity above.

    >>> print(Interval().sample())
    7/5
    """

    low: Root | None = None
    high: Root | None = None

    def sample(self) -> Fraction:
        """A rational number inside, of few digits."""
        left = GAMMA_MIN if self.low is None else self.low.high
        right = max(left, Fraction(1)) + Fraction(13, 10) if self.high is None else self.high.low
        middle = (left + right) / 2
        return next(x for k in count(1) if left < (x := middle.limit_denominator(10**k)) < right)

    def contains(self, root: Root) -> bool:
        return (self.low is None or self.low < root) and (self.high is None or root < self.high)

    def contains_value(self, gamma: Fraction) -> bool:
        return gamma > GAMMA_MIN and self.contains(rational_root(gamma))

    def intersect(self, other: Interval) -> Interval | None:
        low = max((r for r in (self.low, other.low) if r is not None), default=None)
        high = min((r for r in (self.high, other.high) if r is not None), default=None)
        return None if low is not None and high is not None and not low < high else Interval(low, high)

    def split(self, points: Iterable[Root]) -> list[Interval]:
        """The pieces between ``points`` that lie inside."""
        inside = sorted({p for p in points if self.contains(p)})
        return [Interval(a, b) for a, b in pairwise([self.low, *inside, self.high])]

    def to_sympy(self) -> Any:
        low = sympy.Rational(1, 2) if self.low is None else self.low.to_sympy()
        return low, (sympy.oo if self.high is None else self.high.to_sympy())

    def __str__(self) -> str:
        low, high = self.to_sympy()
        return f"gamma > {low}" if high == sympy.oo else f"{low} < gamma < {high}"


@cache
def definite_sign(poly: IntPoly) -> int | None:
    """The sign of ``poly`` on all of ``gamma > 1/2``, ``None`` when it changes or vanishes inside."""
    if not poly:
        return 0
    return None if roots(poly) else 1 if poly_at(poly, Interval().sample()) > 0 else -1
