r"""Thresholded spectra against contour integrals of the free convolution's resolvent, one atom at a time.

With ``g(z) = (1/d) sum 1/(z - g - a_i)`` in the upper half plane, the eigenvalues of ``A + Z`` have the density
``-Im g/pi``, and ``E[Z | A + Z]`` has the eigenvalues ``2 Re g``. So for a function ``f`` of the matrix

    dof = Tr Z f = -(d/pi) Im int f g^2 dz
    rho = ||f - A||^2 = sum a^2 - (d/pi) Im int (f^2 - 2 f z) g + 2 f g^2 dz

where the integrals lead from the threshold to beyond all eigenvalues, by a half circle on which all is analytic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

NODE, WEIGHT = np.polynomial.legendre.leggauss(300)


def resolvent(z: Any, a: Any) -> Any:
    """By Newton's method, from far above the axis down."""
    height, g = 1e3, 1.0 / (z + 1e3j)
    while height > 0.0:
        height = height / 1.6 if height > 1e-7 else 0.0
        for _ in range(12):
            inverse = 1.0 / (z + 1j * height - g - a[:, None])
            off = g - inverse.mean(axis=0)
            g = g - off / (1.0 - (inverse**2).mean(axis=0))
            if np.abs(off).max() < 1e-15:
                break
    return g


@dataclass
class Sums:
    """What lies right of ``low``, in units of ``tau``, under ``x - c``."""

    a: Any
    low: float
    c: float

    def __post_init__(self) -> None:
        top = max(float(self.a.max()), self.low) + 4.0
        angle = 0.5 * math.pi * (1.0 - NODE)
        radius = 0.5 * (top - self.low)
        self.z = self.low + radius + radius * np.exp(1j * angle)
        self.dz = 1j * radius * np.exp(1j * angle) * (-0.5 * math.pi) * WEIGHT
        self.g, self.f, self.d = resolvent(self.z, self.a), self.z - self.c, self.a.size

    def over(self, values: Any) -> float:
        return -self.d / math.pi * float((values * self.dz).imag.sum())

    @property
    def count(self) -> float:
        return self.over(self.g)

    @property
    def dof(self) -> float:
        return self.over(self.f * self.g**2)

    @property
    def slope(self) -> float:
        """``-ds/dc``."""
        return self.over(self.g**2)

    @property
    def gain(self) -> float:
        """Of the risk over that of no estimator at all."""
        return self.over((self.f**2 - 2.0 * self.f * self.z) * self.g + 2.0 * self.f * self.g**2)
