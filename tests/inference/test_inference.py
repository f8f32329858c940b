"""Fits, forecasts and plans on runs whose truth is known; and runs that cannot be used."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput
from asymptotix.inference.fitting import in_words
from asymptotix.inference.rolling import roll_out
from asymptotix.inference.run_table import Run, read_runs

TRUTH = ax.Problem("diagonal", gamma=1.4, d=150, n=1, lam=1, noise=0.25)


ALPHA = ax.Convention("alpha")
SIZES = (20, 50, 120, 300)


def runs(sizes: Any = SIZES, scatter: float = 0.02, seed: int = 0, **changes: Any) -> list[dict[str, Any]]:
    rng, rows = np.random.default_rng(seed), []
    for n in sizes:
        p = TRUTH.replace(n=n, **changes)
        error = ax.solve(p).error
        value = error * math.exp(scatter * rng.standard_normal())
        rows.append({"n": n, "lam": float(p.lam), "error": value, "stderr": scatter * error})
    return rows


def test_a_fit_returns_the_truth_within_its_intervals() -> None:
    found = ax.fit(runs(), "diagonal", d=150)
    for name, truth in (("gamma", 1.4), ("noise", 0.25)):
        p = found.parameters[name]
        assert p.low is not None
        assert p.high is not None
        assert p.low < truth < p.high
        assert p.high / p.low < 1.6
    assert found.p_value > 0.01
    assert all(row["phase"] for row in found.rows)


def test_an_interval_is_where_the_sum_of_squares_has_risen_by_its_quantile() -> None:
    """A 95 % interval: 3.84 above the minimum at either end, the other parameter following."""
    rows = runs()
    found = ax.fit(rows, "diagonal", d=150)
    gamma = found.parameters["gamma"]
    for end in (gamma.low, gamma.high):
        held = ax.fit(rows, "diagonal", d=150, gamma=end)
        assert held.chi2 - found.chi2 == pytest.approx(3.84, rel=0.1)
    narrow = ax.fit(rows, "diagonal", d=150, confidence=0.5).parameters["gamma"]
    assert narrow.high - narrow.low < 0.5 * (gamma.high - gamma.low)  # type: ignore[operator]


def test_a_covariance_is_what_short_intervals_show() -> None:
    found = ax.fit(runs(scatter=0.01), "diagonal", d=150)
    for k, (name, origin) in enumerate((("gamma", 0.5), ("noise", 0.0))):
        p = found.parameters[name]
        assert p.low is not None
        assert p.high is not None
        width = math.log((p.high - origin) / (p.low - origin))
        assert width == pytest.approx(2 * 1.96 * math.sqrt(found.covariance[k, k]), rel=0.25)


def test_a_fit_of_nothing_says_how_far_the_runs_are_off() -> None:
    found = ax.fit(runs((20, 300)), "diagonal", d=150, gamma=3.0, noise=0.25)
    assert not any(p.free for p in found.parameters.values())
    assert found.p_value < 1e-6


def test_a_teacher_of_another_norm() -> None:
    """Twice the teacher, four times error and noise, twice the penalty: the same fit in other units."""
    rows = [
        {**r, "lam": 2 * r["lam"], "error": 4 * r["error"], "stderr": 4 * r["stderr"]}
        for r in runs(scatter=0.01)
    ]
    found = ax.fit(rows, "diagonal", d=150, norm=2)
    one = ax.fit(runs(scatter=0.01), "diagonal", d=150)
    assert found.truth.gamma == pytest.approx(one.truth.gamma, rel=1e-3)
    assert found.truth.noise == pytest.approx(4 * one.truth.noise, rel=1e-2)
    free = ax.fit(rows, "diagonal", d=150, noise=1.0, norm=None).parameters["norm"]
    assert free.low < 2 < free.high  # type: ignore[operator]


@pytest.mark.parametrize("measure", ["excess_risk", "test_loss"])
def test_other_measures(measure: str) -> None:
    floor = 0.25 if measure == "test_loss" else 0.0
    rows = [
        {"n": r["n"], "lam": r["lam"], measure: r["error"] + floor, "stderr": r["stderr"]}
        for r in runs(scatter=0.002)
    ]
    found = ax.fit(rows, "diagonal", d=150)
    assert found.truth.gamma == pytest.approx(1.4, abs=0.1)


def test_what_the_data_cannot_determine_is_said() -> None:
    """At penalties that learn nothing the error is 1 whatever the noise."""
    rows = [{"n": n, "lam": 400.0, "error": 1.0, "stderr": 0.01} for n in (4, 6, 8)]
    found = ax.fit(rows, "diagonal", d=150)
    assert found.parameters["noise"].low is None
    assert any("do not determine noise" in warning for warning in found.warnings)


def test_an_outlier_is_named_and_counts_less_with_a_robust_loss() -> None:
    rows = runs(scatter=0.01)
    rows[2]["error"] *= 1.5
    plain, robust = (ax.fit(rows, "diagonal", d=150, noise=0.25, loss=loss) for loss in ("linear", "huber"))
    assert any(warning.startswith("row 4 is an outlier") for warning in robust.warnings)
    assert abs(robust.truth.gamma - 1.4) < abs(plain.truth.gamma - 1.4)


FIVE = (20, 50, 120, 300, 700)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda r: {"lam": r["lam"] / 30}, r"(29|30)\.\d in lam makes the fit good"),
        (
            lambda r: {"lam": r["lam"] * 150**0.5 / r["n"]},
            r"n/sqrt\(d\) makes the fit good \(--lam-unit alpha",
        ),
        (lambda r: {"error": 2 * r["error"], "stderr": ""}, "error looks like 2 times"),
    ],
)
def test_wrong_units_are_suspected(spoil: Any, said: str) -> None:
    """Said and not applied; the teacher's decay is given, so that a search is quick."""
    rows = [{**r, **spoil(r)} for r in runs(sizes=FIVE, scatter=0.01)]
    found = ax.fit(rows, "diagonal", d=150, gamma=1.4)
    assert any(re.search(said, warning) for warning in found.warnings), found.warnings


