"""Plans against what is known: least squares beyond the interpolation threshold, and the inverse of `solve`."""

from __future__ import annotations

import math
from typing import Any

import pytest

import asymptotix as ax
from asymptotix.errors import InvalidInput
from asymptotix.inference.fitting import phase_of
from asymptotix.inference.planning import plan

P = ax.Problem("diagonal", gamma=1.25, d=50, n=1, lam=1, noise=0.5)


def test_least_squares_need_so_many_samples() -> None:
    """Without weight decay the error is ``noise d / (n - d)``: here 0.01 at ``n = d (1 + 50)``."""
    found = plan(P, error=0.01, lam=0)
    assert found.n == pytest.approx(50.0 * 51.0, rel=1e-8)
    assert (found.lam, found.status, found.width) == (0.0, "reached", None)
    assert found.error == pytest.approx(0.01, rel=1e-8)
    assert found.phase == phase_of(P.replace(n=found.n, lam=0))


def test_the_first_of_several_sizes_is_the_plan() -> None:
    """Its error falls, rises to the peak at ``n = d``, and falls again: the least ``n`` lies before the peak."""
    target = 1.02 * min(ax.solve(P.replace(n=n, lam=0.01)).error for n in (4.0, 5.0, 6.0, 8.0))
    found = plan(P, error=target, lam=0.01)
    assert ax.solve(P.replace(n=found.n, lam=0.01)).error == pytest.approx(target, rel=1e-8)
    sizes = [float(found.n or 0) * x for x in (0.2, 0.5, 0.8, 0.99)]
    assert all(ax.solve(P.replace(n=n, lam=0.01)).error > target for n in sizes)
    assert ax.solve(P.replace(n=50, lam=0.01)).error > target


def test_the_best_weight_decay_comes_with_the_size() -> None:
    found = plan(P, error=0.05)
    best = ax.optimum(P.replace(n=found.n))
    assert best.error_star == pytest.approx(0.05, rel=1e-8)
    assert found.lam == pytest.approx(best.lam_star, rel=1e-6)
    assert found.error == pytest.approx(0.05, rel=1e-8)


@pytest.mark.parametrize(("network", "n"), [("diagonal", 1.0), ("quadratic", 50.0)])
def test_what_needs_hardly_any_samples_is_planned_at_one_effective_sample(network: str, n: float) -> None:
    p = ax.Problem(network, gamma=1.25, d=50, n=1, lam=1, noise=0.5)
    found = plan(p, error=2.0, lam=30.0)
    assert found.n == pytest.approx(n, rel=1e-12)
    assert found.error == pytest.approx(ax.solve(p.replace(n=n, lam=30.0)).error, rel=1e-9)
    assert found.status == "reached"


@pytest.mark.parametrize("lam", ["best", 0.02])
def test_a_plan_in_the_units_of_a_user(lam: Any) -> None:
    """Norm 3 and alpha: error and noise times 9, weight decay ``n / sqrt(d)`` times and over 3."""
    units = ax.Convention("alpha", norm=3)
    found = plan(P.replace(noise=4.5), error=0.45, lam=lam, units=units)
    n = float(found.n or 0)
    assert found.lam is not None
    inside = P.replace(n=n, lam=found.lam * n / math.sqrt(50.0) / 3.0)
    assert ax.solve(inside).error == pytest.approx(0.05, rel=1e-7)
    assert found.error == pytest.approx(0.45, rel=1e-7)
    assert found.phase == phase_of(inside)
    if lam != "best":
        assert found.lam == pytest.approx(lam, rel=1e-12)


def test_a_plan_from_a_fit_is_in_the_middle_of_the_band() -> None:
    rows = [{"n": n, "alpha": 0.02, "error": 3.0, "stderr": 9} for n in (40, 300)]
    found = ax.fit(rows, d=50, gamma=1.25, noise=4.5, norm=3.0)
    made = plan(found, error=0.9, lam=0.02)
    inside = P.replace(n=made.n, lam=0.02 * float(made.n or 0) / math.sqrt(50.0) / 3.0)
    solution = ax.solve(inside)
    assert 9.0 * solution.error * math.exp(solution.finite_size.centre) == pytest.approx(0.9, rel=1e-7)
    best = plan(found, error=0.9)
    ahead = ax.forecast(found, float(best.n or 0), float(best.lam or 0))[0]
    assert ahead.error == pytest.approx(0.9, rel=1e-6)
    assert best.lam == pytest.approx(ax.forecast(found, float(best.n or 0), "best")[0].lam, rel=1e-5)
    assert best.n is not None
    assert best.n <= float(made.n or 0) * (1 + 1e-9)


