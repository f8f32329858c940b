"""The resolvent of a power law ``a_i = A i^-gamma``, ``i <= d``, in a large dimension.

Seen from ``|w|`` well below the first coefficients and well above the last one,

    G(w) = (pi/gamma) / sin(pi/gamma) A^(1/gamma) (-w)^(-1-1/gamma)       all of the continuum
           - sum_k w^k A^(-k-1) zeta(-gamma (k+1))                        its upper end, and i = 1, 2, ...
           - sum_k A^k w^(-k-1) zeta(gamma k, d+1)                        its lower end
           - 2 pi i n(w) / (e^(2 pi i p(w)) - 1),  p = (A/w)^(1/gamma),  n = p / (gamma w)

the residues of a Mellin transform and, last, what tells integers from the continuum: it matters within a few
spacings of the real axis only. At ``gamma = 1`` the first term and ``k = 1`` of the third have poles that cancel, and
leave ``A w^-2 (log(-w) - log A + psi(d+1))``. The second series is asymptotic, with a least term of
``exp(-2 pi |p|)``; closer to the first coefficients they are summed one by one, and the others by moments. Below all
coefficients powers of ``w`` meet sums of inverse powers. Each cut's bound (`asymptotix.precise.remainders`) is added to
the value; only across the last coefficient there is none.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import cached_property

from asymptotix.precise import euler, remainders
from asymptotix.precise.backend import Backend, Function, Number
from asymptotix.precise.euler import LN10
from asymptotix.precise.resolvent import Resolvent, one_by_one
from asymptotix.precise.series import multiply, reciprocal
from asymptotix.precise.spectrum import PowerSpectrum

# Ratio between |w| and the largest coefficient summed by moments.
RATIO = 3.0


class PowerValues(Resolvent):
    """A power law in a large dimension: its resolvent's values."""

    spectrum: PowerSpectrum

    def __init__(self, b: Backend, spectrum: PowerSpectrum) -> None:
        super().__init__(b, spectrum)
        self.gamma, self.d = spectrum.gamma, spectrum.d
        self.scale = 1 / spectrum.norm
        self.exponent = spectrum.exponent
        self.float_gamma = float(spectrum.exponent)
        self.log_scale = b.magnitude(self.scale)
        self.log_d = math.log(self.d)
        self.log_last = self.log_scale - self.float_gamma * self.log_d
        self.border = 0.6 * b.digits + 8.0
        self.need = (b.digits + 5) * LN10
        # coefficients of the series and sums of powers, made when they are needed
        self._known: dict[str, list[Number]] = {}
        self._known_counts: dict[float, tuple[int, int]] = {}
        self._polynomials: dict[tuple[str, int], tuple[Function, Function]] = {}

    def _series(self, name: str, count: int, make: Callable[[int], Number]) -> list[Number]:
        known = self._known.setdefault(name, [])
        while len(known) < count:
            known.append(make(len(known)))
        return known[:count]

    def log_index(self, log_size: float) -> float:
        """``log`` of the index whose coefficient is ``|w|``."""
        return (self.log_scale - log_size) / self.float_gamma

    def decay(self, log_index: float, angle: float) -> float:
        """``log |e^(2 pi i p)|`` at an index and an angle of ``p``."""
        return 2.0 * math.pi * math.exp(min(log_index, 700.0)) * math.sin(angle)

    def values(self, w: Number, orders: Sequence[int]) -> list[Number]:
        log_size = self.b.magnitude(abs(w))
        if self._is_above_all(log_size):
            return self._falling_beyond(w, "moments", self._moments(log_size), (self.log_scale, 0.0), orders)
        if self.log_index(log_size) < math.log(self.border):
            return self._by_head(w, log_size, orders)
        if log_size > self.log_last + math.log(RATIO):
            return self._by_series(w, log_size, orders)
        if log_size < self.log_last - math.log(RATIO):
            return self._below_all(w, log_size, orders)
        if self.exponent == 1:
            return [self._digamma(w, order) for order in orders]
        self.proven = False
        return self._across_the_end(w, log_size, orders)

    def _polynomial(self, name: str, known: Sequence[Number]) -> tuple[Function, Function]:
        """Of so many of the coefficients of a name: the polynomial, and that with its derivative."""
        key = name, len(known)
        if key not in self._polynomials:
            self._polynomials[key] = self.b.polynomial(known)
        return self._polynomials[key]

    def _falling(self, w: Number, name: str, known: Sequence[Number], orders: Sequence[int]) -> list[Number]:
        """``sum c_k w^(-k-1)`` and its derivative."""
        x, (plain, both) = 1 / w, self._polynomial(name, known)
        if 1 not in orders:
            return [x * plain(x)]
        value, slope = both(x)
        return [-x * x * (value + x * slope) if order else x * value for order in orders]

    def _rising(self, w: Number, name: str, known: Sequence[Number], orders: Sequence[int]) -> list[Number]:
        """``sum c_k w^k`` and its derivative."""
        plain, both = self._polynomial(name, known)
        found = both(w) if 1 in orders else (plain(w),)
        return [found[order] for order in orders]

    def _falling_beyond(
        self,
        w: Number,
        name: str,
        known: Sequence[Number],
        beyond: tuple[float, float],
        orders: Sequence[int],
    ) -> list[Number]:
        """Moments of the coefficients below a first one, given with how many there are above, as logarithms."""
        gamma, log_size = self.float_gamma, self.b.magnitude(abs(w))
        bounds = [remainders.log_tail(gamma, len(known), *beyond, log_size, order) for order in orders]
        return list(map(self.b.cwiden, self._falling(w, name, known, orders), bounds))

    # Close to the first coefficients ----------------------------------------------------------------------

    @cached_property
    def head(self) -> list[Number]:
        """The first coefficients."""
        count = math.ceil(self.border * RATIO ** (1.0 / self.float_gamma))
        return [self.spectrum.value(self.b.number(i)) for i in range(1, count + 1)]

    @cached_property
    def moments(self) -> list[Number]:
        """``sum_{i > head} a_i^k``."""
        return self._power_sums(len(self.head), math.ceil(self.b.digits / math.log10(RATIO)) + 3)

    def _power_sums(self, head: int, count: int) -> list[Number]:
        sums, factor = [self.b.number(self.d - head)], self.scale
        for x in euler.power_sums(self.b, self.gamma, head, self.d, count):
            sums.append(x * factor)
            factor = factor * self.scale
        return sums

    def _is_above_all(self, log_size: float) -> bool:
        return log_size > self.log_scale + math.log(RATIO)

    def _moments(self, log_size: float) -> list[Number]:
        """``sum a_i^k`` of all coefficients, as many as count."""
        count = max(3, math.ceil(self.need / (log_size - self.log_scale)) + 1)
        return self._series("moments", count, self._moment)

    def _moment(self, k: int) -> Number:
        if k == 0:
            return self.b.number(self.d)
        return euler.power_sum(self.b, k * self.gamma, 0, self.d) * self.scale**k

    def _by_head(self, w: Number, log_size: float, orders: Sequence[int]) -> list[Number]:
        beyond = self.b.magnitude(self.head[-1]), math.log(len(self.head))
        count = min(len(self.moments), math.ceil(self.b.digits * LN10 / (log_size - beyond[0])) + 3)
        rest = self._falling_beyond(w, "rest", self.moments[:count], beyond, orders)
        return list(map(operator.add, one_by_one(self.b, w, self.head, orders), rest))

    # Among many coefficients ------------------------------------------------------------------------------

    @cached_property
    def front(self) -> Number:
        """The factor of the continuum's own power."""
        b, inverse = self.b, self.b.pi / self.gamma
        if self.exponent == 1:
            return self.scale
        return inverse / b.sin(inverse) * b.exp(b.log(self.scale) / self.gamma)

    def _upper(self, count: int) -> list[Number]:
        """``-zeta(-gamma (k+1)) A^(-k-1)``."""
        return self._series(
            "upper", count, lambda k: -self.b.zeta(-self.gamma * (k + 1)) / self.scale ** (k + 1)
        )

    def _lower(self, count: int) -> list[Number]:
        """``-zeta(gamma k, d+1) A^k``; there are few, as ``a_d << |w|``."""
        return self._series("lower", count, self._lower_term)

    def _lower_term(self, k: int) -> Number:
        b = self.b
        if k == 1 and self.exponent == 1:
            psi = b.digamma(b.complex(self.d + 1, 0), 0).real
            return self.scale * (psi - b.log(self.scale))
        return -b.hurwitz(self.gamma * k, self.d + 1) * self.scale**k

    def _counts(self, log_size: float) -> tuple[int, int]:
        """How many terms of the upper and lower series are above the precision."""
        key = round(log_size, 9)
        if key not in self._known_counts:
            gamma, rate = self.float_gamma, self.float_gamma * self.log_index(key)
            count = 0
            while remainders.log_zeta_size(gamma * (count + 1)) - (count + 1) * rate > -self.need:
                count += 1
            self._known_counts[key] = count, max(3, math.ceil(self.need / (key - self.log_last)) + 1)
        return self._known_counts[key]

    def _left_out(self, log_size: float, turned: remainders.Rays | None, order: int) -> float | None:
        """``log`` of what both series leave out."""
        if turned is None:
            self.proven = False
            return None
        above, below = self._counts(log_size)
        gamma, log_index = self.float_gamma, self.log_index(log_size)
        upper = remainders.log_upper(gamma, above, log_index, self.log_scale, turned, order)
        lower = remainders.log_tail(gamma, below, self.log_last, self.log_d, log_size, order)
        return log_sum(upper, lower)

    def _smooth(self, w: Number, orders: Sequence[int]) -> list[Number]:
        """The continuum's own power, and its derivative."""
        b = self.b
        if self.exponent == 1:
            log = b.log(-w)
            return [
                self.front * (1 - 2 * log) / w**3 if order else self.front * log / w**2 for order in orders
            ]
        power = -1 - 1 / self.gamma
        smooth = self.front * (-w) ** power
        return [smooth * power / w if order else smooth for order in orders]

    def _by_series(self, w: Number, log_size: float, orders: Sequence[int]) -> list[Number]:
        b, (above, below) = self.b, self._counts(log_size)
        smooth, rising = self._smooth(w, orders), self._rising(w, "upper", self._upper(above), orders)
        falling = self._falling(w, "lower", self._lower(below), orders)
        turned = remainders.rays(self.float_gamma, b.double(b.angle(w)))
        beta = turned.beta if turned else 0.5 * math.pi
        found = []
        for order, x, y, z in zip(orders, smooth, rising, falling, strict=True):
            total, bound = x + y + z, self._left_out(log_size, turned, order)
            total = total if bound is None else b.cwiden(total, bound)
            found.append(total + self._lattice(w, log_size, beta, order))
        return found

    def _lattice(self, w: Number, log_size: float, beta: float, order: int) -> Number:
        """What tells integers from the continuum: ``-2 pi i n / (e^(2 pi i p) - 1)``."""
        b = self.b
        angle, log_index = b.double(b.angle(w)) / self.float_gamma, self.log_index(log_size)
        if angle >= beta:
            return 0 * w  # the pole is not enclosed
        decay = self.decay(log_index, angle)
        if decay > 1.001 * self.need + 1.0:
            bound = remainders.log_lattice(log_index, log_size, self.float_gamma, decay, order)
            return b.cwiden(0 * w, bound)
        p = (w / self.scale) ** (-1 / self.gamma)
        turn = 2 * b.pi * b.complex(0, 1)
        n = p / (self.gamma * w)
        e = b.exp(turn * p)
        if order == 0:
            return -turn * n / (e - 1)
        # p' = -n, n' = -n (1 + 1/gamma) / w
        return turn * n * (1 + 1 / self.gamma) / w / (e - 1) - turn**2 * n**2 * e / (e - 1) ** 2

    # At the last coefficient and below ---------------------------------------------------------------------

    def _below_all(self, w: Number, log_size: float, orders: Sequence[int]) -> list[Number]:
        """``-sum_k w^k sum_i a_i^(-k-1)``, relative to the last coefficient."""
        b = self.b

        def term(k: int) -> Number:
            x = self.gamma * (k + 1)
            return (b.hurwitz(-x, self.d + 1) - b.zeta(-x)) / self.scale ** (k + 1)

        count = math.ceil(self.need / (self.log_last - log_size)) + 1
        bounds = [remainders.log_head(count, self.log_last, self.log_d, log_size, order) for order in orders]
        return list(
            map(b.cwiden, self._rising(w, "inverse", self._series("inverse", count, term), orders), bounds)
        )

    def _across_the_end(self, w: Number, log_size: float, orders: Sequence[int]) -> list[Number]:
        """The series with the lower end by a hypergeometric integral and Euler-Maclaurin at ``d + 1/2``."""
        b = self.b
        above, _ = self._counts(self.log_last + math.log(RATIO))
        smooth, rising = self._smooth(w, orders), self._rising(w, "upper", self._upper(above), orders)
        end = b.number(2 * self.d + 1) / 2
        x, inverse = self.spectrum.value(end) / w, 1 / self.gamma
        whole = end / w * b.hyp2f1(-inverse, x)
        p = (w / self.scale) ** (-1 / self.gamma)
        found = []
        for order, *parts in zip(orders, smooth, rising, strict=True):
            # d/dw of int dx / (w - a) is -int dx / (w - a)^2: by parts from the same integral
            tail = -(1 + inverse) * whole / w + end * inverse / (w * w * (1 - x)) if order else whole
            total = parts[0] + parts[1] + tail + self._end_terms(w, end, order)
            found.append(total + self._lattice(w, log_size, 0.5 * math.pi, order) if p.real < end else total)
        return found

    def _end_terms(self, w: Number, end: Number, order: int) -> Number:
        orders = max(2, math.ceil(self.b.digits / (2.0 * math.log10(self.d))) + 2)
        e = euler.weights(self.b, orders)
        a = self.spectrum.series(end, 2 * orders + 1)
        gap = [-x for x in a]
        gap[0] = gap[0] + w
        f = reciprocal(gap)
        if order == 1:
            f = [-x for x in multiply(f, f)]
        return euler.end_term(e, f)

    def _digamma(self, w: Number, order: int) -> Number:
        """``gamma = 1``: ``G = d/w + A/w^2 (psi(d+1-A/w) - psi(1-A/w))``."""
        b, x = self.b, self.scale / w
        difference = b.digamma(self.d + 1 - x, 0) - b.digamma(1 - x, 0)
        if order == 0:
            return self.d / w + x / w * difference
        slopes = b.digamma(self.d + 1 - x, 1) - b.digamma(1 - x, 1)
        return -self.d / w**2 - 2 * x / w**2 * difference + x**2 / w**2 * slopes


def log_sum(x: float, y: float) -> float:
    return max(x, y) + math.log1p(math.exp(-abs(x - y)))
