r"""Sectors of a scalar threshold on inputs of unequal variance, ``v_i = i**-beta``: every coordinate has its own.

Stated for whitened coefficients ``a_i = i**-gamma / N``, coordinate ``i`` is thresholded at ``kappa i**(beta/2)``.
Learned features end where the two meet, at ``i_* = (N kappa)**(-1/g)`` with ``g = gamma + beta/2``; learned noise ends
where the threshold meets the noise, at ``i_n = (tau/kappa)**(2/beta)``. No edge is sharp in ``i``, so that there are no
logarithms: all sums are Mellin integrals of the two shares, and leaked risk is a constant times ``tau**2`` times
leaked count.

Not among them: without weight decay and with noise far below ``n_eff**(1 - 2 gamma)`` features, noise and threshold
all meet at ``i ~ n_eff``, and no term leads; the error is ``n_eff**(1 - 2 gamma)`` times a number without closed form.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import TEACHER_NORM, monomials, power_law_integral
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
from asymptotix.asymptotics.expansions.sectors import KAPPA, ONE, TAU
from asymptotix.asymptotics.sector import Sector, Term
from asymptotix.asymptotics.symbols import GAMMA, SHAPE, Expr

_ONE, _TWO, _HALF = sp.Integer(1), sp.Integer(2), sp.Rational(1, 2)


def build_shaped_sectors(noise: NoiseShare, feature: FeatureShare, beta: Any) -> tuple[Sector, ...]:
    """Every sector, from the shares of a single coordinate.

    >>> from asymptotix.asymptotics.expansions.scalar_threshold import feature_share, noise_share
    >>> sectors = build_shaped_sectors(noise_share(), feature_share(), "1/2")
    >>> next(sector.shared for sector in sectors if sector.noise == "bulk")  # beta/(1 + beta)
    1/3
    """
    shape = Shape(noise, feature, sp.Rational(beta))
    crossing = (2 + shape.beta) / 4  # below it features hidden by noise are missed where the noise ends
    ranges = ((None, crossing), (crossing, None))
    return (
        shape.nothing(),
        shape.biased(),
        *(shape.noise_and_features(seen, *gammas) for seen in (True, False) for gammas in ranges),
        shape.interpolating(),
        shape.resolved(),
    )


class Shape:
    """Thresholds ``kappa i**(beta/2)``."""

    def __init__(self, noise: NoiseShare, feature: FeatureShare, beta: Expr) -> None:
        self.noise, self.feature, self.beta = noise, feature, beta
        self.g = GAMMA + beta / 2

    def _last_threshold(self) -> Term:
        return Term(_ONE, {"kappa": _ONE, "d": self.beta / 2}, "last threshold")

    def _last_feature(self) -> Term:
        return Term(1 / TEACHER_NORM, {"d": -GAMMA}, "smallest feature")

    def _meeting(self) -> Term:
        """The size of the last learned feature, which is its threshold: ``kappa i_***(beta/2)``."""
        power = -self.beta / 2 / self.g
        return Term(TEACHER_NORM**power, {"kappa": 1 + power}, "last learned feature")

    def nothing(self) -> Sector:
        missed = Term(_ONE, {}, "teacher missed")
        return Sector(
            name="nothing learned",
            risk=(missed,),
            count=(),
            much_less=((ONE, KAPPA), (TAU, KAPPA)),
            spectrum="zero mass",
            features="none",
        )

    @property
    def risk_of_features(self) -> Expr:
        """The risk over ``kappa**2 i_***(1 + beta)``."""
        risk, _ = self.feature.at_threshold()
        power = 1 + self.beta
        return sp.factor(sp.simplify(power_law_integral(risk, self.g / power) / power))

    def biased(self) -> Sector:
        """Features up to ``i_*``: ``sum kappa**2 i**beta r(a_i / (kappa i**(beta/2)))``."""
        beta, g = self.beta, self.g
        _, count = self.feature.at_threshold()
        total = self.risk_of_features
        number = sp.simplify(power_law_integral(count, g))
        label = "features missed and shrunk"
        leading = Term(total * TEACHER_NORM ** (-(1 + beta) / g), {"kappa": 2 - (1 + beta) / g}, label)
        learned = Term(number * TEACHER_NORM ** (-1 / g), {"kappa": -1 / g}, "features learned")
        ends = (1 + beta) / g
        # beyond the corner of the last learned feature, which lies somewhere between two integers, the start counts
        # for less (or as much, at beta = 1)
        discrete = (
            Term(sp.zeta(-beta) / total * TEACHER_NORM**ends, {"kappa": ends}, "features are discrete")
            if beta < 1
            else Term(sp.nan, {"kappa": 2 / g}, "the last learned feature lies between integers")
        )
        corrections = (
            discrete,
            Term(
                (1 + beta) / (2 * g * (2 * GAMMA - 1)) * TEACHER_NORM**-2,
                {"d": 1 - 2 * GAMMA},
                "teacher normalised over d features",
            ),
            Term(
                -1 / (2 * GAMMA - 1) / total * TEACHER_NORM ** (ends - 2),
                {"d": 1 - 2 * GAMMA, "kappa": ends - 2},
                "features end at i = d",
            ),
            Term(  # the identity on tau**2 times the summed count, as for equal inputs
                number * (1 - 1 / g) / total * TEACHER_NORM ** (beta / g),
                {"tau": _TWO, "kappa": beta / g - 2},
                "noise on learned features",
            ),
        )
        return Sector(
            name="features above the threshold",
            risk=(leading,),
            count=(learned,),
            much_less=((self._last_feature(), self._last_threshold()), (KAPPA, ONE), (TAU, self._meeting())),
            corrections=corrections,
            spectrum="zero mass + spikes",
            features="some",
        )

    def _mellin(self, function: Expr) -> Expr:
        """``int_0^oo f(x**(beta/2)) dx`` of a function of the threshold over the noise, which decays like a Gaussian.

        By parts until nothing but Gaussians times powers is left: ``int c**p f' = - int c**(p+1) f'' / (p+1)``.
        """
        power = 2 / self.beta
        weight, rest = -_ONE, sp.diff(function, SHAPE)
        while rest.has(sp.erf, sp.erfc):
            weight, rest, power = -weight / (power + 1), sp.expand(sp.diff(rest, SHAPE)), power + 1
        polynomial = sp.expand(sp.simplify(rest * sp.exp(SHAPE**2 / 2)))
        total = sp.Integer(0)
        for coefficient, e in monomials(polynomial, SHAPE):
            a = (power + e + 1) / 2
            total += coefficient * 2 ** (a - 1) * sp.gamma(a)
        return sp.simplify(weight * total)

    def _noise_terms(self) -> tuple[Term, Term]:
        """Learned noise: ``tau**2 sum j(c_i)`` and the number of its directions, up to ``i_n``."""
        k = 2 / self.beta
        powers = {"tau": k, "kappa": -k}
        risk = Term(self._mellin(self.noise.risk()), {**powers, "tau": k + 2}, "noise learned")
        return risk, Term(self._mellin(self.noise.count()), powers, "noise learned")

    def noise_and_features(self, visible: bool, low: Expr | None, high: Expr | None) -> Sector:
        """Noise up to ``i_n``; features hidden in it are missed beyond ``i_n``, or where noise first hides them."""
        risk, count = self._noise_terms()
        shared = sp.simplify(risk.coefficient / count.coefficient)
        if high is not None:
            missed, where = self._missed_beyond(), "beyond it"
        else:
            missed, where = self._missed_within() if visible else self._missed_faint(), "within it"
        level = (TAU, ONE) if visible else (ONE, TAU)
        return Sector(
            name=f"noise learned {'below' if visible else 'above'} the largest feature, features missed {where}",
            risk=(missed, risk),
            count=(count,),
            much_less=((KAPPA, TAU), level, (TAU, self._last_threshold()), (self._meeting(), TAU)),
            shared=shared,
            corrections=(self._discrete(-_HALF * (1 / shared - shared) / (1 - shared), count, 1),),
            count_corrections=(self._discrete(-_HALF, count, 0),),
            spectrum="zero mass + bulk",
            features="some",
            noise="bulk",
            gamma=(low or _HALF, high),
        )

    def _discrete(self, weight: Expr, count: Term, index: int) -> Term:
        """Directions are counted from ``i = 1``, the integral from 0: ``zeta(0)`` of each, relative to ``i_n``.

        The risk's own is larger by ``1/shared``; what the two differ by also moves the noise scale, as ``shared`` of
        the samples' noise is learned: ``r + shared/(1 - shared) (r - s)`` with ``r = -1/2/shared`` and ``s = -1/2``.
        """
        powers = {name: -power for name, power in count.powers.items()}
        return Term(
            sp.simplify(weight / count.coefficient), powers, "noise directions are discrete", corrects=index
        )

    def _missed_beyond(self) -> Term:
        """``sum a_i**2 P(|z| < c_i)``, for slowly decaying teachers: an integral over ``i ~ i_n``."""
        s = (1 - 2 * GAMMA) * 2 / self.beta
        # the Mellin transform of erf(t/sqrt(2)), -1 < s < 0
        transform = -(2 ** (s / 2)) * sp.gamma((s + 1) / 2) / (sp.sqrt(sp.pi) * s)
        return Term(2 / self.beta * transform / TEACHER_NORM**2, {"tau": s, "kappa": -s}, "features missed")

    def _missed_within(self) -> Term:
        """``tau**2 sum (slope of j at 0) c_i (1 - phi(a_i/tau)/phi(0))``: features of the noise's size."""
        slope = self.noise.at_zero()[2]
        power = (1 + self.beta / 2) / GAMMA
        # int x**(beta/2) (1 - exp(-x**(-2 gamma)/2)) dx, by y = x**-gamma
        weight = -sp.gamma(-power / 2) * 2 ** (-power / 2 - 1) / GAMMA
        return Term(
            slope * weight * TEACHER_NORM**-power,
            {"tau": 1 - power, "kappa": _ONE},
            "features missed",
        )

    def _missed_faint(self) -> Term:
        """The same where all features are below the noise: ``(slope/2) sum a_i**2 c_i``."""
        total = self.noise.at_zero()[2] / 2 * sp.zeta(2 * GAMMA - self.beta / 2) / TEACHER_NORM**2
        return Term(total, {"kappa": _ONE, "tau": -_ONE}, "features missed")

    def interpolating(self) -> Sector:
        risk, count, risk_slope, count_slope = self.noise.at_zero()
        grown = {"d": 1 + self.beta / 2, "kappa": _ONE}
        share = 1 / (1 + self.beta / 2)
        label = "noise below the threshold"
        return Sector(
            name="threshold below the noise",
            risk=(Term(risk, {"d": _ONE, "tau": _TWO}, "noise learned"),),
            count=(Term(count, {"d": _ONE}, "noise learned"),),
            deficit=(Term(count_slope * share, {**grown, "tau": -_ONE}, label),),
            risk_deficit=(Term(risk_slope * share, {**grown, "tau": _ONE}, label),),
            much_less=((self._last_feature(), TAU), (self._last_threshold(), TAU)),
            corrections=(
                Term(-risk_slope * share / risk, {"d": self.beta / 2, "kappa": _ONE, "tau": -_ONE}, label),
            ),
            spectrum="bulk",
            features="some",
            noise="all",
        )

    def resolved(self) -> Sector:
        shrunk = Term(1 / (1 + self.beta), {"d": 1 + self.beta, "kappa": _TWO}, "features shrunk")
        return Sector(
            name="all features learned",
            risk=(Term(_ONE, {"d": _ONE, "tau": _TWO}, "noise learned"), shrunk),
            count=(Term(_ONE, {"d": _ONE}, "features learned"),),
            much_less=((TAU, self._last_feature()), (self._last_threshold(), self._last_feature())),
            spectrum="d spikes",
            features="all",
            noise="all",
        )
