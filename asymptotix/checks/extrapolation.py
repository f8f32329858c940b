"""Limits from values at finite dimensions, with the corrections that the derivation predicts.

Corrections that are powers of ``d`` are eliminated one after the other (Richardson): their exponents are sums of the
exponents that the derivation gives, with repetition, since a correction acts to every order. Corrections in ``log d``
are solved for in the variables of the edge, ``(loglog d)^j / (log d)^k`` with ``j <= k``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mpmath import MPContext

_SPACINGS = (12, 8, 4)  # least distance between sizes, in powers of ten of d: the first with which they fit
_MOST = 7  # sizes: more corrections than six are not worth another solve


def semigroup(generators: Sequence[Fraction], count: int) -> list[Fraction]:
    """The ``count`` least sums of the generators (positive), each taken any number of times.

    >>> semigroup([Fraction(1, 2), Fraction(1, 3)], 4)
    [Fraction(1, 3), Fraction(1, 2), Fraction(2, 3), Fraction(5, 6)]
    """
    found: list[Fraction] = []
    front = set(generators)
    while front and len(found) < count:
        least = min(front)
        front.remove(least)
        found.append(least)
        front |= {least + g for g in generators}
    return found


@dataclass(frozen=True)
class Schedule:
    """Dimensions ``10^size`` to solve at, and what is left after elimination.

    Attributes:
        sizes: equally spaced.
        powers: exponents of ``1/d`` that are eliminated from a constant, least first.
        left: exponent of ``1/d`` of what stays in a constant; None if nothing does.
        left_in_slope: the same for a slope, which is one value short.
    """

    sizes: tuple[int, ...]
    powers: tuple[Fraction, ...]
    left: Fraction | None
    left_in_slope: Fraction | None

    @property
    def spacing(self) -> int:
        """Between neighbouring sizes."""
        return self.sizes[1] - self.sizes[0]

    def amplification(self, context: MPContext, powers: Sequence[Fraction]) -> float:
        """How much the elimination enlarges what is not eliminated."""
        factor = 1.0
        for power in powers:
            q = float(context.mpf(10) ** (-context.mpf(power.numerator) / power.denominator * self.spacing))
            factor *= (1.0 + q) / (1.0 - q)
        return factor


def schedule(
    generators: Sequence[Fraction],
    step: int,
    digits: float,
    least: int,
    floor: float,
    largest: float = math.inf,
) -> Schedule:
    """The cheapest sizes at which the constant has ``digits`` digits, and the slope ``floor`` digits.

    Args:
        generators: exponents of ``1/d`` of the corrections; those with a logarithm twice.
        step: every size is a multiple.
        least: size to begin with at the earliest.
        largest: size to end with at the latest, if that is possible.
    """
    if not generators:
        first, spacing = step * -(-least // step), step * -(-_SPACINGS[0] // step)
        return Schedule((first, first + spacing), (), None, None)
    for smallest in _SPACINGS:
        found = list(_schedules(generators, step, (digits, floor), least, step * -(-smallest // step)))
        fitting = [s for s in found if s.sizes[-1] <= largest]
        if fitting:
            break
    return min(fitting or found, key=lambda s: sum((size + 40.0) ** 2.3 for size in s.sizes))


def _schedules(
    generators: Sequence[Fraction], step: int, wanted: tuple[float, float], least: int, spacing: int
) -> Iterator[Schedule]:
    """With two to seven sizes."""
    for count in range(2, _MOST + 1):
        rungs = semigroup(generators, count)
        need = max(wanted[0] / float(rungs[-1]), wanted[1] / float(rungs[-2]), least)
        first = step * -(-int(need + 1) // step)
        sizes = tuple(first + k * spacing for k in range(count))
        yield Schedule(sizes, tuple(rungs[:-1]), rungs[-1], rungs[-2])


def richardson(context: MPContext, values: Sequence[Any], spacing: int, powers: Sequence[Fraction]) -> Any:
    """Eliminate ``d^-power`` after ``d^-power`` from values at equally spaced sizes.

    >>> context = MPContext()
    >>> values = [3 + context.mpf(10) ** -k for k in (2, 3)]
    >>> context.nstr(richardson(context, values, 1, [Fraction(1)]), 10)
    '3.0'
    """
    row = list(values)
    for power in powers:
        if len(row) < 2:
            break
        q = context.mpf(10) ** (-context.mpf(power.numerator) / power.denominator * spacing)
        row = [(y - q * x) / (1 - q) for x, y in itertools.pairwise(row)]
    return row[-1]


def fit_logarithms(
    context: MPContext, values: Sequence[Any], sizes: Sequence[int], exponent: Any, log_power: Any
) -> dict[str, Any]:
    """``exponent``, ``log_power`` and ``constant`` of values at ``d = 10^size``, fitted through all of them:

    ``log value = e L + p log L + log C + sum_(k>=1, j<=k) c_kj (log L)^j / L^k``, as many terms as there are values.
    """
    logs = [size * context.log(10) for size in sizes]
    y = [context.log(v) for v in values]
    rest = [v - exponent * x for v, x in zip(y, logs, strict=True)]
    bare = [v - log_power * context.log(x) for v, x in zip(rest, logs, strict=True)]
    return {
        "exponent": exponent + _first_coefficient(context, bare, logs, (1, 0)),
        "log_power": _first_coefficient(context, rest, logs, (0, 1)),
        "constant": context.exp(_first_coefficient(context, bare, logs, None)),
    }


def _first_coefficient(
    context: MPContext, values: Sequence[Any], logs: Sequence[Any], term: tuple[int, int] | None
) -> Any:
    terms = [(0, 0)] if term is None else [term, (0, 0)]
    for k in itertools.count(1):
        if len(terms) >= len(values):
            break
        terms += [(-k, j) for j in range(k, -1, -1)]
    chosen = terms[: len(values)]
    matrix = context.matrix([[x**p * context.log(x) ** q for p, q in chosen] for x in logs])
    return context.lu_solve(matrix, context.matrix(list(values)))[0]
