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
    """``sum_{first < i <= last} i^(-k s)`` for ``k = 1 ... count``, ``s > 0``.

    >>> from asymptotix.precise.backend import working
    >>> with working("flint", 40) as b:
    ...     b.text(power_sums(b, b.number(2), 0, 10**6, 1)[0], 30)
    '1.64493306684872643630574849998'
    """
    if last <= first:
        return [b.number(0)] * count
    start = min(last, max(first, math.ceil(0.45 * b.digits) + 2))
    totals = [b.number(0)] * count
    for i in range(first + 1, start + 1):
        base = power = b.exp(-s * b.log(b.number(i)))
        for k in range(count):
            totals[k] += power
            power *= base
    if start == last:
        return totals
    ends = [_PowerEnd(b, s, x) for x in (start, last)]
    logs = ends[1].log - ends[0].log
    for k in range(1, count + 1):
        totals[k - 1] += _integral(b, 1 - k * s, ends, logs, k)
        near, bound = ends[0].term(k)
        far, _ = ends[1].term(k)
        totals[k - 1] = b.widen(totals[k - 1] + far - near, bound)
    return totals


def power_integrals(b: Backend, s: Number, first: int, last: int, count: int) -> list[Number]:
    """``int x^(-k s) dx`` from ``first + 1/2`` to ``last + 1/2``, ``k = 1 ... count``."""
    ends = [_PowerEnd(b, s, x) for x in (first, last)]
    logs = ends[1].log - ends[0].log
    return [_integral(b, 1 - k * s, ends, logs, k) for k in range(1, count + 1)]


def _integral(b: Backend, rise: Number, ends: Sequence[_PowerEnd], logs: Number, k: int) -> Number:
    if rise == 0:
        return logs
    return (ends[1].x * ends[1].power(k) - ends[0].x * ends[0].power(k)) / rise


class _PowerEnd:
    """End terms of all the powers ``x^(-k s)`` at one end."""

    def __init__(self, b: Backend, s: Number, index: int) -> None:
        self.b, self.s = b, s
        self.x = b.number(2 * index + 1) / 2
        self.log = b.log(self.x)
        self._base = b.exp(-s * self.log)
        self._powers = [self._base / self._base]
        self.e: list[Number] = []

    def power(self, k: int) -> Number:
        while len(self._powers) <= k:
            self._powers.append(self._powers[-1] * self._base)
        return self._powers[k]

    def term(self, k: int) -> tuple[Number, Number]:
        """``sum e_j f_(2j-1)`` and a bound of the remainder: the last term, for a completely monotone ``f``."""
        b, rise = self.b, k * self.s
        inverse = 1 / self.x
        coefficient = -rise * inverse
        total = b.number(0)
        least = math.inf
        for j in range(1, 40 + b.digits):
            if len(self.e) < j:
                self.e = weights(b, 2 * j + 4)
            here = self.e[j - 1] * coefficient
            total += here
            size = b.magnitude(here)
            if size < -(b.digits + 2) * LN10 or size >= least:
                break
            least = size
            for order in (2 * j, 2 * j + 1):
                coefficient = coefficient * (-rise - (order - 1)) / order * inverse
        power = self.power(k)
        return total * power, 2 * abs(here) * power
