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
)
from asymptotix.asymptotics.expansions.potential import SIZE, FeatureShare, NoiseShare, count_of, risk_of
from asymptotix.asymptotics.expansions.sectors import (
    FEATURE_COUNT,
    LARGEST,
    LEVEL,
    NOISE_LEARNED,
    THRESHOLD,
    build_sectors,
)
from asymptotix.asymptotics.sector import BEYOND, SPARE, Sector, Term, term
from asymptotix.asymptotics.symbols import DIMENSION, GAMMA, GAP, KAPPA, SHAPE, TAU, WIDTH, Expr

_WIDTH = term(WIDTH, "width")
_SOME = ((LARGEST, _WIDTH), (_WIDTH, term(DIMENSION, "dimension")))
_ZERO = sp.Integer(0)


def build_narrow_sectors(noise: NoiseShare, feature: FeatureShare) -> tuple[Sector, ...]:
    """Every sector at width ``p``: those where the threshold acts, and those where width does.

    >>> from asymptotix.asymptotics.expansions import spectral_shares
    >>> sectors = build_narrow_sectors(*spectral_shares(1))
    >>> [s.risk[0].coefficient for s in sectors if s.name == "threshold below spare width"]
    [4]
    """
    cut, wide = _Cut(noise, feature), build_sectors(noise, feature)
    return (
        *(cut.threshold_acts(sector) for sector in wide if sector.noise != "all"),
        cut.among_features(),
        *(cut.at_edge(sector) for sector in wide if sector.noise == "edge"),
        cut.below(),
    )


