r"""Sectors of a scalar threshold on inputs of unequal variance, ``v_i = i**-beta``: every coordinate has its own.

Stated for whitened coefficients ``a_i = i**-gamma / N``, coordinate ``i`` is thresholded at ``kappa i**(beta/2)``.
Learned features end where the two meet, at ``i_* = (N kappa)**(-1/g)`` with ``g = gamma + beta/2``; learned noise ends
where the threshold meets the noise, at ``i_n = (tau/kappa)**(2/beta)``. No edge is sharp in ``i``, so that there are no
logarithms: all sums are Mellin integrals of the two shares, and leaked risk is a constant times ``tau**2`` times
leaked count.

A penalty ``|theta|**q`` weighs ``|a_i|**q`` by ``i**(beta q/2)``, so that its thresholds grow like ``i**(b/2)`` with
``b = beta q/(2 - q)``: all of the above holds with ``b`` in place of ``beta``, and the shares' own Mellin transforms.

Without weight decay and with noise far below ``n_eff**(1 - 2 gamma)`` features, noise and threshold all meet at
``i ~ n_eff``, where no term leads: the error is ``n_eff**(1 - 2 gamma)`` times a number (`little_noise`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import TEACHER_NORM
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
from asymptotix.asymptotics.expansions.sectors import (
    FEATURE_COUNT,
    FEATURE_RISK,
    LARGEST,
    LEVEL,
    NOISE_LEARNED,
    THRESHOLD,
    biased,
    interpolating,
    last_threshold,
    meeting,
    nothing,
    resolved,
)
from asymptotix.asymptotics.little_noise import Meeting, SequenceMeeting
from asymptotix.asymptotics.sector import Sector, Term, term
from asymptotix.asymptotics.symbols import GAMMA, KAPPA, SAMPLES, TAU, Expr

_HALF = sp.Rational(1, 2)
_MISSED = "features missed"


def build_shaped_sectors(noise: NoiseShare, feature: FeatureShare, beta: Any) -> tuple[Sector, ...]:
    """Every sector, from the shares of a single coordinate.

    >>> from asymptotix.asymptotics.expansions.scalar_threshold import feature_share, noise_share
    >>> sectors = build_shaped_sectors(noise_share(), feature_share(), "1/2")
    >>> next(sector.shared for sector in sectors if sector.noise == "bulk")  # beta/(1 + beta)
    1/3
    """
    beta = sp.Rational(beta) * (2 - noise.degree) / noise.degree
    return (
        nothing(),
        biased(feature, beta),
        *_noise_and_features(noise, beta),
        _little_noise(beta, noise.degree),
        interpolating(noise, feature, beta),
        resolved(feature, beta),
    )


def _noise_and_features(noise: NoiseShare, beta: Expr) -> Iterator[Sector]:
    """Noise up to ``i_n``; features hidden in it are missed beyond ``i_n``, or where noise first hides them."""
    number = (TAU / KAPPA) ** (2 / beta)
    by_risk, by_count = noise.mellin(2 / beta)
    risk, count = term(by_risk * TAU**2 * number, NOISE_LEARNED), term(by_count * number, NOISE_LEARNED)
    shared = sp.simplify(by_risk / by_count)
    # Directions are counted from i = 1, the integral from 0: zeta(0) of each, relative to i_n. The risk's own is larger
    # by 1/shared; what the two differ by also moves the noise scale, as shared of the samples' noise is learned:
    # r + shared/(1 - shared) (r - s) with r = -1/2/shared and s = -1/2
    moved = sp.simplify(-_HALF * (1 / shared - shared) / (1 - shared))
    few = "noise directions are discrete"
    crossing = (2 + noise.degree * beta) / 4
    beyond = (_missed_beyond(noise, beta), "beyond", (None, crossing))
    for place, order, missed_within in (
        ("below", (LEVEL, LARGEST), _missed_within),
        ("above", (LARGEST, LEVEL), _missed_faint),
    ):
        for missed, where, gammas in (beyond, (missed_within(noise, beta), "within", (crossing, None))):
            yield Sector(
                name=f"noise learned {place} the largest feature, features missed {where} it",
                risk=(missed, risk),
                count=(count,),
                much_less=((THRESHOLD, LEVEL), order, (LEVEL, last_threshold(beta)), (meeting(beta), LEVEL)),
                shared=shared,
                corrections=(term(moved / count.expression, few, 1),),
                count_corrections=(term(-_HALF / count.expression, few),),
                spectrum="zero mass + bulk",
                noise="bulk",
                gamma=gammas,
            )


def _little_noise(beta: Expr, degree: Expr) -> Sector:
    """All meet at ``X = samples/count``; counted from ``i = 1`` each sum is half a direction less."""
    at = Meeting.of(SequenceMeeting, beta / 2, 2 - degree)
    known = TEACHER_NORM * at.feature
    risk = term(at.count ** (2 * GAMMA) / known**2 * SAMPLES ** (1 - 2 * GAMMA), FEATURE_RISK)
    count = term(at.count * (known * KAPPA) ** (-1 / (GAMMA + beta / 2)), FEATURE_COUNT)
    return at.sector(risk, count, beta, (term(-GAMMA / SAMPLES, "directions are discrete"),), degree)


def _missed_beyond(noise: NoiseShare, beta: Expr) -> Term:
    """``sum a_i**2 (1 - s - (1 - 1/m) c s')``, for slowly decaying teachers: an integral over ``i ~ i_n``.

    With ``m = 1`` that is ``P(|z| < c_i)``. A Mellin transform beyond the pole at 0, ``-m < power < 0``.
    """
    power = (1 - 2 * GAMMA) * 2 / beta
    missed = -noise.mellin(power)[1] * (1 - (1 - 1 / sp.sympify(noise.degree)) * power)
    return term(missed / (1 - 2 * GAMMA) / TEACHER_NORM**2 * (TAU / KAPPA) ** power, _MISSED)


def _missed_within(noise: NoiseShare, beta: Expr) -> Term:
    """``tau**2 sum c_i**m (h(0) - h(a_i/tau))``: features of the noise's size, whose risk is ``1 - h c**m``.

    ``h`` is ``q g - y g'`` of the mean ``g`` of ``2 C |y + z|**q``, a confluent hypergeometric function.
    """
    q, slope = 2 - noise.degree, noise.at_zero()[2]
    power = (1 + noise.degree * beta / 2) / GAMMA
    # int x**(m beta/2) (1 - h(x**-gamma)/h(0)) dx by y = x**-gamma; for q = 1, h falls like exp(-y**2/2)
    weight = -sp.gamma(-power / 2) * 2 ** (-power / 2 - 1) / GAMMA
    if q != 1:
        weight *= (
            sp.gamma(1 + (power - q) / 2) * sp.sqrt(sp.pi) / sp.gamma(1 - q / 2) / sp.gamma((1 + power) / 2)
        )
    lost = TAU**2 * (KAPPA / TAU) ** noise.degree
    return term(slope * weight * (TEACHER_NORM * TAU) ** -power * lost, _MISSED)


def _missed_faint(noise: NoiseShare, beta: Expr) -> Term:
    """The same where all features are below the noise: ``(m/2) h(0) sum a_i**2 c_i**m``."""
    m, slope = noise.degree, noise.at_zero()[2]
    known = m * slope / 2 * sp.zeta(2 * GAMMA - m * beta / 2) / TEACHER_NORM**2
    return term(known * (KAPPA / TAU) ** m, _MISSED)
