"""Width: error through the peak in width, theory and trained networks, and which minimum training finds there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from asymptotix.experiments import narrow
from asymptotix.experiments.measurements import Measured, measure
from asymptotix.files import write_text
from asymptotix.finite_size.band import FEATURES, FINITE_SIZE
from asymptotix.progress import Progress
from asymptotix.report.layout import beside, figure, prose, table
from asymptotix.state_evolution import solve
from asymptotix.store import Store

DATA = Path("data") / "width.jsonl"
_QUICK_SEEDS = 2  # the fewest that have a standard error


def write(out: Path, progress: Progress, *, quick: bool = False) -> None:
    """Write ``width.md``, its figure and its data; points in ``data/width.jsonl`` are not trained again."""
    store = Store(out / DATA)
    seeds = _QUICK_SEEDS if quick else narrow.SEEDS
    plans = [narrow.width_line(seeds), narrow.sample_line(seeds)]
    widths, samples = (
        [measure(plan, store) for plan in progress.track(line, "lines in width")] for line in plans
    )
    sizes = narrow.SIZES[:1] if quick else narrow.SIZES
    peaks = [p for size in progress.track(sizes, "peak in width") for p in narrow.measured(store, [size])]
    _figure(out, widths, samples)
    numbers = {
        "seeds": seeds,
        "largest": max(size[0] for size in sizes),
        "finite": FINITE_SIZE,
        "features": FEATURES,
    }
    tables = {"lines": _lines([*widths, *samples]), "peak": _peak(peaks), "verdict": verdict(peaks)}
    write_text(out / "width.md", prose("width", "page", **_place(widths), **numbers, **tables))


def _place(widths: Sequence[Measured]) -> dict[str, Any]:
    """The problem of the line in width, and where the theory has its peak and its end."""
    p = widths[0].plan.problem
    theory = {width: solve(p.replace(width=width)) for width in range(1, p.d)}
    free = next(width for width, s in theory.items() if s.constraint == "threshold")
    inner = range(2, free)
    tops = [w for w in inner if theory[w - 1].error < theory[w].error > theory[w + 1].error]
    top = max(tops, key=lambda w: theory[w].error)
    return {"p": p, "top": top, "share": top / p.n_eff, "free": free}


def _lines(points: Sequence[Measured]) -> str:
    rows = []
    for point in points:
        p = point.plan.problem
        allowed = FINITE_SIZE / p.d + FEATURES / p.n_eff
        units = (p.width, f"{p.n_eff:.4g}", f"{point.error:.5f} ± {point.stderr:.5f}", f"{point.theory:.5f}")
        off = point.error / point.theory - 1.0
        rows.append((*units, f"{point.z:.1f}", f"{100 * off:.1f} %", f"{100 * allowed:.0f} %"))
    return table("p | n_eff | trained | state evolution | z | deviation | allowed", rows)


def _percent(deviation: narrow.Deviation) -> str:
    if math.isnan(deviation.stderr):
        return f"{100 * deviation.mean:.1f}"
    return f"{100 * deviation.mean:.1f} ± {100 * deviation.stderr:.1f}"


def _peak(peaks: Sequence[narrow.AtPeak]) -> str:
    rows = []
    for peak in peaks:
        cells = [("errors", "first"), ("errors", "best"), ("losses", "best"), ("objectives", "best")]
        minima, starts = np.mean([t.minima for t in peak.data_sets]), len(peak.data_sets[0].objectives)
        several = (f"{minima:.1f}", f"{100 * peak.spread:.2f} %") if starts > 1 else ("", "")
        sizes = (peak.problem.d, peak.problem.width, len(peak.data_sets), starts)
        rows.append((*sizes, *(_percent(peak.deviation(*cell)) for cell in cells), *several))
    names = "d | p | data sets | starts | error, first | error, lowest | loss, lowest | objective, lowest"
    return table(f"{names} | minima | range", rows)


def verdict(peaks: Sequence[narrow.AtPeak]) -> str:
    """What the deviations say: whether those of error and training loss are gone when extrapolated in ``1/d``."""
    several = [p for p in peaks if len(p.data_sets) > 1]
    if len({p.problem.d for p in several}) < 3:
        return ""
    (error, slope), (loss, _), (objective, _) = (
        narrow.limit(several, what, "best") for what in ("errors", "losses", "objectives")
    )
    first, last = several[0], several[-1]
    minima, starts = np.mean([t.minima for t in last.data_sets]), len(last.data_sets[0].objectives)
    limits = {"error": _percent(error), "loss": _percent(loss), "objective": _percent(objective)}
    ends = {"last": last, "starts": starts, "spread": 100 * last.spread, "minima": minima}
    said = prose("width", "limit", slope=slope, **limits, **ends)
    if not _resolved(error):
        return f"{said}**So nothing beyond finite size is seen.**"
    beside = [_beside(x, what) for x, what in ((objective, "objective"), (loss, "loss"), (error, "error"))]
    at_first = {"first": first, "deviation": _percent(first.deviation("errors", "best"))}
    return said + prose("width", "minima", error=_percent(error), beside=beside, **at_first).rstrip()


def _resolved(deviation: narrow.Deviation) -> bool:
    return abs(deviation.mean) > 3 * deviation.stderr


def _beside(deviation: narrow.Deviation, what: str) -> str:
    """In words: whether a quantity is the theory's, within three standard errors."""
    if _resolved(deviation):
        return f"a {'larger' if deviation.mean > 0 else 'smaller'} {what} than the theory's"
    return f"the theory's {what} (to {300 * deviation.stderr:.1f} %, three standard errors)"


def _figure(out: Path, widths: Sequence[Measured], samples: Sequence[Measured]) -> None:
    base, fixed = widths[0].plan.problem, samples[0].plan.problem
    grid = sorted({*range(1, 16), *np.geomspace(15, 99, 30).round().astype(int).tolist()})
    theory = [solve(base.replace(width=p)) for p in grid]
    free = next(p for p, s in zip(grid, theory, strict=True) if s.constraint == "threshold")
    x = [float(v) for v in np.geomspace(fixed.n_eff * 0.8, samples[-1].plan.problem.n_eff * 1.2, 40)]
    along = [solve(fixed.replace(n_eff=v)).error for v in x]
    with figure(out / "figures" / "width.png", 1, 2, size=(9, 3.6), sharey=True) as (left, right):
        at = [float(p.plan.problem.width or 0) for p in widths]
        beside(left, grid, [s.error for s in theory], at, widths)
        left.axvspan(free, grid[-1], color="0.93")
        left.annotate("any width", (free, 0.93), xycoords=("data", "axes fraction"), fontsize=7)
        left.set(xlabel="hidden units", ylabel="error")
        left.set_title(f"n_eff = {base.n_eff:.4g}", fontsize=9)
        left.legend(fontsize=7)
        beside(right, x, along, [p.plan.problem.n_eff for p in samples], samples)
        right.set_xlabel("effective samples")
        right.set_title(f"p = {fixed.width}", fontsize=9)
