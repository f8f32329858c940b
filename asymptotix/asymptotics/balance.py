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

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import product

from asymptotix.asymptotics.constants import NoBalance
from asymptotix.asymptotics.corrections import Choice, Condition, Solution, SolvedBalance
from asymptotix.asymptotics.exponents import ExponentSystem
from asymptotix.asymptotics.polyhedra import PolyRow, feasible_on
from asymptotix.asymptotics.signs import Interval
from asymptotix.asymptotics.system import System


@dataclass(frozen=True)
class Cell:
    """A balance, the conditions under which it holds, and a range of ``gamma`` where they can."""

    solution: Solution
    conditions: tuple[Condition, ...]
    gamma: Interval

    @property
    def rows(self) -> tuple[PolyRow, ...]:
        return tuple(c.row for c in self.conditions)


def cells(system: System) -> Iterator[Cell]:
    """All full-dimensional cells of a system."""
    for balance in solved_balances(system):
        for gamma in feasible_on([c.row for c in balance.conditions], system.gamma):
            # exponents and logs may agree where no positive constants do
            with suppress(NoBalance):
                yield Cell(*balance.solved(gamma), gamma)


def solved_balances(system: System) -> Iterator[SolvedBalance]:
    """Every choice of leading terms whose exponents and logs can be solved for all parameters."""
    sides = [
        [((i,), (j,)) for i in range(len(lhs)) for j in range(len(rhs))] for lhs, rhs in system.equations
    ]
    for choice in product(*sides):
        exponents = ExponentSystem(system, choice)
        if exponents.inverse is not None:
            yield from exponents.solved_balances()
        elif exponents.repeated:
            for wider in _widened(system, choice):
                exponents = ExponentSystem(system, wider)
                if exponents.inverse is not None:
                    yield from exponents.solved_balances()


def _widened(system: System, choice: Choice) -> Iterator[Choice]:
    """Add one leading term behind those chosen, in order, so that no set of terms is tried twice."""
    for k, (lhs, rhs) in enumerate(system.equations):
        left, right = choice[k]
        wider = [((*left, i), right) for i in range(left[-1] + 1, len(lhs))]
        wider += [(left, (*right, j)) for j in range(right[-1] + 1, len(rhs))]
        for pair in wider:
            yield (*choice[:k], pair, *choice[k + 1 :])
