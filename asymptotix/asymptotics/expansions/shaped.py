r"""Sectors of a scalar threshold on inputs of unequal variance, ``v_i = i**-beta``: every coordinate has its own.

Stated for whitened coefficients ``a_i = i**-gamma / N``, coordinate ``i`` is thresholded at ``kappa i**(beta/2)``.
Learned features end where the two meet, at ``i_* = (N kappa)**(-1/g)`` with ``g = gamma + beta/2``; learned noise ends
where the threshold meets the noise, at ``i_n = (tau/kappa)**(2/beta)``. No edge is sharp in ``i``, so that there are no
logarithms: all sums are Mellin integrals of the two shares, and leaked risk is a constant times ``tau**2`` times
leaked count.

Without weight decay and with noise far below ``n_eff**(1 - 2 gamma)`` features, noise and threshold all meet at
``i ~ n_eff``, where no term leads: the error is ``n_eff**(1 - 2 gamma)`` times a number (`little_noise`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import TEACHER_NORM, monomials
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
from asymptotix.asymptotics.symbols import GAMMA, KAPPA, SAMPLES, SHAPE, TAU, Expr

_HALF = sp.Rational(1, 2)
_MISSED = "features missed"


def build_shaped_sectors(noise: NoiseShare, feature: FeatureShare, beta: Any) -> tuple[Sector, ...]:
    """Every sector, from the shares of a single coordinate.

    >>> from asymptotix.asymptotics.expansions.scalar_threshold import feature_share, noise_share
    >>> sectors = build_shaped_sectors(noise_share(), feature_share(), "1/2")
    >>> next(sector.shared for sector in sectors if sector.noise == "bulk")  # beta/(1 + beta)
    1/3
    """
    beta = sp.Rational(beta)
    return (
        nothing(),
        biased(feature, beta),
        *_noise_and_features(noise, beta),
        _little_noise(beta),
        interpolating(noise, feature, beta),
        resolved(feature, beta),
    )


def _noise_and_features(noise: NoiseShare, beta: Expr) -> Iterator[Sector]:
    """Noise up to ``i_n``; features hidden in it are missed beyond ``i_n``, or where noise first hides them."""
    number = (TAU / KAPPA) ** (2 / beta)
    risk = term(_mellin(noise.risk(), 2 / beta) * TAU**2 * number, NOISE_LEARNED)
    count = term(_mellin(noise.count(), 2 / beta) * number, NOISE_LEARNED)
    shared = sp.simplify(risk.coefficient / count.coefficient)
    # Directions are counted from i = 1, the integral from 0: zeta(0) of each, relative to i_n. The risk's own is larger
    # by 1/shared; what the two differ by also moves the noise scale, as shared of the samples' noise is learned:
    # r + shared/(1 - shared) (r - s) with r = -1/2/shared and s = -1/2
    moved = sp.simplify(-_HALF * (1 / shared - shared) / (1 - shared))
    few = "noise directions are discrete"
    slope, crossing = noise.at_zero()[2], (2 + beta) / 4
    beyond = (_missed_beyond(beta), "beyond", (None, crossing))
    for place, order, missed_within in (
        ("below", (LEVEL, LARGEST), _missed_within),
        ("above", (LARGEST, LEVEL), _missed_faint),
    ):
        for missed, where, gammas in (beyond, (missed_within(slope, beta), "within", (crossing, None))):
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


def _little_noise(beta: Expr) -> Sector:
    """All meet at ``X = samples/count``; counted from ``i = 1`` each sum is half a direction less."""
    at = Meeting.of(SequenceMeeting, beta / 2)
    known = TEACHER_NORM * at.feature
    risk = term(at.count ** (2 * GAMMA) / known**2 * SAMPLES ** (1 - 2 * GAMMA), FEATURE_RISK)
    count = term(at.count * (known * KAPPA) ** (-1 / (GAMMA + beta / 2)), FEATURE_COUNT)
    return at.sector(risk, count, beta, (term(-GAMMA / SAMPLES, "directions are discrete"),))


def _mellin(function: Expr, power: Expr) -> Expr:
    """``int_0^oo f(x**(1/power)) dx`` of a function of the threshold over the noise, which decays like a Gaussian.

    By parts until nothing but Gaussians times powers is left: ``int c**p f' = - int c**(p+1) f'' / (p+1)``.
    """
    weight, rest = -sp.Integer(1), sp.diff(function, SHAPE)
    while rest.has(sp.erf, sp.erfc):
        weight, rest, power = -weight / (power + 1), sp.expand(sp.diff(rest, SHAPE)), power + 1
    total = sp.Integer(0)
    for coefficient, e in monomials(sp.simplify(rest * sp.exp(SHAPE**2 / 2)), SHAPE):
        a = (power + e + 1) / 2
        total += coefficient * 2 ** (a - 1) * sp.gamma(a)
    return sp.simplify(weight * total)


def _missed_beyond(beta: Expr) -> Term:
    """``sum a_i**2 P(|z| < c_i)``, for slowly decaying teachers: an integral over ``i ~ i_n``."""
    s = (1 - 2 * GAMMA) * 2 / beta
    # the Mellin transform of erf(t/sqrt(2)), -1 < s < 0
    transform = -(2 ** (s / 2)) * sp.gamma((s + 1) / 2) / (sp.sqrt(sp.pi) * s)
    return term(2 / beta * transform / TEACHER_NORM**2 * (TAU / KAPPA) ** s, _MISSED)


def _missed_within(slope: Expr, beta: Expr) -> Term:
    """``tau**2 sum (slope of j at 0) c_i (1 - phi(a_i/tau)/phi(0))``: features of the noise's size."""
    power = (1 + beta / 2) / GAMMA
    # int x**(beta/2) (1 - exp(-x**(-2 gamma)/2)) dx, by y = x**-gamma
    weight = -sp.gamma(-power / 2) * 2 ** (-power / 2 - 1) / GAMMA
    return term(slope * weight * (TEACHER_NORM * TAU) ** -power * TAU * KAPPA, _MISSED)


def _missed_faint(slope: Expr, beta: Expr) -> Term:
    """The same where all features are below the noise: ``(slope/2) sum a_i**2 c_i``."""
    return term(slope / 2 * sp.zeta(2 * GAMMA - beta / 2) / TEACHER_NORM**2 * KAPPA / TAU, _MISSED)
