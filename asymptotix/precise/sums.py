"""Sums over all coordinates of the diagonal network, at any dimension, each with its error enclosed.

In units of the noise ``tau``, a spectrum falls into parts:

- learned: ``a > c + M``, where every coordinate adds the same (`soft_threshold.learned`);
- a head of exact terms;
- a stretch so smooth that Euler-Maclaurin turns it into an integral over ``a``, by Gauss-Legendre panels;
- the rest, ``a <= 1``, where a Taylor series in ``a^2`` meets sums of powers (sharp thresholds: ``a < c - M``,
  where only ``a^2`` is left).

Every cut is placed by an explicit bound of what it leaves out, and the bound is added to the result.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from asymptotix.precise import euler, soft_threshold
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.euler import LN10
from asymptotix.precise.soft_threshold import Six
from asymptotix.precise.spectrum import SmoothSpectrum, Spectrum

# Up to this many coordinates, all terms are exact.
_ALL_TERMS = 160
# Bernstein ellipse of the panels, and their largest half-width.
_ELLIPSE = 4.0
_HALF_WIDTH = 2.0
# A margin for bounds computed in double-precision logarithms.
_MARGIN = 0.01


def sums(b: Backend, spectrum: Spectrum, tau: Number, c: Number) -> Six:
    """``rho = sum r``, ``dof = sum s``, their derivatives by ``c``, and ``sum a dr/da``, ``sum a ds/da``.

    Over all ``d`` coordinates at noise ``tau`` and threshold ``c tau``.

    >>> from fractions import Fraction
    >>> from asymptotix.precise.backend import working
    >>> from asymptotix.precise.spectrum import PowerSpectrum
    >>> with working("flint", 30) as b:
    ...     all_terms = sums(b, PowerSpectrum(b, Fraction(2), 10**60), b.number("0.001"), b.number(16))
    ...     b.text(all_terms[1], 20)
    '1284.9140495844404669'
    """
    return _Parts(b, spectrum, tau, c).total()


class _Parts:
    """One pair of noise and threshold: where the parts begin, and their sums so far."""

    def __init__(self, b: Backend, spectrum: Any, tau: Number, c: Number) -> None:
        self.b, self.spectrum, self.tau, self.c = b, spectrum, tau, c
        self.smooth = isinstance(spectrum, SmoothSpectrum) and spectrum.rank > _ALL_TERMS
        self.need = b.digits * LN10
        self.float_c = math.exp(min(b.magnitude(c), 700.0)) if b.magnitude(c) > -700.0 else 0.0
        self.sharp = b.magnitude(c) > (0.5 * b.digits + 5.0) * LN10
        self.reach = self._reach()
        self.totals = [b.number(0)] * 6
        self.squares_total = b.number(0)
        self.silent = self.sharp or self.float_c > self.reach + 1.0
        self.top, self.low = self._cuts()
        self.log_size = self._log_size()

    def _reach(self) -> float:
        """``M``: beyond it a Gaussian tail is below the precision."""
        if self.sharp:
            return 0.0
        reach = math.sqrt(2.0 * self.need)
        for _ in range(3):
            reach = math.sqrt(2.0 * (self.need + math.log(8.0 * reach) + 2.0 * math.log1p(2.0 * reach) + 2.0))
        return reach

    def _cuts(self) -> tuple[int, int]:
        """How many are learned, and from where on coordinates are small."""
        b, above, reach = self.b, self.spectrum.count_above, self.b.number(self.reach)
        top = above((self.c + reach) * self.tau)
        if self.sharp:
            return top, top
        if not self.smooth:
            return top, self.spectrum.rank
        return top, max(above((self.c - reach if self.silent else b.number(1)) * self.tau), top)

    def _log_size(self) -> float:
        """``log`` of a lower estimate of ``rho``, the yardstick of every cut."""
        b, count = self.b, self.spectrum.d - self.low
        squares = b.number(0)
        if self.low < self.spectrum.rank:
            squares = self.spectrum.squares(self.low, 1)[0] / self.tau**2
        elif self.spectrum.rank:
            squares = (self.spectrum.value(b.number(self.spectrum.rank)) / self.tau) ** 2
            squares = squares / (1 + squares)
        leak = soft_threshold.six(b, b.number(0), self.c)[0]
        return b.magnitude(self.top * (1 + self.c**2) + count * leak + squares)

    def total(self) -> Six:
        self._learned()
        whole = self._unlearned() + self.squares_total
        self._add([whole, 0, 0, 0, 2 * whole, 0])
        return self.totals

    def _unlearned(self) -> Number:
        """Add what is not learned; return ``sum a^2`` over all that was not added one by one."""
        start = self._exact_head()
        if start == self.low:
            return self._small(start, self.spectrum.squares)
        self._stretch(start)
        return self._small(start, self.spectrum.square_integrals)

    def _double(self, x: Number) -> float:
        return math.exp(min(self.b.magnitude(x), 100.0))

    def _widen(self, log_bound: float) -> None:
        edge = self.b.exp(self.b.number(log_bound + _MARGIN))
        self.totals = [self.b.widen(x, edge) for x in self.totals]

    def _learned(self) -> None:
        if self.top == 0:
            return
        b, count = self.b, self.top
        self._add(soft_threshold.learned(b, self.c), count)
        a = self.spectrum.value(b.number(count)) / self.tau
        if self.sharp:
            self._widen(math.log(count + 1) + 3.0 * math.log(100.0 + 4.0 * self.need))
            return
        above = math.exp(min(b.magnitude(a - self.c), 100.0))
        self._widen(soft_threshold.log_tail(above) + math.log(count) + 2.0 * b.magnitude(1 + a))

    def _terms(self, start: int, stop: int) -> None:
        b = self.b
        for i in range(start + 1, stop + 1):
            a = self.spectrum.value(b.number(i)) / self.tau
            self._add(soft_threshold.six(b, a, self.c))
            self.squares_total += a * a

    def _small(self, start: int, sums_of: Callable[[int, int], list[Number]]) -> Number:
        """Add the small coordinates by sums of squares; return ``sum a^2`` over everything after ``start``."""
        b, spectrum, tau2 = self.b, self.spectrum, self.tau**2
        every = spectrum.squares(start, 1)[0] / tau2 if start < spectrum.rank else b.number(0)
        squares, left = [], -math.inf
        if self.low < spectrum.rank and not self.sharp:
            log_first = b.magnitude(spectrum.squares(self.low, 1)[0] / tau2)
            if self.silent:
                left = math.log(40.0 * self.reach) - 0.5 * (self.reach - 0.01) ** 2 + log_first
            else:
                a = self._double(spectrum.value(b.number(max(self.low, 1))) / self.tau)
                a = min(a, 1.0) if self.low > 0 else a
                wanted, terms = self.log_size - self.need, 2
                while (left := soft_threshold.log_taylor_rest(terms, a) + log_first) > wanted:
                    terms += 1
                factor = b.number(1)
                for x in sums_of(self.low, terms):
                    factor = factor / tau2
                    squares.append(x * factor)
        self._add(soft_threshold.small_sums(b, self.c, b.number(spectrum.d - self.low), squares))
        if left > -math.inf:
            self._widen(left)
        return every

    def _add(self, more: Six, times: Number = 1) -> None:
        self.totals = [x + times * y for x, y in zip(self.totals, more, strict=True)]

    def _exact_head(self) -> int:
        """Add exact terms from the learned ones to where Euler-Maclaurin may start, or to the small ones."""
        start, stop = self.top, self.low
        if not self.smooth or stop - start <= _ALL_TERMS:
            self._terms(start, stop)
            return stop
        while start < stop:
            self.plan = self._plan(start)
            if self.plan is not None:
                break
            # the distance that is lacking grows with the index itself
            start = max(start + 8, math.ceil(1.15 * start)) if start < 10**9 else stop
        self._terms(self.top, min(start, stop))
        return min(start, stop)

    def _plan(self, start: int) -> tuple[int, float] | None:
        """Orders of Euler-Maclaurin from ``start`` on and the log of its error bound; None where it fails."""
        b, spectrum = self.b, self.spectrum
        index = b.number(2 * start + 1) / 2
        a = spectrum.value(index) / self.tau
        log_index, log_a = b.magnitude(index), b.magnitude(a)
        log_slope = log_a - b.magnitude(spectrum.density(a * self.tau))
        gaussian_radius = math.log(2.0 * math.pi) - 2.0 * log_slope
        longest = min(log_index + math.log(0.7), math.log(b.digits * 4.0))
        best: tuple[int, float] | None = None
        for log_radius in (longest, longest - 0.5, longest - 1.0, gaussian_radius, gaussian_radius - 0.7):
            if log_radius > longest or log_radius < 0.0:
                continue
            growth, log_turn = spectrum.disc(log_index, log_radius)
            log_eta = log_a + growth + log_turn
            if log_eta > math.log(100.0):
                continue
            bound = soft_threshold.log_ceiling(log_a + growth, math.exp(log_eta), self.float_c)
            # beyond the stretch, |f - f(0)| falls like a^2, whose sum is below that of the stretch's last terms
            bound += math.log(3 * (self.low - start + self._small_count()))
            orders = self._orders(bound, math.exp(log_radius))
            if orders is not None and (best is None or orders < best[0]):
                best = orders, bound + euler.log_remainder(orders, math.exp(log_radius))
        return best

    def _small_count(self) -> int:
        """Small coordinates, counted by the weight ``a^2 / a_low^2``: an upper bound by the integral."""
        if self.low >= self.spectrum.rank:
            return 1
        first = self.spectrum.value(self.b.number(max(self.low, 1)))
        return self.b.floor(self.spectrum.squares(self.low, 1)[0] / first**2) + 1

    def _orders(self, bound: float, radius: float) -> int | None:
        for orders in range(2, 2 * self.b.digits + 20):
            if bound + euler.log_remainder(orders, radius) < self.log_size - self.need:
                return orders
            if 2 * orders > 2.0 * math.pi * radius + 2.0:
                return None
        return None

    def _stretch(self, start: int) -> None:
        """Euler-Maclaurin: the integral down to the small coordinates, and the end terms of all that follows."""
        b, spectrum = self.b, self.spectrum
        if self.plan is None:
            raise AssertionError("a stretch without a plan")
        orders, log_bound = self.plan
        e = euler.weights(b, orders)
        for index, sign in ((start, -1), (spectrum.rank, 1)):
            a = [x / self.tau for x in spectrum.series(b.number(2 * index + 1) / 2, 2 * orders + 1)]
            series = soft_threshold.six_series(b, a, self.c)
            self._add([euler.end_term(e, f) for f in series], sign)
        self._widen(log_bound)
        low = spectrum.value(b.number(2 * self.low + 1) / 2) / self.tau
        high = spectrum.value(b.number(2 * start + 1) / 2) / self.tau
        while b.magnitude(high - low) > -math.inf and b.midpoint(high) > b.midpoint(low):
            step = low if self._double(low) < 2.0 * _HALF_WIDTH else b.number(2.0 * _HALF_WIDTH)
            stop = low + step
            if not b.midpoint(stop) < b.midpoint(high):
                stop = high
            self._panel(low, stop)
            low = stop

    def _panel(self, low: Number, high: Number) -> None:
        """``int f(a) |di/da| da`` over one panel."""
        b = self.b
        middle, half = (low + high) / 2, (high - low) / 2
        density = self.spectrum.density
        outer = 0.5 * (_ELLIPSE + 1.0 / _ELLIPSE)
        least = middle - b.number(outer) * half
        log_count = b.magnitude(density(least * self.tau) / least * half)
        below = b.magnitude(self.c - high) if b.midpoint(self.c - high) > 0 else -math.inf
        if below > 0.0:
            silence = soft_threshold.log_tail(math.exp(min(below, 50.0))) + log_count
            silence += 2.0 * b.magnitude(1 + high)
            if silence < self.log_size - self.need - 3.0:
                self._widen(silence + 1.0)
                return
        float_half = self._double(half)
        eta = 0.5 * (_ELLIPSE - 1.0 / _ELLIPSE) * float_half
        farthest = b.magnitude(middle + b.number(outer) * half)
        bound = soft_threshold.log_ceiling(farthest, eta, self.float_c) + log_count
        excess = bound - self.log_size + self.need + math.log(64.0 / 15.0 / (1.0 - _ELLIPSE**-2))
        order = 6 * max(1, math.ceil(excess / (12.0 * math.log(_ELLIPSE))))
        for x, w in b.legendre(order):
            a = middle + half * x
            weight = w * half * density(a * self.tau) / a
            self._add(soft_threshold.six(b, a, self.c), weight)
        self._widen(self.log_size - self.need)
