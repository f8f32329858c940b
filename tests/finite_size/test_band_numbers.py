"""Bands, allowances and fitted laws of finite sizes, each number by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.experiments.measurements import Measured, Plan
from asymptotix.finite_size import allowance, excess
from asymptotix.finite_size.band import Band, own_features, raised
from asymptotix.networks import get

P = ax.Problem("quadratic", gamma=1.25, d=40, n=600, lam=0.5, noise=0.5)


def test_a_band_of_given_sizes() -> None:
    """``2/d + 1/n``, what features raise (saturating at 3/2) above, what they blur on both sides as a factor."""
    band = Band.of(raised=0.5, blurred=0.25, d=100, n=50)
    assert band.high == pytest.approx(0.04 + 0.75, rel=1e-12)
    assert band.low == pytest.approx(1.0 / 1.29 - 1.0, rel=1e-12)
    assert Band.of(raised=1.4, blurred=0.25, d=100, n=50).high == pytest.approx(0.04 + 1.5, rel=1e-12)
    half = Band.of(raised=0.5, blurred=0.25, d=100, n=50, learned=0.5)
    assert (half.low, half.high) == pytest.approx((1.0 / 1.145 - 1.0, 0.395), rel=1e-12)
    assert Band.of(raised=0.5, blurred=0.25, d=100, n=50, learned=7.0) == band
    assert band.centre == pytest.approx(0.5 * math.log(1.79 / 1.29), rel=1e-12)
    assert band.spread == pytest.approx(math.log(1.79 * 1.29) / math.sqrt(12.0), rel=1e-12)
    assert band.about(2.0) == pytest.approx((2.0 / 1.29, 3.58), rel=1e-12)


def test_the_band_about_a_solution() -> None:
    found = ax.solve(P)
    used = found.dof_ratio
    band = Band.about_solution(found)
    plain = 2.0 / 40.0 + 1.0 / 600.0
    blurred = used * 3.0 / 15.0
    part = min(used * 15.0, 1.0)
    assert band.high == pytest.approx(part * (plain + min(raised(found) + blurred, 1.5)), rel=1e-12)
    assert band.low == pytest.approx(1.0 / (1.0 + part * (plain + blurred)) - 1.0, rel=1e-12)
    few = ax.solve(ax.Problem("diagonal", gamma=1.25, d=40, n=6, lam=4.0, noise=0.5))
    assert 0.0 < few.dof_ratio * 6.0 < 1.0
    assert few.finite_size.high == pytest.approx(few.dof_ratio * 6.0 * (2.0 / 40.0 + 1.0 / 6.0), rel=1e-9)
    none = Band.about_solution(replace(found, dof_ratio=math.nan))
    assert math.isnan(none.low)
    assert math.isnan(none.high)


def test_own_features_are_three_over_the_effective_samples_and_one_at_most() -> None:
    net = get("bilinear")
    assert (own_features(net, 30.0), own_features(net, 3.0), own_features(net, 1.0)) == (0.1, 1.0, 1.0)
    assert own_features(get("nonnegative"), 1.0) == 0.0


def test_how_far_own_features_raise_the_error() -> None:
    """``4/(rho n_eff) sum min(c, y)^2 (1 - 1/y^2)`` over features ``y > 1``, half as much again."""
    found = ax.solve(P)
    delta, eps = math.exp(found.log_delta), math.exp(found.log_eps)
    y = math.sqrt(40.0) * P.spectrum.values() / delta
    total = sum(min(eps / delta, x) ** 2 * (1.0 - 1.0 / x**2) for x in y if x > 1.0)
    rho = found.error * 40.0 / delta**2
    assert raised(found) == pytest.approx(1.5 * 4.0 / (rho * 15.0) * total, rel=1e-9)
    assert raised(replace(found, error=0.0)) == 0.0
    assert raised(replace(found, log_delta=-math.inf)) == 0.0
    assert raised(replace(found, constraint="width")) == 0.2
    assert raised(replace(found, constraint="threshold")) == raised(found)


def test_what_is_allowed_for() -> None:
    """``2/d``, and ``3/n_eff`` where data have features of their own."""
    diagonal = ax.Problem("diagonal", gamma=1.25, d=40, n=600, lam=0.5, noise=0.5)
    assert allowance.allowance(P, "gaussian") == pytest.approx(0.05 + 0.2, rel=1e-12)
    assert allowance.allowance(P, "goe") == allowance.allowance(diagonal, "gaussian") == 0.05
    assert allowance.own_features(P, "gaussian") == pytest.approx(0.2, rel=1e-12)
    assert allowance.own_features(P, "goe") == 0.0
    assert allowance.has_own_features(P.net, "gaussian")
    assert not allowance.has_own_features(P.net, "goe")
    assert not allowance.has_own_features(diagonal.net, "gaussian")
    assert allowance.reasons(P.net, "gaussian") == " + finite size 2/d + own features 3/n_eff"
    assert allowance.reasons(P.net, "goe") == " + finite size 2/d"


def measured(n_eff: float, ratio: float, spread: float, d: int = 40) -> Measured:
    """Two errors about ``2 ratio``, of standard error ``2 spread``, where the theory says 2."""
    errors = (2.0 * (ratio - spread), 2.0 * (ratio + spread))
    return Measured(Plan(P.replace(d=d, n=n_eff * d), 0, 2), 2.0, errors, 0, 0.0)


def test_a_coefficient_by_weighted_least_squares() -> None:
    x, y, s = np.array([0.2, 0.1, 0.05]), np.array([0.5, 0.1, 0.2]), np.array([0.05, 0.02, 0.04])
    points = [measured(1.0 / a, 1.0 + b, e) for a, b, e in zip(x, y, s, strict=True)]
    w = s**-2.0
    c = (w * x * y).sum() / (w * x * x).sum()
    misfit = (w * (y - c * x) ** 2).sum() / 2.0
    assert misfit > 1.0
    assert excess._coefficient(points) == pytest.approx((c, math.sqrt(misfit / (w * x * x).sum())), rel=1e-9)
    # scatter below that of the points is not believed
    exact = [measured(1.0 / a, 1.0 + 3.0 * a, e) for a, e in zip(x, s, strict=True)]
    assert excess._coefficient(exact) == pytest.approx((3.0, (w * x * x).sum() ** -0.5), rel=1e-9)


def test_a_law_fits_small_sizes_and_tests_large_ones() -> None:
    """``1 + 3/n_eff^p`` exactly: the power from all, the coefficient from ``d`` up to 40."""
    sizes = [(n_eff, d) for d in (30, 40, 60, 80) for n_eff in (5.0, 10.0, 40.0)]
    points = [measured(n_eff, 1.0 + 3.0 / n_eff, 0.01, d) for n_eff, d in sizes]
    found = excess.law(excess.Regime("any", (), "", 40), points)
    assert (found.c, found.power) == pytest.approx((3.0, 1.0), rel=1e-6)
    assert [p.plan.problem.d for p in found.fitted] == [30] * 3 + [40] * 3
    assert [p.plan.problem.d for p in found.untouched] == [60] * 3 + [80] * 3
    for before, after in zip(found.untouched, found.tested, strict=True):
        n_eff = before.plan.problem.n_eff
        assert after.theory == pytest.approx(2.0 * (1.0 + 3.0 / n_eff), rel=1e-6)
        assert after.theory_error == pytest.approx(2.0 * found.c_error / n_eff, rel=1e-9)
    # from the fit itself: d/dp and d/dlog c of the model, over 1 % each
    n = np.array([n_eff for n_eff, _ in sizes])
    rows = (3.0 / n)[:, None] * np.stack([np.ones_like(n), -np.log(n)], axis=1) / 0.01
    assert found.power_error == pytest.approx(math.sqrt(np.linalg.inv(rows.T @ rows)[1, 1]), rel=1e-4)
    off = [
        measured(n_eff, 1.0 + 3.0 / n_eff + 0.1 * (-1.0) ** k, 0.01, d) for k, (n_eff, d) in enumerate(sizes)
    ]
    assert excess._power(off, 3.0)[1] > 5.0 * found.power_error


def test_points_of_a_regime(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the anchors of its crossing on its own lines, where errors scatter and samples are enough."""
    from types import SimpleNamespace

    problems = {x: P.replace(n=40.0 * x) for x in (2.0, 3.0, 5.0, 9.0)}
    plans = [Plan(p, 0, 2) for p in problems.values()]
    crossings = (
        SimpleNamespace(name="mine", anchors=(2.0, 3.0, 5.0)),
        SimpleNamespace(name="other", anchors=(9.0,)),
    )
    line = SimpleNamespace(id="here", crossings=crossings, problem=problems.__getitem__, plans=lambda: plans)
    elsewhere = SimpleNamespace(**{**vars(line), "id": "elsewhere"})
    made = {id(plan): Measured(plan, 1.0, (0.9, 1.1), 0, 0.0) for plan in plans}
    made[id(plans[2])] = Measured(plans[2], 1.0, (1.0, 1.0), 0, 0.0)
    monkeypatch.setattr(excess, "measure_all", lambda some, store: [made[id(plan)] for plan in some])
    regime = excess.Regime("any", ("here",), "mine", 40)
    found = excess.points_of(regime, [line, elsewhere])  # type: ignore[list-item]
    assert [p.plan.problem.n_eff for p in found] == [3.0]
    all_of_them = excess.points_of(regime, [line], least=1.0)  # type: ignore[list-item]
    assert [p.plan.problem.n_eff for p in all_of_them] == [2.0, 3.0]
