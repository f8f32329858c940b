"""Slopes along the line of thresholds of matrices of any shape, in many dimensions, where angles are positions."""

from __future__ import annotations

import math

import pytest

from asymptotix import PowerLaw
from asymptotix.networks.oblong_values import OblongValues
from asymptotix.networks.square_values import SquareValues


@pytest.mark.parametrize("log_tau", [-9.0, -5.0])
@pytest.mark.parametrize("path", [-2.0, 0.5, 2.0, 3.0, 9.0])
@pytest.mark.parametrize("columns", [None, 10**6, 4 * 10**6, 10**12])
def test_slopes_are_differences(columns: int | None, path: float, log_tau: float) -> None:
    spectrum = PowerLaw(1.25).spectrum(10**6)
    potential = SquareValues(spectrum) if columns is None else OblongValues(spectrum, float(columns))
    here, h = potential.response(path, log_tau), 1e-5
    assert here.slopes is not None
    for k, (x, y) in enumerate(((h, 0.0), (0.0, h))):
        up, down = (potential.response(path + s * x, log_tau + s * y) for s in (1.0, -1.0))
        assert here.slopes[4 + k] == pytest.approx(math.log(up.c / down.c) / (2.0 * h), rel=1e-5, abs=1e-6)
        for j, name in enumerate(("rho", "dof")):
            difference = (getattr(up, name) - getattr(down, name)) / (2.0 * h)
            scale = abs(difference) + getattr(here, name)
            assert here.slopes[2 * k + j] == pytest.approx(difference, abs=1e-5 * scale)


@pytest.mark.parametrize("columns", [10**6, 4 * 10**6])
def test_positions_are_angles_between_the_joints(columns: int) -> None:
    """Of the point ``s`` on the curve of squares: half its angle is that of its root."""
    potential = OblongValues(PowerLaw(1.25).spectrum(10**6), float(columns))
    line = potential.line(-5.0)
    (low, c_low), (high, c_high) = line.joints
    assert (low, low < high) == (0.0, True)
    for path in (0.3 * high, 0.8 * high):
        here = line.at(path)
        half = 0.5 * math.atan2(here.point.imag, here.point.real)
        assert math.log(1.0 / math.tan(half)) == pytest.approx(path, rel=1e-9)
        assert c_low < here.c < c_high
        assert line.threshold_at(here.point) == pytest.approx(here.c, rel=1e-10)
        assert potential.path_of(here.c, -5.0) == pytest.approx(path, rel=1e-5)
    # beyond both: on the scale of 1, and on that of the noise's width
    apart = math.log(2.0) + math.log1p(math.log(2.0) * math.sqrt(columns / 1e6))
    assert potential.path_of(0.5 * c_low, -5.0) == pytest.approx(low - apart, rel=1e-9)
    assert potential.path_of(2.0 * c_high, -5.0) == pytest.approx(high + apart, rel=1e-9)
    assert potential.path_of(0.0, -5.0) == -math.inf
    free = line.at(-math.inf)
    assert (free.c, free.rho, free.dof, free.rho_below, free.dof_below) == (0.0, 1e6, 1e6, 0.0, 0.0)
    assert line.top == pytest.approx(math.exp(line.atoms.log_largest / 2.0 + 5.0) + 2.5, rel=1e-12)
    assert line.bottom == 0.0
    assert potential.among_squares(2j) == 2j
    assert SquareValues(PowerLaw(1.25).spectrum(9)).among_squares(2j) == -4
