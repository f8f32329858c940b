"""Which phase holds at a point: exactly, on the boundaries between phases, and at finite sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import mpmath
import sympy

from asymptotix.asymptotics.cells import Cell
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.points import Point, Sizes
from asymptotix.asymptotics.signs import rational_root

CLOSE = 4.0  # two choices of leading terms whose sizes differ by less than exp(4) are compared with constants


def holding(phases: Sequence[Phase], point: Point) -> list[Phase]:
    """The phases that hold at an exact point: one inside, several on a boundary.

    Where exponents tie, powers of ``log d`` decide; where those tie as well, all phases concerned are given.
    """
    near = [p for p in phases if includes(p, point.gamma)]
    found = [p for p in near if p.contains(point)]
    for least in (2, 1):
        found = found or [p for p in near if p.standing(point) >= least]
    return found


def joined(meeting: Sequence[Phase], point: Point) -> Phase | None:
    """One phase for the point: the only one, or all of them where error and logs agree; else ``None``."""
    rates = {(point.number(p.growth.exponent), p.growth.log_power.at(point.gamma)) for p in meeting}
    if len(rates) != 1:
        return None
    here = [p.at(point) for p in meeting]
    names = tuple(dict.fromkeys(p.phase for p in here))
    if len({(p.phase, p.growth) for p in here}) == 1:
        return here[0]
    growth = replace(here[0].growth, constant=_tied_constant(here))
    rows = tuple(dict.fromkeys(r for p in here for r in p.rows))
    pieces = tuple(q for p in here for q in p.pieces if q.standing(point))
    return replace(
        here[0], phase="/".join(names), growth=growth, rows=rows, pieces=pieces, neighbours=tuple(meeting)
    )


def _tied_constant(here: Sequence[Phase]) -> Any:
    """The constant on a boundary, if one there is.

    Laws that agree need none; two leading terms of the same risk add; anything else is a crossover function.
    """
    constants = [p.constant for p in here]
    if all(sympy.simplify(c - constants[0]) == 0 for c in constants):
        return constants[0]
    pieces = [p.piece for p in here]
    same = {(q.sector.name, q.solution.choice) for q in pieces}
    terms = [q.solution.risk_terms for q in pieces]
    if len(same) == 1 and len(set(terms)) == len(terms):
        return sympy.Add(*constants)
    return sympy.nan


def includes(phase: Phase, gamma: Fraction) -> bool:
    """Whether ``gamma`` is in the phase's range or at a case split that ends it."""
    ends = (phase.gamma.low, phase.gamma.high)
    return phase.gamma.contains_value(gamma) or any(e is not None and e == rational_root(gamma) for e in ends)


def nearest(phases: Sequence[Phase], sizes: Sizes) -> Phase:
    """The phase whose leading terms lead by the largest factor at these sizes."""
    near = [(p, q) for p in phases if includes(p, sizes.point.gamma) for q in p.pieces]
    rough = [(_lead(q, sizes), p, q) for p, q in near]
    best = max(r[0] for r in rough)
    close = [(p, q) for margin, p, q in rough if margin > best - CLOSE]
    if len({p.phase for p, _ in close}) > 1:
        close = [max(close, key=lambda pair: _lead(pair[1], sizes, constants=True))]
    phase, piece = close[0]
    return replace(phase.at(sizes.point), pieces=(piece,))


def _lead(piece: Cell, sizes: Sizes, constants: bool = False) -> float:
    """The least logarithm of ``large/small`` at finite sizes."""
    leads = [sizes.logarithm(c.ratio.log_power, c.ratio.exponent) for c in piece.conditions]
    if constants:
        values = sizes.point.substitutions(numeric=True)
        numbers = [sympy.N(c.ratio.constant.subs(values)) for c in piece.conditions]
        logs = [mpmath.log(float(x)) if x.is_real and x > 0 else 0.0 for x in numbers]
        leads = [float(x + y) for x, y in zip(leads, logs, strict=True)]
    return min(leads)
