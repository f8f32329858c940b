"""Figures of the experiments: measured points beside what the state evolution says of the very same problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from asymptotix.arrays import Array
from asymptotix.checks.crossovers import Found
from asymptotix.checks.peaks import LAW, smeared
from asymptotix.experiments.lines import Line
from asymptotix.experiments.measurements import Measured
from asymptotix.plots import COLOURS, shade
from asymptotix.report.layout import beside, dots
from asymptotix.simulate.data import GOE
from asymptotix.state_evolution import solve_curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CURVE_POINTS = 80  # a curve looks smooth


def draw_line(axes: Axes, line: Line, points: Sequence[Measured], found: Sequence[Found]) -> Axes:
    """One line through the phase diagram: theory at this ``d``, measured points, where crossings were read."""
    x = [line.position(p.plan.problem) for p in points]
    grid = np.geomspace(min(x) * 0.8, max(x) * 1.25, _CURVE_POINTS)
    theory = list(solve_curve(line.problem(float(v)) for v in grid))
    beside(axes, grid, [s.error for s in theory], x, points)
    if line.inputs != GOE:  # the band is that of a network's own features
        shade(axes, grid, theory, COLOURS[0], "finite size")
    for f in found:
        axes.axvline(f.measured.position, color="0.6", lw=0.8, ls=":")
        axes.annotate(
            f.crossing.name,
            (f.measured.position, 0.03),
            xycoords=("data", "axes fraction"),
            rotation=90,
            fontsize=7,
            ha="right",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5},
        )
    axes.set_xlabel("effective samples" if line.axis == "n_eff" else "weight decay lam")
    axes.set_title(line.title.replace(": ", ":\n"), fontsize=8)
    return axes


def draw_peaks(axes: Axes, peaks: Sequence[tuple[Line, Sequence[Measured]]]) -> Axes:
    """Error against ``lam`` at interpolation, one colour a dimension: computed for that d, the limit dotted."""
    from matplotlib.ticker import LogLocator

    for (peak, points), colour in zip(peaks, COLOURS, strict=False):
        lam = np.array([float(p.plan.problem.lam) for p in points])
        grid = np.geomspace(lam.min() / 1.5, lam.max() * 1.5, 20)
        base = points[0].plan.problem
        finite = not base.net.is_sequence  # the peak of matrices differs at finite d
        theory = [s.error for s in solve_curve(base.replace(lam=float(v)) for v in grid)]
        axes.loglog(grid, theory, color=colour, lw=0.8, ls=":" if finite else "-")
        if finite:
            axes.loglog(grid, [smeared(base.replace(lam=float(v))) for v in grid], color=colour, lw=1.1)
        errors, spread = [p.error for p in points], [p.stderr for p in points]
        dots(axes, lam, errors, spread, color=colour, label=f"d = {peak.d}")
    last = peaks[-1][1]
    x = np.array([float(p.plan.problem.lam) for p in last])
    axes.loglog(x, 1.6 * last[0].theory * (x / x[0]) ** LAW, color="0.5", ls="--", lw=0.9, label="slope -2/3")
    axes.set(xlabel="weight decay lam", ylabel="error")
    axes.set_title(f"{peaks[0][0].network} network at interpolation", fontsize=9)
    for axis in (axes.xaxis, axes.yaxis):  # matplotlib's own labels of a short range run into one another
        axis.set_minor_locator(LogLocator(subs=(2, 5)))
        axis.set_minor_formatter("{x:g}")
        axis.set_tick_params(which="minor", labelsize=7)
    axes.legend(fontsize=7)
    return axes


def draw_scores(axes: Axes, scores: Sequence[float]) -> Axes:
    """Ordered scores against the quantiles of a normal variable; on the diagonal if theory and errors are right."""
    ordered = np.sort(np.asarray(scores))
    quantiles = stats.norm.ppf((np.arange(ordered.size) + 0.5) / ordered.size)
    axes.plot(quantiles, quantiles, color=COLOURS[0], lw=1)
    axes.plot(quantiles, ordered, "o", ms=3, mfc="white", color=COLOURS[4])
    axes.set(xlabel="normal quantile", ylabel="score of the point")
    return axes


def draw_message_passing(axes: Axes, errors: Array, predicted: Array) -> Axes:
    """Error after each iteration: the recursion as a line, the mean over seeds with one standard error."""
    t = np.arange(1, predicted.size + 1)
    axes.semilogy(t, predicted, color=COLOURS[0], lw=1.2, label="state evolution")
    dots(axes, t, errors.mean(axis=0), stats.sem(errors), label="AMP")
    axes.set_xlabel("iteration")
    return axes


def draw_training(
    row: Sequence[Axes], histories: Mapping[str, Mapping[str, Sequence[Any]]], theory: float
) -> None:
    """Gap to the convex optimum and error in time, for every optimiser; the spectrum for the first of them."""
    for (method, h), colour in zip(histories.items(), COLOURS, strict=False):
        time = np.maximum(np.asarray(h["iteration"], dtype=float), 0.5)
        row[0].loglog(time, h["gap"], color=colour, label=method)
        row[1].loglog(time, h["error"], color=colour, label=method)
    row[1].axhline(theory, color="0.5", ls="--", lw=0.9, label="state evolution")
    row[0].set_ylabel("certified distance from the convex optimum")
    row[1].set_ylabel("error")
    method, h = next(iter(histories.items()))
    row[2].semilogx(np.maximum(h["iteration"], 0.5), np.asarray(h["spectrum"]), lw=1.1)
    row[2].set_ylabel(f"largest eigenvalues ({method})")
    for axes in row:
        axes.set_xlabel("iteration")
    row[1].legend(fontsize=7)


def draw_inputs(axes: Axes, points: Sequence[Measured]) -> Axes:
    """Measured error over the Gaussian theory, one point a law of the inputs."""
    laws = [p.plan.inputs for p in points]
    ratio = [p.error / p.theory for p in points]
    dots(axes, range(len(laws)), ratio, [p.stderr / p.theory for p in points], ms=6)
    axes.axhline(1.0, color=COLOURS[0], lw=1)
    axes.set_xticks(range(len(laws)), laws, rotation=30)
    axes.set_ylabel("error / Gaussian theory")
    problem = points[0].plan.problem
    axes.set_title(f"{problem.network}, d = {problem.d}, n = {problem.n:.0f}", fontsize=9)
    return axes
