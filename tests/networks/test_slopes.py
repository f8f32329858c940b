"""The slopes that responses carry are their derivatives."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix import FiniteRank, PowerLaw
from asymptotix.inputs import PowerVariances
from asymptotix.networks import get
from asymptotix.state_evolution.newton import differenced

H = 1e-4
# paths from thresholds far below the noise to far above it
PLACES = [(-6.0, -2.0), (-0.8, 0.5), (0.3, -4.0), (1.2, -1.0), (2.5, -3.0)]


def numbers(response):
    """What can be differenced without cancellation."""
    below = response.rho_below is not None
    rho, dof = (-response.rho_below, -response.dof_below) if below else (response.rho, response.dof)
    return np.array([rho, dof, math.log(response.c)])


def differences(f):
    return (8 * (f(H) - f(-H)) - (f(2 * H) - f(-2 * H))) / (12 * H)


@pytest.mark.parametrize(("path", "log_tau"), PLACES)
@pytest.mark.parametrize("teacher", [PowerLaw(0.7), PowerLaw(2.0), FiniteRank([2.0, 1.0])])
@pytest.mark.parametrize("d", [50, 10**12])
@pytest.mark.parametrize(
    "net",
    [
        get("diagonal"),
        get("nonnegative"),
        get("diagonal").on_inputs(PowerVariances(1.0)),
        get("quadratic"),
        get("symmetric"),
    ],
    ids=lambda net: net.name,
)
def test_slopes_are_derivatives(teacher, d, net, path, log_tau):
    potential = net.bind(teacher.spectrum(d))
    here = potential.response(path, log_tau)
    by_path = differences(lambda h: numbers(potential.response(path + h, log_tau)))
    by_tau = differences(lambda h: numbers(potential.response(path, log_tau + h)))
    found = here.slopes
    scale = np.maximum(np.abs(numbers(here)), 1e-280)
    for slopes, expected in (
        ((found.rho_by_path, found.dof_by_path, found.log_c_by_path), by_path),
        ((found.rho_by_tau, found.dof_by_tau, found.log_c_by_tau), by_tau),
    ):
        assert np.all(np.abs(np.array(slopes) - expected) < 1e-6 * np.maximum(scale, np.abs(expected))), (
            slopes,
            expected,
        )


# around the position where angles end, which moves with the noise while features are dense beyond it
@pytest.mark.parametrize("network", ["quadratic", "symmetric"])
@pytest.mark.parametrize("log_tau", [-130.0, -128.0, -100.0])
def test_slopes_where_features_are_dense(network, log_tau):
    potential = get(network).bind(PowerLaw(0.73).spectrum(10**80))
    for path in (2.0, 4.0, 12.0, 30.0):
        here = potential.response(path, log_tau)
        (together,) = potential.responses(np.array([path]), np.array([log_tau])).each(np.array([path]))
        by_path = differences(lambda h, x=path: numbers(potential.response(x + h, log_tau)))
        by_tau = differences(lambda h, x=path: numbers(potential.response(x, log_tau + h)))
        expected, scale = np.concatenate([by_path[:2], by_tau[:2]]), np.tile(numbers(here)[:2], 2)
        for slopes in (here.slopes, together.slopes):
            assert np.abs(np.array(slopes[:4]) - expected) / scale == pytest.approx(np.zeros(4), abs=1e-6)


@pytest.mark.parametrize("name", ["diagonal", "quadratic", "symmetric", "bilinear"])
def test_slopes_by_differences_are_those_that_responses_carry(name):
    """A step's digits in ``log tau``, and those of its square along the path."""
    potential = get(name).bind(PowerLaw(1.25).spectrum(200))
    for path, log_tau in PLACES[1:4]:
        here = potential.response(path, log_tau)
        found = differenced(potential, here, log_tau, 1e-5)
        if here.slopes is None:
            by_tau = differences(
                lambda h, path=path, log_tau=log_tau: numbers(potential.response(path, log_tau + h))
            )
            by_path = differences(
                lambda h, path=path, log_tau=log_tau: numbers(potential.response(path + h, log_tau))
            )
            expected = [by_path[0], by_path[1], by_tau[0], by_tau[1], by_path[2], by_tau[2]]
        else:
            expected = list(here.slopes)
        scale = max(here.rho, here.dof)
        assert list(found)[:4] == pytest.approx(expected[:4], rel=1e-3, abs=1e-3 * scale)
        assert list(found)[4:] == pytest.approx(expected[4:], rel=1e-3, abs=1e-3)
