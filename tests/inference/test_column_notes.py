"""What is said of columns and rows that are left out, and which of several meanings a name has."""

from __future__ import annotations

import math
from typing import Any

import pandas
import pytest

from asymptotix.errors import InvalidInput
from asymptotix.inference.columns import blank, csv_rows, read_table

ROW = {"n": 50, "lam": 1, "error": 0.5}


def notes(*names: str, **more: Any) -> tuple[str, ...]:
    return read_table([{**ROW, **dict.fromkeys(names, "x"), **more}]).notes


def test_columns_that_are_not_used_are_listed_up_to_five() -> None:
    assert notes("colour") == ("column 'colour' is not used",)
    five = [f"zz{k}" for k in range(5)]
    listed = ", ".join(map(repr, five))
    assert notes(*five) == (f"columns {listed} are not used",)
    assert notes(*five, "zz5") == (f"columns {listed} and 1 more are not used",)


def test_rows_without_a_measure_are_listed_up_to_five() -> None:
    def empty(count: int) -> str:
        return read_table([ROW] + [{**ROW, "error": None}] * count).notes[0]

    assert empty(1) == "row 3 without a measure left out"
    assert empty(5) == "rows 3, 4, 5, 6, 7 without a measure left out"
    assert empty(6) == "rows 3, 4, 5, 6, 7 ... without a measure left out"
    assert read_table([{**ROW, "error": None}]).rows == ()
    assert read_table([{**ROW, "error": None}]).notes == ()


def test_a_name_that_is_nearly_known_is_asked_about_only_if_it_is_missing() -> None:
    assert notes("stder") == ("column 'stder' is not used: is it stderr? Then say --column stderr=stder",)
    assert notes("stder", stderr=0.1) == ("column 'stder' is not used",)
    assert notes("widht") == ("column 'widht' is not used: is it width? Then say --column width=widht",)
    assert notes("wobble") == ("column 'wobble' is not used",)


def test_steps_names_and_training_losses_are_passed_over() -> None:
    assert notes("epoch", "run_id", "train_loss", "loss", "a - error__MIN", "a - error__MAX") == ()


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("config.n", "n"),
        ("Params/Lam", "lam"),
        ("run 7 - test/loss", "test_loss"),
        ("metrics:val_MSE", "test_loss"),
        ("Excess Risk", "excess_risk"),
        ("optimizer.weight_decay", "lam"),
        ("model.hidden_size", "width"),
        ("Random-State", "seed"),
    ],
)
def test_names_under_prefixes(heading: str, known: str) -> None:
    row = {
        k: v
        for k, v in ROW.items()
        if k != known and not (k == "error" and known in ("test_loss", "excess_risk"))
    }
    (found,) = read_table([{**row, heading: 3.0}]).rows
    assert found[1][known] == 3.0


def test_what_is_measured_in_training_is_another_thing() -> None:
    assert "error" not in read_table([{"n": 1, "lam": 1, "test_loss": 1, "train/error": 2}]).rows[0][1]


def test_an_exact_name_counts_before_others() -> None:
    (row,) = read_table([{**ROW, "n_samples": 7, "alpha": 9}]).rows
    assert (row[1]["n"], row[1]["lam"]) == (50, 1)
    with pytest.raises(InvalidInput, match="'n_train' and 'samples'"):
        read_table([{"n_train": 50, "samples": 60, "lam": 1, "error": 1}])


def test_the_last_of_the_steps_of_each_run_and_place() -> None:
    rows = [
        {**ROW, "name": "a", "step": 1},
        {**ROW, "name": "a", "step": 9, "error": 0.4},
        {**ROW, "name": "a", "step": 3, "n": 60},
        {**ROW, "name": "b", "step": 2, "error": 0.3},
    ]
    table = read_table(rows)
    assert [(row, values["n"], values["error"]) for row, values in table.rows] == [
        (3, 50, 0.4),
        (4, 60, 0.5),
        (5, 50, 0.3),
    ]
    assert table.notes == ("1 earlier rows by step left out: the last one of each run counts",)
    # a row without a step is the end of its run; without steps at all every row is a repeat
    assert len(read_table([{**ROW, "step": 5}, {**ROW, "step": ""}]).rows) == 1
    assert len(read_table([ROW, ROW]).rows) == 2
    assert len(read_table([{**ROW, "seed": 0, "step": 1}, {**ROW, "seed": 1, "step": 2}]).rows) == 2


def test_numbers_in_the_name_of_a_run() -> None:
    wide = {"lam: 1e-2 n=50 width_20 error=7 - error": [0.5], "lam: +3. n=60 width_30 - error": [0.25]}
    found = [values for _, values in read_table(wide).rows]
    assert found == [
        {"lam": 0.01, "n": 50.0, "width": 20.0, "error": 0.5},
        {"lam": 3.0, "n": 60.0, "width": 30.0, "error": 0.25},
    ]


def test_a_name_of_a_run_says_no_measure_and_nothing_unknown() -> None:
    (row,) = read_table({"zz=9 test_loss=7 lam=1 n=5 - error": [0.5]}).rows
    assert row[1] == {"lam": 1.0, "n": 5.0, "error": 0.5}


def test_rows_in_anything_that_gives_them_one_by_one() -> None:
    assert read_table(pandas.Series([ROW, {**ROW, "n": 60}])).rows == read_table([ROW, {**ROW, "n": 60}]).rows


def test_units_are_said_once_and_not_where_the_user_has_named_the_column() -> None:
    table = read_table([{"n": 5, "wd": 1, "error": 1}])
    assert (table.lam_unit, table.notes) == (
        "weight-decay",
        ("lam is read in units of weight-decay: its column is called so",),
    )
    assert read_table([{"n": 5, "lambda": 1, "error": 1}]).lam_unit == "sum"
    named = read_table([{"n": 5, "wd": 1, "error": 1}], {"lam": "wd"})
    assert (named.lam_unit, named.notes) == ("sum", ())


def test_constants_are_numbers_of_all_rows() -> None:
    table = read_table([{"n": 5, "error": 1}, {"n": 6, "error": 2}], {"lam": "0.25", "width": 3})
    assert [values["lam"] for _, values in table.rows] == [0.25, 0.25]
    assert table.rows[1] == (3, {"lam": 0.25, "width": 3.0, "n": 6, "error": 2})


def test_cells_that_are_empty() -> None:
    assert [blank(x) for x in (None, "", math.nan, 0.0, 0, "nan", " ")] == [True] * 3 + [False] * 4


def test_what_is_no_table(tmp_path: Any) -> None:
    path = tmp_path / "runs.csv"
    path.write_bytes(b"\xff\xfe\x00bad")
    with pytest.raises(InvalidInput, match="a readable CSV file"):
        csv_rows(path)
    with pytest.raises(InvalidInput, match="a readable CSV file"):
        csv_rows(tmp_path / "none.csv")
    path.write_text("n;lam,x;error\n1;2;3\n")
    assert csv_rows(path) == [{"n": "1", "lam,x": "2", "error": "3"}]
    with pytest.raises(InvalidInput, match="a list of mappings"):
        read_table([ROW, 3])
    with pytest.raises(InvalidInput, match="columns of one length"):
        read_table({"n": [1, 2], "error": [1]})
