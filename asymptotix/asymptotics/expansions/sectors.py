"""All sectors of a network, from its two shares of the potential.

Nothing here knows which network it serves: a sector's powers and constants come from the shares by the risk
and count identities, Mellin integrals over the features, and the shares' own limits (threshold far above the
noise, at its edge, far below it). ``beta`` is 0 unless coordinate ``i`` has the threshold ``kappa i**(beta/2)``.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import (
    TEACHER_NORM,
    end_corrections,
    feature_sum,
    number_learned,
    power_law_integral,
    smallest_feature,
)
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
from asymptotix.asymptotics.sector import Sector, Term, term
from asymptotix.asymptotics.symbols import DIMENSION, GAMMA, GAP, KAPPA, LEAK, SHAPE, TAU, Expr, simplified

LARGEST = term(1, "largest feature")
LEVEL = term(TAU, "noise level")
THRESHOLD = term(KAPPA, "threshold")

MISSED = term(1, "teacher missed")
FEATURE_RISK = "features missed and shrunk"
FEATURE_COUNT = "features learned"
NOISE_LEARNED = "noise learned"
_BELOW = "noise below the threshold"
EQUAL = sp.Integer(0)  # beta of inputs of equal variance


def build_sectors(noise: NoiseShare, feature: FeatureShare) -> tuple[Sector, ...]:
    """Every sector of the network whose potential has these two shares, from large thresholds down."""
    return (
        nothing(),
        biased(feature),
        _edge_nothing(noise),
        _edge_features(noise, feature),
        interpolating(noise, feature),
        resolved(feature),
    )


def nothing() -> Sector:
    """Neither features nor noise exceed the threshold."""
    return Sector(
        name="nothing learned",
        risk=(MISSED,),
        count=(),
        much_less=((LARGEST, THRESHOLD), (LEVEL, THRESHOLD)),
        spectrum="zero mass",
        features="none",
    )


def last_threshold(beta: Expr = EQUAL) -> Term:
    """The threshold of the last coordinate."""
    return term(KAPPA * DIMENSION ** (beta / 2), "last threshold")


def meeting(beta: Expr = EQUAL) -> Term:
    """The size of the last learned feature, which is its threshold: ``kappa i_***(beta/2)``."""
    share = beta / (2 * GAMMA + beta)
    return term(KAPPA * (TEACHER_NORM * KAPPA) ** -share, "last learned feature")


def biased(feature: FeatureShare, beta: Expr = EQUAL) -> Sector:
    """Features are learned up to ``i_* = (N kappa)**(-1/g)``, ``g = gamma + beta/2``, where they meet their threshold.

    Coordinate ``i`` has the risk ``kappa**2 i**beta r(y)`` and the count ``s(y)``, ``y = a_i/(kappa i**(beta/2))``.
    """
    g, k = GAMMA + beta / 2, 1 + beta
    risk, count = feature.at_threshold()
    total = power_law_integral(risk, g / k) / k
    on_learned = simplified(feature.noise_at_threshold(g) / total) * TEACHER_NORM ** ((k - 1) / g)
    last = smallest_feature(feature.number)
    return Sector(
        name="features above the threshold",
        risk=(feature_sum(risk, KAPPA, sp.Integer(2), FEATURE_RISK, g, k),),
        count=(feature_sum(count, KAPPA, sp.Integer(0), FEATURE_COUNT, g),),
        much_less=((last, last_threshold(beta)), (THRESHOLD, LARGEST), (LEVEL, meeting(beta))),
        corrections=(
            *end_corrections(risk, KAPPA, feature.number, g, k),
            term(on_learned * TAU**2 * KAPPA ** ((k - 1) / g - 2), "noise on learned features"),
        ),
        spectrum="zero mass + spikes",
    )


def _edge_nothing(noise: NoiseShare) -> Sector:
    """The threshold where noise begins to leak, above all features."""
    gaussian = noise.edge == sp.oo
    small = LEAK if gaussian else GAP
    edge = SHAPE if gaussian else noise.edge
    first, second = noise.edge_risk()
    ratio = sp.simplify(second.coefficient / first.coefficient)
    count, next_count = noise.edge_count()
    count_ratio = sp.simplify(next_count.coefficient / count.coefficient)
    shared = noise.leak_ratio()
    # where the leak is part of the noise equation, it moves the noise scale as well
    moved = ratio + shared / (1 - shared) * (ratio - count_ratio)
    return Sector(
        name="noise edge, nothing learned",
        risk=(MISSED, leaked_risk(noise)),
        count=(term(count.expression * DIMENSION, NOISE_LEARNED),),
        much_less=((LARGEST, LEVEL), (term(small, "distance to the edge"), LARGEST)),
        ties=((THRESHOLD, term(edge * TAU, "edge of the noise")),),
        corrections=(_next(first, second, moved, "next term of the leak", 1),),
        count_corrections=(_next(count, next_count, count_ratio, "next term of the leaked count", 0),),
        shared=shared,
        spectrum="zero mass + bulk",
        features="none",
        noise="edge",
    )


def _next(first: Term, second: Term, ratio: Expr, label: str, corrects: int) -> Term:
    """The second of two terms relative to the first, with another constant."""
    return replace(term(second.expression / first.expression, label, corrects), coefficient=ratio)


def _edge_features(noise: NoiseShare, feature: FeatureShare) -> Sector:
    """The same below the largest feature."""
    below = _edge_nothing(noise)
    scale = LEVEL if feature.exact else THRESHOLD
    size = scale.expression
    risk, count = feature.at_edge(noise)
    total = power_law_integral(risk)
    if feature.exact:
        by_gap = -simplified(feature.slope_at(noise.edge) / total)
        nearest = term(by_gap * GAP, "threshold below the edge")
    else:
        nearest = term(
            simplified(feature.noise_at_threshold() / total) / SHAPE**2, "noise on learned features"
        )
    return replace(
        below,
        name="noise edge",
        risk=(feature_sum(risk, size, sp.Integer(2), FEATURE_RISK), *below.risk[1:]),
        count=(feature_sum(count, size, sp.Integer(0), FEATURE_COUNT), *below.count),
        much_less=((smallest_feature(feature.number), scale), (scale, LARGEST), *below.much_less[1:]),
        corrections=(*end_corrections(risk, size, feature.number), nearest, *below.corrections),
        count_corrections=tuple(replace(t, corrects=1) for t in below.count_corrections),
        spectrum="zero mass + bulk + spikes",
        features="some",
    )


def interpolating(noise: NoiseShare, feature: FeatureShare, beta: Expr = EQUAL) -> Sector:
    """All noise is learned, but for what thresholds far below it take."""
    risk, count, risk_slope, count_slope = noise.at_zero()
    last = last_threshold(beta)
    # summed over coordinates: the mean of i**(degree beta/2)
    lost = (last.expression / TAU) ** noise.degree / (1 + noise.degree * beta / 2)
    among = feature.among_noise / risk if noise.tilt else 0
    order = term(number_learned(TAU).expression / DIMENSION, "features among the noise")
    return Sector(
        name="threshold below the noise",
        risk=(term(risk * DIMENSION * TAU**2, NOISE_LEARNED),),
        count=(term(count * DIMENSION, NOISE_LEARNED),),
        deficit=(term(count_slope * DIMENSION * lost, _BELOW),),
        risk_deficit=(term(risk_slope * DIMENSION * TAU**2 * lost, _BELOW),),
        much_less=((smallest_feature(feature.number), LEVEL), (last, LEVEL)),
        corrections=(
            term(sp.simplify(-risk_slope / risk) * lost, _BELOW),
            # learned on both sides without threshold, the estimate is features and noise, whatever their size
            *([replace(order, coefficient=among * order.coefficient)] if among != 0 else []),
        ),
        # one-sided: half of the noise is negative
        spectrum="zero mass + bulk" if noise.tilt == 1 else "bulk",
        noise="all",
    )


def resolved(feature: FeatureShare, beta: Expr = EQUAL) -> Sector:
    """Every feature is learned: the sums over features are ``d`` equal shares, thresholds apart."""
    (noise, shrunk), count = feature.all_learned()
    last = smallest_feature(feature.number)
    # a sum of i**(each - 1), times i**more
    each, more = shrunk.powers.get(DIMENSION.name, sp.Integer(1)), feature.degree * beta
    return Sector(
        name="all features learned",
        risk=(noise, shrunk * (DIMENSION**more * each / (each + more))),
        count=count,
        much_less=((LEVEL, last), (last_threshold(beta), last)),
        spectrum="d spikes",
        features="all",
        noise="all",
    )


def leaked_risk(noise: NoiseShare) -> Term:
    """Learned noise beyond the edge, ``d tau**2 j(c)`` to leading order."""
    return term(noise.edge_risk()[0].expression * DIMENSION * TAU**2, NOISE_LEARNED)
