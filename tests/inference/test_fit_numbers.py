"""What a fit says of a straight line through points: value, interval, covariance, goodness of fit, in closed form."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

import asymptotix as ax
from asymptotix.errors import InvalidInput
from asymptotix.inference.fitting import Fit, _result, fit, in_words, phase_of
from asymptotix.inference.forecasting import interval
from asymptotix.inference.run_table import Run
from tests.inference.straight_line import FREE, line, regression, searching

SIZES = (10.0, 30.0, 100.0, 200.0, 500.0)
VALUES = (0.95, 0.5, 0.35, 0.2, 0.17)


def fitted(stderr: float, confidence: float = 0.95, **more: Any) -> Fit:
    return _result(searching(line(VALUES, SIZES, stderr=stderr, **more)), confidence)


@pytest.mark.parametrize("confidence", [0.95, 0.7])
def test_with_standard_errors_intervals_are_those_of_chi_squared(confidence: float) -> None:
    found = fitted(0.05, confidence)
    x, cost, covariance = regression(found.model, 0.05)
    assert found.chi2 == pytest.approx(cost, rel=1e-8)
    assert (found.dof, found.confidence) == (3, confidence)
    assert found.p_value == pytest.approx(stats.chi2.sf(cost, 3), rel=1e-7)
    assert found.covariance == pytest.approx(covariance, rel=1e-6)
    far = stats.norm.ppf(0.5 + confidence / 2.0) * np.sqrt(np.diag(covariance))
    for k, (name, origin) in enumerate(zip(FREE, (0.5, 0.0), strict=True)):
        p = found.parameters[name]
        assert p.free
        assert p.value == pytest.approx(origin + math.exp(x[k]), rel=1e-6)
        assert (p.low, p.high) == pytest.approx(
            (origin + math.exp(x[k] - far[k]), origin + math.exp(x[k] + far[k])), rel=1e-5
        )
    assert found.warnings == ()
    assert (found.truth.gamma, found.truth.norm) == (found.parameters["gamma"].value, 1.0)
    assert found.free == FREE
    assert not found.parameters["norm"].free


def test_without_the_scatter_is_read_off_the_fit() -> None:
    """Scatter above what the theory is uncertain by: Student's t with the degrees of freedom that are left."""
    found = fitted(math.nan, band=0.01)
    x, cost, covariance = regression(found.model, 0.01)
    scale = cost / 3.0
    assert scale > 10.0
    assert math.isnan(found.p_value)
    assert found.found is not None
    assert found.found.scale == pytest.approx(scale, rel=1e-8)
    assert found.covariance == pytest.approx(scale * covariance, rel=1e-6)
    far = stats.t.ppf(0.975, 3) * math.sqrt(scale * covariance[1, 1])
    p = found.parameters["noise"]
    assert (p.low, p.high) == pytest.approx((math.exp(x[1] - far), math.exp(x[1] + far)), rel=1e-5)


def test_scatter_below_that_of_the_theory_is_not_believed() -> None:
    found = fitted(math.nan, band=0.3)
    assert found.found is not None
    assert found.found.scale == 1.0
    assert found.covariance == pytest.approx(regression(found.model, 0.3)[2], rel=1e-6)
    assert math.isnan(found.p_value)


def test_as_many_points_as_parameters_leave_nothing_to_judge_by() -> None:
    found = _result(searching(line(VALUES[:2], SIZES[:2], stderr=0.05)), 0.95)
    assert found.dof == 0
    assert math.isnan(found.p_value)
    assert found.found is not None
    assert found.found.scale == 1.0
    unknown = _result(searching(line(VALUES[:2], SIZES[:2], band=0.05)), 0.95)
    assert unknown.found is not None
    assert unknown.found.scale == 1.0


def test_rows_say_how_far_each_run_is_off() -> None:
    values = (*VALUES[:4], 0.17 * 1.5)
    found = _result(searching(line(values, SIZES, stderr=0.05), loss="huber"), 0.95)
    for row, run in zip(found.rows, found.model.runs, strict=True):
        assert (row["row"], row["n"], row["lam"], row["error"]) == (run.row, run.n, run.lam, run.value)
        assert row["stderr"] == run.stderr
        assert row["pull"] == pytest.approx(math.log(run.value / row["fitted"]) / 0.05, rel=1e-9)
    off = [row["row"] for row in found.rows if abs(row["pull"]) > 3.5]
    assert [w.split(":")[0] for w in found.warnings if "outlier" in w] == [
        f"row {k} is an outlier" for k in off
    ]
    assert off
    assert fitted(math.nan, band=0.1).rows[0]["stderr"] is None


