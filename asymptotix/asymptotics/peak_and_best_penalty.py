"""What lives on surfaces of codimension one: the interpolation peak, and the best penalty.

**Peak.** Where all noise is learned, ``samples`` and the degrees of freedom may cancel, and with them
``samples tau**2`` and the learned noise: both equations lose their leading terms at the same ``n_eff/d``. What
balances then are the first corrections in the threshold, which the sector calls deficits:

    risk_deficit = noise,        kappa * deficit = penalty.

**Best penalty.** At given samples and noise the error's exponent is piecewise affine in the penalty's; its
minimum is attained at an end of some phase's range or on a whole range.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy

from asymptotix.asymptotics.balance import cells
from asymptotix.asymptotics.cells import Cell
from asymptotix.asymptotics.growth import Expr, Growth
from asymptotix.asymptotics.lookup import includes
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.points import NO_WIDTH, Point
from asymptotix.asymptotics.sector import Scales, Sector
from asymptotix.asymptotics.system import peak_system


@dataclass(frozen=True)
class Peak:
    """The law of the error at ``n_eff = ratio * d``; its exponent has no ``a`` in it."""

    ratio: Expr
    cell: Cell

    @property
    def growth(self) -> Growth:
        return self.cell.solution.risk


def peaks(sectors: Sequence[Sector], scales: Scales) -> Iterator[Peak]:
    """The peak of every sector whose leading terms cancel in both equations at one ``n_eff/d``."""
    for sector in sectors:
        system = peak_system(sector, scales)
        if system is None:
            continue
        ratio = sympy.simplify(sector.count[0].coefficient / scales.samples)
        yield from (Peak(ratio, cell) for cell in cells(system))


@dataclass(frozen=True)
class BestPenalty:
    """The smallest exponent of the error, and the range of penalty exponents that attain it (None: no end).

    ``phases`` are those that attain it, inside or in the limit.
    """

    risk_exponent: Fraction
    low: Fraction | None
    high: Fraction | None
    phases: tuple[Phase, ...]


def best_penalty(
    phases: Sequence[Phase], gamma: Fraction, a: Fraction, zeta: Fraction, b: Fraction = NO_WIDTH
) -> BestPenalty:
    """Minimise the error's exponent over the penalty's exponent, exactly."""
    found: list[tuple[Fraction, Any, Any, Phase]] = []
    for phase in (p for p in phases if includes(p, gamma)):
        low, high = _span(phase, Point(gamma, a, Fraction(0), zeta, b))
        if low >= high:
            continue
        slope = phase.growth.exponent.coords[2].at(gamma)
        if slope:
            low = high = high if slope < 0 else low
        end = next((x for x in (low, high) if isinstance(x, Fraction)), Fraction(0))
        found.append((Point(gamma, a, end, zeta, b).number(phase.growth.exponent), low, high, phase))
    best = min(f[0] for f in found)
    _, lows, highs, attained = zip(*(f for f in found if f[0] == best), strict=True)
    low, high = (
        extreme(ends) if all(isinstance(x, Fraction) for x in ends) else None
        for extreme, ends in ((min, lows), (max, highs))
    )
    return BestPenalty(best, low, high, attained)


def _span(phase: Phase, point: Point) -> tuple[Any, Any]:
    """The ends of the range of ``l`` inside a phase, infinite where it has none, in the wrong order if there is none.

    At a ``point`` of ``l = 0``.
    """
    low: Any = -math.inf
    high: Any = math.inf
    for row in phase.rows:
        rest, by_l = point.number(row), row.coords[2].at(point.gamma)
        if by_l > 0:
            low = max(low, -rest / by_l)
        elif by_l < 0:
            high = min(high, -rest / by_l)
        elif rest <= 0:
            return 0, 0
    return low, high
