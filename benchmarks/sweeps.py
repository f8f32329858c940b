"""How long a theory heat map takes: 200 x 200 points of ``(n_eff, lam)`` at ``d = 1e12``.

Every fifth batch of the sweep is solved, in one process and by its processor time; batches are independent, and two
processes share them evenly. What else the machine is doing counts little in units of one ``eigh`` of 400 x 400 in the
same run. Run as ``python -m benchmarks.sweeps``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from asymptotix.sweep import Grid
from asymptotix.sweep.work import solve_batch
from benchmarks.timing import least_time, once

GRID = """
network = "{network}"
gamma = 1.25
d = 1e12
noise = 1
n_eff = {{ log = [1, 1e30, 200] }}
lam = {{ log = [1e-12, 1e18, 200] }}
"""
_EVERY = 5
# Units of one eigh when points of the spectral networks were solved one after the other.
BEFORE = {"diagonal": 960, "quadratic": 10400, "symmetric": 14200}


def lines() -> Iterator[str]:
    """Measure and yield Markdown."""
    yield "## Sweeps"
    yield ""
    yield f"A heat map of 40000 points (d = 1e12): processor time of every {_EVERY}th batch, times {_EVERY}."
    yield ""
    yield "| network | processor seconds | ms a point | two processes, seconds | in units of one eigh | before |"
    yield "|---|---|---|---|---|---|"
    matrix = np.random.default_rng(1).standard_normal((400, 400))
    for network in ("diagonal", "quadratic", "symmetric"):
        grid = Grid.parse(GRID.format(network=network))
        batches = list(grid.batches())[::_EVERY]
        seconds = _EVERY * sum(once(partial(solve_batch, grid, b)) for b in batches)
        with threadpool_limits(1):
            units = seconds / least_time(lambda: np.linalg.eigh(matrix + matrix.T))
        point = f"{1e3 * seconds / grid.points:.2f} | {0.5 * seconds:.0f}"
        yield f"| {network} | {seconds:.0f} | {point} | {units:.0f} | {BEFORE[network]} |"


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
