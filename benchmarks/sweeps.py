"""How long a theory heat map takes: 200 x 200 points of ``(n_eff, lam)`` at ``d = 1e12``.

Every tenth line is solved, in one process and by its processor time, which does not depend on what else the machine is
doing; lines are independent, and two processes share them evenly. Run as ``python -m benchmarks.sweeps``.
"""

from __future__ import annotations

from collections.abc import Iterator

from asymptotix.sweep import Grid
from asymptotix.sweep.work import solve_batch
from benchmarks.timing import once

GRID = """
network = "{network}"
gamma = 1.25
d = 1e12
noise = 1
n_eff = {{ log = [1, 1e30, 200] }}
lam = {{ log = [1e-12, 1e18, 200] }}
"""
_EVERY = 10


def lines() -> Iterator[str]:
    """Measure and yield Markdown."""
    yield "## Sweeps"
    yield ""
    yield f"A heat map of 40000 points (d = 1e12): processor time of every {_EVERY}th line, times {_EVERY}."
    yield ""
    yield "| network | processor seconds | ms a point | two processes, seconds |"
    yield "|---|---|---|---|"
    for network in ("diagonal", "quadratic", "symmetric"):
        grid = Grid.parse(GRID.format(network=network))
        batches = list(grid.batches())[::_EVERY]
        seconds = _EVERY * sum(once(lambda b=b, g=grid: solve_batch(g, b)) for b in batches)
        yield f"| {network} | {seconds:.0f} | {1e3 * seconds / grid.points:.2f} | {0.5 * seconds:.0f} |"


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
