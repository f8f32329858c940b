"""The map ``z^2(s)`` of the plane of squares, ``s = a^2``, onto that of squared singular values.

With ``F(s) = t sum 1/(s - a_i^2)``, ``t = 1/d``, ``b = 1 - m/d`` and ``G = 1 + F``: ``z^2 = G (s G + b)``, a shift of
``s`` (`information_noise`).
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.atoms import Atoms, scaled
from asymptotix.free_convolution.subordination import ATTEMPTS, FLAT, Place, Subordination
from asymptotix.teacher import Spectrum

# At larger angles slopes have digits enough.
_SHARP = 1e-4


@dataclass(frozen=True)
class Squares(Spectrum):
    """Squares of coefficients."""

    of: Spectrum

    @property
    def d(self) -> float:  # type: ignore[override]
        return self.of.d

    @property
    def rank(self) -> float:
        return self.of.rank

    @property
    def smooth(self) -> bool:
        return self.of.smooth

    def log_value(self, index: Array) -> Array:
        return 2.0 * self.of.log_value(index)

    def count_above(self, log_level: float) -> float:
        return self.of.count_above(0.5 * log_level)

    def counts_above(self, log_levels: Array) -> Array:
        return self.of.counts_above(0.5 * log_levels)

    def log_power_sum(self, first: float, last: float, power: float) -> float:
        return self.of.log_power_sum(first, last, 2.0 * power)


class SquaredAtoms(Atoms):
    """The squares of a teacher's singular values, and as many of the first as are asked for."""

    def __init__(self, spectrum: Spectrum, columns: float) -> None:
        super().__init__(Squares(spectrum))
        self.columns = columns
        self._leading: dict[float, tuple[Array, Array]] = {}

    def leading(self, count: float) -> tuple[Array, Array]:
        """Nodes for the first ones as seen from afar: logarithms and weights."""
        if count not in self._leading:
            self._leading[count] = self._nodes(count, 0.0, self.log_at(count))
        return self._leading[count]


class SquaresPlane(Subordination):
    """The map ``z^2(s)``, as a shift of ``s``; thresholds are ``c`` and not squared."""

    atoms: SquaredAtoms

    def __init__(self, atoms: SquaredAtoms, log_tau: float) -> None:
        super().__init__(atoms, 2.0 * log_tau)
        self.bottom = 0.0
        self.share, self.spare = atoms.d / atoms.columns, (atoms.columns - atoms.d) / atoms.columns

    def trace(self, s: Any) -> tuple[Any, Any]:
        """``F`` and ``F'``, at one point or at many."""
        value, slope = super().shifts(s) if isinstance(s, np.ndarray) else super().shift(s)
        return self.share * value, self.share * slope

    def shift(self, s: complex) -> tuple[complex, complex]:
        return self._moved(s, *self.trace(s))

    def shifts(self, s: Complex) -> tuple[Complex, Complex]:
        return self._moved(s, *self.trace(s))

    def _moved(self, s: Any, f: Any, slope: Any) -> tuple[Any, Any]:
        b = self.spare
        return b + s * f * (2.0 + f) + b * f, f * (2.0 + f) + slope * (2.0 * s * (1.0 + f) + b)

    @property
    def detectable(self) -> float:  # type: ignore[override]
        return math.sqrt(self.share)

    def excess(self, u: float) -> float:
        """``t sum (|p|^2 + a^2)/(s - a^2)^2``, ``p^2 = s + b/G``; beyond all where ``G < 0`` is of another sheet."""
        f, slope = (x.real for x in self.trace(complex(u)))
        return -slope * (2.0 * u + self.spare / (1.0 + f)) - f if f > -1.0 else math.inf

    def highest(self, u: Array) -> Array:
        return 4.0 * np.sqrt(np.abs(u) + 2.0)  # Im p = Im q < sqrt(m/d), and s = p q

    def turned(self, w: complex, g: complex) -> float:
        f = g / self.atoms.columns
        return float(self.atoms.columns * (f * (w * f + self.spare) - self.spare * np.log1p(f)).imag)

    def beyond(self, s: Any) -> Any:
        """``Re z^2 - 1``, which is small of few rows, at one point or at many."""
        f, b = self.trace(s)[0], self.spare
        return (s + f * (b + s * (2.0 + f))).real - self.share

    def bare(self, c: float) -> complex:
        return self._bare(c - 1.0)

    def _bare(self, beyond: float) -> complex:
        y = self.share
        middle = 0.5 * (beyond - y)
        root = cmath.sqrt(middle * middle - y)
        return middle + (root if middle > 0 or root.imag else -root) + 0.05j * math.sqrt(y)

    def physical(self, u: float) -> bool:
        return bool(self.shift(complex(u))[1].real > -1.0 < self.trace(complex(u))[0].real)

    def interval(self, u: float) -> float:
        return 2.0 * math.sqrt(u) * super().interval(math.sqrt(u))

    def place(self, c: float, near: complex | None = None) -> Place:
        return self._place(c * c, near)

    def _place(self, target: float, near: complex | None) -> Place:
        s = self.solve(target, near) if self.atoms.few else self._solve_smooth(target, near)
        if s.imag > FLAT * abs(s):
            return self.inside(s)
        if s.real > 0:
            return self.gap(s.real)
        return self.below_all(s.real)

    def below_all(self, s: float) -> Place:
        """The gap left of all squares: a point well away from where ``z = 0``."""
        end = self.on_ray(cmath.rect(1.0, math.pi - _SHARP))
        least = float(scaled(self.atoms.log_at(self.atoms.d) - self.log_tau))
        s = max(s, end.real if end is not None else min(0.1 * least, 1.0))
        view = self.view_of(self.atoms, self.log_tau, abs(s))
        return Place(complex(s), view, math.pi if s < 0 else 0.0, view.clearance(complex(s)), self.atoms.d)

    def solve(self, c: float, near: complex | None = None) -> complex:
        """From a guess, or an iteration that both blocks of the resolvent attract (Helton, Rashidi Far, Speicher)."""
        s = near if near is not None and near.imag > 0 else self.bare(c)
        z = complex(math.sqrt(max(c, 0.0)))
        for averaging in ATTEMPTS:
            p = q = cmath.sqrt(s)
            for _ in range(averaging):
                f = self.trace(p * q)[0]
                p, q = 0.5 * (p + z - p * f), 0.5 * (q + z - q * f - self.spare / p)
            s = p * q if averaging else s
            found = self._newton(complex(s.real, abs(s.imag)), c)
            if found is not None:
                return found
            s = self.bare(c)
        return s


