"""A user's runs as a table: read, checked row by row, repeats pooled."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from asymptotix.errors import InvalidInput

#: Columns that say how good a run was; one of them is needed.
MEASURES = ("error", "excess_risk", "test_loss")
#: Further columns that are understood; ``train_loss`` is allowed and not used.
KNOWN = ("n", "lam", *MEASURES, "stderr", "seed", "width", "train_loss")


@dataclass(frozen=True)
class Run:
    """One point of a curve: the mean of ``repeats`` runs at the same place.

    Attributes:
        row: where it stands in the data, the heading being row 1.
        value: the mean of the measure; ``stderr`` its standard error, nan where it is not known.
    """

    row: int
    n: float
    lam: float
    value: float
    stderr: float
    width: int | None = None
    repeats: int = 1


@dataclass(frozen=True)
class RunTable:
    """All points, and which measure they are of."""

    measure: str
    runs: tuple[Run, ...]


def read_runs(data: Any) -> RunTable:
    """Read runs from a CSV file, a data frame, or a sequence of mappings.

    Raises:
        InvalidInput: an unreadable file, a column that is not known or missing, or a number out of range; the message
            names the row.

    >>> rows = [{"n": 50, "lam": 1, "error": 0.5, "seed": 0}, {"n": 50, "lam": 1, "error": 0.7, "seed": 1}]
    >>> table = read_runs(rows)
    >>> table.measure, [(run.value, run.repeats) for run in table.runs]
    ('error', [(0.6, 2)])
    """
    rows = list(_rows(data))
    names = list(dict.fromkeys(name for row in rows for name in row))
    unknown = [name for name in names if name not in KNOWN]
    if unknown:
        raise InvalidInput("data", f"column {unknown[0]!r}", f"columns among {', '.join(KNOWN)}")
    measures = [name for name in MEASURES if name in names]
    if len(measures) != 1:
        found = " and ".join(measures) or "none"
        raise InvalidInput("data", found, f"exactly one of the columns {', '.join(MEASURES)}")
    for name in ("n", "lam"):
        if name not in names:
            raise InvalidInput("data", f"columns {', '.join(names)}", f"a column {name}")
    read = [_read(row, number, measures[0]) for number, row in enumerate(rows, start=2)]
    return RunTable(measures[0], tuple(_pooled(read)))


def _rows(data: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(data, str | Path):
        try:
            with Path(data).open(newline="") as file:
                return list(csv.DictReader(file))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise InvalidInput("data", str(data), f"a readable CSV file ({error})") from None
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        return [dict(row) for row in data.to_dict("records")]
    if isinstance(data, Mapping):  # columns side by side
        lengths = {name: len(column) for name, column in data.items()}
        if len(set(lengths.values())) > 1:
            raise InvalidInput("data", f"columns of lengths {lengths}", "columns of one length")
        return [dict(zip(data, row, strict=True)) for row in zip(*data.values(), strict=True)]
    rows = list(data)
    if not all(isinstance(row, Mapping) for row in rows):
        raise InvalidInput(
            "data", type(data).__name__, "a CSV file, a data frame, columns, or a list of mappings"
        )
    return [dict(row) for row in rows]


def _read(row: Mapping[str, Any], number: int, measure: str) -> Run:
    def value(column: str, allowed: str, least: float, *, above: bool = True) -> float:
        try:
            found = float(row[column])
        except (TypeError, ValueError, KeyError):
            found = math.nan
        if not math.isfinite(found) or found < least or (above and found == least):
            raise InvalidInput("data", row.get(column), f"{allowed} in column {column} of row {number}")
        return found

    stderr = math.nan
    if row.get("stderr") not in (None, "") and not _is_nan(row["stderr"]):
        stderr = value("stderr", "a standard error > 0, or nothing", 0.0)
    width = None
    if row.get("width") not in (None, "") and not _is_nan(row["width"]):
        width = int(value("width", "a number of hidden units >= 1", 1.0, above=False))
    return Run(
        number,
        value("n", "a number of samples > 0", 0.0),
        value("lam", "a weight decay >= 0", 0.0, above=False),
        value(measure, "a number > 0 (a run that is perfect has nothing to fit: leave it out)", 0.0),
        stderr,
        width,
    )


def _is_nan(given: Any) -> bool:
    return isinstance(given, float) and math.isnan(given)


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
        stderr = np.sqrt((given**2).sum()) / count if known else values.std(ddof=1) / math.sqrt(count)
        yield Run(same[0].row, n, lam, float(values.mean()), float(stderr), width, count)
