"""Exact linear algebra over Q(gamma) for a handful of unknowns."""

from __future__ import annotations

from collections.abc import Sequence

from asymptotix.asymptotics.ratfun import RatFun

Row = list[RatFun]


def reduce(matrix: Sequence[Sequence[RatFun]], columns: int) -> tuple[list[Row], list[int]]:
    """Gauss-Jordan elimination on the first ``columns`` columns; gives the rows and the pivot columns."""
    rows = [list(r) for r in matrix]
    pivots: list[int] = []
    for column in range(columns):
        rank = len(pivots)
        candidates = [i for i in range(rank, len(rows)) if rows[i][column]]
        if not candidates:
            continue
        best = min(candidates, key=lambda i: len(rows[i][column].num) + len(rows[i][column].den))
        rows[rank], rows[best] = rows[best], rows[rank]
        pivot = rows[rank][column]
        rows[rank] = [x / pivot if x else x for x in rows[rank]]
        for i, row in enumerate(rows):
            if i != rank and row[column]:
                factor = row[column]
                rows[i] = [x - factor * y if y else x for x, y in zip(row, rows[rank], strict=True)]
        pivots.append(column)
    return rows, pivots


def left_inverse(matrix: Sequence[Sequence[RatFun]]) -> list[Row] | None:
    """``W`` with ``W matrix = 1`` for a matrix of full column rank, else ``None``.

    With more equations than unknowns ``W`` uses only as many independent ones; the rest must be checked.
    """
    n, m = len(matrix[0]), len(matrix)
    identity = [[RatFun.of(int(i == j)) for j in range(m)] for i in range(m)]
    rows, pivots = reduce([list(r) + e for r, e in zip(matrix, identity, strict=True)], n)
    if len(pivots) < n:
        return None
    return [row[n:] for row in rows[:n]]
