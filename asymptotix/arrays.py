"""What arrays of numbers are, for annotations; and their powers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
# Powers of so many numbers are quicker by doubling than one after the other.
_MANY = 64


def powers(x: Any, highest: int) -> Any:
    """``x^0 ... x^highest`` along the last axis but one, by products, which keep small imaginary parts accurate.

    >>> powers(np.array([2.0, 3.0]), 3).tolist()
    [[1.0, 1.0], [2.0, 3.0], [4.0, 9.0], [8.0, 27.0]]
    """
    found = np.empty((*x.shape[:-1], highest + 1, x.shape[-1]), dtype=x.dtype)
    found[..., 0, :], rest = 1.0, found[..., 1:, :]
    if x.size < _MANY:
        rest[...] = x[..., None, :]
        np.multiply.accumulate(rest, axis=-2, out=rest)
        return found
    rest[..., 0, :], known = x, 1
    while known < highest:  # as many again
        some = rest[..., known : 2 * known, :]
        np.multiply(rest[..., : some.shape[-2], :], rest[..., known - 1 : known, :], out=some)
        known *= 2
    return found
