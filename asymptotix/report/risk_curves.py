"""Risk against effective sample size: theory as lines, trained networks as points with error bars."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from asymptotix.experiments.measurements import Measured, Plan, measure
from asymptotix.files import settled, write_text
from asymptotix.networks import PAPER, get
from asymptotix.plots import COLOURS, shade
from asymptotix.problem import Problem, problem_at
from asymptotix.progress import Progress
from asymptotix.report.layout import dots, figure, prose, table
from asymptotix.state_evolution.batch import solve_all

if TYPE_CHECKING:
    from matplotlib.axes import Axes


GAMMA = 1.25  # as in the examples
NOISE = 0.1  # as in the examples
DIMENSIONS = (100, 200, 400, 800)  # the smallest can be trained in seconds
#: Weight decays, as powers of ``d``.
PENALTIES = {"1/d": -1.0, "1": 0.0, "sqrt(d)": 0.5}
_SEEDS = 8  # a standard error is then known to a quarter


def curve(network: str, d: int, penalty: float, n_eff: Sequence[float]) -> Iterator[Problem]:
    """Problems along a line of effective sample sizes at ``lam = d^penalty``."""
    for x in n_eff:
        yield problem_at(network, x, d, gamma=GAMMA, lam=float(d) ** penalty, noise=NOISE)


def plans(network: str, quick: bool) -> dict[str, list[Plan]]:
    """The points that are affordable: one dimension, few samples, every penalty; each with its own seed."""
    sequence = get(network).is_sequence
    d = 200 if sequence else 40 if quick else 100
    n_eff = np.geomspace(4.0, 5.0 * d if sequence else 2.0 * d, 4 if quick else 8).tolist()
    seeds = itertools.count()
    return {
        label: [
            Plan(p.replace(n=round(p.n)), seed=next(seeds), seeds=_SEEDS)
            for p in curve(network, d, power, n_eff)
        ]
        for label, power in PENALTIES.items()
    }


def draw(axes: Axes, network: str, penalty: float, points: Sequence[Measured] = ()) -> Axes:
    """Theory for every dimension as lines, simulations as points with one standard error."""
    for d, colour in zip(DIMENSIONS, COLOURS, strict=False):
        n_eff = np.geomspace(0.3, 20.0 * d, 120)
        solutions = list(solve_all(list(curve(network, d, penalty, n_eff.tolist()))))
        axes.loglog(n_eff, settled([s.error for s in solutions], 6), color=colour, lw=1.2, label=f"d = {d}")
        if points and d == points[0].plan.problem.d:
            shade(axes, n_eff, solutions, colour, "finite size")
    if points:
        d = points[0].plan.problem.d
        colour = COLOURS[DIMENSIONS.index(d)] if d in DIMENSIONS else "black"
        errors, spread = settled([p.error for p in points]), settled([p.stderr for p in points])
        n_eff = np.array([p.plan.problem.n_eff for p in points])
        dots(axes, n_eff, errors, spread, ms=4, color=colour, label=f"trained, d = {d}")
    axes.set_xlabel("effective samples")
    return axes


def write(out: Path, progress: Progress, *, quick: bool = False) -> None:
    """Write ``risk.md`` and a figure for each network."""
    text = [prose("risk", "introduction", gamma=GAMMA, noise=NOISE, seeds=_SEEDS)]
    for network in PAPER[::-1]:
        chosen = [(label, p) for label, line in plans(network, quick).items() for p in line]
        points = [(label, measure(p)) for label, p in progress.track(chosen, f"training {network} networks")]
        path = out / "figures" / f"risk_{network}.png"
        with figure(path, 1, len(PENALTIES), size=(12, 3.8), sharey=True) as row:
            for axes, (label, power) in zip(row, PENALTIES.items(), strict=True):
                draw(axes, network, power, [p for name, p in points if name == label])
                axes.set_title(f"{network}, lam = {label}")
            row[0].set_ylabel("error")
            row[-1].legend(fontsize=7)
        text.append(_section(network, points))
    write_text(out / "risk.md", "\n".join(text))


def _section(network: str, points: Sequence[tuple[str, Measured]]) -> str:
    z = [p.z for _, p in points if p.scatters]
    rows = [
        (label, f"{p.plan.problem.n:.0f}", *(f"{x:.5f}" for x in (p.theory, p.error, p.stderr)),
         f"{p.z:+.2f}" if p.scatters else "")
        for label, p in points
    ]  # fmt: skip
    return (
        f"\n## {network}\n\n![risk curves](figures/risk_{network}.svg)\n\n"
        f"Trained at d = {points[0][1].plan.problem.d}: {len(z)} points, z-scores of mean {np.mean(z):+.2f}, "
        f"root mean square {math.sqrt(np.mean(np.square(z))):.2f}, worst {max(z, key=abs):+.2f}.\n\n"
        f"{table('lam | n | theory | trained | standard error | z', rows)}\n"
    )
