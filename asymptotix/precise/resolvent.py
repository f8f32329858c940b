"""``G(w) = sum_i 1/(w - a_i)`` of a teacher in the upper half-plane, and its derivative, at any dimension.

For a power law ``a_i = A i^-gamma``, ``i <= d``, seen from ``|w|`` well below the first coefficients,

    G(w) = (pi/gamma) / sin(pi/gamma) A^(1/gamma) (-w)^(-1-1/gamma)       all of the continuum
           - sum_k w^k A^(-k-1) zeta(-gamma (k+1))                        its upper end, and i = 1, 2, ...
           - sum_k A^k w^(-k-1) zeta(gamma k, d+1)                        its lower end
           - 2 pi i n(w) / (e^(2 pi i p(w)) - 1),  p = (A/w)^(1/gamma),  n = p / (gamma w)

the residues of a Mellin transform and, last, what tells integers from the continuum: it matters within a few
spacings of the real axis only. The second series is asymptotic, with a least term of ``exp(-2 pi |p|)``; closer
to the first coefficients they are summed one by one, and the others by moments. ``gamma = 1`` has a double
pole, and a closed form: digamma functions.

Explicit coefficients, and all of them in small dimensions, are summed one by one: an enclosure. The series for
huge dimensions is cut at its working precision without a proof.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import cached_property
from typing import cast

from asymptotix.precise import euler
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.euler import LN10
from asymptotix.precise.powers import Powers
from asymptotix.precise.series import multiply, reciprocal
from asymptotix.precise.spectrum import PowerSpectrum, Spectrum, spectrum
from asymptotix.problem import Problem

# Ratio between |w| and the largest coefficient summed by moments.
_RATIO = 3.0
# Up to this many coefficients, all are summed one by one.
_ALL_TERMS = 1500


class Resolvent(ABC):
    """``G`` and ``G'`` of one spectrum in one arithmetic."""

    #: Whether every value is a proven enclosure.
    proven: bool

    def __init__(self, b: Backend, spectrum: Spectrum) -> None:
        self.b, self.spectrum = b, spectrum

    @abstractmethod
    def value(self, w: Number) -> Number:
        """``G(w)``, ``Im w > 0`` or ``w`` in a gap between coefficients."""

    @abstractmethod
    def slope(self, w: Number) -> Number:
        """``G'(w)``."""

    def closed(self, radius: Number) -> Powers | None:
        """The sum of powers that ``G`` is on ``|w| = radius``, where it is one."""
        return None


class AllTerms(Resolvent):
    """Every coefficient for itself, the zeros together."""

    proven = True

    def __init__(self, b: Backend, spectrum: Spectrum) -> None:
        super().__init__(b, spectrum)
        self.atoms = [spectrum.value(b.number(i)) for i in range(1, spectrum.rank + 1)]
        self.zeros = spectrum.d - spectrum.rank

    def value(self, w: Number) -> Number:
        total = self.zeros / w if self.zeros else 0 * w
        for a in self.atoms:
            total += 1 / (w - a)
        return total

    def slope(self, w: Number) -> Number:
        total = self.zeros / w**2 if self.zeros else 0 * w
        for a in self.atoms:
            total += 1 / (w - a) ** 2
        return -total


