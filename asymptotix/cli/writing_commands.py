"""Commands that write files: ``sweep``, ``report`` and ``experiments``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from asymptotix.cli import options as cli
from asymptotix.errors import InvalidInput


@click.command(epilog=cli.example("sweep grid.toml --out grid.nc --workers 2"))
@click.argument("grid", type=click.Path(path_type=Path))
@cli.file_option("--out", "netCDF file to write, as in grid.nc.", required=True)
@cli.option("--workers", "Processes on this machine, as in 2.  [default: its processors]", type=int)
@cli.option("--scheduler", "Dask scheduler to compute on, as in tcp://node1:8786.  [default: none]")
@cli.option("--resume", "Go on with an unfinished sweep.", is_flag=True)
@cli.file_option(
    "--export",
    "exports",
    "Also a .csv or .parquet, as in grid.csv; repeatable.  [default: none]",
    multiple=True,
)
@cli.option("--yes", "Start a very large sweep without asking.", is_flag=True)
def sweep(grid: Path, out: Path, workers: int | None, scheduler: str | None, **options: Any) -> int:
    """Solve or simulate every point of a grid; exit 1 if a point did not converge."""
    from asymptotix.progress import Progress
    from asymptotix.sweep import sweep as solve_grid
    from asymptotix.sweep import unusable

    if workers is not None and scheduler is not None:
        raise InvalidInput("--workers", workers, "either --workers or --scheduler")
    processes = workers if workers is not None else os.cpu_count() or 1
    with Progress() as progress:
        counted = progress.counter("sweep")
        data = solve_grid(grid, out, workers=processes, scheduler=scheduler, progress=counted, **options)
    bad = unusable(data)
    shape = " x ".join(f"{size} {name}" for name, size in data.sizes.items() if size > 1) or "1 point"
    click.echo(f"{out}: {shape}" + (f"; {bad} points did not converge (see status)" if bad else ""))
    return 1 if bad else 0


@click.command(epilog=cli.example("report --out reports --quick"))
@cli.file_option("--out", "Folder to write to, as in out.", default="reports")
@cli.option("--quick", "Fewer simulations; for trying it out.", is_flag=True)
@cli.file_option("--claimed", "TOML file of exponents to compare with, as in claims.toml.  [default: none]")
def report(out: Path, quick: bool, claimed: Path | None) -> int:
    """Write everything a reader wants: tables, figures, the page."""
    from asymptotix.report import build

    build(out, quick=quick, claims=claimed)
    return 0


@click.command(epilog=cli.example("experiments --out reports --quick"))
@cli.file_option("--out", "Folder to write to, as in out.", default="reports")
@cli.option("--quick", "Three lines with few seeds; for trying it out.", is_flag=True)
def experiments(out: Path, quick: bool) -> int:
    """Train networks along lines through the phase diagram and write experiments.md; goes on where it stopped."""
    from asymptotix.progress import Progress
    from asymptotix.report import folder
    from asymptotix.report.experiments import write

    with Progress() as progress:
        write(folder(out), progress, quick=quick)
    return 0


COMMANDS: tuple[click.Command, ...] = (sweep, report, experiments)
