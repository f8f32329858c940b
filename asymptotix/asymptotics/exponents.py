"""One choice of leading terms: what it implies for exponents and logs, and when it holds.

Exponents and powers of ``log d`` solve the same linear system over Q(gamma); the conditions that the other
terms be smaller are rows in ``(a, l, zeta)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy

from asymptotix.asymptotics.corrections import Choice, Condition, SolvedBalance, log_of, size
from asymptotix.asymptotics.growth import Affine, Growth
from asymptotix.asymptotics.linear import Row, left_inverse, reduce
from asymptotix.asymptotics.polyhedra import row_of
from asymptotix.asymptotics.system import Monomial, Pair, System


class ExponentSystem:
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

    def solved_balances(self) -> Iterator[SolvedBalance]:
        """Solve exponents and logs, then write down the conditions for each leading term of the risk."""
        exponents = self._solve([q.known.exponent - p.known.exponent for p, q in self.equalities])
        if exponents is None:
            return
        logs = self._solve([Affine.of(log_of(q) - log_of(p)) for p, q in self.equalities])
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
                yield SolvedBalance(
                    self.system,
                    self.choice,
                    choice,
                    tuple(self.equalities),
                    self.inverse or [],
                    growths,
                    tied,
                    (*base, *rows),
                )

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
            tail = Growth.power_of_d(-growths[self.system.exponential].exponent)
            rows.append(Condition(row_of(tail.exponent.coords), tail))
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


class Contradiction(ArithmeticError):
    """An inequality fails for all parameters."""


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
        ratio = Growth(sympy.Integer(1), order.exponent, order.logs)
        return [Condition(row_of(order.form.coords), ratio, large, small)]
    if order.sign < 0:
        raise Contradiction
    return []
