"""Sums over a spectrum: panels and power series against all terms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from asymptotix.free_convolution.atoms import Atoms
from asymptotix.free_convolution.hidden_features import SplitView
from asymptotix.free_convolution.many_planes import Planes
from asymptotix.free_convolution.subordination import Subordination
from asymptotix.free_convolution.support_curve import SupportCurve
from asymptotix.free_convolution.view import View
from asymptotix.networks.spectral import OneSided
from asymptotix.networks.threshold_line import distance_below_edge
from asymptotix.teacher import FiniteRank, Geometric, PowerLaw, Teacher

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


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize("index", [1.5, 60.5, 700.5])
def test_shares_of_all_atoms(teacher: Teacher, index: float) -> None:
    """Large, middle and small atoms, of a point and of its mirror image."""
    spectrum = teacher.spectrum(3000)
    log_tau = float(spectrum.log_value(np.array([index]))[0])
    view, a = View(Atoms(spectrum), log_tau, 1.0), spectrum.values() / math.exp(log_tau)
    for sign in (1.0, -1.0):
        for power in (1, 2):
            expected = (a**power / np.abs(np.exp(0.3j) - sign * a) ** 2).sum() / 3000
            assert view.share(0.3, power, sign < 0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize("index", [1.5, 2.5, 60.5, 700.5])
def test_sums_over_features_seen_and_hidden(teacher: Teacher, index: float) -> None:
    spectrum = teacher.spectrum(3000)
    log_tau = float(spectrum.log_value(np.array([index]))[0])
    a, w = spectrum.values() / math.exp(log_tau), np.exp(1j * np.array([0.3, 1.2]))
    for visible in (int(index), int(index) // 2):
        view = SplitView(Subordination(Atoms(spectrum), log_tau), complex(w[0]), float(visible))
        big, small = a[:visible], a[visible:]
        value, slope = view.seen(w)
        assert value == pytest.approx((1 / (w[:, None] - big)).sum(axis=1), rel=1e-12)
        assert slope == pytest.approx(-(1 / (w[:, None] - big) ** 2).sum(axis=1), rel=1e-12)
        sums = view.hidden(w)
        for got, terms in (
            (sums.zeroth, 1 / (w[:, None] - small)),
            (sums.slope, -1 / (w[:, None] - small) ** 2),
            (sums.first, small / (w[:, None] - small)),
            (sums.second, small**2 / (w[:, None] - small)),
        ):
            assert got == pytest.approx(terms.sum(axis=1), rel=1e-11)


@pytest.mark.parametrize("teacher", TEACHERS)
def test_shifts_at_many_points(teacher: Teacher) -> None:
    """Near and far of the origin, on either side, in one call: what all atoms sum to."""
    spectrum = teacher.spectrum(3000)
    log_tau = float(spectrum.log_value(np.array([60.5]))[0])
    a = spectrum.values() / math.exp(log_tau)
    w = np.outer([0.02, 0.3, 1.0, 20.0], np.exp(1j * np.array([0.05, 1.5, 3.0]))).ravel()
    value, slope = Subordination(Atoms(spectrum), log_tau).shifts(w)
    assert value == pytest.approx((1 / (w[:, None] - a)).sum(axis=1) / 3000, rel=1e-9)
    assert slope == pytest.approx(-(1 / (w[:, None] - a) ** 2).sum(axis=1) / 3000, rel=1e-9)


@pytest.mark.parametrize(
    "values", [[3.0, 0.9, 0.2], [2.0, 0.95, 0.9, 0.1], [5.0, 4.0, 1.02, 0.4], [0.6, 0.3]]
)
@pytest.mark.parametrize("d", [4, 9, 40])
def test_the_bulk_ends_below_the_visible_and_above_the_hidden_features(values: list[float], d: int) -> None:
    """At a gap the curve has come down: ``t sum 1/(w - a_i)^2 = 1``, and so many features lie beyond."""
    spectrum = FiniteRank(values).spectrum(d)
    log_tau = math.log(spectrum.values()[0] / values[0])
    plane = Subordination(Atoms(spectrum), log_tau)
    curve, a = SupportCurve(plane), spectrum.values() / math.exp(log_tau)
    cut = curve.cut
    assert (a > cut.w.real).sum() == cut.visible
    assert (1 / np.abs(cut.w - a) ** 2).sum() / d == pytest.approx(1.0, rel=1e-6)
    u = np.linspace(0.05, 2.0, 24)
    heights = curve.heights(u)
    assert heights == pytest.approx([curve.height(float(x)) for x in u], abs=1e-9)
    for x, v in zip(u, heights, strict=True):
        mass = (1 / np.abs(complex(x, max(v, 1e-12)) - a) ** 2).sum() / d
        assert mass == pytest.approx(1.0, rel=1e-6) if v > 0 else mass <= 1.0


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize("angle", [0.4, 1.0])
def test_distances_below_the_edge_of_the_noise(teacher: Teacher, angle: float) -> None:
    """``2 - c`` and ``|w|`` of a point of the support curve where nothing cancels, and of its mirror image."""
    spectrum = teacher.spectrum(3000)
    log_tau = float(spectrum.log_value(np.array([60.5]))[0]) + 1.0
    for sign in (1.0, -1.0):
        a = sign * spectrum.values() / math.exp(log_tau)

        def log_mass(log_r: float, a: np.ndarray = a) -> float:
            return math.log((1 / np.abs(math.exp(log_r) * np.exp(1j * angle) - a) ** 2).sum() / 3000)

        r = math.exp(float(brentq(log_mass, -4.0, 9.0, xtol=1e-15)))
        w = r * np.exp(1j * angle)
        c = float((w + (1 / (w - a)).sum() / 3000).real)
        apart, radius = distance_below_edge(View(Atoms(spectrum), log_tau, r), angle, sign < 0)
        assert apart == pytest.approx(2.0 - c, rel=1e-9, abs=1e-10)
        assert radius == pytest.approx(r, rel=1e-11)


@pytest.mark.parametrize("teacher", TEACHERS)
def test_shares_and_sums_at_many_noise_scales(teacher: Teacher) -> None:
    spectrum = teacher.spectrum(3000)
    log_tau = spectrum.log_value(np.array([1.5, 20.5, 60.5, 700.5]))
    w = np.array([1.0, 0.6, 1.4, 3.0]) * np.exp(1j * np.array([0.3, 1.0, 2.0, 0.1]))
    views = Planes(Atoms(spectrum), log_tau).views(w)
    a = spectrum.values() / np.exp(log_tau)[:, None]
    assert views.totals(w)[0] == pytest.approx((1 / (w[:, None] - a)).sum(axis=1) / 3000, rel=1e-9)
    for power in (1, 2):
        for sign in (1.0, -1.0):
            expected = (a**power / np.abs(w[:, None] - sign * a) ** 2).sum(axis=1) / 3000
            assert views.share(np.angle(w), power, sign < 0) == pytest.approx(expected, rel=1e-9)


# panels were once as long as the way to the point, where a slow power law turns within one: 1e-10 off
@pytest.mark.parametrize("gamma", [0.5174, 0.6, 1.25])
@pytest.mark.parametrize("angle", [0.8, 1.5, 2.5])
def test_a_view_from_afar_resolves_the_power_law(gamma: float, angle: float) -> None:
    spectrum = PowerLaw(gamma).spectrum(10**6)
    log_tau = float(spectrum.log_value(np.array([5e5]))[0])
    plane, w = Subordination(Atoms(spectrum), log_tau), complex(np.exp(1j * angle))
    terms = 1 / (w - spectrum.values() / math.exp(log_tau))
    value, slope = plane.shift(w)
    many, slopes = Planes(plane.atoms, np.array([log_tau])).shift(np.array([w]))
    assert value == pytest.approx(1e-6 * terms.sum(), rel=1e-13) == many[0]
    assert slope == pytest.approx(-1e-6 * (terms**2).sum(), rel=1e-13) == slopes[0]


def test_atoms_resolved_for_one_place_serve_those_that_need_no_more() -> None:
    view = View(Atoms(PowerLaw(1.25).spectrum(10**9)), -12.0, 1.0, 500.0, 40.0)
    assert view.serve(1.0, 500.0, 40.0)
    assert view.serve(1.03, 505.0, 400.0)
    assert not view.serve(1.0, 500.0, 10.0)  # nearer to the atoms
    assert not view.serve(1.2, 500.0, 40.0)
    assert not view.serve(1.0, 900.0, 40.0)
