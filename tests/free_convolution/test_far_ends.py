"""What is taken all at once far from every pole is what one after the other makes of it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from asymptotix import arrays
from asymptotix.free_convolution import oblong, view
from asymptotix.networks.oblong_values import OblongValues
from asymptotix.teacher import PowerLaw


@pytest.mark.parametrize(
    ("d", "rows"), [(7, 3), (1000, 500), (1000, 999), (10**12, 10**11), (10**60, 10**59)]
)
@pytest.mark.parametrize("c", [0.3, 1.1, 2.5])
def test_a_ray_may_end_anywhere_beyond_all_poles(d, rows, c, monkeypatch):
    potential = OblongValues(PowerLaw(1.25).spectrum(rows), columns=float(d))
    for log_tau in (-3.0, -0.2 * math.log(d), -math.log(d)):
        found = []
        for beyond in (oblong._BEYOND, 1e6):
            monkeypatch.setattr(oblong, "_BEYOND", beyond)
            here = potential.response(potential.path_of(c, log_tau), log_tau)
            found.append((here.rho, here.dof))
        assert found[0] == pytest.approx(found[1], rel=1e-14)  # rounding of some hundred nodes


@pytest.mark.parametrize("shape", [(64,), (5, 30), (300,)])
def test_powers_by_doubling_keep_small_imaginary_parts(shape, monkeypatch):
    angle = np.geomspace(1e-12, 1e-2, int(np.prod(shape))).reshape(shape)
    x = np.linspace(0.1, 0.9, shape[-1]) * np.exp(1j * angle)
    matrix = np.geomspace(1.0, 3.0, 2 * 61).reshape(61, 2)
    matrix = np.broadcast_to(matrix, (*shape[:-1], 61, 2))
    found = view.power_series(x, matrix)
    monkeypatch.setattr(arrays, "_MANY", 10**9)
    one_by_one = view.power_series(x, matrix)
    for part in ("real", "imag"):
        # sixty products, each good to two units of rounding, of either kind
        assert getattr(found, part) == pytest.approx(getattr(one_by_one, part), rel=5e-14)
