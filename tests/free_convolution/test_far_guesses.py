"""A point of the plane is the same from wherever the search for it begins."""

from __future__ import annotations

import pytest

from asymptotix import PowerLaw
from asymptotix.networks.oblong_values import OblongValues


@pytest.mark.parametrize("log_tau", [-3.0, -1.0])
@pytest.mark.parametrize(("d", "columns"), [(200, 220.0), (30, 60.0)])
def test_far_guesses_lead_to_the_same_square(d: int, columns: float, log_tau: float) -> None:
    plane = OblongValues(PowerLaw(1.25).spectrum(d), columns).line(log_tau).plane
    for c in (0.1, 0.4, 0.8, 1.2, 1.7, 2.2, 4.0, 9.0):
        point = plane.solve(c)
        for near in (1e3 + 1e-3j, 1e-3 + 10j, 50 + 50j, 0.01 + 1e-4j, -5 + 3j):
            assert plane.solve(c, near) == pytest.approx(point, rel=1e-9)
