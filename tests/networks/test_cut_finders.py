"""The cut of a narrow network: three ways to find it, each against the count; and what is below, by its equations."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from asymptotix import PowerLaw
from asymptotix.networks import get
from asymptotix.networks.narrow import Narrow, best_below, held
from asymptotix.networks.spectral import OneSided
from asymptotix.networks.threshold_line import SpectralResponse
from asymptotix.networks.two_sided import TwoSided

# ``rho(c) = 7 + 3 g^2 - 2.4 g`` and ``s(c) = 2 + 4.8 g`` with ``g = 2 - c``
CUT = SpectralResponse(0.0, 2.0, 7.0, 2.0, slope=4.8, excess=-1.2, count=3.0)


@pytest.mark.parametrize(("width", "log_tau"), [(3.0, -4.0), (3.0, -1.0), (30.0, -3.0), (90.0, -1.0)])
@pytest.mark.parametrize("sides", [1, 2])
def test_every_way_finds_the_place_with_so_many_beyond(sides: int, width: float, log_tau: float) -> None:
    wide = (OneSided if sides == 1 else TwoSided)(PowerLaw(1.25).spectrum(300))
    narrow = Narrow(wide, width)
    line = narrow.line(log_tau)
    found = {
        name: cut
        for name in ("_between", "_followed", "_searched")
        if (cut := getattr(narrow, name)(line)) is not None
    }
    assert {"_followed", "_searched"} & set(found)
    for cut in found.values():
        assert cut.count == pytest.approx(width, rel=1e-6)
    settled = narrow.cut(log_tau)
    assert settled is not None
    assert settled.count == pytest.approx(width, rel=1e-9)
    # two features stand apart where noise is low
    assert ("_between" in found) == (width == 3.0 and log_tau == -4.0)
    again = narrow.cut(log_tau)
    assert again is settled


def test_a_guess_follows_the_last_two_cuts() -> None:
    narrow = Narrow(OneSided(PowerLaw(1.25).spectrum(300)), 30.0)
    first, second = narrow.cut(-1.0), narrow.cut(-1.1)
    assert first is not None
    assert second is not None
    path, _ = narrow._ahead(narrow.line(-1.2))
    assert path == pytest.approx(2.0 * second.path - first.path, abs=1e-9)
    third = narrow.cut(-1.2)
    assert third is not None
    assert path == pytest.approx(third.path, abs=0.01)
    far, _ = narrow._ahead(narrow.line(-9.0))  # beyond what is near: from the features
    a = math.exp(narrow.atoms.log_at(30.5) + 9.0)
    assert far == pytest.approx(narrow.wide.path_of(a + 1.0 / a, -9.0), rel=1e-12)


@pytest.mark.parametrize(("wide", "share"), [(OneSided, 0.004), (TwoSided, 0.002)])
def test_a_guess_of_bare_noise_is_the_tail_of_a_semicircle(wide: type[OneSided], share: float) -> None:
    """At an angle ``(3/2 pi p/d)^(1/3)`` of ``c = 2 cos angle`` so many eigenvalues are above, on each side."""
    narrow = Narrow(wide(PowerLaw(1.25).spectrum(1000)), 4.0)
    path, slope = narrow._ahead(narrow.line(9.0))
    assert math.exp(path) == pytest.approx(2.0 * math.cos((1.5 * math.pi * share) ** (1 / 3)), rel=1e-3)
    assert slope == pytest.approx(-3.0, rel=1e-12)


def test_fewer_positive_eigenvalues_than_units() -> None:
    wide = OneSided(PowerLaw(1.25).spectrum(60))
    count = wide.line(0.0).at(-math.inf).count
    assert Narrow(wide, math.floor(count) + 1.0).cut(0.0) is None
    assert Narrow(wide, math.floor(count) - 1.0).cut(0.0) is not None
    narrow = Narrow(wide, math.floor(count) + 1.0)
    assert narrow.best(0.0).c == 0.0
    assert narrow.response(0.3, 0.0).constraint == "threshold"
    assert narrow.path_of(0.7, 0.0) == wide.path_of(0.7, 0.0)


def test_what_width_misses_may_be_beyond_doubles() -> None:
    narrow = Narrow(OneSided(PowerLaw(1.25).spectrum(60)), 3.0)
    for found in (narrow.cut(-400.0), narrow.response(0.0, -400.0), narrow.threshold(-400.0, 9.0, 1.0, None)):
        assert found is not None
        assert (found.rho, found.dof, found.count) == (math.inf, 6.0, 3.0)
        assert found.c == pytest.approx(1e100, rel=1e-9)


@pytest.mark.parametrize(("nu", "force"), [(5.0, 1.0), (5.0, 4.0), (12.0, 3.0), (12.0, 1e-9), (11.0, 15.0)])
def test_below_the_cut_the_second_equation_is_quadratic(nu: float, force: float) -> None:
    found = held(CUT, nu, force)
    assert found is not None
    gap = 2.0 - found.c
    assert found.dof + force / found.c == pytest.approx(nu, rel=1e-12)
    assert found.dof == pytest.approx(2.0 + 4.8 * gap, rel=1e-12)
    assert found.rho == pytest.approx(7.0 + 3.0 * gap**2 - 2.4 * gap, rel=1e-12)
    assert (found.constraint, found.rho_below, found.dof_below) == ("both", None, None)
    assert found.slopes is not None
    assert found.slopes.rho_by_path == pytest.approx(-found.c * (6.0 * gap - 2.4), rel=1e-12)
    assert found.slopes.dof_by_path == pytest.approx(-found.c * 4.8, rel=1e-12)
    # the position is the logarithm of how far c and q are apart, over c
    gone = -(40.0 + math.log1p(4.8)) - math.log(gap / found.c)
    assert found.path == pytest.approx(min(gone, 0.0), rel=1e-9, abs=1e-9)


def test_without_penalty_the_threshold_is_where_all_samples_are_used() -> None:
    found = held(CUT, 5.0, 0.0)
    assert found is not None
    assert found.c == pytest.approx(2.0 - 3.0 / 4.8, rel=1e-12)
    free = held(CUT, 20.0, 0.0)
    assert free is not None
    assert (free.c, free.path, free.constraint) == (0.0, -math.inf, "width")
    assert held(CUT, 2.0, 0.1) is None
    assert held(CUT, 2.5, 1.0) is None
    assert held(replace(CUT, c=0.0), 9.0, 1.0) is None


def test_the_threshold_of_least_risk() -> None:
    """``3 g^2 - 2.4 g`` is least at ``g = 0.4``; where it only rises the cut is best."""
    best = best_below(CUT)
    assert (best.c, best.rho, best.dof) == pytest.approx((1.6, 7.0 - 0.48, 2.0 + 1.92), rel=1e-12)
    stays = best_below(replace(CUT, excess=1.2, slope=7.2))
    assert (stays.c, stays.rho, stays.path) == (2.0, 7.0, 0.0)
    none = best_below(replace(CUT, count=0.0))
    assert (none.c, none.rho) == (2.0, 7.0)


@pytest.mark.parametrize("c", [1e-6, 0.2, 1.0, 1.6])
def test_positions_below_the_cut_lead_back(c: float) -> None:
    narrow = get("quadratic of width 6").bind(PowerLaw(1.25).spectrum(60))
    path = narrow.path_of(c, -2.0)
    found = narrow.response(path, -2.0)
    assert found.c == pytest.approx(c, rel=1e-9)
    assert found.path == pytest.approx(path, rel=1e-9)
    bare = narrow.response(-math.inf, -2.0)
    assert (bare.c, bare.constraint, bare.path) == (0.0, "width", -math.inf)
    cut = narrow.cut(-2.0)
    beyond = narrow.response(cut.path + 0.5, -2.0)
    assert (beyond.constraint, beyond.rho) == ("threshold", narrow.wide.response(cut.path + 0.5, -2.0).rho)
