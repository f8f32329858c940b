"""All sectors of a network, from its two shares of the potential.

Nothing here knows which network it serves: a sector's powers and constants come from the shares by the risk
and count identities, Mellin integrals over the features, and the shares' own limits (threshold far above the
noise, at its edge, inside it, far below it).
"""

from __future__ import annotations

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import (
    end_corrections,
    feature_sum,
    number_learned,
    power_law_integral,
    smallest_feature,
)
from asymptotix.asymptotics.expansions.potential import EdgeTerm, FeatureShare, NoiseShare
from asymptotix.asymptotics.sector import Sector, Term
from asymptotix.asymptotics.symbols import SHAPE, Expr

ONE = Term(sp.Integer(1), {}, "largest feature")
TAU = Term(sp.Integer(1), {"tau": sp.Integer(1)}, "noise level")
KAPPA = Term(sp.Integer(1), {"kappa": sp.Integer(1)}, "threshold")

_MISSED = Term(sp.Integer(1), {}, "teacher missed")
_FEATURE_RISK = "features missed and shrunk"
_FEATURE_COUNT = "features learned"
_NOISE = "noise learned"


def build_sectors(noise: NoiseShare, feature: FeatureShare) -> tuple[Sector, ...]:
    """Every sector of the network whose potential has these two shares, from large thresholds down."""
    spectral = noise.edge != sp.oo
    sectors = [_nothing_learned()]
    if spectral:
        sectors.append(_nothing_learned_above_edge(noise))
    sectors.append(_biased(feature))
    if feature.exact:
        sectors.append(_above_edge(noise, feature))
    sectors += [_edge_nothing(noise), _edge_features(noise, feature)]
    if noise.inside is not None:
        sectors.append(_inside(noise, feature))
    sectors += [_interpolating(noise, feature), _resolved(feature)]
    return tuple(sectors)


def _nothing_learned() -> Sector:
    return Sector(
        name="nothing learned",
        risk=(_MISSED,),
        count=(),
        much_less=((ONE, KAPPA), (TAU, KAPPA)),
        spectrum="zero mass",
        features="none",
    )


def _nothing_learned_above_edge(noise: NoiseShare) -> Sector:
    return Sector(
        name="nothing learned, threshold near the noise",
        risk=(_MISSED,),
        count=(),
        much_less=((ONE, KAPPA),),
        shape=(noise.edge, sp.oo),
        spectrum="zero mass",
        features="none",
    )


def _biased(feature: FeatureShare) -> Sector:
    risk, count = feature.at_threshold()
    noise_order = Term(
        sp.simplify(feature.noise_at_threshold() / power_law_integral(risk)),
        {"tau": sp.Integer(2), "kappa": sp.Integer(-2)},
        "noise on learned features",
    )
    return Sector(
        name="features above the threshold",
        risk=(feature_sum(risk, "kappa", 2, _FEATURE_RISK),),
        count=(feature_sum(count, "kappa", 0, _FEATURE_COUNT),),
        much_less=((smallest_feature(feature.number), KAPPA), (KAPPA, ONE), (TAU, KAPPA)),
        corrections=(*end_corrections(risk, "kappa", feature.number), noise_order),
        spectrum="zero mass + spikes",
        features="some",
    )


def _above_edge(noise: NoiseShare, feature: FeatureShare) -> Sector:
    """``c`` constant above the edge: computed in terms of the smallest learned feature, then put back."""
    onset = sp.Symbol("onset", positive=True)
    risk, count = feature.at_shape(feature.shape_at_onset(onset), onset)
    back = {onset: feature.onset(SHAPE)}
    terms = (
        feature_sum(risk, "tau", 2, _FEATURE_RISK),
        feature_sum(count, "tau", 0, _FEATURE_COUNT),
        *end_corrections(risk, "tau", feature.number),
    )
    risk_term, count_term, *corrections = (
        Term(term.coefficient.subs(back), term.powers, term.label) for term in terms
    )
    return Sector(
        name="features above the threshold, threshold near the noise",
        risk=(risk_term,),
        count=(count_term,),
        much_less=((smallest_feature(feature.number), TAU), (TAU, ONE)),
        shape=(noise.edge, sp.oo),
        corrections=tuple(corrections),
        spectrum="zero mass + spikes",
        features="some",
    )