def test_right_units_are_not_suspected() -> None:
    found = ax.fit(runs(sizes=FIVE), "diagonal", d=150, gamma=1.4)
    assert not any("units" in warning for warning in found.warnings)


def test_a_penalty_in_the_units_of_scikit_learn() -> None:
    """alpha at every n: the same fit, the same forecast, and the best alpha."""
    rows = [{**r, "lam": r["lam"] * 150**0.5 / r["n"]} for r in runs()]
    mine, one = (
        ax.fit(x, "diagonal", d=150, gamma=1.4, **u) for x, u in ((rows, {"units": ALPHA}), (runs(), {}))
    )
    assert mine.truth.noise == pytest.approx(one.truth.noise, rel=1e-6)
    best, same = ax.forecast(mine, 1000, "best")[0], ax.forecast(one, 1000, "best")[0]
    assert best.lam * 1000 / 150**0.5 == pytest.approx(same.lam, rel=1e-5)
    assert best.error == pytest.approx(same.error, rel=1e-6)
    least = ax.plan(mine, error=0.05, lam=0.01)
    assert ax.forecast(mine, float(least.n or 0), 0.01)[0].error == pytest.approx(0.05, rel=1e-6)


def test_a_forecast_across_a_crossover_where_a_power_law_fails() -> None:
    found = ax.fit(runs(sizes=(20, 40, 70, 120)), "diagonal", d=150)
    (ahead,) = ax.forecast(found, 2000)
    truth = ax.solve(TRUTH.replace(n=2000)).error
    assert ahead.low < truth < ahead.high
    assert ahead.bayes_error is not None
    assert ahead.bayes_error < truth
    assert len(ahead.crossed) > 1
    usual = next(law for law in found.power_laws if law.name.startswith("E + A"))
    assert abs(math.log(usual.at(2000) / truth)) > 5 * abs(math.log(ahead.error / truth))


