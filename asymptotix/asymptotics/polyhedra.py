"""Open polyhedra whose faces depend on ``gamma``: emptiness, redundancy and union, for all ``gamma`` at once.

A *row* ``b + p_1 x_1 + ... + p_m x_m`` with integer polynomials in ``gamma`` is the strict inequality that it is
positive. Whether rows have a common point is a linear program,

    maximise s  such that  row_i(x) >= s,  s <= 1:      feasible iff  s > 0.

It is solved exactly at one rational ``gamma``. The optimal basis is then kept and solved once more with
``gamma`` symbolic; it stays a proof (a point inside, or Farkas multipliers) as long as a few polynomials keep
their sign, so the answer holds up to their nearest roots. Repeating this beyond those roots covers all gamma.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache, reduce
from math import gcd

from flint import fmpq, fmpz_poly

from asymptotix.asymptotics.growth import Affine
from asymptotix.asymptotics.linear import solution
from asymptotix.asymptotics.linear_program import maximise_slack
from asymptotix.asymptotics.ratfun import RatFun, coefficients
from asymptotix.asymptotics.signs import Interval, definite_sign, rational_root, roots

EVERY_GAMMA = Interval()
Rows = tuple[Affine, ...]


@cache
def row_of(form: Affine) -> Affine:
    """An affine form times a factor that is positive for ``gamma > 1/2`` and clears denominators."""
    below = reduce(lambda p, q: p * q // p.gcd(q), (x.bottom for x in form.coords))
    factor, sign = RatFun(below), definite_sign(coefficients(below))
    return reduced(form * factor * (factor if sign is None else sign))


@cache
def reduced(row: Affine, within: Interval = EVERY_GAMMA) -> Affine:
    """Divide a row by its common factor, or by its number alone where that changes its sign."""
    common = reduce(fmpz_poly.gcd, (x.top for x in row.coords))
    if not common:
        return row
    divisor = RatFun(common)
    if any(within.contains(r) for r in roots(divisor.num)):
        divisor = RatFun((gcd(*divisor.num),))
    return row / divisor * (1 if divisor.at(within.sample()) > 0 else -1)


def numbers(row: Affine, gamma: Fraction) -> list[fmpq]:
    """The coefficients of a row at one ``gamma``."""
    at = fmpq(gamma.numerator, gamma.denominator)
    return [x.top(at) for x in row.coords]


def feasible_on(rows: Iterable[Affine], within: Interval) -> list[Interval]:
    """The maximal intervals of ``gamma`` inside ``within`` on which the open polyhedron is not empty."""
    unique = tuple(sorted({r for r in rows if r.sign != 1}))
    out: list[Interval] = []
    for piece, answer in partition(unique, within):
        if not answer:
            continue
        joint = out[-1].high if out else None
        if (
            joint is not None
            and joint == piece.low
            and (joint.rational is None or feasible_at(unique, joint.rational))
        ):
            out[-1] = Interval(out[-1].low, piece.high)
        else:
            out.append(piece)
    return out


def feasible_at(rows: Sequence[Affine], gamma: Fraction) -> bool:
    """Whether the open polyhedron has a point at one rational ``gamma``."""
    return not rows or bool(maximise_slack([numbers(r, gamma) for r in rows])[0] > 0)


@cache
def partition(rows: Rows, within: Interval) -> tuple[tuple[Interval, bool], ...]:
    """Split ``within`` into pieces with a proved answer on each."""
    if not rows or any(r.sign in (-1, 0) for r in rows):
        return ((within, not rows),)
    answer, here = _certificate(rows, within)
    out = [(here, answer)]
    if here.high is not None and (within.high is None or here.high < within.high):
        out = [*out, *partition(rows, Interval(here.high, within.high))]
    if here.low is not None and (within.low is None or within.low < here.low):
        out = [*partition(rows, Interval(within.low, here.low)), *out]
    return tuple(out)


def _certificate(rows: Rows, within: Interval) -> tuple[bool, Interval]:
    """An answer, and an interval of ``gamma`` inside ``within`` on which its proof stays valid."""
    gamma = within.sample()
    for attempt in range(60):
        here = rational_root(gamma)
        slack, basis = maximise_slack([numbers(r, gamma) for r in rows])
        guards = _guards(rows, basis, slack > 0)
        points = {r for g in guards for p in (g.num, g.den) for r in roots(p)}
        if guards and here not in points and all(g.at(gamma) >= 0 for g in guards):
            return bool(slack > 0), next(i for i in within.split(points) if i.contains(here))
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


def _guards(rows: Rows, basis: Sequence[int], positive: bool) -> list[RatFun]:
    """What must not become negative for ``basis`` to prove its answer; nothing if it proves none.

    Index ``len(rows)`` in the basis stands for ``s <= 1``. The proof is a point with its slack, whose poles must be
    off, too; or multipliers ``y >= 0`` of unit sum with ``sum y p = 0``, for which ``sum y b <= 0``.
    """
    one, zero = RatFun.of(1), RatFun.of(0)
    every = [*(r.coords for r in rows), (one, *(zero for _ in rows[0].coords[1:]))]
    chosen = [every[i] for i in basis]
    if positive:
        constants, *linear = zip(*chosen, strict=True)
        found = solution([*linear, [-one] * len(chosen)], [-b for b in constants])
        if found is None or not found[-1]:
            return []
        *x, slack = found
        over = [sum((p * v for p, v in zip(r[1:], x, strict=True) if p and v), r[0]) - slack for r in every]
        return [slack, *(one / RatFun(v.bottom * v.bottom) for v in x), *over]
    y = solution([[*r[1:], one] for r in chosen], [*(zero for _ in rows[0].coords[1:]), one])
    return [] if y is None else [*y, -sum((r[0] * v for r, v in zip(chosen, y, strict=True)), zero)]
