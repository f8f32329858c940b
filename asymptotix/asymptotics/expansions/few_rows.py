r"""Shares of the potential for a spectral threshold of a matrix of few rows, ``m = d**b`` with ``b < 1``.

The noise has entries of variance ``tau**2/d``, so that ``Y Y' = A A' + tau**2`` up to ``tau**2 sqrt(m/d)``: with
vanishing ``m/d`` the ``m`` singular values are ``sqrt(a**2 + tau**2)``, of noise alone ``tau``, and both shares are

    P = (sqrt(a**2 + tau**2) - kappa)**2        m tau**2 (1 - c)**2

wherever the threshold is farther from ``tau`` than the noise spreads, ``|1 - c| >> sqrt(m/d)``.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import Piece, power_law_integral
from asymptotix.asymptotics.expansions.potential import SIZE, FeatureShare, NoiseShare
from asymptotix.asymptotics.expansions.sectors import LARGEST, build_sectors
from asymptotix.asymptotics.sector import Sector, Term, term
from asymptotix.asymptotics.symbols import DIMENSION, GAP, KAPPA, ROWS, SHAPE, TAU, Expr

_SHARE: Expr = ROWS / DIMENSION
_ZERO = sp.Integer(0)
_SPREAD = term(sp.sqrt(_SHARE), "spread of the noise")


class FewRowsFeature(FeatureShare):
    """Where the threshold meets the noise, all features are learned, those below the noise by their squares only."""

    def at_edge(self, noise: NoiseShare) -> tuple[list[Piece], list[Piece]]:
        (_, risk), count = self.at_shape(noise.edge, _ZERO)
        return [risk], count

    def slope_at(self, edge: Expr) -> Expr:
        _, (risk, low, high) = self.at_shape(SHAPE, _ZERO)[0]
        return power_law_integral([(sp.expand(sp.diff(risk, SHAPE).subs(SHAPE, edge)), low, high)])


def few_rows_shares(sides: int) -> tuple[NoiseShare, FeatureShare]:
    """Both shares; singular values have no sides.

    >>> few_rows_shares(2)[0].count()
    rows*(1 - c)/d
    """
    inside = _SHARE * (1 - SHAPE) ** 2
    at_edge = term(_SHARE * GAP**2), replace(term(_SHARE * GAP**3), coefficient=sp.Integer(0))
    noise = NoiseShare(inside=inside, edge=sp.Integer(1), at_edge=at_edge, tilt=sp.Integer(0))
    feature = FewRowsFeature(
        potential=(sp.sqrt(SIZE**2 + TAU**2) - KAPPA) ** 2,
        resolved=(SIZE - KAPPA) ** 2 + TAU**2,
        onset=lambda shape: sp.sqrt(shape**2 - 1),
        exact=True,
        number=_SHARE,
    )
    return noise, feature


def build_few_rows_sectors(noise: NoiseShare, feature: FeatureShare) -> tuple[Sector, ...]:
    """Every sector whose threshold is farther from the noise than it spreads."""
    return tuple(_of_few_rows(sector) for sector in build_sectors(noise, feature))


def _of_few_rows(sector: Sector) -> Sector:
    much_less = (*sector.much_less, (_SPREAD, LARGEST))
    # singular values of noise alone have the variance m/(4 d) about their mean, in units of tau
    corrections: tuple[Term, ...] = (replace(term(_SHARE, "rows are few, not none"), coefficient=sp.nan),)
    if sector.noise == "edge":
        much_less = (*much_less, (_SPREAD, term(GAP, "distance to the edge")))
        corrections = (*corrections, term(_SHARE / (4 * GAP**2), "spread of the noise", 1))
    kept = (t for t in sector.corrections if t.coefficient != 0)
    counted = tuple(t for t in sector.count_corrections if t.coefficient != 0)
    return replace(
        sector,
        much_less=much_less,
        corrections=(*kept, *corrections),
        count_corrections=counted,
        risk_deficit=(),  # the peak is at n_eff = m, on no line n_eff = ratio d
    )
