"""The bilinear network against matrices that are drawn, and against a minimiser of its own."""

from __future__ import annotations

import math

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.teacher import PowerLaw
from tests.networks.one_by_one import OneByOne


@pytest.mark.parametrize("log_tau", [-2.5, -1.0])
@pytest.mark.parametrize("c", [0.3, 1.5, 3.0])
@pytest.mark.parametrize(("m", "d"), [(100, 100), (60, 90), (30, 240)])
def test_the_potential_is_that_of_drawn_matrices(m: int, d: int, c: float, log_tau: float) -> None:
    rng, risks, dofs = np.random.default_rng(3), [], []
    spectrum = PowerLaw(1.25).spectrum(m)
    a = np.diag(spectrum.values() * math.exp(-log_tau)) @ np.eye(m, d)
    for _ in range(12):
        noise = rng.standard_normal((m, d)) / math.sqrt(d)
        u, s, v = np.linalg.svd(a + noise, full_matrices=False)
        fit = (u * np.maximum(s - c, 0.0)) @ v
        risks.append(float(((fit - a) ** 2).sum()))
        dofs.append(float((fit * noise).sum()))
    potential = OneByOne(spectrum, float(d))
    here = potential.response(potential.path_of(c, log_tau), log_tau)
    for measured, predicted in ((risks, here.rho), (dofs, here.dof)):
        stderr = float(np.std(measured, ddof=1)) / math.sqrt(12)
        # the next order is about one direction in all of the fewer ones
        assert abs(np.mean(measured) - predicted) <= 4 * stderr + 0.02 * predicted + 2e-3


def test_no_digits_cancel_where_all_features_are_far_above_the_noise() -> None:
    """``c = 1`` at d = 10^6, against the same integrals in extended precision (80 bits)."""
    potential = OneByOne(PowerLaw(1.25).spectrum(10**6))
    here = potential.response(0.0, -0.9 * math.log(10**6))
    assert here.rho == pytest.approx(128131.466729766563, rel=1e-13)
    assert here.dof == pytest.approx(268148.249044347675, rel=1e-13)


def test_panels_stand_for_all_features() -> None:
    teacher, log_tau = PowerLaw(0.8), -3.0
    all_of_them = ax.Values(teacher.spectrum(5000).values()).spectrum(5000)
    for columns in (5000.0, 12_000.0):
        for path in (-1.0, 0.0, 0.3, 1.0):
            fast, slow = (
                OneByOne(s, columns).response(path, log_tau) for s in (teacher.spectrum(5000), all_of_them)
            )
            assert fast.rho == pytest.approx(slow.rho, rel=1e-9)
            assert fast.dof == pytest.approx(slow.dof, rel=1e-9, abs=1e-9)


def minimised(m: int, d: int, n: int, lam: float, noise: float, seed: int) -> tuple[float, float]:
    """Error and relative duality gap of accelerated proximal gradient on Gaussian features."""
    rng = np.random.default_rng(seed)
    teacher = np.diag(math.sqrt(d) * PowerLaw(1.25).spectrum(m).values()) @ np.eye(m, d)
    x = rng.standard_normal((n, m * d)) / math.sqrt(d)
    y = x @ teacher.ravel() + math.sqrt(noise) * rng.standard_normal(n)
    step = 0.5 / np.linalg.norm(x, 2) ** 2
    s = point = np.zeros((m, d))
    momentum, gap = 1.0, math.inf
    for k in range(3000):
        pull = (x.T @ (y - x @ point.ravel())).reshape(m, d)
        u, values, v = np.linalg.svd(point + 2 * step * pull, full_matrices=False)
        new = (u * np.maximum(values - step * lam * d, 0.0)) @ v
        if float(((point - new) * (new - s)).sum()) > 0:
            momentum = 1.0
        following = (1 + math.sqrt(1 + 4 * momentum**2)) / 2
        point, s, momentum = new + (momentum - 1) / following * (new - s), new, following
        if k % 20 == 0:
            r = y - x @ s.ravel()
            steepest = np.linalg.norm((x.T @ r).reshape(m, d), 2)
            scale = min(float(r @ y) / float(r @ r), lam * d / (2 * steepest))
            objective = float(r @ r) + lam * d * float(np.linalg.svd(s, compute_uv=False).sum())
            gap = (objective - scale * (2 * float(r @ y) - scale * float(r @ r))) / objective
            if gap < 1e-6:
                break
    return float(((s - teacher) ** 2).sum()) / d, gap


@pytest.mark.parametrize(
    ("m", "d", "alpha", "lam", "noise"),
    [(24, 24, 0.5, 0.2, 0.1), (24, 24, 0.25, 0.3, 0.5), (14, 42, 0.25, 0.3, 0.2)],
)
def test_the_error_is_that_of_the_convex_problem(
    m: int, d: int, alpha: float, lam: float, noise: float
) -> None:
    seeds, n = 8, int(alpha * d * d)
    runs = [minimised(m, d, n, lam, noise, seed) for seed in range(seeds)]
    assert max(gap for _, gap in runs) < 1e-5
    errors = [error for error, _ in runs]
    p = ax.Problem("bilinear", gamma=1.25, d=d, rows=m, n=n, lam=lam, noise=noise)
    predicted = ax.solve(p).error
    # four standard errors, and the next order, one over the smaller size
    assert abs(np.mean(errors) - predicted) < 4 * np.std(errors) / math.sqrt(seeds) + predicted / m


@pytest.mark.parametrize("lam", [0.0, 1e-3, 0.3])
@pytest.mark.parametrize("rows", [1, 7, 200, 399])
def test_few_rows_are_solved_up_to_rounding(rows: int, lam: float) -> None:
    solution = ax.solve(
        ax.Problem("bilinear", gamma=1.25, d=400, rows=rows, n=50.0 * rows, lam=lam, noise=0.1)
    )
    assert solution.converged
    assert solution.residual < 1e-10
    assert 0.0 < solution.error < 1.2


