"""Truncated moments of a standard normal variable, to full relative precision in the far tail.

With ``I_k(x) = int_x^inf (z - x)^k phi(z) dz`` and the density ``phi``, this module returns the ratios
``I_k(x) / phi(x)`` for ``x >= 0``: they stay of order ``k! / x^(k+1)`` where ``I_k`` itself is 1e-300.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy import special

from asymptotix.arrays import Array, powers

# Below the switch the closed forms in erfcx lose at most x^4 ulps; above it they are polynomials in 1/x^2.
_SWITCH = 5.0
_LARGEST = 1e100  # squares of larger numbers would overflow; the tail has long been 0
_TERMS = 30  # enough of the continued fraction for 1e-16 from x = 5 on
_DEGREE = 18  # Chebyshev coefficients fall eightfold each: the next is below 1e-16
_ROOT = 1.0 / math.sqrt(2.0)
_MILLS = math.sqrt(math.pi / 2.0)
_NORM = 1.0 / math.sqrt(2.0 * math.pi)


def density(x: Array) -> Array:
    """``phi(x) = exp(-x^2/2) / sqrt(2 pi)``."""
    clipped = np.minimum(np.abs(x), _LARGEST)
    result: Array = np.exp(-0.5 * clipped * clipped) * _NORM
    return result


def tail_ratios(x: Array) -> tuple[Array, Array, Array]:
    """``(I_0, I_1, I_2)(x) / phi(x)`` for ``x >= 0``.

    Below 5 from the scaled complementary error function; above as polynomials in ``25 / x^2`` that interpolate
    `tail_ratio`, whose terms are all positive.

    >>> import numpy as np
    >>> i0, i1, i2 = tail_ratios(np.array([0.0, 40.0]))
    >>> [round(float(v), 12) for v in (i0[0], i1[0], i2[0])]
    [1.253314137316, 1.0, 1.253314137316]
    >>> bool(abs(i2[1] * 40**3 / 2 - 1) < 4e-3)
    True
    """
    x = np.minimum(x, _LARGEST)
    mills = special.erfcx(x * _ROOT) * _MILLS
    first = 1.0 - x * mills
    second = (1.0 + x * x) * mills - x
    far = x > _SWITCH
    if far.any():
        inverse = 1.0 / x[far]
        square = inverse * inverse
        series = _far_series() @ powers((2.0 * _SWITCH**2) * square - 1.0, _DEGREE)
        first[far] = series[0] * square
        second[far] = series[1] * square * inverse
    return mills, first, second


def tail_ratio(x: float) -> tuple[float, float, float]:
    """`tail_ratios` at a single point.

    Above 5 by the continued fraction that runs the recurrence ``k I_{k-1} = x I_k + I_{k+1}`` backwards.

    >>> round(tail_ratio(40.0)[2] * 40**3, 5)
    1.99253
    """
    if x <= _SWITCH:
        mills = _MILLS * float(special.erfcx(x * _ROOT))
        return mills, 1.0 - x * mills, (1.0 + x * x) * mills - x
    x = min(x, _LARGEST)
    ratio = 0.0  # I_k / I_{k-1}
    for k in range(_TERMS, 2, -1):
        ratio = k / (x + ratio)
    two_over_one = 2.0 / (x + ratio)
    one_over_zero = 1.0 / (x + two_over_one)
    mills = 1.0 / (x + one_over_zero)
    return mills, one_over_zero * mills, two_over_one * one_over_zero * mills


@lru_cache(maxsize=1)
def _far_series() -> Array:
    """Coefficients of ``x^2 I_1 / phi`` and ``x^3 I_2 / phi`` in powers of ``50 / x^2 - 1``."""
    count = _DEGREE + 1
    halves = 2 * np.arange(count) + 1  # of the nodes' angles, in units of pi / (2 count)
    points = (_SWITCH / np.cos(0.25 * math.pi / count * halves)).tolist()
    values = np.array([[x**2 * i1, x**3 * i2] for x in points for _, i1, i2 in [tail_ratio(x)]])
    turns = np.outer(np.arange(count), halves) % (
        4 * count
    )  # of full turns: small arguments keep their digits
    chebyshev = np.cos(0.5 * math.pi / count * turns) @ values * (2.0 / count)
    chebyshev[0] *= 0.5
    return np.stack([np.polynomial.chebyshev.cheb2poly(column) for column in chebyshev.T])


def signed_tails(x: Array) -> tuple[Array, Array, Array]:
    """``I_0, I_1, I_2`` at arguments of either sign, from ``I_k(-x)`` by reflection."""
    i0, i1, i2 = (m * density(x) for m in tail_ratios(np.abs(x)))
    below = x < 0
    return (
        np.where(below, 1.0 - i0, i0),
        np.where(below, i1 - x, i1),
        np.where(below, 1.0 + x * x - i2, i2),
    )
