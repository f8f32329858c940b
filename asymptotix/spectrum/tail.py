"""Power-law tails fitted by maximum likelihood, as Clauset, Shalizi and Newman (2009) do.

Above ``x_min`` the density ``(e - 1)/x_min (x/x_min)^-e`` has the likelihood maximum

    e = 1 + k / sum log(x_i / x_min),     standard error (e - 1)/sqrt(k),

and ``x_min`` is the observed value for which the fitted law is nearest to the data in Kolmogorov's distance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asymptotix.errors import InvalidInput

# With fewer values in the tail an exponent says nothing.
FEWEST = 5


@dataclass(frozen=True)
class TailFit:
    """A fitted tail: exponent of the density, where it starts, how many values it has, and its distance.

    ``stderr`` is that of maximum likelihood with independent values; a teacher's features are equidistant in
    ``log i`` rather than independent, which makes it pessimistic.
    """

    exponent: float
    stderr: float
    x_min: float
    count: int
    distance: float


def fit_tail(values: ArrayLike, *, x_min: float | None = None, fewest: int = FEWEST) -> TailFit:
    """Fit a power law to the upper tail of positive values.

    Args:
        values: any array; values that are not positive are left out.
        x_min: where the tail starts; by default the best start that leaves ``fewest`` values.

    Raises:
        InvalidInput: values that are not finite, or fewer than ``fewest`` different ones in the tail.

    >>> x = (1 - np.random.default_rng(0).random(20_000)) ** -0.5    # density x^-3
    >>> fit = fit_tail(x, x_min=1.0)
    >>> abs(fit.exponent - 3.0) < 3 * fit.stderr
    True
    """
    array = np.asarray(values, dtype=float).ravel()
    if not np.all(np.isfinite(array)):
        raise InvalidInput("values", "an array with nan or infinity", "finite numbers")
    x: NDArray[np.float64] = np.sort(array[array > 0])
    starts = np.unique(x)[: -max(fewest - 1, 1)] if x_min is None else np.array([x_min])
    fits = [_fit(x[np.searchsorted(x, s) :], float(s)) for s in starts if np.count_nonzero(x >= s) >= fewest]
    found = [fit for fit in fits if fit is not None]
    if not found:
        raise InvalidInput(
            "values", f"{x.size} positive values", f"at least {fewest} different ones in the tail"
        )
    return min(found, key=lambda fit: fit.distance)


def _fit(tail: NDArray[np.float64], start: float) -> TailFit | None:
    logs = np.log(tail / start)
    total = float(logs.sum())
    if total <= 0:
        return None
    k = tail.size
    exponent = 1.0 + k / total
    fitted = 1.0 - np.exp(-(exponent - 1.0) * logs)
    distance = float(np.abs(fitted - np.arange(k) / k).max())
    return TailFit(exponent, (exponent - 1.0) / math.sqrt(k), start, k, distance)
