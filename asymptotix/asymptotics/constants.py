"""Constants of the unknowns, once it is known which terms of each equation are of leading order.

A two-term equation is log-linear in the constants. Where more terms tie, the equation is linear in the one
monomial that the others leave open; its value must come out positive, or the balance does not exist.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import sympy

from asymptotix.asymptotics.growth import Expr, power_of
from asymptotix.asymptotics.linear import solution
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.symbols import GAMMA, RATIO

Vector = tuple[RatFun, ...]
Weighted = tuple[Expr, Vector]  # constant * prod(unknown constant ** power), constant signed


_RATIOS = tuple(sympy.Rational(x, 10) for x in (1, 5, 9))


class NoBalance(ArithmeticError):
    """The leading terms cannot balance with positive constants."""


@dataclass(frozen=True)
class LogLinear:
    """Known values of monomials in the unknown constants: ``prod(C**vector) = value``."""

    vectors: tuple[Vector, ...] = ()
    values: tuple[Expr, ...] = ()

    def value(self, vector: Vector) -> Expr | None:
        """The value of a monomial if the known ones determine it."""
        if not any(vector):
            return sympy.Integer(1)
        if not self.vectors:
            return None
        weights = solution(self.vectors, vector)
        if weights is None:
            return None
        return sympy.Mul(
            *(power_of(value, weight) for value, weight in zip(self.values, weights, strict=True))
        )


def solve_constants(equations: Sequence[Sequence[Weighted]], count: int, within: Interval) -> list[Expr]:
    """The constants of ``count`` unknowns from equations ``sum of weighted monomials = 0``.

    Raises :class:`NoBalance` when a monomial would have to be negative or an equation cannot be used.
    """
    known, open_equations = LogLinear(), [list(e) for e in equations]
    while open_equations:
        for equation in sorted(open_equations, key=len):
            step = _solve_one(equation, known, within)
            if step is not None:
                known = step
                open_equations.remove(equation)
                break
        else:
            raise NoBalance("the leading terms leave a polynomial system in more than one unknown constant")
    found = [known.value(tuple(RatFun.of(int(i == j)) for j in range(count))) for i in range(count)]
    if None in found:
        raise NoBalance("the leading terms do not determine every constant")
    return found


def _solve_one(equation: Sequence[Weighted], known: LogLinear, within: Interval) -> LogLinear | None:
    """Use one equation: each monomial over the first is known, or proportional to a single open one."""
    reference = equation[0][1]
    direction: Vector | None = None  # the open one, and its total weight
    constant: Expr = sympy.Integer(0)
    total: Expr = sympy.Integer(0)
    for weight, vector in equation:
        relative = tuple(x - y for x, y in zip(vector, reference, strict=True))
        value = known.value(relative)
        if value is not None:
            constant += weight * value
            continue
        direction = direction or relative
        ratio = known.value(tuple(x - y for x, y in zip(relative, direction, strict=True)))
        if ratio is None:
            return None
        total += weight * ratio
    if direction is None:
        if sympy.simplify(constant) == 0:
            return known
        raise NoBalance("leading terms of one equation have different constants")
    value = -constant / total
    if len(equation) > 2 and not positive(value, within):
        raise NoBalance("a leading constant would be negative")
    return LogLinear((*known.vectors, direction), (*known.values, value))


@cache
def positive(expression: Expr, within: Interval) -> bool:
    """Whether a constant is positive on ``within``; evaluated to 15 digits on a grid of ``gamma`` (and ratios).

    Raises :class:`NoBalance` when the sign changes inside or the constant depends on the region.
    """
    if expression.free_symbols - {GAMMA, RATIO}:
        raise NoBalance(f"the sign of {expression} depends on the region")
    low, high = within.to_sympy()
    top = sympy.Integer(12) if high == sympy.oo else high
    grid = [low + (top - low) * sympy.Rational(k, 17) ** 2 for k in range(1, 17)]
    ratios = _RATIOS if expression.has(RATIO) else _RATIOS[:1]
    signs = {sympy.sign(expression.subs({GAMMA: g, RATIO: r}).evalf(15)) for g in grid for r in ratios}
    if len(signs) > 1:
        raise NoBalance(f"the sign of {expression} changes with gamma")
    return signs == {1}
