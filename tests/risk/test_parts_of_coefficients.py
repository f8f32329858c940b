"""Parts of the error of networks of coefficients: every integral over the noise, coefficient by coefficient."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq

from asymptotix import Problem, decompose, solve
from asymptotix.teacher import FiniteRank, PowerLaw, Teacher

Map = Callable[[np.ndarray], np.ndarray]
_NODES = np.polynomial.legendre.leggauss(60)


def parts_of(a: np.ndarray, estimate: Map, threshold: float, sides: int) -> dict[str, float]:
    """In units of ``tau``: ``estimate`` of ``y``, which is 0 below the threshold."""
    found = dict.fromkeys(("over", "under", "near", "visible", "learned", "moment", "energy"), 0.0)
    reach = threshold + float(a.max()) + 12.0
    cuts = [0.0, threshold, *np.arange(threshold + 1.0, reach, 1.0)]
    places = np.unique(np.concatenate([cuts, np.negative(cuts), np.arange(-reach, reach, 1.0)]))
    low, high = places[:-1, None], places[1:, None]
    y = (low + 0.5 * (high - low) * (1.0 + _NODES[0])).ravel()
    dy = (0.5 * (high - low) * _NODES[1]).ravel()
    size = np.abs(y) if sides == 2 else y
    u = np.where(size > threshold, np.sign(y) * estimate(np.maximum(size, threshold)), 0.0)
    seen = size > threshold
    for x in a:
        mass = np.exp(-0.5 * (y - x) ** 2) / math.sqrt(2.0 * math.pi) * dy
        square = mass * (u - x) ** 2
        if x > max(threshold, 1.0):
            found["near"] += square.sum()
            found["visible"] += 1
            continue
        found["over"] += square[seen].sum()
        found["under"] += square[~seen].sum()
        found["learned"] += mass[seen].sum()
        found["moment"] += (mass * u * u).sum()
        found["energy"] += x * x
    return found


def proximal(c: float, q: float) -> tuple[Map, float]:
    """The minimum of ``(u - y)^2/2 + c |u|^q``, and from where on it is not 0."""

    def stationary(y: float) -> float:
        least = (c * q * (1.0 - q)) ** (1.0 / (2.0 - q))  # the slope is least there
        return float(brentq(lambda u: u - y + c * q * u ** (q - 1.0), least, y, xtol=1e-15))

    def gains(y: float) -> float:
        u = stationary(y)
        return 0.5 * y * y - 0.5 * (u - y) ** 2 - c * u**q

    lowest = (c * q * (1.0 - q)) ** (1.0 / (2.0 - q)) * (1.0 + 1.0 / (1.0 - q))
    return np.vectorize(stationary), float(brentq(gains, lowest * (1 + 1e-12), 100.0 + 100.0 * c, xtol=1e-15))


def assert_parts(
    problem: Problem, estimate: Map, threshold: float, sides: int = 2, rel: float = 1e-9
) -> None:
    solution, parts = solve(problem), decompose(problem)
    a = np.append(problem.spectrum.values(), np.zeros(int(problem.d - problem.spectrum.values().size)))
    found = parts_of(a * math.sqrt(problem.d) / solution.delta, estimate, threshold, sides)
    tau2 = solution.delta**2 / problem.d
    assert (parts.features, parts.learned_noise) == pytest.approx(
        (found["visible"], found["learned"]), rel=rel
    )
    named = parts.overfitting, parts.underfitting, parts.approximation, parts.bulk_moment, parts.hidden_energy
    exact = (tau2 * found[name] for name in ("over", "under", "near", "moment", "energy"))
    assert named == pytest.approx(tuple(exact), rel=rel, abs=1e-13)
    assert parts.error == pytest.approx(solution.error, rel=1e-14)
    assert parts.residual < 1e-10
    assert parts.width_limited == 0.0
    assert parts.outlier_error == pytest.approx(
        parts.error - parts.bulk_moment - parts.hidden_energy, rel=1e-12
    )
    split = parts.overfitting + parts.underfitting
    assert parts.interaction == pytest.approx(split - parts.bulk_moment - parts.hidden_energy, abs=1e-12)


TEACHERS: list[Teacher] = [PowerLaw(1.25), PowerLaw(0.7), FiniteRank([1.0, 0.7, 0.05, 0.001])]


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize(("network", "sides"), [("diagonal", 2), ("nonnegative", 1)])
@pytest.mark.parametrize(("n", "lam"), [(20, 0.02), (70, 0.3), (3000, 0.5), (15, 30.0)])
def test_soft_thresholds(teacher: Teacher, network: str, sides: int, n: int, lam: float) -> None:
    problem = Problem(network, teacher=teacher, d=60, n=n, lam=lam, noise=0.4)
    solution = solve(problem)
    c = solution.eps / solution.delta
    assert_parts(problem, lambda y: y - c, c, sides)


@pytest.mark.parametrize(("network", "sides"), [("diagonal", 2), ("nonnegative", 1)])
@pytest.mark.parametrize(("n", "lam", "noise"), [(600, 0.03, 0.4), (1500, 1.0, 0.4), (600, 0.5, 90.0)])
def test_sums_over_many_coefficients(network: str, sides: int, n: int, lam: float, noise: float) -> None:
    """With much noise most are so small that their powers are summed."""
    problem = Problem(network, gamma=1.1, d=1300, n=n, lam=lam, noise=noise)
    solution = solve(problem)
    c = solution.eps / solution.delta
    assert_parts(problem, lambda y: y - c, c, sides)


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize(("n", "lam", "ridge"), [(20, 0.02, 1.0), (70, 0.3, 0.2), (3000, 0.5, 3.0)])
def test_soft_thresholds_and_shrinkage(teacher: Teacher, n: int, lam: float, ridge: float) -> None:
    problem = Problem("elastic-net", teacher=teacher, d=60, n=n, lam=lam, noise=0.4, ridge=ridge)
    solution = solve(problem)
    c, k = solution.eps / solution.delta, 1.0 / (1.0 + ridge * solution.eps)
    assert_parts(problem, lambda y: k * (y - c), c)


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize("depth", [3, 4])
@pytest.mark.parametrize(("n", "lam"), [(70, 0.3), (3000, 0.5)])
def test_estimates_that_jump(teacher: Teacher, depth: int, n: int, lam: float) -> None:
    """Weights ``theta = u^L``: ``|theta|^q`` with ``q = 2/L``."""
    problem = Problem("diagonal", teacher=teacher, d=60, n=n, lam=lam, noise=0.4, depth=depth)
    solution, q = solve(problem), 2.0 / depth
    estimate, threshold = proximal(solution.eps / solution.delta * solution.delta ** (q - 1.0), q)
    assert_parts(problem, estimate, threshold)


@pytest.mark.parametrize("more", [{}, {"depth": 3}])
def test_nothing_is_shrunk_without_penalty_among_samples_enough(more: dict[str, Any]) -> None:
    """Least squares: every coordinate has the noise."""
    problem = Problem("diagonal", gamma=1.25, d=60, n=150, lam=0, noise=2, **more)
    parts, solution = decompose(problem), solve(problem)
    a = problem.spectrum.values() * math.sqrt(60) / solution.delta
    hidden, tau2 = a[a <= 1.0], solution.delta**2 / 60
    assert parts.overfitting == pytest.approx(hidden.size * tau2, rel=1e-12)
    assert parts.approximation == pytest.approx((60 - hidden.size) * tau2, rel=1e-12)
    assert (parts.underfitting, parts.features, parts.learned_noise) == (0.0, 60 - hidden.size, hidden.size)
    assert parts.hidden_energy == pytest.approx((hidden**2).sum() * tau2, rel=1e-12)
    assert parts.bulk_moment == pytest.approx((hidden.size + (hidden**2).sum()) * tau2, rel=1e-12)
