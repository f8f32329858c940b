"""Teachers: decreasing, non-negative coefficients with unit sum of squares, and sums over them at any ``d``.

A `Teacher` says how its coefficients decay; bound to a dimension it becomes a `Spectrum`
``a_1 >= a_2 >= ... >= a_d >= 0`` with ``sum a_i^2 = 1``. A spectrum is seen through four questions, each of
which has an answer for ``d = 10^120``: the value at a (real) index, how many values exceed a level, the exact
power sums over a range, and weighted nodes for the sum of any smooth function over a range.

Everything is in logarithms: ``a_d = d^-gamma`` is no double when ``d = 1e120`` and ``gamma = 4``.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache

import numpy as np

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput
from asymptotix.quadrature import integer_panels
from asymptotix.validate import exact, simplest

# The share of the index over which distances of values that far on are taken.
_SHARE = 1e-6
# The largest logarithm of a ratio that doubles hold with room to spare.
_HIGHEST = 700.0


class Teacher(ABC):
    """A law of decay, independent of the dimension."""

    @abstractmethod
    def spectrum(self, d: int) -> Spectrum:
        """Return the normalised coefficients in dimension ``d``."""

    def check_dimension(self, d: int) -> None:  # noqa: B027 - most teachers exist in every dimension
        """Raise `InvalidInput` when this teacher does not exist in dimension ``d``."""


class Spectrum(ABC):
    """``rank`` positive coefficients in decreasing order, then ``d - rank`` zeros; ``sum a_i^2 = 1``."""

    d: float

    @property
    def rank(self) -> float:
        """Number of positive coefficients; most teachers have no others."""
        return self.d

    @abstractmethod
    def log_value(self, index: Array) -> Array:
        """``log a_i`` at real indices ``1 <= i <= rank``."""

    @abstractmethod
    def count_above(self, log_level: float) -> float:
        """Number of ``a_i`` with ``log a_i > log_level``, an integer-valued float."""

    def counts_above(self, log_levels: Array) -> Array:
        """`count_above` at many levels."""
        return np.array([self.count_above(float(x)) for x in log_levels])

    @abstractmethod
    def log_power_sum(self, first: float, last: float, power: float) -> float:
        """``log sum_{first < i <= last} a_i^power``; ``-inf`` for an empty range."""

    @property
    def smooth(self) -> bool:
        """Whether ``log a_i`` is a smooth function of ``i``, so that `integer_panels` may sum over it."""
        return True

    @property
    def log_step(self) -> float:
        """Width in ``log a`` of a panel over which powers of ``a_i`` are summed to double precision."""
        return 1.3

    @property
    def zeros(self) -> float:
        """Number of vanishing coefficients."""
        return self.d - self.rank

    def spacings(self, index: Array, power: float = 1.0) -> tuple[Array, Array]:
        """Distances from ``a_i^power`` to the one before and to the next, as shares of it.

        Nothing is before the first; a smooth law goes on behind the last. Where values of neighbours are one double,
        these are means over a small share of the index.

        >>> before, after = FiniteRank([0.8, 0.6]).spectrum(4).spacings(np.array([1.0, 2.0]))
        >>> before.round(12).tolist(), float(after[0].round(12))
        ([inf, 0.333333333333], 0.25)
        """
        step = np.maximum(1.0, _SHARE * index)
        further = index + step if self.smooth else np.minimum(index + step, self.rank)
        log_a = self.log_value(index)
        up = np.minimum(power * (self.log_value(np.maximum(index - step, 1.0)) - log_a), _HIGHEST)
        before = np.where(index < 2.0, math.inf, np.expm1(up) / step)
        return before, -np.expm1(power * (self.log_value(further) - log_a)) / step

    def nodes(self, breaks: Array) -> tuple[Array, Array]:
        """Weighted nodes ``(log_a, weight)`` for sums over ``breaks[0] < i <= breaks[-1]``.

        Args:
            breaks: increasing integer-valued panel boundaries. A function that is close to a polynomial
                of degree 31 in ``i`` on each panel is summed to double precision.
        """
        if not self.smooth:
            index = np.arange(breaks[0] + 1.0, breaks[-1] + 1.0)
            return self.log_value(index), np.ones(index.size)
        index, weight = integer_panels(breaks[:-1], breaks[1:])
        return self.log_value(index), weight

    def values(self) -> Array:
        """All ``d`` coefficients as an array; for dimensions that fit in memory."""
        head = np.exp(self.log_value(np.arange(1.0, self.rank + 1.0)))
        return np.concatenate([head, np.zeros(int(self.zeros))])


@dataclass(frozen=True)
class PowerLaw(Teacher):
    """``a_i`` proportional to ``i**-gamma``, ``gamma > 1/2``.

    >>> a = PowerLaw(1.0).spectrum(4).values()
    >>> bool(abs((a**2).sum() - 1) < 1e-15), round(float(a[0] / a[3]), 12)
    (True, 4.0)
    """

    gamma: float

    def __post_init__(self) -> None:
        allowed = "a number > 1/2, so that the teacher has finite norm as d grows"
        gamma = exact("gamma", self.gamma, allowed)
        if gamma <= Fraction(1, 2):
            raise InvalidInput("gamma", self.gamma, allowed)
        object.__setattr__(self, "gamma", simplest(gamma))

    def spectrum(self, d: int) -> Spectrum:
        return _power_law_spectrum(float(d), float(self.gamma))


@dataclass(frozen=True)
class Geometric(Teacher):
    """``a_i`` proportional to ``ratio**i``, ``0 < ratio < 1``.

    >>> Geometric(0.5).spectrum(3).values().round(4).tolist()
    [0.8729, 0.4364, 0.2182]
    """

    ratio: float

    def __post_init__(self) -> None:
        ratio = exact("ratio", self.ratio, "a number in (0, 1)")
        if not 0 < ratio < 1:
            raise InvalidInput("ratio", self.ratio, "a number in (0, 1)")
        object.__setattr__(self, "ratio", simplest(ratio))

    def spectrum(self, d: int) -> Spectrum:
        return _GeometricSpectrum(float(d), float(self.ratio))


@dataclass(frozen=True)
class Values(Teacher):
    """Explicit non-negative coefficients in decreasing order; dimension ``d`` uses the first ``d``.

    Exact where they are given so: ``"0.1"`` and 0.1 are one tenth, ``"1/3"`` and ``Fraction(1, 3)`` one third.

    >>> Values([2.0, 1.0, 0.0]).spectrum(3).rank
    2.0
    >>> Values([1, "1/3", "0.1"]).coefficients
    (1.0, Fraction(1, 3), 0.1)
    """

    coefficients: Sequence[float | Fraction]

    def __post_init__(self) -> None:
        object.__setattr__(self, "coefficients", _coefficients("teacher", self.coefficients))

    def spectrum(self, d: int) -> Spectrum:
        self.check_dimension(d)
        return _explicit_spectrum(tuple(self.coefficients[:d]), float(d))

    def check_dimension(self, d: int) -> None:
        if d > len(self.coefficients):
            raise InvalidInput("d", d, f"at most the {len(self.coefficients)} values of the teacher array")
        if self.coefficients[0] == 0.0:
            raise InvalidInput("teacher", self.coefficients[:3], "at least one positive value")


@dataclass(frozen=True)
class FiniteRank(Teacher):
    """A few positive coefficients followed by zeros in every dimension.

    >>> FiniteRank([3.0, 1.0]).spectrum(10**60).zeros == 10.0**60 - 2
    True
    """

    coefficients: Sequence[float | Fraction]

    def __post_init__(self) -> None:
        coefficients = _coefficients("teacher", self.coefficients)
        if coefficients[-1] == 0:
            raise InvalidInput("teacher", self.coefficients, "positive values (zeros are implied)")
        object.__setattr__(self, "coefficients", coefficients)

    def spectrum(self, d: int) -> Spectrum:
        self.check_dimension(d)
        return _explicit_spectrum(tuple(self.coefficients), float(d))

    def check_dimension(self, d: int) -> None:
        if d < len(self.coefficients):
            raise InvalidInput("d", d, f"at least the rank {len(self.coefficients)} of the teacher")


def _coefficients(name: str, given: Sequence[float | Fraction] | Array) -> tuple[float | Fraction, ...]:
    """Read an array of coefficients, or say which rule it breaks."""
    allowed = "a non-empty, decreasing sequence of finite numbers >= 0"
    values: list[float | Fraction]
    try:
        if isinstance(given, np.ndarray) or all(isinstance(x, float) for x in given):
            values = np.asarray(given, dtype=float).tolist()
        else:
            values = [simplest(exact(name, x, allowed)) for x in given]
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInput(name, given, allowed) from None
    if array.ndim != 1 or array.size == 0 or not np.all(np.isfinite(array)):
        raise InvalidInput(name, given, allowed)
    if values[-1] < 0 or any(x < y for x, y in itertools.pairwise(values)):
        raise InvalidInput(name, given, allowed)
    return tuple(values)


# Spectra --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _PowerLawSpectrum(Spectrum):
    d: float
    gamma: float

    @cached_property
    def log_norm(self) -> float:
        """``log N`` with ``N^2 = sum_{i<=d} i^(-2 gamma)``."""
        return 0.5 * log_zeta_range(0.0, self.d, 2.0 * self.gamma)

    @property
    def log_step(self) -> float:
        return 1.3 * min(self.gamma, 1.0)  # a ratio of exp(1.3) in i, at most

    def log_value(self, index: Array) -> Array:
        return -self.gamma * np.log(index) - self.log_norm

    def count_above(self, log_level: float) -> float:
        log_index = -(log_level + self.log_norm) / self.gamma
        if log_index >= math.log(self.d):
            return self.d
        index = math.floor(math.exp(log_index)) if log_index >= 0 else 0
        return float(index)

    def counts_above(self, log_levels: Array) -> Array:
        log_index, log_d = -(log_levels + self.log_norm) / self.gamma, math.log(self.d)
        counts = np.where(log_index >= 0, np.floor(np.exp(np.minimum(log_index, log_d))), 0.0)
        return np.where(log_index >= log_d, self.d, counts)  # exp(log d) may be a little less

    def log_power_sum(self, first: float, last: float, power: float) -> float:
        return log_zeta_range(first, last, power * self.gamma) - power * self.log_norm


@dataclass(frozen=True)
class _GeometricSpectrum(Spectrum):
    d: float
    ratio: float

    @cached_property
    def log_norm(self) -> float:
        return 0.5 * self._log_sum(0.0, self.d, 2.0)

    def _log_sum(self, first: float, last: float, power: float) -> float:
        """``log sum_{first < i <= last} ratio^(power i)``, a geometric series."""
        if last <= first:
            return -math.inf
        step = power * math.log(self.ratio)
        return (first + 1.0) * step + math.log(math.expm1((last - first) * step) / math.expm1(step))

    def log_value(self, index: Array) -> Array:
        return index * math.log(self.ratio) - self.log_norm

    def count_above(self, log_level: float) -> float:
        index = (log_level + self.log_norm) / math.log(self.ratio)
        return float(min(max(math.ceil(index) - 1, 0), self.d))

    def log_power_sum(self, first: float, last: float, power: float) -> float:
        return self._log_sum(first, last, power) - power * self.log_norm


@dataclass(frozen=True)
class _ExplicitSpectrum(Spectrum):
    coefficients: tuple[float | Fraction, ...] = field(repr=False)
    d: float

    @property
    def smooth(self) -> bool:
        return False

    @cached_property
    def rank(self) -> float:
        return float(self._logs.size)

    @cached_property
    def _logs(self) -> Array:
        values = np.array(self.coefficients, dtype=float)
        logs: Array = np.log(values[values > 0])
        logs -= logs[0]
        logs -= 0.5 * math.log(float(np.exp(2.0 * logs).sum()))
        return logs

    def log_value(self, index: Array) -> Array:
        chosen: Array = self._logs[np.asarray(index, dtype=int) - 1]
        return chosen

    def count_above(self, log_level: float) -> float:
        return float(np.searchsorted(-self._logs, -log_level, side="left"))

    def log_power_sum(self, first: float, last: float, power: float) -> float:
        part = power * self._logs[int(first) : int(min(last, self.rank))]
        if part.size == 0:
            return -math.inf
        return float(part[0] + math.log(float(np.exp(part - part[0]).sum())))


_power_law_spectrum = lru_cache(maxsize=64)(_PowerLawSpectrum)
_explicit_spectrum = lru_cache(maxsize=64)(_ExplicitSpectrum)


def log_zeta_range(first: float, last: float, s: float) -> float:
    """``log sum_{first < i <= last} i^-s`` for any real ``s >= 0``.

    Exact terms up to ``32 + 4 s``, then Euler-Maclaurin at the midpoints,
    ``sum f(i) = int f - f'/24 + 7 f'''/5760 - 31 f^(5)/967680 + ...``, with the integral through ``expm1`` so
    that nothing cancels near ``s = 1``.

    >>> import math
    >>> abs(math.exp(log_zeta_range(0, 10**6, 2)) - (math.pi**2 / 6 - 9.99999500000167e-07)) < 1e-15
    True
    """
    if last <= first:
        return -math.inf
    head_end = min(last, max(first, math.floor(32.0 + 4.0 * s)))
    if head_end == first:
        return _log_zeta_tail(first + 0.5, last + 0.5, s)
    log_terms = -s * np.log(np.arange(first + 1.0, head_end + 1.0))
    if last > head_end:
        log_terms = np.append(log_terms, _log_zeta_tail(head_end + 0.5, last + 0.5, s))
    largest = float(log_terms.max())
    return largest + math.log(math.fsum(np.exp(log_terms - largest).tolist()))


def _log_zeta_tail(start: float, stop: float, s: float) -> float:
    """Euler-Maclaurin from ``start`` to ``stop``, both half-integers, relative to ``start^(1-s)``."""
    log_ratio = math.log(stop / start) if stop / start > 1.5 else math.log1p((stop - start) / start)
    slope = (1.0 - s) * log_ratio
    growth = log_ratio * (math.expm1(slope) / slope if slope != 0.0 else 1.0) if slope < 700 else math.inf
    if growth == math.inf:  # s < 1 over a huge range: the upper end is all that counts
        return (1.0 - s) * math.log(stop) - math.log(1.0 - s)
    value = growth
    derivative = 1.0
    for k, weight in enumerate((-1 / 24, 7 / 5760, -31 / 967680, 127 / 154828800)):
        # f^(2k+1)(x) = -s (s+1) ... (s+2k) x^(-s-2k-1), in units of start^-s / start^(2k+1)
        for j in range(max(2 * k - 1, 0), 2 * k + 1):
            derivative *= s + j
        decay = math.exp(-(s + 2 * k + 1) * log_ratio)
        value += weight * derivative * start ** -(2.0 * k + 2.0) * (1.0 - decay)
    return (1.0 - s) * math.log(start) + math.log(value)
