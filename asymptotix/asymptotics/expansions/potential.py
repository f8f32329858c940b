r"""From a potential to risk and degrees of freedom: the two identities every network shares.

In scaled units let ``P(tau, kappa) = d J / d`` be the potential summed over coordinates. It splits into the
share of single features and that of the bare noise. Each share gives its part of both equations by

    R = Q0 - P + tau dP/dtau + kappa dP/dkappa ,        s = (dP/dtau) / (2 tau)

with ``Q0`` the share's own ``a**2``. Because a change of the potential acts only through these two lines,
a new network needs nothing but its :class:`NoiseShare` and :class:`FeatureShare`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import FEATURE, Piece, monomials, power_law_integral
from asymptotix.asymptotics.sector import Term, term
from asymptotix.asymptotics.symbols import DIMENSION, GAMMA, GAP, KAPPA, SHAPE, TAU, Expr, simplified

SIZE: Expr = sp.Symbol("a", positive=True)
"""Size of one feature, in scaled units."""


def risk_of(share: Expr, size: Expr = SIZE) -> Expr:
    """``R = a**2 - P + tau P_tau + kappa P_kappa`` for one share ``P`` of the potential.

    >>> risk_of((SIZE - KAPPA)**2).expand()      # a learned feature, no noise: its bias
    kappa**2
    """
    return size**2 - share + TAU * sp.diff(share, TAU) + KAPPA * sp.diff(share, KAPPA)


def count_of(share: Expr) -> Expr:
    """``s = P_tau/(2 tau)`` for one share ``P`` of the potential.

    >>> count_of((SIZE - KAPPA)**2 + TAU**2)     # a learned scalar is one degree of freedom
    1
    """
    return sp.diff(share, TAU) / (2 * TAU)


@dataclass(frozen=True)
class NoiseShare:
    """The bare noise's share: ``P = d tau**2 j(c)`` with ``c = kappa/tau``.

    ``inside`` is ``j(c)`` for ``0 <= c < edge``. ``at_edge`` holds its leading and its next term near the edge, powers
    of the gap ``edge - c`` (``GAP``), or where there is no edge ``q = exp(-c**2/2)`` (``LEAK``) times powers of ``c``.
    ``tilt`` is 1 if noise is learned on the teacher's side only, 0 if on both: how far a small teacher's mean shifts
    what is learned. ``degree`` is the power ``m`` in ``eps = C kappa**m``: the penalty's own derivative is then
    ``kappa dP/dkappa / m`` (1 if they are the same).
    """

    inside: Expr
    edge: Expr
    at_edge: tuple[Term, Term]
    tilt: Expr
    degree: Expr = 1

    def risk(self) -> Expr:
        """``R/(d tau**2)`` as a function of ``c``."""
        return simplified(self._at_shape(risk_of(self._share(), sp.Integer(0))) / TAU**2)

    def count(self) -> Expr:
        """``s/d`` as a function of ``c``."""
        return simplified(self._at_shape(count_of(self._share())))

    def edge_risk(self) -> tuple[Term, Term]:
        """Leading and next term of ``R/(d tau**2) = j - (1 - 1/m) c j'`` at the edge; ``j`` itself for ``m = 1``."""
        return self.at_edge if self.degree == 1 else self._near_edge(1 - 1 / self.degree)

    def edge_count(self) -> tuple[Term, Term]:
        """Leading and next term of ``s/d = j - c j'/2`` at the edge."""
        return self._near_edge(sp.Rational(1, 2))

    def leak_ratio(self) -> Expr:
        """Leaked risk over ``tau**2`` times leaked count, to leading order; 0 where it vanishes with ``1/c``."""
        ratio = sp.simplify(self.edge_risk()[0].expression / self.edge_count()[0].expression)
        return sp.Integer(0) if ratio.has(SHAPE, GAP) else ratio

    def _near_edge(self, weight: Expr) -> tuple[Term, Term]:
        """``j - weight c j'``, where ``c = edge - gap`` or ``c q' = -c**2 q``: each term has one of a larger order."""
        first, _ = self.at_edge
        if self.edge == sp.oo:
            power, larger, falls = first.powers[SHAPE.name], SHAPE**2, (1, 1)
        else:
            power, larger = first.powers[GAP.name], self.edge / GAP
            falls = power, power + 1
        lead, following = (t * larger * (weight * fall) for t, fall in zip(self.at_edge, falls, strict=True))
        rest = first.coefficient * (1 - weight * power) + following.coefficient
        return lead, replace(first, coefficient=sp.simplify(rest))

    def at_zero(self) -> tuple[Expr, Expr, Expr, Expr]:
        """``R/(d tau**2)`` and ``s/d`` at ``c = 0``, and minus their slopes there."""
        functions = self.risk(), self.count()
        here = (function.subs(SHAPE, 0) for function in functions)
        slopes = (-sp.diff(function, SHAPE).subs(SHAPE, 0) for function in functions)
        risk, count, risk_slope, count_slope = map(simplified, (*here, *slopes))
        return risk, count, risk_slope, count_slope

    def mellin(self, power: Expr) -> tuple[Expr, Expr]:
        """``int_0^oo f(x**(1/power)) dx`` of the risk and of the count, functions of ``c`` that end like a Gaussian.

        For ``power < 0`` their continuation, which is that of what they lack of 1.
        """
        risk, count = (_gaussian_mellin(f, power) for f in (self.risk(), self.count()))
        return risk, count

    def _share(self) -> Expr:
        return TAU**2 * self.inside.subs(SHAPE, KAPPA / TAU)

    @staticmethod
    def _at_shape(expression: Expr) -> Expr:
        return expression.subs(KAPPA, SHAPE * TAU)


