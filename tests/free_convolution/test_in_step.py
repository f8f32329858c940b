"""Points, views and arcs of many noise scales in step: each is the one that is looked at alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix import FiniteRank, PowerLaw
from asymptotix.free_convolution.added import Added
from asymptotix.free_convolution.arc import graded, leak, leak_below, missed_moments, respond
from asymptotix.free_convolution.arcs import respond_to_many
from asymptotix.free_convolution.atoms import Atoms, neighbourhood
from asymptotix.free_convolution.many_planes import Planes
from asymptotix.free_convolution.many_views import Views
from asymptotix.free_convolution.subordination import Subordination
from asymptotix.free_convolution.view import View
from asymptotix.teacher import Spectrum
from tests.networks.contour import Sums

SPECTRA = [
    FiniteRank([3.0, 2.0, 1.0]).spectrum(40),
    PowerLaw(1.25).spectrum(3000),
    PowerLaw(0.8).spectrum(10**7),
    PowerLaw(1.25).spectrum(10**30),
]
IDS = [f"{s.d:g}" for s in SPECTRA]


def scales(spectrum: Spectrum) -> list[float]:
    return [-4.0, -1.0, 1.0, -0.4 * math.log(spectrum.d)]


@pytest.mark.parametrize("spectrum", SPECTRA, ids=IDS)
def test_maps_in_step(spectrum: Spectrum) -> None:
    atoms = Atoms(spectrum)
    points = [(t, w) for t in scales(spectrum) for w in (0.4 + 0.9j, 1.2 + 0.05j, -0.3 + 0.7j, 8.0 + 1j)]
    log_tau, w = np.array([t for t, _ in points]), np.array([w for _, w in points])
    planes = Planes(atoms, log_tau)
    value, slope = planes.shift(w)
    count, spacing = planes.count(np.abs(w)), planes.spacing(np.abs(w))
    ray = planes.on_ray(np.angle(w))
    for k, (t, point) in enumerate(points):
        plane = Subordination(atoms, t)
        assert (value[k], slope[k]) == pytest.approx(plane.shift(point), rel=1e-10)
        assert count[k] == plane.count(abs(point))
        assert spacing[k] == pytest.approx(plane.spacing(abs(point)), rel=1e-8)
        alone = plane.on_ray(point / abs(point))
        assert ray[k] == pytest.approx(alone, rel=1e-9)
    first = planes.atom(np.ones(w.size))
    assert first == pytest.approx(atoms.log_at(1.0) - log_tau, rel=1e-12)
    assert (planes.atom(np.zeros(w.size)) == np.inf).all()
    assert (planes.atom(np.full(w.size, spectrum.rank + 1.0 + 1e-3 * spectrum.rank)) == -np.inf).all()


@pytest.mark.parametrize("spectrum", SPECTRA, ids=IDS)
def test_places_in_step(spectrum: Spectrum) -> None:
    atoms = Atoms(spectrum)
    points = [(t, c) for t in scales(spectrum) for c in (0.1, 1.0, 1.95, 2.7, 9.0)]
    log_tau, c = np.array([t for t, _ in points]), np.array([c for _, c in points])
    planes = Planes(atoms, log_tau)
    found = planes.place(c)
    known = np.flatnonzero(~np.isnan(found))
    assert known.size >= 0.8 * c.size
    for k in known.tolist():
        alone = Subordination(atoms, points[k][0]).place(points[k][1])
        if alone.angle > 0:
            assert found[k] == pytest.approx(alone.w, rel=1e-8)
        else:
            assert found[k].imag == 0
            flat, above = planes.at(np.array([k])).gap(found[k : k + 1].real)
            assert above[0] == alone.above
            assert flat[0] == pytest.approx(alone.w.real, rel=1e-6)


@np.errstate(over="ignore")  # scales of heads that are far away, as in a solve
@pytest.mark.parametrize("spectrum", SPECTRA, ids=IDS)
def test_views_in_step(spectrum: Spectrum) -> None:
    atoms = Atoms(spectrum)
    log_tau, w = np.array(scales(spectrum)), np.array([0.4 + 0.9j, 1.2 + 0.3j, 0.3 + 1.1j, 1.0 + 0.02j])
    planes, angle = Planes(atoms, log_tau), np.angle(w)
    views = Views(atoms, log_tau, np.abs(w), *neighbourhood(planes.count, w))
    row = w[:, None] * np.exp(1j * np.array([0.0, 0.4, 0.9]))
    tail, kernel, mirrored = views.tail(row), views.kernel(row, angle), views.kernel(row, angle, -1.0)
    beside, own, other = views.beside(row, (1.0, angle), (-1.0, angle))
    for k, one in enumerate(views.each()):
        alone = View(
            atoms, float(log_tau[k]), float(abs(w[k])), float(views.centre[k]), float(views.distance[k])
        )
        assert (one.first, one.last) == (alone.first, alone.last)
        assert (views.first[k], views.last[k]) == (alone.first, alone.last)
        expected = alone.tail(row[k])
        for name in ("value", "slope", "first", "moves"):
            assert getattr(tail, name)[k] == pytest.approx(getattr(expected, name), rel=1e-10, abs=1e-250)
        assert views.head(w)[0][k] == pytest.approx(alone.head(w[k : k + 1])[0][0], rel=1e-9, abs=1e-250)
        assert views.head_angles(w)[k] == pytest.approx(
            alone.head_angles(complex(w[k])), rel=1e-10, abs=1e-250
        )
        assert beside[0][k] == pytest.approx(alone.head(row[k])[0], rel=1e-9, abs=1e-250)
        assert beside[1][k] == pytest.approx(alone.head(row[k])[1], rel=1e-9, abs=1e-250)
        pairs = [
            ((kernel[0][k], kernel[1][k]), alone.kernel(row[k], float(angle[k]))),
            ((mirrored[0][k], mirrored[1][k]), alone.kernel(row[k], float(angle[k]), True)),
            ((own[0][k], own[1][k]), alone.head_kernel(row[k], float(angle[k]))),
            ((other[0][k], other[1][k]), alone.head_kernel(row[k], float(angle[k]), True)),
        ]
        for mine, theirs in pairs:
            for x, y in zip(mine, theirs, strict=True):
                assert x == pytest.approx(y, rel=1e-8, abs=1e-12 * float(np.abs(y).max()) + 1e-250)
        for power in (1, 2):
            for mirror in (False, True):
                expected_share = alone.share(float(angle[k]), power, mirror)
                assert views.share(angle, power, mirror)[k] == pytest.approx(expected_share, rel=1e-10)
        assert views.tail_square[k] == pytest.approx(alone.tail_square, rel=1e-12)
    some = views.at(np.array([2, 0]))
    assert some.r == pytest.approx(np.abs(w)[[2, 0]])
    assert some.head(w[[2, 0]])[0] == pytest.approx(views.head(w)[0][[2, 0]], rel=1e-12, abs=1e-250)
    assert views.at(np.arange(4)) is views


@pytest.mark.parametrize("spectrum", SPECTRA[:3], ids=IDS[:3])
def test_arcs_in_step(spectrum: Spectrum) -> None:
    atoms = Atoms(spectrum)
    points = [(t, c) for t in scales(spectrum) for c in (0.2, 1.0, 1.9)]
    places = [Subordination(atoms, t).place(c) for t, c in points]
    inside = [k for k, place in enumerate(places) if place.angle > 0]
    log_tau, c = (np.array([points[k][j] for k in inside]) for j in (0, 1))
    w = np.array([places[k].w for k in inside])
    views = Planes(atoms, log_tau).views(w)
    sums = respond_to_many(views, w, c)
    for j, k in enumerate(inside):
        alone = respond(places[k].view, places[k].angle, points[k][1], places[k].clearance)
        expected = np.array([alone.rho, alone.dof, alone.slope, alone.count, alone.excess, alone.drift])
        scale = max(alone.rho, alone.dof, 1e-250)
        assert sums[:, j] == pytest.approx(expected, rel=1e-8, abs=1e-9 * scale)


@pytest.mark.parametrize("c", [0.3, 1.2, 1.95])
@pytest.mark.parametrize(("spectrum", "log_tau"), [(SPECTRA[0], -1.0), (PowerLaw(1.25).spectrum(40), -2.0)])
def test_what_is_missed_below_a_threshold(spectrum: Spectrum, log_tau: float, c: float) -> None:
    """First and second moments of all eigenvalues are those of teacher and noise; less what is above."""
    a = spectrum.values() / math.exp(log_tau)
    above = Sums(a, c, c)
    place = Subordination(Atoms(spectrum), log_tau).place(c)
    first, second = missed_moments(place.view, place.angle, c, place.clearance)
    assert first == pytest.approx(float((a - c).sum()) - above.over(above.f * above.g), rel=1e-7, abs=1e-7)
    total = float(((a - c) ** 2 + 1.0).sum())
    assert second == pytest.approx(total - above.over(above.f**2 * above.g), rel=1e-7, abs=1e-7)


def test_leaks_of_bare_noise() -> None:
    """A semicircle's: ``d int_c (x - c)^k``, the same on either side where there is no feature."""
    d, angle = 500, 0.7
    c = 2.0 * math.cos(angle)
    view = View(Atoms(FiniteRank([1.0]).spectrum(d)), 40.0, 1.0)
    node, weight = np.polynomial.legendre.leggauss(300)
    x = c + 0.5 * (2.0 - c) * (1.0 + node)
    mass = d * 0.5 * (2.0 - c) * weight * np.sqrt(4.0 - x * x) / (2.0 * math.pi)
    risk, dof = float(mass @ (x - c) ** 2), float(mass @ ((x - c) * x))
    slope, count = float(mass @ x), float(mass.sum())
    for found in (leak(view, angle, 0j), leak_below(view, angle)):
        assert found[:4] == pytest.approx((risk, dof, slope, count), rel=1e-6)
        assert found[4] == pytest.approx(slope - c * count, rel=1e-5)
        assert found[5] == pytest.approx(0.0, abs=1e-9 * d)


