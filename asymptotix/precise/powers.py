"""Sums of powers of ``w`` in the upper half-plane, and their arc integrals in closed form.

    G(w) = sum c_jn phi(w)^j w^n,   phi = (-w)^p or log(-w)
    Im int_w^{negative axis} of a power = -Im of its antiderivative at w

A power-law teacher's resolvent is such a sum, with few terms, wherever its integers cannot be told from a continuum:
``p = -1 - 1/gamma`` (a logarithm at ``gamma = 1``), ``j`` is 0 or 1, ``n`` runs over both ends' series
(`asymptotix.precise.power_resolvent`). Products of such sums are such sums again, so that no quadrature is needed.
Angles near 0 keep their relative precision: whole powers are written by ``sin(n theta)``, not by a difference
from ``pi``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from asymptotix.precise.backend import Backend, Number

#: Coefficients of ``phi^j w^n`` by ``(j, n)``.
Terms = Mapping[tuple[int, int], Number]
#: The powers of ``w`` that multiply ``G, G, G^2, G^2, G^3``.
WEIGHTS = (0, 2, 0, 1, 0)


class Powers:
    """One sum of powers.

    >>> from asymptotix.precise.backend import working
    >>> with working("flint", 30) as b:
    ...     noise = Powers(b, Fraction(-2), {(0, -1): b.number(3)})
    ...     b.text(noise.arcs(b.number(2), b.pi / 4)[0] / b.pi, 10)  # int 3/w dw: 3 times the angle
    '2.250000000'
    """

    def __init__(self, b: Backend, power: Fraction | None, terms: Terms) -> None:
        """``power`` is None for the logarithm."""
        self.b, self.power, self.terms = b, power, dict(terms)

    @cached_property
    def orders(self) -> tuple[Terms, ...]:
        """``G, G, G^2, G^2, G^3``."""
        g = self.terms
        square = product(g, g)
        return g, g, square, square, product(square, g)

    def arcs(self, radius: Number, angle: Number, weights: Sequence[int] = WEIGHTS) -> list[Number]:
        """``Im int dw`` of ``w^k`` times each order along ``|w| = radius`` from an angle to the negative axis."""
        b, log_radius = self.b, self.b.log(radius)
        powers: dict[tuple[int, int], Number] = {}
        totals = []
        for terms, k in zip(self.orders, weights, strict=True):
            total = b.number(0)
            for (j, n), coefficient in terms.items():
                key = j, n + k
                if key not in powers:
                    powers[key] = self._arc(key, log_radius, angle)
                total += coefficient * powers[key]
            totals.append(total)
        return totals

    def _arc(self, key: tuple[int, int], log_radius: Number, angle: Number) -> Number:
        b, (j, n) = self.b, key
        if self.power is None and j:
            return self._logarithmic(j, n, log_radius, angle)
        rise = j * (self.power or 0) + n + 1
        rest = b.pi - angle
        if rise == 0:
            return rest if n % 2 else -rest
        e = b.number(rise)
        size = b.exp(e * log_radius) / e
        if j == 0:
            return -size * b.sin(e * angle)
        return size * b.sin(e * rest) * (1 if n % 2 else -1)

    def _logarithmic(self, j: int, n: int, log_radius: Number, angle: Number) -> Number:
        """``(-1)^n Im F(-w)``, ``F' = u^n log^j u``, by parts."""
        b = self.b
        log = b.complex(log_radius, angle - b.pi)
        if n == -1:
            return -b.imag(log ** (j + 1)) / (j + 1)
        inner = b.complex(1, 0)
        for k in range(1, j + 1):
            inner = log**k - k * inner / (n + 1)
        return b.imag(b.exp((n + 1) * log) * inner) / (n + 1) * (-1 if n % 2 else 1)

    def ceiling(self, radius: Number) -> Number:
        """Upper bound of ``|G|`` on ``|w| = radius``, angles up to ``pi``."""
        b, log_radius = self.b, self.b.log(radius)
        front = abs(log_radius) + 2 * b.pi if self.power is None else b.exp(b.number(self.power) * log_radius)
        total = b.number(0)
        for (j, n), coefficient in self.terms.items():
            total += abs(coefficient) * b.exp(n * log_radius) * (front if j else 1)
        return total

    def value(self, w: Number, order: int = 0) -> Number:
        """``G``, or its derivative (order 1); not of logarithms."""
        if self.power is None:
            raise ValueError("a logarithm where a power is expected")
        b, total = self.b, 0 * w
        front = (-w) ** b.number(self.power)
        for (j, n), coefficient in self.terms.items():
            term = coefficient * w ** (n - order) * (front**j if j else 1)
            total += term * b.number(j * self.power + n) if order else term
        return total


def product(p: Terms, q: Terms) -> dict[tuple[int, int], Number]:
    out: dict[tuple[int, int], Number] = {}
    for (i, m), x in p.items():
        for (j, n), y in q.items():
            key = i + j, m + n
            out[key] = out[key] + x * y if key in out else x * y
    return out
