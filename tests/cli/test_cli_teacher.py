"""Teachers on the command line, and options that are missing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.cli.teacher_argument import read_teacher
from asymptotix.errors import InvalidInput

REST = ["--network", "diagonal", "--d", "100", "--n", "50", "--lam", "1", "--noise", "0.1", "--json"]


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main(list(words))
    out = capsys.readouterr()
    return int(left.value.code or 0), out.out, out.err


@pytest.mark.parametrize(
    ("given", "teacher"),
    [("finite-rank:3,1,1/2", ax.FiniteRank([3.0, 1.0, 0.5])), ("geometric:1/2", ax.Geometric(0.5))],
)
def test_laws(capsys: pytest.CaptureFixture[str], given: str, teacher: ax.Teacher) -> None:
    code, out, _ = run(capsys, "solve", "--teacher", given, *REST)
    p = ax.Problem("diagonal", teacher=teacher, d=100, n=50, lam=1, noise=0.1)
    assert code == 0
    assert json.loads(out)["error"] == ax.solve(p).error


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".txt"])
def test_files_in_any_order_and_of_any_sign(tmp_path: Path, suffix: str) -> None:
    values, path = np.array([0.5, -3.0, 1.0, 2.0]), tmp_path / f"teacher{suffix}"
    if suffix == ".npy":
        np.save(path, values)
    else:
        path.write_text(("size\n" if suffix == ".csv" else "") + "\n".join(map(str, values)))
    assert read_teacher(str(path)) == ax.Values([3.0, 2.0, 1.0, 0.5])


def test_what_is_no_teacher(tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("1,2\n3,4\n")
    for given, message in (
        ("power:2", "finite-rank:3,1,1/2, geometric"),
        (str(tmp_path / "none.npy"), "a readable file"),
        (str(tmp_path / "two.csv"), "one column of finite numbers"),
    ):
        with pytest.raises(InvalidInput, match=message):
            read_teacher(given)


def test_all_missing_options_are_named_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "solve", "--network", "diagonal", "--d", "100")
    assert code == 2
    assert err.strip() == "asymptotix: missing --gamma (or --teacher), --lam, --n, --noise"
