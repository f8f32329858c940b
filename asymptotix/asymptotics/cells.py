"""What dominant balance finds: a balance, the conditions under which it holds, and the first corrections to its law."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import sympy

from asymptotix.asymptotics.growth import Affine, Expr, Growth
from asymptotix.asymptotics.points import Point, Sizes
from asymptotix.asymptotics.polyhedra import Rows, row_of
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.sector import Sector
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.asymptotics.system import Monomial, System

Choice = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]  # per equation: leading terms left and right


@dataclass(frozen=True)
class Condition:
    """``large >> small``: ``row`` is positive or, where it vanishes, ``logs`` (a power of ``log d``) is."""

    ratio: Growth  # large/small
    large: Monomial | None = None
    small: Monomial | None = None

    @cached_property
    def row(self) -> Affine:
        return row_of(self.ratio.deciding)

    @property
    def logs(self) -> RatFun:
        return self.ratio.log_power


@dataclass(frozen=True)
class Correction:
    """A relative correction of size ``d**exponent (log d)**log_power``, times ``loglog d`` if ``loglog``.

    ``constant`` is its signed constant (so that ``error = law * (1 + corrections)``), where it is known.
    """

    exponent: Affine
    log_power: RatFun
    loglog: bool = False
    source: str = ""
    constant: Expr | None = None

    def amplitude(self, sizes: Sizes) -> float:
        """The correction's size without its power of ``d``; constant one where it is not known."""
        constant = 1.0
        if self.constant is not None:
            number = sympy.N(self.constant.subs(sizes.point.substitutions(numeric=True)))
            constant = abs(float(number)) if number.is_real else 1.0
        loglog = math.log(sizes.log_d) if self.loglog else 1.0
        return float(constant * loglog * sizes.log_d ** float(self.log_power.at(sizes.point.gamma)))

    def size(self, sizes: Sizes) -> float:
        """The signed value; zero where only the order is known: two meet where constants diverge."""
        constant = self.constant or sympy.Integer(0)
        if constant.subs(GAMMA, sizes.point.substitutions()[GAMMA]).is_finite is False:
            return 0.0
        growth = Growth(constant, self.exponent, self.log_power)
        return float(sizes.value(growth)) * (math.log(sizes.log_d) if self.loglog else 1.0)


@dataclass(frozen=True)
class Solution:
    """One balance: the growth of each unknown and of the risk where its conditions hold."""

    system: System
    choice: Choice
    unknowns: tuple[Growth, ...]
    risk: Growth
    risk_terms: tuple[int, ...]
    corrections: tuple[Correction, ...]
    tail: Affine | None = None  # v, where noise leaks as d**-v: then c = sqrt(2 v log d)

    def leads(self, equation: int, label: str) -> bool:
        """Whether a term called ``label`` is of leading order in an equation."""
        sides = zip(self.system.equations[equation], self.choice[equation], strict=True)
        return any(side[i].label == label for side, chosen in sides for i in chosen)


@dataclass(frozen=True)
class Cell:
    """A balance with the conditions under which it holds and a range of ``gamma`` where they can.

    As a part of a phase it has the phase's ``name``, and its faces for the phase's gammas as ``region``.
    """

    solution: Solution
    conditions: tuple[Condition, ...]
    gamma: Interval
    name: str = ""
    region: Rows = ()

    @property
    def sector(self) -> Sector:
        return self.solution.system.sector

    @property
    def rows(self) -> Rows:
        return tuple(c.row for c in self.conditions)

    def standing(self, point: Point) -> int:
        """2 if every condition holds at a point, 1 if some are ties, 0 if one fails.

        Where exponents tie, powers of ``log d`` decide.
        """
        margins = [point.number(c.row) or c.logs.at(point.gamma) for c in self.conditions]
        return 0 if any(x < 0 for x in margins) else 2 if all(margins) else 1

    def slack(self, point: Point) -> Fraction:
        """How far inside its faces a point is."""
        return min(map(point.number, self.region), default=Fraction(0))

    @property
    def submerged(self) -> bool:
        """Whether most features lie within learned noise: its conditions then do not say if any stands out."""
        return self.sector.features == "some" and self.sector.noise in ("bulk", "all")

    def spectrum(self, point: Point | None = None) -> tuple[str, ...]:
        """The learned weights in words, at a point or anywhere: features stand out of noise where ``tau << 1``."""
        alone, spiked = self.sector.spectrum, f"{self.sector.spectrum} + spikes"
        if not self.submerged:
            return (alone,) if alone else ()
        if point is None:
            return (spiked, alone)
        tau = self.solution.unknowns[self.sector.unknowns.index("tau")]
        return (spiked,) if point.number(tau.exponent) < 0 else (alone,)


HALF = RatFun((1,), (2,))


def log_of(m: Monomial) -> RatFun:
    """Its power of ``log d`` beside those of the unknowns; ``c`` is a square root."""
    return m.known.log_power + m.shape_power * HALF


def size(m: Monomial, growths: Sequence[Growth]) -> Growth:
    """Exponent and log power of a monomial (its constant is not looked at)."""
    exponent, logs = m.known.exponent, log_of(m)
    for power, g in zip(m.powers, growths, strict=True):
        if power:
            exponent, logs = exponent + g.exponent * power, logs + g.log_power * power
    return Growth(sympy.Integer(1), exponent, logs)
