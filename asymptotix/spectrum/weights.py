"""Reading measured weights: what is accepted, and the sizes that a diagnosis looks at."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput
from asymptotix.networks import get, plain
from asymptotix.networks.base import Geometry, Network

# Fewer weights do not show a bulk, outliers and their decay beside each other.
FEWEST = 20
# Relative to the largest eigenvalue: what is so little below zero is rounding or noise, and counts as 0.
_NEGATIVE = 1e-3
# Far above the rounding of doubles, far below what a forgotten transpose makes.
_SYMMETRIC = 1e-8


def is_symmetric(array: Array) -> bool:
    """Whether a matrix is square and symmetric but for rounding."""
    square = array.ndim == 2 and array.shape[0] == array.shape[1]
    return square and bool(
        np.abs(array - array.T).max(initial=0.0) <= _SYMMETRIC * np.abs(array).max(initial=0.0)
    )


def reads_singular_values(net: Network) -> bool:
    """Whether a network's matrix has no symmetry, so that its sizes are singular values."""
    return net.diagnosis is not None and not net.supply("diagnosis")(net.sides, FEWEST).symmetric


def read(weights: ArrayLike, network: str | None) -> tuple[Array, str]:
    """The coefficients or eigenvalues of measured weights, and the network they are read as.

    Raises:
        InvalidInput: an unknown network, or weights that are no vector or symmetric matrix (bilinear: any
            matrix) of enough finite numbers.
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
    if array.ndim == 2 and net is not None and reads_singular_values(net):
        rows, columns = sorted(array.shape)
        if rows != columns and net.aspect is None:
            network = net.of_rows(rows, columns).name
        elif rows != net.rows(columns):
            raise InvalidInput("weights", f"shape {array.shape}", f"a matrix of a {net.name} network")
        array = np.linalg.svd(array, compute_uv=False)
    if array.ndim == 2:
        if array.shape[0] != array.shape[1]:
            raise InvalidInput(
                "weights",
                f"shape {array.shape}",
                "a square matrix: of hidden units W (p, d) pass S = W'W/sqrt(p d), `asymptotix.units.matrix_of(W)`",
            )
        if net is not None and net.is_sequence:
            raise InvalidInput("weights", f"shape {array.shape}", f"a vector for a {network} network")
        if not is_symmetric(array):
            raise InvalidInput(
                "weights", "a matrix that is not symmetric", "a symmetric matrix: pass (S + S')/2"
            )
    if array.shape[0] < FEWEST:
        raise InvalidInput(
            "weights", f"{array.shape[0]} values", f"at least {FEWEST} eigenvalues or coefficients"
        )
    if array.ndim == 1:
        network = network or plain(Geometry.SEQUENCE, sides=2).name
        return _of_sides(array, network), network
    values = np.linalg.eigvalsh(array)
    negative = bool(values.min() < -_NEGATIVE * np.abs(values).max())
    network = network or plain(Geometry.MATRIX, sides=1 + negative).name
    return _of_sides(values, network), network


def _of_sides(values: Array, network: str) -> Array:
    """Eigenvalues, those of rounding below zero as zero where a network has only positive ones."""
    net = get(network)
    if net.sides != 1:
        return values
    below = values < -_NEGATIVE * np.abs(values).max(initial=0.0)
    if below.any():
        raise InvalidInput(
            "weights",
            f"{below.sum()} negative eigenvalues of {values.size}, down to {values.min():.4g}",
            f"a spectrum that is positive, for a {network} network: S = W'W has no other; or another network",
        )
    return np.maximum(values, 0.0)
