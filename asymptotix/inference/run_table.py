"""A user's runs as a table: read, checked row by row, repeats pooled."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from asymptotix.errors import InvalidInput
from asymptotix.inference.columns import MEASURES, blank, read_table


@dataclass(frozen=True)
class Run:
    """One point of a curve: the mean of ``repeats`` runs at the same place.

    Attributes:
        row: where it stands in the data, the heading being row 1.
        value: the mean of the measure; ``stderr`` its standard error, nan where it is not known.
        freedom: degrees of freedom of a standard error that was read off the scatter of repeats.
    """

    row: int
    n: float
    lam: float
    value: float
    stderr: float
    width: int | None = None
    repeats: int = 1
    freedom: float = math.inf


@dataclass(frozen=True)
class RunTable:
    """All points, which measure they are of, what lam is, and what was left out of the data."""

    measure: str
    runs: tuple[Run, ...]
    lam_unit: str = "sum"
    notes: tuple[str, ...] = ()


def read_runs(data: Any, columns: Mapping[str, Any] | None = None) -> RunTable:
    """Read runs from a CSV file, a data frame, or a sequence of mappings, as they come (`columns`).

    Args:
        columns: known name -> the column that it is, or the number that it has in all rows.

    Raises:
        InvalidInput: an unreadable file, a column that is missing, or a number out of range; the message names the row.

    >>> rows = [{"n": 50, "lam": 1, "error": 0.5, "seed": 0}, {"n": 50, "lam": 1, "error": 0.7, "seed": 1}]
    >>> table = read_runs(rows)
    >>> table.measure, [(run.value, run.repeats) for run in table.runs]
    ('error', [(0.6, 2)])
    """
    table = read_table(data, columns)
    names = list(dict.fromkeys(name for _, row in table.rows for name in row))
    measures = [name for name in MEASURES if name in names]
    if len(measures) != 1:
        found = f"columns {' and '.join(measures)}" if measures else "no column that says how good a run was"
        allowed = (
            f"exactly one of {', '.join(MEASURES)}, and in some row: say which, as in --column error=COLUMN"
        )
        raise InvalidInput("data", found, allowed)
    for name in ("n", "lam"):
        if name not in names:
            allowed = f"a column {name}, or --column {name}=COLUMN, or --column {name}=1 for all rows"
            raise InvalidInput("data", f"columns {', '.join(names)}", allowed)
    read = [_read(row, number, measures[0]) for number, row in table.rows]
    return RunTable(measures[0], tuple(_pooled(read)), table.lam_unit, table.notes)


def cell(
    row: Mapping[str, Any], column: str, number: int, allowed: str, *, least: float | None = None
) -> float:
    """The finite number in a column of a row: at least ``least``, or positive."""
    try:
        found = float(row[column])
    except (TypeError, ValueError, KeyError):
        found = math.nan
    if not (math.isfinite(found) and (found > 0.0 if least is None else found >= least)):
        raise InvalidInput("data", row.get(column), f"{allowed} in column {column} of row {number}")
    return found


def _read(row: Mapping[str, Any], number: int, measure: str) -> Run:
    stderr, width = math.nan, None
    if not blank(row.get("stderr")):
        stderr = cell(row, "stderr", number, "a standard error > 0, or nothing")
    if not blank(row.get("width")):
        width = int(cell(row, "width", number, "a number of hidden units >= 1", least=1.0))
    n = cell(row, "n", number, "a number of samples > 0")
    lam = cell(row, "lam", number, "a weight decay >= 0", least=0.0)
    allowed = "a number > 0 (a run that is perfect has nothing to fit: leave it out)"
    return Run(number, n, lam, cell(row, measure, number, allowed), stderr, width)


def _pooled(runs: list[Run]) -> Iterable[Run]:
    """Repeats at one place become their mean; its standard error is that of the scatter, or of the given ones."""
    places: dict[tuple[float, float, int | None], list[Run]] = {}
    for run in runs:
        places.setdefault((run.n, run.lam, run.width), []).append(run)
    for (n, lam, width), same in places.items():
        count = len(same)
        if count == 1:
            yield same[0]
            continue
        values, given = np.array([r.value for r in same]), np.array([r.stderr for r in same])
        known = bool(np.isfinite(given).all())
        stderr = np.sqrt((given**2).sum()) / count if known else stats.sem(values)
        freedom = math.inf if known else count - 1.0
        yield Run(same[0].row, n, lam, float(values.mean()), float(stderr), width, count, freedom)
