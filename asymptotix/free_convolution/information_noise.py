"""Information plus noise: the curve on which the singular values of a noisy matrix lie, and paths above it.

In units of the noise, with ``F(s) = (1/d) sum 1/(s - a_i^2)`` and ``b = 1 - m/d``, ``z^2 = s (1 + F)^2 + b (1 + F)``
(`asymptotix.networks.singular_values`; Dozier, Silverstein, J. Multivariate Anal. 98, 2007).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.errors import NotConverged

# 16 nodes on a panel twice as long as its distance from a pole are good to 1e-18; shorter distances are not resolved.
_RULE = np.polynomial.legendre.leggauss(16)
_TRIPLE, _FINEST = 3.0, 1e-12
# The way down to the real axis: by this factor a time, or up to such a one where that leads astray, so far, with these
# many steps of Newton's method at most.
_DOWN, _SHORTEST, _CLOSE, _STEPS = 0.4, 0.999, 1e-6, 40
# From here on a step is rounding, and steps so large are good enough on the way.
_ROUNDING, _ROUGH = 2e-16, 1e-6
# A point this near the real axis (relative) is a gap's; a curve that is this far on the wrong side is another sheet's.
_REAL, _OTHER_SHEET = 1e-9, -1e-12


@dataclass(frozen=True)
class Sheet:
    """Everything about ``z`` at points ``s`` of the physical sheet."""

    s: Complex
    f: Complex
    f_slope: Complex
    z: Complex
    z_slope: Complex
    h: Complex
    k: Complex


@dataclass(frozen=True)
class Features:
    """Squared features in units of ``tau`` and how many each stands for, in a matrix of ``rows`` and ``d`` columns."""

    squares: Array
    weight: Array
    rows: float
    d: float

    @property
    def spare(self) -> float:
        """``b = 1 - m/d``."""
        return 1.0 - self.rows / self.d

    @property
    def edge(self) -> float:
        """Where bare noise ends, ``1 + sqrt(m/d)``."""
        return 1.0 + math.sqrt(self.rows / self.d)

    @property
    def top(self) -> float:
        """No singular value is above."""
        return math.sqrt(float(self.squares.max())) + self.edge

    def sums(self, s: Complex) -> tuple[Complex, Complex]:
        """``F`` and ``F'``."""
        inverse: Complex = 1.0 / (s[:, None] - self.squares)
        first: Complex = inverse @ self.weight / self.d
        np.square(inverse, out=inverse)
        second: Complex = inverse @ self.weight / -self.d
        return first, second

    def square(self, s: complex) -> tuple[complex, complex]:
        """``z^2`` and its derivative."""
        f, slope = (complex(x[0]) for x in self.sums(np.array([s])))
        rest = s * (1.0 + f) + self.spare
        return (1.0 + f) * rest, slope * rest + (1.0 + f) * (1.0 + f + s * slope)

    def sheet(self, s: Complex) -> Sheet:
        """At points above the curve."""
        f, slope = self.sums(s)
        one, rest = 1.0 + f, s * (1.0 + f) + self.spare
        z: Complex = np.sqrt(one * rest)
        h: Complex = z * f / one
        return Sheet(
            s, f, slope, z, (slope * rest + one * (one + s * slope)) / (2.0 * z), h, h + self.spare / z
        )

    def point(self, c: float, near: complex | None = None) -> complex:
        """``s_c``: by Newton's method from a point nearby, else down from far above ``c``, where ``s = z^2``."""
        if near is not None and (found := self._newton(near, complex(c * c), _ROUNDING)) is not None:
            return found
        height, down = 3.0 * (c + self.top), _DOWN
        s: complex = complex(c, height) ** 2
        while height > _CLOSE * c:
            z = complex(c, height)
            found = self._newton(s, z * z, _ROUGH)
            if found is not None and self._physical(found, z):
                s, height, down = found, height * down, max(down**2, _DOWN)
                continue
            # too far: from the last good height by a shorter step
            height, down = height / math.sqrt(down), math.sqrt(down)
            if down > _SHORTEST:
                break
        found = self._newton(s, complex(c * c), _ROUNDING)
        return s if found is None else found

    def _physical(self, s: complex, z: complex) -> bool:
        """Of all solutions at ``Im z > 0`` one has ``Im h, Im k < 0`` (Helton, Rashidi Far, Speicher 2007)."""
        f = complex(self.sums(np.array([s]))[0][0])
        p = z / (1.0 + f)
        return min(p.imag, (s / p).imag) >= (1.0 - _ROUGH) * z.imag

    def _newton(self, s: complex, target: complex, accuracy: float) -> complex | None:
        """The nearest root of ``z^2 = target`` in the upper half plane; real if it is all but real."""
        last = math.inf
        for _ in range(_STEPS):
            value, slope = self.square(s)
            step = (value - target) / slope if slope != 0 else math.nan
            s = s - step
            if not math.isfinite(abs(s)):
                return None
            s = complex(s.real, abs(s.imag))
            small = abs(step) <= accuracy * abs(s)
            if small or (abs(step) >= last and abs(step) < _ROUGH * abs(s)):  # at rounding steps stop falling
                real = target.imag == 0.0 and s.imag <= _REAL * abs(s)
                return complex(s.real) if real else s
            last = abs(step)
        return None


