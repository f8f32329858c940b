"""The exact linear program behind every statement about cells: the largest slack of a set of inequalities.

    maximise s  such that  b_i + A_i x >= s for all i,  s <= 1

solved through its dual (``min sum y_i b_i + y_0``, ``sum y_i A_i = 0``, ``sum y_i + y_0 = 1``, ``y >= 0``),
whose start ``y_0 = 1`` is known: simplex method with Bland's rule, which cannot cycle, in rational numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def maximise_slack(rows: Sequence[Sequence[Fraction]]) -> tuple[Fraction, list[int]]:
    """The largest ``s`` and the indices of an optimal basis (``len(rows)`` stands for ``s <= 1``).

    >>> maximise_slack([[Fraction(0), Fraction(1)], [Fraction(1), Fraction(-1)]])[0]   # x > 0, 1 - x > 0
    Fraction(1, 2)
    """
    count, width = len(rows), len(rows[0])
    columns = [[*r[1:], Fraction(1)] for r in rows] + [[Fraction(0)] * (width - 1) + [Fraction(1)]]
    cost = [Fraction(r[0]) for r in rows] + [Fraction(1)]
    # Tableau rows: one per coordinate (right-hand side 0) and the normalisation (right-hand side 1).
    table = [[column[k] for column in columns] + [Fraction(int(k == width - 1))] for k in range(width)]
    basis: list[int | None] = [None] * (width - 1) + [count]
    for k in range(width - 1):  # right-hand sides are 0 here, so any non-zero entry may be pivoted on
        entry = next((j for j in range(count) if table[k][j]), None)
        if entry is not None:
            _pivot(table, k, entry)
            basis[k] = entry
    kept = [k for k in range(width) if basis[k] is not None]
    table = [table[k] for k in kept]
    active = [b for b in basis if b is not None]
    while True:
        prices = [cost[b] for b in active]
        entering = next(
            (j for j in range(count + 1) if j not in active and _gain(table, prices, cost, j) < 0), None
        )
        if entering is None:
            value = sum((p * row[-1] for p, row in zip(prices, table, strict=True)), Fraction(0))
            return value, sorted(active)
        ratios = [(row[-1] / row[entering], active[k], k) for k, row in enumerate(table) if row[entering] > 0]
        _, _, leaving = min(ratios)  # never unbounded: the multipliers sum to one
        _pivot(table, leaving, entering)
        active[leaving] = entering


def _gain(table: list[list[Fraction]], prices: list[Fraction], cost: list[Fraction], column: int) -> Fraction:
    return cost[column] - sum(
        (p * row[column] for p, row in zip(prices, table, strict=True) if row[column]), Fraction(0)
    )


def _pivot(table: list[list[Fraction]], k: int, column: int) -> None:
    pivot = table[k][column]
    table[k] = [x / pivot for x in table[k]]
    for i, row in enumerate(table):
        if i != k and row[column]:
            factor = row[column]
            table[i] = [x - factor * y if y else x for x, y in zip(row, table[k], strict=True)]
