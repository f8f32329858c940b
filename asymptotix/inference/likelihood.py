r"""How well a truth explains runs: residuals, their least squares, and profiles of what is asked for.

Residuals are ``log(measured / predicted)`` over the standard deviation of the run and of the theory at its size. A
standard error that was itself read off ``m`` repeats makes them Student's t; they are turned into the normal variable
of the same tail probability, so that the sum of their squares is ``chi^2`` whatever ``m``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import optimize, stats

from asymptotix.arrays import Array
from asymptotix.inference.model import Model, Truth
from asymptotix.inference.run_table import Run

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
# Below, about and above what teachers have; a loud and a faint noise: of all combinations the best are followed.
_STARTS = {"gamma": (0.8, 1.3, 2.2), "noise": (0.01, 0.3), "norm": (1.0,)}
# Steps of differences in the logarithms: solves are good to 1e-12 or so.
_STEP = 1e-4
# Ends of intervals are this exact, in standard deviations.
_PRECISE = 0.03
# Solves of a profile that place an end of an interval: its bracket halves at least every other time.
_PROFILES = 16
# First tries of an end, in logarithms, that a variance is believed for.
_TRUSTED = (1e-5, 2.0)
# Scatter below this part of sigma plays no role, however few repeats it is read off.
_SURE = 1e-3
_HUGE = 1e300  # keeps logarithms of errors finite where a trial point overflows


class Search:
    """Residuals over logarithms of the free parameters, and their minimum.

    ``share`` is the part of each measured value that comes from the error, which alone the theory is uncertain of: the
    noise that a test loss has as its floor has no finite size.
    """

    def __init__(
        self,
        model: Model,
        free: tuple[str, ...],
        fixed: dict[str, float],
        loss: str,
        share: Array | None = None,
    ) -> None:
        self.model, self.free, self.fixed, self.loss = model, free, fixed, loss
        self.share = np.ones(len(model.runs)) if share is None else share
        self.log_values = np.log([run.value for run in model.runs])
        stderr = np.array([run.stderr / run.value for run in model.runs])
        self.known_scatter = bool(np.isfinite(stderr).all())
        usual = np.nanmedian(stderr) if np.isfinite(stderr).any() else 0.0
        scatter = np.where(np.isfinite(stderr), stderr, usual)
        few = np.array([math.isfinite(run.freedom) for run in model.runs])
        scatter = np.where(few, np.maximum(scatter, least_scatter(model.runs)), scatter)
        theory = np.array([model.allowance(run) for run in model.runs])
        self.sigma = np.hypot(scatter, self.share * theory)
        freedom = np.array([run.freedom for run in model.runs], dtype=float)
        # Welch and Satterthwaite: what is known exactly in sigma adds degrees of freedom
        known = scatter > _SURE * self.sigma
        apart = np.where(known, self.sigma, 1.0) / np.where(known, scatter, 1.0)
        self.freedom = np.where(known, freedom * apart**4, np.inf)
        self.few = np.isfinite(self.freedom)

    def truth(self, x: Array) -> Truth:
        """From logarithms to numbers."""
        values = dict(self.fixed)
        for name, value in zip(self.free, x, strict=True):
            values[name] = 0.5 + math.exp(value) if name == "gamma" else math.exp(value)
        return Truth(**values)

    def bound(self, k: int, sign: float) -> float:
        """The end of the range of one logarithm."""
        return _RANGES[self.free[k]][0 if sign < 0 else 1]

    def residuals(self, x: Array) -> Array:
        """In standard deviations, one a run."""
        predicted = np.log(np.clip(self.model.values(self.truth(x)), 1.0 / _HUGE, _HUGE))
        found = np.asarray((self.log_values - predicted) / self.sigma)
        if self.few.any():
            t = found[self.few]
            tail = np.maximum(stats.t.sf(np.abs(t), self.freedom[self.few]), 1e-300)
            found[self.few] = np.copysign(stats.norm.isf(tail), t)
        return found

    def minimise(
        self, start: Array, held: int | None = None, beside: Callable[[Array], float] | None = None
    ) -> tuple[Array, float]:
        """The best point and its sum of squares, one coordinate held, one residual added if asked."""
        index = [k for k in range(len(self.free)) if k != held]

        def residuals(part: Array) -> Array:
            x = start.copy()
            x[index] = part
            found = self.residuals(x)
            return found if beside is None else np.append(found, beside(x))

        if not index:
            return start, float((residuals(start[index]) ** 2).sum())
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
        """Of the residuals at one point."""
        columns = []
        for k in range(x.size):
            step = np.zeros_like(x)
            step[k] = 10 * _STEP
            columns.append((self.residuals(x + step) - self.residuals(x - step)) / (20 * _STEP))
        return np.stack(columns, axis=1) if columns else np.zeros((len(self.log_values), 0))

    def end(
        self, best: tuple[Array, float], k: int, sign: float, rise: float, variance: float
    ) -> tuple[float | None, Array]:
        """Where the profile of one logarithm has risen by ``rise``, None where it never does; and the point there."""
        x, cost = best
        limit = abs(self.bound(k, sign) - x[k])
        start, there = x.copy(), x.copy()

        def ratio_at(far: float) -> float:
            start[k] = x[k] + sign * far
            there[:], value = self.minimise(start, held=k)
            ratio = math.sqrt(max(value - cost, 0.0) / rise)
            if ratio < 1.0:
                start[:] = there
            return ratio

        guess = math.sqrt(variance * rise)
        # where the best point is flat its variance says nothing
        far = crossing(ratio_at, guess if _TRUSTED[0] < guess < _TRUSTED[1] else 1.0, limit)
        return (None if far is None else float(x[k] + sign * far)), there

    def ahead(
        self, best: tuple[Array, float], start: Array, predict: Callable[[Array], float], spread: float, rise: float,
        sign: float, guess: float,
    ) -> float:  # fmt: skip
        """How far a forecast can go: where the least sum of squares, with the forecast as one more run, has risen so.

        Args:
            predict: the logarithm that is forecast at a point; ``spread`` the standard deviation of the theory there.
            start: where to look from; ``guess`` how far it may be.
        """
        (x, cost), point = best, start.copy()
        middle = predict(x)

        def ratio_at(far: float) -> float:
            def beside(y: Array) -> float:
                return (middle + sign * far - predict(y)) / spread

            there, value = self.minimise(point, beside=beside)
            point[:] = there
            return math.sqrt(max(value - cost, 0.0) / rise)

        far = crossing(ratio_at, guess, math.inf)
        return middle + sign * (guess if far is None else far)


def least_scatter(runs: Sequence[Run]) -> Array:
    """What the mean of repeats scatters by at least, relative to it, however well a few of them agree.

    The noise level that ``n`` samples have scatters by ``(2/n)^(1/2)`` from one data set to another, as if ``n`` itself
    did, so that errors scatter by this times their slope. Where a weight is about to be learned, all of six data sets
    may fail to: their own scatter is then far too small.
    """
    n, values = np.array([run.n for run in runs]), np.log([run.value for run in runs])
    slopes = np.zeros(len(runs))
    for place in {(run.lam, run.width) for run in runs}:
        here = np.array([(run.lam, run.width) == place for run in runs])
        if here.sum() > 1:
            order = np.flatnonzero(here)[np.argsort(n[here])]
            slopes[order] = np.gradient(values[order], np.log(n[order]))
    repeats = np.array([run.repeats for run in runs])
    return np.asarray(np.abs(slopes) * np.sqrt(2.0 / (n * repeats)))


def crossing(ratio_at: Callable[[float], float], far: float, limit: float) -> float | None:
    """Where a ratio that grows from 0 passes 1, by secants and halving in turn; None if it is below 1 at the limit."""
    inside, outside = (0.0, 0.0), (math.inf, math.inf)
    if limit <= 0.0:
        return None
    far = min(far, limit)
    for turn in range(_PROFILES):
        ratio = ratio_at(far)
        if abs(ratio - 1.0) < _PRECISE:
            break
        if ratio < 1.0 and far == limit:
            return None
        if ratio < 1.0:
            inside = (far, ratio)
        else:
            outside = (far, ratio)
        far = min(_between(inside, outside, halve=turn % 2 == 1), limit)
    return far


def _between(inside: tuple[float, float], outside: tuple[float, float], *, halve: bool) -> float:
    """Where a ratio that is below 1 ``inside`` and above ``outside`` crosses it: a secant, or the middle."""
    (near, below), (far, above) = inside, outside
    if far == math.inf:
        return near * min(max(1.0 / max(below, 1e-3), 1.1), 3.0)
    part = 0.5 if halve else (1.0 - below) / (above - below)
    return near + (far - near) * min(max(part, 0.1), 0.9)
