"""From a user's runs to problems of norm 1 and back: each unit against its own formula."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

import asymptotix as ax
from asymptotix.inference.model import Model, Truth
from asymptotix.inference.run_table import Run

BASE = ax.Problem("diagonal", gamma=1.4, d=150, n=1, lam=1, noise=0.25)
RUN = Run(2, 300.0, 0.8, 0.1, math.nan)
TRUTH = Truth(1.4, 0.25)


def predicted(problem: ax.Problem) -> float:
    """In the middle of the band."""
    solution = ax.solve(problem)
    return solution.error * math.sqrt((1.0 + solution.finite_size.low) * (1.0 + solution.finite_size.high))


@pytest.mark.parametrize(("depth", "power"), [(2, 1.0), (3, 2.0 / 3.0)])
def test_a_teacher_of_another_norm_is_one_of_norm_one_in_other_units(depth: int, power: float) -> None:
    model = Model(BASE.replace(depth=depth), (RUN,), "error")
    problem = model.problem(RUN, Truth(1.6, 0.5, norm=3.0))
    assert (problem.gamma, problem.n) == (1.6, 300.0)
    assert float(problem.noise) == pytest.approx(0.5 / 9.0, rel=1e-14)
    assert float(problem.lam) == pytest.approx(0.8 * 3.0 ** (power - 2.0), rel=1e-14)


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("sum", 1.0), ("mean", 300.0), ("alpha", 300.0 / math.sqrt(150.0)), ("weight-decay", 150.0)],
)
def test_a_weight_decay_in_other_units(unit: str, factor: float) -> None:
    model = Model(BASE, (RUN,), "error", ax.Convention(unit))
    assert model.lam_factor(RUN, TRUTH) == pytest.approx(factor, rel=1e-14)
    doubtful = replace(TRUTH, lam_factor=7.0, lam_power=-0.5)
    assert model.lam_factor(RUN, doubtful) == pytest.approx(7.0 * factor / math.sqrt(300.0), rel=1e-14)
    assert float(model.problem(RUN, doubtful).lam) == pytest.approx(
        0.8 * 7.0 * factor / math.sqrt(300.0), rel=1e-14
    )
    # no weight decay is none in any unit
    assert model.lam_factor(replace(RUN, lam=0.0), doubtful) == pytest.approx(
        7.0 / math.sqrt(300.0), rel=1e-14
    )


def test_the_width_of_a_run_counts_before_that_of_all() -> None:
    """Weight decay of normalised matrices: ``n sqrt(p/d) / 2``."""
    base = ax.Problem("quadratic", gamma=1.4, d=50, n=1, lam=1, noise=0.25, width=8)
    model = Model(base, (RUN,), "error", ax.Convention("weight-decay"))
    assert model.lam_factor(RUN, TRUTH) == pytest.approx(150.0 * math.sqrt(8 / 50), rel=1e-14)
    wide = replace(RUN, width=32)
    assert model.lam_factor(wide, TRUTH) == pytest.approx(150.0 * math.sqrt(32 / 50), rel=1e-14)
    assert (model.problem(RUN, TRUTH).width, model.problem(wide, TRUTH).width) == (8, 32)


def test_errors_are_solutions_in_the_middle_of_their_bands() -> None:
    runs = (replace(RUN, lam=2.0), RUN, replace(RUN, n=40.0))
    model = Model(BASE, runs, "error")
    truth = Truth(1.3, 0.5, norm=2.0)
    expected = [4.0 * predicted(model.problem(run, truth)) for run in runs]
    assert model.errors(truth) == pytest.approx(expected, rel=1e-9)
    assert model.at(runs[:1]).errors(truth) == pytest.approx(expected[:1], rel=1e-9)
    assert model.errors(truth) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("network", "factor"), [("diagonal", 1.0), ("quadratic", 2.0)])
def test_measures_of_one_error(network: str, factor: float) -> None:
    base = ax.Problem(network, gamma=1.4, d=20, n=1, lam=1, noise=0.25)
    error, risk, loss = (Model(base, (RUN,), m) for m in ("error", "excess_risk", "test_loss"))
    (e,) = error.errors(TRUTH)
    doubtful = replace(TRUTH, error_factor=10.0)
    assert error.values(doubtful) == pytest.approx([10.0 * e], rel=1e-14)
    assert risk.values(doubtful) == pytest.approx([10.0 * factor * e], rel=1e-14)
    assert loss.values(doubtful) == pytest.approx([10.0 * (factor * e + 0.25)], rel=1e-14)
    assert error.share(TRUTH) == pytest.approx([1.0])
    assert risk.share(TRUTH) == pytest.approx([1.0])
    assert loss.share(TRUTH) == pytest.approx([factor * e / (factor * e + 0.25)], rel=1e-14)


def test_the_theory_is_as_uncertain_as_a_band_of_even_chance_is_wide() -> None:
    """A factor ``1 + 2/d + 1/n`` either way, and up to ``3/n_eff`` more of own features: a width over sqrt(12)."""
    plain = 1.0 + 2.0 / 150.0 + 1.0 / 300.0
    assert Model(BASE, (RUN,), "error").allowance(RUN) == pytest.approx(
        2.0 * math.log(plain) / math.sqrt(12.0)
    )
    own = Model(ax.Problem("quadratic", gamma=1.4, d=20, n=1, lam=1, noise=0.25), (RUN,), "error")
    plain = 2.0 / 20.0 + 1.0 / 300.0
    width = math.log(1.0 + plain + 3.0 / 15.0) + math.log(1.0 + plain)
    assert own.allowance(RUN) == pytest.approx(width / math.sqrt(12.0))