@pytest.mark.parametrize(("pull", "named"), [(3.4, False), (3.6, True), (-3.6, True)])
def test_an_outlier_is_more_than_three_and_a_half_deviations_off(pull: float, named: bool) -> None:
    search = searching(line([0.5 * math.exp(0.05 * pull)], [1.0], stderr=0.05), (), gamma=1.0, noise=1.0)
    warnings = _result(search, 0.95).warnings
    assert warnings == ((f"row 2 is an outlier: {pull:+.1f} standard deviations",) if named else ())


def test_what_the_runs_leave_open_is_said() -> None:
    found = _result(searching(line((0.5, 0.5), (1.0, 1.001), stderr=0.05)), 0.95)
    assert (found.parameters["noise"].low, found.parameters["noise"].high) == (None, None)
    assert "the data do not determine noise at all" in found.warnings
    below = _result(searching(line((0.03, 0.03), SIZES[:2], stderr=0.5)), 0.95)
    assert below.parameters["gamma"].low is None
    assert below.parameters["gamma"].high is not None
    assert "the data do not determine gamma from below" in below.warnings
    above = _result(searching(line((6.0, 6.0), SIZES[:2], stderr=0.5)), 0.95)
    assert above.parameters["gamma"].high is None
    assert above.parameters["gamma"].low is not None
    assert "the data do not determine gamma from above" in above.warnings


@pytest.mark.parametrize("confidence", [0.9, 0.5])
@pytest.mark.parametrize(("stderr", "band"), [(0.05, 0.0), (math.nan, 0.01)])
def test_a_forecast_is_the_prediction_interval_of_a_regression(
    stderr: float, band: float, confidence: float
) -> None:
    """``g' C g`` of the line and the square of the band at the new place, at the quantile of chi^2 or of Student."""
    found = fitted(stderr, band=band)
    ahead = replace(found.model.at([Run(0, 4000.0, 1.0, math.nan, math.nan)]), band=0.2)
    x, _, covariance = regression(found.model, band or stderr)
    assert found.found is not None
    g = np.array([1.0, math.log(4000.0)])
    quantile = stats.t.ppf(0.5 + confidence / 2.0, 3) if band else stats.norm.ppf(0.5 + confidence / 2.0)
    far = quantile * math.sqrt(0.2**2 + found.found.scale * g @ covariance @ g)
    low, high = interval(found, ahead, confidence)
    assert math.log(low) == pytest.approx(g @ x - far, abs=0.03 * far)
    assert math.log(high) == pytest.approx(g @ x + far, abs=0.03 * far)


def test_the_noise_under_a_test_loss_is_no_uncertainty_of_the_theory() -> None:
    """Half of the loss is noise: half the band counts, of the runs and of a forecast."""
    model = line([1.0], [1.0], stderr=0.03)
    model = replace(model, measure="test_loss", band=0.08)
    found = _result(searching(model, (), gamma=1.0, noise=0.5), 0.95)
    assert found.chi2 == pytest.approx(0.0, abs=1e-20)
    assert found.found is not None
    assert found.found.search.sigma == pytest.approx([math.hypot(0.03, 0.04)], rel=1e-12)
    ahead = model.at([Run(0, 1.0, 1.0, math.nan, math.nan)])
    low, high = interval(found, ahead, 0.9, of_measure=True)
    assert (math.log(low), math.log(high)) == pytest.approx((-1.645 * 0.04, 1.645 * 0.04), rel=1e-3)
    low, high = interval(found, ahead, 0.9)
    assert (math.log(2 * low), math.log(2 * high)) == pytest.approx((-1.645 * 0.08, 1.645 * 0.08), rel=1e-3)


TRUTH = ax.Problem("diagonal", gamma=1.4, d=150, n=1, lam=1, noise=0.25)
ROWS = [{"n": n, "lam": 0.7, "error": v, "stderr": 0.1 * v} for n, v in ((40, 0.6), (300, 0.2))]


