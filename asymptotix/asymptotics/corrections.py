"""A choice of leading terms whose exponents are solved: its constants, and the first corrections to its law.

A relative change of one side of an equation changes the unknowns through the inverse of the same linear
system that gave the exponents; so every neglected term gives a correction of known exponent, log power and
constant.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import sympy

from asymptotix.asymptotics.constants import solve_constants
from asymptotix.asymptotics.growth import Affine, Expr, Growth, power_of, tidy
from asymptotix.asymptotics.linear import Row
from asymptotix.asymptotics.points import Sizes
from asymptotix.asymptotics.polyhedra import PolyRow
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.symbols import GAMMA
from asymptotix.asymptotics.system import Monomial, Pair, System

Choice = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]  # per equation: leading terms left and right
HALF = RatFun((1,), (2,))
TAIL = sympy.Symbol("v", positive=True)  # q = d**-v, while constants are worked out


@dataclass(frozen=True)
class Condition:
    """``large >> small``: ``row`` is positive or, where it vanishes, ``logs`` (a power of ``log d``) is."""

    row: PolyRow
    ratio: Growth  # large/small
    large: Monomial | None = None
    small: Monomial | None = None

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
class SolvedBalance:
    """A choice whose exponents and logs are solved, and the conditions under which it holds.

    ``picked`` is the choice that was made, ``choice`` the same with terms that tie identically;
    ``equalities`` are the pairs of monomials set equal, and ``inverse`` turns relative changes of them into
    the unknowns'.
    """

    system: System
    picked: Choice
    choice: Choice
    equalities: tuple[Pair, ...]
    inverse: Sequence[Row]
    growths: Sequence[Growth]
    risk_terms: tuple[int, ...]
    conditions: tuple[Condition, ...]

    def solved(self, within: Interval) -> tuple[Solution, tuple[Condition, ...]]:
        """Constants and corrections, and the conditions with the constants of ``large/small``.

        Raises :class:`~asymptotix.asymptotics.constants.NoBalance`.
        """
        values = self._constants(within)
        return self._solution(values), tuple(self._margin(c, values) for c in self.conditions)

    def _solution(self, values: Sequence[Expr]) -> Solution:
        system = self.system
        pairs = zip(values, self.growths, strict=True)
        growths = tuple(Growth(self._placed(v), g.exponent, g.log_power) for v, g in pairs)
        parts = [self._value(system.risk[i], values) for i in self.risk_terms]
        leading = size(system.risk[self.risk_terms[0]], self.growths)
        risk = Growth(self._placed(tidy(sympy.Add(*parts))), leading.exponent, leading.log_power)
        corrections = tuple(
            c if c.constant is None else replace(c, constant=self._placed(c.constant))
            for c in self._corrections(values)
        )
        return Solution(system, self.choice, growths, risk, self.risk_terms, corrections, self._tail())

    def _margin(self, c: Condition, values: Sequence[Expr]) -> Condition:
        if c.large is None or c.small is None:
            return c
        constant = self._placed(self._value(c.large, values) / self._value(c.small, values))
        return replace(c, ratio=replace(c.ratio, constant=constant))

    def _tail(self) -> Affine | None:
        """``v`` where ``q = d**-v``."""
        index = self.system.exponential
        return None if index is None else -self.growths[index].exponent

    def _placed(self, constant: Expr) -> Expr:
        """A constant with ``v`` written in the size exponents."""
        tail = self._tail()
        return constant if tail is None else constant.subs(TAIL, tail.to_sympy())

    def _known(self, m: Monomial) -> Expr:
        """With the constant of ``c``, which is ``sqrt(2 v log d)`` for ``q = d**-v``."""
        return m.known.constant * power_of(sympy.sqrt(2 * TAIL), m.shape_power)

    def _value(self, m: Monomial, values: Sequence[Expr]) -> Expr:
        factors = (power_of(v, p) for v, p in zip(values, m.powers, strict=True))
        return sympy.Mul(self._known(m), *factors)

    def _constants(self, within: Interval) -> list[Expr]:
        system = self.system
        equations = [[(self._known(p), p.powers), (-self._known(q), q.powers)] for p, q in system.ties]
        for (lhs, rhs), (left, right) in zip(system.equations, self.choice, strict=True):
            plus = [(self._known(lhs[i]), lhs[i].powers) for i in left]
            equations.append(plus + [(-self._known(rhs[j]), rhs[j].powers) for j in right])
        return solve_constants(equations, len(system.unknowns), within)

    def _response(self, m: Monomial) -> list[RatFun]:
        """How the logarithm of a monomial responds to a relative change of each equality's right side."""
        rows = list(zip(m.powers, self.inverse, strict=True))
        return [sum((p * row[k] for p, row in rows if p), RatFun.of(0)) for k in range(len(self.equalities))]

    def _corrections(self, values: Sequence[Expr]) -> Iterator[Correction]:
        """Everything neglected that the risk responds to, relative to the risk."""
        system, lead = self.system, self.system.risk[self.risk_terms[0]]
        response = self._response(lead)
        direct = RatFun.of(1)  # a correction to the risk also acts through an equation that the risk leads
        first = len(system.ties)
        for sides, chosen, picked in zip(system.equations, self.choice, self.picked, strict=True):
            used = len(picked[0]) - 1 + len(picked[1])
            weights = response[first : first + used]
            first += used
            if not any(weights):
                continue
            two_terms = len(chosen[0]) + len(chosen[1]) == 2
            if two_terms and sides[1][chosen[1][0]] in system.risk:
                direct = direct + weights[0]
            leader = sides[0][picked[0][0]]
            for sign, side, leading in ((-1, sides[0], chosen[0]), (1, sides[1], chosen[1])):
                weight = weights[0] * sign if two_terms else None
                yield from self._neglected(side, leading, leader, weight, values)
        yield from self._neglected(system.risk, self.risk_terms, lead, RatFun.of(1), values)
        for term in system.corrections:
            if term.corrects not in self.risk_terms:
                continue
            relative = size(term, self.growths)
            constant = direct.to_sympy() * self._value(term, values)
            if constant != 0:
                known = None if constant is sympy.nan else constant
                yield Correction(relative.exponent, relative.log_power, False, term.label, known)
        yield from self._from_count(response, values)
        yield from self._from_shape(lead, response, values)

    def _from_count(self, response: Sequence[RatFun], values: Sequence[Expr]) -> Iterator[Correction]:
        """Corrections to a count that leads the threshold equation, behind its penalty."""
        system = self.system
        if not system.count_corrections:
            return
        weight = response[len(system.ties) + sum(len(p[0]) - 1 + len(p[1]) for p in self.picked[:1])]
        left, right = self.choice[1]
        for term in system.count_corrections:
            if weight and left == (term.corrects + 1,) and len(right) == 1:
                relative = size(term, self.growths)
                constant = -weight.to_sympy() * self._value(term, values)
                yield Correction(relative.exponent, relative.log_power, False, term.label, constant)

    def _from_shape(
        self, lead: Monomial, response: Sequence[RatFun], values: Sequence[Expr]
    ) -> Iterator[Correction]:
        """``c**2 = 2 log(1/q)`` with ``q ~ K d**-v (log d)**w``: relative to ``sqrt(2 v log d)``, ``c`` is off by
        ``-(w loglog d + log K)/(2 v log d)``.
        """
        index = self.system.exponential
        if index is None:
            return
        change = lead.shape_power
        for r, (p, q) in zip(response, self.equalities, strict=True):
            change = change + r * (q.shape_power - p.shape_power)
        if not change:
            return
        small = self.growths[index]
        label = "growth of the threshold over the noise"
        by_logs = (change * HALF).to_sympy() / small.exponent.to_sympy()
        for loglog, moved in ((True, small.log_power.to_sympy()), (False, sympy.log(values[index]))):
            if moved != 0:
                yield Correction(Affine.of(0), RatFun.of(-1), loglog, label, by_logs * moved)

    def _neglected(
        self,
        side: Sequence[Monomial],
        leading: Sequence[int],
        leader: Monomial,
        weight: RatFun | None,
        values: Sequence[Expr],
    ) -> Iterator[Correction]:
        reference = size(leader, self.growths)
        for i, m in enumerate(side):
            if i in leading:
                continue
            relative = size(m, self.growths) / reference
            constant = None
            if weight is not None:
                constant = weight.to_sympy() * self._value(m, values) / self._value(leader, values)
            yield Correction(relative.exponent, relative.log_power, False, m.label, constant)


def log_of(m: Monomial) -> RatFun:
    return m.known.log_power + m.shape_power * HALF


def size(m: Monomial, growths: Sequence[Growth]) -> Growth:
    """Exponent and log power of a monomial (its constant is not looked at)."""
    exponent, logs = m.known.exponent, log_of(m)
    for power, g in zip(m.powers, growths, strict=True):
        if power:
            exponent, logs = exponent + g.exponent * power, logs + g.log_power * power
    return Growth(sympy.Integer(1), exponent, logs)
