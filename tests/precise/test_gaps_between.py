"""Gaps between few coefficients: their edges, what is inside of them for certain, and points a little beyond."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq

from asymptotix import Problem
from asymptotix.precise.backend import Backend, working
from asymptotix.precise.gaps import Gap, gap
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.precise.resolvent import Resolvent
from asymptotix.teacher import FiniteRank

SIZES = [8.0, 5.0, 4.4, 1.0]


def law(b: Backend, network: str, zeros: int = 3, rows: int | None = None) -> Resolvent:
    d = len(SIZES) + zeros
    p = Problem(network, teacher=FiniteRank(SIZES), d=d, n=90, lam=1, noise=1, rows=rows)
    return resolvent(b, p)


def maps(network: str, t: float) -> tuple[np.ndarray, Callable[[float], float], Callable[[float], float]]:
    """Coefficients of both signs if there are, ``z`` and ``z'`` of few numbers."""
    a = np.array(SIZES) / math.hypot(*SIZES)
    a = np.concatenate(
        [a, np.zeros(3), -a if network == "bilinear" else [], np.zeros(3) if network == "bilinear" else []]
    )
    return a, lambda u: u + t * float((1 / (u - a)).sum()), lambda u: 1 - t * float((1 / (u - a) ** 2).sum())


@pytest.mark.parametrize("network", ["quadratic", "bilinear"])
@pytest.mark.parametrize("above", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("t", [1e-4, 1e-3])
def test_edges_and_sides(network: str, above: int, t: float) -> None:
    a, z, rises = maps(network, t)
    a = np.unique(a)[::-1]  # the largest first
    high = math.inf if above == 0 else float(a[above - 1])
    low = float(a[above])
    inside = np.linspace(low, min(high, low + 1.0), 20_001)[1:-1]
    slopes = np.array([rises(u) for u in inside])
    with working("flint", 30) as b:
        g = law(b, network)
        place = gap(b, g, b.number(t), above, 20)
        assert place.open is bool(slopes.max() > 0)
        if not place.open:
            x = z(float(inside[slopes.argmax()]))
            assert place.side(b.number(1.01 * x)) == 1
            assert place.side(b.number(0.99 * x)) == -1
            assert not place.holds(b.number(t), b.number(x))
            assert place.beyond(b.number(1.0001 * x)) is None
            return
        middle = (
            float(inside[slopes > 0][0 if above == 0 else slopes[slopes > 0].argmax()])
            if above
            else low + 1.0
        )
        ends = [brentq(rises, low + 1e-9, middle, xtol=1e-15), None]
        if above:
            ends[1] = brentq(rises, middle, high - 1e-9, xtol=1e-15)
        for found, end in zip(place.ends, ends, strict=True):
            assert (found is None) is (end is None)
            if end is not None:
                assert b.double(found) == pytest.approx(end, rel=1e-12)
        _sides(b, place, t, [None if u is None else z(u) for u in ends])


def _sides(b: Backend, place: Gap, t: float, edges: list[float | None]) -> None:
    low, high = edges
    assert low is not None
    top = low + 1.0 if high is None else high
    apart = 1e-6 * (top - low)
    for x, side in (
        (low - apart, -1),
        (low + apart, 0),
        (0.5 * (low + top), 0),
        (top - apart, 0),
        (top + apart, 1),
    ):
        if high is None and side > 0:
            continue
        assert place.side(b.number(x)) == side
        # proven with exact numbers; not with a ball that reaches beyond the edge
        assert place.holds(b.number(t), b.number(x)) is (side == 0)
        if side == 0:
            from_edge = min(x - low, math.inf if high is None else high - x)
            assert place.margin(b.number(x)) == pytest.approx(math.log(from_edge / x), abs=1e-4)
            wide = b.widen(b.number(x), b.number(1.5 * from_edge))
            assert not place.holds(b.number(t), wide)
            assert place.holds(b.number(t), b.widen(b.number(x), b.number(0.5 * from_edge)))
            assert place.beyond(b.number(x)) is None
            continue
        point = place.beyond(b.number(x))
        assert point is not None
        # from the edge z is a parabola: what is off is a higher power of the distance
        there = b.real(place.resolvent.position(b.number(t), point)[0])
        assert abs(b.double(there) - x) < 0.02 * apart
    assert place.beyond(b.number(low - 50.0 * (top - low))) is None  # no parabola any more


@pytest.mark.parametrize("network", ["quadratic", "bilinear"])
def test_below_all_coefficients(network: str) -> None:
    """With no zeros among them: of one sign all that is below is gap; of both signs around 0 up to one edge."""
    t = 1e-4
    a = np.array(SIZES) / math.hypot(*SIZES)
    both = np.concatenate([a, -a]) if network == "bilinear" else a
    edge = brentq(lambda u: 1 - t * float((1 / (u - both) ** 2).sum()), 0.0, a[-1] - 1e-9, xtol=1e-15)
    with working("flint", 30) as b:
        place = gap(b, law(b, network, zeros=0), b.number(t), len(SIZES), 20)
        assert place.open
        assert place.ends[0] is None
        assert b.double(place.ends[1]) == pytest.approx(edge, rel=1e-12)
        x = edge + t * float((1 / (edge - both)).sum())
        assert [place.side(b.number(y)) for y in (0.5 * x, x * (1 - 1e-9), x * (1 + 1e-9))] == [0, 0, 1]
        assert place.holds(b.number(t), b.number(0.9 * x))
        assert not place.holds(b.number(t), b.number(1.1 * x))


def test_squares_of_few_rows() -> None:
    """In the plane of squares thresholds are squares, too: the edges by ``Z = (1 + F)(s (1 + F) + t e)``."""
    t, rows, d = 1e-4, 4, 9
    squares = np.array(SIZES) ** 2 / (np.array(SIZES) ** 2).sum()

    def z(s: float) -> float:
        f = t * float((1 / (s - squares)).sum())
        return (1 + f) * (s * (1 + f) + t * (d - rows))

    def rises(s: float) -> float:
        step = 1e-7 * s
        return z(s + step) - z(s - step)

    with working("flint", 30) as b:
        g = law(b, "bilinear", zeros=d - rows, rows=rows)
        place = gap(b, g, b.number(t), 1, 15)
        places = np.linspace(squares[1], squares[0], 2001)[1:-1]
        middle = places[np.argmax([rises(s) / s for s in places])]
        low, high = (
            brentq(rises, *ends) for ends in ((squares[1] * 1.001, middle), (middle, squares[0] * 0.999))
        )
        assert place.open
        assert [b.double(u) for u in place.ends] == pytest.approx([low, high], rel=1e-6)
        kappas = math.sqrt(z(low)), math.sqrt(z(high))
        for kappa, side in (
            (kappas[0] * 0.9999, -1),
            (kappas[0] * 1.0001, 0),
            (kappas[1] * 0.9999, 0),
            (kappas[1] * 1.0001, 1),
        ):
            assert place.side(b.number(kappa)) == side
            assert place.holds(b.number(t), b.number(kappa)) is (side == 0)
            point = place.beyond(b.number(kappa))
            assert (point is None) is (side == 0)
            if point is not None:
                there = complex(g.position(b.number(t), point)[0]).real
                assert abs(there - kappa**2) < 0.05 * 0.0002 * kappa**2
        first = gap(b, g, b.number(t), 0, 15)
        assert first.ends[1] is None
        assert b.double(first.ends[0]) == pytest.approx(brentq(rises, squares[0] * 1.001, 2.0), rel=1e-6)
