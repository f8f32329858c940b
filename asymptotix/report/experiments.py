"""The experiments: measured, kept, drawn and tabulated; every point with the command that repeats it.

What was measured is kept in ``data/experiments.jsonl``, one line a point. Points found there are not measured
again, so that an interrupted run goes on where it stopped, and drawing the page anew trains nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from tabulate import tabulate

from asymptotix.checks import crossovers, dynamics, universality
from asymptotix.checks.crossovers import LINES, QUICK, QUICK_SEEDS, Found, Line
from asymptotix.checks.measurements import SEEDS, Measured, Plan, Scatter, Store, measure
from asymptotix.report import experiment_figures as figures
from asymptotix.report.files import write_figure, write_text
from asymptotix.report.progress import Progress
from asymptotix.state_evolution import solve

DATA = Path("data") / "experiments.jsonl"
Measurer = Callable[[Sequence[Plan], str], list[Measured]]


def write(out: Path, progress: Progress, *, quick: bool = False) -> None:
    """Write ``experiments.md``, its figures and its data.

    Args:
        out: the folder; points already in its ``data/experiments.jsonl`` are not measured again.
        progress: where finished points are counted.
        quick: three lines with few seeds instead of all with many.
    """
    import matplotlib

    matplotlib.use("Agg", force=False)
    store = Store(out / DATA)

    def measurer(plans: Sequence[Plan], name: str) -> list[Measured]:
        return [measure(plan, store) for plan in progress.track(plans, name)]

    lines = [line for line in LINES if line.id in QUICK] if quick else list(LINES)
    measured = [(line, measurer(_plans(line, quick), line.id)) for line in lines]
    parts = [_INTRODUCTION.format(seeds=QUICK_SEEDS if quick else SEEDS), _lines(out, measured)]
    parts += [_scatter(out, measured), _message_passing(out, store, progress, quick)]
    parts += [_training(out, store, progress), *([] if quick else [_inputs(out, measurer)])]
    parts += [_TIME, _points(measured)]
    write_text(out / "experiments.md", "\n".join(parts))


def _plans(line: Line, quick: bool) -> list[Plan]:
    return line.plans(seeds=QUICK_SEEDS if quick else SEEDS, anchors_only=quick)


def _lines(out: Path, measured: Sequence[tuple[Line, list[Measured]]]) -> str:
    """Figures of all lines and the table of crossings."""
    import matplotlib.pyplot as plt

    found: list[Found] = []
    for network in ("diagonal", "quadratic"):
        chosen = [(line, points) for line, points in measured if line.network == network]
        columns = min(3, len(chosen))
        rows = math.ceil(len(chosen) / columns)
        figure, grid = plt.subplots(
            rows, columns, figsize=(4.2 * columns, 3.4 * rows), squeeze=False, layout="constrained"
        )
        for axes in grid.flat[len(chosen) :]:
            axes.set_axis_off()
        for axes, (line, points) in zip(grid.flat, chosen, strict=False):
            here = list(crossovers.find(line, points))
            figures.draw_line(axes, line, points, here)
            found += here
        for row in grid:
            row[0].set_ylabel("error")
        grid.flat[0].legend(fontsize=7)
        write_figure(out / "figures" / f"lines_{network}.png", figure)
    return _LINES + _crossing_table(found)


def _crossing_table(found: Iterable[Found]) -> str:
    names = ("line", "place", "quantity", "limiting laws", "predicted", "measured", "z")
    rows = []
    for f in found:
        values = (
            (f.line.axis, f.limit and f.limit.position, f.predicted.position, f.measured.position,
             f.measured.position_error, f.z),
            ("error", f.limit and f.limit.height, f.predicted.height, f.measured.height,
             f.measured.height_error, f.z_height),
        )  # fmt: skip
        for what, limit, predicted, value, relative, z in values:
            shown = f"{value:.4g} ({100 * relative:.1f} %)"
            lawful = "" if limit is None else f"{limit:.4g}"
            rows.append((f.line.id, f.crossing.name, what, lawful, f"{predicted:.4g}", shown, f"{z:+.2f}"))
    return tabulate(rows, headers=names, tablefmt="github", disable_numparse=True) + "\n"


def _scatter(out: Path, measured: Sequence[tuple[Line, list[Measured]]]) -> str:
    """The z table and the figure of all scores."""
    import matplotlib.pyplot as plt

    every = [p for _, points in measured for p in points]
    groups = {
        "diagonal, Gaussian inputs": [p for p in every if p.plan.problem.network == "diagonal"],
        "quadratic, Gaussian features": [p for p in every if p.plan.problem.network == "quadratic"],
    }
    rows = []
    for name, points in groups.items():
        s = Scatter.of(points)
        rows.append(
            (name, s.count, f"{s.mean:+.2f} ± {s.mean_error:.2f}", f"{s.rms:.2f} ± {s.rms_error:.2f}",
             f"{s.worst:+.2f}", f"{s.distance:.3f} (1.36/√N = {1.36 / math.sqrt(s.count):.3f})")
        )  # fmt: skip
    names = ("points", "N", "mean", "root mean square", "worst", "distance from the normal law (5 % point)")
    figure, axes = plt.subplots(figsize=(4.2, 3.8), layout="constrained")
    figures.draw_scores(axes, [p.score for p in every if p.scatters])
    write_figure(out / "figures" / "scores.png", figure)
    return _SCATTER + tabulate(rows, headers=names, tablefmt="github", disable_numparse=True) + "\n"


def _message_passing(out: Path, store: Store, progress: Progress, quick: bool) -> str:
    import matplotlib.pyplot as plt

    chosen = dynamics.PASSINGS[:1] if quick else dynamics.PASSINGS
    width = 3.4 * len(chosen)
    figure, grid = plt.subplots(1, len(chosen), figsize=(width, 3.3), squeeze=False, layout="constrained")
    rows = []
    for axes, passing in zip(grid.flat, progress.track(chosen, "message passing"), strict=True):
        errors, gaps = dynamics.histories(passing, store)
        predicted = dynamics.message_passing(passing.problem, passing.iterations)
        figures.draw_message_passing(axes, errors, predicted)
        axes.set_title(passing.id, fontsize=9)
        ratio = errors.mean(axis=0) / predicted
        spread = errors.std(axis=0, ddof=1) / math.sqrt(passing.seeds) / predicted
        shown = [f"{ratio[t]:.3f} ± {spread[t]:.3f}" for t in (0, 1, 2, 4, -1)]
        rows.append((passing.id, *shown, f"{np.median(gaps):.0e}"))
    grid.flat[0].set_ylabel("error")
    grid.flat[0].legend(fontsize=7)
    write_figure(out / "figures" / "message_passing.png", figure)
    names = ("runs", *(f"iteration {t}" for t in (1, 2, 3, 5, 15)), "duality gap at the end")
    table = tabulate(rows, headers=names, tablefmt="github", disable_numparse=True)
    return f"{_PASSING}{table}\n\n```\n" + "\n".join(p.command for p in chosen) + "\n```\n"


def _training(out: Path, store: Store, progress: Progress) -> str:
    import matplotlib.pyplot as plt

    methods = progress.track(dynamics.WATCHED_METHODS, "training in time")
    histories = {method: dynamics.training(method, store) for method in methods}
    figure, row = plt.subplots(1, 3, figsize=(12, 3.4), layout="constrained")
    figures.draw_training(row, histories, solve(dynamics.WATCHED).error)
    write_figure(out / "figures" / "training.png", figure)
    rows = [
        (method, h["iteration"][-1], f"{h['gap'][-1]:.1e}", f"{h['error'][-1]:.5f}")
        for method, h in histories.items()
    ]
    names = ("optimiser", "iterations", "certified gap", "error at the end")
    p = dynamics.WATCHED
    plans = [Plan(p, dynamics.WATCHED_SEED, 1, method=method) for method in histories]
    return (
        _TRAINING.format(d=p.d, n=round(p.n), lam=float(p.lam), noise=float(p.noise), theory=solve(p).error)
        + tabulate(rows, headers=names, tablefmt="github", disable_numparse=True)
        + "\n\n```\n" + "\n".join(plan.command for plan in plans) + "\n```\n"
    )  # fmt: skip


def _inputs(out: Path, measurer: Measurer) -> str:
    import matplotlib.pyplot as plt

    problems = universality.PROBLEMS
    figure, row = plt.subplots(1, len(problems), figsize=(3.3 * len(problems), 3.3), layout="constrained")
    rows = []
    for axes, problem in zip(row, problems, strict=True):
        points = measurer(universality.plans(problem), f"inputs, {problem.network}, n = {problem.n:.0f}")
        figures.draw_inputs(axes, points)
        rows += [_ratio_row(point) for point in points]
    write_figure(out / "figures" / "inputs.png", figure)
    features = measurer(universality.FEATURE_PLANS, "own features")
    signs = measurer(universality.SIGN_PLANS, "inputs +-1")
    sizes = measurer(universality.SIZE_PLANS, "finite size")
    shrunk = [
        (p.plan.problem.d, f"{float(p.plan.problem.lam):g}", f"{p.error / p.theory:.3f}",
         f"{(p.error / p.theory - 1) * p.plan.problem.d:.2f} ± {p.stderr / p.theory * p.plan.problem.d:.2f}")
        for p in sizes
    ]  # fmt: skip
    names = ("network", "d", "n", "inputs", "theory", "error / theory", "z")
    scaled = [
        (p.plan.problem.d, f"{p.plan.problem.n_eff:.0f}",
         f"{(p.error / p.theory - 1) * p.plan.problem.n_eff:.2f} ± {p.stderr / p.theory * p.plan.problem.n_eff:.2f}")
        for p in features
    ]  # fmt: skip
    fallen = [
        (p.plan.problem.d, f"{p.error / p.theory:.3f}",
         f"{(p.error - p.theory) * p.plan.problem.d:.3f} ± {p.stderr * p.plan.problem.d:.3f}")
        for p in signs
    ]  # fmt: skip
    return (
        _INPUTS + tabulate(rows, headers=names, tablefmt="github", disable_numparse=True)
        + _FEATURES + tabulate(scaled, headers=("d", "n_eff", "(error/theory - 1) n_eff"), tablefmt="github")
        + _SIGNS + tabulate(fallen, headers=("d", "error / theory", "(error - theory) d"), tablefmt="github")
        + _SIZES + tabulate(shrunk, headers=("d", "lam", "error / theory", "(error/theory - 1) d"), tablefmt="github")
        + "\n\n<details><summary>Commands</summary>\n\n```\n"
        + "\n".join(plan.command for problem in problems for plan in universality.plans(problem))
        + "\n" + "\n".join(p.plan.command for p in (*features, *signs, *sizes)) + "\n```\n</details>\n"
    )  # fmt: skip


def _ratio_row(point: Measured) -> tuple[object, ...]:
    p = point.plan.problem
    ratio = f"{point.error / point.theory:.3f} ± {point.stderr / point.theory:.3f}"
    return (p.network, p.d, round(p.n), point.plan.inputs, f"{point.theory:.5f}", ratio, f"{point.z:+.1f}")


def _points(measured: Sequence[tuple[Line, list[Measured]]]) -> str:
    """Every point of every line, folded away, with the command that repeats it."""
    out = ["\n## All points\n"]
    names = ("n", "lam", "theory", "measured", "standard error", "z", "score", "seed")
    for line, points in measured:
        rows = [
            (round(p.plan.problem.n), f"{float(p.plan.problem.lam):g}", f"{p.theory:.5f}", f"{p.error:.5f}",
             f"{p.stderr:.5f}", f"{p.z:+.2f}" if p.scatters else "", f"{p.score:+.2f}" if p.scatters else "",
             p.plan.seed)
            for p in points
        ]  # fmt: skip
        table = tabulate(rows, headers=names, tablefmt="github", disable_numparse=True)
        seconds = sum(p.seconds for p in points)
        out.append(f"<details><summary>{line.title} ({seconds:.0f} s)</summary>\n\n{table}\n")
        out.append("```\n" + "\n".join(p.plan.command for p in points) + "\n```\n</details>\n")
    return "\n".join(out)


_INTRODUCTION = """# Experiments

