r"""Inputs that were measured: rows of a table, made comparable with the theory's Gaussian ones.

The theory knows inputs by their covariance alone. So rows are centred and turned into their principal axes, and

    whitened     every axis has variance 1: the problem is the one with equal inputs,
    as they are  axis i keeps its variance ``v_i``, the largest being 1: the problem with ``variances=v``.

What is left of the data is their shape, and universality claims that it does not matter. Beside each run stands one on
Gaussian inputs with the same spectrum: where the two differ, universality fails; where both differ from the state
evolution, the dimension is finite.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput

# A principal axis this far below the first one (in standard deviation) is rounding: the columns depend on each other.
_DEPENDENT = 1e-10


@dataclass(frozen=True, eq=False)
class RealInputs:
    """Rows in their principal axes, every axis of variance 1, and the variances that they had.

    Attributes:
        rows: (rows, d), centred, of unit variance in every column, uncorrelated.
        variances: of the principal axes, decreasing, the largest being 1.
    """

    rows: Array = field(repr=False)
    variances: Array = field(repr=False)


def real_inputs(table: Array) -> RealInputs:
    """Prepare a table of samples (a row each) for `simulate`.

    Raises:
        InvalidInput: not a table of finite numbers, a constant column, columns that depend on each other, or no more
            rows than columns.

    Examples:
        >>> rng = np.random.default_rng(0)
        >>> found = real_inputs(rng.standard_normal((50, 3)) * [3.0, 2.0, 1.0])
        >>> bool(np.allclose(found.rows.T @ found.rows / 50, np.eye(3))), float(found.variances[0])
        (True, 1.0)
    """
    array = np.asarray(table, dtype=float)
    if array.ndim != 2:
        raise InvalidInput("inputs_from", f"an array of shape {array.shape}", "a table: a row a sample")
    bad = np.argwhere(~np.isfinite(array))
    if bad.size:
        place = f"row {bad[0][0] + 1}, column {bad[0][1] + 1}: {array[tuple(bad[0])]}"
        raise InvalidInput("inputs_from", place, "finite numbers everywhere")
    count, d = array.shape
    if count <= d:
        raise InvalidInput("inputs_from", f"{count} rows of {d} columns", "more rows than columns")
    centred = array - array.mean(axis=0)
    constant = np.flatnonzero(np.ptp(array, axis=0) == 0)
    if constant.size:
        allowed = "columns that vary: leave constant ones out"
        raise InvalidInput("inputs_from", f"column {constant[0] + 1} is constant", allowed)
    left, size, _ = np.linalg.svd(centred, full_matrices=False)
    if size[-1] < _DEPENDENT * size[0]:
        raise InvalidInput(
            "inputs_from", f"columns of rank below {d}", "columns that do not depend on each other"
        )
    return RealInputs(left * np.sqrt(count), (size / size[0]) ** 2)
