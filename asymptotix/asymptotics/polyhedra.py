"""Open polyhedra whose faces depend on ``gamma``: emptiness, redundancy and union, for all ``gamma`` at once.

A *row* ``(b, p_1, ..., p_m)`` of integer polynomials in ``gamma`` is the strict inequality
``b + p_1 x_1 + ... + p_m x_m > 0``. Whether rows have a common point is a linear program,

    maximise s  such that  row_i(x) >= s,  s <= 1:      feasible iff  s > 0.

It is solved exactly at one rational ``gamma``. The optimal basis is then kept and solved once more with
``gamma`` symbolic; it stays a proof (a point inside, or Farkas multipliers) as long as a few polynomials keep
their sign, so the answer holds up to their nearest roots. Repeating this beyond those roots covers all gamma.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from math import gcd

from asymptotix.asymptotics.linear import reduce
from asymptotix.asymptotics.linear_program import maximise_slack
from asymptotix.asymptotics.ratfun import (
    IntPoly,
    RatFun,
    poly_at,
    poly_divide,
    poly_gcd,
    poly_mul,
    poly_scale,
)
from asymptotix.asymptotics.signs import Interval, Root, definite_sign, rational_root, roots

PolyRow = tuple[IntPoly, ...]


def row_of(form: Sequence[RatFun]) -> PolyRow:
    """Clear denominators of an affine form by a factor that is positive for ``gamma > 1/2``."""
    den: IntPoly = (1,)
    for x in form:
        den = poly_mul(den, poly_divide(x.den, poly_gcd(den, x.den)))
    factor, sign = RatFun(den), definite_sign(den)
    factor = factor * (factor if sign is None else sign)
    return reduced(tuple((x * factor).num for x in form))


@cache
def reduced(row: PolyRow) -> PolyRow:
    """Divide a row by the part of its common factor that has a definite sign."""
    common = poly_gcd(*row)
    sign = definite_sign(common)
    return _divided(row, (gcd(*common),), 1) if sign is None else _divided(row, common, sign)


@cache
def reduced_on(row: PolyRow, interval: Interval) -> PolyRow:
    """Divide a row by its whole common factor, with that factor's sign on ``interval``."""
    common = poly_gcd(*row)
    if any(interval.contains(r) for r in roots(common)):
        return row
    return _divided(row, common, 1 if poly_at(common, interval.sample()) > 0 else -1)


def _divided(row: PolyRow, common: IntPoly, sign: int) -> PolyRow:
    return tuple(poly_divide(poly_scale(p, sign), common) for p in row) if common else row


def negated(row: PolyRow) -> PolyRow:
    return tuple(poly_scale(p, -1) for p in row)


def row_at(row: PolyRow, gamma: Fraction) -> tuple[Fraction, ...]:
    return tuple(poly_at(p, gamma) for p in row)


def value_at(row: PolyRow, gamma: Fraction, point: Sequence[Fraction]) -> Fraction:
    """``b + p . x`` at an exact point."""
    numbers = row_at(row, gamma)
    return numbers[0] + sum((p * x for p, x in zip(numbers[1:], point, strict=True)), Fraction(0))


def feasible_on(rows: Iterable[PolyRow], within: Interval) -> list[Interval]:
    """The maximal intervals of ``gamma`` inside ``within`` on which the open polyhedron is not empty."""
    unique = tuple(sorted({r for r in rows if not _always(r)}))
    pieces = partition(unique, within)
    out: list[Interval] = []
    for piece, answer in pieces:
        if not answer:
            continue
        if out and out[-1].high is not None and out[-1].high == piece.low and _alive(unique, out[-1].high):
            out[-1] = Interval(out[-1].low, piece.high)
        else:
            out.append(piece)
    return out


def feasible_at(rows: Iterable[PolyRow], gamma: Fraction) -> bool:
    """Whether the open polyhedron has a point at one rational ``gamma``."""
    numbers = [row_at(r, gamma) for r in rows]
    return not numbers or maximise_slack(numbers)[0] > 0


def _always(row: PolyRow) -> bool:
    return not any(row[1:]) and definite_sign(row[0]) == 1


def _alive(rows: tuple[PolyRow, ...], root: Root) -> bool:
    return root.rational is None or feasible_at(rows, root.rational)


