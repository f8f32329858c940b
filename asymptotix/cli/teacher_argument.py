"""Teachers on the command line: a law of decay, or coefficients from a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from asymptotix.errors import InvalidInput
from asymptotix.teacher import FiniteRank, Geometric, Teacher, Values
from asymptotix.validate import exact

#: What ``--teacher`` takes.
ALLOWED = "finite-rank:3,1,1/2, geometric:1/2, or a file of coefficients (.npy, .csv, .txt)"


def read_teacher(given: str) -> Teacher:
    """The teacher that a user names; signs and the order in a file do not matter.

    Raises:
        InvalidInput: an unknown law, an unreadable file, or coefficients that are no numbers.

    >>> read_teacher("finite-rank:3,1")
    FiniteRank(coefficients=(3.0, 1.0))
    >>> read_teacher("geometric:1/2")
    Geometric(ratio=0.5)
    """
    law, colon, numbers = given.partition(":")
    if law == "finite-rank" and colon:
        return FiniteRank([exact("teacher", part, ALLOWED) for part in numbers.split(",")])
    if law == "geometric" and colon:
        return Geometric(numbers)  # type: ignore[arg-type]
    path = Path(given)
    if path.suffix not in (".npy", ".csv", ".txt"):
        raise InvalidInput("teacher", given, ALLOWED)
    return Values(np.sort(np.abs(_numbers(path)))[::-1].tolist())


def _numbers(path: Path) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The coefficients in a file; a heading line of a table is skipped."""
    try:
        if path.suffix == ".npy":
            array = np.asarray(np.load(path, allow_pickle=False), dtype=float)
        else:
            array = np.genfromtxt(path, delimiter="," if path.suffix == ".csv" else None, dtype=float)
            heading = array.ndim == 1 and array.size > 1 and np.isnan(array[0])
            array = array[1:] if heading else array
    except (OSError, ValueError, EOFError) as error:
        raise InvalidInput("teacher", str(path), f"a readable file of coefficients ({error})") from None
    if array.ndim != 1 or not np.isfinite(array).all():
        raise InvalidInput("teacher", str(path), f"one column of finite numbers, not an array {array.shape}")
    return array