class CrowdedPlane(SquaresPlane):
    """The map ``z^2 - 1``: singular values of few rows are all within ``sqrt(m/d)`` of 1."""

    def _moved(self, s: Any, f: Any, slope: Any) -> tuple[Any, Any]:
        b = self.spare
        rise = f * (2.0 + f) + slope * (2.0 * s * (1.0 + f) + b)
        return f * (b + s * (2.0 + f)) - self.share, rise

    def bare(self, c: float) -> complex:
        return self._bare(c)

    def place(self, c: float, near: complex | None = None) -> Place:
        return self.place_beyond((c - 1.0) * (c + 1.0), near)

    def place_beyond(self, x: float, near: complex | None = None) -> Place:
        """The place of the threshold with ``c^2 = 1 + x``."""
        return self._place(x, near)

    def solve(self, c: float, near: complex | None = None) -> complex:
        return Subordination.solve(self, c, near)


class RootsPlane(Subordination):
    """The map ``z(w)``, ``w^2 = s``, as a shift of ``w``: here the curve has one height everywhere."""

    def __init__(self, squares: SquaresPlane) -> None:
        super().__init__(squares.atoms, squares.log_tau)
        self.squares, self.detectable = squares, math.sqrt(squares.detectable)

    def shift(self, w: complex) -> tuple[complex, complex]:
        value, slope = self._moved(w)
        return complex(value), complex(slope)

    def shifts(self, w: Complex) -> tuple[Complex, Complex]:
        return self._moved(w)

    def _moved(self, w: Any) -> tuple[Any, Any]:
        f, slope = self.squares.trace(w * w)
        if self.squares.spare == 0.0:  # z = w (1 + F), which may be 0
            return w * f, f + 2.0 * w * w * slope
        value, slope = self.squares._moved(w * w, f, slope)
        z = np.sqrt(w * w + value)
        return value / (z + w), (1.0 + slope) * w / z - 1.0

    def highest(self, u: Array) -> Array:
        return np.full_like(u, 2.0)