@cache
def partition(rows: tuple[PolyRow, ...], within: Interval) -> tuple[tuple[Interval, bool], ...]:
    """Split ``within`` into pieces with a proved answer on each."""
    if not rows:
        return ((within, True),)
    if any(not any(r[1:]) and definite_sign(r[0]) in (-1, 0) for r in rows):
        return ((within, False),)
    answer, here = _certificate(rows, within)
    out = [(here, answer)]
    if here.high is not None and (within.high is None or here.high < within.high):
        out = [*out, *partition(rows, Interval(here.high, within.high))]
    if here.low is not None and (within.low is None or within.low < here.low):
        out = [*partition(rows, Interval(within.low, here.low)), *out]
    return tuple(out)


def _certificate(rows: tuple[PolyRow, ...], within: Interval) -> tuple[bool, Interval]:
    """An answer, and an interval of ``gamma`` inside ``within`` on which its proof stays valid."""
    gamma = within.sample()
    for attempt in range(60):
        here = rational_root(gamma)
        numbers = [row_at(r, gamma) for r in rows]
        slack, basis = maximise_slack(numbers)
        guards = _guards(rows, basis, slack > 0)
        if guards is not None:
            points = {r for p in guards for r in roots(p)}
            if here not in points and all(poly_at(p, gamma) >= 0 for p in guards):
                return slack > 0, within.around(gamma, points)
        gamma = _another(within, gamma, attempt)
    raise AssertionError("no certificate of feasibility found; the linear program is inconsistent")


def _another(within: Interval, gamma: Fraction, attempt: int) -> Fraction:
    """A rational point of ``within`` off the special values that simple fractions tend to hit."""
    shift = Fraction(1, 1009 + 17 * attempt) / (1 + attempt)
    trial = gamma * (1 + shift)
    while not within.contains_value(trial):
        shift /= -3
        trial = gamma * (1 + shift)
    return trial


def _guards(rows: tuple[PolyRow, ...], basis: Sequence[int], positive: bool) -> list[IntPoly] | None:
    """Polynomials that must stay non-negative for ``basis`` to prove its answer, or ``None`` if it has none.

    Index ``len(rows)`` in the basis stands for ``s <= 1``. A solution with denominators of changing sign is
    handled by multiplying each condition by its denominator.
    """
    width = len(rows[0])
    one: PolyRow = ((1,),) + ((),) * (width - 1)
    all_rows = (*rows, one)
    chosen = [all_rows[i] for i in basis]
    if positive:
        return _point_guards(all_rows, chosen, width)
    return _farkas_guards(chosen, width)


def _point_guards(all_rows: Sequence[PolyRow], chosen: Sequence[PolyRow], width: int) -> list[IntPoly] | None:
    matrix = [[*(RatFun(p) for p in r[1:]), RatFun.of(-1), -RatFun(r[0])] for r in chosen]
    solved, pivots = reduce(matrix, width)
    if len(pivots) < len(chosen) or width - 1 not in pivots:
        return None
    x = [RatFun.of(0)] * (width - 1)
    for row, column in zip(solved, pivots, strict=False):
        if column < width - 1:
            x[column] = row[-1]
    slack = solved[pivots.index(width - 1)][-1]
    if not slack:
        return None
    guards = [poly_mul(slack.num, slack.den)]
    guards += [poly_mul(v.den, v.den) for v in x]  # the point must exist: no pole inside
    for r in all_rows:
        excess = sum((RatFun(p) * v for p, v in zip(r[1:], x, strict=True) if p and v), RatFun(r[0])) - slack
        if excess:
            guards.append(poly_mul(excess.num, excess.den))
    return guards


def _farkas_guards(chosen: Sequence[PolyRow], width: int) -> list[IntPoly] | None:
    """Multipliers ``y >= 0`` of unit sum with ``sum y p = 0``; they prove emptiness when ``sum y b <= 0``."""
    count = len(chosen)
    matrix = [[RatFun(r[k]) for r in chosen] + [RatFun.of(0)] for k in range(1, width)]
    matrix.append([RatFun.of(1)] * count + [RatFun.of(1)])
    solved, pivots = reduce(matrix, count)
    if len(pivots) < count or any(row[-1] for row in solved[count:]):
        return None
    y = [row[-1] for row in solved[:count]]
    total = sum((RatFun(r[0]) * v for r, v in zip(chosen, y, strict=True)), RatFun.of(0))
    guards = [poly_mul(v.num, v.den) for v in y if v]
    if total:
        guards.append(poly_scale(poly_mul(total.num, total.den), -1))
    return guards