def test_least_squares_beyond_the_number_of_entries() -> None:
    p = ax.Problem("bilinear", gamma=1.25, d=60, rows=20, n=1300, lam=0, noise=0.1)
    assert ax.solve(p).error == pytest.approx(0.1 * 1200 / (1300 - 1200), rel=1e-12)
    assert ax.solve(p.replace(n=1200)).error == math.inf


def test_as_many_rows_as_columns_is_square() -> None:
    p = ax.Problem("bilinear", gamma=1.25, d=300, n=20_000, lam=0.1, noise=0.1)
    square = ax.solve(p)
    assert ax.solve(p.replace(rows=300)).error == square.error
    shaped = OneByOne(p.spectrum, 300.0)
    plain = OneByOne(p.spectrum)
    assert shaped.response(0.1, -2.0) == plain.response(0.1, -2.0)
    # the ratio 1 is a limit, not a special case
    assert ax.solve(p.replace(rows=299)).error == pytest.approx(square.error, rel=3e-3)
    assert p.replace(rows=300).to_dict() == p.to_dict()
    assert p.replace(rows=20).to_dict()["rows"] == 20


@pytest.mark.parametrize("rows", [0, 61, 2.5, "many", True, math.nan])
def test_rows_out_of_range_are_named(rows: object) -> None:
    with pytest.raises(
        InvalidInput, match=r"rows = .* an integer number of rows >= 1, at most the 60 columns"
    ):
        ax.Problem("bilinear", gamma=1.25, d=60, rows=rows, n=100, lam=1, noise=1)  # type: ignore[arg-type]


def test_a_network_without_rows_is_refused_by_name() -> None:
    with pytest.raises(NotSupplied, match="quadratic: no fewer rows"):
        ax.Problem("quadratic", gamma=1.25, d=60, rows=20, n=100, lam=1, noise=1)
    with pytest.raises(NotSupplied, match="quadratic: no any aspect"):
        ax.phase_diagram("quadratic", aspect="1/2")


@pytest.mark.parametrize("share", [1, 3])
@pytest.mark.parametrize("power", [9, 60, 120])
def test_the_spectrum_in_any_dimension_is_that_of_outliers_beside_noise(power: int, share: int) -> None:
    """Features well beyond the noise, each where a lone one would be; noise learned a hair below its edge."""
    d = 10**power
    p = ax.Problem("bilinear", gamma=1.25, d=d, rows=d // share, n=float(d) ** 1.5, lam=1.0 / d, noise=1)
    law, solved = ax.spectrum(p, points=20), ax.solve(p)
    rho, log_tau = 1.0 / share, solved.log_delta - 0.5 * math.log(d)
    a = np.exp(p.spectrum.log_value(np.arange(1.0, 4.0)) - log_tau)
    alone = np.sqrt(a**2 + 1.0 + rho + rho / a**2)
    overlap = np.sqrt((a**4 - rho) ** 2 / (a**4 + a**2) / (a**4 + rho * a**2))
    for spike, x, share_of_it in zip(law.spikes[:3], alone, overlap, strict=True):
        place = math.exp(solved.log_delta) * x - math.exp(solved.log_eps)
        assert spike.position == pytest.approx(place, rel=0.02)
        assert spike.overlap == pytest.approx(share_of_it, rel=0.02)
    visible = p.spectrum.count_above(0.25 * math.log(rho) + log_tau)
    assert law.spike_count == pytest.approx(visible, rel=1e-3, abs=1)
    if (
        share == 1
    ):  # s = d (16/15 pi) t^5 and (4 d/3 pi) t^3 singular values learned, up to t^2 beyond the threshold
        nu = float(p.n) / d
        t = (15.0 * math.pi * nu / (16.0 * d)) ** 0.2
        learned = (1.0 - law.zero_mass) * d - visible
        if power < 16:
            assert learned == pytest.approx(4.0 * d / (3.0 * math.pi) * t**3, rel=0.05)
        top = law.points[-1] / math.exp(solved.log_delta)
        assert top == pytest.approx(t * t, rel=0.1)


@pytest.mark.parametrize("rows", [100, 40])
def test_the_spectrum_counts_what_drawn_matrices_have(rows: int) -> None:
    p = ax.Problem("bilinear", gamma=1.25, d=100, rows=rows, n=4000, lam=0.05, noise=0.3)
    law, solution, rng = ax.spectrum(p, points=400), ax.solve(p), np.random.default_rng(0)
    delta, eps, values, overlaps = math.exp(solution.log_delta), math.exp(solution.log_eps), [], []
    teacher = np.diag(10.0 * p.spectrum.values()) @ np.eye(rows, 100)
    for _ in range(20):
        noisy = teacher + rng.standard_normal((rows, 100)) * delta / 10.0
        u, s, v = np.linalg.svd(noisy, full_matrices=False)
        values.append(s - eps)
        overlaps.append(u[0, 0] * v[0, 0])
    seen = np.array(values)
    assert law.zero_mass == pytest.approx((seen <= 0).mean(), abs=0.01)
    for x in (0.3, 0.8):
        assert law.count_above(x) == pytest.approx((seen > x).sum() / 20, abs=0.7)
    inside = (seen > law.points[0]) & (seen < law.points[-1])
    assert float(np.trapezoid(law.density, law.points)) == pytest.approx(inside.mean(), abs=0.02)
    assert law.spikes[0].position == pytest.approx(seen[:, 0].mean(), abs=0.1)
    assert law.spikes[0].overlap == pytest.approx(np.mean(overlaps), abs=0.01)