def _edge_nothing(noise: NoiseShare) -> Sector:
    return Sector(
        name="noise edge, nothing learned",
        risk=(_MISSED, leaked_risk(noise)),
        count=(_leaked_count(noise),),
        much_less=((ONE, TAU), *_near_edge(noise)),
        ties=_edge_tie(noise),
        unknowns=("tau", "kappa", noise.small),
        exponential=_tail(noise),
        corrections=(_leak_correction(noise),),
        count_corrections=_count_corrections(noise, 0),
        shared=noise.leak_ratio(),
        spectrum="zero mass + bulk",
        features="none",
        noise="edge",
    )


def _edge_features(noise: NoiseShare, feature: FeatureShare) -> Sector:
    if feature.exact:
        scale, reference = "tau", TAU
        risk, count = feature.at_shape(noise.edge, feature.onset(noise.edge))
        nearest = Term(
            -sp.simplify(feature.slope_at(noise.edge) / power_law_integral(risk)),
            {"gap": sp.Integer(1)},
            "threshold below the edge",
        )
    else:
        scale, reference = "kappa", KAPPA
        risk, count = feature.at_threshold()
        ratio = sp.simplify(feature.noise_at_threshold() / power_law_integral(risk))
        nearest = Term(ratio, {"c": sp.Integer(-2)}, "noise on learned features")
    return Sector(
        name="noise edge",
        risk=(feature_sum(risk, scale, 2, _FEATURE_RISK), leaked_risk(noise)),
        count=(feature_sum(count, scale, 0, _FEATURE_COUNT), _leaked_count(noise)),
        much_less=((smallest_feature(feature.number), reference), (reference, ONE), *_near_edge(noise)),
        ties=_edge_tie(noise),
        unknowns=("tau", "kappa", noise.small),
        exponential=_tail(noise),
        corrections=(*end_corrections(risk, scale, feature.number), nearest, _leak_correction(noise)),
        count_corrections=_count_corrections(noise, 1),
        shared=noise.leak_ratio(),
        spectrum="zero mass + bulk + spikes",
        features="some",
        noise="edge",
    )


def _inside(noise: NoiseShare, feature: FeatureShare) -> Sector:
    learned = {"d": sp.Integer(1)}
    return Sector(
        name="inside the noise",
        risk=(Term(noise.risk(), {**learned, "tau": sp.Integer(2)}, _NOISE),),
        count=(Term(noise.count(), learned, _NOISE),),
        much_less=((smallest_feature(feature.number), TAU),),
        shape=(sp.Integer(0), noise.edge),
        corrections=(_features_among_noise(),),
        spectrum="zero mass + bulk",
        features="some",
        noise="bulk",
    )


def _interpolating(noise: NoiseShare, feature: FeatureShare) -> Sector:
    risk, count, risk_slope, count_slope = noise.at_zero()
    one, two, degree = sp.Integer(1), sp.Integer(2), noise.degree
    return Sector(
        name="threshold below the noise",
        risk=(Term(risk, {"d": one, "tau": two}, _NOISE),),
        count=(Term(count, {"d": one}, _NOISE),),
        deficit=(
            Term(count_slope, {"d": one, "kappa": degree, "tau": -degree}, "noise below the threshold"),
        ),
        risk_deficit=(
            Term(risk_slope, {"d": one, "kappa": degree, "tau": two - degree}, "noise below the threshold"),
        ),
        much_less=((smallest_feature(feature.number), TAU), (KAPPA, TAU)),
        corrections=(
            Term(
                sp.simplify(-risk_slope / risk),
                {"kappa": degree, "tau": -degree},
                "noise below the threshold",
            ),
            # learned on both sides without threshold, the estimate is features and noise, whatever their size
            *([_features_among_noise(feature.among_noise / risk)] if noise.tilt else []),
        ),
        spectrum="zero mass + bulk"
        if noise.tilt == 1
        else "bulk",  # one-sided: half of the noise is negative
        features="some",
        noise="all",
    )


