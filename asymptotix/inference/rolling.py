"""Roll-out: fit the runs with few samples, forecast those with many, and see whether the forecasts held."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from asymptotix.errors import InvalidInput
from asymptotix.inference.fitting import Fit, fit
from asymptotix.inference.forecasting import interval
from asymptotix.inference.run_table import Run, read_runs
from asymptotix.tables import Table, Tabular
from asymptotix.validate import number


@dataclass(frozen=True)
class Rolled(Tabular):
    """One run that was forecast from smaller ones; every number is of the measure that the data hold.

    Attributes:
        forecast: the middle; ``low``, ``high`` its interval.
        held: whether the run lies in it, the scatter of the run itself allowed for.
        chinchilla, broken: what ``E + A n^-alpha`` and a broken power law make of the same smaller runs; None where
            there are too few, or more than one penalty.
    """

    n: float
    lam: float
    measured: float
    stderr: float | None
    forecast: float
    low: float
    high: float
    held: bool
    chinchilla: float | None
    broken: float | None


def roll_out(
    data: Any, network: str = "diagonal", *, d: int, share: float = 0.5, confidence: float = 0.9, **given: Any
) -> Table[Rolled]:
    """Fit the first runs in order of ``n``, and forecast the others.

    Args:
        data, network, d, given: as in `asymptotix.fit`.
        share: of the points, that are fitted.
        confidence: of the intervals.

    Raises:
        InvalidInput: data that cannot be used, or no run left to forecast.

    Examples:
        >>> from asymptotix import Problem, solve
        >>> p = Problem("diagonal", gamma=1.4, d=150, n=1, lam=1, noise=0.25)
        >>> sizes = (20, 60, 200, 600)
        >>> runs = [{"n": n, "lam": 1, "error": solve(p.replace(n=n)).error, "stderr": 1e-3} for n in sizes]
        >>> [(rolled.n, rolled.held) for rolled in roll_out(runs, d=150)]
        [(200.0, True), (600.0, True)]
    """
    number("share", share, "a number between 0 and 1", above=0.0, below=1.0)
    table = read_runs(data)
    runs = sorted(table.runs, key=lambda run: run.n)
    count = math.ceil(share * len(runs))
    later = [run for run in runs[count:] if run.n > runs[count - 1].n]
    if not later:
        raise InvalidInput("data", f"{len(runs)} points", "runs with more samples than those that are fitted")
    found = fit(replace(table, runs=tuple(runs[:count])), network, d=d, **given)
    return Table(_rolled(found, run, confidence) for run in later)


def _rolled(found: Fit, run: Run, confidence: float) -> Rolled:
    model = found.model.at([run])
    middle = float(model.values(found.truth)[0])
    low, high = interval(found, model, confidence, of_measure=True)
    laws = {law.name: law.at(run.n) for law in found.power_laws}
    stderr = None if math.isnan(run.stderr) else run.stderr
    held = _holds(run, middle, low, high, confidence)
    others = (laws.get("E + A n^-alpha"), laws.get("broken power law"))
    return Rolled(run.n, run.lam, run.value, stderr, middle, low, high, held, *others)


def _holds(run: Run, middle: float, low: float, high: float, confidence: float) -> bool:
    """Whether a run lies in the interval of the error, widened by its own scatter."""
    scatter = 0.0
    if not math.isnan(run.stderr):
        free = run.freedom if math.isfinite(run.freedom) else 1e9
        scatter = float(stats.t.ppf(0.5 + confidence / 2.0, free)) * run.stderr / run.value
    distance = math.log(run.value / middle)
    room = math.log(high / middle) if distance > 0 else math.log(middle / low)
    return bool(abs(distance) <= np.hypot(room, scatter))
