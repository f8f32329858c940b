"""Tables as loggers write them, and tables that say nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas
import pytest

from asymptotix.errors import InvalidInput
from asymptotix.inference.columns import read_table
from asymptotix.inference.run_table import read_runs


def csv(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "runs.csv"
    path.write_text(text, encoding="utf-8")
    return path


def points(data: Any, **columns: Any) -> list[tuple[float, float, float]]:
    return [(run.n, run.lam, run.value) for run in read_runs(data, columns).runs]


def test_a_table_of_runs_with_prefixes(tmp_path: Path) -> None:
    """As MLflow and others export it: settings and results under prefixes, and much else."""
    path = csv(
        tmp_path,
        "Name,State,config.n,config/lam,optimizer.lr,metrics.Test_Loss,metrics.train_loss,params.seed\n"
        "a,finished,100,0.1,0.01,0.9,0.5,0\nb,finished,100,0.1,0.01,0.7,0.4,1\nc,crashed,200,0.1,0.01,,,0\n",
    )
    table = read_runs(path)
    assert (table.measure, points(path)) == ("test_loss", [(100, 0.1, 0.8)])
    assert table.runs[0].repeats == 2
    assert table.notes == ("columns 'State', 'optimizer.lr' are not used", "row 4 without a measure left out")


def test_a_wide_export_of_wandb(tmp_path: Path) -> None:
    """A column a run, named by its settings, with extremes beside it, and blanks where a run has no such point."""
    path = csv(
        tmp_path,
        '"n","lam: 0.1 - test_loss","lam: 0.1 - test_loss__MIN","lam: 0.1 - test_loss__MAX","lam: 1e-2 - test_loss"\n'
        "50,0.9,0.9,0.9,1.1\n100,0.6,0.6,0.6,\n",
    )
    assert points(path) == [(50, 0.1, 0.9), (50, 0.01, 1.1), (100, 0.1, 0.6)]
    assert read_runs(path).notes == ()
    nameless = {"n": [50, 100], "fast-1 - error": [0.9, 0.6], "slow-2 - error": [0.7, 0.4]}
    assert points(nameless, lam=0.5) == [(50, 0.5, 0.8), (100, 0.5, 0.5)]


def test_underscores_in_names_of_runs() -> None:
    wide = {"step": [1, 2], "n_500_lam_0.1_seed_3 - error": [0.9, 0.6]}
    table = read_table(wide)
    assert table.rows == ((3, {"n": 500.0, "lam": 0.1, "seed": 3.0, "error": 0.6}),)


def test_of_a_run_logged_by_step_the_last_row_counts() -> None:
    frame = pandas.DataFrame(
        {
            "run": list("aabb"), "step": [1, 2, 1, 5], "n": 80, "lam": 1.0,
            "test/loss": [0.9, 0.5, float("nan"), 0.7], "train/loss": [1.0, 1.0, 1.0, 1.0],
        }
    )  # fmt: skip
    table = read_runs(frame)
    assert (table.runs[0].value, table.runs[0].repeats) == (0.6, 2)
    assert table.notes == (
        "row 4 without a measure left out",
        "1 earlier rows by step left out: the last one of each run counts",
    )


def test_an_index_is_a_column() -> None:
    frame = pandas.DataFrame({"n": [50, 100], "error": [0.9, 0.6], "lam": 1.0}).set_index("n")
    assert points(frame) == [(50, 1, 0.9), (100, 1, 0.6)]


def test_semicolons_tabs_and_byte_order_marks(tmp_path: Path) -> None:
    for text in ("\ufeffn;lam;error\n50;1;0.5\n", "n\tlam\terror\n50\t1\t0.5\n"):
        assert points(csv(tmp_path, text)) == [(50, 1, 0.5)]


def test_names_that_say_the_unit() -> None:
    rows = [{"n_samples": 50, "alpha": 0.1, "error": 0.5}]
    table = read_runs(rows)
    assert (table.lam_unit, table.runs[0].lam) == ("alpha", 0.1)
    assert any("in units of alpha" in note for note in table.notes)
    assert read_runs(rows, {"lam": "alpha"}).lam_unit == "sum"
    assert read_runs([{"n": 50, "weight_decay": 0.1, "error": 0.5}]).lam_unit == "weight-decay"


def test_columns_that_the_user_names() -> None:
    rows = [{"size": 50, "mse": 0.5, "test_loss": 3.0, "L": 2}]
    assert points(rows, n="size", error="mse", lam="L") == [(50, 2, 0.5)]
    assert points(rows, n="size", test_loss="test_loss", lam=7) == [(50, 7, 3.0)]


def test_a_misspelt_column_is_asked_about() -> None:
    table = read_table([{"n": 50, "lam": 1, "error": 0.5, "stder": 0.1, "colour": "red"}])
    assert table.notes == (
        "column 'stder' is not used: is it stderr? Then say --column stderr=stder",
        "column 'colour' is not used",
    )


@pytest.mark.parametrize(
    ("data", "columns", "message"),
    [
        (
            [{"n": 50, "lam": 1, "error": 1, "test_loss": 2}],
            {},
            "exactly one of error, excess_risk, test_loss",
        ),
        ([{"n": 50, "lam": 1, "accuracy": 0.5}], {}, "say which, as in --column error=COLUMN"),
        ([{"n": 50, "error": 0.5}], {}, "--column lam=1 for all rows"),
        ([{"n": 50, "lam": 1, "error": ""}], {}, "in some row"),
        ([{"n": 50, "lam": 1, "error": "12%"}], {}, r"column error of row 2"),
        ([{"n": "1k", "lam": 1, "error": 0.5}], {}, r"column n of row 2"),
        ([{"n": 50, "lam": 1, "error": "nan"}], {}, r"column error of row 2"),
        ([{"n": 50, "n_samples": 60, "lambda": 1, "wd": 2, "error": 1}], {}, "'lambda' and 'wd'"),
        ([{"n": 50, "lam": 1, "error": 1}], {"mse": "error"}, "column = 'mse'"),
        ([{"n": 50, "lam": 1, "error": 1}], {"stderr": "sd"}, "stderr=sd"),
        ([], {}, "exactly one of"),
    ],
)
def test_tables_that_cannot_be_read(data: Any, columns: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        read_runs(data, columns)


def test_a_row_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="row 3"):
        read_runs(csv(tmp_path, "n,lam,error\n50,1,0.5\n60,1,0,4\n"))