def test_a_plan_from_a_fit_keeps_the_width_of_its_largest_run() -> None:
    rows = [{"n": n, "lam": 1, "error": 0.3, "stderr": 1, "width": w} for n, w in ((900, 4), (300, 6))]
    found = ax.fit(rows, "quadratic", d=20, gamma=1.4, noise=0.25)
    assert plan(found, error=0.5, lam=1).width == 4
    assert plan(found, error=0.5, lam=1, width=7).width == 7


def test_hidden_units_set_the_scale_of_weight_decay() -> None:
    """Decay ``2 lam / (n sqrt(p/d))`` of normalised weights: four times the units, half of it."""
    p = ax.Problem("quadratic", gamma=1.25, d=20, n=1, lam=1, noise=0.5)
    units = ax.Convention("weight-decay")
    few, many = (plan(p, error=0.3, units=units, hidden=h) for h in (20, 80))
    assert many.n == pytest.approx(few.n, rel=1e-9)
    assert many.lam == pytest.approx(0.5 * float(few.lam or 0), rel=1e-9)
    assert few.lam == pytest.approx(
        2.0 * ax.optimum(p.replace(n=few.n)).lam_star / float(few.n or 1), rel=1e-6
    )


def test_never_at_a_weight_decay_that_grows_with_the_samples() -> None:
    """A mean over samples: the bias of ``lam`` stays, however many they are. Searched up to 1e12 d^2 samples."""
    found = plan(P, error=1e-3, lam=0.1, units=ax.Convention("mean"))
    assert (found.n, found.lam, found.phase, found.width) == (None, None, None, None)
    assert found.status == "never at this weight decay"
    last = 1e12 * 2500.0
    assert found.error == pytest.approx(ax.solve(P.replace(n=last, lam=0.1 * last)).error, rel=1e-9)
    twice = plan(P.replace(noise=2.0), error=1e-3, lam=0.2, units=ax.Convention("mean", norm=2))
    assert twice.error == pytest.approx(4.0 * found.error, rel=1e-9)


def test_never_with_fewer_units_than_the_error_asks_for() -> None:
    p = ax.Problem("quadratic", teacher=ax.Values([3, 2, 1, 1, 1]), d=5, n=1, lam=1, noise=0.5, width=2)
    assert plan(p, error=0.1).status == "never with width 2: it misses 0.1875 of the teacher's square"
    assert plan(p, error=0.1, width=3).status == "never with width 3: it misses 0.125 of the teacher's square"


@pytest.mark.parametrize(
    ("asked", "message"), [({"error": 0}, "error = 0"), ({"error": 1, "lam": -1}, "lam = -1")]
)
def test_plans_out_of_range(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        plan(P, **asked)


@pytest.mark.parametrize("lam", ["best", 1])
def test_of_matrices_a_problem_is_planned_by_its_equations_and_a_fit_by_its_middle(lam: Any) -> None:
    """Their own features raise errors: a fit expects more samples for the same error."""
    p = ax.Problem("quadratic", gamma=1.3, d=30, n=1, lam=1, noise=0.3)
    bare = plan(p, error=0.2, lam=lam)
    there = p.replace(n=bare.n, lam=bare.lam)
    assert ax.solve(there).error == pytest.approx(0.2, rel=1e-7)
    rows = [{"n": n, "lam": 1, "error": 0.3, "stderr": 3} for n in (300, 900)]
    fitted = plan(ax.fit(rows, "quadratic", d=30, gamma=1.3, noise=0.3), error=0.2, lam=lam)
    solution = ax.solve(p.replace(n=fitted.n, lam=fitted.lam))
    assert solution.error * math.exp(solution.finite_size.centre) == pytest.approx(0.2, rel=1e-6)
    assert float(fitted.n or 0) > 1.01 * float(bare.n or 0)
