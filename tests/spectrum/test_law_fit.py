"""The law that is fitted: against draws from it, against problems whose answer is known, and back to its parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import asymptotix as ax
from asymptotix.spectrum.law_fit import Coefficients, Eigenvalues, Fit, Fitted, Parameters
from asymptotix.spectrum.starting_points import readings_from, screened, start
from asymptotix.spectrum.training_run import Known

HERE = Parameters(1.3, 6.0, 0.4, 1.2)


def coefficients(p: Parameters, d: int, two_sided: bool, draws: int, seed: int = 0) -> np.ndarray:
    a = p.largest * np.arange(1, d + 1) ** -p.gamma
    noisy = a + p.delta * np.random.default_rng(seed).normal(size=(draws, d))
    return np.sort(np.maximum((np.abs(noisy) if two_sided else noisy) - p.c * p.delta, 0.0))[:, ::-1]


@pytest.mark.parametrize("two_sided", [True, False])
def test_counts_beyond_levels_are_those_of_draws(two_sided: bool) -> None:
    """Their mean, their covariance (but for a tenth of a count of Poisson's), and its determinant."""
    drawn = coefficients(HERE, 60, two_sided, 6000)
    law = Coefficients(drawn[0], int(np.count_nonzero(drawn[0])), two_sided)
    counted = (drawn[:, None, :] > law.levels[:, None]).sum(axis=2)
    assert law.counts.tolist() == counted[0].tolist()
    assert sorted(law.levels, reverse=True) == law.levels.tolist()
    assert drawn[0, 0] < law.levels[0] < 1.5 * drawn[0, 0]
    chance = law.beyond(HERE)
    assert chance.shape == (law.levels.size, 60)
    assert chance.sum(axis=1) == pytest.approx(counted.mean(axis=0), abs=0.15)
    law.weigh(HERE)
    covariance = np.linalg.inv(law.whiten.T @ law.whiten)
    assert covariance == pytest.approx(np.cov(counted.T) + 0.1 * np.eye(law.levels.size), abs=0.35)
    assert law.log_scale() == pytest.approx(0.5 * np.linalg.slogdet(covariance)[1])
    off = law.residuals(HERE)
    assert off @ off == pytest.approx(
        (chance.sum(axis=1) - law.counts) @ np.linalg.solve(covariance, chance.sum(axis=1) - law.counts)
    )


@pytest.mark.parametrize("two_sided", [True, False])
@pytest.mark.parametrize("symmetric", [True, False])
def test_eigenvalues_of_the_law_are_those_of_draws(two_sided: bool, symmetric: bool) -> None:
    """Each as far from the mean of many draws as one draw may be, with scales that are no less than fluctuations."""
    d, columns = 40, 40 if symmetric else 70
    if not (two_sided or symmetric):
        return  # singular values have no side
    rng, p = np.random.default_rng(5), Parameters(0.9, 5.0, 0.5, 0.8)
    drawn = []
    for _ in range(150):
        g = rng.normal(size=(d, columns))
        matrix = p.delta * ((g + g.T) / math.sqrt(2.0) if symmetric else g) / math.sqrt(columns)
        matrix[np.arange(d), np.arange(d)] += p.features(d)
        values = np.linalg.eigvalsh(matrix) if symmetric else np.linalg.svd(matrix, compute_uv=False)
        drawn.append(np.sort(np.abs(values) if two_sided else values)[::-1] - p.c * p.delta)
    sizes = np.maximum(drawn[0], 0.0)
    learned = int(np.count_nonzero(sizes))
    law = Eigenvalues(sizes, learned, two_sided, symmetric=symmetric, columns=columns)
    law.weigh(p)
    ranks = np.arange(1, learned + 1)
    assert set(law.rank) <= {*ranks, learned + 1, learned + 2, learned + 3}
    assert {1, learned, learned + 1, learned + 3} <= set(law.rank)
    assert law.seen.tolist() == sizes[law.rank - 1].tolist()
    mean, spread = np.mean(drawn, axis=0), np.std(drawn, axis=0)
    here = law.rank - 1
    assert np.abs(law.ordered(p)[here] - mean[here]).max() < 4.5 * spread[here].max()
    assert np.abs(law.ordered(p).mean() - mean.mean()) < 4 * np.mean(drawn, axis=1).std()
    ratio = law.scale[law.rank <= learned] / spread[here][law.rank <= learned]
    assert ratio.min() > 0.7
    assert ratio.max() < 4.0
    off = law.residuals(p)
    assert off[law.rank <= learned] == pytest.approx(
        ((law.ordered(p) - sizes)[here] / law.scale)[law.rank <= learned]
    )
    assert np.all(off[law.rank > learned] >= 0.0)  # a zero is met by all that is below the threshold
    assert law.log_scale() == pytest.approx(np.log(law.scale[law.seen > 0]).sum())


def test_a_cut_law_says_nothing_of_zeros_and_is_averaged() -> None:
    sizes = np.r_[np.linspace(4.0, 1.0, 12), np.zeros(28)]
    cut, whole = Eigenvalues(sizes, 12, False, cut=True), Eigenvalues(sizes, 12, False)
    assert cut.rank.max() == 12
    assert whole.rank.max() == 15
    assert (len(cut.noise), len(whole.noise)) == (12, 1)
    assert np.var(cut.noise) == pytest.approx(1 / 40, rel=0.05)
    all_learned = Eigenvalues(np.linspace(4.0, 1.0, 12), 12, False)
    assert all_learned.rank.max() == 12


def test_coordinates_and_back() -> None:
    assert Parameters.of(HERE.coordinates) == pytest.approx(HERE) or vars(
        Parameters.of(HERE.coordinates)
    ) == pytest.approx(vars(HERE))
    assert Parameters.of(Parameters(9.0, 1.0, 1.0, 0.0).coordinates).gamma == pytest.approx(4.0, abs=1e-5)
    assert Parameters.of(Parameters(0.1, 1.0, 1.0, 0.0).coordinates).gamma == pytest.approx(0.52, abs=1e-5)
    assert Parameters.of(Parameters(1.0, 1.0, 1.0, 0.0).coordinates).c == pytest.approx(1e-3)
    assert HERE.features(3) == pytest.approx([6.0, 6.0 * 2**-1.3, 6.0 * 3**-1.3])


def sizes_of(network: str, p: Parameters, d: int, width: int | None = None) -> np.ndarray:
    """The law's own sizes, with its own noise: nothing fluctuates."""
    some = np.r_[np.linspace(2, 1, d // 2), np.zeros(d - d // 2)]
    law: Any = Fit(network, some, Known(network, d), width).law
    sizes = np.maximum(law.ordered(p), 0.0)
    sizes[width or d :] = 0.0
    return np.asarray(sizes)


@pytest.mark.parametrize(("network", "width"), [("quadratic", None), ("symmetric", None), ("quadratic", 25)])
def test_exact_weights_give_their_parameters_back(network: str, width: int | None) -> None:
    p = Parameters(1.3, 6.0, 0.7, 0.6)
    fit = Fit(network, sizes_of(network, p, 60, width), Known(network, 60, gamma=1.3), width)
    found = fit.nearest(Parameters(1.0, 7.0, 0.55, 0.8), rounds=3, steps=60)
    assert found.parameters.largest == pytest.approx(p.largest, rel=0.01)
    assert found.parameters.gamma == pytest.approx(p.gamma, abs=0.01)
    assert found.parameters.delta == pytest.approx(p.delta, rel=0.02)
    assert found.parameters.c == pytest.approx(p.c, rel=0.1)
    assert found.mismatch < 1e-2
    best = fit.log_density(found.theta)
    for axis in range(4):
        for step in (-0.1, 0.1):
            assert fit.log_density(found.theta + step * np.eye(4)[axis]) < best + 0.3
    assert fit.log_density(np.array([0.5, 1.0, 1.0, 0.0])) == -math.inf
    assert fit.log_density(np.array([1.0, 1.0, 1.0, 12.5])) == -math.inf


def test_drawn_coefficients_are_met_as_well_as_they_fluctuate() -> None:
    """Mean squares of whitened deviations are 1 on average, and errors are as large as the covariance says."""
    mismatches, off = [], []
    for seed in range(12):
        sizes = coefficients(HERE, 120, True, 1, seed)[0]
        fit = Fit("diagonal", sizes, Known("diagonal", 120))
        found = fit.nearest(HERE)
        mismatches.append(found.mismatch)
        off.append((found.theta - HERE.coordinates) / np.sqrt(np.diag(found.covariance)))
    assert 0.4 < np.mean(mismatches) < 1.2
    assert 0.3 < np.sqrt(np.mean(np.square(off))) < 1.6


def test_the_spread_of_a_linear_function_is_its_own() -> None:
    root = np.array([[0.2, 0, 0, 0], [0.1, 0.3, 0, 0], [0, 0.1, 0.2, 0], [0.05, 0, 0.1, 0.4]])
    reading = Fitted(np.array([1.5, 0.3, -0.2, 0.1]), root @ root.T, 1.0, 0.0)
    weights = np.array([[1.0, 2.0, -1.0, 0.5], [0.0, 1.0, 1.0, -1.0]])
    centre, variance = reading.spread(lambda theta: weights @ theta)
    assert centre == pytest.approx(weights @ reading.theta)
    assert variance == pytest.approx(np.diag(weights @ root @ root.T @ weights.T))


def test_draws_weigh_as_the_posterior_whatever_they_are_drawn_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """A posterior that is known, drawn around two readings that are off: its mean and covariance come out."""
    fit = Fit("quadratic", np.r_[np.linspace(4, 1, 12), np.zeros(28)], Known("quadratic", 40))
    mean, covariance = np.array([1.5, 1.0, 0.5, -0.5]), np.diag([0.04, 0.09, 0.05, 0.2])
    covariance[0, 1] = covariance[1, 0] = 0.03
    density = multivariate_normal(mean, covariance)
    monkeypatch.setattr(fit, "log_density", lambda theta: float(density.logpdf(theta)) + 7.0)
    off = np.array([0.2, -0.3, 0.1, 0.3])
    readings = [Fitted(mean + off, covariance, 1.0, 5.0), Fitted(mean - off, 1.5 * covariance, 1.0, 3.0)]
    points, weight = fit.sample(readings, 6_000)
    assert len(points) == 6_000
    assert weight.sum() == pytest.approx(1.0)
    middle = weight @ np.array(points)
    assert middle == pytest.approx(mean, abs=0.03)
    apart = np.array(points) - middle
    assert (weight[:, None] * apart).T @ apart == pytest.approx(covariance, abs=0.02)
    # heavier tails than the reading's: of those drawn around the first, so many are far
    near = np.array([np.linalg.solve(np.linalg.cholesky(covariance), x - mean - off) for x in points])
    share = np.mean(np.square(near).sum(axis=1) < 4.0)
    assert share == pytest.approx(0.4, abs=0.12)


SOLVED = [
    ax.Problem("quadratic", gamma=1.25, d=80, n=3200, lam=0.3, noise=0.5),
    ax.Problem("symmetric", gamma=0.9, d=60, n=900, lam=0.1, noise=0.2),
    ax.Problem("diagonal", gamma=1.25, d=200, n=150, lam=0.1, noise=0.3),
    ax.Problem("bilinear", gamma=1.25, d=80, rows=40, n=3200, lam=0.3, noise=0.5),
    ax.Problem("quadratic", gamma=1.25, d=80, n=3200, lam=0.02, noise=0.1, width=30),
]


@pytest.mark.parametrize("p", SOLVED, ids=lambda p: f"{p.net.name} {p.width}")
def test_a_solved_problem_is_where_its_parameters_are(p: ax.Problem) -> None:
    """Its noise, degrees of freedom and the parts of its error; and all that is known of its training run is met."""
    solved, parts = ax.solve(p), ax.decompose(p)
    first = math.sqrt(p.d) * float(p.spectrum.values()[0])
    here = Parameters(float(p.gamma or 0), first, solved.delta, solved.eps / solved.delta)
    rows = p.features
    network = p.replace(width=None).net.name
    sizes = np.r_[np.linspace(2, 1, rows // 2), np.zeros(rows - rows // 2)]
    known = Known.of(network, sizes, float(p.n), float(p.lam), solved.train_loss, float(p.gamma or 0), 1.0)
    assert (known.d, known.features) == (p.d, rows)
    fit = Fit(network, sizes, known, p.width)
    _, response, log_tau = fit.place(here)
    assert log_tau == pytest.approx(math.log(solved.delta / math.sqrt(p.d)), abs=1e-9)
    assert response.dof == pytest.approx(solved.degrees_of_freedom, rel=1e-6)
    found, scale = fit.parts(here.coordinates), solved.delta**2 / p.d
    for name in ("overfitting", "underfitting", "approximation", "width_limited"):
        assert scale * getattr(found, name) == pytest.approx(getattr(parts, name), rel=1e-5, abs=1e-9)
    deviations = known.deviations(here.gamma, here.largest, here.delta, here.c * here.delta, response)
    assert len(deviations) == 6
    assert deviations == pytest.approx([0.0] * 6, abs=1e-3)


def test_guesses_are_searched_and_the_likeliest_come_first() -> None:
    p = Parameters(1.3, 6.0, 0.7, 0.6)
    sizes = sizes_of("quadratic", p, 60)
    fit = Fit("quadratic", sizes, Known("quadratic", 60))
    guesses = screened(fit, sizes)
    densities = [fit.log_density(x.coordinates) for x in guesses]
    assert len(guesses) == 3
    assert densities == sorted(densities, reverse=True)
    for k, guess in enumerate(guesses):
        for other in guesses[:k]:
            assert np.abs(guess.coordinates - other.coordinates).max() > 0.6
        assert 0.1 * sizes[sizes > 0][-1] <= guess.delta <= 2.0 * sizes[0] * (1 + 1e-12)
    readings = readings_from(fit, sizes, [])
    assert readings[0].parameters.delta == pytest.approx(0.7, rel=0.05)
    assert readings[0].parameters.c == pytest.approx(0.6, rel=0.2)
    evidence = [x.log_evidence for x in readings]
    assert evidence == sorted(evidence, reverse=True)
    assert screened(fit, np.zeros(60)) == []
    known = Known(
        "quadratic", 60, nu=50.0, penalty=9.0, loss=0.7, gamma=1.1, norm=2.0, width=0.1, loss_width=0.1
    )
    shape = 9.0 / math.sqrt(50.0 * 60 * 0.7)
    for guess in screened(Fit("quadratic", sizes, known), sizes):
        assert (guess.gamma, guess.c) == (1.1, pytest.approx(shape))
        assert guess.largest == pytest.approx(known.largest(1.1))


def test_many_eigenvalues_are_not_screened_but_many_coefficients_are() -> None:
    for network, d, some in (("quadratic", 601, False), ("diagonal", 601, True)):
        sizes = np.r_[np.linspace(2, 1, 10), np.zeros(d - 10)]
        fit = Fit.__new__(Fit)
        fit.network, fit.d, fit.known = network, d, Known(network, d)
        fit.log_density = lambda theta: -float(np.square(theta).sum())  # type: ignore[method-assign]
        assert bool(screened(fit, sizes)) == some


def test_a_start_is_read_off_outliers() -> None:
    a = 5.0 * np.arange(1.0, 5.0) ** -0.8
    seen = 0.5 * (a / 0.5 + 0.5 / a - 0.3)
    found = start("quadratic", seen, 0.3, 0.5)
    assert vars(found) == pytest.approx(vars(Parameters(0.8, 5.0, 0.5, 0.3)))
    assert start("quadratic", seen[:2], 0.3, 0.5).gamma == 1.2
    none = start("quadratic", seen[:0], 0.3, 0.5)
    assert (none.gamma, none.largest) == (1.2, 0.5)
    steep = 90.0 * np.arange(1.0, 4.0) ** -3.6
    assert start("diagonal", steep, 0.0, 0.1).gamma == 3.0
    assert start("diagonal", 0.1 * np.array([9.0, 8.9, 8.8]), 0.0, 0.1).gamma == 0.6
