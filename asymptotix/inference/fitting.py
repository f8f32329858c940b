r"""Fit the state evolution to measured errors: the teacher's decay, its norm and the noise, with their uncertainty.

Least squares in ``log(measure)``, each run weighed by its standard error and by what the theory itself is uncertain by
at that size. Intervals are profile likelihoods: how far a parameter can go, the others following, until the sum of
squares has grown by the quantile of ``chi^2`` with one degree of freedom. One that is not reached is left open: the
data do not determine the parameter on that side, and the result says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from asymptotix.arrays import Array
from asymptotix.inference.likelihood import PARAMETERS, Search
from asymptotix.inference.model import Model, Truth
from asymptotix.inference.power_laws import PowerLawFit, compare
from asymptotix.inference.run_table import Run, RunTable, read_runs
from asymptotix.inference.suspicion import suspected
from asymptotix.inference.usable import above_null, check, null_risk
from asymptotix.problem import Problem
from asymptotix.tables import Tabular
from asymptotix.units import Convention
from asymptotix.validate import number, one_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A run this many standard deviations off is called an outlier.
OUTLIER = 3.5


@dataclass(frozen=True)
class Parameter:
    """A fitted or given number with its interval; None where the data leave it open."""

    value: float
    low: float | None
    high: float | None
    free: bool


@dataclass(frozen=True, eq=False)
class Found:
    """What a fit leaves behind for forecasts.

    Attributes:
        best: the best logarithms and their sum of squares.
        scale: by how much the runs scatter more than their standard errors say, squared; 1 where those are known.
        edges: the points at the ends of all intervals.
    """

    search: Search
    best: tuple[Array, float]
    scale: float
    edges: tuple[Array, ...]


@dataclass(frozen=True)
class Fit(Tabular):
    """The equations fitted to runs.

    Attributes:
        parameters: gamma, noise and norm of the teacher, each a `Parameter`.
        covariance: of the logarithms of ``gamma - 1/2``, ``noise``, ``norm`` that are free, in this order.
        chi2, dof, p_value: goodness of fit; without standard errors in the data their size is fitted, and
            ``p_value`` is nan.
        rows: one mapping a run: n, lam, error, stderr, fitted, pull (deviation in standard deviations), phase.
        power_laws: the same points by ``E + A n^-alpha`` and a broken power law, to compare with.
        warnings: what the data do not determine, outliers, units that look wrong.
    """

    model: Model = field(repr=False)
    parameters: dict[str, Parameter]
    covariance: Array = field(repr=False)
    chi2: float
    dof: int
    p_value: float
    rows: tuple[dict[str, Any], ...] = field(repr=False)
    power_laws: tuple[PowerLawFit, ...] = field(repr=False)
    warnings: tuple[str, ...]
    confidence: float = 0.95
    found: Found | None = field(default=None, repr=False, compare=False)

    @property
    def truth(self) -> Truth:
        """The fitted numbers."""
        return Truth(**{name: p.value for name, p in self.parameters.items()})

    @property
    def free(self) -> tuple[str, ...]:
        """The parameters that were fitted."""
        return tuple(name for name, p in self.parameters.items() if p.free)

    def plot(self, axes: Axes | None = None, **style: Any) -> Axes:
        """Draw the runs and the fitted curves on your axes, or on new ones; see `asymptotix.plots.fit`."""
        from asymptotix.plots import fit as draw

        return draw(self, axes, **style)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            **{name: vars(p) for name, p in self.parameters.items()},
            "chi2": self.chi2,
            "dof": self.dof,
            "p_value": self.p_value,
            "rows": [{**row, "phase_words": in_words(row["phase"])} for row in self.rows],
            "power_laws": [law.to_dict() for law in self.power_laws],
            "warnings": list(self.warnings),
        }


def fit(
    data: Any,
    network: str = "diagonal",
    *,
    d: int,
    gamma: float | None = None,
    noise: float | None = None,
    norm: float | None = 1.0,
    confidence: float = 0.95,
    loss: str = "linear",
    units: Convention | None = None,
    columns: Mapping[str, Any] | None = None,
    **known: Any,
) -> Fit:
    """Fit gamma, noise and the teacher's norm to runs.

    Args:
        data: a CSV file, data frame or sequence of mappings with columns ``n``, ``lam``, and one of ``error``,
            ``excess_risk``, ``test_loss``; perhaps ``stderr``, ``seed`` (repeats are pooled), ``width``. Logs are read
            as they come, with prefixes or a column a run; what is not used is said in the warnings. Or runs that are
            read already.
        network, d: as in `Problem`; ``known`` takes its other fields (``depth``, ``beta``, ``width``).
        gamma, noise: given numbers; None: to be fitted.
        norm: of the teacher, 1 in the units of `Problem`; None: to be fitted.
        confidence: of the intervals.
        loss: ``"huber"`` lets single bad runs count less.
        units: what ``lam`` is, if not the factor beside a summed loss; see `Convention`.
        columns: name -> the column that it is, or the number that it has in all rows: ``{"error": "mse", "lam": 0.1}``.

    Raises:
        InvalidInput: data that cannot be used (the message names the row), or a number out of range.

    Examples:
        >>> from asymptotix import Problem, solve
        >>> p = Problem("diagonal", gamma=1.4, d=800, n=1, lam=1, noise=0.25)
        >>> runs = [{"n": n, "lam": 1, "error": solve(p.replace(n=n)).error, "stderr": 1e-4} for n in (50, 800, 3200)]
        >>> found = fit(runs, "diagonal", d=800)
        >>> round(found.truth.gamma, 3), round(found.truth.noise, 3)
        (1.4, 0.25)
    """
    table = data if isinstance(data, RunTable) else read_runs(data, columns)
    one_of("loss", loss, ("linear", "huber"))
    number("confidence", confidence, "a number in [0.5, 1)", least=0.5, below=1.0)
    mine = Convention() if units is None else units
    if mine.lam == "sum":
        mine = replace(mine, lam=table.lam_unit)
    given = {"gamma": gamma, "noise": noise, "norm": norm}
    base = Problem(network, gamma=gamma or 1.25, d=d, n=1, lam=1, noise=noise or 1.0, **known)
    model = Model(base, table.runs, table.measure, mine)
    free = tuple(name for name in PARAMETERS if given[name] is None)
    check(model, free, norm, noise)
    fixed = {name: float(value) for name, value in given.items() if value is not None}
    found = _result(Search(model, free, fixed, loss), confidence)
    odd = above_null(found.rows, table.measure, null_risk(model, norm, found.truth.noise))
    return replace(found, warnings=(*table.notes, *found.warnings, *odd))


def _result(search: Search, confidence: float) -> Fit:
    best = search.best()
    share = search.model.share(search.truth(best[0]))
    if (share < 1.0).any():
        search = Search(search.model, search.free, search.fixed, search.loss, share)
        best = search.minimise(best[0])
    x, cost = best
    dof = len(search.model.runs) - len(search.free)
    # without standard errors the scatter is read off the fit itself, at least that of the theory
    scale = 1.0 if search.known_scatter or dof < 1 else max(cost / dof, 1.0)
    jacobian = search.jacobian(x)
    covariance: Array = np.asarray(scale * np.linalg.pinv(jacobian.T @ jacobian), dtype=np.float64)
    quantile = stats.chi2.ppf(confidence, 1) if scale == 1.0 else stats.f.ppf(confidence, 1, dof)
    warnings: list[str] = []
    parameters = {name: Parameter(value, None, None, False) for name, value in search.fixed.items()}
    edges = []
    for k, name in enumerate(search.free):
        ends = []
        for sign in (-1.0, 1.0):
            end, there = search.end(best, k, sign, scale * quantile, covariance[k, k] / scale)
            ends.append(end)
            edges.append(there)
        turn: Callable[[float], float] = (lambda v: 0.5 + math.exp(v)) if name == "gamma" else math.exp
        low, high = (None if end is None else turn(end) for end in ends)
        parameters[name] = Parameter(turn(x[k]), low, high, True)
        warnings += _open(name, low, high)
    p_value = float(stats.chi2.sf(cost, dof)) if search.known_scatter and dof > 0 else math.nan
    ordered = {name: parameters[name] for name in PARAMETERS if name in parameters}
    rows = _rows(search, x)
    warnings += [
        f"row {row['row']} is an outlier: {row['pull']:+.1f} standard deviations"
        for row in rows
        if abs(row["pull"]) > OUTLIER
    ]
    warnings += suspected(search, x, cost)
    laws = compare(search.model.runs, search.sigma)
    found = Found(search, best, scale, tuple(edges))
    return Fit(
        search.model, ordered, covariance, cost, dof, p_value, rows, laws, tuple(warnings), confidence, found
    )


def _rows(search: Search, x: Array) -> tuple[dict[str, Any], ...]:
    truth, pulls = search.truth(x), search.residuals(x)
    fitted = search.model.values(truth)
    return tuple(
        {
            "row": run.row,
            "n": run.n,
            "lam": run.lam,
            search.model.measure: run.value,
            "stderr": None if math.isnan(run.stderr) else run.stderr,
            "fitted": float(value),
            "pull": float(pull),
            "phase": phase_of(search.model.problem(run, truth)),
        }
        for run, value, pull in zip(search.model.runs, fitted, pulls, strict=True)
    )


def _open(name: str, low: float | None, high: float | None) -> list[str]:
    if low is not None and high is not None:
        return []
    side = "at all" if low is None and high is None else "from below" if low is None else "from above"
    return [f"the data do not determine {name} {side}"]


def phase_of(problem: Problem) -> str | None:
    """The phase of a finite problem, where its network has phases."""
    from asymptotix.asymptotics.diagram import phase_diagram

    if problem.gamma is None or problem.net.shares is None or problem.d < 2:
        return None
    return phase_diagram(problem.net.name, noisy=problem.noise > 0).locate(problem).phase


def in_words(phase: str | None) -> str | None:
    """A phase in words, None where there is none."""
    from asymptotix.asymptotics.labels import words

    return None if phase is None else words(phase)


def single_run(n: float, lam: float, width: int | None) -> Run:
    """A run that has not been made."""
    return Run(0, n, lam, math.nan, math.nan, width)
