"""`simulate`: draw data, train, measure, over several seeds; in parallel and resumably if asked."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from inspect import signature
from typing import Any

from numpy.random import SeedSequence
from threadpoolctl import threadpool_limits

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.parallel import side_by_side
from asymptotix.problem import Problem
from asymptotix.simulate.amp import amp
from asymptotix.simulate.data import DEFAULT_MEMORY, DataSet, check_sizes, draw
from asymptotix.simulate.fit import GAP_TOLERANCE, Fit
from asymptotix.simulate.real_rows import real_inputs
from asymptotix.simulate.runs import Run, Runs, problem_dict
from asymptotix.simulate.train import train
from asymptotix.store import Store
from asymptotix.validate import count, number, one_of

Method = Callable[..., Fit]


def erm(data: DataSet, lam: float, *, tolerance: float = GAP_TOLERANCE) -> Fit:
    """Empirical risk minimisation: the convex problem that weight decay on the factors amounts to."""
    solve = data.net.supply("simulation").fit
    if solve is None:
        raise NotSupplied(data.net.name, "convex problem: train it by gd, adam or lbfgs")
    fit: Fit = solve(data, lam, tolerance=tolerance)
    return fit


METHODS: dict[str, Method] = {
    "erm": erm,
    "gd": partial(train, optimiser="gd"),
    "adam": partial(train, optimiser="adam"),
    "lbfgs": partial(train, optimiser="lbfgs"),
    "amp": amp,
}
"""Training methods by name: ``method(data, lam, **options) -> Fit``."""


def simulate(
    problem: Problem,
    method: str = "erm",
    *,
    seeds: int = 8,
    seed: int = 0,
    inputs: str = "gaussian",
    workers: int = 1,
    threads: int = 1,
    rotate: bool = True,
    streamed: bool = False,
    memory: float = DEFAULT_MEMORY,
    options: Mapping[str, Any] | None = None,
    resume: str | os.PathLike[str] | None = None,
    inputs_from: Array | None = None,
    whiten: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Runs:
    """Train on real data, several times.

    Args:
        problem: what to learn; ``n`` must be a positive integer here.
        method: a key of `METHODS`.
        seeds: number of independent teachers and data sets.
        seed: base seed; run ``k`` uses the ``k``-th child of ``SeedSequence(seed)``.
        inputs: law of the inputs, a key of `asymptotix.simulate.data.INPUTS`.
        workers: processes; each computes with ``threads`` BLAS threads.
        threads: BLAS threads of each worker. More than one beside busy neighbours is far slower than one.
        rotate: rotate the quadratic network's teacher at random.
        streamed: draw the inputs again at each pass, so that ``n x d`` need not fit in memory.
        memory: bytes that one data set's inputs may take.
        options: passed on to the method.
        resume: a JSON-lines file; runs found there are not repeated, new ones are appended as they finish.
        progress: called with ``(finished, seeds)`` after each run.
        inputs_from: a table of measured inputs, a row a sample, of which every seed takes ``n`` rows; see
            `asymptotix.simulate.real_rows`. ``problem.d`` is its number of columns.
        whiten: give all principal axes of ``inputs_from`` variance 1; else the problem becomes the one with its
            ``variances``, which is then ``Runs.problem``.

    Returns:
        `Runs`; its ``error`` is in the units of `Problem` and ``stderr`` is over seeds. The quadratic networks'
        own features raise ``error`` over that of Gaussian features (``inputs="goe"``, the model of the state
        evolution) by a fraction of order ``1/n_eff``: measured 0.6 to 2.5 times ``1/n_eff``, whatever ``d``.

    Raises:
        InvalidInput: no seeds, an unknown method or input law, ``n`` not a positive integer, or inputs too
            large for ``memory``.

    Examples:
        >>> p = Problem("diagonal", gamma=1, d=50, n=200, lam=0, noise=0.1)
        >>> runs = simulate(p, seeds=3)
        >>> runs.status, len(runs.errors), 0.01 < runs.error < 0.06
        ('converged', 3, True)
    """
    settings = dict(options or {})
    rows = None
    if inputs_from is not None:
        real = real_inputs(inputs_from)
        rows, inputs = real.rows, "measured" if whiten else "measured, not whitened"
        if not whiten and rows.shape[1] == problem.d:
            problem = problem.replace(beta=0, variances=real.variances)
    problem.net.supply("simulation")
    one_of("method", method, METHODS)
    count("seed", seed, 0)
    for name, value in (("seeds", seeds), ("workers", workers), ("threads", threads)):
        count(name, value)
    drawn: dict[str, Any] = {"inputs": inputs, "streamed": streamed, "memory": memory, "rows": rows}
    check_sizes(problem, **drawn)
    _check_options(method, settings)
    how = {"method": method, "inputs": inputs, "seed": seed, "rotate": rotate, "options": settings}
    digest = {} if rows is None else {"rows": hashlib.sha256(rows.tobytes()).hexdigest()[:16]}
    key = {**problem_dict(problem), **how, **digest}
    store = Store(resume)
    found = {k: store.get({**key, "run": k}) for k in range(seeds)}
    runs = {k: Run.from_dict(run) for k, run in found.items() if run is not None}
    tasks = ((problem, method, settings, seed, k, {**drawn, "rotate": rotate}, threads) for k in range(seeds))
    for run in side_by_side(_one, (task for task in tasks if task[4] not in runs), workers):
        runs[run.index] = run
        if resume is not None:
            store.put({**key, "run": run.index}, run.to_dict())
        if progress is not None:
            progress(len(runs), seeds)
    return Runs(problem, method, inputs, seed, tuple(runs[k] for k in range(seeds)))


def _one(
    problem: Problem,
    method: str,
    options: Mapping[str, Any],
    seed: int,
    index: int,
    drawn: Mapping[str, Any],
    threads: int,
) -> Run:
    started = time.perf_counter()
    with threadpool_limits(threads):
        data = draw(problem, SeedSequence(seed, spawn_key=(index,)), **drawn)
        fit = METHODS[method](data, float(problem.lam), **options)
        same = {name: getattr(fit, name) for name in Run.__dataclass_fields__ if hasattr(fit, name)}
        seconds = time.perf_counter() - started
        return Run(index=index, error=data.error(fit.weights), seconds=seconds, **same)


def _check_options(method: str, options: Mapping[str, Any]) -> None:
    passed = signature(METHODS[method]).parameters.values()
    known = [p.name for p in passed if p.kind is p.KEYWORD_ONLY and p.name != "optimiser"]
    for name in options:
        if name not in known:
            raise InvalidInput("options", name, f"for {method}: {', '.join(known)}")
    if "tolerance" in options:
        number("tolerance", options["tolerance"], "a number >= 0", least=0.0)
