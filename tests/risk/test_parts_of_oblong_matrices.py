"""Parts and least errors of matrices of fewer rows than columns, pair by pair: see `law_of_singular_values`."""

from __future__ import annotations

import numpy as np
import pytest

from asymptotix import Problem, decompose, solve
from asymptotix.equations import System
from asymptotix.risk.bayes import mmse
from tests.risk.law_of_singular_values import SingularLaw


@pytest.mark.parametrize(
    ("d", "rows", "n", "lam"),
    [(20, 10, 400.0, 0.05), (20, 10, 900.0, 0.5), (30, 9, 600.0, 0.6), (16, 15, 300.0, 0.05)],
)
def test_every_pair_of_a_feature_and_a_direction(d: int, rows: int, n: float, lam: float) -> None:
    solution = solve(Problem("bilinear", rows=rows, gamma=1.25, d=d, n=n, lam=lam, noise=0.5))
    c, parts = solution.eps / solution.delta, decompose(solution.problem)
    law = SingularLaw.of(solution.problem.spectrum.values() * np.sqrt(d) / solution.delta, d, c)
    outlier = law.x > law.bands[-1 - int(parts.features)][1]
    hidden = np.arange(rows) < rows - parts.features
    learned = np.maximum(law.x - c, 0.0)
    some, tau2 = learned > 0, solution.delta**2 / d
    over = (law.pairs(learned, hidden, some & ~outlier) + law.without(learned, some & ~outlier)) * tau2
    under = law.pairs(learned, hidden, ~some) + (law.a**2 * law.at_zero)[hidden].sum()
    near = law.pairs(learned, ~hidden, some | ~some) + (law.a**2 * law.at_zero)[~hidden].sum()
    near += law.pairs(learned, hidden, outlier) + law.without(learned, outlier)
    found = parts.overfitting, parts.underfitting, parts.approximation, parts.error
    assert found == pytest.approx((over, under * tau2, near * tau2, solution.error), rel=1e-6)
    assert over + under * tau2 + near * tau2 == pytest.approx(solution.error, rel=1e-7)
    every = (law.plus + law.minus).sum(axis=0) + (d - rows) * law.spare
    assert parts.learned_noise == pytest.approx(every[some & ~outlier].sum(), rel=1e-6)
    assert parts.bulk_moment == pytest.approx((learned**2 * every)[~outlier].sum() * tau2, rel=1e-6)
    assert parts.hidden_energy == pytest.approx((law.a[hidden] ** 2).sum() * tau2, rel=1e-9)
    assert parts.residual < 1e-9


@pytest.mark.parametrize(
    ("d", "rows", "log_tau", "good"),
    [  # without outliers exact; with some as good as the noise in them, of 1/d, is known
        (20, 10, 0.5, 3e-8),
        (30, 9, 1.0, 3e-8),
        (40, 35, 0.3, 3e-8),
        (20, 10, -1.0, 2e-3),
        (30, 15, -4.0, 2e-3),
    ],
)
def test_the_best_denoiser_takes_the_mean_along_each_direction(
    d: int, rows: int, log_tau: float, good: float
) -> None:
    system = System.of(Problem("bilinear", rows=rows, gamma=1.25, d=d, n=1000, lam=1, noise=0.5))
    law = SingularLaw.of(system.potential.spectrum.values() * np.exp(-log_tau), d)
    every = (law.plus + law.minus).sum(axis=0) + (d - rows) * law.spare
    mean = law.a @ (law.plus - law.minus) / every
    left = law.pairs(mean, law.a > 0, law.x > 0) + law.without(mean, law.x > 0) + law.a**2 @ law.at_zero
    assert mmse(system, log_tau) == pytest.approx(left, rel=good)


@pytest.mark.parametrize(
    ("gamma", "d", "rows", "n_eff", "lam"),
    [
        (1.25, 1e6, 1e5, 1e4, 0.0),  # fewer samples than rows learn a part of the noise
        (
            1.25,
            1e6,
            1e3,
            3e3,
            1e-3,
        ),  # visible features are near 0, and that of the columns beyond the rows is not
        (1.25, 1e9, 1e3, 3e3, 1e-3),
        (3.0, 3.906e12, 268_400, 765_000, 1.4e-4),  # all of the bulk is as narrow as its end is of many rows
        (1.25, 1e12, 1e5, 3e5, 1e-3),
        (1.25, 1e28, 3.816e21, 9.79e19, 0.0),
        (2.0, 6.879e14, 5708, 183, 0.0),  # the curve is lower than rounding of many rows: that is no gap
    ],
)
def test_parts_of_few_rows_are_the_error(
    gamma: float, d: float, rows: float, n_eff: float, lam: float
) -> None:
    """Three integrals that share no path, none of them settled by the others."""
    p = Problem("bilinear", gamma=gamma, d=int(d), rows=int(rows), n=n_eff * d, lam=lam, noise=1.0)
    parts = decompose(p)
    assert parts.residual < 1e-10
    assert parts.learned_noise == pytest.approx(rows - parts.features, rel=1e-7) or lam == 0.0
    assert 0.0 < parts.underfitting < parts.hidden_energy
