"""The experiments: measured, kept, drawn and tabulated; every point with the command that repeats it.

What was measured is kept in ``data/experiments.jsonl``, one line a point. Points found there are not measured
again, so that an interrupted run goes on where it stopped, and drawing the page anew trains nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from asymptotix.checks import crossovers, dynamics, peaks, universality
from asymptotix.checks.crossovers import QUICK_SEEDS
from asymptotix.experiments.lines import LINES, QUICK, Line
from asymptotix.experiments.measurements import SEEDS, Measured, Plan, Scatter, measure
from asymptotix.files import write_text
from asymptotix.finite_size import auxiliary, excess
from asymptotix.finite_size.allowance import has_own_features
from asymptotix.networks import PAPER, get
from asymptotix.progress import Progress
from asymptotix.report import crossing_lines, real_inputs, starts_of_deep
from asymptotix.report import experiment_figures as figures
from asymptotix.report.layout import figure, folded, listing, prose, table
from asymptotix.simulate.fit import GAP_TOLERANCE
from asymptotix.state_evolution import solve
from asymptotix.store import Store

DATA = Path("data") / "experiments.jsonl"
#: Names of the groups of `asymptotix.checks.crossovers.groups`.
_GROUPS = {
    "diagonal": "diagonal, Gaussian inputs",
    "quadratic": "quadratic, Gaussian features",
    "quadratic/own-features": "quadratic, its own features",
}
_prose = partial(prose, "experiments")
Measurer = Callable[[Sequence[Plan], str], list[Measured]]


def write(out: Path, progress: Progress, *, quick: bool = False) -> None:
    """Write ``experiments.md``, its figures and its data.

    Args:
        out: the folder; points already in its ``data/experiments.jsonl`` are not measured again.
        progress: where finished points are counted.
        quick: three lines with few seeds instead of all with many.
    """
    store = Store(out / DATA)

    def measurer(plans: Sequence[Plan], name: str) -> list[Measured]:
        return [measure(plan, store) for plan in progress.track(plans, name)]

    lines = [line for line in LINES if line.id in QUICK] if quick else list(LINES)
    how: dict[str, Any] = {"seeds": QUICK_SEEDS, "anchors_only": True} if quick else {}
    measured = [(line, measurer(line.plans(**how), line.id)) for line in lines]
    seeds = QUICK_SEEDS if quick else SEEDS
    introduction = _prose("introduction", seeds=seeds, gap=GAP_TOLERANCE, **_sizes(lines))
    parts = [introduction, crossing_lines.section(out, measured, store)]
    parts += [] if quick else [_peak_slopes(out, store, progress)]
    parts += [_scatter(out, measured, store), *([] if quick else [_excess(measured, store)])]
    parts += [_message_passing(out, store, progress, quick)]
    parts += [_training(out, store, progress), *([] if quick else [_inputs(out, measurer)])]
    parts += [] if quick else [starts_of_deep.section(store, progress)]
    parts += [] if quick else [real_inputs.section(store, progress)]
    parts += [_time(measured), _points(measured)]
    write_text(out / "experiments.md", "\n".join(parts))


def _scatter(out: Path, measured: Sequence[tuple[Line, list[Measured]]], store: Store) -> str:
    """The z tables, of groups and of lines, and the figure of all scores."""
    groups = crossovers.groups(p for _, points in measured for p in points)
    rows, equals = [], []
    for name, points in groups.items():
        rows.append(_score_row(_GROUPS[name], points))
        plan = points[0].plan
        if plan.problem.net.is_sequence:
            equals += points
            continue
        small = [p for p in points if p.plan.problem.d <= auxiliary.LARGEST and auxiliary.applies(p)]
        computed = [auxiliary.at_this_size(p, store) for p in small]
        if has_own_features(plan.problem.net, plan.inputs):
            rows.append(_score_row(f"of these, away from the peak, d up to {auxiliary.LARGEST}", small))
        else:
            equals += computed
        rows.append(_score_row("the same, computed for their d", computed))
    with figure(out / "figures" / "scores.png", size=(4.2, 3.8)) as axes:
        figures.draw_scores(axes, [p.score for p in equals if p.scatters])
    scores = table(
        "points | N | mean | root mean square | worst | distance from the normal law (5 % point)", rows
    )
    text = _prose("scatter", **_sizes([line for line, _ in measured]))
    return f"{text}{scores}{prose('experiments', 'scatter_by_line')}{_scatter_by_line(measured)}\n"


def _excess(measured: Sequence[tuple[Line, list[Measured]]], store: Store) -> str:
    """The law c/n_eff of the network's own features, and how it does at sizes that were not fitted."""
    lines = [line for line, _ in measured]
    rows = []
    for regime in excess.REGIMES:
        found = excess.law(regime, excess.points_of(regime, lines, store))
        sizes = {p.plan.problem.d for p in found.tested}
        before = Scatter.of(found.untouched)
        after = Scatter.of(found.tested)
        rows.append((regime.name, f"{found.power:.2f} ± {found.power_error:.2f}", len(found.fitted),
                     f"{found.c:.2f} ± {found.c_error:.2f}", ", ".join(map(str, sorted(sizes))), after.count,
                     *_score_columns(before)[:2], *_score_columns(after)[:2]))  # fmt: skip
    every = excess.law(valleys := excess.REGIMES[0], excess.points_of(valleys, lines, store, least=0.0))
    text = _prose("excess", least=excess.FROM, every=every, mean=Scatter.of(every.tested).mean)
    names = "regime | power p of 1/n_eff | points fitted | c | tested at d | N | mean before | rms before"
    return text + table(f"{names} | mean after | rms after", rows) + "\n"


