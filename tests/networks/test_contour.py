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
import pytest

from asymptotix import FiniteRank, PowerLaw, Values
from asymptotix.networks import get

NODE, WEIGHT = np.polynomial.legendre.leggauss(120)


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
        top = float(np.abs(self.a).max()) + 4.0
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


TEACHERS = [(PowerLaw(1.25), 40), (FiniteRank([2.0, 1.0]), 25), (Values([3.0, 2.0, 2.0, 0.5, 0.1]), 5)]
PLACES = [(-4.0, 0.3), (-2.0, 0.3), (-2.0, 1.2), (-1.0, 1.9), (0.0, 0.05), (0.0, 1.0), (-3.0, 5.0)]


def law(teacher: Any, d: int, log_tau: float) -> Any:
    return teacher.spectrum(d).values() / math.exp(log_tau)


@pytest.mark.parametrize(("log_tau", "c"), PLACES)
@pytest.mark.parametrize(("teacher", "d"), TEACHERS)
def test_a_spectrum_thresholded_from_above(teacher: Any, d: int, log_tau: float, c: float) -> None:
    a = law(teacher, d, log_tau)
    line = get("quadratic").bind(teacher.spectrum(d)).line(log_tau)
    found, sums = line.at_c(c), Sums(a, c, c)
    scale = max(found.rho, found.dof)
    assert found.rho == pytest.approx(float(a @ a) + sums.gain, rel=1e-8, abs=1e-9 * float(a @ a))
    assert found.dof == pytest.approx(sums.dof, rel=1e-8, abs=1e-9 * scale)
    assert found.slope == pytest.approx(sums.slope, rel=1e-7, abs=1e-6)
    assert found.count == pytest.approx(sums.count, rel=1e-7, abs=1e-8)
    assert found.excess == pytest.approx(
        sums.slope - c * sums.count, rel=1e-6, abs=1e-7 * (1.0 + c * sums.count)
    )
    # how they move with the noise at a fixed threshold over the noise
    h = 1e-4
    ends = [Sums(law(teacher, d, log_tau + s), c, c).dof for s in (-h, h)]
    assert found.drift == pytest.approx((ends[1] - ends[0]) / (2.0 * h), rel=1e-5, abs=1e-5)
    assert found.spikes == (a > 2.0 * found.point.real - c).sum() or found.bulk


@pytest.mark.parametrize(("log_tau", "c"), PLACES)
@pytest.mark.parametrize(("teacher", "d"), TEACHERS)
def test_a_spectrum_thresholded_from_both_sides(teacher: Any, d: int, log_tau: float, c: float) -> None:
    """The lower side is the upper one of the mirrored teacher."""
    a = law(teacher, d, log_tau)
    found = get("symmetric").bind(teacher.spectrum(d)).line(log_tau).at_c(c)
    both = [Sums(a, c, c), Sums(-a, c, c)]
    assert found.rho == pytest.approx(
        float(a @ a) + sum(s.gain for s in both), rel=1e-8, abs=1e-9 * float(a @ a)
    )
    assert found.dof == pytest.approx(sum(s.dof for s in both), rel=1e-8, abs=1e-9)
    assert found.slope == pytest.approx(sum(s.slope for s in both), rel=1e-7, abs=1e-6)
    assert found.count == pytest.approx(sum(s.count for s in both), rel=1e-7, abs=1e-8)
    h = 1e-4
    ends = [sum(Sums(sign * law(teacher, d, log_tau + s), c, c).dof for sign in (-1.0, 1.0)) for s in (-h, h)]
    assert found.drift == pytest.approx((ends[1] - ends[0]) / (2.0 * h), rel=1e-5, abs=1e-5)


@pytest.mark.parametrize(("log_tau", "c"), PLACES)
@pytest.mark.parametrize(("teacher", "d"), TEACHERS)
def test_singular_values_of_a_square_matrix(teacher: Any, d: int, log_tau: float, c: float) -> None:
    """Those of the symmetrised matrix ``((0, Y), (Y', 0))``, atoms ``+-a_i``, halved."""
    a = law(teacher, d, log_tau)
    sums = Sums(np.concatenate([a, -a]), c, c)
    found = get("bilinear").bind(teacher.spectrum(d)).response(math.log(c), log_tau)
    assert found.c == pytest.approx(c, rel=1e-12)
    assert found.rho == pytest.approx(float(a @ a) + sums.gain, rel=1e-8, abs=1e-9 * float(a @ a))
    assert found.dof == pytest.approx(sums.dof, rel=1e-8, abs=1e-9)
    assert found.slopes.dof_by_path == pytest.approx(-c * sums.slope, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize(("log_tau", "c"), [(-3.0, 0.2), (-2.0, 0.0), (-1.0, 0.9), (0.0, 0.7)])
@pytest.mark.parametrize("width", [1, 3, 9])
def test_the_largest_eigenvalues_alone(width: int, log_tau: float, c: float) -> None:
    """Right of the place ``q`` with so many eigenvalues beyond, thresholded at ``c < q``."""
    teacher, d = PowerLaw(1.25), 40
    narrow = get(f"quadratic of width {width}").bind(teacher.spectrum(d))
    cut = narrow.cut(log_tau)
    assert cut is not None
    assert cut.c > c
    a = law(teacher, d, log_tau)
    sums = Sums(a, cut.c, c)
    assert sums.count == pytest.approx(width, rel=1e-7)
    found = narrow.response(narrow.path_of(c, log_tau), log_tau)
    assert found.c == pytest.approx(c, rel=1e-9, abs=1e-300)
    assert found.rho == pytest.approx(float(a @ a) + sums.gain, rel=1e-7)
    assert found.dof == pytest.approx(sums.dof, rel=1e-7)
    assert found.constraint == ("both" if c > 0 else "width")
    best = narrow.best(log_tau)
    risks = [Sums(a, cut.c, x).gain for x in (0.99 * best.c, best.c, min(1.01 * best.c, cut.c))]
    assert best.rho == pytest.approx(float(a @ a) + risks[1], rel=1e-7)
    assert risks[1] == pytest.approx(min(risks), rel=1e-9)
