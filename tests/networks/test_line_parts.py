"""The parts of a search along a line of thresholds: each against the formula that it stands for."""

from __future__ import annotations

import cmath
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from asymptotix import FiniteRank, PowerLaw
from asymptotix.free_convolution.atoms import Atoms
from asymptotix.networks import threshold_line as lines
from asymptotix.networks.spectral import OneSided
from asymptotix.networks.threshold_line import Line, SpectralResponse
from asymptotix.networks.two_sided import TwoSided

HERE = SpectralResponse(0.0, 1.5, 4.0, 3.0, slope=0.8, excess=-0.3, drift=0.25, count=0.7)


def test_the_excess_of_a_threshold() -> None:
    assert lines.excess(HERE, 5.0, 6.0) == pytest.approx(math.log(3.0 / 5.0 + 6.0 / (5.0 * 1.5)), rel=1e-14)
    assert lines.excess(HERE, 5.0, 0.5) == pytest.approx(math.log(3.0 / 5.0 + 0.5 / (5.0 * 1.5)), rel=1e-14)
    assert lines.excess(HERE, 5.0, 0.0) == pytest.approx(math.log(3.0 / 5.0), rel=1e-14)
    assert lines.excess(replace(HERE, c=0.0), 5.0, 6.0) == math.inf
    assert lines.excess(replace(HERE, dof=0.0), 5.0, 0.0) == -math.inf


@pytest.mark.parametrize(("nu", "force"), [(5.0, 6.0), (5.0, 0.0), (2.0, 1e-3), (3.0, 5.0), (1.0, 0.0)])
def test_a_step_solves_the_equation_with_the_tangent(nu: float, force: float) -> None:
    """``nu c = L/tau + c (s - slope (c - here))``."""
    c = lines._next(HERE, nu, force)
    assert c > 0 or force == 0
    assert nu * c == pytest.approx(force + c * (3.0 - 0.8 * (c - 1.5)), rel=1e-12, abs=1e-12)
    flat = replace(HERE, slope=0.0)
    assert lines._next(flat, 5.0, 6.0) == pytest.approx(3.0, rel=1e-14)
    assert math.isnan(lines._next(flat, 3.0, 6.0))


def test_between_two_thresholds() -> None:
    assert lines._between(1.0, math.inf, 3.0) == 6.0
    assert lines._between(0.0, 8.0, 3.0) == 2.0
    assert lines._between(1.0, 9.0, 3.0) == 3.0
    assert lines._between(1.0, 4.0, 3.0) == 2.5
    assert lines._between(1.0, 4.001, 3.0) == pytest.approx(2.0002, rel=1e-4)


def test_where_newtons_method_starts() -> None:
    """At the threshold of the penalty alone, or of the order of the noise, or less where most is learned."""
    line = Line(Atoms(PowerLaw(1.25).spectrum(100)), -2.0)
    assert line._start(10.0, 50.0, 0.0, math.inf) == 5.0
    assert line._start(10.0, 5.0, 0.0, math.inf) == 1.0
    assert line._start(39.9, 0.0, 0.0, math.inf) == 1.0
    assert line._start(40.1, 0.0, 0.0, math.inf) == 0.1
    assert line._start(10.0, 50.0, 6.0, math.inf) == 12.0
    assert line._start(10.0, 50.0, 0.0, 4.0) == 1.0
    assert line._start(10.0, 5.0, 2.0, 3.0) == 2.5


def test_the_ends_of_a_line() -> None:
    """Nothing is learned beyond all features and the noise; everything far below all features."""
    spectrum = FiniteRank([4.0, 3.0]).spectrum(2)
    line = Line(Atoms(spectrum), math.log(0.01))
    assert line.top == pytest.approx(80.0 + 2.5, rel=1e-12)
    assert line.bottom == pytest.approx(60.0, rel=1e-12)
    beyond = line.at_c(83.0)
    assert (beyond.c, beyond.dof, beyond.spikes) == (83.0, 0.0, 0.0)
    assert beyond.rho == pytest.approx(1e4, rel=1e-12)
    every = line.at_c(50.0)
    assert (every.rho, every.dof, every.reference, every.rho_below, every.dof_below) == (
        2.0 * 2501.0,
        2.0,
        2.0,
        -5000.0,
        0.0,
    )
    assert (every.spikes, every.count, every.excess) == (2.0, 2.0, -100.0)
    assert (beyond.path, every.path) == pytest.approx((math.log(83.0), math.log(50.0)), rel=1e-12)
    assert line.at_c(0.0).path == -math.inf
    assert line.beyond(83.0, 7.0).path == 7.0


