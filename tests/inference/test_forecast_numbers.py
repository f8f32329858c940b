"""Forecasts, roll-outs and plans where everything is given: each number against `solve`, `optimum`, or by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scipy import stats

import asymptotix as ax
from asymptotix.errors import InvalidInput
from asymptotix.inference.fitting import Fit, phase_of
from asymptotix.inference.forecasting import _bayes, best_lam
from asymptotix.inference.model import Truth
from asymptotix.inference.rolling import _holds, roll_out
from asymptotix.inference.run_table import Run
from asymptotix.risk.bayes import bayes_error

GIVEN: dict[str, Any] = {"d": 150, "gamma": 1.4, "noise": 0.25}
BASE = ax.Problem("diagonal", n=1, lam=1, **GIVEN)
# With standard errors this large nothing is suspected.
ROWS = [{"n": n, "lam": lam, "error": 0.5, "stderr": 2.0} for n, lam in ((40, 0.7), (5, 0.9))]


def known(rows: Any = ROWS, **more: Any) -> Fit:
    return ax.fit(rows, **{**GIVEN, **more})


def middle(problem: ax.Problem) -> float:
    solution = ax.solve(problem)
    return solution.error * math.sqrt((1 + solution.finite_size.low) * (1 + solution.finite_size.high))


@pytest.mark.parametrize("confidence", [0.9, 0.5])
def test_a_forecast_of_what_is_given_is_that_of_solve(confidence: float) -> None:
    """Norm 2: errors times 4, noise over 4, weight decay over 2. Only the band of the size is uncertain."""
    found = known(norm=2.0)
    ahead, far = ax.forecast(found, [500, 900], 1.6, confidence=confidence)
    for one, n in ((ahead, 500.0), (far, 900.0)):
        problem = BASE.replace(n=n, lam=0.8, noise=0.0625)
        assert (one.n, one.lam, one.width) == (n, 1.6, None)
        assert one.error == pytest.approx(4.0 * middle(problem), rel=1e-8)
        spread = 2.0 * math.log(1.0 + 2.0 / 150.0 + 1.0 / n) / math.sqrt(12.0)
        room = math.exp(stats.norm.ppf(0.5 + confidence / 2.0) * spread)
        assert (one.low, one.high) == pytest.approx((one.error / room, one.error * room), rel=1e-8)
        assert one.bayes_error == pytest.approx(4.0 * bayes_error(problem), rel=1e-9)
        assert one.phase == phase_of(problem)
        assert one.crossed[-1] == one.phase
        assert one.to_dict()["crossed"] == list(one.crossed)


def test_the_weight_decay_and_the_width_of_the_largest_run_are_kept() -> None:
    assert ax.forecast(known(), 50)[0].lam == 0.7
    rows = [{"n": n, "lam": 1, "error": 0.3, "stderr": 1, "width": w} for n, w in ((900, 4), (300, 6))]
    found = ax.fit(rows, "quadratic", d=20, gamma=1.4, noise=0.25)
    kept, wider = ax.forecast(found, 2000)[0], ax.forecast(found, 2000, width=7)[0]
    assert (kept.width, wider.width) == (4, 7)
    p = ax.Problem("quadratic", gamma=1.4, noise=0.25, d=20, n=2000, lam=1, width=7)
    assert wider.error == pytest.approx(middle(p), rel=1e-8)
    assert wider.bayes_error == pytest.approx(bayes_error(p), rel=1e-9)
    assert kept.error == pytest.approx(middle(p.replace(width=4)), rel=1e-8)


@pytest.mark.parametrize(("depth", "power"), [(2, 1.0), (3, 2.0 / 3.0)])
def test_the_best_weight_decay_in_the_units_of_the_user(depth: int, power: float) -> None:
    found = known(ROWS[:1], norm=3.0, units=ax.Convention("mean"), depth=depth)
    best = ax.optimum(BASE.replace(n=500, noise=0.25 / 9.0, depth=depth)).lam_star
    expected = best * 3.0 ** (2.0 - power) / 500.0
    assert best_lam(found, found.truth, 500.0, None) == pytest.approx(expected, rel=1e-7)


def test_a_network_whose_best_estimator_is_not_known() -> None:
    truth = Truth(1.4, 0.25, norm=2.0)
    p = BASE.replace(n=500)
    assert _bayes(p, truth) == pytest.approx(4.0 * bayes_error(p), rel=1e-9)
    unknown = replace(p.net, least_error=None)
    assert _bayes(cast(Any, SimpleNamespace(net=unknown)), truth) is None


def test_phases_on_the_way_are_those_from_the_largest_run_on() -> None:
    found = known()
    (ahead,) = ax.forecast(found, 100_000)
    on_the_way = [phase_of(BASE.replace(n=40.0 * 2500.0 ** (k / 8), lam=0.7)) for k in range(9)]
    assert len(set(on_the_way)) > 1
    assert ahead.crossed == tuple(dict.fromkeys(on_the_way))
    (back,) = ax.forecast(found, 10)
    assert back.crossed == (back.phase,)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"n": 0}, "n = 0"),
        ({"n": [10, -1]}, "n = -1"),
        ({"n": 10, "lam": -1}, "lam = -1"),
        ({"n": 9, "lam": "x"}, "lam"),
    ],
)
def test_forecasts_out_of_range(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        ax.forecast(known(), **asked)
    assert ax.forecast(known(), 0.5, 0)[0].lam == 0.0


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_run_holds_up_to_the_end_of_its_interval_and_no_further(sign: float) -> None:
    """A room of log 2 above and log 3 below, widened in squares by the run's own 1.645 deviations of 5 %."""
    room = math.log(2.0) if sign > 0 else math.log(3.0)
    for stderr, freedom, quantile in ((math.nan, math.inf, 0.0), (0.2, math.inf, 1.6449), (0.2, 3.0, 2.3534)):
        end = math.hypot(room, quantile * 0.2)
        for off, held in ((0.999, True), (1.001, False)):
            value = 0.4 * math.exp(sign * off * end)
            run = Run(2, 10.0, 1.0, value, stderr * value, freedom=freedom)
            assert _holds(run, 0.4, 0.4 / 3.0, 0.8, 0.9) is held