@dataclass(frozen=True)
class _Cut:
    noise: NoiseShare
    feature: FeatureShare

    def threshold_acts(self, sector: Sector) -> Sector:
        """A sector of the wide network where fewer than ``p`` eigenvalues are learned."""
        fewer = []
        if sector.features == "some":
            fewer.append((number_learned(TAU if sector.noise == "edge" else KAPPA), _WIDTH))
        if sector.noise == "edge":
            fewer.append((self._leaked(), _WIDTH))
        return replace(sector, much_less=(*sector.much_less, *fewer, *_SOME))

    def among_features(self) -> Sector:
        """The cut is at a feature far above noise and threshold: those beyond are missed, the others are learned."""
        risk = sp.Poly(_of_infinite_size(risk_of(self.feature.potential)), TAU, KAPPA)
        count = _of_infinite_size(count_of(self.feature.potential))
        last = term(WIDTH**-GAMMA / TEACHER_NORM, "last feature held")
        # sum_(i > p) i**-2 gamma = p**(1 - 2 gamma)/(2 gamma - 1) - p**(-2 gamma)/2 + ...
        missed = WIDTH ** (1 - 2 * GAMMA) / (TEACHER_NORM**2 * (2 * GAMMA - 1))
        beyond = (DIMENSION / WIDTH) ** (1 - 2 * GAMMA)
        return Sector(
            name="features cut by width",
            risk=(
                term(missed, BEYOND),
                term(risk.coeff_monomial(TAU**2) * WIDTH * TAU**2, NOISE_LEARNED),
                term(risk.coeff_monomial(KAPPA**2) * WIDTH * KAPPA**2, "features shrunk"),
            ),
            count=(term(count * WIDTH, FEATURE_COUNT),),
            much_less=((LEVEL, last), (THRESHOLD, last), *_SOME),
            corrections=(
                term((1 - 2 * GAMMA) / (2 * WIDTH), "features are discrete"),
                term(missed * beyond, "teacher normalised over d features"),
                term(-beyond, "features end at i = d"),
            ),
            spectrum="zero mass + spikes",
        )

    def at_edge(self, wide: Sector) -> Sector:
        """The threshold a little below the edge of the noise, yet far below the ``p``-th eigenvalue.

        Spare directions take the place of the leak in a sector of the wide network.
        """
        spare_risk, spare_count = (sp.factor(f.subs(SHAPE, self.noise.edge - GAP)) for f in self._spare())
        depth, seen = self._depth() / GAP, wide.features == "some"
        label = "threshold below the edge"
        return replace(
            wide,
            name=f"edge of spare width{'' if seen else ', nothing learned'}",
            risk=(wide.risk[0], term(spare_risk * WIDTH * TAU**2, SPARE)),
            count=(*wide.count[:-1], term(spare_count * WIDTH, SPARE)),
            much_less=(
                (term(GAP, "distance to the edge"), LARGEST),
                (_WIDTH, self._leaked()),
                *(((LEVEL, LARGEST), (number_learned(TAU), _WIDTH)) if seen else ((LARGEST, LEVEL),)),
                *_SOME,
            ),
            # P = p tau**2 (gap**2 - 2 gap <h>): the noise's risk is P, as P is homogeneous of degree 2
            corrections=(
                term(-2 * depth, "depth of the cut", 1),
                *(t for t in wide.corrections if t.label == label),
            ),
            count_corrections=(term(-depth, "depth of the cut", int(seen)),),
        )

    def below(self) -> Sector:
        """No threshold to speak of: ``p`` directions are learned as they are, nearly all of them noise."""
        functions = self._spare()
        risk, count = (sp.simplify(f.subs(SHAPE, 0)) for f in functions)
        risk_slope, count_slope = (sp.simplify(-sp.diff(f, SHAPE).subs(SHAPE, 0)) for f in functions)
        among, used = (
            feature_sum(pieces, TAU, _ZERO, "features among the noise") for pieces in self._features(_ZERO)
        )
        word, lost = "noise below the threshold", WIDTH * KAPPA / TAU
        return Sector(
            name="threshold below spare width",
            risk=(term(risk * WIDTH * TAU**2, SPARE),),
            count=(term(count * WIDTH, SPARE),),
            deficit=(term(count_slope * lost, word),),
            risk_deficit=(term(risk_slope * lost * TAU**2, word),),
            much_less=((number_learned(TAU), _WIDTH), (THRESHOLD, LEVEL), *_SOME),
            corrections=(
                term(-sp.simplify(risk_slope / risk) * KAPPA / TAU, word),
                term(-self._depth() * self.noise.edge / 2, "depth of the cut"),
                _relative(among, risk),
            ),
            count_corrections=(_relative(used, count),),
            spectrum="zero mass + bulk + spikes",
            noise="edge",
        )

    def _spare(self) -> tuple[Expr, Expr]:
        """Risk over ``tau**2`` and count of one spare direction as functions of ``c``.

        >>> from asymptotix.asymptotics.expansions import spectral_shares
        >>> _Cut(*spectral_shares(1))._spare()
        ((c - 2)**2, 4 - 2*c)
        """
        share = (self.noise.edge * TAU - KAPPA) ** 2
        risk = sp.factor(sp.expand(risk_of(share, _ZERO) / TAU**2).subs(KAPPA, SHAPE * TAU))
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
        number = sp.diff(self.noise.at_edge[0].expression, GAP, 2) / 2
        return term(DIMENSION * number, "noise beyond the threshold")

    def _depth(self) -> Expr:
        """How far the ``p`` largest eigenvalues of the noise lie below its edge, on average, over ``tau``."""
        leaked = self._leaked()
        power = leaked.powers["gap"]
        ratio = power / (power + 1)  # mean over last, for a number that grows like this power
        return sp.simplify(ratio * leaked.coefficient ** (-1 / power)) * (WIDTH / DIMENSION) ** (1 / power)


def _of_infinite_size(expression: Expr) -> Expr:
    """What of a Laurent polynomial in the feature's size is left far above noise and threshold."""
    return sum(part for part in sp.Add.make_args(sp.expand(expression)) if not part.has(SIZE))


def _relative(total: Term, leading: Expr) -> Term:
    """A sum over features relative to ``leading * width``."""
    constant = sp.simplify(total.coefficient / leading)
    return term(replace(total, coefficient=constant).expression / WIDTH, total.label)
