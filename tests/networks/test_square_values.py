"""The square bilinear network in any dimension, against the integrals for every shape and the derived laws."""

from __future__ import annotations

import math

import pytest

import asymptotix as ax
from asymptotix.checks.ray import Ray
from asymptotix.networks.square_values import SquareValues
from asymptotix.teacher import FiniteRank, Geometric, PowerLaw, Teacher
from tests.networks.one_by_one import OneByOne

TEACHERS = (PowerLaw(1.25), PowerLaw(0.7), PowerLaw(3.0), Geometric(0.9), FiniteRank([1.0, 1.0, 0.2]))


@pytest.mark.parametrize("d", [3, 300, 10**5])
@pytest.mark.parametrize("teacher", TEACHERS, ids=repr)
def test_the_integrals_are_those_of_every_shape(teacher: Teacher, d: int) -> None:
    spectrum = teacher.spectrum(d)
    square, shaped = SquareValues(spectrum), OneByOne(spectrum)
    for log_tau in (-6.0, -2.0, 0.5):
        for c in (0.03, 0.9, 1.9, 2.5, 20.0):
            here, there = square.line(log_tau).at_c(c), shaped.response(math.log(c), log_tau)
            # rounding of the integrals for every shape is of the order of d units in the last place
            allowed = 1e-11 + 1e-15 * d
            assert here.rho == pytest.approx(there.rho, rel=1e-11, abs=allowed)
            assert here.dof == pytest.approx(there.dof, rel=1e-11, abs=allowed)


@pytest.mark.parametrize("path", [0.5, 8.0, 20.0])
def test_bare_noise_leaks_twice_what_it_does_on_one_side(path: float) -> None:
    """A teacher of one feature in 10^60 dimensions, the threshold a hair below the edge."""
    spectrum, missed = FiniteRank([1.0]).spectrum(10**60), math.exp(-20.0)
    one, both = (ax.networks.get(x).bind(spectrum).response(path, 10.0) for x in ("quadratic", "bilinear"))
    assert both.dof == pytest.approx(2.0 * one.dof, rel=1e-12)
    assert both.rho - missed == pytest.approx(2.0 * (one.rho - missed), rel=1e-12)


POINTS = [
    ("1/2", -1),
    ("1/2", "-1/8"),
    ("9/10", "-1/50"),
    ("3/2", -2),
    ("7/2", -2),
    ("1/2", "1/10"),
    ("-1/2", -2),
]


@pytest.mark.parametrize(("a", "l"), POINTS)
def test_the_state_evolution_approaches_every_law(a: str, l: str | int) -> None:  # noqa: E741
    phase = ax.phase_diagram("bilinear").at(gamma="5/4", a=a, l=l)
    ray = Ray(phase)
    for d in (1e12, 1e60, 1e120):
        if d <= 10**ray.top and ray.tolerance(d) < 2.0:  # else the next order is not small there
            assert ray.ratio(d) == pytest.approx(1.0, abs=ray.tolerance(d)), phase.phase


@pytest.mark.parametrize("d", [10**6, 10**24])
def test_where_all_features_are_far_above_the_threshold_each_is_lowered_by_it(d: int) -> None:
    potential = SquareValues(PowerLaw(1.25).spectrum(d))
    log_tau = -1.25 * math.log(d) - 69.0  # the least feature is 1e30
    here = potential.line(log_tau).at_c(5e11)
    assert here.dof == pytest.approx(d, rel=1e-14)
    assert here.rho == pytest.approx(d * (25e22 + 1.0), rel=1e-14)
