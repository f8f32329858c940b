"""Points on measured data: what decides them, what the page says of them, and a table that is singular."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.experiments.real import NAMES, RealPlan, RealPoint, Shape, measure, plans, shapes, table
from asymptotix.report.real_inputs import text, verdict
from asymptotix.store import Store

SMALL = RealPlan("diabetes", False, ax.Problem("diagonal", gamma=1.25, d=10, n=40, lam=0.5, noise=0.1), 1, 6)


def point(measured: float, gaussian: float) -> RealPoint:
    return RealPoint(SMALL, 0.1, (measured, 0.01), (gaussian, 0.01), 0)


def test_every_data_set_is_seen_by_both_networks_either_way() -> None:
    chosen = list(plans())
    assert {(p.name, p.problem.network, p.whiten) for p in chosen} == {
        (name, network, whiten)
        for name in NAMES
        for network in ("diagonal", "quadratic")
        for whiten in (True, False)
    }
    assert len({p.seed for p in chosen}) == len(chosen)
    assert all(p.problem.n <= len(table(p.name)) for p in chosen)


def test_a_point_is_measured_once(tmp_path: Path) -> None:
    store = Store(tmp_path / "points.jsonl")
    found = measure(SMALL, store)
    assert found.unconverged == 0
    assert abs(found.z) < 5
    assert measure(SMALL, Store(tmp_path / "points.jsonl")) == found
    assert "--as-they-are" in SMALL.command


def test_the_page_says_what_the_points_say() -> None:
    known = {"diabetes": Shape(442, 10, 0.1, 3.1, 10.6)}
    good, bad = point(0.10, 0.11), point(0.20, 0.10)
    assert "1 of 1 points" in verdict([good])
    assert "fails" not in verdict([good])
    assert "error times 2.00, z = +7.1" in verdict([good, bad])
    assert text([good, bad], known).count("| no ") == 1


def test_fourth_moments_of_gaussian_rows_are_three(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).standard_normal((20_000, 4)) * [4.0, 3.0, 2.0, 1.0]
    monkeypatch.setattr("asymptotix.experiments.real.table", lambda name: rows)
    found = shapes()["digits"]
    assert found.median_fourth == pytest.approx(3.0, abs=0.2)
    assert found.smallest_variance == pytest.approx(1 / 16, rel=0.1)


@pytest.mark.parametrize("whiten", [True, False])
def test_pixels_that_are_dark_in_all_samples_drawn(whiten: bool) -> None:
    """The Gram matrix is singular though there are more than twice as many samples as dimensions."""
    p = ax.Problem("diagonal", gamma=1.25, d=61, n=140, lam=0.5, noise=0.1)
    assert ax.simulate(p, seeds=2, inputs_from=table("digits"), whiten=whiten).status == "converged"