@pytest.mark.parametrize(("length", "finest"), [(3.0, 1.0), (3.0, 1e-6), (0.5, 1.0)])
def test_graded_panels(length: float, finest: float) -> None:
    """The first one is about as long as the distance to a pole, here beyond the start."""
    node, weight = graded(length, finest)
    assert weight.sum() == pytest.approx(length, rel=1e-14)
    assert float(weight @ node**3) == pytest.approx(length**4 / 4.0, rel=1e-13)
    assert float(weight @ (1.0 / (node + finest))) == pytest.approx(math.log1p(length / finest), rel=1e-12)
    assert node.size / 16 <= max(1.0, math.log(length / finest) / math.log(3.0) + 2.0)


def test_a_share_that_is_added() -> None:
    x, y = Added(2.0, 0.5), Added(3.0, -1.0)
    cases = {
        "sum": (x + y, 5.0, 4.5), "plus": (1.0 + x, 3.0, 3.5), "difference": (x - y, -1.0, 0.5),
        "minus": (x - 1.0, 1.0, 1.5), "from": (7.0 - x, 5.0, 4.5), "product": (x * y, 6.0, 5.0),
        "times": (3.0 * x, 6.0, 7.5), "ratio": (x / y, 2.0 / 3.0, 1.25), "over": (x / 4.0, 0.5, 0.625),
        "under": (1.0 / x, 0.5, 0.4), "inverse": (y.inverse(), 1.0 / 3.0, 0.5), "minus all": (-x, -2.0, -2.5),
        "root": (Added(4.0, 5.0).root(), 2.0, 3.0),
    }  # fmt: skip
    for name, (found, base, whole) in cases.items():
        assert (found.base, found.whole) == pytest.approx((base, whole), rel=1e-14), name
    tiny = Added(1.0, 1e-40)
    assert (tiny * tiny).extra == pytest.approx(2e-40, rel=1e-12)
    assert tiny.root().extra == pytest.approx(5e-41, rel=1e-12)
    assert (np.array([1.0, 2.0]) * tiny).extra == pytest.approx([1e-40, 2e-40])
