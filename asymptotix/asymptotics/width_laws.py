r"""Laws of the best width: without weight decay, without noise, and together with the best weight decay.

At one effective noise ``tau`` a network that keeps the features above ``m tau``, at threshold ``c tau``, has the risk

    R = F(c, m) i* tau**2 ,      F = (1/gamma) (int_0^m y**2 dmu + int_m^oo r(c, y) dmu) ,   dmu = y**(-1-1/gamma) dy

with ``r`` the risk of one learned feature and ``i* = (N tau)**(-1/gamma)``. Its derivative by ``m`` vanishes where a
feature costs as much learned as missed, ``r(c, m) = m**2``. As ``F`` is the only thing that the width chooses, the
least ``F`` is the least error. The cut has to lie above the edge of the noise (``m > 1``), else it cuts noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import FEATURE, TEACHER_NORM, Piece, power_law_integral
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare, bayes_pieces
from asymptotix.asymptotics.laws import (
    DIMENSION,
    N_EFF,
    NOISE,
    Law,
    feature_ends,
    features_above,
    noise_level,
    tidy,
)
from asymptotix.asymptotics.sector import Scales
from asymptotix.asymptotics.symbols import GAMMA, SHAPE, Expr
from asymptotix.errors import NotSupplied

ONSET: Expr = sp.Symbol("m", positive=True)
"""Where features begin to be learned, over ``tau``."""
# On either side of 1, near 1/2 and far above: what is said to hold for all gamma is held against these.
_SOME_GAMMAS = (sp.Rational(11, 20), sp.Integer(1), sp.Integer(2), sp.Integer(8))
_HOLDS = "1 << n_eff << d**(2 gamma), risk << Delta"


@dataclass(frozen=True)
class Cut:
    """Features above ``onset`` are learned at threshold ``shape``, both in units of ``tau``.

    ``factor`` is ``F``, ``used`` the degrees of freedom over ``i*``; ``pieces`` the risk of one feature, in the symbols
    of shape and onset.
    """

    onset: Expr
    shape: Expr
    factor: Expr
    used: Expr
    pieces: tuple[Piece, ...]

    def ends(self, tau: Expr) -> Expr:
        """Relative corrections from the ends of the sum over features; numbers are all that is asked of them."""
        return feature_ends(list(self.pieces), tau).subs({SHAPE: self.shape, ONSET: self.onset})


@dataclass(frozen=True)
class BestWidth:
    """The best width, the error there, and its exact ratios to the best weight decay and to Bayes.

    ``penalty`` is the weight decay that goes with it, 0 where there is none.
    """

    cut: Cut
    width: Law
    risk: Law
    penalty: Law
    over_decay: Expr
    over_bayes: Expr


@cache
def least_cut(feature: FeatureShare, with_decay: bool) -> Cut:
    """The cut of least risk at zero threshold, or together with the threshold.

    >>> from asymptotix.asymptotics.expansions import spectral_shares
    >>> noise, feature = spectral_shares(1)
    >>> least_cut(feature, False).onset, least_cut(feature, True).onset
    (sqrt(3), sqrt(3*gamma + 1)/sqrt(gamma + 1))
    """
    if not feature.exact:
        raise NotSupplied("a network of coefficients", "width")
    (missed, learned), (counted,) = feature.at_shape(SHAPE, ONSET)
    risk = power_law_integral([missed, learned])
    shape: Expr = sp.Integer(0)
    if with_decay:  # F is a parabola in c
        (shape,) = sp.solve(sp.diff(risk, SHAPE), SHAPE)
    marginal = (learned[0].subs(FEATURE, ONSET) - ONSET**2).subs(SHAPE, shape)
    place = _root_beyond_edge(marginal)
    shape = _short(shape.subs(ONSET, place))
    factor, used = (
        _short(x.subs({SHAPE: shape, ONSET: place})) for x in (risk, power_law_integral([counted]))
    )
    return Cut(place, shape, factor, used, (missed, learned))


def best_width(
    noise: NoiseShare, feature: FeatureShare, scales: Scales, with_decay: bool = False
) -> BestWidth:
    """The best width for ``1 << n_eff << d**(2 gamma)`` at noise of order one, without weight decay or with the best.

    Both have the Bayes-optimal rate. Degrees of freedom stay far below the number of samples.
    """
    cut = least_cut(feature, with_decay)
    tau = noise_level(scales)
    error = cut.factor * tau**2 * features_above(tau)
    ends = cut.ends(tau)
    share = error / (scales.noise * NOISE)
    penalty = cut.shape * tau * scales.samples * N_EFF / (scales.penalty * sp.sqrt(DIMENSION))
    decay, _ = feature.at_edge(noise)
    return BestWidth(
        cut,
        Law("best width", tidy(features_above(cut.onset * tau)), _HOLDS, -share / (2 * GAMMA)),
        Law("error at the best width", tidy(error), _HOLDS, ends + (1 - 1 / (2 * GAMMA)) * share),
        Law("weight decay at the best width", sp.simplify(penalty), _HOLDS),
        _short(cut.factor / power_law_integral(decay)),
        _short(cut.factor / power_law_integral(bayes_pieces(feature))),
    )


def noiseless_width(feature: FeatureShare, scales: Scales) -> tuple[Law, Law]:
    """The best width and its error at ``Delta = 0``, ``lam -> 0``: ``f n_eff = F i*``, all errors are features'.

    Raises:
        NotSupplied: the network so cut would interpolate, which the law does not describe.
    """
    cut = least_cut(feature, False)
    samples = scales.samples * N_EFF
    learned = samples / cut.factor
    if not all(sp.N((cut.used / cut.factor).subs(GAMMA, g)) < 1 for g in _SOME_GAMMAS):
        raise NotSupplied("a network that interpolates", "best width without noise")
    tau = learned**-GAMMA / TEACHER_NORM
    relative = 2 * GAMMA * cut.ends(tau)
    holds = "Delta = 0, lam -> 0, 1 << n_eff << d"
    return (
        Law("best width without noise", _short(learned * cut.onset ** (-1 / GAMMA)), holds),
        Law("error at the best width without noise", sp.powsimp(samples * tau**2), holds, relative),
    )


def _root_beyond_edge(equation: Expr) -> Expr:
    """The root beyond the edge of the noise, ``m = 1``, where a feature begins to be seen."""
    square = sp.Symbol("u", positive=True)
    polynomial = sp.numer(sp.together(sp.expand(equation).subs(ONSET, sp.sqrt(square))))
    roots = [sp.factor(sp.simplify(root)) for root in sp.roots(sp.Poly(polynomial, square))]
    (root,) = (r for r in roots if all(sp.N(r.subs(GAMMA, g)) > 1 for g in _SOME_GAMMAS))
    return sp.sqrt(root)


def _short(expression: Expr) -> Expr:
    return sp.factor(sp.powsimp(sp.simplify(expression), force=True))
