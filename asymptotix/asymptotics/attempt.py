"""One choice of leading terms: what it implies for exponents, logs and constants.

Exponents and powers of ``log d`` solve the same linear system over Q(gamma); the conditions that the other
terms be smaller are rows in ``(a, l, zeta)``; constants and neglected sizes are worked out for choices that
survive.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sympy

from asymptotix.asymptotics.constants import solve_constants
from asymptotix.asymptotics.growth import Affine, Expr, Growth, power_of
from asymptotix.asymptotics.linear import Row, left_inverse, reduce
from asymptotix.asymptotics.polyhedra import PolyRow, row_of
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.symbols import SHAPE
from asymptotix.asymptotics.system import Monomial, Pair, System

Choice = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]  # per equation: leading terms left and right
HALF = RatFun((1,), (2,))


@dataclass(frozen=True)
class Condition:
    """``large >> small``: ``row`` is positive or, where it vanishes, ``logs`` (a power of ``log d``) is."""

    row: PolyRow
    logs: RatFun
    large: Monomial | None = None
    small: Monomial | None = None


@dataclass(frozen=True)
class Correction:
    """A relative correction of size ``d**exponent (log d)**log_power``, times ``loglog d`` if ``loglog``."""

    exponent: Affine
    log_power: RatFun
    loglog: bool = False
    source: str = ""


@dataclass(frozen=True)
class Solution:
    """One balance: the growth of each unknown and of the risk where its conditions hold."""

    system: System
    choice: Choice
    unknowns: tuple[Growth, ...]
    risk: Growth
    risk_terms: tuple[int, ...]
    corrections: tuple[Correction, ...]

    def leads(self, equation: int, label: str) -> bool:
        """Whether a term called ``label`` is of leading order in an equation."""
        sides = zip(self.system.equations[equation], self.choice[equation], strict=True)
        return any(side[i].label == label for side, chosen in sides for i in chosen)


class Attempt:
    """The linear systems that one choice of leading terms gives."""

    def __init__(self, system: System, choice: Choice) -> None:
        self.system, self.choice = system, choice
        self.equalities: list[Pair] = list(system.ties)
        for (lhs, rhs), (left, right) in zip(system.equations, choice, strict=True):
            first = lhs[left[0]]
            self.equalities += [(first, lhs[i]) for i in left[1:]] + [(first, rhs[j]) for j in right]
        self.matrix: list[Row] = [
            [x - y for x, y in zip(p.powers, q.powers, strict=True)] for p, q in self.equalities
        ]
        self.inverse = left_inverse(self.matrix)

    @property
    def repeated(self) -> bool:
        """Whether the equations are dependent and yet agree for all parameters."""
        augmented = [
            [*row, *(q.known.exponent - p.known.exponent).coords]
            for row, (p, q) in zip(self.matrix, self.equalities, strict=True)
        ]
        rows, pivots = reduce(augmented, len(self.system.unknowns))
        return not any(any(row) for row in rows[len(pivots) :])

    def candidates(self) -> Iterator[Candidate]:
        """Solve exponents and logs, then write down the conditions for each leading term of the risk."""
        exponents = self._solve([q.known.exponent - p.known.exponent for p, q in self.equalities])
        if exponents is None:
            return
        logs = self._solve([Affine.of(_log(q) - _log(p)) for p, q in self.equalities])
        if logs is None:
            return
        growths = [Growth(sympy.Integer(1), e, q.coords[0]) for e, q in zip(exponents, logs, strict=True)]
        try:
            base, choice = self._conditions(growths)
        except Contradiction:
            return
        for leading in range(len(self.system.risk)):
            try:
                rows, tied = _compare_all(self.system.risk, (leading,), growths)
            except Contradiction:
                continue
            if min(tied) == leading:
                yield Candidate(self, growths, choice, tied, (*base, *rows))

    def _solve(self, right: Sequence[Affine]) -> list[Affine] | None:
        """Solve for the unknowns; ``None`` if equations to spare are not met for all parameters."""
        assert self.inverse is not None
        found = []
        for weights in self.inverse:
            value = Affine.of(0)
            for w, b in zip(weights, right, strict=True):
                if w and b:
                    value = value + b * w
            found.append(value)
        for row, b in zip(self.matrix, right, strict=True):
            residual = -b
            for x, value in zip(row, found, strict=True):
                if x:
                    residual = residual + value * x
            if residual:
                return None
        return found

    def _conditions(self, growths: Sequence[Growth]) -> tuple[list[Condition], Choice]:
        """What must be positive; terms that tie in exponent and log join the choice."""
        rows: list[Condition] = []
        if self.system.exponential is not None:
            rows.append(Condition(row_of((-growths[self.system.exponential].exponent).coords), RatFun.of(0)))
        for small, large in self.system.smaller:
            needed = _require(large, small, growths)
            if needed is None:
                raise Contradiction
            rows += needed
        wide = []
        for sides, chosen in zip(self.system.equations, self.choice, strict=True):
            lead = sides[0][chosen[0][0]]
            pair = []
            for side, picked in zip(sides, chosen, strict=True):
                more, tied = _compare_all(side, picked, growths, lead)
                rows += more
                pair.append(tied)
            wide.append((pair[0], pair[1]))
        return rows, tuple(wide)

    def sensitivity(self, leading: Monomial) -> list[RatFun]:
        """How the logarithm of a monomial responds to a relative change of each equality."""
        assert self.inverse is not None
        count = len(self.equalities)
        return [
            sum((p * row[k] for p, row in zip(leading.powers, self.inverse, strict=True) if p), RatFun.of(0))
            for k in range(count)
        ]


@dataclass(frozen=True)
class Candidate:
    """A choice whose exponents and logs are solved, and the conditions under which it holds."""

    attempt: Attempt
    growths: Sequence[Growth]
    choice: Choice
    risk_terms: tuple[int, ...]
    conditions: tuple[Condition, ...]

    @property
    def rows(self) -> tuple[PolyRow, ...]:
        return tuple(c.row for c in self.conditions)

    def solution(self, within: Interval) -> Solution:
        """Constants and corrections. Raises :class:`~asymptotix.asymptotics.constants.NoBalance`."""
        system = self.attempt.system
        values = self._constants(within)
        growths = tuple(Growth(v, g.exponent, g.log_power) for v, g in zip(values, self.growths, strict=True))
        parts = [self._value(system.risk[i], values) for i in self.risk_terms]
        leading = size(system.risk[self.risk_terms[0]], self.growths)
        risk = Growth(sum(parts), leading.exponent, leading.log_power)
        return Solution(system, self.choice, growths, risk, self.risk_terms, tuple(self._corrections()))

    def _shape(self) -> Expr:
        """The constant of ``c``: it is ``sqrt(2 v log d)`` for ``q = d**-v``."""
        index = self.attempt.system.exponential
        if index is None:
            return SHAPE
        return sympy.sqrt(-2 * self.growths[index].exponent.to_sympy())

    def _known(self, m: Monomial) -> Expr:
        return m.known.constant * power_of(self._shape(), m.shape_power)

    def _value(self, m: Monomial, values: Sequence[Expr]) -> Expr:
        factors = (power_of(v, p) for v, p in zip(values, m.powers, strict=True))
        return sympy.Mul(self._known(m), *factors)

    def _constants(self, within: Interval) -> list[Expr]:
        system = self.attempt.system
        equations = [[(self._known(p), p.powers), (-self._known(q), q.powers)] for p, q in system.ties]
        for (lhs, rhs), (left, right) in zip(system.equations, self.choice, strict=True):
            plus = [(self._known(lhs[i]), lhs[i].powers) for i in left]
            equations.append(plus + [(-self._known(rhs[j]), rhs[j].powers) for j in right])
        return solve_constants(equations, len(system.unknowns), within)

    def _corrections(self) -> Iterator[Correction]:
        """Sizes, relative to what leads, of everything neglected that the risk responds to."""
        system, lead = self.attempt.system, self.attempt.system.risk[self.risk_terms[0]]
        response = self.attempt.sensitivity(lead)
        first = len(system.ties)
        for sides, chosen, picked in zip(system.equations, self.choice, self.attempt.choice, strict=True):
            leader = sides[0][picked[0][0]]
            used = len(picked[0]) - 1 + len(picked[1])
            responds = any(response[first : first + used])
            first += used
            if responds:
                for side, leading in zip(sides, chosen, strict=True):
                    yield from self._neglected(side, leading, leader)
        yield from self._neglected(system.risk, self.risk_terms, lead)
        for term in system.corrections:
            relative = size(term, self.growths)
            yield Correction(relative.exponent, relative.log_power, source=term.label)
        if system.exponential is not None:
            change = lead.shape_power
            for r, (p, q) in zip(response, self.attempt.equalities, strict=True):
                change = change + r * (q.shape_power - p.shape_power)
            if change:
                yield Correction(Affine.of(0), RatFun.of(-1), True, "growth of the threshold over the noise")

    def _neglected(
        self, side: Sequence[Monomial], leading: Sequence[int], leader: Monomial
    ) -> Iterator[Correction]:
        reference = size(leader, self.growths)
        for i, m in enumerate(side):
            if i not in leading:
                relative = size(m, self.growths) / reference
                yield Correction(relative.exponent, relative.log_power, source=m.label)


class Contradiction(ArithmeticError):
    """An inequality fails for all parameters."""


def _log(m: Monomial) -> RatFun:
    return m.known.log_power + m.shape_power * HALF


def size(m: Monomial, growths: Sequence[Growth]) -> Growth:
    """Exponent and log power of a monomial (its constant is not looked at)."""
    exponent, logs = m.known.exponent, _log(m)
    for power, g in zip(m.powers, growths, strict=True):
        if power:
            exponent, logs = exponent + g.exponent * power, logs + g.log_power * power
    return Growth(sympy.Integer(1), exponent, logs)


def _compare_all(
    side: Sequence[Monomial], chosen: tuple[int, ...], growths: Sequence[Growth], lead: Monomial | None = None
) -> tuple[list[Condition], tuple[int, ...]]:
    """Conditions that the terms not chosen be smaller; terms that tie identically widen the choice."""
    conditions: list[Condition] = []
    tied = list(chosen)
    for i, m in enumerate(side):
        if i not in chosen:
            needed = _require(lead or side[chosen[0]], m, growths)
            if needed is None:
                tied.append(i)
            else:
                conditions += needed
    return conditions, tuple(sorted(tied))


def _require(large: Monomial, small: Monomial, growths: Sequence[Growth]) -> list[Condition] | None:
    """The conditions for ``large >> small``; ``None`` when they tie identically."""
    order = size(large, growths).compare(size(small, growths))
    if order.sign == 0:
        return None
    if order.sign is None:
        logs = order.logs if order.exponent else RatFun.of(0)
        return [Condition(row_of(order.form.coords), logs, large, small)]
    if order.sign < 0:
        raise Contradiction
    return []