def _score_row(name: str, points: Sequence[Measured]) -> tuple[object, ...]:
    s = Scatter.of(points)
    distance = f"{s.distance:.3f} (1.36/√N = {1.36 / math.sqrt(s.count):.3f})"
    return (name, s.count, *_score_columns(s), distance)


def _score_columns(s: Scatter) -> tuple[str, str, str]:
    return f"{s.mean:+.2f} ± {s.mean_error:.2f}", f"{s.rms:.2f} ± {s.rms_error:.2f}", f"{s.worst:+.2f}"


def _scatter_by_line(measured: Sequence[tuple[Line, list[Measured]]]) -> str:
    rows = []
    for name, lines in crossing_lines.by_features(measured).items():
        for line, points in lines:
            s, own = Scatter.of(points), "own" in name
            by_size = "{:+.2f} ± {:.2f}".format(*crossovers.deviation(points, "d"))
            by_samples = "{:+.2f} ± {:.2f}".format(*crossovers.deviation(points, "n_eff")) if own else ""
            rows.append((line.id, line.d, s.count, *_score_columns(s), by_size, by_samples))
    return table("line | d | N | mean | root mean square | worst | (ratio - 1) d | (ratio - 1) n_eff", rows)


def _peak_slopes(out: Path, store: Store, progress: Progress) -> str:
    """Slopes of the error in lam at interpolation."""
    measured = [
        (peak, [measure(plan, store) for plan in peak.plans()])
        for peak in progress.track(peaks.PEAKS, "peaks")
    ]
    with figure(out / "figures" / "peaks.png", 1, 2, size=(8.4, 3.4)) as row:
        for axes, network in zip(row, PAPER[::-1], strict=True):
            own = [(p, points) for p, points in measured if p.network == network and p in peaks.CLAIMED]
            figures.draw_peaks(axes, own)
    rows = []
    for peak, points in measured:
        s = peaks.slope(peak, points)
        network = f"{peak.network}, Gaussian features" if peak.inputs == "goe" else peak.network
        n, lams = round(points[0].plan.problem.n), f"{peak.values[0]:g} to {peak.values[-1]:g}"
        rows.append((network, peak.d, n, lams, peak.seeds,
                     f"{s.state_evolution:.3f}", f"{s.predicted:.3f}", f"{s.measured:.3f} ± {s.stderr:.3f}",
                     f"{s.z:+.1f}"))  # fmt: skip
    noises = ", ".join(f"{noise:g}" for noise in dict.fromkeys(peak.noise for peak in peaks.PEAKS))
    found = table("network | d | n | lam | seeds | state evolution | at this d | measured | z", rows)
    commands = folded("Commands", listing(p.plan.command for _, points in measured for p in points))
    return f"{prose('experiments', 'peaks', noise=noises)}{found}\n\n{commands}"


