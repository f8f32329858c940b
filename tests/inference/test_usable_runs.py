"""Runs that no fit can use: each bound from both of its sides, and the null risk in every measure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import asymptotix as ax
from asymptotix.errors import InvalidInput
from asymptotix.inference.usable import above_null, check, null_risk
from tests.inference.straight_line import StraightLine, line

MATRIX = ax.Problem("quadratic", gamma=1.5, d=100, n=1, lam=1, noise=1)


def model(
    values: list[float], sizes: list[float] | None = None, measure: str = "error", base: Any = None
) -> StraightLine:
    made = line(values, sizes or [10.0 * (k + 1) for k in range(len(values))])
    return StraightLine(base or made.base, made.runs, measure)


def test_what_no_prediction_costs() -> None:
    """Norm 3: error 9; the excess of a matrix is twice its error; a test loss has the noise besides."""
    error, risk, loss = (model([1.0], measure=m, base=MATRIX) for m in ("error", "excess_risk", "test_loss"))
    assert (null_risk(error, 3.0, 0.5), null_risk(risk, 3.0, 0.5), null_risk(loss, 3.0, 0.5)) == (
        9.0,
        18.0,
        18.5,
    )
    assert (null_risk(error, 3.0, None), null_risk(risk, 3.0, None), null_risk(loss, 3.0, None)) == (
        9.0,
        18.0,
        None,
    )
    assert null_risk(error, None, 0.5) is None
    assert null_risk(loss, None, 0.5) is None
    assert null_risk(loss, 3.0, 0.0) == 18.0


def test_runs_worse_than_no_prediction() -> None:
    """Said beyond 1.2 times the null risk, where the equations stay below it."""
    rows = [
        {"row": 2, "error": 2.41, "fitted": 1.99},
        {"row": 3, "error": 2.39, "fitted": 1.0},
        {"row": 4, "error": 5.0, "fitted": 2.0},
    ]
    (found,) = above_null(rows, "error", 2.0)
    assert found.startswith(
        "row 2: error 2.41 is above the null risk 2, where the equations say 1.99: another unit"
    )
    assert above_null(rows, "error", None) == []


@pytest.mark.parametrize(
    ("made", "given", "message"),
    [
        (
            model([1.0] * 2, [7.0] * 2),
            (("gamma", "noise"), 1.0, None),
            "all rows at n = 7, lam = 1.*all but one of gamma, noise",
        ),
        (model([1.0]), (("gamma", "noise"), 1.0, None), "all rows at n = 10"),
        (model([1.0, 1.0]), (("gamma", "noise", "norm"), None, None), r"2 points.*\(gamma, noise, norm\)"),
        (model([1.0, 0.99], measure="test_loss"), (("gamma",), 1.0, 2.0), "0.99 in row 3.*above the noise 2"),
        (model([1.0, 80.1]), (("gamma",), 2.0, None), "80.1 in row 3.*near or below the null risk 4"),
    ],
)
def test_refused(made: StraightLine, given: tuple[Any, ...], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        check(made, *given)


@pytest.mark.parametrize(
    ("made", "given"),
    [
        (model([1.0] * 2, [7.0] * 2), (("gamma",), 1.0, None)),
        (model([1.0]), ((), 1.0, 1.0)),
        (model([1.0, 1.0]), (("gamma", "noise"), 1.0, None)),
        (model([1.0, 1.01], measure="test_loss"), (("gamma",), 1.0, 2.0)),
        (model([1.0, 0.1], measure="excess_risk"), (("gamma",), 1.0, 2.0)),
        (model([1.0, 0.1], measure="test_loss"), (("gamma", "noise"), 1.0, None)),
        (model([1.0, 79.9]), (("gamma",), 2.0, None)),
        (model([1.0, 1e9]), (("gamma", "norm"), None, None)),
    ],
)
def test_allowed(made: StraightLine, given: tuple[Any, ...]) -> None:
    check(made, *given)


def test_places_are_told_apart_by_weight_decay_and_width_too() -> None:
    first, second = model([1.0] * 2, [7.0] * 2).runs
    for other in (replace(second, lam=2.0), replace(second, width=3)):
        check(StraightLine(MATRIX, (first, other), "error"), ("gamma", "noise"), 1.0, None)
