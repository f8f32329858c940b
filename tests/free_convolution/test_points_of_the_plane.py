"""Points of the complex plane: sums over all atoms one by one, and the equation that every place has to obey."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np
import pytest

from asymptotix import FiniteRank, PowerLaw
from asymptotix.free_convolution.atoms import Atoms
from asymptotix.free_convolution.bulk_quadrature import BulkNodes, both_ends, bulk_nodes, joined, up_to_one
from asymptotix.free_convolution.hidden_features import SplitView, sums_along
from asymptotix.free_convolution.subordination import Subordination
from asymptotix.free_convolution.support_curve import SupportCurve, _decreasing_root
from asymptotix.teacher import Spectrum
from tests.networks.contour import Sums

SMOOTH, FEW = PowerLaw(1.25).spectrum(3000), FiniteRank([4.0, 3.0, 1.0]).spectrum(50)
CASES = [(SMOOTH, -3.0), (SMOOTH, -1.0), (FEW, -2.0), (PowerLaw(0.8).spectrum(400), -2.5)]


def atoms_of(spectrum: Spectrum, log_tau: float) -> Any:
    return spectrum.values() / math.exp(log_tau)


@pytest.mark.parametrize(("spectrum", "log_tau"), CASES)
def test_the_map_and_its_slope(spectrum: Spectrum, log_tau: float) -> None:
    plane, a = Subordination(Atoms(spectrum), log_tau), atoms_of(spectrum, log_tau)
    points = np.array([0.3 + 1j, 1.0 + 0.01j, 5.0 + 2j, -0.7 + 0.4j, 30.0 + 1e-3j, 0.05j])
    together = plane.shifts(points)
    for k, w in enumerate(points):
        value, slope = np.mean(1.0 / (w - a)), -np.mean(1.0 / (w - a) ** 2)
        assert plane.shift(complex(w)) == pytest.approx((value, slope), rel=1e-11)
        assert (together[0][k], together[1][k]) == pytest.approx((value, slope), rel=1e-11)
    assert plane.excess(-1.5) == pytest.approx(np.mean(1.0 / (1.5 + a) ** 2), rel=1e-11)
    assert plane.bottom == pytest.approx(a[-1], rel=1e-12)
    assert plane.t * a.size == pytest.approx(1.0)
    for u in (0.5, 2.0, 1e3):
        assert plane.count(u) == plane.counts(np.array([u]))[0] == (a > u).sum()


@pytest.mark.parametrize(("spectrum", "log_tau"), CASES)
@pytest.mark.parametrize("c", [0.1, 1.0, 1.9, 2.6, 6.0, 40.0])
def test_the_place_of_a_threshold(spectrum: Spectrum, log_tau: float, c: float) -> None:
    """``z(w) = c`` on the support curve, or a point between the two atoms beside it in a gap."""
    plane, a = Subordination(Atoms(spectrum), log_tau), atoms_of(spectrum, log_tau)
    place = plane.place(c)
    w = place.w
    if place.angle > 0:
        assert w + np.mean(1.0 / (w - a)) == pytest.approx(c, rel=1e-10)
        assert np.mean(1.0 / np.abs(w - a) ** 2) == pytest.approx(1.0, rel=1e-8)
        assert place.angle == pytest.approx(cmath.phase(w), rel=1e-12)
        again = plane.place(1.001 * c, w)
        assert again.w == pytest.approx(plane.place(1.001 * c).w, rel=1e-9)
    else:
        above = a[a > w.real]
        assert place.above == above.size
        # the real solution has the same atoms above
        u = plane.solve(c)
        assert u.imag == 0
        assert (a > u.real).sum() == above.size
        assert plane.physical(u.real)
        assert u.real + np.mean(1.0 / (u.real - a)) == pytest.approx(c, rel=1e-9)
    assert place.above == (a > w.real).sum()
    head = a[: int(place.view.head_count)]
    nearest = np.abs(w - head).min() if head.size else math.inf
    assert place.clearance == pytest.approx(min(nearest, abs(w)), rel=1e-9)


@pytest.mark.parametrize(("spectrum", "log_tau"), CASES)
@pytest.mark.parametrize("angle", [0.05, 0.7, 2.0])
def test_the_support_curve_on_a_ray(spectrum: Spectrum, log_tau: float, angle: float) -> None:
    plane, a = Subordination(Atoms(spectrum), log_tau), atoms_of(spectrum, log_tau)
    w = plane.on_ray(cmath.rect(1.0, angle))
    assert w is not None
    assert cmath.phase(w) == pytest.approx(angle, rel=1e-12)
    assert np.mean(1.0 / np.abs(w - a) ** 2) == pytest.approx(1.0, rel=1e-11)
    assert np.mean(1.0 / np.abs(1.01 * w - a) ** 2) < 1.0 or angle < 0.1
    assert plane.on_ray(cmath.rect(1.0, angle), w) == pytest.approx(w, rel=1e-12)


def test_no_curve_far_from_all_atoms() -> None:
    plane = Subordination(Atoms(FiniteRank([3.0, 2.0]).spectrum(2)), -3.0)
    assert plane.on_ray(1j) is None
    assert plane.on_ray(cmath.rect(1.0, 0.5)) is None


def test_distances_of_atoms() -> None:
    a, plane = atoms_of(SMOOTH, -3.0), Subordination(Atoms(SMOOTH), -3.0)
    u = 0.5 * (a[4] + a[5])
    assert plane.spacing(u) == pytest.approx(u * (1.0 - a[5] / a[4]), rel=1e-12)
    assert plane.spacing(a[0] + 1.0) == pytest.approx(a[0] + 1.0)
    assert plane.spacing(a[-1] / 2.0) == pytest.approx(a[-1] / 2.0)
    assert plane.spacing(-0.3) == 0.3
    many = Subordination(Atoms(PowerLaw(1.0).spectrum(10**12)), -25.0)
    n = many.count(1.0)
    assert n > 1e6
    assert many.spacing(1.0) == pytest.approx(1.0 / n, rel=2e-3)  # a ~ 1/i
    # a lone feature of size u makes a semicircle of that width
    assert plane.interval(2.0) == pytest.approx(math.sqrt(1.0 / 3000.0 / 0.75), rel=1e-12)
    assert plane.interval(0.5) == 0.5
    assert plane.interval(1.0001) == pytest.approx(math.sqrt(1.0 / 3000.0 / 1e-3), rel=1e-9)
    assert plane.turned(1j, 3.0 + 4.0j) == pytest.approx(0.5 / 3000.0 * 24.0, rel=1e-12)


@pytest.mark.parametrize("c", [0.5, 1.9, 2.5, 7.0])
def test_bare_noise(c: float) -> None:
    """``w + 1/w = c``, a little above the axis."""
    w = Subordination(Atoms(FEW), 5.0).bare(c)
    exact = 0.5 * (c + cmath.sqrt(c * c - 4.0 + 0j))
    assert w.real == pytest.approx(exact.real, rel=1e-12)
    assert w.imag == pytest.approx(exact.imag + 0.05 if c < 2.0 else 0.1 * c, rel=1e-12)


@pytest.mark.parametrize(("spectrum", "log_tau"), CASES)
def test_heights_of_the_support_curve(spectrum: Spectrum, log_tau: float) -> None:
    curve, a = SupportCurve(Subordination(Atoms(spectrum), log_tau)), atoms_of(spectrum, log_tau)
    u = np.array([0.1, 0.5, 0.9, -0.3, a[0]])
    v = curve.heights(u)
    assert np.mean(1.0 / ((u[:, None] - a) ** 2 + v[:, None] ** 2), axis=1) == pytest.approx(
        np.ones(5), rel=1e-9
    )
    assert [curve.height(float(x)) for x in u] == pytest.approx(v, rel=1e-12)
    assert curve.heights(u, 1.3 * v) == pytest.approx(v, rel=1e-12)
    assert curve.height(a[0] + 2.0) == 0.0
    left = curve.left_end()
    assert curve.excess(left) == pytest.approx(1.0, rel=1e-9)
    assert left < a[-1]
    assert (curve.atom(0.0), curve.atom(a.size + 1.0)) == (math.inf, 0.0)
    assert curve.atom(1.0) == pytest.approx(a[0], rel=1e-12)


@pytest.mark.parametrize(("log_tau", "visible"), [(-2.0, 3), (-1.0, 2), (0.5, 0)])
def test_features_leave_the_bulk_where_they_are_above_the_noise(log_tau: float, visible: int) -> None:
    """Norms 4, 3, 1 over ``26^(1/2)``: above 1 in units of the noise they are visible."""
    curve, a = SupportCurve(Subordination(Atoms(FEW), log_tau)), atoms_of(FEW, log_tau)
    assert (curve.cut.visible, curve.cut.gap) == (visible, True)
    end = curve.cut.w
    assert end.imag == 0
    assert a[visible] < end.real
    assert visible == 0 or end.real < a[visible - 1]
    assert np.mean(1.0 / (end.real - a) ** 2) == pytest.approx(1.0, rel=1e-9)
    beside = curve.beside(1e-3, end.real)
    assert np.mean(1.0 / ((beside - a) ** 2 + 1e-6)) == pytest.approx(1.0, rel=1e-12)
    assert beside == pytest.approx(end.real, abs=1e-5)


def test_all_are_visible_or_form_a_band() -> None:
    everything = SupportCurve(Subordination(Atoms(FiniteRank([3.0, 2.0]).spectrum(2)), -3.0)).cut
    assert (everything.visible, everything.gap) == (2.0, True)
    band = SupportCurve(Subordination(Atoms(PowerLaw(0.55).spectrum(10**9)), -10.0)).cut
    assert not band.gap
    assert band.w.real == 1.0
    assert band.w.imag > 0.1


@pytest.mark.parametrize(
    ("spectrum", "log_tau"), [(FEW, -2.0), (FEW, 0.5), (PowerLaw(1.25).spectrum(400), -1.0)]
)
def test_the_bulk_holds_all_eigenvalues_that_are_not_visible(spectrum: Spectrum, log_tau: float) -> None:
    """Their number by quadrature of the density ``d Im w / pi``, and their mean by that of ``x``."""
    curve, a = SupportCurve(Subordination(Atoms(spectrum), log_tau)), atoms_of(spectrum, log_tau)
    cut, d = curve.cut, a.size
    nodes = both_ends(curve, curve.left_end(), cut.w, 1e-11)
    density = nodes.weight * nodes.w.imag * d / math.pi
    assert density.sum() == pytest.approx(d - cut.visible, rel=1e-7)
    shift = nodes.w + np.mean(1.0 / (nodes.w[:, None] - a), axis=1)
    assert nodes.beyond == pytest.approx(shift.real, abs=1e-9)
    # above a threshold within the bulk: what is left of the whole
    start = complex(0.4, curve.height(0.4))
    c = float((start + np.mean(1.0 / (start - a))).real)
    above = bulk_nodes(curve, start, cut, c)
    expected = Sums(a, c, c).count - cut.visible
    assert float(above.weight @ above.w.imag) * d / math.pi == pytest.approx(expected, rel=1e-6)
    assert (above.beyond > 0).all()


def test_near_the_edge_nodes_go_by_height() -> None:
    """Bare noise: the number above ``2 - x`` is that of the semicircle, ``(2/3 pi) x^(3/2)`` of all."""
    curve = SupportCurve(Subordination(Atoms(FiniteRank([1.0]).spectrum(1000)), 30.0))
    angle = 1e-3
    start = cmath.rect(1.0, angle)
    nodes = bulk_nodes(curve, start, curve.cut, 2.0 * math.cos(angle))
    share = (angle - 0.5 * math.sin(2.0 * angle)) / math.pi
    assert float(nodes.weight @ nodes.w.imag) / math.pi == pytest.approx(share, rel=1e-6)
    moment = float((nodes.weight * nodes.beyond) @ nodes.w.imag) / math.pi
    assert moment == pytest.approx(4.0 / 15.0 * angle**5 / math.pi, rel=1e-4)


def test_integrals_up_to_one() -> None:
    node = 0.5 * (1.0 + np.polynomial.legendre.leggauss(24)[0])
    assert up_to_one(node, 3.0 * node**2) == pytest.approx(1.0 - node**3, rel=1e-11)
    parts = joined([BulkNodes(np.array([1j * x]), np.array([x]), np.array([-x])) for x in (1.0, 2.0)])
    assert (parts.w.tolist(), parts.beyond.tolist(), parts.weight.tolist()) == ([1j, 2j], [1, 2], [-1, -2])


def test_a_decreasing_root() -> None:
    assert _decreasing_root(lambda x: 2.0 - x * x, 0.0, 9.0) == pytest.approx(math.sqrt(2.0), rel=1e-15)


@pytest.mark.parametrize("visible", [0.0, 2.0, 7.0])
def test_sums_over_hidden_features(visible: float) -> None:
    plane, a = Subordination(Atoms(SMOOTH), -3.0), atoms_of(SMOOTH, -3.0)
    w = np.array([1.0 + 0.8j, 1.5 + 0.3j, 0.9 + 1j])
    found = sums_along(plane, w, visible, 0.5)
    hidden, seen = a[int(visible) :], a[: int(visible)]
    for k, point in enumerate(w):
        assert found.zeroth[k] == pytest.approx(np.sum(1.0 / (point - hidden)), rel=1e-11)
        assert found.slope[k] == pytest.approx(-np.sum(1.0 / (point - hidden) ** 2), rel=1e-10)
        assert found.first[k] == pytest.approx(np.sum(hidden / (point - hidden)), rel=1e-11)
        assert found.second[k] == pytest.approx(np.sum(hidden**2 / (point - hidden)), rel=1e-11)
    view = SplitView(plane, 1.0 + 0.8j, visible)
    value, slope = view.seen(w)
    assert value == pytest.approx(np.sum(1.0 / (w[:, None] - seen), axis=1), rel=1e-11, abs=1e-300)
    assert slope == pytest.approx(-np.sum(1.0 / (w[:, None] - seen) ** 2, axis=1), rel=1e-11, abs=1e-300)
    assert view.hidden_count == 3000 - visible
    assert view.hidden_beyond == (hidden > view.r).sum()
    assert view.hidden_gap == pytest.approx(view.r - hidden[hidden < view.r].max(), rel=1e-9)


def test_a_bulk_from_a_place_near_its_left_end_on() -> None:
    """What is left out at the end is the share of the spectrum there."""
    spectrum, log_tau = FEW, 0.5
    curve, a = SupportCurve(Subordination(Atoms(spectrum), log_tau)), atoms_of(FEW, log_tau)
    left = curve.left_end()
    start = left + 0.05
    w = complex(start, curve.height(start))
    c = float((w + np.mean(1.0 / (w - a))).real)
    nodes = both_ends(curve, left, curve.cut.w, 1e-11, start)
    count = float(nodes.weight @ nodes.w.imag) * a.size / math.pi
    assert count == pytest.approx(Sums(a, c, c).count - curve.cut.visible, rel=1e-7)
    assert (nodes.beyond > c).all()
