"""What lives on surfaces of codimension one: the interpolation peak, and the best penalty.

**Peak.** Where all noise is learned, ``samples`` and the degrees of freedom may cancel, and with them
``samples tau**2`` and the learned noise: both equations lose their leading terms at the same ``n_eff/d``. What
balances then are the first corrections in the threshold, which the sector calls deficits:

    risk_deficit = noise,        kappa * deficit = penalty.

**Best penalty.** At given samples and noise the error's exponent is piecewise affine in the penalty's; its
minimum is attained at an end of some phase's range or on a whole range.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy

from asymptotix.asymptotics.balance import Cell, cells
from asymptotix.asymptotics.growth import Expr, Growth
from asymptotix.asymptotics.lookup import includes
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.points import NO_WIDTH, Point
from asymptotix.asymptotics.polyhedra import row_at
from asymptotix.asymptotics.sector import Scales, Sector
from asymptotix.asymptotics.system import peak_system


@dataclass(frozen=True)
class Peak:
    """The law of the error at ``n_eff = ratio * d``; its exponent has no ``a`` in it."""

    ratio: Expr
    growth: Growth
    cell: Cell


def peaks(sectors: Sequence[Sector], scales: Scales) -> Iterator[Peak]:
    """The peak of every sector whose leading terms cancel in both equations at one ``n_eff/d``."""
    for sector in sectors:
        system = peak_system(sector, scales)
        if system is None:
            continue
        ratio = sympy.simplify(sector.count[0].coefficient / scales.samples)
        for cell in cells(system):
            yield Peak(ratio, cell.solution.risk, cell)


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
    found: list[tuple[Fraction, Fraction | None, Fraction | None, Phase]] = []
    for phase in phases:
        span = _span(phase, gamma, a, zeta, b) if includes(phase, gamma) else None
        if span is None:
            continue
        low, high = span
        slope = phase.growth.exponent.coords[2].at(gamma)
        if slope > 0:
            high = low
        elif slope < 0:
            low = high
        end = low if low is not None else high if high is not None else Fraction(0)
        value = Point(gamma, a, end, zeta, b).number(phase.growth.exponent)
        found.append((value, low, high, phase))
    best = min(f[0] for f in found)
    attained = [f for f in found if f[0] == best]
    low = None if any(f[1] is None for f in attained) else min(f[1] for f in attained if f[1] is not None)
    high = None if any(f[2] is None for f in attained) else max(f[2] for f in attained if f[2] is not None)
    return BestPenalty(best, low, high, tuple(f[3] for f in attained))


def _span(
    phase: Phase, gamma: Fraction, a: Fraction, zeta: Fraction, b: Fraction
) -> tuple[Fraction | None, Fraction | None] | None:
    """The open range of ``l`` inside a phase, ``None`` if there is none."""
    low: Fraction | None = None
    high: Fraction | None = None
    for row in phase.rows:
        one, by_a, by_l, by_zeta, by_b = row_at(row, gamma)
        rest = one + by_a * a + by_zeta * zeta + by_b * b
        if by_l > 0:
            low = -rest / by_l if low is None else max(low, -rest / by_l)
        elif by_l < 0:
            high = -rest / by_l if high is None else min(high, -rest / by_l)
        elif rest <= 0:
            return None
    return None if low is not None and high is not None and low >= high else (low, high)