class PowerResolvent(Resolvent):
    """A power law in a large dimension."""

    proven = False

    def __init__(self, b: Backend, spectrum: PowerSpectrum) -> None:
        super().__init__(b, spectrum)
        self.gamma, self.d = spectrum.gamma, spectrum.d
        self.scale = 1 / spectrum.norm
        self.float_gamma = float(spectrum.exponent)
        self.log_scale = b.magnitude(self.scale)
        self.border = 0.6 * b.digits + 8.0
        self.log_last = self.log_scale - self.float_gamma * math.log(self.d)
        # coefficients of the series, made when they are needed
        self.upper: list[Number] = []
        self.log_upper: list[float] = []
        self.lower: list[Number] = []
        self.inverse: list[Number] = []
        if self.float_gamma != 1.0:
            inverse = b.pi / self.gamma
            self.front = inverse / b.sin(inverse) * b.exp(b.log(self.scale) / self.gamma)
            self.power = -1 - 1 / self.gamma

    @cached_property
    def head(self) -> list[Number]:
        """The first coefficients."""
        count = math.ceil(self.border * _RATIO ** (1.0 / self.float_gamma))
        return [self.spectrum.value(self.b.number(i)) for i in range(1, count + 1)]

    @cached_property
    def moments(self) -> list[Number]:
        """``sum_{i > head} a_i^k``."""
        b, count, head = self.b, math.ceil(self.b.digits / math.log10(_RATIO)) + 2, len(self.head)
        moments, factor = [b.number(self.d - head)], self.scale
        for x in euler.power_sums(b, self.gamma, head, self.d, count):
            moments.append(x * factor)
            factor = factor * self.scale
        return moments

    def _upper(self, log_index: float) -> int:
        """How many coefficients ``-zeta(-gamma (k+1)) A^(-k-1)`` count at an index."""
        need, rate = (self.b.digits + 5) * LN10, self.float_gamma * log_index
        count = 0
        while not self._upper_size(count) - (count + 1) * rate < -need:
            count += 1
        return count

    def _upper_size(self, k: int) -> float:
        """``log`` of a bound of ``zeta(-gamma (k+1))``; makes the coefficient."""
        while len(self.upper) <= k:
            j = len(self.upper) + 1
            self.upper.append(-self.b.zeta(-self.gamma * j) / self.scale**j)
            # |zeta(-x)| <= 2 Gamma(1+x) / (2 pi)^(1+x) zeta(1+x)
            x = self.float_gamma * j
            size = math.lgamma(1.0 + x) - (1.0 + x) * math.log(2.0 * math.pi) + math.log(2.0 + 2.0 / x)
            self.log_upper.append(size)
        return self.log_upper[k]

    def _lower(self, k: int) -> Number:
        """``-zeta(gamma k, d+1) A^k``; there are few, as ``a_d << |w|``."""
        while len(self.lower) <= k:
            j = len(self.lower)
            tail = self.b.hurwitz(self.gamma * j, self.d + 1)
            self.lower.append(-tail * self.scale**j)
        return self.lower[k]

    def value(self, w: Number) -> Number:
        return self._at(w, 0)

    def slope(self, w: Number) -> Number:
        return self._at(w, 1)

    def _at(self, w: Number, order: int) -> Number:
        if self.float_gamma == 1.0:
            return self._digamma(w, order)
        log_size = self.b.magnitude(abs(w))
        log_index = (self.log_scale - log_size) / self.float_gamma
        if log_index < math.log(self.border):
            return self._by_head(w, log_size, order)
        if log_size < self.log_last + math.log(_RATIO):
            return self._below_all(w, log_size, order)
        return self._by_series(w, log_size, log_index, order)

    def _by_head(self, w: Number, log_size: float, order: int) -> Number:
        total = 0 * w
        if order == 0:
            for a in self.head:
                total += 1 / (w - a)
        else:
            for a in self.head:
                total -= 1 / (w - a) ** 2
        inverse, log_ratio = 1 / w, self.b.magnitude(self.head[-1]) - log_size
        count = min(len(self.moments), math.ceil(self.b.digits * LN10 / -log_ratio) + 2)
        part = 0 * w
        for k in reversed(range(count)):
            part = (part + self.moments[k] * (1 if order == 0 else -(k + 1))) * inverse
        return total + (part if order == 0 else part * inverse)

    def _by_series(self, w: Number, log_size: float, log_index: float, order: int) -> Number:
        b, need = self.b, (self.b.digits + 5) * LN10
        smooth = self.front * b.cpower(-w, self.power)
        if order == 1:
            smooth = smooth * self.power / w
        part = 0 * w
        for k in reversed(range(self._upper(log_index))):
            if order == 0:
                part = part * w + self.upper[k]
            elif k:
                part = part * w + k * self.upper[k]
        log_ratio = self.log_last - log_size
        count = math.ceil(need / -log_ratio) + 1
        inverse, low = 1 / w, 0 * w
        for k in reversed(range(count)):
            low = (low + self._lower(k) * (1 if order == 0 else -(k + 1))) * inverse
        total = smooth + part + (low if order == 0 else low * inverse)
        return total + self._lattice(w, order)

    def _lattice(self, w: Number, order: int) -> Number:
        """What tells integers from the continuum: ``-2 pi i n / (e^(2 pi i p) - 1)``."""
        b = self.b
        if b.atan2(b.imag(w), b.real(w)) > self.gamma * b.pi / 2:
            return 0 * w  # far from the coefficients; arg p goes on beyond -pi
        p = b.cpower(w / self.scale, -1 / self.gamma)
        turn = 2 * b.pi * b.complex(0, 1)
        decay = 2.0 * math.pi * b.double(-b.imag(p))
        if decay > (b.digits + 5) * LN10:
            return 0 * w
        n = p / (self.gamma * w)
        e = b.cexp(turn * p)
        if order == 0:
            return -turn * n / (e - 1)
        # p' = -n, n' = -n (1 + 1/gamma) / w
        return turn * n * (1 + 1 / self.gamma) / w / (e - 1) - turn**2 * n**2 * e / (e - 1) ** 2

    def _below_all(self, w: Number, log_size: float, order: int) -> Number:
        """``|w|`` at or below the last coefficient."""
        if log_size < self.log_last - math.log(_RATIO):
            return self._inverse_sums(w, log_size, order)
        return self._across_the_end(w, order)

    def _inverse_sums(self, w: Number, log_size: float, order: int) -> Number:
        """``-sum_k w^k sum_i a_i^(-k-1)``, relative to the last coefficient."""
        b, need = self.b, (self.b.digits + 5) * LN10
        count = math.ceil(need / (self.log_last - log_size)) + 1
        total = 0 * w
        for k in reversed(range(count)):
            while len(self.inverse) <= k:
                x = self.gamma * (len(self.inverse) + 1)
                whole = b.zeta(-x) - b.hurwitz(-x, self.d + 1)
                self.inverse.append(-whole / self.scale ** (len(self.inverse) + 1))
            if order == 0:
                total = total * w + self.inverse[k]
            elif k:
                total = total * w + k * self.inverse[k]
        return total

    def _across_the_end(self, w: Number, order: int) -> Number:
        """The series with the lower end by a hypergeometric integral and Euler-Maclaurin at ``d + 1/2``."""
        b = self.b
        smooth = self.front * b.cpower(-w, self.power)
        if order == 1:
            smooth = smooth * self.power / w
        part, log_index = 0 * w, (self.log_scale - b.magnitude(abs(w))) / self.float_gamma
        for k in reversed(range(self._upper(log_index))):
            if order == 0:
                part = part * w + self.upper[k]
            elif k:
                part = part * w + k * self.upper[k]
        end = b.number(2 * self.d + 1) / 2
        x, inverse = self.spectrum.value(end) / w, 1 / self.gamma
        if order == 0:
            tail = end / w * b.hyp2f1(1, -inverse, 1 - inverse, x)
        else:  # d/dw of int dx / (w - a) is -int dx / (w - a)^2: by parts from the same integral
            whole = end / w * b.hyp2f1(1, -inverse, 1 - inverse, x)
            tail = -(1 + inverse) * whole / w + end * inverse / (w * w * (1 - x))
        return smooth + part + tail + self._end_terms(w, end, order)

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


def resolvent(b: Backend, problem: Problem) -> Resolvent:
    """The resolvent that suits a problem's teacher, made once in an arithmetic."""
    key = problem.teacher, problem.d
    if key not in b.memory:
        atoms = spectrum(b, problem)
        power = isinstance(atoms, PowerSpectrum) and atoms.d > _ALL_TERMS
        b.memory[key] = PowerResolvent(b, cast(PowerSpectrum, atoms)) if power else AllTerms(b, atoms)
    return cast(Resolvent, b.memory[key])
