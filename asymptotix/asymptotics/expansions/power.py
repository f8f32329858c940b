r"""Shares of the potential for a scalar penalty ``eps |x|**q`` with ``0 < q < 1``: diagonal networks of ``2/q`` layers.

The estimator is 0 up to a threshold and jumps there. The threshold is the unknown ``kappa``; by homogeneity
``eps = C kappa**m`` with the *degree* ``m = 2 - q``, and in units of ``kappa`` the estimate ``u`` of ``y`` solves
``u + beta u**(q-1) = y`` for ``y > 1``, with ``beta = C q``. Sums over features are integrals over ``u``
(incomplete Beta functions); the shares need only the ends: where ``u`` jumps, and ``beta u**(q-1)`` far above.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import (
    FEATURE,
    TEACHER_NORM,
    Estimate,
    Piece,
    power_law_integral,
)
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare, learned_from
from asymptotix.asymptotics.sector import Term, term
from asymptotix.asymptotics.symbols import DIMENSION, GAMMA, KAPPA, LEAK, SHAPE, TAU, Expr

_ONE = sp.Integer(1)


@dataclass(frozen=True)
class PowerPenalty:
    """The proximal map of ``eps |x|**q`` at its threshold, which is 1 here.

    At the threshold ``u`` and 0 cost the same, ``(1 - u)**2/2 + C u**q = 1/2``, and ``u`` is stationary.

    >>> half = PowerPenalty(sp.Rational(1, 2))
    >>> half.jump, half.strength
    (2/3, 2*sqrt(6)/9)
    """

    q: Expr

    @property
    def degree(self) -> Expr:
        """``m = 2 - q``: ``eps`` is proportional to the threshold to this power."""
        return 2 - self.q

    @property
    def jump(self) -> Expr:
        """The estimate at the threshold, from ``u = 1 - q C u**(q-1)`` and ``u - u**2/2 = C u**q``."""
        u = sp.Symbol("u", positive=True)
        (found,) = sp.solve(self.q * (1 - u / 2) - (1 - u), u)
        return found

    @property
    def strength(self) -> Expr:
        """``C`` in ``eps = C kappa**m``."""
        u = self.jump
        return sp.nsimplify(sp.simplify((u - u**2 / 2) * u**-self.q))

    @property
    def beta(self) -> Expr:
        """``bias = beta u**(q-1)``."""
        return self.strength * self.q

    @property
    def slope(self) -> Expr:
        """``du/dy`` at the threshold."""
        u = self.jump
        return sp.simplify(1 / (1 + (self.q - 1) * (1 - u) / u))


class PowerNoise(NoiseShare):
    """The bare noise's share; ``j = 1 - slope c**m`` for small ``c``, and no closed form in between."""

    def at_zero(self) -> tuple[Expr, Expr, Expr, Expr]:
        """``P = y**2 - 2 eps |y|**q`` where the threshold is far below the noise."""
        q = 2 - self.degree
        moment = 2 ** (q / 2) * sp.gamma((q + 1) / 2) / sp.sqrt(sp.pi)  # of a Gaussian
        fall = 2 * PowerPenalty(q).strength * moment
        share = 1 - fall * SHAPE**self.degree
        risk = share - (1 - 1 / self.degree) * SHAPE * sp.diff(share, SHAPE)
        count = share - SHAPE * sp.diff(share, SHAPE) / 2
        slopes = [-sp.expand(f).coeff(SHAPE**self.degree) for f in (risk, count)]
        return _ONE, _ONE, sp.simplify(slopes[0]), sp.simplify(slopes[1])

    def mellin(self, power: Expr) -> tuple[Expr, Expr]:
        """From that of ``j``: ``P(z, c)`` is ``z**2`` times a function of ``c/|z|``, whose slope is the penalty's.

        ``int j c**(p-1) dc = E |z|**(p+2) (2 m C/p) int_1^oo u(y)**q y**(-p-3) dy``.
        """
        m, p = self.degree, power
        penalty = PowerPenalty(2 - m)
        pieces = [(Estimate(FEATURE, penalty.q) ** penalty.q, _ONE, sp.oo)]
        paid = 2 * m * penalty.strength * power_law_integral(pieces, 1 / (p + 2)) / (p + 2)
        moment = 2 ** (p / 2 + 1) * sp.gamma((p + 3) / 2) / sp.sqrt(sp.pi)
        return moment * paid * (1 + (1 - 1 / m) * p), moment * paid * (1 + p / 2)


@dataclass(frozen=True)
class PowerFeature(FeatureShare):
    """A feature far above the noise: it is missed below the threshold and loses its bias above."""

    penalty: PowerPenalty = field(kw_only=True)

    def at_threshold(self) -> tuple[list[Piece], list[Piece]]:
        """Risk and count for ``tau << kappa``; the count is ``du/dy`` and the jump, by parts."""
        estimate = Estimate(FEATURE, self.penalty.q)
        bias = self.penalty.beta * estimate ** (self.penalty.q - 1)
        return learned_from(_ONE, sp.expand(bias**2), (1 + 1 / GAMMA) * estimate / FEATURE)

    def all_learned(self) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
        """Every bias is ``eps q a**(q-1)``: the smallest features are the ones that count."""
        growth = GAMMA * (2 - 2 * self.penalty.q)
        bias = self.penalty.beta * TEACHER_NORM ** (1 - self.penalty.q) * KAPPA**self.degree
        shrunk = bias**2 * DIMENSION ** (1 + growth) / (1 + growth)
        risk = term(DIMENSION * TAU**2, "noise learned"), term(shrunk, "features shrunk")
        return risk, (term(DIMENSION, "features learned"),)


@cache
def power_shares(sides: int, power: Any) -> tuple[NoiseShare, FeatureShare]:
    """Both shares for the penalty ``|x|**power`` on both sides.

    Just above the threshold ``P' = 2 u``, so that ``P = 2 jump s + slope s**2`` at ``y = c + s/c`` of a Gaussian tail.

    >>> noise, _ = power_shares(2, sp.Rational(1, 2))
    >>> [term.powers["c"] for term in noise.at_edge], noise.leak_ratio()
    ([-1, -3], 2/3)
    """
    q = sp.Rational(power)
    penalty = PowerPenalty(q)
    x = sp.Symbol("x", positive=True)
    inverse = sp.Symbol("h", positive=True)  # 1/c
    gain = 2 * penalty.jump * x + penalty.slope * x**2 * inverse**2
    tail = sp.series(sp.exp(-(x**2) * inverse**2 / 2), inverse, 0, 4).removeO()
    terms = sp.expand(sp.integrate(sp.expand(gain * tail) * sp.exp(-x), (x, 0, sp.oo)))
    weight = sides / sp.sqrt(2 * sp.pi)
    lead, following = (term(weight * terms.coeff(inverse, k) * LEAK / SHAPE ** (1 + k)) for k in (0, 2))
    noise = PowerNoise(None, sp.oo, (lead, following), sp.Integer(2 - sides), penalty.degree)
    feature = PowerFeature(
        potential=None,
        resolved=None,
        degree=penalty.degree,
        penalty=penalty,
    )
    return noise, feature
