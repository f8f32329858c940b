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


def solution(columns: Sequence[Sequence[RatFun]], right: Sequence[RatFun]) -> Row | None:
    """Weights with which the columns add up to ``right``, 0 wherever they may be; ``None`` if they cannot."""
    rows, pivots = reduce([list(row) for row in zip(*columns, right, strict=True)], len(columns))
    if any(row[-1] for row in rows[len(pivots) :]):
        return None
    found = {column: row[-1] for column, row in zip(pivots, rows, strict=False)}
    return [found.get(k, RatFun.of(0)) for k in range(len(columns))]