def _resolved(feature: FeatureShare) -> Sector:
    """Every feature is learned: the sums over features are ``d`` equal shares."""
    risk, count = feature.all_learned()
    return Sector(
        name="all features learned",
        risk=risk,
        count=count,
        much_less=((TAU, smallest_feature(feature.number)), (KAPPA, smallest_feature(feature.number))),
        spectrum="d spikes",
        features="all",
        noise="all",
    )


def leaked_risk(noise: NoiseShare) -> Term:
    """Learned noise beyond the edge, ``d tau**2 j(c)`` to leading order."""
    return _edge_term(noise, noise.edge_risk()[0], sp.Integer(2))


def _leaked_count(noise: NoiseShare) -> Term:
    return _edge_term(noise, noise.edge_count(), sp.Integer(0))


def _edge_term(noise: NoiseShare, term: EdgeTerm, tau_power: sp.Expr) -> Term:
    powers = {"d": sp.Integer(1), "tau": tau_power, noise.small: term.power, "c": term.shape_power}
    return Term(term.coefficient, {name: power for name, power in powers.items() if power != 0}, _NOISE)


def _leak_correction(noise: NoiseShare) -> Term:
    first, second = noise.edge_risk()
    powers = {noise.small: second.power - first.power, "c": second.shape_power - first.shape_power}
    ratio = sp.simplify(second.coefficient / first.coefficient)
    shared = noise.leak_ratio()
    if shared:  # the leak is part of the noise equation, and moves the noise scale as well
        ratio += shared / (1 - shared) * (ratio - noise.edge_count_ratio())
    left = {name: power for name, power in powers.items() if power != 0}
    return Term(ratio, left, "next term of the leak", corrects=1)


def _count_corrections(noise: NoiseShare, index: int) -> tuple[Term, ...]:
    """The next term of ``s/d = j - c j'/2``.

    At an algebraic edge ``j = A gap**p (1 + r gap)`` with ``c = edge - gap``; behind a Gaussian tail
    ``j = A q c**p (1 + r c**-2)`` with ``q' = -c q``.
    """
    first, second = noise.at_edge
    next_ratio = second.coefficient / first.coefficient
    if noise.small == "q":
        powers = {"c": second.shape_power - first.shape_power}
        ratio = noise.edge_count_ratio()
    else:
        powers = {noise.small: sp.Integer(1)}
        power = first.power
        ratio = sp.simplify(next_ratio * (power + 1) / power - 1 / noise.edge + 2 / (noise.edge * power))
    return (Term(ratio, powers, "next term of the leaked count", corrects=index),)


def _near_edge(noise: NoiseShare) -> tuple[tuple[Term, Term], ...]:
    small = Term(sp.Integer(1), {noise.small: sp.Integer(1)}, "distance to the edge")
    return ((small, ONE),)


def _edge_tie(noise: NoiseShare) -> tuple[tuple[Term, Term], ...]:
    if noise.small == "q":
        return ((KAPPA, Term(sp.Integer(1), {"tau": sp.Integer(1), "c": sp.Integer(1)}, "threshold")),)
    return ((KAPPA, Term(noise.edge, {"tau": sp.Integer(1)}, "edge of the noise")),)


def _tail(noise: NoiseShare) -> tuple[str, str] | None:
    return ("q", "c") if noise.small == "q" else None


def _features_among_noise(constant: Expr = sp.nan) -> Term:
    """Of the order of their number over ``d``; within a threshold the constant is not derived."""
    count = number_learned("tau")
    powers = {**count.powers, "d": -sp.Integer(1)}
    return Term(constant * count.coefficient, powers, "features among the noise")
