"""Sweeps: what they compute, what survives a kill, what bad input is told."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from asymptotix import InvalidInput, Problem, simulate, solve
from asymptotix.cli import main
from asymptotix.sweep import Grid, executors, sweep
from asymptotix.sweep.results import Points, Results
from asymptotix.sweep.work import solve_batch

GRID = """
network = ["diagonal", "quadratic"]
gamma = 1.25
d = 1e6
noise = 1
n_eff = { log = [1e1, 1e3, 3] }
lam = { log = [1e-3, 1e1, 9] }
"""
LONG = GRID.replace('["diagonal", "quadratic"]', '"diagonal"').replace("3]", "12]").replace("9]", "50]")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "asymptotix", "sweep", *map(str, arguments)]


@contextmanager
def running(*arguments: object, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A sweep of its own, which does not outlive the test, whatever happens there."""
    process = subprocess.Popen(command(*arguments), env=ENVIRONMENT, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait(20)


def finished(target: Path) -> list[dict[str, object]]:
    journal = target.with_name(target.name + ".jsonl")
    lines = journal.read_text().splitlines() if journal.exists() else []
    whole = [json.loads(line) for line in lines if line.endswith("}")]
    return [r for r in whole if "at" in r]


def wait_for(condition, seconds: float = 40.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("nothing happened")


def test_values_are_those_of_solve(tmp_path):
    data = sweep(Grid.parse(GRID), tmp_path / "a.nc")
    assert data.error.dims == ("network", "gamma", "d", "noise", "n_eff", "lam")
    for network, n_eff, lam in (("diagonal", 100.0, 0.1), ("quadratic", 1000.0, 10.0)):
        n = n_eff if network == "diagonal" else n_eff * 1e6
        expected = solve(Problem(network, gamma=1.25, d=1e6, n=n, lam=lam, noise=1)).error
        here = data.error.sel(network=network, n_eff=n_eff).sel(lam=lam, method="nearest").item()
        assert here == pytest.approx(expected, rel=1e-10)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.nc"]


def test_theory_and_simulations_side_by_side(tmp_path):
    text = """
        kind = "both"
        network = "diagonal"
        gamma = 1
        d = 40
        noise = 0.1
        n = [20.4, 80]
        lam = 0.1
        seed = [0, 3]
        [simulation]
        inputs = "rademacher"
    """
    data = sweep(Grid.parse(text), tmp_path / "b.nc").squeeze()
    p = Problem("diagonal", gamma=1, d=40, n=20, lam=0.1, noise=0.1)
    run = simulate(p, seeds=1, seed=3, inputs="rademacher")
    assert data.simulated_error.sel(n=20.4, seed=3).item() == run.error
    assert data.error.sel(n=20.4).item() == pytest.approx(solve(p).error, rel=1e-10)
    assert list(data.attrs["seeds"]) == [0, 3]


def test_file_is_readable_without_us_and_says_where_it_comes_from(tmp_path):
    import h5py

    exports = [tmp_path / "c.csv", tmp_path / "c.parquet"]
    grid = tmp_path / "grid.toml"
    grid.write_text(GRID)
    main_code(
        grid, "--out", tmp_path / "c.nc", "--workers", 1, *(x for e in exports for x in ("--export", e))
    )
    with h5py.File(tmp_path / "c.nc") as file:
        assert file["error"].shape == (2, 1, 1, 1, 3, 9)
        assert file.attrs["grid"] == GRID
        assert {"asymptotix_version", "commit", "residual_tolerance", "created"} <= set(file.attrs)
        assert b"converged" in file["status"].attrs["flag_meanings"].encode()
    import pandas as pd

    one, other = pd.read_csv(exports[0]), pd.read_parquet(exports[1])
    assert len(one) == len(other) == 54
    np.testing.assert_allclose(one["error"], other["error"], rtol=1e-15)
    assert set(one["status"]) <= {"converged", "zero estimator"}


def main_code(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["sweep", *map(str, arguments)])
    return int(stop.value.code or 0)


def test_killed_and_resumed(tmp_path):
    grid, out = tmp_path / "grid.toml", tmp_path / "d.nc"
    grid.write_text(LONG)
    with running(grid, "--out", out, "--workers", 2) as first:
        wait_for(lambda: len(finished(out)) >= 80)
        os.kill(first.pid, signal.SIGKILL)
    kept = finished(out)
    assert 80 <= len(kept) < 600
    with out.with_name("d.nc.jsonl").open("a") as journal:
        journal.write('{"kind": "theory", "at": ["quadr')  # as if the kill had come a moment later
    assert main_code(grid, "--out", out) == 2  # without --resume nothing is touched
    assert len(kept) <= len(finished(out))

    solved: list[dict[str, object]] = []
    append = Points.append
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Points, "append", lambda self, r: (solved.extend(x for x in r if "at" in x), append(self, r))
        )
        assert main_code(grid, "--out", out, "--resume", "--workers", 1) == 0
    places = [tuple(map(str, r["at"])) for r in solved]
    assert len(places) == len(set(places)) == 600 - len(kept)
    assert not set(places) & {tuple(map(str, r["at"])) for r in kept}

    import xarray as xr

    with xr.open_dataset(out) as data:
        assert not data.error.isnull().any()
        assert data.attrs["points_from_earlier_sessions"] == len(kept)
        for record in (kept[0], kept[-1], solved[0], solved[-1]):
            network, gamma, d, noise, n, lam = record["at"]
            expected = solve(Problem(network, gamma=gamma, d=d, n=n, lam=lam, noise=noise)).error
            assert data.error.squeeze().sel(n_eff=n, lam=lam).item() == pytest.approx(expected, rel=1e-9)


def test_a_killed_worker_costs_nothing(tmp_path):
    import psutil

    grid, out = tmp_path / "grid.toml", tmp_path / "e.nc"
    grid.write_text(LONG)
    with running(grid, "--out", out, "--workers", 2, stderr=subprocess.PIPE) as run:
        wait_for(lambda: len(finished(out)) >= 30)
        workers = [
            p for p in psutil.Process(run.pid).children(recursive=True) if "loky" in " ".join(p.cmdline())
        ]
        workers[0].kill()
        _, messages = run.communicate(timeout=60)
    assert run.returncode == 0, messages
    import xarray as xr

    with xr.open_dataset(out) as data:
        assert not data.error.isnull().any()


def test_a_local_cluster(tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        data = sweep(Grid.parse(GRID), tmp_path / "f.nc", scheduler=cluster.scheduler_address)
    assert not data.error.isnull().any()


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and one worker, as separate processes without a nanny."""
    pytest.importorskip("distributed")
    address = f"tcp://127.0.0.1:{free_port()}"
    port = address.rpartition(":")[2]
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", port, "--no-dashboard"]
    work = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-dashboard", "--nthreads", "1"]
    options = {
        "env": ENVIRONMENT,
        "stderr": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "cwd": tmp_path,
    }
    started = [subprocess.Popen(c, **options) for c in (dask, [*work, "--no-nanny"])]
    from distributed import Client

    try:
        with Client(address, timeout=30, set_as_default=False) as client:
            client.wait_for_workers(1, timeout=30)
        yield address, started[1]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait(20)


def test_scheduler_and_worker_as_processes(tmp_path, cluster, capsys):
    address, worker = cluster
    grid, out = tmp_path / "grid.toml", tmp_path / "g.nc"
    grid.write_text(LONG)
    with running(grid, "--out", out, "--scheduler", address) as first:
        wait_for(lambda: len(finished(out)) >= 50)
        os.kill(first.pid, signal.SIGKILL)
    kept = len(finished(out))
    assert 50 <= kept < 600
    small = tmp_path / "small.toml"  # another driver finds the cluster as it was
    small.write_text(GRID)
    assert main_code(small, "--out", tmp_path / "small.nc", "--scheduler", address) == 0
    worker.kill()
    worker.wait(20)
    capsys.readouterr()
    assert main_code(grid, "--out", out, "--resume", "--scheduler", address) == 2
    assert "go on on this machine" in capsys.readouterr().err
    assert main_code(grid, "--out", out, "--resume", "--workers", 1) == 0
    import xarray as xr

    with xr.open_dataset(out) as data:
        assert data.attrs["points_from_earlier_sessions"] >= kept
        assert not data.error.isnull().any()


def test_a_cluster_that_dies_is_noticed(tmp_path, cluster, capsys, monkeypatch):
    address, worker = cluster
    grid, out = tmp_path / "grid.toml", tmp_path / "g.nc"
    grid.write_text(LONG)

    def kill() -> None:
        wait_for(lambda: finished(out))
        monkeypatch.setattr(executors, "_PATIENCE", 1)
        wait_for(lambda: len(finished(out)) >= 50)
        worker.kill()

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    code = main_code(grid, "--out", out, "--scheduler", address)
    killer.join()
    if code == 0:
        pytest.skip("the sweep was faster than the kill")
    assert code == 2
    assert "finished points are kept" in capsys.readouterr().err
    assert len(finished(out)) >= 50


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def test_a_scheduler_that_is_not_there(tmp_path, capsys, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(executors, "_PATIENCE", 1)
    grid = tmp_path / "grid.toml"
    grid.write_text(GRID)
    for address in (f"tcp://127.0.0.1:{free_port()}", "nonsense://x"):
        start = time.monotonic()
        assert main_code(grid, "--out", tmp_path / "h.nc", "--scheduler", address) == 2
        assert time.monotonic() - start < 10
        said = capsys.readouterr().err.strip().splitlines()
        assert "go on on this machine" in said[-1]
        assert "Traceback" not in "".join(said)


BAD = {
    "not TOML": ("network = \n", "line 1"),
    "unknown axis": (GRID + "depth = 3\n", "line 8: depth"),
    "empty axis": (GRID.replace("1.25", "[]"), "line 3: gamma"),
    "no points": (GRID.replace("9]", "0]"), "line 7: lam"),
    "word for a number": (GRID.replace("noise = 1", 'noise = "loud"'), "line 5: noise"),
    "out of range": (GRID.replace("gamma = 1.25", "gamma = [1.25, 0.4]"), "line 3: gamma = 0.4"),
    "unknown network": (GRID.replace('"quadratic"', '"cubic"'), "line 2: network = 'cubic'"),
    "zero on a log scale": (GRID.replace("1e-3", "0"), "line 7: lam"),
    "twice the same": (GRID.replace("d = 1e6", "d = [1e6, 1000000]"), "line 4: d"),
    "n and n_eff": (GRID + "n = 5\n", "n and n_eff"),
    "an axis missing": (GRID.replace("noise = 1\n", ""), "noise"),
    "seeds without simulations": (GRID + "seed = 1\n", "line 8: seed"),
    "unknown method": (GRID + 'kind = "both"\n[simulation]\nmethod = "magic"\n', "line 10: method"),
    "infinite": (GRID.replace("noise = 1", "noise = inf"), "line 5: noise"),
}


@pytest.mark.parametrize("case", BAD, ids=list(BAD))
def test_bad_grids_are_told_in_one_line(tmp_path, capsys, case):
    text, expected = BAD[case]
    grid = tmp_path / "grid.toml"
    grid.write_text(text)
    assert main_code(grid, "--out", tmp_path / "x.nc") == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert expected in said
    assert list(tmp_path.iterdir()) == [grid]


def test_a_million_points_are_estimated_first(tmp_path, capsys):
    grid = tmp_path / "grid.toml"
    grid.write_text(GRID.replace("3]", "1000]").replace("9]", "500]"))
    assert main_code(grid, "--out", tmp_path / "x.nc", "--workers", 2) == 2
    said = capsys.readouterr().err
    assert "1000000 points" in said
    assert "--yes" in said
    assert "2 workers" in said


def test_targets_that_will_not_do(tmp_path, capsys):
    grid = tmp_path / "grid.toml"
    grid.write_text(GRID)
    half, there = tmp_path / "half.nc", tmp_path / "there.nc"
    sweep(grid, there)
    half.write_bytes(there.read_bytes()[:500])
    other = tmp_path / "other.toml"
    other.write_text(GRID.replace("1.25", "2"))
    cases = [
        ((grid, "--out", tmp_path / "grid.toml" / "x.nc"), "can be written"),
        ((grid, "--out", "/proc/x.nc"), "can be written"),
        ((grid, "--out", there), "--resume"),
        ((grid, "--out", half, "--resume"), "cut short"),
        ((other, "--out", there, "--resume"), "this very grid"),
        ((grid, "--out", tmp_path / "x.nc", "--export", tmp_path / "x.xlsx"), ".csv"),
        ((tmp_path / "none.toml", "--out", tmp_path / "x.nc"), "can be read"),
        ((grid, "--out", tmp_path / "x.nc", "--workers", "0"), "workers"),
    ]
    for arguments, expected in cases:
        assert main_code(*arguments) == 2
        said = capsys.readouterr().err.strip()
        assert len(said.splitlines()) == 1
        assert expected in said
    assert main_code(grid, "--out", there, "--resume") == 0  # nothing left to do


def test_resume_refuses_the_journal_of_another_grid(tmp_path):
    grid = Grid.parse(GRID)
    out = tmp_path / "x.nc"
    batch = next(grid.batches())
    Points(out).append([{"sweep": "another"}, *solve_batch(grid, batch)])
    with pytest.raises(InvalidInput, match="started with"):
        sweep(grid, out, resume=True)


def test_points_that_fail_say_so(monkeypatch):
    import asymptotix.state_evolution as theory

    def broken(problem, **_):
        raise ArithmeticError("no luck")

    grid = Grid.parse(GRID)
    batch = next(grid.batches())
    monkeypatch.setattr(
        "asymptotix.state_evolution.batch.solve_together", lambda problems: [None] * len(problems)
    )
    monkeypatch.setattr(theory, "solve", broken)
    monkeypatch.setattr(theory, "solve_curve", lambda problems: map(broken, problems))
    records = solve_batch(grid, batch)
    assert {r["status"] for r in records} == {"failed"}
    found = Results(grid)
    for record in records:
        found.add(record)
    assert found.finished == len(batch.points)


def test_a_result_lost_with_its_worker_is_not_waited_for():
    """The worker died after its batch was finished and before it was handed over."""
    distributed = pytest.importorskip("distributed")
    from types import SimpleNamespace

    def never(timeout: float) -> None:
        raise TimeoutError

    client = SimpleNamespace(status="running", nthreads=dict, scheduler=SimpleNamespace(address="tcp://x"))
    with pytest.raises(InvalidInput, match="go on on this machine"):
        executors._result(distributed, client, SimpleNamespace(status="finished", result=never))
