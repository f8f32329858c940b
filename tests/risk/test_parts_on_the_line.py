"""Parts of a spectral network's error, pair by pair on the real line: see `law_of_bands`."""

from __future__ import annotations

import numpy as np
import pytest

from asymptotix import Problem, Solution, decompose, solve
from asymptotix.risk import bayes_error
from tests.risk.law_of_bands import Law

#: Network, features (of ``d``), samples, weight decay: thresholds in the bulk and in gaps, most features hidden or few.
CASES = [
    ("quadratic", 30, 300.0, 0.05),
    ("quadratic", 30, 300.0, 0.5),
    ("quadratic", 12, 400.0, 0.01),
    ("quadratic", 40, 5000.0, 0.6),
    ("symmetric", 30, 300.0, 0.05),
    ("symmetric", 30, 900.0, 0.5),
    ("symmetric", 12, 400.0, 0.02),
    ("bilinear", 15, 300.0, 0.05),
    ("bilinear", 20, 900.0, 0.5),
]


def features(solution: Solution) -> np.ndarray:
    """In units of ``tau``; of a bilinear network those of both signs."""
    p = solution.problem
    a = p.spectrum.values() * np.sqrt(p.d) / solution.delta
    return np.concatenate([a, -a]) if p.network == "bilinear" else a


@pytest.mark.parametrize(("network", "d", "n", "lam"), CASES)
def test_every_pair_of_a_feature_and_a_direction(network: str, d: int, n: float, lam: float) -> None:
    solution = solve(Problem(network, gamma=1.25, d=d, n=n, lam=lam, noise=0.5))
    c, two_sided = solution.eps / solution.delta, network != "quadratic"
    law = Law.of(features(solution), c, *([-c] if two_sided else []))
    parts = decompose(solution.problem)
    # as many outliers as features are visible; with both signs on either side
    bulk = max(high for low, high in law.bands if low < 0 or abs(low) < 1e-9)
    visible = law.a > law.a[-1 - int(parts.features)] if parts.features < law.a.size else law.a == law.a
    outlier = law.x > bulk
    if network == "bilinear":
        visible, outlier = visible | visible[::-1], np.abs(law.x) > bulk
    learned = np.maximum(law.x - c, 0.0)
    if two_sided:
        learned += np.minimum(law.x + c, 0.0)
    hidden, within, half = ~visible, ~outlier, 0.5 if network == "bilinear" else 1.0
    tau2 = half * solution.delta**2 / d
    over = law.pairs(learned, hidden, within & (learned != 0)) * tau2
    under = law.pairs(learned, hidden, learned == 0) * tau2
    every = law.pairs(learned, hidden | visible, within | outlier) * tau2
    assert every == pytest.approx(solution.error, rel=1e-9)
    assert parts.overfitting == pytest.approx(over, rel=1e-8, abs=1e-10)
    assert parts.underfitting == pytest.approx(under, rel=1e-8, abs=1e-10)
    assert parts.approximation == pytest.approx(every - over - under, rel=1e-8, abs=1e-10)
    mass = law.overlaps[:, within & (learned != 0)].sum() * half
    assert parts.learned_noise == pytest.approx(mass, rel=1e-8, abs=1e-10)
    square = ((learned**2 * law.overlaps.sum(axis=0))[within]).sum() * tau2
    assert parts.bulk_moment == pytest.approx(square, rel=1e-8, abs=1e-10)
    assert parts.hidden_energy == pytest.approx((law.a[hidden] ** 2).sum() * tau2, rel=1e-9)
    assert parts.residual < 1e-9


@pytest.mark.parametrize(
    ("network", "d", "n"), [("quadratic", 30, 300.0), ("symmetric", 30, 2000.0), ("bilinear", 15, 300.0)]
)
def test_the_least_error_balances_what_the_best_denoiser_leaves(network: str, d: int, n: float) -> None:
    """On every direction the mean of the features, weighted by their overlaps with it."""
    p = Problem(network, gamma=1.25, d=d, n=n, lam=0, noise=0.5)
    error = bayes_error(p)
    # nu tau^2 = noise' + R tells tau, in the units of the network
    units = p.net.units
    tau2 = (float(units.noise) * 0.5 + error) / (float(units.samples) * p.n_eff)
    a = p.spectrum.values() / np.sqrt(tau2)
    law = Law.of(np.concatenate([a, -a]) if network == "bilinear" else a)
    mean = (law.a @ law.overlaps) / law.overlaps.sum(axis=0)
    left = law.pairs(mean, law.a == law.a, law.x == law.x) * tau2 * (0.5 if network == "bilinear" else 1.0)
    assert error == pytest.approx(left, rel=1e-8)
