"""The plane of squares and its paths: every sum over a few features one by one, every identity by its definition."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq

from asymptotix import FiniteRank, PowerLaw
from asymptotix.free_convolution.information_noise import log_real_root
from asymptotix.free_convolution.mirrored import MirroredAtoms, MirroredPlane, MirroredView
from asymptotix.free_convolution.oblong import Traces, kernel
from asymptotix.free_convolution.squares_paths import Paths
from asymptotix.free_convolution.squares_plane import (
    CrowdedPlane,
    RootsPlane,
    SquaredAtoms,
    Squares,
    SquaresPlane,
)
from tests.networks.one_by_one import Walked, contour, first_quadrant

SPECTRUM, COLUMNS, LOG_TAU = PowerLaw(1.25).spectrum(20), 50.0, -2.0
A = SPECTRUM.values() / math.exp(LOG_TAU)
B = 0.6
POINTS = [0.7 + 1.1j, -0.4 + 0.3j, 6.0 + 2.0j]


def plane() -> SquaresPlane:
    return SquaresPlane(SquaredAtoms(SPECTRUM, COLUMNS), LOG_TAU)


def trace(s: complex, a: Any = A) -> tuple[complex, complex]:
    inverse = 1.0 / (s - a**2)
    return complex(inverse.sum()) / COLUMNS, -complex((inverse**2).sum()) / COLUMNS


def square(s: complex, a: Any = A) -> complex:
    one = 1.0 + trace(s, a)[0]
    return one * (s * one + B)


def slope_of(f: Any, s: complex) -> complex:
    h = 1e-5
    return (f(s + h) - f(s - h)) / (2.0 * h)


@pytest.mark.parametrize("s", POINTS)
def test_the_map_of_squares(s: complex) -> None:
    on = plane()
    assert on.trace(s) == pytest.approx(trace(s), rel=1e-12)
    value, slope = on.shift(s)
    assert s + value == pytest.approx(square(s), rel=1e-12)
    assert 1.0 + slope == pytest.approx(slope_of(square, s), rel=1e-6)
    together = on.shifts(np.array(POINTS))
    assert together[0][POINTS.index(s)] == pytest.approx(value, rel=1e-12)
    assert together[1][POINTS.index(s)] == pytest.approx(slope, rel=1e-12)
    w = cmath.sqrt(s)
    moved, rise = RootsPlane(on).shift(w)
    assert (w + moved) ** 2 == pytest.approx(square(s), rel=1e-12)
    assert 1.0 + rise == pytest.approx((1.0 + slope) * w / (w + moved), rel=1e-12)
    many = RootsPlane(on).shifts(np.array([w]))
    assert (many[0][0], many[1][0]) == pytest.approx((moved, rise), rel=1e-12)


def test_the_map_of_a_square_matrix() -> None:
    """``z = w (1 + F)``."""
    even = RootsPlane(SquaresPlane(SquaredAtoms(SPECTRUM, 20.0), LOG_TAU))
    for w in (0.3 + 0.9j, 2.0 + 1j):
        inverse = 1.0 / (w * w - A**2)
        value, slope = even.shift(w)
        assert value == pytest.approx(w * complex(inverse.mean()), rel=1e-12)
        assert slope == pytest.approx(complex((inverse - 2.0 * w * w * inverse**2).mean()), rel=1e-12)
    assert even.highest(np.array([1.0, 5.0])).tolist() == [2.0, 2.0]


def test_facts_of_the_plane() -> None:
    on = plane()
    assert (on.share, on.spare) == pytest.approx((0.4, 0.6), rel=1e-15)
    assert on.detectable == pytest.approx(math.sqrt(0.4), rel=1e-15)
    assert on.bottom == 0.0
    u = float(A[0] ** 2) + 5.0
    p = u + B / (1.0 + trace(u)[0].real)
    assert on.excess(u) == pytest.approx(float(((p + A**2) / (u - A**2) ** 2).sum()) / COLUMNS, rel=1e-10)
    assert on.excess(float(A[-1] ** 2) - 1e-9) == math.inf
    assert on.highest(np.array([-3.0])) == pytest.approx([4.0 * math.sqrt(5.0)])
    f = 0.3 - 0.2j
    turned = COLUMNS * (f * ((1 + 2j) * f + B) - B * cmath.log(1.0 + f)).imag
    assert on.turned(1 + 2j, COLUMNS * f) == pytest.approx(turned, rel=1e-12)
    assert on.interval(4.0) == pytest.approx(4.0 * math.sqrt(1.0 / 20.0 / 0.75), rel=1e-12)
    assert on.physical(u)
    assert not on.physical(float(A[5] ** 2) + 1e-7)


@pytest.mark.parametrize("c", [0.05, 0.6, 1.5, 2.4, 5.0])
def test_bare_noise_in_the_plane_of_squares(c: float) -> None:
    """``z^2 = s + 1 + y + y/s`` with ``y = m/d``."""
    s = plane().bare(c) - 0.05j * math.sqrt(0.4)
    assert s + 1.4 + 0.4 / s == pytest.approx(c, rel=1e-12)
    assert s.imag >= 0 or abs(s.imag) < 1e-12
    assert abs(s) >= math.sqrt(0.4) * (1 - 1e-12) or c < 0.2


@pytest.mark.parametrize("c", [0.3, 0.8, 1.2, 2.0, 4.0, 9.0])
def test_places_of_thresholds(c: float) -> None:
    on = plane()
    place = on.place(c)
    s = place.w
    if s.imag > 0:
        assert square(s) == pytest.approx(c * c, rel=1e-9)
        f = trace(s)[0]
        p = cmath.sqrt(square(s)) / (1.0 + f)
        assert p.imag > 0
        assert (s / p).imag > 0
    else:
        assert place.above == (s.real < A**2).sum()
        assert place.angle == (math.pi if s.real < 0 else 0.0)


@pytest.mark.parametrize("c", [0.3, 1.0, 2.5])
def test_a_threshold_has_one_place_whichever_way_it_is_told(c: float) -> None:
    told = CrowdedPlane(SquaredAtoms(SPECTRUM, COLUMNS), LOG_TAU)
    expected = plane().place(c).w
    assert told.place(c).w == pytest.approx(expected, rel=1e-9)
    assert told.place_beyond((c - 1.0) * (c + 1.0)).w == pytest.approx(expected, rel=1e-9)


def test_squares_of_a_spectrum() -> None:
    spectrum = PowerLaw(1.25).spectrum(3000)
    squares = Squares(spectrum)
    index = np.array([1.0, 7.0, 2999.0])
    assert squares.log_value(index) == pytest.approx(2.0 * spectrum.log_value(index))
    assert (squares.d, squares.rank, squares.smooth) == (3000, 3000, True)
    assert squares.count_above(-6.0) == spectrum.count_above(-3.0)
    assert squares.counts_above(np.array([-6.0])) == pytest.approx(spectrum.counts_above(np.array([-3.0])))
    assert squares.log_power_sum(3.0, 90.0, 1.5) == pytest.approx(spectrum.log_power_sum(3.0, 90.0, 3.0))
    log_a, weight = SquaredAtoms(spectrum, 5000.0).leading(200.0)
    values = spectrum.values()[:200] ** 2
    assert weight.sum() == pytest.approx(200.0)
    assert float(weight @ (1.0 / (9.0 + np.exp(log_a)))) == pytest.approx(
        (1.0 / (9.0 + values)).sum(), rel=1e-11
    )


@pytest.mark.parametrize("visible", [0.0, 3.0])
def test_paths_part_visible_from_hidden_features(visible: float) -> None:
    point = 1.3 + 0.9j
    paths = Paths(plane(), point, visible)
    hidden = A[int(visible) :]
    assert (paths.seen, paths.hidden) == pytest.approx((visible / 50.0, (20.0 - visible) / 50.0))
    across, up = paths.ray(0.8)
    for path in (paths.left, paths.right, across, up):
        for k in (0, path.s.size // 2):
            s = complex(path.s[k])
            f, slope = trace(s)
            f_hidden, slope_hidden = trace(s, hidden)
            assert (path.f.base[k], path.f.whole[k]) == pytest.approx((f_hidden, f), rel=1e-10)
            assert (path.slope.base[k], path.slope.whole[k]) == pytest.approx((slope_hidden, slope), rel=1e-9)
            assert path.first[k] == pytest.approx(
                complex((hidden**2 / (s - hidden**2)).sum()) / 50.0, rel=1e-9
            )
            assert (path.square.base[k], path.square.whole[k]) == pytest.approx(
                (square(s, hidden), square(s)), rel=1e-9
            )
            z_slope = slope_of(square, s) if abs(s) < 50 else None
            if z_slope is not None:
                assert path.square_slope.whole[k] == pytest.approx(z_slope, rel=1e-4)
                assert path.log_slope.whole[k] == pytest.approx(z_slope / square(s), rel=1e-4)
                assert path.by_one.whole[k] == pytest.approx(z_slope / (1.0 + f), rel=1e-4)
            assert path.z.whole[k] ** 2 == pytest.approx(square(s), rel=1e-9)
            assert path.rest.whole[k] == pytest.approx(s * (1.0 + f) + B, rel=1e-9)
    r = abs(point)
    assert paths.left.ds.sum() == pytest.approx(point + r, rel=1e-10)
    assert paths.right.ds.sum() == pytest.approx(r - point, rel=1e-10)
    assert across.ds.sum() == pytest.approx(1j * r - point, rel=1e-10)
    assert up.integral(1.0 / up.s**2) == pytest.approx(-1.0 / r, rel=1e-9)


@pytest.mark.parametrize("visible", [0.0, 3.0])
def test_the_zero_of_columns_beyond_rows(visible: float) -> None:
    paths = Paths(plane(), 1.3 + 0.9j, visible)

    def zero(a: Any) -> float:
        return brentq(lambda s: s * (1.0 + trace(s, a)[0].real) + B, -1.0 - 1e-9, -0.3, xtol=1e-15)

    s = float(paths.zero.s[0].real)
    assert s == pytest.approx(zero(A), rel=1e-12)
    assert paths.moved == pytest.approx(zero(A) - zero(A[int(visible) :]), rel=1e-6, abs=1e-12)
    even = Paths(SquaresPlane(SquaredAtoms(SPECTRUM, 20.0), LOG_TAU), 1.3 + 0.9j, visible)
    assert even.moved == 0.0


def parts(s: complex, f: complex, slope: complex) -> dict[str, complex]:
    one = 1.0 + f
    z2, rise = one * (s * one + B), slope * (s * one + B) + one * (one + s * slope)
    p, x = f * (s * f + B), f * (s * (1.0 - f) - B)
    y = (f + s * slope) * (2.0 * s * f * one + B * (1.0 + 2.0 * f))
    z = cmath.sqrt(z2)
    return {"P": p * rise, "X": x * rise, "Y": y, "z2": z2, "Pz": p * rise / (2.0 * z), "Yz": y / z}


def test_what_a_head_adds() -> None:
    """Each product with the head less that without, by its definition."""
    s, f, slope, h, h_slope = 1.2 + 0.8j, -0.2 + 0.1j, 0.3 - 0.1j, 0.15 - 0.05j, -0.1 + 0.2j
    made = Traces(*(np.array([x]) for x in (s, f, slope, h, h_slope)), B)
    all_of_it, tail = parts(s, f + h, slope + h_slope), parts(s, f, slope)
    count, risk, drift, z2, tail_count, tail_drift = (complex(x[0]) for x in made.differences())
    for found, name in ((count, "P"), (risk, "X"), (drift, "Y"), (z2, "z2")):
        assert found == pytest.approx(all_of_it[name] - tail[name], rel=1e-10)
    assert (tail_count, tail_drift) == pytest.approx((tail["P"], tail["Y"]), rel=1e-12)
    roots = [complex(x[0]) for x in made.with_roots()]
    assert roots == pytest.approx([all_of_it[n] - tail[n] for n in ("Pz", "Yz")], rel=1e-9)


def test_the_kernel_is_a_second_divided_difference() -> None:
    s, at = 2.0 + 0.3j, 0.9 + 1.4j

    def divided(f: Any, x: complex) -> complex:
        first = f(at).imag / at.imag
        return ((f(x) - f(at)) / (x - at) - first) / (x - at.conjugate())

    def of_trace(x: complex) -> complex:
        return divided(lambda y: trace(y)[0], x)

    second = of_trace(s), slope_of(of_trace, s)
    value, rise = kernel(s, *trace(s), second, at, trace(at)[0], B)
    assert value == pytest.approx(divided(square, s), rel=1e-9)
    assert rise == pytest.approx(slope_of(lambda x: divided(square, x), s), rel=1e-5)


FEATURES = Walked(A**2, np.ones(20), 20.0, 50.0)


@pytest.mark.parametrize("s", POINTS)
def test_a_sheet_of_singular_values(s: complex) -> None:
    on = FEATURES.sheet(np.array([s]))
    f, slope = trace(s)
    z = complex(on.z[0])
    assert (on.f[0], on.f_slope[0]) == pytest.approx((f, slope), rel=1e-12)
    assert z * z == pytest.approx(square(s), rel=1e-12)
    assert 2.0 * z * on.z_slope[0] == pytest.approx(slope_of(square, s), rel=1e-6)
    assert on.h[0] == pytest.approx(z * f / (1.0 + f), rel=1e-12)
    assert on.k[0] == pytest.approx(z * f / (1.0 + f) + B / z, rel=1e-12)
    assert FEATURES.square(s) == pytest.approx((square(s), slope_of(square, s)), rel=1e-6)
    assert (FEATURES.spare, FEATURES.edge) == pytest.approx((B, 1.0 + math.sqrt(0.4)))
    assert FEATURES.top == pytest.approx(float(A[0]) + 1.0 + math.sqrt(0.4))


@pytest.mark.parametrize("c", [0.7, 1.1, 2.0, 4.0])
def test_the_point_of_a_singular_value(c: float) -> None:
    s = FEATURES.point(c)
    assert square(s) == pytest.approx(c * c, rel=1e-9)
    assert s.imag >= 0
    assert FEATURES.point(c, s * (1.0 + 1e-3)) == pytest.approx(s, rel=1e-9)
    if s.imag > 0:
        on, ds = contour(FEATURES, s)
        assert float(ds.imag.sum()) == pytest.approx(-s.imag, rel=1e-10)
        assert float((on.s * ds).imag.sum()) == pytest.approx(-(s * s).imag / 2.0, rel=1e-10)
        assert ((on.z * on.z).imag >= -1e-12 * np.abs(on.z) ** 2).all()
        # their number: h over the path is that of the singular values above
        count = -2.0 * 50.0 / math.pi * float((on.h * on.z_slope * ds).imag.sum())
        assert 0.0 < count < 20.0
    assert log_real_root(s) == pytest.approx(math.log(cmath.sqrt(s).real), rel=1e-9)
    assert log_real_root(-4.0 + 0j) == pytest.approx(0.5 * math.log(1e-300))


def test_a_repulsion_of_features() -> None:
    """``b int_b^oo |sum 1/(iy + a)|^2 dy`` with ``b`` so many half-octaves below the largest."""
    atoms = MirroredAtoms(FiniteRank([4.0, 3.0, 1.0]).spectrum(9))
    a = atoms.spectrum.values()[:3]

    def exact(seen: Any, low: float) -> float:
        total, _ = quad(lambda u: abs((1.0 / (1j * low / u + seen)).sum()) ** 2 * low / u**2, 0.0, 1.0)
        return low * total

    for last, steps in ((2, 3), (3, 8)):
        low = float(a[0]) * 2.0 ** (-0.5 * steps)
        for _ in range(2):  # found, and remembered
            assert atoms.repulsion(float(last), steps) == pytest.approx(exact(a[:last], low), rel=1e-8)


@pytest.mark.parametrize("d", [20, 3000])
def test_features_of_either_sign(d: int) -> None:
    """Half of each at ``+a``, half at ``-a``: sums one by one."""
    spectrum = PowerLaw(1.25).spectrum(d)
    atoms, a = MirroredAtoms(spectrum), spectrum.values() / math.exp(LOG_TAU)
    both = np.concatenate([a, -a])
    for w in (0.9 + 0.7j, 0.1 + 1.2j, 3.0 + 0.5j):
        value, slope = MirroredPlane(atoms, LOG_TAU).shift(w)
        assert value == pytest.approx(complex((1.0 / (w - both)).mean()), rel=1e-10)
        assert slope == pytest.approx(-complex((1.0 / (w - both) ** 2).mean()), rel=1e-10)
        view, angle, at = MirroredView(atoms, LOG_TAU, abs(w)), cmath.phase(w), np.array([w])
        omega = 1.0 / np.abs(w - both) ** 2
        for power in (1, 2):
            expected = float((both**power * omega).mean())
            assert view.share(angle, power) == pytest.approx(expected, rel=1e-9)
        other = np.array([w * cmath.exp(0.3j)])
        whole = view.kernel(other, angle)[0][0] + view.head_kernel(other, angle)[0][0]
        head = a[: int(view.last)]
        upper = complex((1.0 / (w - head)).sum())
        mirrored = complex((1.0 / (w + head)).sum())
        assert view.upper(at)[0][0] == pytest.approx(upper, rel=1e-10, abs=1e-12)
        assert view.mirrored(at)[0][0] == pytest.approx(mirrored, rel=1e-10, abs=1e-12)
        assert view.head(at)[0][0] == pytest.approx(0.5 * (upper + mirrored), rel=1e-10, abs=1e-12)
        missed = sum(cmath.phase(x * x - (w * w).conjugate()) for x in head) / math.pi
        assert view.head_missed(w) == pytest.approx(missed, rel=1e-9, abs=1e-12)
        assert np.isfinite(whole)


def test_a_root_in_the_first_quadrant() -> None:
    for s in (3.0 + 4.0j, -3.0 + 4.0j, -3.0 - 4.0j, -4.0 + 0j):
        root = first_quadrant(s)
        assert root.real >= 0
        assert root.imag >= 0
        assert root in (pytest.approx(cmath.sqrt(s)), pytest.approx(cmath.sqrt(s).conjugate()))
