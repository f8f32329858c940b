"""How the cost of a solve grows with dimension, samples and number of points, as a log-log figure with slopes.

Run as ``python -m benchmarks.scaling FOLDER``; prints Markdown and writes ``FOLDER/figures/benchmark_scaling.png``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from threadpoolctl import threadpool_limits

from asymptotix import Problem, solve, solve_many
from benchmarks.timing import least_time

NETWORKS = ("diagonal", "quadratic", "symmetric")
DIMENSIONS = (10, 60, 300, 600, 10**4, 10**8, 10**12, 10**30, 10**60, 10**120)
SAMPLES = tuple(10.0**k for k in range(1, 25, 3))
POINTS = (1, 3, 10, 30, 100, 300)


def _problem(network: str, d: int, n_eff: float, lam: float) -> Problem:
    return Problem(network, gamma=1.25, d=d, n=1, lam=lam, noise=1).replace(n_eff=n_eff)


def _times(network: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Seconds against each size, where the risk is that of learned features (phase V or its like)."""
    by_d = [least_time(partial(solve, _problem(network, d, d**0.5, 1e-3)), 4) for d in DIMENSIONS]
    by_n = [least_time(partial(solve, _problem(network, 10**12, n, 1e-3)), 4) for n in SAMPLES]
    by_points = []
    for count in POINTS:
        line = [_problem(network, 10**12, 1e6, float(x)) for x in np.geomspace(1e-12, 1e3, count)]
        by_points.append(least_time(partial(solve_many, line), 1))
    sizes = {"d": (DIMENSIONS, by_d), "n_eff": (SAMPLES, by_n), "points": (POINTS, by_points)}
    return {name: (np.array(x, dtype=float), np.array(t)) for name, (x, t) in sizes.items()}


def lines(folder: Path = Path("reports")) -> Iterator[str]:
    """Measure, draw and yield Markdown."""
    figure, row = plt.subplots(1, 3, figsize=(12, 3.8), layout="constrained")
    yield "## Cost against dimension, samples and number of points"
    yield ""
    yield "Least processor times of warm solves on one thread (gamma = 5/4, noise = 1; beyond 600 coefficients they"
    yield "are summed by panels). Slopes are of straight lines through all points of the log-log figure."
    yield ""
    yield "| network | slope in d | slope in n_eff | slope in points | ms at d = 1e12 | ms a point of 300 |"
    yield "|---|---|---|---|---|---|"
    with threadpool_limits(1):
        for network in NETWORKS:
            times = _times(network)
            slopes = []
            for axes, (name, (x, t)) in zip(row, times.items(), strict=True):
                slopes.append(float(np.polyfit(np.log(x), np.log(t), 1)[0]))
                axes.loglog(x, 1e3 * t, "o-", ms=3, lw=1, label=f"{network}: {slopes[-1]:+.2f}")
                axes.set_xlabel(name)
            each = [times["d"][1][DIMENSIONS.index(10**12)], times["points"][1][-1] / POINTS[-1]]
            cells = " | ".join(f"{s:+.2f}" for s in slopes)
            yield f"| {network} | {cells} | {1e3 * each[0]:.2f} | {1e3 * each[1]:.2f} |"
    row[0].set_ylabel("milliseconds")
    for axes in row:
        axes.legend(fontsize=7, title="slope")
        axes.grid(alpha=0.25)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / "figures" / "benchmark_scaling.png", dpi=110)
    yield ""
    yield "![Cost against d, n and points](figures/benchmark_scaling.png)"


if __name__ == "__main__":
    for line in lines(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("reports")):
        print(line, flush=True)