def _message_passing(out: Path, store: Store, progress: Progress, quick: bool) -> str:
    chosen = dict(list(dynamics.PASSINGS.items())[: 1 if quick else None])
    rows, path, size = [], out / "figures" / "message_passing.png", (3.4 * len(chosen), 3.3)
    with figure(path, 1, len(chosen), size=size, squeeze=False) as grid:
        each = progress.track(chosen.items(), "message passing")
        for axes, (name, plan) in zip(grid.flat, each, strict=True):
            errors, gaps = dynamics.histories(plan, store)
            predicted = dynamics.message_passing(plan.problem, errors.shape[1])
            figures.draw_message_passing(axes, errors, predicted)
            axes.set_title(name, fontsize=9)
            ratio = errors.mean(axis=0) / predicted
            spread = stats.sem(errors) / predicted
            shown = [f"{ratio[t]:.3f} ± {spread[t]:.3f}" for t in (0, 1, 2, 4, -1)]
            farthest = f"{np.max(np.abs(ratio - 1.0) / spread):.1f}"
            rows.append((name, *shown, farthest, f"{np.median(gaps):.0e}"))
        grid.flat[0].set_ylabel("error")
        grid.flat[0].legend(fontsize=7)
    iterations = " | ".join(f"iteration {t}" for t in (1, 2, 3, 5, 15))
    found = table(f"runs | {iterations} | farthest, standard errors | duality gap at the end", rows)
    commands = listing(p.command for p in chosen.values())
    return f"{prose('experiments', 'message_passing', seeds=plan.seeds)}{found}\n\n{commands}\n"


def _training(out: Path, store: Store, progress: Progress) -> str:
    methods = progress.track(dynamics.WATCHED_METHODS, "training in time")
    histories = {method: dynamics.training(method, store) for method in methods}
    with figure(out / "figures" / "training.png", 1, 3, size=(12, 3.4)) as row:
        figures.draw_training(row, histories, solve(dynamics.WATCHED).error)
    rows = [
        (method, h["iteration"][-1], f"{h['gap'][-1]:.1e}", f"{h['error'][-1]:.5f}")
        for method, h in histories.items()
    ]
    gaps, errors = ([h[what][-1] for h in histories.values()] for what in ("gap", "error"))
    p = dynamics.WATCHED
    ranges = {"gap": max(gaps), "least": min(errors), "most": max(errors)}
    text = _prose("training", p=p, theory=solve(p).error, **ranges)
    found = table("optimiser | iterations | certified gap | error at the end", rows)
    commands = listing(Plan(p, dynamics.WATCHED_SEED, 1, method=method).command for method in histories)
    return f"{text}{found}\n\n{commands}\n"


