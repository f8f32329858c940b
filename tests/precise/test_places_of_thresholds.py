"""Where a threshold lies in the plane: ``z(w) = x``, found from noise alone; and what searches begin with."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from asymptotix import Problem
from asymptotix.precise.backend import Backend, working
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.precise.resolvent import Resolvent
from asymptotix.precise.spectral_start import _polar
from asymptotix.precise.support_points import left, locate
from asymptotix.teacher import FiniteRank

SIZES = [8.0, 5.0, 4.4, 1.0]
COEFFICIENTS = np.array(SIZES) / math.hypot(*SIZES)


def law(b: Backend, network: str = "quadratic", zeros: int = 3, rows: int | None = None) -> Resolvent:
    p = Problem(network, teacher=FiniteRank(SIZES), d=4 + zeros, n=90, lam=1, noise=1, rows=rows)
    return resolvent(b, p)


def z_of(w: complex, t: float, zeros: int = 3) -> complex:
    return w + t * complex((1 / (w - COEFFICIENTS)).sum() + zeros / w)


@pytest.mark.parametrize("share", [-0.9, -0.3, 0.1, 0.8, 1.2, 3.0, 5.0])
@pytest.mark.parametrize("t", [1e-4, 2e-3, 0.1])
def test_a_threshold_is_located(share: float, t: float) -> None:
    """In the bulk above the axis; in gaps on it, where ``z`` rises: then no other point is on the physical sheet."""
    x = share * math.sqrt(7 * t)
    with working("flint", 30) as b:
        w = locate(b, law(b), b.number(t), b.number(x))
        found = complex(w)
        assert z_of(found, t) == pytest.approx(x, rel=1e-11, abs=1e-13)
        assert found.imag >= 0
        slope = 1 - t * ((1 / abs(found - COEFFICIENTS) ** 2).sum() + 3 / abs(found) ** 2)
        if found.imag > 0:  # on the support curve
            assert slope == pytest.approx(0.0, abs=1e-8)
        else:
            assert slope > 0


@pytest.mark.parametrize("kappa", [0.05, 0.2, 0.45, 0.8, 1.2])
def test_a_threshold_is_located_among_squares(kappa: float) -> None:
    t, columns, squares = 2e-3, 9, COEFFICIENTS**2
    with working("flint", 30) as b:
        s = complex(locate(b, law(b, "bilinear", 5, rows=4), b.number(t), b.number(kappa)))
        one = 1 + t * complex((1 / (s - squares)).sum())
        assert one * (s * one + t * (columns - 4)) == pytest.approx(kappa**2, rel=1e-11)
        assert s.imag >= 0


@pytest.mark.parametrize(("zeros", "t"), [(3, 1e-4), (3, 2e-3), (0, 2e-3), (0, 0.05)])
@pytest.mark.parametrize("share", [0.02, 0.4, 0.97, 0.999999])
def test_thresholds_left_of_the_spectrum(zeros: int, t: float, share: float) -> None:
    """Below 0, inside of the left edge and beyond it; the box of a proof is of one point and small."""
    ends = (-5 * math.sqrt(7 * t), -1e-9) if zeros or t > 0.01 else (1e-9, COEFFICIENTS[-1] - 1e-9)

    def rises(u: float) -> float:
        return 1 - t * float((1 / (u - COEFFICIENTS) ** 2).sum() + zeros / (u * u))

    edge = z_of(brentq(rises, *ends, xtol=1e-16), t, zeros).real
    with working("flint", 40) as b:
        g = law(b, zeros=zeros)
        if edge < 0:
            point, proven = left(b, g, b.number(t), b.number(edge * share))
            assert proven
            assert complex(point).imag > 0
            assert z_of(complex(point), t, zeros) == pytest.approx(edge * share, rel=1e-7)
            assert b.radius(point.imag) < b.number("1e-25")
        beyond = edge / share if edge < 0 else -edge * share
        assert left(b, g, b.number(t), b.number(beyond))[0] is None
        assert left(b, g, b.number(t), b.number(-100 * abs(edge) - 1)) == (None, True)


def test_the_box_of_a_left_threshold_holds_those_of_all_noises_of_a_ball() -> None:
    with working("flint", 40) as b:
        g, t = law(b), b.number("0.002")
        x = b.number(-0.1)
        point, proven = left(b, g, b.widen(t, b.number("1e-12")), x)
        assert proven
        for moved in (-1e-12, 1e-12):  # the box holds the points of both ends
            exact = locate(b, g, t + b.number(moved), x)
            assert point.contains(b.midpoint(exact))
        assert b.radius(point.real) < b.number("1e-9")


@pytest.mark.parametrize("c", [-5.0, -1.9, 0.0, 0.7, 1.99, 2.01, 3.0, 40.0])
def test_of_noise_alone_the_start_is_a_little_above_the_point(c: float) -> None:
    tau = 0.3
    with working("flint", 20) as b:
        g = law(b)
        w = complex(g.bare(b.number(tau**2 / 7), b.number(c * tau)))
        root = (
            complex(c / 2, math.sqrt(1 - c * c / 4)) if abs(c) < 2 else c / 2 * (1 + math.sqrt(1 - 4 / c**2))
        )
        assert w.real == pytest.approx(tau * complex(root).real, rel=1e-9, abs=1e-9)
        assert 0.04 * tau < w.imag - tau * complex(root).imag < 0.11 * tau


@pytest.mark.parametrize("t", [1e-5, 1e-2, 1.0])
def test_outside_of_all_coefficients_it_is_open(t: float) -> None:
    with working("flint", 20) as b:
        g = law(b, zeros=0)
        low, high = (b.number(float(x)) for x in (COEFFICIENTS[-1], COEFFICIENTS[0]))
        tau = math.sqrt(4 * t)
        for found, exact in (
            (g.outside(b.number(t), high, None), COEFFICIENTS[0] + tau),
            (g.outside(b.number(t), None, low), COEFFICIENTS[-1] - tau),
        ):
            assert b.double(found) == pytest.approx(exact, rel=1e-12)
            assert b.double(g.openness(b.number(t), found)) >= -1e-12
        assert b.double(g.nearest(b.number(t), high)) == pytest.approx(math.sqrt(t), rel=1e-12)


def test_what_the_iteration_is_drawn_to() -> None:
    with working("flint", 100) as b:
        g, t, x = law(b), b.number("0.01"), b.number("0.4")
        w = complex(g.drawn(t, x, g.bare(t, x), 150))
        assert z_of(w, 0.01) == pytest.approx(0.4, abs=1e-8)


@pytest.mark.parametrize(
    ("radius", "angle"), [(0.5, 0.3), (0.74, 0.02), (3.0, 1.0), (0.05, 3.0), (0.3, 0.001)]
)
def test_clearance_is_the_distance_to_the_nearest(radius: float, angle: float) -> None:
    w = radius * np.exp(1j * angle)
    exact = min(float(abs(w - COEFFICIENTS).min()) / radius, 1.0)
    with working("flint", 20) as b:
        assert law(b).clearance(b.number(radius), b.number(angle)) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("reach", [1e-9, 0.1, 0.3])
@pytest.mark.parametrize(("radius", "angle"), [(0.5, 0.6), (2.0, 2.0), (0.1, 1.2)])
def test_a_ceiling_is_above_all_around_and_sharp_at_a_point(
    reach: float, radius: float, angle: float
) -> None:
    around = radius * np.exp(1j * (angle + reach * np.exp(2j * np.pi * np.arange(40) / 40)))
    sizes = abs((1 / (around[:, None] - COEFFICIENTS)).sum(axis=1) + 3 / around)
    at = radius * np.exp(1j * angle)
    apart = float((1 / abs(at - COEFFICIENTS)).sum() + 3 / radius)  # no coefficient makes up for another
    with working("flint", 20) as b:
        bound = b.double(law(b).ceiling(b.number(radius), b.number(angle), reach))
        assert sizes.max() <= bound
        assert bound < (1.0 + 1e-6 if reach < 1e-6 else 2.5) * apart


@pytest.mark.parametrize("zeros", [0, 3])
def test_values_and_slopes_of_few_coefficients(zeros: int) -> None:
    w = 0.31 + 0.2j
    value = (1 / (w - COEFFICIENTS)).sum() + zeros / w
    slope = -(1 / (w - COEFFICIENTS) ** 2).sum() - zeros / w**2
    with working("flint", 20) as b:
        g, here = law(b, zeros=zeros), b.complex(w.real, w.imag)
        for found in ((g.value(here), g.slope(here)), g.values(here, (0, 1))):
            assert [complex(x) for x in found] == pytest.approx([value, slope], rel=1e-14)
        z, rise = g.position(b.number("0.25"), here)
        assert [complex(z), complex(rise)] == pytest.approx([w + value / 4, 1 + slope / 4], rel=1e-14)


@pytest.mark.parametrize("w", [0.3 + 0.4j, -2.0 + 0.1j, 1e-3 + 1e-9j])
def test_unknowns_of_a_point_are_its_logarithms(w: complex) -> None:
    """``w = e^u e^(i theta)`` with ``theta/(pi - theta) = e^v``."""
    with working("flint", 30) as b:
        u, v = map(b.double, _polar(b, b.complex(w.real, w.imag)))
        theta = math.pi * math.exp(v) / (1 + math.exp(v))
        assert math.exp(u) * complex(math.cos(theta), math.sin(theta)) == pytest.approx(w, rel=1e-12)


def test_a_ceiling_around_a_coefficient_is_infinite_and_never_wrong() -> None:
    with working("flint", 20) as b:
        bound = law(b).ceiling(b.number(float(COEFFICIENTS[1])), b.number("0.01"), 0.1)
        assert bound is None or not bound.is_finite()


class _Counted:
    """A resolvent that counts its evaluations."""

    def __init__(self, resolvent: Resolvent) -> None:
        self.asked, self.values = 0, resolvent.values
        resolvent.values = self

    def __call__(self, place: object, orders: tuple[int, ...]) -> object:
        self.asked += len(orders)
        return self.values(place, orders)


@pytest.mark.parametrize(("share", "most"), [(0.02, 20), (0.4, 22), (0.97, 24), (0.999999, 42)])
def test_few_evaluations_lead_to_a_left_threshold(share: float, most: int) -> None:
    """Values and slopes, two a step; next to the edge more, to find it."""
    t = 2e-3
    edge = z_of(
        brentq(lambda u: 1 - t * float((1 / (u - COEFFICIENTS) ** 2).sum() + 3 / u**2), -1.0, -1e-9), t
    ).real
    with working("flint", 40) as b:
        g = law(b)
        counted = _Counted(g)
        assert left(b, g, b.number(t), b.number(edge * share))[1]
        assert counted.asked <= most


@pytest.mark.parametrize("x", [0.1, 0.3, 0.5, 0.8, 1.2])
def test_few_evaluations_lead_to_a_threshold(x: float) -> None:
    with working("flint", 40) as b:
        g = law(b)
        counted = _Counted(g)
        locate(b, g, b.number("0.002"), b.number(x))
        assert counted.asked <= 19