def test_a_roll_out_fits_so_many_and_forecasts_the_larger_ones() -> None:
    """Of seven points half are four; the fifth has no more samples than they have."""
    sizes = (200, 20, 40, 80, 80, 100, 300)
    rows = [
        {"n": n, "lam": 1, "error": 2.0 * n**-0.5, "width": 10 + k, "stderr": 5} for k, n in enumerate(sizes)
    ]
    given: dict[str, Any] = {"d": 9, "gamma": 1.4, "noise": 0.25}
    found = roll_out(rows, "quadratic", **given)
    assert [r.n for r in found] == [100.0, 200.0, 300.0]
    assert [r.n for r in roll_out(rows, "quadratic", share=6 / 7, **given)] == [300.0]
    for share in (0.0, 1.0):
        with pytest.raises(InvalidInput, match="share"):
            roll_out(rows, "quadratic", share=share, **given)


def test_what_is_rolled_out_is_the_measure() -> None:
    """Norm 2, a test loss: 0.25 more than the error; and the laws fitted to the same points."""
    first = [
        {"n": n, "lam": 1, "test_loss": 0.25 + 2.0 * n**-0.5, "stderr": 1.0} for n in (20, 30, 45, 70, 100)
    ]
    rows = [*first, {"n": 300, "lam": 1, "test_loss": 0.375, "stderr": None}]
    (one,) = roll_out(rows, share=0.8, norm=2.0, confidence=0.5, **GIVEN)
    expected = 4.0 * middle(BASE.replace(n=300, lam=0.5, noise=0.0625))
    assert one.forecast == pytest.approx(0.25 + expected, rel=1e-8)
    assert (one.n, one.lam, one.measured, one.stderr) == (300.0, 1.0, 0.375, None)
    laws = {law.name: law.at(300.0) for law in known(first, norm=2.0).power_laws}
    assert (one.chinchilla, one.broken) == tuple(laws.values())
    share = expected / (0.25 + expected)
    spread = share * 2.0 * math.log(1.0 + 2.0 / 150.0 + 1.0 / 300.0) / math.sqrt(12.0)
    assert math.log(one.high / one.forecast) == pytest.approx(0.67449 * spread, rel=1e-4)
    assert math.log(one.low / one.forecast) == pytest.approx(-0.67449 * spread, rel=1e-4)
    assert one.held == (one.low <= 0.375 <= one.high)
    wide = roll_out([*first, {**rows[-1], "stderr": 0.2}], share=0.8, norm=2.0, **GIVEN)[0]
    assert (wide.held, wide.stderr) == (True, 0.2)


def test_few_points_have_no_power_law() -> None:
    rows = [{"n": n, "lam": 1, "error": 2.0 * n**-0.5, "stderr": 1.0} for n in (20, 30, 45, 300)]
    (one,) = roll_out(rows, share=0.75, **GIVEN)
    assert (one.chinchilla, one.broken) == (None, None)