def test_the_best_penalty_is_that_of_the_optimum() -> None:
    found = ax.fit(runs(), "diagonal", d=150)
    kept, best = ax.forecast(found, 1000)[0], ax.forecast(found, 1000, "best")[0]
    assert best.error <= kept.error
    p = TRUTH.replace(gamma=found.truth.gamma, noise=found.truth.noise, n=1000)
    assert best.lam == pytest.approx(ax.optimum(p).lam_star, rel=1e-6)


def test_a_plan_is_the_inverse_of_a_solve() -> None:
    found = ax.plan(TRUTH, error=0.1, lam=1)
    assert ax.solve(TRUTH.replace(n=found.n)).error == pytest.approx(0.1, rel=1e-6)
    assert ax.solve(TRUTH.replace(n=0.9 * float(found.n or 0))).error > 0.1
    assert found.phase is not None
    assert str(found.phase_words).startswith(in_words(found.phase) or "?")
    best = ax.plan(TRUTH, error=0.1)
    assert best.n is not None
    assert best.n <= found.n * (1 + 1e-9)  # type: ignore[operator]
    q = ax.Problem("quadratic", gamma=1.25, d=100, n=1, lam=1, noise=0.1, width=3)
    never = ax.plan(q, error=0.01)
    assert never.n is None
    assert never.status.startswith("never with width 3: it misses 0.07451")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda rows: rows[1].update(error=0), r"column error of row 3"),
        (
            lambda rows: rows[0].update(stderr=-1),
            r"a standard error > 0, or nothing in column stderr of row 2",
        ),
        (lambda rows: rows[1].update(error="-"), r"column error of row 3"),
        (lambda rows: [r.pop("lam") for r in rows], r"a column lam"),
        (lambda rows: rows[0].update(error=50), r"50 in row 2"),
        (lambda rows: rows.__delitem__(slice(1, None)), r"all rows at n = 40, lam = 1"),
        (lambda rows: [r.update(n=40) for r in rows], r"all rows at n = 40, lam = 1.*runs at several n"),
    ],
)
def test_runs_that_cannot_be_used(spoil: Any, message: str) -> None:
    rows = runs(sizes=(40, 80, 160))
    spoil(rows)
    with pytest.raises(InvalidInput, match=message):
        ax.fit(rows, "diagonal", d=150)


@pytest.mark.parametrize(
    ("measure", "value", "given", "message"),
    [
        ("error", 0.5, {"norm": None}, r"2 points.*\(gamma, noise, norm\)"),
        ("excess_risk", 45.0, {"norm": 1.0}, "45 in row 2.*excess_risk near or below the null risk 1 "),
        ("error", 10.0, {"norm": 0.5}, "10 in row 2.*error near or below the null risk 0.25 "),
        ("test_loss", 90.0, {"noise": 2.0}, "90 in row 2.*test_loss near or below the null risk 3 "),
        ("test_loss", 0.5, {"noise": 2.0}, "0.5 in row 2.*a test loss above the noise 2"),
    ],
)
def test_values_that_no_network_has(measure: str, value: float, given: dict[str, Any], message: str) -> None:
    rows = [{"n": n, "lam": 1, measure: value} for n in (40, 80)]
    with pytest.raises(InvalidInput, match=message):
        ax.fit(rows, "diagonal", d=150, **given)


def test_mixed_units_are_said_by_row() -> None:
    rows = runs(sizes=(*FIVE, 1000), scatter=0.01)
    rows[4].update(error=2 * rows[4]["error"], stderr=2 * rows[4]["stderr"])
    found = ax.fit(rows, "diagonal", d=150, noise=0.25)
    assert any("row 6: error is about 2 times what the other rows say" in w for w in found.warnings)
    assert not any("makes the fit good" in w for w in found.warnings)


def test_an_error_above_the_null_risk_is_said_by_row() -> None:
    rows = runs(scatter=0.01)
    rows[0].update(error=3.0, stderr=0.03)
    found = ax.fit(rows, "diagonal", d=150, noise=0.25)
    assert any(re.match(r"row 2: error 3 is above the null risk 1", w) for w in found.warnings)


