"""Risk against effective sample size: theory as lines, trained networks as points with error bars."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from asymptotix.files import settled, write_text
from asymptotix.networks import get
from asymptotix.networks.base import Geometry
from asymptotix.plots import COLOURS, shade
from asymptotix.problem import Problem
from asymptotix.progress import Progress
from asymptotix.report.layout import dots, figure, prose, table
from asymptotix.simulate import simulate
from asymptotix.state_evolution.batch import solve_all

if TYPE_CHECKING:
    from matplotlib.axes import Axes


GAMMA = 1.25  # as in the examples
NOISE = 0.1  # as in the examples
DIMENSIONS = (100, 200, 400, 800)  # the smallest can be trained in seconds
#: Weight decays, as powers of ``d``.
PENALTIES = {"1/d": -1.0, "1": 0.0, "sqrt(d)": 0.5}
_SEEDS = 8  # a standard error is then known to a quarter


@dataclass(frozen=True)
class Simulated:
    """One simulated point of a curve."""

    problem: Problem
    label: str
    error: float
    stderr: float
    theory: float

    @property
    def z(self) -> float:
        """Deviation from theory in standard errors; nan where the error does not scatter (nothing learned)."""
        return (self.error - self.theory) / self.stderr if self.stderr > 0 else math.nan


def curve(network: str, d: int, penalty: float, n_eff: Sequence[float]) -> Iterator[Problem]:
    """Problems along a line of effective sample sizes at ``lam = d^penalty``."""
    for x in n_eff:
        n = get(network).samples(x, d)
        yield Problem(network, gamma=GAMMA, d=d, n=n, lam=float(d) ** penalty, noise=NOISE)


def simulated_problems(network: str, quick: bool) -> list[tuple[str, Problem]]:
    """The points that are affordable: one dimension, few samples, every penalty."""
    sequence = get(network).geometry is Geometry.SEQUENCE
    d = 200 if sequence else 40 if quick else 100
    top = 5.0 * d if sequence else 2.0 * d
    points = []
    for label, power in PENALTIES.items():
        for problem in curve(network, d, power, np.geomspace(4.0, top, 4 if quick else 8).tolist()):
            points.append((label, problem.replace(n=round(problem.n))))
    return points


def draw(axes: Axes, network: str, penalty: float, points: Sequence[Simulated] = ()) -> Axes:
    """Theory for every dimension as lines, simulations as points with one standard error."""
    for d, colour in zip(DIMENSIONS, COLOURS, strict=False):
        n_eff = np.geomspace(0.3, 20.0 * d, 120)
        solutions = list(solve_all(list(curve(network, d, penalty, n_eff.tolist()))))
        axes.loglog(n_eff, settled([s.error for s in solutions], 6), color=colour, lw=1.2, label=f"d = {d}")
        if points and d == points[0].problem.d:
            shade(axes, n_eff, solutions, colour, "finite size")
    if points:
        colour = (
            COLOURS[DIMENSIONS.index(points[0].problem.d)] if points[0].problem.d in DIMENSIONS else "black"
        )
        errors, spread = settled([p.error for p in points]), settled([p.stderr for p in points])
        label = f"trained, d = {points[0].problem.d}"
        dots(axes, [p.problem.n_eff for p in points], errors, spread, ms=4, color=colour, label=label)
    axes.set_xlabel("effective samples")
    axes.grid(alpha=0.25, which="major")
    return axes


def write(out: Path, progress: Progress, *, quick: bool = False) -> None:
    """Write ``risk.md`` and a figure for each network."""
    text = [prose("risk", "introduction", gamma=GAMMA, noise=NOISE, seeds=_SEEDS)]
    for network in ("diagonal", "quadratic"):
        points = list(_simulate(network, progress, quick))
        path = out / "figures" / f"risk_{network}.png"
        with figure(path, 1, len(PENALTIES), size=(12, 3.8), sharey=True) as row:
            for axes, (label, power) in zip(row, PENALTIES.items(), strict=True):
                draw(axes, network, power, [p for p in points if p.label == label])
                axes.set_title(f"{network}, lam = {label}")
            row[0].set_ylabel("error")
            row[-1].legend(fontsize=7)
        text.append(_section(network, points))
    write_text(out / "risk.md", "\n".join(text))


def _simulate(network: str, progress: Progress, quick: bool) -> Iterator[Simulated]:
    problems = simulated_problems(network, quick)
    theory = {label: solve_all([p for name, p in problems if name == label]) for label in PENALTIES}
    flat = [s.error for label in PENALTIES for s in theory[label]]
    workers = 1 if quick else os.cpu_count() or 1
    cases = list(enumerate(zip(problems, flat, strict=True)))
    for seed, ((label, problem), expected) in progress.track(cases, f"training {network} networks"):
        runs = simulate(problem, method="erm", seeds=_SEEDS, seed=seed, workers=workers)
        yield Simulated(problem, label, runs.error, runs.stderr, expected)


def _section(network: str, points: Sequence[Simulated]) -> str:
    z = [p.z for p in points if math.isfinite(p.z)]
    rows = [
        (p.label, f"{p.problem.n:.0f}", *(f"{x:.5f}" for x in (p.theory, p.error, p.stderr)), _signed(p.z))
        for p in points
    ]
    return (
        f"\n## {network}\n\n![risk curves](figures/risk_{network}.svg)\n\n"
        f"Trained at d = {points[0].problem.d}: {len(z)} points, z-scores of mean {np.mean(z):+.2f}, "
        f"root mean square {math.sqrt(np.mean(np.square(z))):.2f}, worst {max(z, key=abs):+.2f}.\n\n"
        f"{table('lam | n | theory | trained | standard error | z', rows)}\n"
    )


def _signed(z: float) -> str:
    return f"{z:+.2f}" if math.isfinite(z) else ""
