"""The law of learned eigenvalues against free convolution point by point: see `tests.risk.law_of_bands`."""

from __future__ import annotations

import numpy as np
import pytest

from asymptotix import Problem, solve
from asymptotix.equations import System
from asymptotix.risk.decomposition import response_at
from asymptotix.spectrum.eigenvalue_law import spectral_law
from tests.risk.law_of_bands import Law


@pytest.mark.parametrize(
    ("network", "d", "n", "lam"),
    [
        ("quadratic", 30, 300.0, 0.05),
        ("quadratic", 30, 900.0, 0.6),
        ("symmetric", 30, 300.0, 0.05),
        ("symmetric", 20, 2000.0, 0.5),
    ],
)
def test_every_entry_of_the_law(network: str, d: int, n: float, lam: float) -> None:
    solution = solve(Problem(network, gamma=1.25, d=d, n=n, lam=lam, noise=0.5))
    system = System.of(solution.problem)
    response, log_tau = response_at(solution, system)
    found = spectral_law(system.potential, response, log_tau)
    c, two_sided = response.c, network == "symmetric"
    assert c == pytest.approx(solution.eps / solution.delta, rel=1e-9)
    a = solution.problem.spectrum.values() * np.sqrt(d) / solution.delta
    places = [c, c + 0.2, c + 0.9, -c, -c - 0.3]
    law = Law.of(a, *places)
    mass = law.overlaps.sum(axis=0)
    bulk_top = max(high for low, high in law.bands if low < 0)
    top, bottom = bulk_top - c, law.bands[0][0] + c
    if top > 0:
        assert found.edges[1] == pytest.approx(top, rel=1e-8)
        assert found.edges[0] == pytest.approx(min(bottom, 0.0) if two_sided else 0.0, rel=1e-8)
    learned = mass[law.x > c].sum() + (mass[law.x < -c].sum() if two_sided else 0.0)
    outliers = round(mass[law.x > bulk_top].sum())
    assert found.spike_count == outliers
    assert found.zero_mass == pytest.approx(1 - learned / d, abs=1e-9)
    assert found.learned_noise == pytest.approx(learned - outliers, abs=1e-7)
    assert found.detached
    for x in (0.0, 0.2, 0.9):
        assert found.above(x) == pytest.approx(mass[law.x > c + x].sum(), abs=1e-7)
    # density: what lies between two places
    points, weights = np.polynomial.legendre.leggauss(30)
    for low, high, shift in ((c + 0.2, c + 0.9, -c), *(((-c - 0.3, -c, c),) if two_sided else ())):
        if c + 0.9 > bulk_top or -c - 0.3 < law.bands[0][0]:
            continue
        x = 0.5 * (low + high) + 0.5 * (high - low) * points
        share = 0.5 * (high - low) * float(weights @ found.density(x + shift - (1e-12 if shift > 0 else 0)))
        exact = mass[(law.x > low) & (law.x < high)].sum() / d
        assert share == pytest.approx(exact, rel=1e-6)
    for (position, overlap), feature in zip(found.spikes, -np.sort(-a), strict=False):
        others = a[np.abs(a - feature) > 1e-9]
        assert position == pytest.approx(feature + (1 / (feature - others)).sum() / d - c, rel=1e-9)
        assert overlap == pytest.approx(1 - (1 / (feature - others) ** 2).sum() / d, rel=1e-9)
