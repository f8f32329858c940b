"""The bilinear network against matrices that are drawn, and against a minimiser of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.errors import TooLarge
from asymptotix.networks.bilinear import SingularValues, least_error
from asymptotix.teacher import PowerLaw


@pytest.mark.parametrize("log_tau", [-2.5, -1.0])
@pytest.mark.parametrize("c", [0.3, 1.5, 3.0])
def test_the_potential_is_that_of_drawn_matrices(c: float, log_tau: float) -> None:
    d, rng, risks, dofs = 120, np.random.default_rng(3), [], []
    spectrum = PowerLaw(1.25).spectrum(d)
    a = np.diag(spectrum.values() * math.exp(-log_tau))
    for _ in range(12):
        noise = rng.standard_normal((d, d)) / math.sqrt(d)
        u, s, v = np.linalg.svd(a + noise)
        fit = (u * np.maximum(s - c, 0.0)) @ v
        risks.append(float(((fit - a) ** 2).sum()))
        dofs.append(float((fit * noise).sum()))
    potential = SingularValues(spectrum)
    here = potential.response(potential.path_of(c, log_tau), log_tau)
    assert here.c == pytest.approx(c, rel=1e-9)
    for measured, predicted in ((risks, here.rho), (dofs, here.dof)):
        stderr = float(np.std(measured, ddof=1)) / math.sqrt(12)
        # the next order in 1/d is about one direction in all
        assert abs(np.mean(measured) - predicted) <= 4 * stderr + 0.02 * predicted


def test_panels_stand_for_all_features() -> None:
    teacher, log_tau = PowerLaw(0.8), -3.0
    all_of_them = ax.Values(teacher.spectrum(5000).values()).spectrum(5000)
    for path in (-1.0, 0.0, 0.3, 1.0):
        fast, slow = (
            SingularValues(s).response(path, log_tau) for s in (teacher.spectrum(5000), all_of_them)
        )
        assert fast.rho == pytest.approx(slow.rho, rel=1e-8)
        assert fast.dof == pytest.approx(slow.dof, rel=1e-8, abs=1e-8)


def minimised(d: int, n: int, lam: float, noise: float, seed: int) -> tuple[float, float]:
    """Error and relative duality gap of accelerated proximal gradient on Gaussian features."""
    rng = np.random.default_rng(seed)
    teacher = np.diag(math.sqrt(d) * PowerLaw(1.25).spectrum(d).values())
    x = rng.standard_normal((n, d * d)) / math.sqrt(d)
    y = x @ teacher.ravel() + math.sqrt(noise) * rng.standard_normal(n)
    step = 0.5 / np.linalg.norm(x, 2) ** 2
    s = point = np.zeros((d, d))
    momentum, gap = 1.0, math.inf
    for k in range(3000):
        u, values, v = np.linalg.svd(point + 2 * step * (x.T @ (y - x @ point.ravel())).reshape(d, d))
        new = (u * np.maximum(values - step * lam * d, 0.0)) @ v
        if float(((point - new) * (new - s)).sum()) > 0:
            momentum = 1.0
        following = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
        point, s, momentum = new + (momentum - 1) / following * (new - s), new, following
        if k % 20 == 0:
            r = y - x @ s.ravel()
            steepest = np.linalg.norm((x.T @ r).reshape(d, d), 2)
            scale = min(float(r @ y) / float(r @ r), lam * d / (2 * steepest))
            objective = float(r @ r) + lam * d * float(np.linalg.svd(s, compute_uv=False).sum())
            gap = (objective - scale * (2 * float(r @ y) - scale * float(r @ r))) / objective
            if gap < 1e-6:
                break
    return float(((s - teacher) ** 2).sum()) / d, gap


@pytest.mark.parametrize(("alpha", "lam", "noise"), [(0.5, 0.2, 0.1), (0.25, 0.3, 0.5)])
def test_the_error_is_that_of_the_convex_problem(alpha: float, lam: float, noise: float) -> None:
    d, seeds = 24, 8
    n = int(alpha * d * d)
    runs = [minimised(d, n, lam, noise, seed) for seed in range(seeds)]
    assert max(gap for _, gap in runs) < 1e-5
    errors = [error for error, _ in runs]
    predicted = ax.solve(ax.Problem("bilinear", gamma=1.25, d=d, n=n, lam=lam, noise=noise)).error
    # four standard errors, and the next order in 1/d
    assert abs(np.mean(errors) - predicted) < 4 * np.std(errors) / math.sqrt(seeds) + predicted / d


def test_an_error_beyond_doubles_is_refused() -> None:
    with pytest.raises(TooLarge, match="at most 1e\\+08 for a bilinear network"):
        ax.solve(ax.Problem("bilinear", gamma=1.25, d=10**9, n=10**12, lam=0.1, noise=0.1))
    with pytest.raises(TooLarge, match="at most 400"):
        least_error(SingularValues(PowerLaw(1.25).spectrum(500)), -1.0)


def test_the_spectrum_counts_what_drawn_matrices_have() -> None:
    p = ax.Problem("bilinear", gamma=1.25, d=100, n=4000, lam=0.05, noise=0.3)
    law, solution, rng = ax.spectrum(p), ax.solve(p), np.random.default_rng(0)
    delta, counts = math.exp(solution.log_delta), []
    for _ in range(10):
        z = rng.standard_normal((100, 100)) * delta / 10.0
        s = np.linalg.svd(np.diag(10.0 * p.spectrum.values()) + z, compute_uv=False)
        counts.append(float((s <= math.exp(solution.log_eps)).mean()))
    assert law.zero_mass == pytest.approx(np.mean(counts), abs=0.01)
