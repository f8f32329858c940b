"""Everything learned on unequal inputs with hardly any noise: every direction is a degree of freedom."""

from __future__ import annotations

import math

import pytest

import asymptotix as ax
from asymptotix.equations import System


@pytest.mark.parametrize("share", [1e-2, 1e-4, 1e-8])
@pytest.mark.parametrize("d", [50, 1e6])
def test_all_is_learned_however_little_the_noise(share: float, d: float) -> None:
    potential = System.of(
        ax.Problem("quadratic", gamma="3/4", beta="1/2", d=d, n=d * d, lam=1, noise=1)
    ).potential
    log_tau = math.log(share) - 0.75 * math.log(d)
    found = potential.response(potential.path_of(1e-3, log_tau), log_tau)
    assert found.dof == pytest.approx(d, rel=1e-5)
    assert found.rho == pytest.approx(d * (1 + 1e-6 * (d + 1) / 2), rel=1e-5)