def log_real_root(s: complex) -> float:
    """``log Re sqrt(s)``, and of a tiny number where there is none."""
    return 0.5 * math.log(max(0.5 * (abs(s) + s.real), 1e-300))


def contour(features: Features, s: complex) -> tuple[Sheet, Complex]:
    """Nodes on the physical sheet and weights: up from ``s``, then down to the real axis beyond all features.

    Raises:
        NotConverged: what is above ``s`` is another sheet.
    """

    def path(squared: bool) -> tuple[Complex, Complex]:
        far = 4.0 * max(float(features.squares.max()), abs(s)) + 9.0
        place, end = (s, far) if squared else (_root(s), math.sqrt(far))
        up = _upwards(features, s, end - place.real, squared)
        return _nodes(np.concatenate([up, up[-1] + (end - up[-1]) * np.arange(1, 5) / 4.0]), squared)

    return _on_sheet(features, path)


def _on_sheet(features: Features, path: Callable[[bool], tuple[Complex, Complex]]) -> tuple[Sheet, Complex]:
    """The first path with ``Im z^2 > 0``: upwards in ``s``, or in its root, where the curve leans over 0."""
    for squared in (True, False):
        places, weights = path(squared)
        on = features.sheet(places)
        if float(((on.z * on.z).imag / np.abs(on.z) ** 2).min()) >= _OTHER_SHEET:
            return on, weights
    raise NotConverged("no path on the physical sheet from a threshold's point to the real axis")


def _root(s: complex) -> complex:
    """In the first quadrant."""
    root = complex(np.sqrt(s))
    return complex(root.real, abs(root.imag))


def _upwards(features: Features, s: complex, height: float, squared: bool) -> Complex:
    """Ends of panels from ``s`` up: the first as long as the distance to the nearest singularity."""
    value, slope = features.square(s)
    clearance = min(float(np.abs(features.squares - s).min()), abs(value / slope) if slope != 0 else math.inf)
    start, scale = (s, 1.0) if squared else (_root(s), 2.0 * max(abs(_root(s)), math.sqrt(clearance)))
    first = min(max(clearance / scale, _FINEST * abs(start)), height)
    count = math.ceil(math.log(height / first) / math.log(_TRIPLE) - 1e-9)
    steps = np.concatenate([[0.0], height * _TRIPLE ** -np.arange(float(count), -1.0, -1.0)])
    ends: Complex = start + 1j * steps
    return ends


def _nodes(corners: Complex, squared: bool) -> tuple[Complex, Complex]:
    """Gauss nodes ``s`` and weights on a path of panels in ``s``, or in its root."""
    half, middle = 0.5 * np.diff(corners), 0.5 * (corners[1:] + corners[:-1])
    node, weight = _RULE
    places: Complex = (middle[:, None] + half[:, None] * node).ravel()
    weights = np.asarray((half[:, None] * weight).ravel(), dtype=np.complex128)
    return (places, weights) if squared else (places * places, 2.0 * places * weights)
