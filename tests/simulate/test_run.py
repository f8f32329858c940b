"""`simulate`: reproducible, parallel, resumable, JSON-ready, and clear about bad input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from asymptotix.errors import InvalidInput
from asymptotix.problem import Problem
from asymptotix.simulate.run import simulate

SMALL = Problem("diagonal", gamma=1, d=30, n=60, lam=0.5, noise=0.1)
SMALL_QUADRATIC = Problem("quadratic", gamma=1, d=12, n=100, lam=0.5, noise=0.1)


@pytest.mark.parametrize("problem", [SMALL, SMALL_QUADRATIC])
def test_runs_are_reproducible_and_complete(problem: Problem) -> None:
    runs, again = (simulate(problem, seeds=3, seed=4) for _ in range(2))
    np.testing.assert_array_equal(runs.errors, again.errors)
    assert len(set(runs.errors)) == 3
    assert runs.status == "converged"
    assert runs.gaps.max() <= 1e-8
    assert runs.spectra.shape == (3, problem.d)
    assert (runs.supports == (runs.spectra != 0).sum(axis=1)).all()
    assert runs.z(runs.error) == 0.0
    assert runs.excess_risk == (1 if problem.network == "diagonal" else 2) * runs.error


def test_fewer_seeds_are_the_first_ones() -> None:
    np.testing.assert_array_equal(simulate(SMALL, seeds=4).errors[:2], simulate(SMALL, seeds=2).errors)


def test_json_has_the_keys_and_no_nan() -> None:
    plain = simulate(SMALL_QUADRATIC, seeds=1).to_dict()
    text = json.dumps(plain, allow_nan=False)
    for name in ("network", "d", "n", "lam", "noise", "method", "seed", "inputs", "error", "stderr", "runs"):
        assert name in json.loads(text)
    assert plain["stderr"] is None
    assert len(plain["runs"][0]["spectrum"]) == 12


def test_resume_repeats_nothing_and_survives_a_broken_line(tmp_path: Path) -> None:
    file = tmp_path / "runs.jsonl"
    first = simulate(SMALL, seeds=2, resume=file)
    with file.open("a") as f:
        f.write('{"key": {"netw')  # what an interruption leaves behind
    finished: list[int] = []
    both = simulate(SMALL, seeds=4, resume=file, progress=lambda done, of: finished.append(done))
    assert finished == [3, 4]
    np.testing.assert_array_equal(both.errors[:2], first.errors)
    np.testing.assert_array_equal(both.errors, simulate(SMALL, seeds=4).errors)
    np.testing.assert_array_equal(both.spectra, simulate(SMALL, seeds=4, resume=file).spectra)
    different = simulate(SMALL.replace(lam=0.6), seeds=2, resume=file)
    assert different.errors[0] != first.errors[0]


def test_processes_give_the_same_numbers() -> None:
    np.testing.assert_array_equal(simulate(SMALL, seeds=3, workers=2).errors, simulate(SMALL, seeds=3).errors)


@pytest.mark.parametrize(
    ("options", "parameter"),
    [
        ({"seeds": 0}, "seeds"),
        ({"seeds": -1}, "seeds"),
        ({"seeds": 2.5}, "seeds"),
        ({"seed": -1}, "seed"),
        ({"seed": True}, "seed"),
        ({"workers": 0}, "workers"),
        ({"threads": 0}, "threads"),
        ({"method": "magic"}, "method"),
        ({"inputs": "cauchy"}, "inputs"),
        ({"memory": 1e3}, "n"),
    ],
)
def test_bad_input_is_one_clear_line(options: dict[str, object], parameter: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        simulate(SMALL, **options)  # type: ignore[arg-type]
    assert caught.value.parameter == parameter
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("method", ["gd", "adam", "lbfgs", "amp"])
@pytest.mark.parametrize("problem", [SMALL, SMALL_QUADRATIC])
def test_every_method_runs_and_resumes(method: str, problem: Problem, tmp_path: Path) -> None:
    options = {"iterations": 50}
    file = tmp_path / "runs.jsonl"
    runs = simulate(problem, method, seeds=2, options=options, resume=file)
    again = simulate(problem, method, seeds=2, options=options, resume=file)
    np.testing.assert_array_equal(runs.errors, again.errors)
    assert runs.statuses == again.statuses
    assert len(again.runs[0].history["error"]) > 1
    json.dumps(again.to_dict(), allow_nan=False)


def test_unknown_options_are_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="width") as caught:
        simulate(SMALL, "gd", options={"widht": 3})
    assert caught.value.parameter == "options"
