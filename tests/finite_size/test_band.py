"""The band about the theory at finite sizes holds what was trained, and closes where it should; laws carry theirs."""

from __future__ import annotations

import json
import math
import shlex
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.checks.deepest_points import rays
from asymptotix.cli import main
from asymptotix.finite_size.band import FEATURES, Band, own_features, raised
from asymptotix.inference.model import Model, Truth
from asymptotix.inference.run_table import Run
from asymptotix.networks import get
from asymptotix.state_evolution import solve

DATA = Path(__file__).parents[2] / "reports" / "data" / "experiments.jsonl"


def trained() -> list[tuple[ax.Problem, np.ndarray[Any, Any]]]:
    """The stored points of quadratic networks with their own features, below n_eff = 60."""
    found = []
    for record in map(json.loads, DATA.read_text().splitlines()):
        key = record["key"]
        if (
            key.get("network") == "quadratic"
            and key.get("inputs") == "gaussian"
            and "errors" in record["value"]
        ):
            sizes = {name: key[name] for name in ("d", "n", "lam", "noise")}
            gamma = float(key["teacher"].removeprefix("PowerLaw(gamma=").removesuffix(")"))
            p = ax.Problem("quadratic", gamma=gamma, **sizes)
            if p.n_eff <= 60 and key.get("method") == "erm":
                found.append((p, np.array(record["value"]["errors"])))
    return found


def test_the_band_holds_trained_networks_with_few_effective_samples() -> None:
    """No point is further outside than its scatter allows, and four of five lie inside; without a band few do."""
    beyond, bare = [], []
    for p, errors in trained():
        s = solve(p)
        low, high = s.finite_size.about(s.error)
        mean, stderr = errors.mean(), errors.std(ddof=1) / math.sqrt(errors.size) + 1e-6
        beyond.append(max(low - mean, mean - high, 0.0) / stderr)
        bare.append(abs(mean - s.error) / stderr)
    assert len(beyond) > 70
    assert max(beyond) < 3.0
    assert np.mean(np.array(beyond) == 0) > 0.8
    assert max(bare) > 10


def test_the_band_is_no_wider_than_the_excess_asks_for() -> None:
    """Two and a half times the size of what is measured, at half of the points that learn or more."""
    ratios = []
    for p, errors in trained():
        s = solve(p)
        excess = errors.mean() / s.error - 1.0
        if excess > 0.05:
            ratios.append(s.finite_size.high / excess)
    assert 1.0 < np.median(ratios) < 2.5


def test_the_first_order_of_own_features_is_what_trained_networks_show() -> None:
    """In the mean of the points where degrees of freedom are far from used up and a band is not closed."""
    predicted, measured = [], []
    for p, errors in trained():
        s = solve(p)
        if s.dof_ratio < 0.5 and s.dof_ratio * s.n_eff > 1 and p.n_eff > 8:
            predicted.append(raised(s) / 1.5)
            measured.append(errors.mean() / s.error - 1.0)
    assert len(measured) > 15
    assert np.mean(predicted) == pytest.approx(np.mean(measured), rel=0.25)
    assert np.corrcoef(predicted, measured)[0, 1] > 0.8


def test_own_features_raise_the_error_most_where_one_feature_carries_it() -> None:
    """Steep teachers of little noise: ten data sets of d = 32 gave 0.35(7), of a bilinear network 0.17(5)."""
    for network, noise, trained in (("quadratic", 0.01, 0.35), ("bilinear", 0.5, 0.17)):
        band = solve(ax.Problem(network, gamma=2, d=32, n=480, lam=1, noise=noise)).finite_size
        assert 1.0 < band.high / trained < 2.0


def test_the_band_closes_where_nothing_is_learned_and_where_everything_is_large() -> None:
    nothing = solve(ax.Problem("quadratic", gamma=1.25, d=100, n=2000, lam=100, noise=1)).finite_size
    assert -1e-9 < nothing.low <= 0 <= nothing.high < 1e-9
    large = solve(ax.Problem("quadratic", gamma=1.25, d=10**9, n=1e18, lam=1, noise=1)).finite_size
    assert large.high < 1e-8
    small = solve(ax.Problem("quadratic", gamma=1.25, d=100, n=0.1, lam=0, noise=1)).finite_size
    assert -1 < small.low < 0 < small.high < 3
    wide = Band.of(raised=0.0, blurred=1.0, d=10, n=10)
    assert math.log1p(wide.high) == pytest.approx(-math.log1p(wide.low))
    assert wide.centre == pytest.approx(0.0)


def test_own_features_are_those_of_matrices() -> None:
    assert own_features(get("diagonal"), 10.0) == 0.0
    for network in ("quadratic", "symmetric", "bilinear"):
        assert own_features(get(network), 30.0) == FEATURES / 30.0
        assert own_features(get(network), 0.3) == 1.0


@pytest.mark.parametrize("network", ["diagonal", "quadratic"])
def test_a_law_is_as_far_off_as_its_next_order(network: str) -> None:
    """Inside every phase the error lies in the law's band, or outside by less than its width; and near its end."""
    held = []
    for ray in rays(network, Fraction(5, 4)):
        d = 10.0 ** min(8.0, ray.top)
        n_eff, lam, noise = (float(d) ** float(x) for x in (ray.point.a, ray.point.l, -ray.point.zeta))
        low, high = ray.phase.law_band(n_eff=n_eff, lam=lam, d=d, noise=noise)
        law = ray.phase.law(n_eff=n_eff, lam=lam, d=d, noise=noise)
        error = solve(ray.problem(d)).error
        size = math.log(high / law)
        assert abs(math.log(error / law)) < 2.0 * size + 1e-8, ray.name
        held.append(low * (1 - 1e-8) <= error <= high * (1 + 1e-8))
    assert np.mean(held) > 0.7


def test_solve_prints_both_bands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(shlex.split("solve --network quadratic --gamma 1.25 --d 100 --n 2000 --lam 1 --noise 1 --json"))
    assert left.value.code == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["finite_size"][0] < 0 < shown["finite_size"][1] < 0.2
    assert shown["law_band"][0] < shown["law"] < shown["law_band"][1]


def test_a_fit_of_matrices_expects_the_excess_of_their_own_features() -> None:
    """The middle of the band, not the bare theory: half the bound above it is no evidence against the truth."""
    p = ax.Problem("quadratic", gamma=1.25, d=60, n=1, lam=1, noise=0.5)
    runs = tuple(Run(2, 60.0 * n_eff, 1.0, 1.0, math.nan) for n_eff in (6, 25, 100))
    model = Model(p, runs, "error")
    for run, fitted in zip(runs, model.values(Truth(1.25, 0.5)), strict=True):
        s = solve(p.replace(n=run.n))
        assert 0.05 < (fitted / s.error - 1) / s.finite_size.high < 0.55
        assert 0.3 < model.allowance(run) / s.finite_size.spread < 2.5
