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
from scipy import optimize, stats

from asymptotix.errors import InvalidInput
from asymptotix.inference.model import Array, Model, Truth
from asymptotix.inference.power_laws import PowerLawFit, compare
from asymptotix.inference.runs import Run, read_runs
from asymptotix.inference.suspicion import suspected
from asymptotix.inference.usable import above_null, check, null_risk
from asymptotix.problem import Problem
from asymptotix.tables import Tabular
from asymptotix.units import Convention
from asymptotix.validate import number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: What is fitted, in this order; each free or given.
PARAMETERS = ("gamma", "noise", "norm")
# Logarithms of gamma - 1/2, noise and norm are looked for in these ranges: beyond them no run tells anything.
_RANGES = {
    "gamma": (math.log(0.02), math.log(7.5)),
    "noise": (-18.0, 9.0),
    "norm": (-7.0, 7.0),
    "lam_factor": (-14.0, 14.0),
    "error_factor": (-9.0, 9.0),
}
_STARTS = {"gamma": (0.8, 1.3, 2.2), "noise": (0.01, 0.3), "norm": (1.0,)}
# Steps of differences in the logarithms: solves are good to 1e-12 or so.
_STEP = 1e-4
# Ends of intervals are this exact, in standard deviations.
_PRECISE = 0.03
# A run this many standard deviations off is called an outlier.
OUTLIER = 3.5
_LOSSES = ("linear", "huber")
# Solves of a profile that place an end of an interval: its bracket halves at least every other time.
_PROFILES = 16


@dataclass(frozen=True)
class Parameter:
    """A fitted or given number with its interval; None where the data leave it open."""

    value: float
    low: float | None
    high: float | None
    free: bool


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
            "rows": list(self.rows),
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
            as they come, with prefixes or a column a run; what is not used is said in the warnings.
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
    if loss not in _LOSSES:
        raise InvalidInput("loss", loss, f"one of {', '.join(_LOSSES)}")
    if not 0.5 <= number("confidence", confidence, "a number in [0.5, 1)") < 1.0:
        raise InvalidInput("confidence", confidence, "a number in [0.5, 1)")
    table = read_runs(data, columns)
    mine = Convention() if units is None else units
    if mine.lam == "sum":
        mine = replace(mine, lam=table.lam_unit)
    given = {"gamma": gamma, "noise": noise, "norm": norm}
    base = Problem(network, gamma=gamma or 1.25, d=d, n=1, lam=1, noise=noise or 1.0, **known)
    model = Model(base, table.runs, table.measure, mine)
    free = tuple(name for name in PARAMETERS if given[name] is None)
    check(model, free, norm, noise)
    fixed = {name: float(value) for name, value in given.items() if value is not None}
    found = Fitting(model, free, fixed, loss).result(confidence)
    odd = above_null(found.rows, table.measure, null_risk(model, norm, found.truth.noise))
    return replace(found, warnings=(*table.notes, *found.warnings, *odd))


