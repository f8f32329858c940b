"""A teacher's coefficients at any precision: `asymptotix.teacher` gives the law, this room its own sums.

``a_1 >= a_2 >= ... >= a_d >= 0`` with ``sum a_i^2 = 1``: ``rank`` positive coefficients, then ``d - rank`` zeros.
Indices are exact integers however large. Every `Spectrum` has

    value(i)            a_i
    count_above(x)      how many a_i exceed a level; for huge counts, a number near it
    squares(m, count)   sum_{i > m} a_i^(2k), k = 1 ... count
    total()             sum a_i

and where ``a`` is an analytic function of the index (`SmoothSpectrum`), so that sums over it turn into integrals,

    square_integrals    the integrals that go with `squares`, from m + 1/2 to rank + 1/2
    series(x, length)   Taylor coefficients of a at a real index
    index(a)            the real index at which the coefficient is a
    density(a)          |di / d log a|
    disc(log x, log r)  logs of the largest |a(w) / a(x)| and |arg a(w)| over |w - x| <= r
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction

from asymptotix.errors import InvalidInput
from asymptotix.precise import euler
from asymptotix.precise.backend import Backend, Number
from asymptotix.precise.series import Series, binomial, exponential, scale
from asymptotix.problem import Problem
from asymptotix.teacher import FiniteRank, Geometric, PowerLaw, Values
from asymptotix.validate import exact


class PowerSpectrum:
    """``a_i = i^-gamma / N``."""

    def __init__(self, b: Backend, gamma: Fraction, d: int) -> None:
        self.b, self.d, self.rank = b, d, d
        self.exponent = gamma
        self.gamma = b.number(gamma)
        self.norm = b.sqrt(euler.power_sums(b, 2 * self.gamma, 0, d, 1)[0])
        self._log_norm = b.log(self.norm)

    def value(self, index: Number) -> Number:
        return self.b.exp(-self.gamma * self.b.log(index) - self._log_norm)

    def index(self, a: Number) -> Number:
        return self.b.exp((-self.b.log(a) - self._log_norm) / self.gamma)

    def density(self, a: Number) -> Number:
        return self.index(a) / self.gamma

    def squared(self) -> PowerSpectrum:
        """That of ``a_i^2``."""
        squares = PowerSpectrum(self.b, 2 * self.exponent, self.d)
        squares.norm, squares._log_norm = self.norm**2, 2 * self._log_norm
        return squares

    def count_above(self, level: Number) -> int:
        b = self.b
        log_index = -(b.log(level) + self._log_norm) / self.gamma
        if b.magnitude(log_index) > math.log(3.0 * math.log(self.d) + 3.0):
            return self.d if log_index > 0 else 0
        return min(b.floor(b.exp(log_index)), self.d)

    def total(self) -> Number:
        return euler.power_sums(self.b, self.gamma, 0, self.d, 1)[0] / self.norm

    def squares(self, first: int, count: int) -> list[Number]:
        return self._normalised(euler.power_sums(self.b, 2 * self.gamma, first, self.d, count))

    def square_integrals(self, first: int, count: int) -> list[Number]:
        return self._normalised(euler.power_integrals(self.b, 2 * self.gamma, first, self.d, count))

    def _normalised(self, sums: list[Number]) -> list[Number]:
        square, factor, out = self.norm**2, self.norm / self.norm, []
        for x in sums:
            factor = factor / square
            out.append(x * factor)
        return out

    def series(self, index: Number, length: int) -> Series:
        return scale(binomial(index, -self.gamma, length), self.value(index))

    def disc(self, log_index: float, log_radius: float) -> tuple[float, float]:
        gamma, ratio = float(self.exponent), math.exp(log_radius - log_index)
        return -gamma * math.log1p(-ratio), math.log(0.5 * math.pi * gamma) + log_radius - log_index


class GeometricSpectrum:
    """``a_i`` proportional to ``ratio^i``."""

    def __init__(self, b: Backend, ratio: Fraction, d: int) -> None:
        self.b, self.d, self.rank = b, d, d
        self._step = b.log(b.number(ratio))
        self._float_step = -math.log(float(ratio))
        self._log_norm = b.number(0)
        self._log_norm = b.log(self.squares(0, 1)[0]) / 2

    def value(self, index: Number) -> Number:
        return self.b.exp(index * self._step - self._log_norm)

    def index(self, a: Number) -> Number:
        return (self.b.log(a) + self._log_norm) / self._step

    def density(self, a: Number) -> Number:
        return -1 / self._step

    def count_above(self, level: Number) -> int:
        return min(max(self.b.floor(self.index(level)), 0), self.d)

    def total(self) -> Number:
        b, step = self.b, self._step
        return self.value(b.number(1)) * (1 - b.exp(self.d * step)) / (1 - b.exp(step))

    def squares(self, first: int, count: int) -> list[Number]:
        return self._sums(first + self.b.number(1), count, lambda step: 1 - self.b.exp(step), first)

    def square_integrals(self, first: int, count: int) -> list[Number]:
        return self._sums(first + self.b.number(1) / 2, count, lambda step: -step, first)

    def _sums(self, start: Number, count: int, apart: Callable[[Number], Number], first: int) -> list[Number]:
        """``a(start)^(2k) (1 - ratio^(2k (d - first)))`` over how far terms are apart."""
        b, out = self.b, []
        for k in range(1, count + 1):
            step = 2 * k * self._step
            head = b.exp(start * step - 2 * k * self._log_norm)
            out.append(head * (1 - b.exp((self.d - first) * step)) / apart(step))
        return out

    def series(self, index: Number, length: int) -> Series:
        slope = [0 * self._step, self._step] + [0 * self._step] * (length - 2)
        return scale(exponential(self.b, slope), self.value(index))

    def disc(self, log_index: float, log_radius: float) -> tuple[float, float]:
        log_turn = math.log(self._float_step) + log_radius
        return math.exp(min(log_turn, 700.0)), log_turn


class ExplicitSpectrum:
    """Coefficients given one by one, read as exact decimals; zeros fill up the dimension."""

    def __init__(self, b: Backend, coefficients: Sequence[Fraction], d: int) -> None:
        positive = [b.number(x) for x in coefficients if x > 0]
        norm = b.sqrt(sum((x * x for x in positive), b.number(0)))
        self.b, self.d, self.rank = b, d, len(positive)
        self.values = [x / norm for x in positive]

    def value(self, index: Number) -> Number:
        return self.values[self.b.floor(index) - 1]

    def count_above(self, level: Number) -> int:
        return sum(1 for x in self.values if x > level)

    def total(self) -> Number:
        return sum(self.values, self.b.number(0))

    def squares(self, first: int, count: int) -> list[Number]:
        zero = self.b.number(0)
        return [sum((x ** (2 * k) for x in self.values[first:]), zero) for k in range(1, count + 1)]


SmoothSpectrum = PowerSpectrum | GeometricSpectrum
Listed = SmoothSpectrum | ExplicitSpectrum


class SquaredSpectrum:
    """Squares ``a_i^2``, one by one; those of all ``d`` coefficients, the zeros too, if ``padded``."""

    def __init__(self, positive: Listed, padded: bool = False) -> None:
        b = self.b = positive.b
        self.d, self.rank = positive.d, positive.d if padded else positive.rank
        self.value = lambda index: positive.value(index) ** 2 if index <= positive.rank else b.number(0)
        self.count_above = lambda level: positive.count_above(b.sqrt(level)) if level > 0 else self.rank
        self.squares = lambda first, count: positive.squares(first, 2 * count)[1::2]

    def total(self) -> Number:
        return self.b.number(0)


class PairedSpectrum:
    """Coefficients ``+-a_i``, of which the positive ones are listed and counted."""

    def __init__(self, positive: Listed) -> None:
        self.b, self.d, self.rank = positive.b, 2 * positive.d, positive.rank
        self.value, self.count_above, self.squares = positive.value, positive.count_above, positive.squares

    def total(self) -> Number:
        return self.b.number(0)


Spectrum = Listed | PairedSpectrum | SquaredSpectrum


def spectrum(b: Backend, problem: Problem) -> Listed:
    """The teacher of a problem, its numbers taken as the exact decimals they were given as.

    Raises:
        InvalidInput: a teacher without a high-precision form.
    """
    teacher, d = problem.teacher, problem.features
    if isinstance(teacher, PowerLaw):
        return PowerSpectrum(b, exact("gamma", teacher.gamma, "a number > 1/2"), d)
    if isinstance(teacher, Geometric):
        return GeometricSpectrum(b, exact("ratio", teacher.ratio, "a number in (0, 1)"), d)
    if isinstance(teacher, Values | FiniteRank):
        given = teacher.coefficients[: min(d, len(teacher.coefficients))]
        return ExplicitSpectrum(b, [exact("teacher", x, "a number >= 0") for x in given], d)
    raise InvalidInput("teacher", teacher, "PowerLaw, Geometric, Values or FiniteRank")
