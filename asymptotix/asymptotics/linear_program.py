"""The exact linear program behind every statement about cells: the largest slack of a set of inequalities.

    maximise s  such that  b_i + A_i x >= s for all i,  s <= 1

solved through its dual (``min sum y_i b_i + y_0``, ``sum y_i A_i = 0``, ``sum y_i + y_0 = 1``, ``y >= 0``),
whose start ``y_0 = 1`` is known: simplex method with Bland's rule, which cannot cycle, in flint's rational numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import fmpq

Tableau = list[list[Any]]


def maximise_slack(rows: Sequence[Sequence[Any]]) -> tuple[Any, list[int]]:
    """The largest ``s`` and the indices of an optimal basis (``len(rows)`` stands for ``s <= 1``).

    >>> maximise_slack([[fmpq(0), fmpq(1)], [fmpq(1), fmpq(-1)]])[0]   # x > 0, 1 - x > 0
    1/2
    """
    count, width = len(rows), len(rows[0])
    zero, one = fmpq(0), fmpq(1)
    # a row per coordinate (right-hand side 0), the normalisation (right-hand side 1), and the costs
    table = [[*column, zero, zero] for column in zip(*(r[1:] for r in rows), strict=True)]
    table.append([one] * (count + 2))
    table.append([*(r[0] for r in rows), one, zero])
    basis: list[int | None] = [None] * (width - 1) + [count]
    _pivot(table, width - 1, count)
    for k in range(width - 1):  # right-hand sides are 0 here, so any non-zero entry may be pivoted on
        entry = next((j for j in range(count) if table[k][j]), None)
        if entry is not None:
            _pivot(table, k, entry)
            basis[k] = entry
    table = [row for row, b in zip(table, [*basis, count], strict=True) if b is not None]
    active = [b for b in basis if b is not None]
    while True:
        entering = next((j for j in range(count + 1) if table[-1][j] < 0), None)
        if entering is None:
            return -table[-1][-1], sorted(active)
        candidates = [k for k, row in enumerate(table[:-1]) if row[entering] > 0]
        # never none: the multipliers sum to one
        leaving = min(candidates, key=lambda k: (table[k][-1] / table[k][entering], active[k]))
        _pivot(table, leaving, entering)
        active[leaving] = entering


def _pivot(table: Tableau, k: int, column: int) -> None:
    pivot = table[k][column]
    table[k] = [x / pivot for x in table[k]]
    for i, row in enumerate(table):
        if i != k and row[column]:
            factor = row[column]
            table[i] = [x - factor * y if y else x for x, y in zip(row, table[k], strict=True)]
