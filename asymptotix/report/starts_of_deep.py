"""The section on starts: which minimum deep networks find from parameters of which size."""

from __future__ import annotations

import numpy as np
from scipy import stats

from asymptotix.experiments.measurements import command
from asymptotix.experiments.starts import PROBLEMS, SCALES, SEED, SEEDS, ends
from asymptotix.progress import Progress
from asymptotix.report.layout import listing, prose, table
from asymptotix.state_evolution import solve
from asymptotix.store import Store


def section(store: Store, progress: Progress) -> str:
    """The table, one row a depth and size of the start."""
    cases = [(problem, scale) for problem in PROBLEMS for scale in SCALES]
    rows, dead = [], set(SCALES)
    for problem, scale in progress.track(cases, "starts of deep networks"):
        found, theory = ends(problem, scale, store), solve(problem).error
        dead -= {scale} if any(found.kept) else set()
        spread = stats.sem(found.errors)
        rows.append(
            (
                problem.depth, f"{scale:g}", f"{np.mean(found.errors):.4f} ± {spread:.4f}", f"{theory:.4f}",
                f"{np.mean(found.objectives):.3f}", f"{np.mean(found.kept):.1f}",
            )
        )  # fmt: skip
    shown = f"{command(PROBLEMS[0], SEEDS, SEED)} --method lbfgs --option initial={SCALES[-1]:g}"
    ended = table("layers | start | error | state evolution | objective / coordinate descent | kept", rows)
    return f"{prose('experiments', 'starts', seeds=SEEDS, dead=_says(dead))}{ended}\n\n{listing([shown])}\n"


def _says(dead: set[float]) -> str:
    if not dead:
        return "No start is so small that all coefficients end at zero in every network."
    return f"From a start of {max(dead):g} or less every coefficient of every network ends at zero."