def _inputs(out: Path, measurer: Measurer) -> str:
    problems, rows = universality.PROBLEMS, []
    with figure(out / "figures" / "inputs.png", 1, len(problems), size=(3.3 * len(problems), 3.3)) as row:
        for axes, problem in zip(row, problems, strict=True):
            points = measurer(universality.plans(problem), f"inputs, {problem.network}, n = {problem.n:.0f}")
            figures.draw_inputs(axes, points)
            rows += [_ratio_row(point) for point in points]
    features = measurer(universality.FEATURE_PLANS, "own features")
    signs = measurer(universality.SIGN_PLANS, "inputs +-1")
    sizes = measurer(universality.SIZE_PLANS, "finite size")
    scaled, fallen, shrunk = [], [], []
    for at, p in ((p.plan.problem, p) for p in features):
        scaled.append((at.d, f"{at.n_eff:.0f}", _off(p, at.n_eff)))
    for at, p in ((p.plan.problem, p) for p in signs):
        excess = f"{(p.error - p.theory) * at.d:.3f} ± {p.stderr * at.d:.3f}"
        fallen.append((at.d, f"{p.error / p.theory:.3f}", excess))
    for at, p in ((p.plan.problem, p) for p in sizes):
        shrunk.append((at.d, f"{float(at.lam):g}", f"{p.error / p.theory:.3f}", _off(p, at.d)))
    commands = [plan.command for plan in universality.all_plans()]
    return (
        _prose("inputs") + table("network | d | n | inputs | theory | error / theory | z", rows)
        + _prose("features", p=features[0].plan.problem) + table("d | n_eff | (error/theory - 1) n_eff", scaled)
        + _prose("signs", p=signs[0].plan.problem) + table("d | error / theory | (error - theory) d", fallen)
        + _prose("sizes", p=sizes[0].plan.problem) + table("d | lam | error / theory | (error/theory - 1) d", shrunk)
        + "\n\n" + folded("Commands", listing(commands))
    )  # fmt: skip


def _off(p: Measured, scale: float) -> str:
    """``(error/theory - 1) scale`` with its standard error."""
    return f"{(p.error / p.theory - 1) * scale:.2f} ± {p.stderr / p.theory * scale:.2f}"


def _sizes(lines: Iterable[Line]) -> dict[str, str]:
    """The dimensions that lines are measured at: of sequences, of Gaussian features, of own ones."""
    found: dict[str, set[int]] = {"sequence": set(), "goe": set(), "own": set()}
    for line in lines:
        net = get(line.network)
        own = "own" if has_own_features(net, line.inputs) else "goe"
        found["sequence" if net.is_sequence else own].add(line.d)
    shown = {
        name: " to ".join(str(d) for d in sorted({min(s), max(s)})) if s else "-" for name, s in found.items()
    }
    return {**shown, "largest": str(max(found["own"], default=0))}


def _time(measured: Sequence[tuple[Line, list[Measured]]]) -> str:
    """What the points cost, by the seconds in the file, and the largest data set."""
    points = sorted((p for _, found in measured for p in found), key=lambda p: -p.seconds)
    total, longest = sum(p.seconds for p in points), points[0]
    half = next(k for k in range(len(points) + 1) if 2.0 * sum(p.seconds for p in points[:k]) >= total)
    largest = max((point.plan.problem for point in points), key=lambda problem: problem.n * problem.d)
    seconds, counts = longest.seconds / longest.plan.seeds, {"points": len(points), "half": half}
    return _prose(
        "time", p=longest.plan.problem, largest=largest, seconds=seconds, hours=total / 3600.0, **counts
    )


def _ratio_row(point: Measured) -> tuple[object, ...]:
    p = point.plan.problem
    ratio = f"{point.error / point.theory:.3f} ± {point.stderr / point.theory:.3f}"
    return (p.network, p.d, round(p.n), point.plan.inputs, f"{point.theory:.5f}", ratio, f"{point.z:+.1f}")


def _points(measured: Sequence[tuple[Line, list[Measured]]]) -> str:
    """Every point of every line, folded away, with the command that repeats it."""
    out = ["\n## All points\n"]
    for line, points in measured:
        rows = [
            (round(p.plan.problem.n), f"{float(p.plan.problem.lam):g}", f"{p.theory:.5f}", f"{p.error:.5f}",
             f"{p.stderr:.5f}", f"{p.z:+.2f}" if p.scatters else "", f"{p.score:+.2f}" if p.scatters else "",
             p.plan.seed)
            for p in points
        ]  # fmt: skip
        found = table("n | lam | theory | measured | standard error | z | score | seed", rows)
        commands = listing(p.plan.command for p in points)
        seconds = sum(p.seconds for p in points)
        out.append(folded(f"{line.title} ({seconds:.0f} s)", f"{found}\n\n{commands}"))
    return "\n".join(out)
