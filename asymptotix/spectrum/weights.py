"""Reading measured weights: what is accepted, and the sizes that a diagnosis looks at."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asymptotix.errors import InvalidInput
from asymptotix.networks import get
from asymptotix.networks.base import Geometry

Array = NDArray[np.float64]

# Fewer weights do not show a bulk, outliers and their decay beside each other.
FEWEST = 20
# Far above the rounding of doubles, far below what a forgotten transpose makes.
_SYMMETRIC = 1e-8


def read(weights: ArrayLike, network: str | None) -> tuple[Array, str]:
    """The coefficients or eigenvalues of measured weights, and the network they are read as.

    Raises:
        InvalidInput: an unknown network, or weights that are no vector or symmetric matrix of enough finite numbers.
    """
    net = None if network is None else get(network)
    if net is not None:
        net.supply("diagnosis")
    try:
        array = np.asarray(weights)
    except ValueError:
        raise InvalidInput("weights", "a ragged list", "a vector or a matrix of numbers") from None
    if array.dtype.kind == "c":
        raise InvalidInput("weights", f"dtype {array.dtype}", "real numbers")
    if array.dtype.kind not in "fiu":
        raise InvalidInput("weights", f"dtype {array.dtype}", "numbers")
    if array.ndim not in (1, 2):
        raise InvalidInput("weights", f"an array of {array.ndim} axes", "a vector or a matrix")
    array = array.astype(float)
    if not np.all(np.isfinite(array)):
        raise InvalidInput("weights", "nan or infinity", "finite numbers")
    if array.ndim == 2:
        if array.shape[0] != array.shape[1]:
            raise InvalidInput("weights", f"shape {array.shape}", "a square matrix: pass W'W, not W")
        if net is not None and net.geometry is Geometry.SEQUENCE:
            raise InvalidInput("weights", f"shape {array.shape}", f"a vector for a {network} network")
        if np.abs(array - array.T).max(initial=0.0) > _SYMMETRIC * np.abs(array).max(initial=0.0):
            raise InvalidInput(
                "weights", "a matrix that is not symmetric", "a symmetric matrix: pass (S + S')/2"
            )
    if array.shape[0] < FEWEST:
        raise InvalidInput(
            "weights", f"{array.shape[0]} values", f"at least {FEWEST} eigenvalues or coefficients"
        )
    if array.ndim == 1:
        return array, network or "diagonal"
    values = np.linalg.eigvalsh(array)
    negative = values.min() < -1e-3 * np.abs(values).max()
    positive = net is not None and net.sides == 1
    return (np.maximum(values, 0.0) if positive else values), network or (
        "symmetric" if negative else "quadratic"
    )
