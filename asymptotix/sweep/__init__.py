"""Sweeps: a grid of problems solved on one machine or a cluster, resumable, as one labelled dataset."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asymptotix.callable_room import callable_as
from asymptotix.errors import InvalidInput, NotConverged
from asymptotix.parallel import WorkerLost
from asymptotix.progress import duration
from asymptotix.sweep import executors, results
from asymptotix.sweep.grid import Batch, Grid
from asymptotix.sweep.work import solve_batch
from asymptotix.validate import count

if TYPE_CHECKING:
    import xarray

__all__ = ["Grid", "sweep"]

# From here on a sweep says how long it will take and waits for a yes.
LARGE = 100_000
_DEATHS = 5  # of workers, without a finished batch in between, before giving up


def sweep(
    grid: Grid | str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    workers: int = 1,
    scheduler: str | None = None,
    resume: bool = False,
    yes: bool = False,
    exports: Sequence[str | os.PathLike[str]] = (),
    progress: Callable[[int, int], None] | None = None,
) -> xarray.Dataset:
    """Solve every point of a grid and write one netCDF file.

    Args:
        grid: a `Grid` or the name of its TOML file, see `asymptotix.sweep.grid`.
        out: the netCDF file to write. Finished points are kept beside it, in ``out.jsonl``, until it is whole.
        workers: processes on this machine.
        scheduler: address of a Dask scheduler, whose workers take the place of processes.
        resume: go on with an unfinished sweep: no finished point is lost or repeated.
        yes: compute however long it takes.
        exports: files to export to, ``.csv`` or ``.parquet``.
        progress: called with ``(finished, points)``.

    Returns:
        The dataset, with a dimension for every axis and its provenance as attributes.

    Raises:
        InvalidInput: the grid, the target or the scheduler cannot be used.
        NotConverged: workers keep dying.

    Examples:
        >>> import tempfile
        >>> g = Grid.parse('network="diagonal"\\ngamma=1.25\\nd=1e6\\nnoise=1\\nn=[1e2, 1e4]\\nlam=[1e-3, 1e-1]')
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     data = sweep(g, folder + "/grid.nc")
        >>> dict(data.sizes)["lam"], round(float(data.error.sel(n=1e4, lam=1e-3).squeeze()), 4)
        (2, 0.2521)
    """
    if not isinstance(grid, Grid):
        grid = Grid.read(Path(grid))
    count("workers", workers)
    target, exported = Path(out), [Path(p) for p in exports]
    results.check_exports(exported)
    journal = results.Points(target)
    data = _finished_dataset(grid, target, journal, resume)
    if data is None:
        data = _run(grid, target, journal, workers, scheduler, yes, progress)
    for path in exported:
        results.export(data, path)
    return data


def _run(
    grid: Grid,
    target: Path,
    journal: results.Points,
    workers: int,
    scheduler: str | None,
    yes: bool,
    progress: Callable[[int, int], None] | None,
) -> xarray.Dataset:
    found = results.Results(grid)
    for record in journal.records():
        found.add(record)
    if not yes:
        _check_size(grid, found, workers)
    before, deaths = found.finished, 0
    _check_writable(journal)
    while found.finished < grid.points:
        executor = executors.processes(workers) if scheduler is None else executors.cluster(scheduler)
        try:
            if found.finished == before:
                journal.append([{"sweep": grid.fingerprint, "grid": grid.text, **_versions()}])
            for records in executor(grid, _left(grid, found)):
                journal.append(records)
                for record in records:
                    found.add(record)
                deaths = 0
                if progress is not None:
                    progress(found.finished, grid.points)
        except WorkerLost as lost:
            deaths += 1
            if deaths > _DEATHS:
                raise NotConverged(f"workers keep dying ({lost}); fewer of them need less memory") from None
            print(f"asymptotix: {lost}; going on", file=sys.stderr)
    data = found.dataset(_provenance(grid, before))
    results.write(data, target)
    journal.path.unlink(missing_ok=True)
    return data


def _left(grid: Grid, found: results.Results) -> Iterator[Batch]:
    """What is left to do, looked up when it is asked for."""
    return (left for batch in grid.batches() if (left := found.missing(batch)).points)


def _finished_dataset(
    grid: Grid, target: Path, journal: results.Points, resume: bool
) -> xarray.Dataset | None:
    """The target if it is there already and answers this grid; None where there is work to do."""
    if not resume:
        if target.exists():
            raise InvalidInput("out", str(target), "a new file: this one exists; move it away, or --resume")
        if (points := journal.count()) > 0:
            left = f"{journal.path.name} holds {points} finished points"
            raise InvalidInput("out", str(target), f"--resume to go on, {left}; or remove it to start afresh")
        return None
    if not journal.same(grid.fingerprint):
        raise InvalidInput(
            "out", str(target), f"the grid that {journal.path.name} was started with, or a new name"
        )
    if journal.count() or not target.exists():
        return None  # the points are in the journal; whatever the target is, it is written again from there
    data = results.read(target)
    if data.attrs.get("fingerprint") != grid.fingerprint:
        raise InvalidInput("out", str(target), "a file made from this very grid, to resume; or a new name")
    return data


def _check_writable(journal: results.Points) -> None:
    try:
        journal.append([])
    except OSError as error:
        target = str(journal.path).removesuffix(".jsonl")
        raise InvalidInput("out", target, f"a file that can be written ({error.strerror})") from None


def _check_size(grid: Grid, found: results.Results, workers: int) -> None:
    """Refuse a large sweep with an estimate: a few batches spread over the grid, timed."""
    left = grid.points - found.finished
    if left < LARGE:
        return
    batches = sum(1 for _ in grid.batches())
    chosen = {round(batches * x) for x in (0.1, 0.3, 0.5, 0.7, 0.9)}
    start, points = time.perf_counter(), 0
    for k, batch in enumerate(grid.batches()):
        if k in chosen:
            points += len(solve_batch(grid, Batch(batch.kind, batch.points[:50])))
    seconds = (time.perf_counter() - start) / max(points, 1) * left / workers
    raise InvalidInput(
        "grid",
        f"{left} points",
        f"--yes for more than {LARGE}: about {duration(seconds)} on {workers} workers, {left * 3e-7:.2g} GB of journal",
    )


def _versions() -> dict[str, str]:
    import numpy
    import scipy

    import asymptotix

    return {
        "asymptotix_version": asymptotix.__version__,
        "commit": _commit(),
        "python_version": sys.version.split()[0],
        "numpy_version": numpy.__version__,
        "scipy_version": scipy.__version__,
    }


def _commit() -> str:
    """The commit of the source in use, if it is a checkout."""
    here = Path(__file__).resolve().parents[2]
    if not (here / ".git").exists():  # installed, perhaps within somebody else's repository
        return "unknown"
    command = ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def _provenance(grid: Grid, resumed: int) -> dict[str, Any]:
    from asymptotix.state_evolution import CERTIFIED

    attributes: dict[str, Any] = {
        "title": "asymptotix sweep",
        **_versions(),
        "created": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "grid": grid.text,
        "fingerprint": grid.fingerprint,
        "kind": grid.kind,
        "residual_tolerance": CERTIFIED,
        "points_from_earlier_sessions": resumed,
        "units": "errors in the teacher's units: the null estimator has error 1",
    }
    if grid.kind != "theory":
        attributes |= {f"simulation_{k}": v for k, v in grid.simulation.items()}
        attributes["seeds"] = [int(s) for s in grid.axes["seed"]]
    return attributes


def unusable(data: xarray.Dataset) -> int:
    """Number of points of a dataset that did not converge or failed."""
    names = [name for name in ("error", "simulated_error") if name in data]
    return sum(int(data[name].isnull().sum()) for name in names)


callable_as(sweep)
