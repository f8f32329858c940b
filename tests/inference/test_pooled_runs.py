"""Cells of a table as numbers, and repeats as one point with the right standard error."""

from __future__ import annotations

import math
from typing import Any

import pytest

from asymptotix.errors import InvalidInput
from asymptotix.inference.run_table import read_runs


def repeats(*pairs: tuple[float, float | None], **more: Any) -> list[dict[str, Any]]:
    return [{"n": 50, "lam": 1, "error": value, "stderr": stderr, **more} for value, stderr in pairs]


def test_repeats_with_standard_errors_have_that_of_their_mean() -> None:
    (run,) = read_runs(repeats((0.5, 0.3), (0.7, 0.4), (0.9, 1.2))).runs
    assert run.value == pytest.approx(0.7)
    assert run.stderr == pytest.approx(1.3 / 3.0, rel=1e-14)
    assert (run.repeats, run.freedom, run.row) == (3, math.inf, 2)


def test_repeats_without_have_that_of_their_scatter() -> None:
    """Deviations -3, 1, 2 of a mean: variance (9 + 1 + 4)/2, of the mean a third of it, two degrees of freedom."""
    (run,) = read_runs(repeats((7.0, None), (11.0, 0.1), (12.0, None))).runs
    assert run.stderr == pytest.approx(math.sqrt(7.0 / 3.0), rel=1e-14)
    assert (run.value, run.repeats, run.freedom) == (10.0, 3, 2.0)


def test_a_single_run_is_left_as_it_is() -> None:
    (run,) = read_runs(repeats((0.5, 0.3), width=1)).runs
    assert (run.stderr, run.width, run.repeats, run.freedom) == (0.3, 1, 1, math.inf)
    assert math.isnan(read_runs(repeats((0.5, None))).runs[0].stderr)
    assert read_runs(repeats((0.5, None))).runs[0].width is None


def test_widths_are_whole_places_of_their_own() -> None:
    table = read_runs([*repeats((0.5, None), width=4.0), *repeats((0.7, None), width=5)])
    assert [(run.width, run.value, run.row) for run in table.runs] == [(4, 0.5, 2), (5, 0.7, 3)]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"width": 0.5}, "hidden units >= 1 in column width of row 2"),
        ({"lam": -1e-9}, "a weight decay >= 0 in column lam of row 2"),
        ({"n": 0}, "samples > 0 in column n of row 2"),
        ({"stderr": 0}, "a standard error > 0"),
        ({"error": math.inf}, "a number > 0"),
    ],
)
def test_cells_out_of_range(cell: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_runs([{**repeats((0.5, None))[0], **cell}])


def test_the_ends_of_ranges_are_allowed() -> None:
    run = read_runs([{"n": 1e-9, "lam": 0, "error": 1e-300, "width": 1}]).runs[0]
    assert (run.n, run.lam, run.value, run.width) == (1e-9, 0.0, 1e-300, 1)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"n": 1, "lam": 1, "accuracy": 1}, "no column that says how good a run was"),
        ({"error": 1, "test_loss": 1, "n": 1}, "columns error and test_loss"),
    ],
)
def test_what_was_found_instead_of_one_measure(row: dict[str, Any], found: str) -> None:
    with pytest.raises(InvalidInput, match=f"{found}(?! and)"):
        read_runs([row])
