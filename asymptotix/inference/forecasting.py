"""The error of runs that have not been made, from a fit, with what is uncertain about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from asymptotix.arrays import Array
from asymptotix.inference.fitting import Fit, in_words, phase_of, single_run
from asymptotix.inference.model import Model, Truth
from asymptotix.problem import Problem
from asymptotix.risk.bayes import bayes_error
from asymptotix.risk.optimum import optimum
from asymptotix.tables import Table, Tabular
from asymptotix.validate import number


@dataclass(frozen=True)
class Forecast(Tabular):
    """One forecast.

    Attributes:
        error: predicted error in the user's units; ``low``, ``high`` its interval: uncertainty of the fit, and of the
            theory at this size.
        phase: where it lies; ``crossed``: the phases between the runs and it, whose boundaries change the slope.
        bayes_error: below it no estimator can come.
    """

    keys = ("n", "lam", "width", "error", "low", "high", "phase", "phase_words", "crossed", "bayes_error")

    n: float
    lam: float
    width: int | None
    error: float
    low: float
    high: float
    phase: str | None
    crossed: tuple[str, ...]
    bayes_error: float | None

    @property
    def phase_words(self) -> str | None:
        """The phase in words."""
        return in_words(self.phase)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**super().to_dict(), "crossed": list(self.crossed)}


def forecast(
    found: Fit,
    n: float | Sequence[float],
    lam: float | str | None = None,
    width: int | None = None,
    *,
    confidence: float = 0.9,
) -> Table[Forecast]:
    """Forecast the error at other sizes.

    Args:
        found: of `fit`.
        n: one or several numbers of samples.
        lam: weight decay, or ``"best"`` for the best at each ``n``; None: that of the last run.
        width: hidden units; None: that of the last run.
        confidence: of the intervals.

    Raises:
        InvalidInput: a number out of range.

    Examples:
        >>> from asymptotix import Problem, fit, solve
        >>> p = Problem("diagonal", gamma=1.4, d=800, n=1, lam=1, noise=0.25)
        >>> runs = [{"n": n, "lam": 1, "error": solve(p.replace(n=n)).error, "stderr": 1e-3} for n in (50, 150, 500)]
        >>> (ahead,) = forecast(fit(runs, "diagonal", d=800), 3200)
        >>> ahead.low < solve(p.replace(n=3200)).error < ahead.high
        True
    """
    sizes = [
        number("n", x, "numbers of samples > 0", above=0.0) for x in (n if isinstance(n, Sequence) else [n])
    ]
    last = max(found.model.runs, key=lambda run: run.n)
    chosen = last.lam if lam is None else lam
    if chosen != "best":
        number("lam", chosen, "a weight decay >= 0, or best", least=0.0)
    return Table(_one(found, x, chosen, last.width if width is None else width, confidence) for x in sizes)


def _one(found: Fit, n: float, lam: float | str, width: int | None, confidence: float) -> Forecast:
    truth = found.truth
    if lam == "best":
        lam = best_lam(found, truth, n, width)
    run = single_run(n, float(lam), width)
    model = found.model.at([run])
    error = float(model.errors(truth)[0])
    low, high = interval(found, model, confidence)
    problem = model.problem(run, truth)
    crossed = _crossed(found, run.n, run.lam, width)
    return Forecast(n, run.lam, width, error, low, high, phase_of(problem), crossed, _bayes(problem, truth))


def interval(found: Fit, model: Model, confidence: float, *, of_measure: bool = False) -> tuple[float, float]:
    """Errors, or values of the data's measure, that the runs allow at the place of ``model``.

    The theory is as uncertain there as its band at that size. This is the profile of the forecast itself: it counts as
    one more run, and is moved until the sum of squares has risen by its quantile. Where the fit is not a parabola (a
    noise of which only the upper end is known) this holds, and the covariance does not.
    """
    assert found.found is not None
    search, best, scale = found.found.search, found.found.best, found.found.scale
    few = found.dof > 0 and not search.known_scatter  # the scatter itself was fitted
    rise = scale * (stats.f.ppf(confidence, 1, found.dof) if few else stats.chi2.ppf(confidence, 1))

    def predict(x: Array) -> float:
        truth = search.truth(x)
        value = model.values(truth)[0] if of_measure else model.errors(truth)[0]
        return float(np.log(np.clip(value, 1e-300, 1e300)))

    spread = model.allowance(model.runs[0])
    if of_measure:
        spread *= model.share(found.truth)[0]
    middle, places = predict(best[0]), [(predict(x), x) for x in found.found.edges]
    ends = []
    for sign in (-1.0, 1.0):
        value, start = max([(middle, best[0]), *places], key=lambda place: sign * place[0])
        guess = math.hypot(abs(value - middle), spread * math.sqrt(rise / scale))
        # the theory's own uncertainty does not scale with the scatter of the runs
        ends.append(search.ahead(best, start, predict, spread / math.sqrt(scale), rise, sign, guess))
    return math.exp(ends[0]), math.exp(ends[1])


def best_lam(found: Fit, truth: Truth, n: float, width: int | None) -> float:
    """The weight decay of least error in the user's units."""
    run = single_run(n, 1.0, width)
    problem = found.model.problem(run, truth)
    sum_lam = optimum(problem).lam_star * truth.norm ** (2.0 - float(problem.net.power))
    return float(sum_lam / found.model.lam_factor(run, truth))


def _bayes(problem: Problem, truth: Truth) -> float | None:
    if problem.net.least_error is None:
        return None
    return bayes_error(problem) * truth.norm**2


def _crossed(found: Fit, n: float, lam: float, width: int | None) -> tuple[str, ...]:
    """Phases met on the way from the largest run, in order."""
    start = max(run.n for run in found.model.runs)
    path = np.geomspace(start, n, 9) if n > start else [n]
    truth = found.truth
    names = [phase_of(found.model.problem(single_run(float(x), lam, width), truth)) for x in path]
    return tuple(dict.fromkeys(name for name in names if name))
