r"""Sectors of a soft threshold with a ridge beside it, ``ridge = d**b``: the elastic net.

The estimate is ``k soft(y; eps)`` with ``k = 1/(1 + e)``, ``e = ridge eps = ridge sqrt(d) kappa``, so that

    R = k**2 r + 2 k (1 - k) sum(a b) + (1 - k)**2,        s = k s_soft ,

with ``r``, ``s_soft`` and the bias ``b`` of the soft threshold (the teacher has norm 1). Every sector of that threshold
parts in two: ``e << 1``, where the ridge only adds ``e**2`` to the risk, and ``e >> 1``, where it takes every feature.
The product term never leads, by Cauchy and Schwarz; it is the next order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import FEATURE, TEACHER_NORM, Piece, power_law_integral
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
from asymptotix.asymptotics.expansions.sectors import LARGEST, LEVEL, THRESHOLD, build_sectors
from asymptotix.asymptotics.sector import BY_RIDGE, SHRUNK, Sector, Term, term
from asymptotix.asymptotics.symbols import DIMENSION, GAMMA, KAPPA, RIDGE, TAU, Expr

_RATIO = RIDGE * sp.sqrt(DIMENSION) * KAPPA  # e


def build_ridge_sectors(noise: NoiseShare, feature: FeatureShare) -> tuple[Sector, ...]:
    """Every sector of the soft threshold, under a ridge that hardly shrinks and under one that shrinks all away.

    >>> from asymptotix.asymptotics.expansions import gaussian_shares
    >>> [s.name for s in build_ridge_sectors(*gaussian_shares(2))][-1]
    'all features learned, shrunk by the ridge'
    """
    out: list[Sector] = []
    for sector in build_sectors(noise, feature):
        out += [_weak(sector, feature), _strong(sector, feature)]
    return tuple(out)


def _weak(sector: Sector, feature: FeatureShare) -> Sector:
    """``e << 1``: ``k**2 = 1 - 2 e``, and the square of ``e`` beside the risk."""
    risk, lost, blind = sector.risk, _ratio(-2), sector.features == "none"
    corrections = [*sector.corrections, *(_by(lost, i) for i in range(int(blind), len(risk)))]
    if not blind:  # else what is missed is missed anyway
        risk = (*risk, term(_RATIO**2, BY_RIDGE))
        products = list(_products(sector, feature))
        corrections += [_by(c, len(risk) - 1) for c in (lost, *products)]
        if not _of_noise(risk[0]):  # the same, relative to the features' own error
            corrections += [c * (risk[-1].expression / risk[0].expression) for c in products]
    return replace(
        sector,
        risk=risk,
        much_less=(*sector.much_less, (_ratio(), LARGEST)),
        corrections=tuple(corrections),
        count_corrections=_fewer(sector, _ratio(-1)),
    )


def _strong(sector: Sector, feature: FeatureShare) -> Sector:
    """``e >> 1``: ``k = 1/e (1 - 1/e)``; of features nothing is left, of learned noise its share ``k**2``."""
    blind, lost = sector.features == "none", _ratio(-2, 1 / _RATIO)
    missed = sector.risk[0] if blind else term(1, SHRUNK)
    place = {i: 1 + k for k, i in enumerate(i for i, t in enumerate(sector.risk) if _of_noise(t))}
    corrections = [_by(lost, i) for i in range(int(blind), 1 + len(place))]
    corrections += [_by(c, place[c.corrects]) for c in sector.corrections if c.corrects in place]
    return replace(
        sector,
        name=f"{sector.name}, shrunk by the ridge",
        risk=(missed, *(sector.risk[i] * _RATIO**-2 for i in place)),
        count=tuple(t * _RATIO**-1 for t in sector.count),
        much_less=(*sector.much_less, (LARGEST, _ratio())),
        corrections=(*corrections, *(() if blind else _products(sector, feature))),
        count_corrections=_fewer(sector, _ratio(-1, 1 / _RATIO)),
        deficit=(),
        risk_deficit=(),
        noise="bulk" if sector.noise == "all" else sector.noise,
    )


def _of_noise(term: Term) -> bool:
    return term.label.startswith("noise")


def _fewer(sector: Sector, share: Term) -> tuple[Term, ...]:
    """Corrections to the count, what the ridge takes among them."""
    return (*sector.count_corrections, *(_by(share, i) for i in range(len(sector.count))))


def _ratio(coefficient: int = 1, size: Expr = _RATIO) -> Term:
    return term(coefficient * size, "shrinkage by the ridge")


def _by(term: Term, index: int) -> Term:
    return replace(term, corrects=index)


def _products(sector: Sector, feature: FeatureShare) -> Iterator[Term]:
    """``2 sum(a b) / e``: the product term relative to ``(1 - k)**2``.

    Large features have the bias ``kappa``, and there is a first one: ``kappa zeta(gamma)/N`` of the sum. The rest of it
    is an integral, over all that are learned or, where a scale tells those that are, its Mellin transform.
    """
    label, over = "product of threshold and ridge", 2 * KAPPA / _RATIO / TEACHER_NORM
    yield term(sp.zeta(GAMMA) * over, label)
    if sector.features == "all":
        yield term(over * DIMENSION ** (1 - GAMMA) / (1 - GAMMA), label)
        return
    within = (THRESHOLD, LEVEL) in sector.much_less
    scale, integral = (TAU, _bias_within()) if within else (KAPPA, power_law_integral(_bias_pieces(feature)))
    yield term(sp.factor(integral) * over * (TEACHER_NORM * scale) ** (1 - 1 / GAMMA), label)


def _bias_pieces(feature: FeatureShare) -> list[Piece]:
    """``a b`` in units of ``kappa``, no noise: a missed feature is all bias; ``b**2`` is a learned one's risk."""
    (missed, *low), *learned = feature.at_threshold()[0]
    return [(missed, *low), *((FEATURE * sp.sqrt(risk), *ends) for risk, *ends in learned)]


def _bias_within() -> Expr:
    """``p int_0^oo y**-p b dy`` for a threshold below the noise, ``b = kappa E sign(y + z)``, as far as it converges.

    By parts ``p/(p-1) int y**(1-p) 2 phi dy``, which is its continuation.
    """
    y, power = FEATURE, sp.Symbol("s", positive=True)  # s = 2 - p
    moment = sp.integrate(2 * sp.exp(-(y**2) / 2) / sp.sqrt(2 * sp.pi) * y ** (power - 1), (y, 0, sp.oo))
    p = 1 / GAMMA
    return p / (p - 1) * sp.simplify(moment).subs(power, 2 - p)