def test_positions_in_few_dimensions_are_logarithms() -> None:
    line = Line(Atoms(PowerLaw(1.25).spectrum(100)), -2.0)
    assert line.joints == ((0.0, 1.0), (0.0, 1.0))
    assert not line.bent
    for path in (-1.0, 0.0, 0.8):
        here = line.at(path)
        assert (here.path, here.c) == pytest.approx((path, math.exp(path)), rel=1e-14)
        assert here.slopes is not None
        assert (here.slopes.log_c_by_path, here.slopes.log_c_by_tau) == (1.0, 0.0)


@pytest.mark.parametrize(
    ("gamma", "log_tau"), [(1.25, -11.0), (1.25, -6.0), (0.8, -20.0), (1.25, -21.0), (0.6, -9.0)]
)
def test_positions_in_many_dimensions_turn_to_angles_and_back(gamma: float, log_tau: float) -> None:
    wide = OneSided(PowerLaw(gamma).spectrum(10**9))
    line = wide.line(log_tau)
    (p1, c1), (p0, c0) = line.joints
    if p0 > p1:
        for path in (p1 + 0.1, 0.5 * (p1 + p0), p0 - 0.1):
            w = line.at(path).point
            assert math.log(w.real / w.imag) == pytest.approx(path, rel=1e-9)
            z = w + line.plane.shift(w)[0]
            assert z.imag == pytest.approx(0.0, abs=1e-12)
            assert line.at(path).c == pytest.approx(z.real, rel=1e-12)
            assert wide.path_of(line.at(path).c, log_tau) == pytest.approx(path, rel=1e-5)
        assert wide.path_of(0.5 * c1, log_tau) == pytest.approx(p1 - math.log(2.0), rel=1e-9)
        assert wide.path_of(2.0 * c0, log_tau) == pytest.approx(p0 + math.log(2.0), rel=1e-9)
        assert line.at(p1 - 1.0).c == pytest.approx(c1 / math.e, rel=1e-12)
        assert line.at(p0 + 1.0).c == pytest.approx(c0 * math.e, rel=1e-12)
        joined = [line.at(p).dof for p in (p1 - 1e-9, p1 + 1e-9, p0 - 1e-9, p0 + 1e-9)]
        assert joined[0] == pytest.approx(joined[1], rel=1e-6)
        assert joined[2] == pytest.approx(joined[3], rel=1e-6)


def test_slopes_from_how_a_threshold_moves() -> None:
    """``d rho / d log c = -2 c excess``; at fixed ``c`` it is ``2 (dof - rho - c excess + drift)``."""
    slopes = HERE.moving(0.5, -2.0).slopes
    assert slopes is not None
    assert slopes[:4] == pytest.approx(
        (0.9 * 0.5, -1.2 * 0.5, 2.0 * (3.0 - 4.0 + 0.45 + 0.25) - 2.0 * 0.9, 0.25 + 2.0 * 1.2), rel=1e-14
    )
    assert slopes[4:] == (0.5, -2.0)
    # without digits left it is between what it can be
    lost = lines.rho_at_threshold(
        np.array([1e-13, 1e-13, 1e-13]), 1.0, 0.0, 0.0, np.array([-1.0, -1.0 - 1e-9, 3.0])
    )
    assert lost[0] == pytest.approx(-2e-13)
    assert lost[1] == pytest.approx(-2e-13)
    assert lost[2] == 0.0
    assert float(lines.rho_at_threshold(1e-11, 1.0, 0.0, 0.0, -1.0)) == pytest.approx(-2e-11, rel=1e-4)