def test_repeats_are_pooled_and_frames_are_read() -> None:
    import pandas

    frame = pandas.DataFrame({"n": [40, 40, 80], "lam": 1.0, "error": [0.4, 0.6, 0.3], "seed": [0, 1, 0]})
    table = read_runs(frame)
    assert [(run.n, run.value, run.repeats) for run in table.runs] == [(40, 0.5, 2), (80, 0.3, 1)]
    assert table.runs[0].stderr == pytest.approx(0.1)
    assert read_runs(frame.to_dict("list")) == table
    with pytest.raises(InvalidInput, match="columns of one length"):
        read_runs({"n": [1, 2], "lam": [1], "error": [1, 2]})
    with pytest.raises(InvalidInput, match="a list of mappings"):
        read_runs([1, 2])


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "runs.csv"
    path.write_text("n,lam,error,stderr\n" + "\n".join(",".join(map(str, r.values())) for r in runs()))

    def ask(words: str) -> Any:
        with pytest.raises(SystemExit) as left:
            main([*words.split(), "--json"])
        assert left.value.code == 0
        return json.loads(capsys.readouterr().out)

    fitted = ask(f"fit {path} --network diagonal --d 150")
    assert set(fitted["gamma"]) == {"value", "low", "high", "free"}
    assert {"n", "lam", "error", "stderr", "fitted", "pull", "phase"} <= set(fitted["rows"][0])
    ahead = ask(f"forecast {path} --network diagonal --d 150 --gamma 1.4 --n 1000,2000 --lam best")
    assert [row["n"] for row in ahead] == [1000.0, 2000.0]
    assert {"n", "lam", "error", "low", "high", "phase", "bayes_error"} <= set(ahead[0])
    planned = ask("plan --network diagonal --gamma 1.4 --d 150 --noise 0.25 --error 0.1")
    assert set(planned) == {"n", "lam", "width", "error", "phase", "phase_words", "status"}


def test_a_forecast_knows_a_noise_of_which_only_the_upper_end_is_known() -> None:
    """The covariance at a noise of nearly zero says that nothing is uncertain; the profile does not."""
    sizes = (20, 40, 80)
    rows = [{**r, "error": 0.98 * r["error"]} for r in runs(sizes, scatter=1e-9, noise=1e-3)]
    rows = [{**r, "stderr": 0.05 * r["error"]} for r in rows]
    found = ax.fit(rows, "diagonal", d=150, gamma=1.4)
    noise = found.parameters["noise"]
    assert noise.low is None
    assert noise.high is not None
    assert 0.01 < noise.high < 0.5
    (ahead,) = ax.forecast(found, 2000)
    assert ahead.low < ax.solve(TRUTH.replace(n=2000, noise=1e-3)).error < ahead.high
    loud = ax.solve(TRUTH.replace(n=2000, noise=noise.high)).error
    assert 0.5 * loud < ahead.high < 1.2 * loud


def test_a_standard_error_of_few_repeats_makes_a_pull_of_students() -> None:
    """At 3 repeats a pull of 4.3 is the 97.5 % point, as 1.96 is with a standard error that is known."""
    from asymptotix.inference.likelihood import Search
    from asymptotix.inference.model import Model, Truth

    error = ax.solve(TRUTH.replace(n=300)).error
    sure = Run(2, 300.0, 1.0, error * math.exp(0.43027), math.nan)
    pulls = []
    for freedom in (2.0, math.inf):
        run = replace(sure, stderr=0.1 * sure.value, repeats=3, freedom=freedom)
        model = Model(TRUTH, (run,), "error")
        search = Search(model, (), {"gamma": 1.4, "noise": 0.25, "norm": 1.0}, "linear")
        assert search.truth(np.zeros(0)) == Truth(1.4, 0.25)
        pulls.append(float(search.residuals(np.zeros(0))[0]))
    assert pulls[0] == pytest.approx(1.96, abs=0.02)
    assert pulls[1] == pytest.approx(4.29, abs=0.03)