def _gaussian_mellin(function: Expr, power: Expr) -> Expr:
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


@dataclass(frozen=True)
class FeatureShare:
    """A single learned feature's share ``potential(a, tau, kappa)`` and where it starts to be learned.

    ``onset(c)`` is the smallest learned ``a/tau`` at given ``c``; below it the share is zero (the feature is
    swallowed by the noise). ``exact`` says whether ``potential`` holds
    at fixed ``c`` (spectral outliers), or only for ``c -> oo`` (Gaussian tails left out). ``resolved`` is
    the share of each of the ``d`` features once all of them stand above noise and threshold: features then
    crowd one another, and only the first two moments of the noise survive. ``number`` is how many there are, over
    ``d``. ``among_noise`` is the risk that features add to noise learned on one side without threshold, over
    ``tau**2 (N tau)**(-1/gamma)``, where it is derived. ``degree`` is that of :class:`NoiseShare`.
    """

    potential: Expr
    resolved: Expr
    onset: Callable[[Expr], Expr] = lambda shape: shape
    exact: bool = False
    number: Expr = 1
    among_noise: Expr = sp.nan
    degree: Expr = 1

    def at_threshold(self) -> tuple[list[Piece], list[Piece]]:
        """Risk and count for ``tau << kappa``, in units of ``kappa``."""
        units = {SIZE: FEATURE * KAPPA, TAU: sp.Integer(0)}
        risk = sp.expand(risk_of(self.potential).subs(units) / KAPPA**2)
        # half the second derivative by small tau
        second = sp.diff(self.potential, TAU, 2).subs(TAU, 0) / 2
        count = sp.expand(sp.simplify(second.subs({SIZE: FEATURE, KAPPA: 1})))
        return learned_from(sp.Integer(1), risk, count)

    def all_learned(self) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
        """Risk and count once every feature is learned: ``d`` equal shares."""
        risk = sp.Poly(sp.expand(risk_of(self.resolved)), TAU, KAPPA)
        each = self.number * DIMENSION
        return (
            term(each * risk.coeff_monomial(TAU**2) * TAU**2, "noise learned"),
            term(each * risk.coeff_monomial(KAPPA**2) * KAPPA**2, "features shrunk"),
        ), (term(each * sp.simplify(count_of(self.resolved)), "features learned"),)

    def noise_at_threshold(self, decay: Expr = GAMMA) -> Expr:
        """Next order of the summed risk for ``tau << kappa``: the factor of ``tau**2 (N kappa)**(-1/decay)``.

        ``tau**2`` times the count is that order of the *sum* of the shares, to which the identity is applied: the
        threshold itself moves with ``kappa``, which the identity on one share, on one side of its onset, would not see.
        """
        count = power_law_integral(self.at_threshold()[1], decay)
        return simplified(count * (1 - 1 / (decay * self.degree)))

    def at_shape(self, shape: Expr, onset: Expr) -> tuple[list[Piece], list[Piece]]:
        """Risk and count at ``c = shape``, in units of ``tau``, for features above ``onset`` (if exact)."""
        units = {SIZE: FEATURE, KAPPA: shape, TAU: sp.Integer(1)}
        risk, count = (sp.expand(f(self.potential).subs(units)) for f in (risk_of, count_of))
        return learned_from(onset, risk, count)

    def at_edge(self, noise: NoiseShare) -> tuple[list[Piece], list[Piece]]:
        """Risk and count with the threshold at the edge of the noise: in units of ``tau``, or else of ``kappa``."""
        return self.at_shape(noise.edge, self.onset(noise.edge)) if self.exact else self.at_threshold()

    def slope_at(self, edge: Expr) -> Expr:
        """``d/dc`` of the features' risk at the noise edge (their onset moves without a jump of the risk)."""
        pieces, _ = self.at_shape(SHAPE, self.onset(edge))
        slope = [(sp.diff(risk, SHAPE).subs(SHAPE, edge), low, high) for risk, low, high in pieces[1:]]
        return simplified(power_law_integral(slope))


def learned_from(onset: Expr, risk: Expr, count: Expr) -> tuple[list[Piece], list[Piece]]:
    """Risk and count of a feature that is missed below its onset."""
    return [(FEATURE**2, sp.Integer(0), onset), (risk, onset, sp.oo)], [(count, onset, sp.oo)]


def bayes_pieces(feature: FeatureShare, onset: Expr = 1) -> list[Piece]:
    """Bayes-optimal risk of one feature, in units of the scale that tells it from the noise.

    A spike of weight ``w``, the root of its share, has risk ``a**2 + w**2 - 2 a w O``, which defines its
    squared overlap ``O``; the best weight is ``a O`` and leaves ``a**2 (1 - O**2)``. A scalar feature is
    learned without bias once visible: its error, ``tau**2``, is then negligible against the square of that
    scale.
    """
    missed = (FEATURE**2, sp.Integer(0), onset)
    if not feature.exact:
        return [missed]
    share = feature.potential
    unshrunk = {SIZE: FEATURE, TAU: sp.Integer(1), KAPPA: sp.Integer(0)}
    scaled, squared = (
        (x.subs(unshrunk)) for x in (SIZE**2 + share - risk_of(share), share)
    )  # 2 a w O and w**2
    best = FEATURE**2 - sp.simplify(sp.expand(scaled) ** 2 / (4 * squared))
    return [missed, (sp.apart(sp.cancel(best), FEATURE), onset, sp.oo)]
