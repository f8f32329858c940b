r"""Information plus noise: features whose squares make the plane of a noisy matrix's singular values.

``Y = A + Z`` has ``m`` rows and ``d >= m`` columns, ``A`` the singular values ``a_i``, ``Z`` independent entries of
variance ``1/d`` (units of ``tau``); ``b = 1 - m/d``. With ``F(s) = (1/d) sum 1/(s - a_i^2)`` the squares of the
singular values are where Dozier and Silverstein's

    z^2 = s (1 + F)^2 + b (1 + F)

is real (J. Multivariate Anal. 98, 2007), and ``h = z F/(1 + F)``, ``k = h + b/z`` are the traces over ``d`` of the two
blocks of the resolvent of ``((0, Y), (Y', 0))``; square matrices have ``w^2 = s``, ``z = w (1 + F)``: the law of
``+-a_i`` freely convolved with a semicircle (`derivations/15_bilinear`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from asymptotix.arrays import Array, Complex


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


def log_real_root(s: complex) -> float:
    """``log Re sqrt(s)``, and of a tiny number where there is none."""
    return 0.5 * math.log(max(0.5 * (abs(s) + s.real), 1e-300))