Networks trained on real data against the state evolution of the very same problem (same d, n, lam, noise): no
fitted number anywhere. Every point has {seeds} independent teachers and data sets of its own; error bars are one
standard error. `asymptotix experiments --out reports` makes this page; what was measured is kept in
`data/experiments.jsonl`, and points found there are not measured again. Each point is repeated by the command
printed with it.

The convex formulation is solved to a certified relative duality gap of 1e-8 (method `erm`); that training the
factors themselves with weight decay ends there is shown under "Training in time".

The quadratic network appears twice. Its state evolution is the one of Gaussian features, and with Gaussian
features (`--inputs goe`) every comparison is of equals. The network's own features `(x x' - I)/sqrt(d)` are not
Gaussian; how much that matters is measured under "Other inputs".
"""

_LINES = """
## Lines through the phase diagram

![diagonal](figures/lines_diagonal.svg)

![quadratic](figures/lines_quadratic.svg)

At these sizes one law bends gradually into the next, so each crossover is defined by a reading that can be applied
to any curve: where the straight continuations of two branches meet in logarithms (for a plateau in lam: the
horizontal line and the rising branch), or the vertex of a parabola through a valley or a peak. "Measured" and
"predicted" are the same reading of measured errors and of the state evolution's at the same points; the bracket is
the standard error propagated from the points. "Limiting laws" is the same reading of the derived laws of the two
phases: how far it is from the prediction says how asymptotic these sizes are, not how good the theory is. A plateau
of height 1 (nothing is learned) has no scatter at all.

"""

_SCATTER = """
## The distribution of z

Each point's deviation from theory in standard errors follows Student's t with (seeds - 1) degrees of freedom if
theory, standard errors and independence are all right; the score is the normal variable of the same tail
probability. Points at which every seed learns nothing have no standard error and are left out. A finite-size
deviation of order 1/d shows in the mean, overestimated errors in a root mean square below 1. The diagonal network
is measured at d = 1000 (200 on one line) and shows neither. The quadratic network with Gaussian features is measured
at d = 30 and 40, and its errors lie above the limit by a fraction of about 1/d ("Finite size" below), which is about
one standard error of these points: hence the mean, and most of what the root mean square has above 1.

![scores](figures/scores.svg)

"""

_PASSING = """
## Message passing, iteration by iteration

The error after every iteration of AMP at fixed lam, beside the recursion that predicts it (16 seeds). With Gaussian
inputs (diagonal) and Gaussian features (quadratic/goe) it is followed within the errors. The quadratic network's own
features start off: the labels are far from Gaussian while one feature dominates them, and X' diag(y) X is skewed.
In the interpolating case the errors, too, are those predicted, and yet AMP does not converge: its iterates wander
among weights of the same error, and their duality gap (last column: median) stays of order one. There the convex
solvers are needed.

![message passing](figures/message_passing.svg)

Table: measured error over predicted error of that iteration.

"""

_TRAINING = """
## Training in time

The quadratic network itself, `W'W / sqrt(p d)` of width p = d = {d}, n = {n}, lam = {lam:g}, noise = {noise:g}, trained
from small random weights. All optimisers pass the plateau of the small start, learn the teacher's directions one
after another and end at the convex optimum, which a dual certificate bounds. The state evolution predicts an error
of {theory:.5f} for Gaussian features.

