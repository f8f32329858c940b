"""Gauss quadrature for sums over consecutive integers.

A panel of ``M`` integers is replaced by `ORDER` weighted nodes such that ``sum_{i=0}^{M-1} p(i)`` is exact
for every polynomial of degree below ``2 * ORDER``: the Gauss rule of the discrete Chebyshev (Gram)
polynomials, whose Jacobi matrix has off-diagonal entries

    b_k^2 / M^2 = k^2 (1 - k^2 / M^2) / (4 (4 k^2 - 1)).

As ``M -> infinity`` it is Gauss-Legendre. No end corrections are needed, whatever the function, so a sum over
1e120 terms costs as many evaluations as a smooth integral. Nodes depend on ``M`` only through
``(ORDER / M)^2`` and analytically so; they are interpolated in that variable.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from asymptotix.arrays import Array

ORDER = 16  # a sum of smooth terms is then exact to rounding over panels of a factor of two
# Shorter panels are summed term by term; from here on the rule needs fewer evaluations than there are terms.
SHORTEST = 2 * ORDER
_DEGREE = 20  # of the interpolation in (SHORTEST / M)^2: error below 1e-15
_EVEN = 2.0 * np.arange(_DEGREE + 1)


def integer_panels(first: Array, last: Array, single: NDArray[np.bool_] | None = None) -> tuple[Array, Array]:
    """Nodes and weights for the sums over ``first < i <= last``, panel by panel.

    Args:
        first, last: integer-valued arrays of equal length, ``first < last`` (floats: they may be 1e120).
        single: which are summed term by term; those of fewer than `SHORTEST` integers unless given.

    Returns:
        ``(index, weight)``: real indices and positive weights; first those of all single panels, which contribute
        their integers themselves, with weight one, then `ORDER` for each of the others.

    >>> import numpy as np
    >>> i, w = integer_panels(np.array([0.0, 10.0]), np.array([10.0, 1000.0]))
    >>> len(i), bool(abs((w * i**3).sum() / (1000 * 1001 / 2) ** 2 - 1) < 1e-13)
    (26, True)
    """
    count = last - first
    short = count < SHORTEST if single is None else single
    terms = count[short].astype(np.intp)
    within = np.arange(1.0, terms.sum() + 1.0) - np.repeat(terms.cumsum() - terms, terms)
    exact = np.repeat(first[short], terms) + within
    node, weight = _unit_rule(count[~short])
    middle, length = (first + (count + 1.0) / 2.0)[~short, None], count[~short, None]
    index = np.concatenate([exact, (middle + length / 2.0 * node).ravel()])
    return index, np.concatenate([np.ones(exact.size), (length * weight).ravel()])


def owned_panels(
    first: Array, last: Array, owner: NDArray[np.intp], whole: NDArray[np.bool_] | None = None
) -> tuple[Array, Array, NDArray[np.intp]]:
    """`integer_panels`, and whose each node is; panels may be empty.

    Args:
        whole: which are summed term by term, whatever their length.
    """
    some = last > first
    first, last, owner = first[some], last[some], owner[some]
    single = last - first < SHORTEST
    if whole is not None:
        single |= whole[some]
    index, weight = integer_panels(first, last, single)
    terms = (last - first)[single].astype(np.intp)
    return index, weight, np.concatenate([np.repeat(owner[single], terms), np.repeat(owner[~single], ORDER)])


def _unit_rule(count: Array) -> tuple[Array, Array]:
    """Nodes in [-1, 1] and weights of sum one, a row for each number of integers in ``count``."""
    # Chebyshev polynomials in 2 q^2 - 1 are those of even degree in q
    basis = np.cos(np.arccos(SHORTEST / count)[:, None] * _EVEN)
    rules = basis @ _tables()
    return rules[:, :ORDER], rules[:, ORDER:]


@lru_cache(maxsize=1)
def _tables() -> Array:
    """Chebyshev coefficients of nodes, then of weights, in ``2 (SHORTEST / M)^2 - 1``."""
    angle = np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1)
    sample = np.cos(angle)
    rules = [_exact_rule((x + 1.0) / 2.0 / SHORTEST**2) for x in sample]
    transform = np.linalg.inv(np.polynomial.chebyshev.chebvander(sample, _DEGREE))
    return np.asarray(transform @ np.array([np.concatenate(rule) for rule in rules]))


def _exact_rule(inverse_square: float) -> tuple[Array, Array]:
    """The rule for ``1/M^2 = inverse_square`` by the eigenvalues of its Jacobi matrix (Golub, Welsch)."""
    k = np.arange(1.0, ORDER)
    off = np.sqrt(k**2 * (1.0 - k**2 * inverse_square) / (4.0 * k**2 - 1.0))
    node, vector = np.linalg.eigh(np.diag(off, 1) + np.diag(off, -1))
    return node, vector[0] ** 2
