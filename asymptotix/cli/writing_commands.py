"""Commands that write files: ``sweep``, ``report`` and ``experiments``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from asymptotix.cli.options import example, file_option
from asymptotix.errors import InvalidInput


@click.command(epilog=example("sweep grid.toml --out grid.nc --workers 2"))
@click.argument("grid", type=click.Path(path_type=Path))
@file_option("--out", required=True, help="netCDF file to write, as in grid.nc.")
@click.option("--workers", type=int, help="Processes on this machine, as in 2.  [default: its processors]")
@click.option("--scheduler", help="Dask scheduler to compute on, as in tcp://node1:8786.  [default: none]")
@click.option("--resume", is_flag=True, help="Go on with an unfinished sweep.")
@file_option(
    "--export",
    "exports",
    multiple=True,
    help="Also a .csv or .parquet, as in grid.csv; repeatable.  [default: none]",
)
@click.option("--yes", is_flag=True, help="Start a very large sweep without asking.")
def sweep(grid: Path, out: Path, workers: int | None, scheduler: str | None, **options: Any) -> int:
    """Solve or simulate every point of a grid; exit 1 if a point did not converge."""
    from asymptotix.progress import Ticker
    from asymptotix.sweep import sweep as solve_grid
    from asymptotix.sweep import unusable

    if workers is not None and scheduler is not None:
        raise InvalidInput("--workers", workers, "either --workers or --scheduler")
    processes = workers if workers is not None else os.cpu_count() or 1
    with Ticker("sweep") as ticker:
        data = solve_grid(grid, out, workers=processes, scheduler=scheduler, progress=ticker, **options)
    bad = unusable(data)
    shape = " x ".join(f"{size} {name}" for name, size in data.sizes.items() if size > 1) or "1 point"
    click.echo(f"{out}: {shape}" + (f"; {bad} points did not converge (see status)" if bad else ""))
    return 1 if bad else 0


@click.command(epilog=example("report --out reports --quick"))
@file_option("--out", default="reports", help="Folder to write to, as in out.")
@click.option("--quick", is_flag=True, help="Fewer simulations; for trying it out.")
@file_option("--claimed", help="TOML file of exponents to compare with, as in claims.toml.  [default: none]")
def report(out: Path, quick: bool, claimed: Path | None) -> int:
    """Write everything a reader wants: tables, figures, the page."""
    from asymptotix.report import build

    build(out, quick=quick, claims=claimed)
    return 0


@click.command(epilog=example("experiments --out reports --quick"))
@file_option("--out", default="reports", help="Folder to write to, as in out.")
@click.option("--quick", is_flag=True, help="Three lines with few seeds; for trying it out.")
def experiments(out: Path, quick: bool) -> int:
    """Train networks along lines through the phase diagram and write experiments.md; goes on where it stopped."""
    from asymptotix.progress import Progress
    from asymptotix.report import folder
    from asymptotix.report.experiments import write

    with Progress() as progress:
        write(folder(out), progress, quick=quick)
    return 0


COMMANDS: tuple[click.Command, ...] = (sweep, report, experiments)
