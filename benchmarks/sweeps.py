"""How long a theory heat map takes, and how it scales from one to two processes.

A 200 x 200 map of ``(n_eff, lam)`` of the quadratic network at ``d = 1e12``, in seconds of the clock. Run as
``python -m benchmarks.sweeps`` on a machine that does nothing else.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from asymptotix.sweep import Grid, sweep

GRID = """
network = "quadratic"
gamma = 1.25
d = 1e12
noise = 1
n_eff = { log = [1, 1e30, 200] }
lam = { log = [1e-12, 1e18, 200] }
"""


def lines() -> Iterator[str]:
    """Measure and yield Markdown."""
    grid = Grid.parse(GRID)
    seconds = {workers: _time(grid, workers) for workers in (2, 1)}
    yield "## Sweeps"
    yield ""
    yield f"A heat map of {grid.points} points (quadratic network, d = 1e12), one BLAS thread a process."
    yield ""
    yield "| processes | seconds | points a second | speed-up |"
    yield "|---|---|---|---|"
    for workers in (1, 2):
        t = seconds[workers]
        yield f"| {workers} | {t:.0f} | {grid.points / t:.0f} | {seconds[1] / t:.2f} |"


def _time(grid: Grid, workers: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        sweep(grid, Path(folder) / "map.nc", workers=workers)
        return time.perf_counter() - start


if __name__ == "__main__":
    print("\n".join(lines()))
