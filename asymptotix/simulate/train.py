"""Training the actual networks with weight decay, from small random starts, and certifying where they end."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import SeedSequence
from numpy.typing import NDArray

from asymptotix.simulate.data import DataSet
from asymptotix.simulate.factors import Evaluation, Factors, build
from asymptotix.simulate.fit import CONVERGED, DIVERGED, MAX_ITERATIONS, STALLED, Fit
from asymptotix.simulate.optimisers import Steps, adam, lbfgs, momentum
from asymptotix.validate import count, number, one_of

Floats = NDArray[np.floating]

OPTIMISERS: dict[str, Callable[..., Steps]] = {"gd": momentum, "adam": adam, "lbfgs": lbfgs}

_EXPLODED = 10.0
"""Training is called diverging when the objective exceeds this many times its start."""
_RECORD_GROWTH = 1.15
"""Records are taken at iterations that grow by this factor: even in the logarithm of time."""
# A run that stops because no step lowers the objective: its gradient is known to half of the digits, and some less.
_FLAT_AT_ROUNDING = 1e-6
_START_KEY = 3  # of the starts in the spawn key: apart from those of data


def train(
    data: DataSet,
    lam: float,
    *,
    optimiser: str = "lbfgs",
    width: int | None = None,
    starts: int = 1,
    start: str = "random",
    initial: float = 1e-2,
    rate: float | None = None,
    iterations: int = 100_000,
    tolerance: float = 1e-6,
    gradient_tolerance: float = 1e-9,
    dtype: str = "float64",
    spectra: bool = True,
) -> Fit:
    """Train a factored network (see `asymptotix.simulate.factors`) on a data set.

    Args:
        data: any data set.
        lam: weight decay.
        optimiser: ``"gd"`` (momentum 0.9), ``"adam"`` or ``"lbfgs"``.
        width: neurons of a quadratic network; ``d`` by default (``2 d`` for symmetric). With fewer neurons
            than the convex minimiser's rank the convex optimum is out of reach, and ``gap`` says so.
        starts: train from so many starts and keep the one of least objective; ``history["starts"]`` has all,
            ``history["start_errors"]`` and ``history["start_losses"]`` their errors and training losses.
        start: ``"random"``, or ``"teacher"``: near the best that a narrow network can express of its teacher, to
            see whether a lower minimum than the one reached from afar lies there.
        initial: standard deviation of the initial parameters.
        rate: learning rate; the default is ``1/curvature`` (gd, first step of lbfgs), 0.01 (adam).
        iterations: at most this many. A feature barely above the threshold leaves zero at a rate proportional to its
            margin, so that a few data sets need several times the iterations of most.
        tolerance: stop when the objective is certified to be this close (relative) to the convex minimum ...
        gradient_tolerance: ... or when ``|gradient| |parameters|`` is this small relative to the objective;
            the status is then ``"converged"`` only if the gap agrees (or if ``lam = 0``, which has no gap).
        dtype: ``"float64"`` or ``"float32"``.
        spectra: record the spectrum along training.

    Returns:
        A `Fit`. ``history`` has arrays over the recorded times: ``iteration``, ``objective``, ``train_loss``,
        ``error``, ``gradient``, ``gap`` and, if asked for, ``spectrum`` (records, d).

    Raises:
        InvalidInput: an unknown optimiser or dtype, or a number out of range.

    Examples:
        >>> from asymptotix.problem import Problem
        >>> from asymptotix.simulate.data import draw
        >>> p = Problem("quadratic", gamma=1, d=12, n=150, lam=1, noise=0.1)
        >>> fit = train(draw(p, np.random.SeedSequence(0)), p.lam)
        >>> fit.status, fit.gap <= 1e-6
        ('converged', True)
    """
    one_of("optimiser", optimiser, OPTIMISERS)
    number("initial", initial, "a positive standard deviation: 0 is a saddle point", above=0.0)
    if rate is not None:
        number("rate", rate, "a positive learning rate", above=0.0)
    number("tolerance", tolerance, "a number >= 0", least=0.0)
    number("gradient_tolerance", gradient_tolerance, "a number >= 0", least=0.0)
    count("iterations", iterations)
    count("starts", starts)
    one_of("start", start, ("random", "teacher"))
    network = build(data, lam, width=width, dtype=dtype)
    if rate is None:
        rate = 1e-2 if optimiser == "adam" else 1.0 / network.curvature()
    fits = []
    for k in range(starts):
        key = (*data.sequence.spawn_key, _START_KEY, *([k] if k else []))
        rng = np.random.default_rng(SeedSequence(data.sequence.entropy, spawn_key=key))
        record = _Record(network, spectra)
        begin = network.start if start == "random" else network.informed
        steps = OPTIMISERS[optimiser](network.evaluate, begin(rng, initial), rate)
        fits.append(record.fit(_run(steps, record, iterations, tolerance, gradient_tolerance)))
    best = min(fits, key=lambda fit: fit.objective)
    if starts > 1:
        best.history["starts"] = np.array([fit.objective for fit in fits])
        best.history["start_errors"] = np.array([data.error(fit.weights) for fit in fits])
        best.history["start_losses"] = np.array([fit.train_loss for fit in fits])
    return best


def _run(steps: Steps, record: _Record, iterations: int, tolerance: float, gradient_tolerance: float) -> str:
    first: Evaluation | None = None
    due, iteration = 1.0, 0
    for iteration, (parameters, here) in enumerate(steps):
        first = first or here
        if not here.objective <= _EXPLODED * first.objective:
            return DIVERGED
        last = iteration >= iterations
        flat = _flat(parameters, here, gradient_tolerance)
        if iteration == 0 or iteration >= due or last or flat:
            due = max(due + 1.0, due * _RECORD_GROWTH)
            gap = record.take(iteration, parameters, here)
            if gap <= tolerance:
                return CONVERGED
            if flat:
                return CONVERGED if math.isnan(gap) else STALLED
            if last:
                return MAX_ITERATIONS
        record.keep(iteration, parameters, here)
    # the optimiser found nothing lower: rounding is reached
    gap = record.take(iteration, record.parameters, record.here)
    if math.isnan(gap):
        return CONVERGED if _flat(record.parameters, record.here, _FLAT_AT_ROUNDING) else STALLED
    return CONVERGED if gap <= tolerance else STALLED


def _flat(parameters: Floats, here: Evaluation, tolerance: float) -> bool:
    """Whether a move as large as the parameters changes the objective by less than ``tolerance`` of it."""
    move = float(np.linalg.norm(here.gradient)) * float(np.linalg.norm(parameters))
    return move <= tolerance * max(here.objective, np.finfo(float).tiny)


class _Record:
    """What is kept of a run: series at the recorded times, and the last good parameters."""

    def __init__(self, network: Factors, spectra: bool) -> None:
        self.network = network
        names = ("iteration", "objective", "train_loss", "error", "gradient", "gap")
        self.series: dict[str, list[Any]] = {name: [] for name in names}
        if spectra:
            self.series["spectrum"] = []

    def keep(self, iteration: int, parameters: Floats, here: Evaluation) -> None:
        """Remember finite parameters, to fall back on."""
        self.iteration, self.parameters, self.here = iteration, parameters, here

    def take(self, iteration: int, parameters: Floats, here: Evaluation) -> float:
        """Append one entry to every series; return the gap."""
        self.keep(iteration, parameters, here)
        fit = self._measure("")
        error, slope = self.network.data.error(fit.weights), float(np.linalg.norm(here.gradient))
        values = (iteration, here.objective, fit.train_loss, error, slope, fit.gap)
        for name, value in zip(self.series, values, strict=False):
            self.series[name].append(value)
        if "spectrum" in self.series:
            self.series["spectrum"].append(fit.spectrum)
        return fit.gap

    def _measure(self, status: str) -> Fit:
        here, network = self.here, self.network
        gap = network.gap(self.parameters, here.objective)
        loss = here.squared_residuals / network.data.n
        return Fit(network.weights(self.parameters), here.objective, gap, status, self.iteration, loss)

    def fit(self, status: str) -> Fit:
        """The last good state with everything recorded on the way."""
        measured = self._measure(status)
        history = {name: np.array(values) for name, values in self.series.items()}
        return Fit(**{**vars(measured), "history": history})
