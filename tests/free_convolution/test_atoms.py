"""Sums over a spectrum: panels and power series against all terms."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix.free_convolution.atoms import Atoms, View
from asymptotix.networks.spectral import OneSided
from asymptotix.teacher import Geometric, PowerLaw, Teacher

TEACHERS = [PowerLaw(0.6), PowerLaw(1.25), PowerLaw(4.0), Geometric(0.9), Geometric(0.999)]


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize("index", [3.5, 60.5, 700.5])
def test_sums_seen_from_an_arc(teacher: Teacher, index: float) -> None:
    spectrum = teacher.spectrum(3000)
    log_tau = float(spectrum.log_value(np.array([index]))[0])
    view = View(Atoms(spectrum), log_tau, 1.0)
    assert not view.atoms.few
    a = spectrum.values() / math.exp(log_tau)
    head, tail = a[: int(view.head_count)], a[int(view.head_count) :]
    w = np.exp(1j * np.array([0.05, 0.7, 3.0]))
    sums = view.tail(w)
    value, slope = view.head(w)
    for got, terms in (
        (sums.value, 1 / (w[:, None] - tail)),
        (sums.slope, -1 / (w[:, None] - tail) ** 2),
        (sums.first, tail / (w[:, None] - tail)),
        (value, 1 / (w[:, None] - head)),
        (slope, -1 / (w[:, None] - head) ** 2),
    ):
        assert got == pytest.approx(terms.sum(axis=1), rel=1e-13)
    kernel, kernel_slope = view.kernel(w, 0.3)
    omega = 1 / np.abs(np.exp(0.3j) - tail) ** 2 / 3000
    assert kernel == pytest.approx((omega / (w[:, None] - tail)).sum(axis=1), rel=1e-13)
    assert kernel_slope == pytest.approx(-(omega / (w[:, None] - tail) ** 2).sum(axis=1), rel=1e-13)


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize(
    ("log_tau", "c"), [(-1.0, 1.9), (-3.0, 2.05), (-5.0, 0.01), (-5.0, 7.0), (-8.0, 40.0)]
)
def test_panels_agree_with_all_atoms(teacher: Teacher, log_tau: float, c: float) -> None:
    spectrum = teacher.spectrum(3000)
    panels, terms = OneSided(spectrum), OneSided(spectrum)
    terms.atoms.few = True
    fast, slow = (potential.response(math.log(c), log_tau) for potential in (panels, terms))
    assert fast.rho == pytest.approx(slow.rho, rel=1e-12)
    assert fast.dof == pytest.approx(slow.dof, rel=1e-12, abs=1e-12)