![training](figures/training.svg)

"""

_INPUTS = """
## Other inputs

Product laws with unit variance, and Gaussian inputs with correlations 0.5^|i-j| (ar1), against the theory for
Gaussian inputs.

![inputs](figures/inputs.svg)

The diagonal network does not see the law of its coordinates; correlations between them it sees below interpolation
(n < d), while at n = 4 d the two errors happen to agree. The quadratic network
sees the fourth moment: the diagonal entries of its features are x_i^2 - 1, of variance E x^4 - 1 (0 for +-1, 0.8 for
uniform, 2 for Gaussian, 8 for Student inputs). With +-1 the teacher's diagonal is invisible.

"""

_FEATURES = """

### The quadratic network's own features

Even Gaussian inputs make features that are not Gaussian: `Tr S (x x' - I)` is skewed when few directions of S matter.
The excess is a fraction of order 1/n_eff, whatever d (lam = 1, noise = 0.5):

"""

_SIGNS = """

### Inputs +-1 in the quadratic network

At fixed n_eff = 60 the excess vanishes like 1/d (lam = 0.5, noise = 0.1):

"""

_SIZES = """

### Finite size

Gaussian features, n_eff = 6, noise = 1: what is left falls like 1/d, too.

"""

_TIME = """
## Time

A risk curve of the quadratic network, d = 200, twelve n_eff from 1 to 500, lam = 1, noise = 0.1, 5 seeds each (60
convex solves, up to 100 000 samples of 200 inputs), took 101 seconds of one core, half of it for the last point.
At n_eff = 100, four fifths of the time are the matrix products with the inputs.
"""