class Fitting:
    """One fit: residuals over logarithms of the free parameters, their minimum and its profiles."""

    def __init__(self, model: Model, free: tuple[str, ...], fixed: dict[str, float], loss: str) -> None:
        self.model, self.free, self.fixed, self.loss = model, free, fixed, loss
        self.log_values = np.log([run.value for run in model.runs])
        stderr = np.array([run.stderr / run.value for run in model.runs])
        self.known_scatter = bool(np.isfinite(stderr).all())
        usual = np.nanmedian(stderr) if np.isfinite(stderr).any() else 0.0
        theory = np.array([model.allowance(run) for run in model.runs])
        self.sigma = np.hypot(np.where(np.isfinite(stderr), stderr, usual), theory)

    def truth(self, x: Array) -> Truth:
        """From logarithms to numbers."""
        values = dict(self.fixed)
        for name, value in zip(self.free, x, strict=True):
            values[name] = 0.5 + math.exp(value) if name == "gamma" else math.exp(value)
        return Truth(**values)

    def residuals(self, x: Array) -> Array:
        predicted = np.log(np.maximum(self.model.values(self.truth(x)), 1e-300))
        return np.asarray((self.log_values - predicted) / self.sigma)

    def minimise(self, start: Array, held: int | None = None) -> tuple[Array, float]:
        """The best point and its cost (twice scipy's), one coordinate held if asked."""
        index = [k for k in range(len(self.free)) if k != held]
        if not index:
            return start, float((self.residuals(start) ** 2).sum())

        def residuals(part: Array) -> Array:
            x = start.copy()
            x[index] = part
            return self.residuals(x)

        low, high = (np.array([_RANGES[self.free[k]][side] for k in index]) for side in (0, 1))
        found = optimize.least_squares(
            residuals,
            np.clip(start[index], low + 1e-6, high - 1e-6),
            bounds=(low, high),
            loss=self.loss,  # type: ignore[arg-type]
            diff_step=[_STEP],
            x_scale=1.0,
            xtol=1e-5,
            ftol=1e-7,
            max_nfev=25,
        )
        x = start.copy()
        x[index] = found.x
        return x, 2.0 * float(found.cost)

    def best(self) -> tuple[Array, float]:
        """The least of a few starts, the most promising first."""
        starts = [np.zeros(0)]
        for name in self.free:
            values = [math.log(v - 0.5) if name == "gamma" else math.log(v) for v in _STARTS[name]]
            starts = [np.append(s, v) for s in starts for v in values]
        ranked = sorted(starts, key=lambda s: float((self.residuals(s) ** 2).sum()))
        found = self.minimise(ranked[0])
        if len(ranked) == 1 or found[1] < 4.0 * len(self.model.runs):  # as good as scatter lets it be
            return found
        return min(found, self.minimise(ranked[1]), key=lambda one: one[1])

    def jacobian(self, x: Array) -> Array:
        columns = []
        for k in range(x.size):
            step = np.zeros_like(x)
            step[k] = 10 * _STEP
            columns.append((self.residuals(x + step) - self.residuals(x - step)) / (20 * _STEP))
        return np.stack(columns, axis=1) if columns else np.zeros((len(self.log_values), 0))

    def result(self, confidence: float) -> Fit:
        x, cost = self.best()
        dof = len(self.model.runs) - len(self.free)
        # without standard errors the scatter is read off the fit itself, at least that of the theory
        scale = 1.0 if self.known_scatter or dof < 1 else max(cost / dof, 1.0)
        jacobian = self.jacobian(x)
        covariance: Array = np.asarray(scale * np.linalg.pinv(jacobian.T @ jacobian), dtype=np.float64)
        quantile = stats.chi2.ppf(confidence, 1) if scale == 1.0 else stats.f.ppf(confidence, 1, dof)
        warnings: list[str] = []
        parameters = {name: Parameter(value, None, None, False) for name, value in self.fixed.items()}
        for k, name in enumerate(self.free):
            ends = [self._end(x, cost, k, sign, scale * quantile, covariance[k, k]) for sign in (-1.0, 1.0)]
            turn: Callable[[float], float] = (lambda v: 0.5 + math.exp(v)) if name == "gamma" else math.exp
            low, high = (None if end is None else turn(end) for end in ends)
            parameters[name] = Parameter(turn(x[k]), low, high, True)
            warnings += _open(name, low, high)
        p_value = float(stats.chi2.sf(cost, dof)) if self.known_scatter and dof > 0 else math.nan
        ordered = {name: parameters[name] for name in PARAMETERS if name in parameters}
        rows = self._rows(x)
        warnings += [
            f"row {row['row']} is an outlier: {row['pull']:+.1f} standard deviations"
            for row in rows
            if abs(row["pull"]) > OUTLIER
        ]
        warnings += suspected(self, x, cost)
        laws = compare(self.model.runs, self.sigma)
        return Fit(
            self.model, ordered, covariance, cost, dof, p_value, rows, laws, tuple(warnings), confidence
        )

    def _end(self, x: Array, cost: float, k: int, sign: float, rise: float, variance: float) -> float | None:
        """Where the profile has risen by ``rise``, by secants in its square root; None where it never does."""
        bound = _RANGES[self.free[k]][0 if sign < 0 else 1]
        start = x.copy()
        inside, outside = (
            (0.0, 0.0),
            (math.inf, math.inf),
        )  # how far from the best, and the square root of the rise
        far = math.sqrt(max(variance, 1e-12) * rise)
        for _ in range(_PROFILES):
            if far >= abs(bound - x[k]):
                return None
            start[k] = x[k] + sign * far
            there, value = self.minimise(start, held=k)
            ratio = math.sqrt(max(value - cost, 0.0) / rise)
            if abs(ratio - 1.0) < _PRECISE:
                break
            if ratio < 1.0:
                inside, start = (far, ratio), there
            else:
                outside = (far, ratio)
            far = _between(inside, outside)
        return float(x[k] + sign * far)

    def _rows(self, x: Array) -> tuple[dict[str, Any], ...]:
        truth, pulls = self.truth(x), self.residuals(x)
        fitted = self.model.values(truth)
        return tuple(
            {
                "row": run.row,
                "n": run.n,
                "lam": run.lam,
                self.model.measure: run.value,
                "stderr": None if math.isnan(run.stderr) else run.stderr,
                "fitted": float(value),
                "pull": float(pull),
                "phase": phase_of(self.model.problem(run, truth)),
            }
            for run, value, pull in zip(self.model.runs, fitted, pulls, strict=True)
        )


def _between(inside: tuple[float, float], outside: tuple[float, float]) -> float:
    """Where a profile that is ``inside`` below 1 and ``outside`` above crosses it, by a secant kept off both ends."""
    (near, below), (far, above) = inside, outside
    if far == math.inf:
        return near * min(max(1.0 / max(below, 1e-3), 1.1), 3.0)
    part = (1.0 - below) / (above - below)
    return near + (far - near) * min(max(part, 0.1), 0.9)


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
    sizes = {"n_eff": problem.n_eff, "lam": problem.lam, "d": problem.d, "noise": problem.noise}
    diagram = phase_diagram(problem.net.name, noisy=problem.noise > 0)
    return diagram.locate(gamma=problem.gamma, **sizes).phase


def truth_at(found: Fit, x: Array) -> Truth:
    """The truth at shifted logarithms of the free parameters, for propagating their covariance."""
    truth = found.truth
    for name, shift in zip(found.free, x, strict=True):
        value = getattr(truth, name)
        moved = 0.5 + (value - 0.5) * math.exp(shift) if name == "gamma" else value * math.exp(shift)
        truth = replace(truth, **{name: moved})
    return truth


def single_run(n: float, lam: float, width: int | None) -> Run:
    """A run that has not been made."""
    return Run(0, n, lam, math.nan, math.nan, width)
