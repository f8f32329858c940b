"""Pairs ``+-a``: the integral along the imaginary axis in closed form, and what is odd and even of the resolvent."""

from __future__ import annotations

import math

import pytest

from asymptotix import Problem
from asymptotix.precise.backend import Backend, Number, working
from asymptotix.precise.paired import Paired
from asymptotix.precise.power_resolvent import resolvent
from asymptotix.teacher import FiniteRank


def law(b: Backend) -> Paired:
    p = Problem("bilinear", teacher=FiniteRank([3.0, 2.0, 1.0, 0.5]), d=4, n=10, lam=1, noise=1)
    found = resolvent(b, p)
    assert isinstance(found, Paired)
    return found


def atoms(b: Backend, law: Paired) -> list[Number]:
    return [law.spectrum.value(b.number(i)) for i in range(1, 5)]


@pytest.mark.parametrize("radius", ["1e-6", "0.02", "0.3", "1", "5", "900"])
def test_the_square_along_the_axis(radius: str) -> None:
    """``int_r^oo (sum 2 y/(y^2 + a^2))^2 dy``, pair by pair by arcus tangens; and the enclosure is of 25 digits."""
    with working("flint", 60) as b:
        a, r = atoms(b, law(b)), b.number(radius)
        exact = b.number(0)
        for j, x in enumerate(a):
            for k, y in enumerate(a):
                if j == k:
                    exact += 2 * r / (r * r + x * x) + 2 * b.atan2(x, r) / x
                else:
                    exact += 4 * (x * b.atan2(x, r) - y * b.atan2(y, r)) / (x * x - y * y)
    with working("flint", 30) as b:
        found = law(b).beyond(b.number(radius))
        assert found.overlaps(-exact)
        assert b.radius(found) < abs(exact) * b.number("1e-25")


def test_what_is_kept_of_one_radius_serves_others() -> None:
    with working("flint", 30) as b:
        known = law(b)
        for radius in ("1e-6", "0.3", "900", "0.02", "1e-9", "5", "1e-6"):
            r = b.number(radius)
            found, fresh = known.beyond(r), law(b).beyond(r)
            b.memory.clear()
            assert found.overlaps(fresh)
            assert b.radius(found) < abs(fresh) * b.number("1e-25")


@pytest.mark.parametrize("apart", [1e-3, 1e-2])
def test_next_to_a_coefficient_the_clearance_is_the_distance(apart: float) -> None:
    with working("flint", 30) as b:
        g = law(b)
        a = b.double(atoms(b, g)[1])
        w = a * complex(1 + 0.6 * apart, 0.8 * apart)
        found = g.clearance(b.number(abs(w)), b.number(math.atan2(w.imag, w.real)))
        assert found == pytest.approx(abs(w - a) / abs(w), rel=2 * apart)
        assert g.clearance(b.number(a), b.number("1.5")) <= 0.5


@pytest.mark.parametrize("w", [(0.4, 0.3), (-0.4, 0.3), (0.05, 2.0), (-3.0, 0.1)])
def test_the_resolvent_of_pairs(w: tuple[float, float]) -> None:
    with working("flint", 40) as b:
        g, z = law(b), b.complex(*map(b.number, w))
        both = [x for a in atoms(b, g) for x in (a, -a)]
        value = sum((1 / (z - a) for a in both), 0 * z)
        slope = sum((-1 / (z - a) ** 2 for a in both), 0 * z)
        for found, exact in (
            (g.value(z), value),
            (g.slope(z), slope),
            *zip(g.values(z, (0, 1)), (value, slope), strict=True),
        ):
            assert found.overlaps(exact)
            assert abs(found - exact) < abs(exact) * b.number("1e-35")


def test_a_proof_is_one_of_the_squares() -> None:
    with working("flint", 30) as b:
        g = law(b)
        assert g.proven
        g.proven = False
        assert not g.squares.proven
        assert g.symmetric
        assert b.double(g.end / b.pi) == pytest.approx(0.5, rel=1e-15)
