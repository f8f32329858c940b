"""Thresholded spectra against contour integrals of the free convolution's resolvent, one atom at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from asymptotix import FiniteRank, PowerLaw, Values
from asymptotix.inputs import PowerVariances
from asymptotix.networks import get
from tests.networks.contour import Sums

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


@pytest.mark.parametrize(
    ("log_tau", "path"), [(-3.0, -2.0), (-2.0, 0.0), (-1.0, -1.0), (0.0, -4.0), (-4.0, 1.0)]
)
@pytest.mark.parametrize("beta", [0.5, 1.5])
@pytest.mark.parametrize(("teacher", "d"), TEACHERS[:2])
def test_shifts_that_differ(teacher: Any, d: int, beta: float, log_tau: float, path: float) -> None:
    """Atoms ``a_i - c i^beta`` behind noise, their positive part: ``Tr f A`` by the overlap with each atom."""
    a = law(teacher, d, log_tau)
    b = a - math.exp(path) * np.arange(1.0, d + 1.0) ** beta
    sums = Sums(b, 0.0, 0.0)
    overlap = (a[:, None] / (sums.z - sums.g - b[:, None])).mean(axis=0) * sums.f
    found = get("quadratic").on_inputs(PowerVariances(beta)).bind(teacher.spectrum(d)).response(path, log_tau)
    risk = float(a @ a) + sums.over(sums.f**2 * sums.g) - 2.0 * sums.over(overlap)
    assert found.rho == pytest.approx(risk, rel=1e-8, abs=1e-9 * float(a @ a))
    assert found.dof == pytest.approx(sums.dof, rel=1e-8, abs=1e-9)
    assert found.count == pytest.approx(sums.count, rel=1e-7, abs=1e-7)
