"""Parts of the error of few hidden units, pair by pair on the real line: see `law_of_bands`."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from asymptotix import Problem, decompose, solve
from tests.risk.law_of_bands import Law


def quantile(a: np.ndarray, count: int, least: float) -> float:
    """The place with so many eigenvalues beyond; in a gap any place of it."""
    law = Law.of(a)
    for (_, high), (low, _) in zip(law.bands, law.bands[1:], strict=False):
        beyond = law.overlaps[:, law.x > high].sum()
        if abs(beyond - count) < 1e-9:
            return 0.5 * (high + low)

    def excess(x: float) -> float:
        here = Law.of(a, x)
        return float(here.overlaps[:, here.x > x].sum()) - count

    return float(brentq(excess, least, law.bands[-1][1] - 1e-9, xtol=1e-13))


@pytest.mark.parametrize(
    ("d", "n", "lam", "width"),
    [
        (20, 400.0, 0.02, 1),  # most visible features are not held
        (20, 400.0, 0.02, 2),
        (20, 1500.0, 0.01, 3),
        (20, 400.0, 0.02, 6),  # the cut is in the bulk
        (20, 120.0, 0.0, 3),
        (16, 2000.0, 0.0, 2),
    ],
)
def test_every_pair_of_a_feature_and_a_direction(d: int, n: float, lam: float, width: int) -> None:
    p = Problem("quadratic", gamma=1.25, d=d, n=n, lam=lam, noise=0.3, width=width)
    solution, parts = solve(p), decompose(p)
    assert solution.constraint in ("width", "both")
    c = solution.eps / solution.delta
    a = np.sort(p.spectrum.values() * np.sqrt(d) / solution.delta)
    q = quantile(a, width, c)
    law = Law.of(a, q, c)
    learned, tau2 = np.where(law.x > q, law.x - c, 0.0), solution.delta**2 / d
    bulk = max(high for low, high in law.bands if low < 0)
    mass = law.overlaps.sum(axis=0)
    outliers = round(mass[law.x > bulk].sum())
    # visible features are outliers beyond the threshold, and held if there is a unit for them
    visible = round(
        sum(mass[(law.x > low) & (law.x < high)].sum() for low, high in law.bands if low > bulk and high > c)
    )
    held = min(visible, width)
    rank = np.arange(d)[::-1]  # the largest feature is of rank 0
    on, outlier = law.x > q, law.x > bulk
    over = law.pairs(learned, rank >= held, on & ~outlier) * tau2
    under = law.pairs(learned, rank >= visible, ~on) * tau2
    missed = law.pairs(learned, (rank >= held) & (rank < visible), ~on) * tau2
    every = law.pairs(learned, rank >= 0, on | ~on) * tau2
    assert every == pytest.approx(solution.error, rel=1e-8)
    assert outliers >= visible
    assert parts.features == held
    found = parts.overfitting, parts.underfitting, parts.width_limited, parts.approximation
    exact = over, under, missed, every - over - under - missed
    assert found == pytest.approx(exact, rel=1e-7, abs=1e-10)
    assert parts.hidden_energy == pytest.approx((law.a[rank >= visible] ** 2).sum() * tau2, rel=1e-9)
    assert parts.learned_noise == pytest.approx(mass[on & ~outlier].sum(), rel=1e-7, abs=1e-9)
    assert parts.bulk_moment == pytest.approx((mass * learned**2)[~outlier].sum() * tau2, rel=1e-7, abs=1e-12)
    assert parts.residual < 1e-9


@pytest.mark.parametrize("width", [18, 20])
def test_units_enough_are_as_good_as_all(width: int) -> None:
    p = Problem("quadratic", gamma=1.25, d=20, n=400, lam=0.5, noise=0.3)
    one, other = decompose(p), decompose(p.replace(width=width))
    for name in ("overfitting", "underfitting", "approximation", "features", "hidden_energy"):
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=1e-10)
    assert other.width_limited == 0.0
