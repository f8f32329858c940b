"""Euler-Maclaurin at midpoints, with a bound for what is left out.

    sum_{m < i <= n} f(i) = int_{m+1/2}^{n+1/2} f + [sum_{k<=p} e_k f_(2k-1)(x)]_{x=m+1/2}^{n+1/2} + remainder

with ``f_j`` the Taylor coefficient of order ``j`` at ``x`` and ``e_k = -(1 - 2^(1-2k)) B_2k / (2k)``;
``|remainder| <= |B_2p| / (2p)! int |f^(2p)|`` and ``|B_2p| / (2p)! <= 4 / (2 pi)^(2p)`` (DLMF 24.9).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.series import Series

LN10 = math.log(10.0)


def weights(b: Backend, orders: int) -> list[Number]:
    """``e_1 ... e_p``."""
    return [-(1 - b.number(2) ** (1 - 2 * k)) * b.bernoulli(2 * k) / (2 * k) for k in range(1, orders + 1)]


def end_term(e: Sequence[Number], f: Series) -> Number:
    """``sum e_k f_(2k-1)`` for a Taylor series of length ``2 p``."""
    return sum((e[k] * f[2 * k + 1] for k in range(1, len(e))), e[0] * f[1])


def log_remainder(orders: int, radius: float) -> float:
    """``log(4 (2p)! / (2 pi r)^(2p))``: the remainder over the integral of the largest ``|f|`` within ``r``."""
    return math.log(4.0) + math.lgamma(2 * orders + 1) - 2 * orders * math.log(2.0 * math.pi * radius)


def power_sums(b: Backend, s: Number, first: int, last: int, count: int) -> list[Number]:
    """``sum_{first < i <= last} i^(-k s)`` for ``k = 1 ... count``, ``s > 0``: differences of Hurwitz's zeta function.

    >>> from asymptotix.precise.backend import working
    >>> with working("flint", 40) as b:
    ...     b.text(power_sums(b, b.number(2), 0, 10**6, 1)[0], 30)
    '1.64493306684872643630574849998'
    """
    if last <= first:
        return [b.number(0)] * count
    return [power_sum(b, k * s, first, last) for k in range(1, count + 1)]


def power_sum(b: Backend, s: Number, first: int, last: int) -> Number:
    """``sum_{first < i <= last} i^(-s)``."""
    if s == 1:
        return b.digamma(b.complex(last + 1, 0), 0).real - b.digamma(b.complex(first + 1, 0), 0).real
    return b.hurwitz(s, first + 1) - b.hurwitz(s, last + 1)


def power_integrals(b: Backend, s: Number, first: int, last: int, count: int) -> list[Number]:
    """``int x^(-k s) dx`` from ``first + 1/2`` to ``last + 1/2``, ``k = 1 ... count``."""
    low, high = (b.log(b.number(2 * x + 1) / 2) for x in (first, last))
    rises = [1 - k * s for k in range(1, count + 1)]
    return [high - low if r == 0 else (b.exp(r * high) - b.exp(r * low)) / r for r in rises]
