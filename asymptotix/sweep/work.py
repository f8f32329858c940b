"""Solve a batch of points. Runs in workers, so everything here takes and returns plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from threadpoolctl import threadpool_limits

from asymptotix.errors import AsymptotixError
from asymptotix.solution import MEANINGS, Solution
from asymptotix.status import Status
from asymptotix.sweep.grid import Batch, Grid
from asymptotix.tables import plain

Record = dict[str, Any]

_SOLVED = ("error", "log_delta", "log_eps", "degrees_of_freedom", "train_loss", "residual", "digits")
THEORY = {name: MEANINGS[name] for name in _SOLVED}
SIMULATION = {
    "error": "squared distance of the trained estimator to the teacher, in the teacher's units",
    "train_loss": "mean squared training residual",
    "support": "non-zero coefficients or eigenvalues of the trained estimator",
    "gap": "duality gap at the end of training (relative)",
    "iterations": "iterations used",
    "seconds": "time to train",
}


def solve_batch(grid: Grid, batch: Batch) -> list[Record]:
    """One record a point, in the order of the batch. A point that fails says so in its ``status``."""
    with threadpool_limits(1):  # more BLAS threads than processes slow every process down
        solved = _theory(grid, batch) if batch.kind == "theory" else _simulated(grid, batch)
        return [
            {"kind": batch.kind, "at": list(point), **values}
            for point, values in zip(batch.points, solved, strict=True)
        ]


def _theory(grid: Grid, batch: Batch) -> Iterator[Record]:
    from asymptotix.state_evolution import solve, solve_curve
    from asymptotix.state_evolution.batch import solve_together

    problems = [grid.problem(point) for point in batch.points]
    together = solve_together(problems)
    left = [problem for problem, solution in zip(problems, together, strict=True) if solution is None]
    line, k = solve_curve(left), 0
    for solution in together:
        if solution is None:
            k += 1
            try:
                solution = next(line)
            except (AsymptotixError, ArithmeticError, ValueError):
                line = solve_curve(left[k:])  # a generator that raised is over
                try:
                    solution = solve(left[k - 1])
                except (AsymptotixError, ArithmeticError, ValueError) as error:
                    yield _failed(error)
                    continue
        yield _record(solution)


def _record(solution: Solution) -> Record:
    """Numbers that are not to be used do not leave this function."""
    if not solution.converged:
        return {"status": solution.status, "residual": plain(solution.residual)}
    return {"status": solution.status, **{name: plain(getattr(solution, name)) for name in THEORY}}


def _simulated(grid: Grid, batch: Batch) -> Iterator[Record]:
    from asymptotix.simulate import simulate

    options = dict(grid.simulation)
    for point in batch.points:
        try:
            runs = simulate(grid.problem(point), seeds=1, seed=int(point[-1]), **options)  # type: ignore[arg-type]
        except (AsymptotixError, ArithmeticError, ValueError) as error:
            yield _failed(error)
            continue
        run = runs.runs[0]
        yield {"status": run.status, **{name: plain(getattr(run, name)) for name in SIMULATION}}


def _failed(error: Exception) -> Record:
    return {"status": Status.FAILED, "why": f"{type(error).__name__}: {error}"}
