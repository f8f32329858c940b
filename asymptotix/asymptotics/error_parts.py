r"""The parts of the error in every phase: overfitting, underfitting and approximation as laws of their own.

The risk of a sector is a sum over single features and the bare noise (:mod:`.expansions.potential`). The same sums,
taken over learned and missed features apart, are the parts:

    approximation   visible features: ``sum f(a_i)`` over ``a_i`` above threshold and noise
    underfitting    hidden features that are missed: ``sum a_i**2 P(not learned)``
    overfitting     the bare noise that is learned: ``d tau**2 j(c)``

Each is a Mellin integral over one piece of the feature sum, put into the growths of ``tau`` and ``kappa`` that the
balance of the phase has found. With the threshold far below the noise what a feature loses to the bulk counts, too;
there the overlaps of a spike ``y`` (in units of ``tau``) with the bulk's direction at ``x = 2 cos(phi)``,

    O_y dx = (2/pi) sin(phi)**2 / (1 - 2 y cos(phi) + y**2) dphi,        1 - 1/y**2 at the outlier ``y + 1/y > 2``,

give the law (``overlap`` integrates polynomials against it).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp

from asymptotix.asymptotics.cells import HALF
from asymptotix.asymptotics.definition import definition
from asymptotix.asymptotics.expansions.mellin import FEATURE, TEACHER_NORM, Piece, power_law_integral
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
from asymptotix.asymptotics.expansions.sectors import leaked_risk
from asymptotix.asymptotics.growth import Affine, Growth
from asymptotix.asymptotics.phases import Phase
from asymptotix.asymptotics.points import Sizes
from asymptotix.asymptotics.sector import Sector, Term, term
from asymptotix.asymptotics.symbols import GAMMA, GAP, KAPPA, TAU, Expr
from asymptotix.asymptotics.system import monomial
from asymptotix.asymptotics.system import sizes as known_sizes
from asymptotix.errors import InvalidInput

NAMES = ("overfitting", "underfitting", "approximation")
_RANK: Expr = sp.Symbol("r", positive=True)
_ANGLE: Expr = sp.Symbol("phi", real=True)
_PLACE: Expr = sp.Symbol("x", real=True)
_COSINE: Expr = sp.Symbol("q", real=True)


@dataclass(frozen=True)
class PartLaws:
    """The limiting laws of the parts of one phase; an empty sum is a part that is smaller than every power listed.

    ``hidden_energy`` and ``bulk_moment`` are the marginals of [P] Result 3: the energy of the features hidden in the
    bulk, and the second moment of what the bulk has learned.
    """

    phase: Phase
    overfitting: tuple[Growth, ...] = ()
    underfitting: tuple[Growth, ...] = ()
    approximation: tuple[Growth, ...] = ()
    hidden_energy: tuple[Growth, ...] = ()
    bulk_moment: tuple[Growth, ...] = ()

    def value(self, name: str, *, n_eff: Any, lam: Any, d: Any, noise: Any, gamma: Any) -> float:
        """A part's law at finite sizes, in the units of ``error``.

        Raises :class:`~asymptotix.errors.InvalidInput` for a name that is no part.
        """
        if name not in (*NAMES, "hidden_energy", "bulk_moment"):
            raise InvalidInput("name", name, f"one of {', '.join(NAMES)}, hidden_energy, bulk_moment")
        at = Sizes.of(n_eff, lam, d, noise, gamma)
        return float(sum(at.value(growth) for growth in getattr(self, name)))


def parts(phase: Phase) -> PartLaws:
    """The laws of the parts in a phase, got from :meth:`PhaseDiagram.at` or ``locate``.

    >>> from asymptotix.asymptotics.diagram import phase_diagram
    >>> found = parts(phase_diagram("quadratic").at(gamma="5/4", a="3/2", l="1/2"))
    >>> found.phase.phase, found.overfitting, len(found.underfitting), len(found.approximation)
    ('II', (), 1, 1)
    >>> sp.simplify(found.approximation[0].constant / found.underfitting[0].constant)
    2*gamma - 1
    """
    network = definition(phase.network)
    noise, feature = network.shares()
    piece = phase.piece
    terms = _terms(piece.sector, noise, feature)
    known = known_sizes(network.scales())
    solution = piece.solution
    for name, growth in zip(piece.sector.unknowns, solution.unknowns, strict=True):
        known[name] = growth
    if solution.tail is not None:  # q = d**-v, and c = sqrt(2 v log d)
        known["c"] = Growth(sp.sqrt(2 * solution.tail.to_sympy()), Affine.of(0), HALF)
    laws = {name: tuple(monomial(t, (), known).known for t in found) for name, found in terms.items()}
    return PartLaws(phase, **laws)


# The parts of a sector ------------------------------------------------------------------------------------


def _terms(sector: Sector, noise: NoiseShare, feature: FeatureShare) -> dict[str, tuple[Term, ...]]:
    """Every part of a sector as a sum of monomials."""
    if sector.features == "all":
        return {"approximation": sector.risk}
    leaked = (leaked_risk(noise),) if sector.noise == "edge" else ()
    if sector.features == "none":
        missed = sector.risk[:1]
        return {"overfitting": leaked, "bulk_moment": leaked, "underfitting": missed, "hidden_energy": missed}
    if sector.noise == "all":
        return _unthresholded(sector, noise, feature)
    # the missed and the learned piece of the features' risk, and the scale they are compared with
    at_edge = sector.noise == "edge" and feature.exact
    pieces, _ = feature.at_edge(noise) if at_edge else feature.at_threshold()
    hidden, visible = (_sum(piece, TAU if at_edge else KAPPA) for piece in pieces)
    return {
        "overfitting": (*leaked, *_half_learned(sector, noise, feature)),
        "bulk_moment": leaked,
        "underfitting": (hidden,),
        "hidden_energy": (hidden,),
        "approximation": (visible,),
    }


def _half_learned(sector: Sector, noise: NoiseShare, feature: FeatureShare) -> tuple[Term, ...]:
    """Features just below the onset that share in learned directions: what they are then taken for is noise.

    With ``i*/gamma`` features a unit of ``log a`` at the onset: the spectral edge ``c = 2 cos(phi)``, ``gap = phi**2``
    resolves features over ``|1 - y| ~ phi``, each learned with weight ``(2/pi) int_0^phi t**2/((1-y)**2 + t**2) dt``;
    a Gaussian tail resolves ``|kappa - a| ~ tau``, each learned with the chance ``P(z > (kappa - a)/tau)``. Without
    noise in the data this is of the order of the leak itself, or larger. It takes many features to be resolved
    together, ``phi i* >> 1``: in IV0, where ``phi ~ (n_eff/d)**(1/5)``, for ``n_eff >> d**(1/6)``; the next order is
    ``1/(phi i*)`` and depends on where between two features the onset falls.
    """
    if sector.noise != "edge":
        return ()
    number = TEACHER_NORM ** (-1 / GAMMA) / GAMMA
    t, s = sp.symbols("t s", positive=True)
    if feature.exact:  # all distances first, then all angles: int_0^phi t dt = gap/2
        each = sp.integrate(2 / sp.pi * t**2 / (s**2 + t**2), (s, 0, sp.oo))
        gap = sp.integrate(each, (t, 0, 1))
        return (term(number * gap * TAU ** (2 - 1 / GAMMA) * GAP),)
    distance = sp.integrate(sp.erfc(s / sp.sqrt(2)) / 2, (s, 0, sp.oo))
    return (term(number * distance * KAPPA ** (1 - 1 / GAMMA) * TAU),)


def _sum(piece: Piece, scale: Expr) -> Term:
    """``scale**2 sum_i f(a_i/scale)`` over one piece."""
    return term(sp.simplify(power_law_integral([piece])) * scale**2 * (TEACHER_NORM * scale) ** (-1 / GAMMA))


# All noise learned ----------------------------------------------------------------------------------------


def _unthresholded(sector: Sector, noise: NoiseShare, feature: FeatureShare) -> dict[str, tuple[Term, ...]]:
    """``c -> 0``: hidden features are missed only where noise turns their direction off."""
    missed, visible = (_spectral if feature.exact else _scalar)(noise.tilt == 0)
    unit = TAU ** (2 - 1 / GAMMA)
    # on two sides a band of width 2 kappa is all that is not learned
    band = KAPPA / TAU if noise.tilt == 0 else 1
    return {
        "overfitting": sector.risk,
        "bulk_moment": sector.risk,
        "underfitting": (term(_mellin(FEATURE**2 * missed, above=False) * unit * band),),
        "hidden_energy": (_sum((FEATURE**2, sp.Integer(0), sp.Integer(1)), TAU),),
        "approximation": (term(_mellin(visible, above=True) * unit),),
    }


def _mellin(function: Expr, above: bool) -> Expr:
    """``N**(-1/gamma) int f(r**-gamma) dr`` over ranks ``r`` below 1, or above, where ``r -> 1/r``; left as it is."""
    feature = _RANK ** (-GAMMA if above else GAMMA)
    weighted = sp.simplify(function).subs(FEATURE, feature) / (1 if above else _RANK**2)
    return sp.Integral(weighted, (_RANK, 0, 1)) * TEACHER_NORM ** (-1 / GAMMA)


@cache
def _scalar(two_sided: bool) -> tuple[Expr, Expr]:
    """A coefficient ``y + z``: chance to be zero (per ``c``), and error when learned without threshold."""
    density = sp.exp(-(FEATURE**2) / 2) / sp.sqrt(2 * sp.pi)
    if not two_sided:
        raise InvalidInput("network", "one-sided scalar", "a network whose unthresholded parts are derived")
    return 2 * density, sp.Integer(1)


@cache
def _spectral(two_sided: bool) -> tuple[Expr, Expr]:
    """A spike ``y`` in unit noise: weight of its hidden direction that is not learned, and error when visible.

    Two sides: a band ``2 c`` at ``x = 0``, per ``c``. One side: the whole lower half.
    The visible feature's error counts all directions, and the outlier's overlap with empty ones.
    """
    y, lower, whole = FEATURE, (sp.pi / 2, sp.pi), (sp.Integer(0), sp.pi)
    outlier, weight = y + 1 / y, 1 - 1 / y**2
    at_outlier = (outlier - y) ** 2 * weight + outlier**2 * (1 - weight)
    in_bulk = overlap((_PLACE - y) ** 2, whole, visible=True)
    if two_sided:
        middle = 2 * 1 / sp.pi / (1 + y**2)  # 2 c rho(0)/|w - y|^2 with rho(0) = 1/pi, w = i
        return middle, sp.simplify(at_outlier + in_bulk)
    unlearned = overlap(y**2 - (_PLACE - y) ** 2, lower, visible=True)
    return overlap(sp.Integer(1), lower, visible=False), at_outlier + in_bulk + unlearned


def overlap(polynomial: Expr, angles: tuple[Expr, Expr], visible: bool) -> Expr:
    r"""``int polynomial(x) O_y dx`` over a range of the bulk, in closed form; ``visible`` means ``y > 1``.

    Polynomial division by ``1 - 2 y q + y**2`` (``q = cos(phi)``) leaves ``r(y) int dphi/(1 - 2 y q + y**2)``, whose
    antiderivative is ``2/|1-y**2| arctan((1+y)/|1-y| tan(phi/2))``.

    >>> overlap(sp.Integer(1), (sp.Integer(0), sp.pi), visible=True)      # what an outlier lacks
    y**(-2)
    """
    y = FEATURE
    numerator = sp.expand((1 - _COSINE**2) * polynomial.subs(_PLACE, 2 * _COSINE))
    quotient, rest = sp.div(sp.Poly(numerator, _COSINE), sp.Poly(1 - 2 * y * _COSINE + y**2, _COSINE))
    low, high = angles
    regular = sp.integrate(sp.expand(quotient.as_expr().subs(_COSINE, sp.cos(_ANGLE))), (_ANGLE, low, high))
    apart = (y - 1) if visible else (1 - y)

    def antiderivative(angle: Expr) -> Expr:
        reach = sp.pi / 2 if angle == sp.pi else sp.atan((1 + y) / apart * sp.tan(angle / 2))
        return 2 / (apart * (1 + y)) * reach

    singular = rest.as_expr() * (antiderivative(high) - antiderivative(low))
    return sp.simplify(sp.simplify(regular + singular) * 2 / sp.pi)
