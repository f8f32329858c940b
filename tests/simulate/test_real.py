"""Measured inputs: universality where it holds, and what cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer

import asymptotix as ax
from asymptotix.cli import main
from asymptotix.errors import InvalidInput
from asymptotix.simulate.real_rows import real_inputs


def table(shape: tuple[int, int] = (400, 40)) -> np.ndarray:
    rng = np.random.default_rng(5)
    mixing = rng.standard_normal((shape[1], shape[1]))
    return rng.uniform(-1, 1, size=shape) @ mixing * 7.0 + 3.0


@pytest.mark.parametrize("whiten", [True, False])
def test_mixed_uniform_inputs_are_as_good_as_gaussian_ones(whiten: bool) -> None:
    p = ax.Problem("diagonal", gamma=1.25, d=40, n=60, lam=0.3, noise=0.1)
    runs = ax.simulate(p, seeds=24, inputs_from=table(), whiten=whiten)
    assert runs.status == "converged"
    assert (runs.problem.variances is None) == whiten
    theory = ax.solve(runs.problem).error
    assert abs(runs.error - theory) < 4 * runs.stderr + 2 / p.d * theory


def test_rows_are_whitened_and_every_seed_takes_its_own() -> None:
    real = real_inputs(table())
    assert real.rows.T @ real.rows / len(real.rows) == pytest.approx(np.eye(40), abs=1e-10)
    assert (np.diff(real.variances) < 0).all()
    p = ax.Problem("diagonal", gamma=1.25, d=40, n=60, lam=0.3, noise=0)
    assert len(set(ax.simulate(p, seeds=3, inputs_from=table()).errors)) == 3


def test_a_data_set_of_a_dependency_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "X.npy", load_breast_cancer().data)
    words = "simulate --network diagonal --gamma 5/4 --d 30 --n 100 --lam 0.5 --noise 0.1 --seeds 4 --json"
    with pytest.raises(SystemExit) as left:
        main([*words.split(), "--inputs-from", str(tmp_path / "X.npy")])
    assert left.value.code == 0
    values = json.loads(capsys.readouterr().out)
    assert values["inputs"] == "measured"
    assert set(values["gaussian"]) == {"error", "stderr", "z"}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda x: x.__setitem__((2, 1), np.nan), "row 3, column 2: nan"),
        (lambda x: x.__setitem__((slice(None), 4), 2.0), "column 5 is constant"),
        (lambda x: x.__setitem__((slice(None), 4), x[:, 3]), "do not depend on each other"),
    ],
)
def test_tables_that_cannot_be_used(spoil: object, message: str) -> None:
    x = table()
    spoil(x)  # type: ignore[operator]
    with pytest.raises(InvalidInput, match=message):
        real_inputs(x)


def test_sizes_that_the_table_does_not_have() -> None:
    p = ax.Problem("diagonal", gamma=1.25, d=40, n=401, lam=0.3, noise=0.1)
    with pytest.raises(InvalidInput, match=r"n = 401.0 .* at most the 400 rows"):
        ax.simulate(p, inputs_from=table())
    with pytest.raises(InvalidInput, match=r"d = 30 .* the number of columns of the inputs, 40"):
        ax.simulate(p.replace(d=30, n=10), inputs_from=table())
    with pytest.raises(InvalidInput, match="more rows than columns"):
        real_inputs(table((20, 40)))
