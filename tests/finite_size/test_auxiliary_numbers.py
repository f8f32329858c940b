"""The auxiliary problem on a few small matrices: its equations and averages, written out one by one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import gammaln

from asymptotix.experiments.measurements import Measured, Plan
from asymptotix.finite_size import auxiliary
from asymptotix.finite_size.auxiliary import Auxiliary, Draws, own_variances, predict
from asymptotix.problem import Problem

P = Problem("quadratic", gamma=1.25, d=4, n=24, lam=0.3, noise=0.7)
DRAWS = Draws.of(4, 3, seed=5)
VARIANCES = np.full((4, 4), 1.5) + np.diag([0.5, 0.2, 0.1, 0.0])
LENGTH = 4.7


def made(problem: Problem = P) -> Auxiliary:
    return Auxiliary(problem, DRAWS, LENGTH, VARIANCES)


def test_draws_are_symmetric_matrices_and_their_negatives() -> None:
    normal = np.random.default_rng(5).standard_normal((3, 4, 4))
    assert DRAWS.w[:3] == pytest.approx((normal + normal.transpose(0, 2, 1)) / math.sqrt(8.0), rel=1e-14)
    assert DRAWS.w[3:] == pytest.approx(-DRAWS.w[:3])
    assert DRAWS.h[3:] == pytest.approx(-DRAWS.h[:3])
    many = Draws.of(30, 60, seed=0).w
    off = many[:, 1, 2], many[:, 0, 0]
    assert [float(np.var(x)) * 30 for x in off] == pytest.approx([1.0, 2.0], rel=0.4)


@pytest.mark.parametrize("lam", [0.3, 2.0, 40.0])
def test_the_two_equations_of_every_draw(lam: float) -> None:
    """``lam = 2 eps (2 (g/d)^2 - (Tr W D + h Delta^(1/2))/(d delta))``; ``4 (g/d)^2 delta^2 - 2 R - Delta``."""
    problem = made(P.replace(lam=lam))
    teacher = 2.0 * P.spectrum.values()
    delta = np.array([0.3, 0.5, 0.8, 1.0, 0.6, 0.4])
    excess, errors, vectors, learned = problem.excess(delta)
    alpha = (LENGTH / 4.0) ** 2
    for k in range(6):
        noisy = np.diag(teacher) + delta[k] * DRAWS.w[k] * np.sqrt(VARIANCES)
        values, turned = np.linalg.eigh(noisy)
        s = (vectors[k] * learned[k]) @ vectors[k].T
        there = learned[k] > 0
        eps = float((values - learned[k])[there].mean()) if there.any() else math.inf
        expected = (turned * np.maximum(values - eps, 0.0)) @ turned.T
        assert s == pytest.approx(expected, abs=1e-10)
        deviation = s - np.diag(teacher)
        used = float(np.sum(DRAWS.w[k] / np.sqrt(VARIANCES) * deviation)) + DRAWS.h[k] * math.sqrt(0.7)
        if there.any():
            assert 2.0 * eps * (2.0 * alpha - used / (4.0 * delta[k])) == pytest.approx(lam, rel=1e-8)
        assert errors[k] == pytest.approx(float(np.sum(deviation**2)) / 4.0, rel=1e-9)
        assert excess[k] == pytest.approx(4.0 * alpha * delta[k] ** 2 - 2.0 * errors[k] - 0.7, rel=1e-9)


def test_the_solution_fits_its_own_noise() -> None:
    errors, deviations = made().solve()
    assert errors == pytest.approx(np.sum(deviations**2, axis=(1, 2)) / 4.0, rel=1e-9)
    delta = np.sqrt((2.0 * errors + 0.7) / (4.0 * (LENGTH / 4.0) ** 2))
    excess, again, *_ = made().excess(delta)
    assert np.abs(excess) / (2.0 * errors + 0.7) == pytest.approx(np.zeros(6), abs=3e-4)
    assert again == pytest.approx(errors, rel=1e-3)


def test_variances_of_own_features_entry_by_entry() -> None:
    rng = np.random.default_rng(1)
    d = rng.standard_normal((5, 4, 4))
    d = d + d.transpose(0, 2, 1)
    squares, diagonal = (d**2).mean(axis=0), np.array([d[:, i, i].mean() for i in range(4)])
    base = 2.0 * squares.sum() + 4.0 * 0.7
    found = own_variances(P, d)
    for i in range(4):
        row = squares[i].sum()
        assert found[i, i] == pytest.approx(1.0 + (16.0 * row + 12.0 * squares[i, i]) / base, rel=1e-12)
        for j in range(i):
            extra = 8.0 * (row + squares[j].sum() + diagonal[i] * diagonal[j] + 2.0 * squares[i, j])
            assert found[i, j] == pytest.approx(1.0 + extra / base, rel=1e-12)


@pytest.mark.parametrize("own", [False, True])
def test_a_prediction_is_the_mean_over_pairs_with_half_the_fluctuation_taken_back(own: bool) -> None:
    """``f - f''/4`` at the mean length of ``n`` normal variables; pairs are what is independent."""
    p = P.replace(n=200)
    draws = Draws.of(4, 5, seed=2)
    length = math.sqrt(2.0) * math.exp(float(gammaln(100.5) - gammaln(100.0)))
    variances = np.ones((4, 4))
    for _ in range(2 if own else 0):
        variances = own_variances(p, Auxiliary(p, draws, length, variances).solve()[1])
    f = [
        Auxiliary(p, draws, length + h, variances).solve()[0] for h in (-math.sqrt(0.5), 0.0, math.sqrt(0.5))
    ]
    error = f[1] - (f[0] - 2.0 * f[1] + f[2]) / 2.0
    pairs = 0.5 * (error[:5] + error[5:])
    found = predict(p, own=own, pairs=5, seed=2)
    assert found == pytest.approx((pairs.mean(), pairs.std(ddof=1) / math.sqrt(5.0)), rel=2e-3)


def point(problem: Problem, inputs: str, errors: tuple[float, ...] = (0.9, 1.2)) -> Measured:
    return Measured(Plan(problem, 0, 2, inputs), 1.0, errors, 0, 0.0)


def test_what_is_predicted() -> None:
    """Own features up to half of the place of interpolation, ``n = d^2/8``, or beyond where half is spare."""
    p = Problem("quadratic", gamma=1.25, d=40, n=200, lam=0.02, noise=1.0)
    assert auxiliary.applies(point(p, "gaussian"))
    assert not auxiliary.applies(point(p.replace(n=201), "gaussian"))
    assert auxiliary.applies(point(p.replace(n=201), "goe"))
    assert not auxiliary.applies(point(p, "goe", (1.0, 1.0)))
    both = Problem("symmetric", gamma=1.25, d=40, n=200, lam=0.02, noise=1.0)
    assert not auxiliary.applies(point(both, "goe"))


def test_how_many_matrices_a_point_is_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """1200 rows of all together, at least four; of many data sets two each, less in many dimensions."""
    asked = []

    def noted(problem: Problem, *, own: bool, pairs: int, seed: int) -> tuple[float, float]:
        asked.append((problem.d, own, pairs, seed))
        return 0.5, 0.01

    class Forgetful:
        def recall(self, key: object, compute: object) -> object:
            return compute()  # type: ignore[operator]

    monkeypatch.setattr(auxiliary, "predict", noted)
    for d, inputs, seeds in ((20, "goe", 2), (20, "gaussian", 100), (60, "goe", 100), (700, "goe", 1)):
        one = point(P.replace(d=d, n=24), inputs)
        one = replace(one, plan=replace(one.plan, seeds=seeds, seed=7))
        found = auxiliary.at_this_size(one, Forgetful())  # type: ignore[arg-type]
        assert (found.theory, found.theory_error) == (0.5, 0.01)
    assert asked == [(20, False, 60, 7), (20, True, 200, 7), (60, False, 100, 7), (700, False, 4, 7)]
