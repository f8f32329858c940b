r"""Sectors of a spectral network of ``p = d**b`` hidden units, ``1 << p << d``: the ``p`` largest eigenvalues are kept.

Where the threshold leaves fewer than ``p`` of them, every sector of the wide network holds as it stands. Below, the cut
lies either among features far above the noise, whose shares tend to those of infinite size, or at the edge of the
noise: a spare direction there is an eigenvalue ``edge tau`` whatever ``p``, so that its share of the potential is

    P = (edge tau - kappa)**2 ,

and the two identities of :mod:`~asymptotix.asymptotics.expansions.potential` do the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from asymptotix.asymptotics.expansions.mellin import (
    TEACHER_NORM,
    Piece,
    feature_sum,
    number_learned,
    power_law_integral,
)
from asymptotix.asymptotics.expansions.potential import (
    KAPPA,
    SIZE,
    TAU,
    FeatureShare,
    NoiseShare,
    count_of,
    risk_of,
)
from asymptotix.asymptotics.expansions.sectors import KAPPA as THRESHOLD
from asymptotix.asymptotics.expansions.sectors import ONE, build_sectors
from asymptotix.asymptotics.expansions.sectors import TAU as LEVEL
from asymptotix.asymptotics.sector import BEYOND, SPARE, Sector, Term
from asymptotix.asymptotics.symbols import GAMMA, SHAPE, Expr

_WIDTH = Term(sp.Integer(1), {"width": sp.Integer(1)}, "width")
_ALL = Term(sp.Integer(1), {"d": sp.Integer(1)}, "dimension")
_SOME = ((ONE, _WIDTH), (_WIDTH, _ALL))


def build_narrow_sectors(noise: NoiseShare, feature: FeatureShare) -> tuple[Sector, ...]:
    """Every sector at width ``p``: those where the threshold acts, and those where width does.

    >>> from asymptotix.asymptotics.expansions import spectral_shares
    >>> sectors = build_narrow_sectors(*spectral_shares(1))
    >>> [s.risk[0].coefficient for s in sectors if s.name == "threshold below spare width"]
    [4]
    """
    cut = _Cut(noise, feature)
    wide = (cut.threshold_acts(sector) for sector in build_sectors(noise, feature))
    return (
        *(sector for sector in wide if sector is not None),
        cut.among_features(),
        cut.at_edge(seen=False),
        cut.at_edge(seen=True),
        cut.below(),
    )


@dataclass(frozen=True)
class _Cut:
    noise: NoiseShare
    feature: FeatureShare

    def threshold_acts(self, sector: Sector) -> Sector | None:
        """A sector of the wide network where fewer than ``p`` eigenvalues are learned; None where all noise is."""
        if sector.noise in ("bulk", "all"):
            return None
        fewer = []
        if sector.features == "some":
            near = sector.noise == "edge" or sector.shape is not None
            fewer.append((number_learned("tau" if near else "kappa"), _WIDTH))
        if sector.noise == "edge":
            fewer.append((self._leaked(), _WIDTH))
        return replace(sector, much_less=(*sector.much_less, *fewer, *_SOME))

    def among_features(self) -> Sector:
        """The cut is at a feature far above noise and threshold: those beyond are missed, the others are learned."""
        risk = sp.Poly(_of_infinite_size(risk_of(self.feature.potential)), TAU, KAPPA)
        count = _of_infinite_size(count_of(self.feature.potential))
        one, two = sp.Integer(1), sp.Integer(2)
        last = Term(1 / TEACHER_NORM, {"width": -GAMMA}, "last feature held")
        missed = (
            1 - 2 * GAMMA
        )  # sum_(i > p) i**-2 gamma = p**(1 - 2 gamma)/(2 gamma - 1) - p**(-2 gamma)/2 + ...
        return Sector(
            name="features cut by width",
            risk=(
                Term(TEACHER_NORM**-2 / (2 * GAMMA - 1), {"width": missed}, BEYOND),
                Term(risk.coeff_monomial(TAU**2), {"width": one, "tau": two}, "noise learned"),
                Term(risk.coeff_monomial(KAPPA**2), {"width": one, "kappa": two}, "features shrunk"),
            ),
            count=(Term(count, {"width": one}, "features learned"),),
            much_less=((LEVEL, last), (THRESHOLD, last), *_SOME),
            corrections=(
                Term(-(2 * GAMMA - 1) / 2, {"width": -one}, "features are discrete"),
                Term(TEACHER_NORM**-2 / (2 * GAMMA - 1), {"d": missed}, "teacher normalised over d features"),
                Term(-one, {"d": missed, "width": -missed}, "features end at i = d"),
            ),
            spectrum="zero mass + spikes",
            features="some",
        )

    def at_edge(self, *, seen: bool) -> Sector:
        """The threshold a little below the edge of the noise, yet far below the ``p``-th eigenvalue."""
        one, gap = sp.Integer(1), sp.Symbol("gap", positive=True)
        spare_risk, spare_count = (f.subs(SHAPE, self.noise.edge - gap) for f in self._spare())
        depth = self._depth()
        spare = Term(*_monomial(spare_risk, gap, {"width": one, "tau": sp.Integer(2)}), SPARE)
        used = Term(*_monomial(spare_count, gap, {"width": one}), SPARE)
        small = Term(one, {"gap": one}, "distance to the edge")
        conditions = [(small, ONE), (_WIDTH, self._leaked())]
        # P = p tau**2 (gap**2 - 2 gap <h>): the noise's risk is P, as P is homogeneous of degree 2
        corrections = [Term(-2 * depth.coefficient, {**depth.powers, "gap": -one}, "depth of the cut", 1)]
        risk: tuple[Term, ...] = (Term(one, {}, "teacher missed"),)
        count: tuple[Term, ...] = ()
        if seen:
            pieces, counted = self._features(self.noise.edge)
            risk = (feature_sum(pieces, "tau", 2, "features missed and shrunk"),)
            count = (feature_sum(counted, "tau", 0, "features learned"),)
            conditions += [(LEVEL, ONE), (number_learned("tau"), _WIDTH)]
            nearest = -sp.simplify(self.feature.slope_at(self.noise.edge) / power_law_integral(pieces))
            corrections.append(Term(nearest, {"gap": one}, "threshold below the edge", 0))
        else:
            conditions.append((ONE, LEVEL))
        return Sector(
            name=f"edge of spare width{'' if seen else ', nothing learned'}",
            risk=(*risk, spare),
            count=(*count, used),
            unknowns=("tau", "kappa", "gap"),
            much_less=(*conditions, *_SOME),
            ties=((THRESHOLD, Term(self.noise.edge, {"tau": one}, "edge of the noise")),),
            corrections=tuple(corrections),
            count_corrections=(
                Term(-depth.coefficient, {**depth.powers, "gap": -one}, "depth of the cut", int(seen)),
            ),
            spectrum=f"zero mass + bulk{' + spikes' if seen else ''}",
            features="some" if seen else "none",
            noise="edge",
        )

    def below(self) -> Sector:
        """No threshold to speak of: ``p`` directions are learned as they are, nearly all of them noise."""
        one, two = sp.Integer(1), sp.Integer(2)
        functions = self._spare()
        risk, count = (sp.simplify(f.subs(SHAPE, 0)) for f in functions)
        risk_slope, count_slope = (sp.simplify(-sp.diff(f, SHAPE).subs(SHAPE, 0)) for f in functions)
        depth = self._depth()
        pieces, counted = self._features(sp.Integer(0))
        among, used = feature_sum(pieces, "tau", 0, ""), feature_sum(counted, "tau", 0, "")
        return Sector(
            name="threshold below spare width",
            risk=(Term(risk, {"width": one, "tau": two}, SPARE),),
            count=(Term(count, {"width": one}, SPARE),),
            deficit=(
                Term(count_slope, {"width": one, "kappa": one, "tau": -one}, "noise below the threshold"),
            ),
            risk_deficit=(
                Term(risk_slope, {"width": one, "kappa": one, "tau": one}, "noise below the threshold"),
            ),
            much_less=((number_learned("tau"), _WIDTH), (THRESHOLD, LEVEL), *_SOME),
            corrections=(
                Term(
                    -sp.simplify(risk_slope / risk), {"kappa": one, "tau": -one}, "noise below the threshold"
                ),
                Term(-depth.coefficient * self.noise.edge / 2, depth.powers, "depth of the cut"),
                _relative(among, risk),
            ),
            count_corrections=(_relative(used, count),),
            spectrum="zero mass + bulk + spikes",
            features="some",
            noise="edge",
        )

    def _spare(self) -> tuple[Expr, Expr]:
        """Risk over ``tau**2`` and count of one spare direction as functions of ``c``.

        >>> from asymptotix.asymptotics.expansions import spectral_shares
        >>> _Cut(*spectral_shares(1))._spare()
        ((c - 2)**2, 4 - 2*c)
        """
        share = (self.noise.edge * TAU - KAPPA) ** 2
        risk = sp.factor(sp.expand(risk_of(share, sp.Integer(0)) / TAU**2).subs(KAPPA, SHAPE * TAU))
        return risk, sp.expand(count_of(share).subs(KAPPA, SHAPE * TAU))

    def _features(self, shape: Expr) -> tuple[list[Piece], list[Piece]]:
        """Features at threshold ``c``, each that is seen in place of a spare direction."""
        (missed, seen), (counted,) = self.feature.at_shape(shape, sp.Integer(1))
        risk, count = (f.subs(SHAPE, shape) for f in self._spare())
        return (
            [missed, (sp.expand(seen[0] - risk), *seen[1:])],
            [(sp.expand(counted[0] - count), *counted[1:])],
        )

    def _leaked(self) -> Term:
        """Number of noise eigenvalues beyond ``c``: half the second derivative of ``d j(c)``, at the edge."""
        lead = self.noise.at_edge[0]
        number = lead.coefficient * lead.power * (lead.power - 1) / 2
        return Term(number, {"d": sp.Integer(1), "gap": lead.power - 2}, "noise beyond the threshold")

    def _depth(self) -> Term:
        """How far the ``p`` largest eigenvalues of the noise lie below its edge, on average, over ``tau``."""
        leaked = self._leaked()
        power = leaked.powers["gap"]
        ratio = power / (power + 1)  # mean over last, for a number that grows like this power
        return Term(
            sp.simplify(ratio * leaked.coefficient ** (-1 / power)), {"width": 1 / power, "d": -1 / power}
        )


def _of_infinite_size(expression: Expr) -> Expr:
    """What of a Laurent polynomial in the feature's size is left far above noise and threshold."""
    return sum(part for part in sp.Add.make_args(sp.expand(expression)) if not part.has(SIZE))


def _monomial(expression: Expr, variable: Expr, powers: dict[str, Expr]) -> tuple[Expr, dict[str, Expr]]:
    coefficient, power = sp.powsimp(sp.factor(expression)).as_independent(variable)
    return coefficient, {**powers, variable.name: power.as_base_exp()[1]}


def _relative(term: Term, leading: Expr) -> Term:
    """A sum over features relative to ``leading * width``."""
    powers = {**term.powers, "width": -sp.Integer(1)}
    return Term(sp.simplify(term.coefficient / leading), powers, "features among the noise")
