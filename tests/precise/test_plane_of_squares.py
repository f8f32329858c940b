"""The map of the plane of squares (fewer rows than columns): its values, where searches begin, and its bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix import Problem
from asymptotix.precise.backend import Backend, working
from asymptotix.precise.oblong import Oblong, _Path
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.teacher import FiniteRank

SIZES, ROWS, COLUMNS = [3.0, 2.0, 1.0, 0.5], 5, 9
SQUARES = np.append(np.array(SIZES) ** 2 / (np.array(SIZES) ** 2).sum(), 0.0)


def law(b: Backend) -> Oblong:
    p = Problem("bilinear", teacher=FiniteRank(SIZES), d=COLUMNS, rows=ROWS, n=10, lam=1, noise=1)
    found = resolvent(b, p)
    assert isinstance(found, Oblong)
    return found


def g_of(s: complex) -> complex:
    return complex((1.0 / (s - SQUARES)).sum())


def square_of(t: float, s: complex) -> complex:
    one = 1 + t * g_of(s)
    return one * (s * one + t * (COLUMNS - ROWS))


@pytest.mark.parametrize("s", [0.4 + 0.3j, -0.2 + 0.1j, 0.05 + 0.02j])
def test_everything_at_a_point(s: complex) -> None:
    t, e, step = 0.03, COLUMNS - ROWS, 1e-6

    def pair(x: complex) -> complex:
        return g_of(x) * (x * g_of(x) + e)

    with working("flint", 30) as b:
        plane = law(b)
        here = plane.here(b.number(t), b.complex(s.real, s.imag))
        expected = {
            "g": g_of(s),
            "sg": s * g_of(s),
            "pair": pair(s),
            "pair_moves": s * (pair(s + step) - pair(s - step)) / (2 * step),
            "square": square_of(t, s),
            "moves": s * (square_of(t, s + step) - square_of(t, s - step)) / (2 * step),
            "by_t": (square_of(t + step, s) - square_of(t - step, s)) / (2 * step),
        }
        for name, value in expected.items():
            assert complex(getattr(here, name)) == pytest.approx(value, rel=1e-8), name
        z, slope = plane.position(b.number(t), b.complex(s.real, s.imag))
        assert complex(z) == pytest.approx(square_of(t, s), rel=1e-14)
        assert complex(slope) == pytest.approx(expected["moves"] / s, rel=1e-8)


@pytest.mark.parametrize("u", [0.2, 0.5, 0.9, 1.3, -0.01, -0.5])
def test_openness_has_the_sign_of_the_slope(u: float) -> None:
    t, step = 1e-3, 1e-7
    one = 1 + t * g_of(u).real
    slope = (square_of(t, u + step) - square_of(t, u - step)).real / (2 * step)
    with working("flint", 30) as b:
        found = b.double(law(b).openness(b.number(t), b.number(u)))
        assert found == pytest.approx(slope / one if one > 0 else -1.0, rel=1e-6)


@pytest.mark.parametrize("share", [1e-3, 0.05, 0.3, 1.0, 2.0, 4.0])
def test_of_noise_alone_the_map_is_solved_in_closed_form(share: float) -> None:
    """All coefficients at 0: ``(1 + t m/s)(s + t d) = x``, a quadratic equation; the start is a little above."""
    t = 0.01
    x = share * t * (math.sqrt(ROWS) + math.sqrt(COLUMNS)) ** 2
    with working("flint", 30) as b:
        s = complex(law(b).bare(b.number(t), b.number(x))) - 0.05j * t * math.sqrt(ROWS * COLUMNS)
        assert (1 + t * ROWS / s) * (s + t * COLUMNS) == pytest.approx(x, rel=1e-12)
        # of two roots the one in the upper half-plane; on the axis the outer one, inside or outside of the bulk
        span = t * math.sqrt(ROWS * COLUMNS)
        assert s.imag > 0 or abs(s) >= span * (1 - 1e-12)


def test_what_the_iteration_is_drawn_to_solves_the_map() -> None:
    t, x = 0.01, 0.3
    with working("flint", 200) as b:  # each step loses some
        plane = law(b)
        start = plane.bare(b.number(t), b.number(x))
        assert plane.drawn(b.number(t), b.number(x), start, 0) is start
        near, far = (complex(plane.drawn(b.number(t), b.number(x), start, k)) for k in (20, 300))
        assert abs(square_of(t, far) - x) < 1e-10
        assert abs(square_of(t, near) - x) < abs(square_of(t, complex(start)) - x)


@pytest.mark.parametrize("t", [1e-5, 1e-3, 0.05])
def test_beyond_all_coefficients_the_map_rises(t: float) -> None:
    with working("flint", 30) as b:
        plane = law(b)
        top = b.number(float(SQUARES[0]))
        above = b.double(plane.outside(b.number(t), top, None))
        # three times the noise above the root
        assert above == pytest.approx((math.sqrt(SQUARES[0]) + 3 * math.sqrt(t * COLUMNS)) ** 2, rel=1e-14)
        below = b.double(plane.outside(b.number(t), None, b.number(0)))
        for u in (above, below):
            assert b.double(plane.openness(b.number(t), b.number(u))) > 0
        # below all of them the search ends where Z is 0, on the way up
        assert square_of(t, below).real == pytest.approx(0.0, abs=1e-12)
        assert below < 0


@pytest.mark.parametrize("radius", [4.0, 30.0])
@pytest.mark.parametrize("reach", [1e-5, 0.05])
def test_bounds_of_a_panel_where_nothing_cancels(radius: float, reach: float) -> None:
    """On the real axis beyond all coefficients all terms are positive: bounds are the integrands' sizes there."""
    t = 0.01
    with working("flint", 30) as b:
        plane = law(b)
        path = _Path(plane, b.number(t), b.number(1e-3))
        s = b.complex(radius, 0) * b.exp(b.complex(0, 1) * b.number("1e-9"))
        found = path._sizes_within(s, reach, 0.6)
        assert found is not None
        for x in (-reach, reach):  # the largest are at the ends
            here = plane.here(b.number(t), b.complex(radius * math.exp(x), 0))
            z = b.sqrt(here.square)
            sizes = abs(here.pair * here.moves / (2 * z)), abs(here.by_t * here.pair_moves / z)
            # of the slope of g no more is known than a circle's bound of g: it is a part of both, all but all of one
            for bound, size, within in zip(found, sizes, ("1.8", 10), strict=True):
                assert size <= bound < size * b.number(within)