def test_a_roll_out_forecasts_the_second_half_from_the_first() -> None:
    rows = runs((20, 35, 60, 100, 400, 1500), scatter=0.02, seed=3)
    found = roll_out(rows, d=150, share=0.6, noise=0.25)
    assert [r.n for r in found] == [400.0, 1500.0]
    assert all(r.held and r.low < r.forecast < r.high for r in found)
    worst = [
        max(abs(math.log(getattr(r, law) / r.measured)) for r in found) for law in ("forecast", "chinchilla")
    ]
    assert worst[0] < 0.15 < worst[1]
    wrong = [{**r, "error": (3 if r["n"] > 1000 else 1) * r["error"]} for r in rows]
    assert [r.held for r in roll_out(wrong, d=150, share=0.6, noise=0.25)] == [True, False]
    with pytest.raises(InvalidInput, match="share"):
        roll_out(rows, d=150, share=1.0)
    with pytest.raises(InvalidInput, match="more samples than those that are fitted"):
        roll_out([{**r, "n": 50, "lam": k} for k, r in enumerate(rows)], d=150)


def test_a_roll_out_of_test_losses_is_in_test_losses() -> None:
    rows = [
        {"n": r["n"], "lam": r["lam"], "test_loss": r["error"] + 0.25, "stderr": 0.002}
        for r in runs((20, 50, 120, 300), scatter=1e-3)
    ]
    for rolled in roll_out(rows, d=150, gamma=1.4):
        assert rolled.held
        assert rolled.low > 0.24
        assert rolled.high / rolled.low < 1.2


def test_repeats_that_agree_by_chance_scatter_as_much_as_noise_levels_do() -> None:
    """Slope -1 in n: the relative scatter of 4 repeats at n = 50 is at least (2/50)^(1/2) / 2."""
    from asymptotix.inference.likelihood import least_scatter

    rows = [
        Run(k, n, 1.0, 10.0 / n, 0.01, repeats=4, freedom=3.0) for k, n in enumerate((200.0, 50.0, 100.0))
    ]
    assert least_scatter(rows) == pytest.approx([math.sqrt(2 / n) / 2 for n in (200, 50, 100)])
    assert least_scatter([replace(run, value=1.0) for run in rows]) == pytest.approx([0, 0, 0])
    assert least_scatter(rows[:1]) == pytest.approx([0])


def test_a_plan_from_a_fit_is_the_inverse_of_its_forecast() -> None:
    """Of matrices too, whose errors are fitted in the middle of the band of their own features."""
    p = ax.Problem("quadratic", gamma=1.3, d=30, n=1, lam=1, noise=0.3)
    rows = [
        {"n": n, "lam": 1, "error": 1.1 * ax.solve(p.replace(n=n)).error, "stderr": 0.02} for n in (300, 900)
    ]
    found = ax.fit(rows, "quadratic", d=30, gamma=1.3)
    planned = ax.plan(found, error=0.2, lam=1)
    assert planned.n is not None
    assert found.model.at([Run(0, planned.n, 1.0, 1.0, math.nan)]).errors(found.truth)[0] == pytest.approx(
        0.2
    )


def test_the_floor_of_a_test_loss_has_no_finite_size() -> None:
    """At d = 5 the theory of the error is uncertain by 23 %; of a loss that is noise for 99 % by hardly anything."""
    p = ax.Problem("diagonal", gamma=1.4, d=5, n=1, lam=1, noise=0.5)
    rows = [
        {"n": n, "lam": 1, "test_loss": ax.solve(p.replace(n=n)).error + 0.5, "stderr": 0.002}
        for n in (300, 900)
    ]
    noise = ax.fit(rows, "diagonal", d=5, gamma=1.4).parameters["noise"]
    assert 0.49 < noise.low < 0.5 < noise.high < 0.51  # type: ignore[operator]


def test_a_plan_without_noise_ends_where_the_teacher_is_nearly_recovered() -> None:
    """Where neither threshold nor noise changes anything any more, the search for the best penalty says so."""
    p = ax.Problem("elastic-net", gamma="1.1", d=10, n=1, lam=0, noise=0, ridge=0.1)
    found = ax.plan(p, error=0.1)
    assert found.status == "reached"
    assert ax.optimum(p.replace(n=found.n)).error_star == pytest.approx(0.1, rel=1e-6)