def test_everything_given_is_a_comparison() -> None:
    """No parameter is free: the sum of squares is that of the deviations from `solve`."""
    found = fit(ROWS, d=150, gamma=1.4, noise=0.25, norm=2.0)
    total = 0.0
    for row, made in zip(ROWS, found.rows, strict=True):
        problem = TRUTH.replace(n=row["n"], lam=0.7 / 2.0, noise=0.25 / 4.0)
        solution = ax.solve(problem)
        band = solution.finite_size
        expected = 4.0 * solution.error * math.sqrt((1.0 + band.low) * (1.0 + band.high))
        assert made["fitted"] == pytest.approx(expected, rel=1e-8)
        assert made["phase"] == phase_of(problem)
        spread = 2.0 * math.log(1.0 + 2.0 / 150.0 + 1.0 / row["n"]) / math.sqrt(12.0)
        total += math.log(row["error"] / expected) ** 2 / (0.1**2 + spread**2)
    assert found.chi2 == pytest.approx(total, rel=1e-8)
    assert (found.dof, found.free, found.confidence) == (2, (), 0.95)
    assert found.p_value == pytest.approx(math.exp(-0.5 * total), rel=1e-7)  # of two degrees of freedom
    assert {name: (p.value, p.free) for name, p in found.parameters.items()} == {
        "gamma": (1.4, False),
        "noise": (0.25, False),
        "norm": (2.0, False),
    }
    as_dict = found.to_dict()
    assert as_dict["gamma"] == {"value": 1.4, "low": None, "high": None, "free": False}
    assert as_dict["chi2"] == found.chi2
    assert as_dict["rows"][0]["phase_words"] == in_words(found.rows[0]["phase"])
    assert as_dict["warnings"] == list(found.warnings)


def test_a_plot_is_that_of_the_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asymptotix.plots.fit", lambda found, axes, **style: (found, axes, style))
    found = fitted(0.05)
    assert found.plot(color="k") == (found, None, {"color": "k"})


def test_a_norm_of_one_is_given_unless_it_is_asked_for() -> None:
    assert fit(ROWS, d=150, gamma=1.4, noise=0.25).parameters["norm"].value == 1.0
    assert fit(ROWS, d=150, gamma=1.4, noise=0.25, norm=None).free == ("norm",)


def test_units_of_a_column_are_those_of_the_user_unless_he_says_more() -> None:
    rows = [{"n": row["n"], "alpha": row["lam"], "error": row["error"]} for row in ROWS]
    given = {"d": 150, "gamma": 1.4, "noise": 0.25}
    assert fit(rows, **given).model.units == ax.Convention("alpha")  # type: ignore[arg-type]
    mine = fit(rows, units=ax.Convention("mean"), **given)  # type: ignore[arg-type]
    assert mine.model.units == ax.Convention("mean")
    assert any("alpha" in warning for warning in mine.warnings)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"confidence": 1.0}, r"confidence = 1.0 .*\[0.5, 1\)"),
        ({"confidence": 0.49}, "confidence = 0.49"),
        ({"loss": "l1"}, "loss = 'l1'"),
    ],
)
def test_options_out_of_range(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        fit(ROWS, d=150, gamma=1.4, noise=0.25, **asked)


def test_half_is_a_confidence() -> None:
    assert fit(ROWS, d=150, gamma=1.4, noise=0.25, confidence=0.5).confidence == 0.5


def test_phases_are_of_problems_that_have_them() -> None:
    assert phase_of(TRUTH.replace(n=300)) is not None
    assert phase_of(TRUTH.replace(d=1, n=300)) is None
    assert phase_of(TRUTH.replace(d=2, n=300)) is not None
    assert (
        phase_of(ax.Problem("diagonal", teacher=ax.FiniteRank([1.0]), d=150, n=300, lam=1, noise=1)) is None
    )
    assert in_words(None) is None
    # without noise there are others
    from asymptotix.asymptotics.diagram import phase_diagram

    quiet = TRUTH.replace(n=10_000, lam=0.01, noise=0)
    assert phase_of(quiet) == phase_diagram("diagonal", noisy=False).locate(quiet).phase