@pytest.mark.parametrize(("radius", "angle"), [(0.3, 1.2), (0.05, 2.0), (0.9, 0.6), (3.0, 0.3), (0.02, 1.5)])
@pytest.mark.parametrize("t", [1e-4, 0.03])
def test_bounds_of_a_panel_hold_all_around(radius: float, angle: float, t: float) -> None:
    with working("flint", 30) as b:
        plane = law(b)
        path = _Path(plane, b.number(t), b.number(1e-3))
        s, i = b.number(radius) * b.exp(b.complex(0, 1) * b.number(angle)), b.complex(0, 1)
        reach = 0.2
        found = path._sizes(s, reach)
        if found is None:
            return
        for k in range(16):
            there = s * b.exp(b.number(reach) * b.exp(i * b.number(k * math.pi / 8)))
            here = plane.here(b.number(t), there)
            z = abs(b.sqrt(abs(here.square)))
            assert abs(here.pair * here.moves) / (2 * z) <= found[0]
            assert abs(here.by_t * here.pair_moves) / z <= found[1]


@pytest.mark.parametrize(("radius", "angle", "t"), [(0.4, 1.0, 0.01), (0.05, 2.5, 0.001), (2.0, 0.4, 0.1)])
def test_odd_integrals_by_another_quadrature(radius: float, angle: float, t: float) -> None:
    """Straight up from the point, in ``log`` of the height; both fall like ``1/z``, and like ``1/z^3``."""
    e, s = COLUMNS - ROWS, radius * np.exp(1j * angle)
    node, weight = np.polynomial.legendre.leggauss(40)
    ends = np.concatenate([[0.0], abs(s) * 1.4 ** np.arange(-12.0, 110.0)])
    half = 0.5 * np.diff(ends)[:, None]
    up = s + 1j * (ends[:-1, None] + half * (1 + node)).ravel()
    ds = 1j * (half * weight).ravel()
    far = up[:, None] - SQUARES
    g, rise = (1 / far).sum(axis=1), -(1 / far**2).sum(axis=1)
    pair, pair_rise = g * (up * g + e), g * g + rise * (2 * up * g + e)
    one, rest = 1 + t * g, up * (1 + t * g) + t * e
    z = np.sqrt(one) * np.sqrt(rest)
    z = np.where(z.imag < 0, -z, z)
    z_rise = (one * one + t * rise * (up * one + rest)) / (2 * z)
    both = (pair * z_rise) @ ds, ((2 * up * g + 2 * t * pair + e) / z * pair_rise) @ ds
    end = np.sqrt(up[-1])
    tails = ROWS * COLUMNS / end, -(COLUMNS + ROWS) * ROWS * COLUMNS * 2 / 3 / end**3
    with working("flint", 25) as b:
        found = law(b).odd(b.number(t), b.complex(float(s.real), float(s.imag)))
        for ball, truth, tail in zip(found, both, tails, strict=True):
            assert b.double(ball) == pytest.approx(float((truth + tail).imag), rel=1e-9)
            assert b.radius(ball) < abs(ball) * b.number("1e-20")