@pytest.mark.parametrize("mirror", [False, True])
def test_distances_below_the_edge_without_cancellation(mirror: bool) -> None:
    """``r^2 - 1`` and ``2 - c`` from their sums over all atoms, in 1e-3 of a teacher beside the noise."""
    spectrum, log_tau, angle = PowerLaw(1.25).spectrum(300), 5.0, 0.3
    line = (TwoSided if mirror else OneSided)(spectrum).line(log_tau)
    a = spectrum.values() / math.exp(log_tau) * (-1.0 if mirror else 1.0)
    r = 1.0
    for _ in range(200):  # the support curve: mean 1/|w - a|^2 = 1
        r *= math.sqrt(float(np.mean(1.0 / np.abs(cmath.rect(r, angle) - a) ** 2)))
    w = cmath.rect(r, angle)
    c = (w + np.mean(1.0 / (w - a))).real
    view = line.plane.view(r) if hasattr(line.plane, "view") else None
    from asymptotix.free_convolution.view import View

    apart, radius = lines.distance_below_edge(
        View(line.atoms, log_tau, r) if view is None else view, angle, mirror
    )
    assert float(radius) == pytest.approx(r, rel=1e-12)
    assert float(apart) == pytest.approx(2.0 - c, rel=1e-9)


def test_the_last_angle() -> None:
    """Noise alone: ``d^(1/4)``. Features in their thousands of millions: half the logarithm of their share."""
    atoms: Any = Atoms(PowerLaw(0.73).spectrum(10**80))
    log_d = 80.0 * math.log(10.0)
    last, moves = lines.last_angle(atoms, np.array([5.0]), 0.25)
    assert (last[0], moves[0]) == (pytest.approx(0.25 * log_d, rel=1e-12), 0.0)
    log_tau = -128.0
    above = float(atoms.spectrum.counts_above(np.array([log_tau + math.log(2.0)]))[0])
    last, moves = lines.last_angle(atoms, np.array([log_tau]), 0.25)
    assert last[0] == pytest.approx(min(max(0.5 * math.log(1e80 / above), 3.0), 0.25 * log_d), rel=1e-9)
    # a power law: the count grows like tau^(-1/gamma)
    assert moves[0] == pytest.approx(0.5 / 0.73, rel=1e-3)
    dense, still = lines.last_angle(atoms, np.array([-170.0]), 0.25)
    assert (dense[0], still[0]) == (3.0, 0.0)


@pytest.mark.parametrize("sides", [1, 2])
def test_where_a_search_among_spectra_starts(sides: int) -> None:
    """Of bare noise so many degrees of freedom are above ``2 cos angle``; the penalty alone is ``L/(nu tau)``."""
    wide: Any = (OneSided if sides == 1 else TwoSided)(PowerLaw(1.25).spectrum(1000))
    angle = (15.0 * math.pi / 8.0 * 20.0 / (1000.0 * sides)) ** 0.2
    assert wide.guess(-3.0, 20.0, 0.0) == pytest.approx(math.log(2.0 * math.cos(angle)), rel=1e-12)
    assert wide.guess(-3.0, 20.0, 1e4) == pytest.approx(math.log(1e4 / 20.0) + 3.0, rel=1e-12)
    # samples to spare
    assert wide.guess(-3.0, 700.0 * sides, 5.0) == pytest.approx(
        math.log(5.0 / (200.0 * sides)) + 3.0, rel=1e-12
    )
    assert wide.guess(-3.0, 700.0 * sides, 0.0) == -math.inf


def test_where_a_search_starts_among_angles() -> None:
    """In many dimensions a threshold ``c`` of bare noise is at ``log cot arccos(c/2)``, or beyond the last angle."""
    wide = OneSided(PowerLaw(1.25).spectrum(10**9))
    end = wide.line(9.0).end[0]
    for c in (0.9, 1.6, 1.99):
        if math.log(c) >= 0.5 * math.log(2.0):
            angle = math.acos(0.5 * c)
            assert wide._noise_path(math.log(c), 9.0) == pytest.approx(-math.log(math.tan(angle)), rel=1e-9)
        else:
            assert wide._noise_path(math.log(c), 9.0) == pytest.approx(
                math.log(c / math.sqrt(2.0)), rel=1e-12
            )
    assert wide._noise_path(math.log(2.0) - 1e-14, 9.0) == pytest.approx(end, rel=1e-12)
    assert wide._noise_path(math.log(6.0), 9.0) == pytest.approx(end + math.log(3.0), rel=1e-12)
    angle = (15.0 * math.pi / 8.0 * 1e-4) ** 0.2
    assert wide.guess(9.0, 1e5, 0.0) == pytest.approx(-math.log(math.tan(angle)), rel=1e-12)
    assert wide.guess(9.0, 1e-9, 0.0) == pytest.approx(end, rel=1e-12)
