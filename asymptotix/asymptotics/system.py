"""From a sector of a network to a system of monomial equations.

Both fixed-point equations become "sum of positive monomials = sum of positive monomials" in the sector's
unknowns; the sizes ``samples``, ``noise``, ``penalty`` and ``d`` are known growths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod
from typing import Any

import sympy

from asymptotix.asymptotics.growth import Affine, Expr, Growth
from asymptotix.asymptotics.ratfun import RatFun, gamma_of
from asymptotix.asymptotics.sector import Scales, Sector, Term, term
from asymptotix.asymptotics.signs import GAMMA_MIN, Interval, rational_root
from asymptotix.asymptotics.symbols import KAPPA, LEAK, NOISE, PENALTY, SAMPLES, SHAPE, TAU

ZERO = RatFun.of(0)


@dataclass(frozen=True)
class Monomial:
    """``known * prod(unknown**power) * c**shape_power``; ``c = sqrt(2 log(1/q))`` in a Gaussian sector."""

    known: Growth
    powers: tuple[RatFun, ...]
    shape_power: RatFun = ZERO
    label: str = ""
    corrects: int = 0


Side = tuple[Monomial, ...]
Pair = tuple[Monomial, Monomial]
Terms = tuple[Term, ...]


@dataclass(frozen=True)
class System:
    """Equations, ties and strict inequalities between monomials in a sector's unknowns, and its risk."""

    sector: Sector
    equations: tuple[tuple[Side, Side], ...]
    risk: Side
    ties: tuple[Pair, ...]
    smaller: tuple[Pair, ...]
    corrections: Side
    count_corrections: Side
    gamma: Interval

    @property
    def exponential(self) -> int | None:
        """The index of the unknown ``q = exp(-c**2/2)``."""
        unknowns = self.sector.unknowns
        return unknowns.index(LEAK.name) if LEAK.name in unknowns else None


def sizes(scales: Scales) -> dict[str, Growth]:
    """The known growths of both equations: samples, noise, penalty (with prefactors), ``d``, the fourth."""
    a, length, zeta, b = (Affine.parameter(p) for p in ("a", "l", "zeta", "b"))
    penalty = length + Affine.of(Fraction(scales.size))
    return {
        "samples": Growth(scales.samples, a, ZERO),
        "noise": Growth(scales.noise, -zeta, ZERO),
        "penalty": Growth(scales.penalty, penalty, ZERO),
        "d": Growth.power_of_d(1),
        "width": Growth.power_of_d(b),
        "ridge": Growth.power_of_d(b),
        "rows": Growth.power_of_d(b),
    }


def monomial(term: Term, unknowns: Sequence[str], known: Mapping[str, Growth]) -> Monomial:
    """A :class:`Term` over the given unknowns."""
    powers = {name: gamma_of(power) for name, power in term.powers.items()}
    if unheard := powers.keys() - {*unknowns, *known, SHAPE.name}:
        raise ValueError(f"unknown quantities {unheard} in the term {term.label or term.powers}")
    growths = (known[name] ** power for name, power in powers.items() if name in known)
    growth = prod(growths, start=Growth.known(term.coefficient))
    own = tuple(powers.get(name, ZERO) for name in unknowns)
    return Monomial(growth, own, powers.get(SHAPE.name, ZERO), term.label, term.corrects)


def system_of(sector: Sector, scales: Scales, noisy: bool = True) -> System:
    """Both equations of a network in one sector, terms moved so that all are positive."""
    penalised = KAPPA ** sympy.Rational(scales.degree)
    first: tuple[Terms, Terms] = (term(SAMPLES * TAU**2, "samples"),), sector.risk
    if noisy:
        first = first[0], (term(NOISE, "noise"), *sector.risk)
    else:  # nothing is less than no noise, nor corrected by it
        sector = replace(
            sector,
            much_less=tuple(pair for pair in sector.much_less if NOISE.name not in pair[0].powers),
            corrections=tuple(t for t in sector.corrections if NOISE.name not in t.powers),
        )
    if sector.shared:
        first = _without_leak(sector, penalised, *first)
    second = (
        (term(PENALTY, "penalty"), *(t * penalised for t in sector.count)),
        (term(SAMPLES * penalised, "samples"), *(t * penalised for t in sector.deficit)),
    )
    return _system(sector, scales, first, second)


def _without_leak(sector: Sector, penalised: Expr, left: Terms, right: Terms) -> tuple[Terms, Terms]:
    """The noise equation less ``shared tau**2`` times the threshold equation: the leak has left, all else is positive.

    ``samples (1 - shared) tau**2 + shared tau**2 (penalty/kappa**m + features learned) = noise + features' risk``.
    """
    factor = sector.shared * TAU**2
    learned = (t * factor for t in sector.count if not t.label.startswith("noise"))
    beside = (term(PENALTY / penalised * factor, "penalty"), *learned)
    return (left[0] * (1 - sector.shared), *beside), tuple(t for t in right if t.label != "noise learned")


def peak_system(sector: Sector, scales: Scales) -> System | None:
    """The equations where ``samples`` cancels both the count and the risk, or ``None`` if it cannot.

    What is left of ``samples tau**2 = noise + risk - risk_deficit`` and ``penalty + kappa (count - deficit) =
    samples kappa`` are the deficits. It takes one leading count and one leading risk of the same coefficient.
    """
    if not (sector.deficit and sector.risk_deficit and len(sector.count) == len(sector.risk) == 1):
        return None
    if sympy.simplify(sector.count[0].coefficient - sector.risk[0].coefficient) != 0:
        return None
    penalised = KAPPA ** sympy.Rational(scales.degree)
    peak = replace(sector, name=f"{sector.name}, peak", corrections=(), count_corrections=())
    deficit = tuple(t * penalised for t in sector.deficit)
    equations = (sector.risk_deficit, (term(NOISE, "noise"),)), (deficit, (term(PENALTY, "penalty"),))
    return _system(peak, scales, *equations)


def _system(sector: Sector, scales: Scales, *equations: tuple[Terms, Terms]) -> System:
    known = sizes(scales)

    def build(terms: Iterable[Term]) -> Any:
        return tuple(monomial(t, sector.unknowns, known) for t in terms)

    low, high = (
        None if x is None or x <= GAMMA_MIN else rational_root(Fraction(str(x))) for x in sector.gamma
    )
    return System(
        sector,
        tuple((build(left), build(right)) for left, right in equations),
        build(sector.risk),
        tuple(map(build, sector.ties)),
        tuple(map(build, sector.much_less)),
        build(sector.corrections),
        build(sector.count_corrections),
        Interval(low, high),
    )
