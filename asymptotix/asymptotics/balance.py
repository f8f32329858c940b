"""Dominant balance as exact max-plus algebra.

For every system (sector) and every choice of one leading term on each side of each equation:

1. the exponents of the unknowns solve a linear system over Q(gamma), affine in ``(a, l, zeta)``;
2. the powers of ``log d`` solve the same system; ``c = sqrt(2 log(1/q))`` counts for ``(log d)**(1/2)``;
3. "every other term is smaller" and the sector's own limits are strict inequalities between pairs
   (exponent, log power); where the exponents agree identically, the logs decide, and where those agree too
   the term is of leading order and joins the balance of constants;
4. the constants follow (:mod:`~asymptotix.asymptotics.constants`), then the sizes of what was neglected.

A choice whose equations repeat one another (rank deficiency with consistent sides) is completed by a further
tie of a neglected term.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import product

import sympy

from asymptotix.asymptotics.cells import Cell, Choice, Condition, Solution, log_of, size
from asymptotix.asymptotics.constants import NoBalance, solve_constants
from asymptotix.asymptotics.corrections import neglected
from asymptotix.asymptotics.growth import Affine, Expr, Growth, power_of, tidy
from asymptotix.asymptotics.linear import reduce
from asymptotix.asymptotics.polyhedra import feasible_on
from asymptotix.asymptotics.ratfun import RatFun
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.system import Monomial, Pair, Side, System

TAIL = sympy.Symbol("v", positive=True)  # q = d**-v, while constants are worked out


class Contradiction(ArithmeticError):
    """An inequality fails for all parameters."""


class Balance:
    """One choice of leading terms: what it implies for exponents and logs, when it holds, and its constants.

    ``picked`` is the choice that was made, ``choice`` the same with terms that tie identically. Each ``equality`` is a
    pair of monomials set equal, and ``inverse`` turns relative changes of them into the unknowns'.
    """

    def __init__(self, system: System, picked: Choice) -> None:
        self.system, self.picked = system, picked
        self.equalities: list[Pair] = [*system.ties]
        self.starts: list[int] = []  # the first equality of each equation
        for (lhs, rhs), (left, right) in zip(system.equations, picked, strict=True):
            self.starts.append(len(self.equalities))
            first = lhs[left[0]]
            self.equalities += [(first, lhs[i]) for i in left[1:]] + [(first, rhs[j]) for j in right]
        n, marks = len(system.sector.unknowns), range(len(self.equalities))
        rows, pivots = reduce(
            [
                [
                    *(x - y for x, y in zip(p.powers, q.powers, strict=True)),
                    log_of(q) - log_of(p),
                    *(RatFun.of(int(i == k)) for i in marks),
                    *(q.known.exponent - p.known.exponent).coords,
                ]
                for k, (p, q) in enumerate(self.equalities)
            ],
            n,
        )
        last = n + 1 + len(marks)
        spare = rows[len(pivots) :]
        agree = not any(any(row[last:]) for row in spare)
        #: Whether the equations are dependent and yet agree for all parameters.
        self.repeated = agree and len(pivots) < n
        self.solvable = agree and len(pivots) == n and not any(row[n] for row in spare)
        self.inverse = [row[n + 1 : last] for row in rows[:n]]
        self.growths = [Growth(sympy.Integer(1), Affine(tuple(row[last:])), row[n]) for row in rows[:n]]
        index = system.exponential
        self.tail = None if index is None else -self.growths[index].exponent

    def cells(self) -> Iterator[Cell]:
        """One for each leading term of the risk and each range of gamma, where they can hold."""
        risk = self.system.risk
        with suppress(Contradiction):
            base, self.choice = self._conditions()
            for leading in range(len(risk)):
                with suppress(Contradiction):
                    more, self.risk_terms = self._behind(risk[leading], risk, (leading,))
                    if min(self.risk_terms) == leading:
                        yield from self._solved((*base, *more))

    def _conditions(self) -> tuple[list[Condition], Choice]:
        """What must be positive; terms that tie in exponent and log join the choice."""
        found: list[Condition] = []
        if self.tail is not None:
            found.append(Condition(Growth.power_of_d(self.tail)))
        for small, large in self.system.smaller:
            more, tied = self._behind(large, (large, small), (0,))
            if len(tied) > 1:
                raise Contradiction
            found += more
        wide = []
        for sides, chosen in zip(self.system.equations, self.picked, strict=True):
            lead = sides[0][chosen[0][0]]
            pair = [self._behind(lead, side, picked) for side, picked in zip(sides, chosen, strict=True)]
            found += [c for more, _ in pair for c in more]
            wide.append((pair[0][1], pair[1][1]))
        return found, tuple(wide)

    def _behind(
        self, lead: Monomial, side: Side, chosen: tuple[int, ...]
    ) -> tuple[list[Condition], tuple[int, ...]]:
        """Conditions that the terms not chosen be smaller; terms that tie identically widen the choice."""
        found, tied = [], list(chosen)
        for i, m in enumerate(side):
            if i not in chosen:
                ratio = size(lead, self.growths) / size(m, self.growths)
                sign = ratio.deciding.sign
                if sign is None:
                    found.append(Condition(ratio, lead, m))
                elif sign < 0:
                    raise Contradiction
                elif sign == 0:
                    tied.append(i)
        return found, tuple(sorted(tied))

    def _solved(self, conditions: Sequence[Condition]) -> Iterator[Cell]:
        for gamma in feasible_on([c.row for c in conditions], self.system.gamma):
            # exponents and logs may agree where no positive constants do
            with suppress(NoBalance):
                self.values = self._constants(gamma)
                yield Cell(self._solution(), tuple(map(self._margin, conditions)), gamma)

    def _constants(self, within: Interval) -> list[Expr]:
        """Of the unknowns, of which each chosen set of terms has the sum 0."""
        sums = [([p], [q]) for p, q in self.system.ties]
        for sides, chosen in zip(self.system.equations, self.choice, strict=True):
            left, right = ([side[i] for i in leading] for side, leading in zip(sides, chosen, strict=True))
            sums.append((left, right))
        equations = [
            [(sign * self.known(m), m.powers) for sign, side in zip((1, -1), pair, strict=True) for m in side]
            for pair in sums
        ]
        return solve_constants(equations, len(self.growths), within)

    def _solution(self) -> Solution:
        system, leading = self.system, self.system.risk[self.risk_terms[0]]
        unknowns = (
            replace(g, constant=self._placed(v)) for v, g in zip(self.values, self.growths, strict=True)
        )
        total = tidy(sympy.Add(*(self.value(system.risk[i]) for i in self.risk_terms)))
        risk = replace(size(leading, self.growths), constant=self._placed(total))
        corrections = tuple(
            c if c.constant is None else replace(c, constant=self._placed(c.constant))
            for c in neglected(self)
        )
        return Solution(system, self.choice, tuple(unknowns), risk, self.risk_terms, corrections, self.tail)

    def known(self, m: Monomial) -> Expr:
        """With the constant of ``c``, which is ``sqrt(2 v log d)`` for ``q = d**-v``."""
        return m.known.constant * power_of(sympy.sqrt(2 * TAIL), m.shape_power)

    def value(self, m: Monomial) -> Expr:
        return sympy.Mul(self.known(m), *(power_of(v, p) for v, p in zip(self.values, m.powers, strict=True)))

    def _margin(self, c: Condition) -> Condition:
        """The condition with the constant of ``large/small``."""
        if c.large is None or c.small is None:
            return c
        constant = self._placed(self.value(c.large) / self.value(c.small))
        return replace(c, ratio=replace(c.ratio, constant=constant))

    def _placed(self, constant: Expr) -> Expr:
        """A constant with ``v`` written in the size exponents."""
        return constant if self.tail is None else constant.subs(TAIL, self.tail.to_sympy())


def cells(system: System) -> Iterator[Cell]:
    """All full-dimensional cells of a system."""
    sides = [
        [((i,), (j,)) for i in range(len(lhs)) for j in range(len(rhs))] for lhs, rhs in system.equations
    ]
    for choice in product(*sides):
        balance = Balance(system, choice)
        wider = (Balance(system, c) for c in _widened(system, choice)) if balance.repeated else ()
        for one in (balance, *wider):
            if one.solvable:
                yield from one.cells()


def _widened(system: System, choice: Choice) -> Iterator[Choice]:
    """Add one leading term behind those chosen, in order, so that no set of terms is tried twice."""
    for k, (lhs, rhs) in enumerate(system.equations):
        left, right = choice[k]
        wider = [((*left, i), right) for i in range(left[-1] + 1, len(lhs))]
        wider += [(left, (*right, j)) for j in range(right[-1] + 1, len(rhs))]
        for pair in wider:
            yield (*choice[:k], pair, *choice[k + 1 :])
