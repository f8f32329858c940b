"""Many problems at once: as a table, or over a grid as a labelled dataset.

Problems are solved in pieces, together where the network answers at many places at once and else each starting from
its neighbour, and the pieces in several processes if asked. What a piece cannot solve is solved from scratch, so that
every point gets what `solve` gives it: to 1e-12 where it has so many digits. A point that fails says so in its status
and stops no other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, product
from typing import TYPE_CHECKING, Any

import numpy as np

from asymptotix.errors import AsymptotixError, InvalidInput
from asymptotix.problem import Problem
from asymptotix.solution import MEANINGS, Solution
from asymptotix.state_evolution.batch import TOGETHER, pieces, solve_together
from asymptotix.state_evolution.solver import solve, solve_curve
from asymptotix.tables import Table

if TYPE_CHECKING:
    import xarray

_AXES = ("d", "gamma", "noise", "n", "n_eff", "lam")
_FAILURES = (AsymptotixError, ArithmeticError, ValueError)


def solve_many(problems: Iterable[Problem], *, n_jobs: int = 1) -> Table[Solution]:
    """Solve any number of problems; neighbours in the given order help each other.

    Args:
        problems: any problems; fastest if each is close to the one before.
        n_jobs: processes to use; -1 for all processors.

    Returns:
        One `Solution` a problem, in their order. One that cannot be solved has status ``"not converged"`` and no
        numbers.

    Raises:
        InvalidInput: ``n_jobs`` is neither positive nor -1.

    >>> p = Problem("diagonal", gamma=1, d=100, n=150, lam=0, noise=2)
    >>> [round(s.error, 9) for s in solve_many([p, p.replace(n=200), p.replace(n=100)])]
    [4.0, 2.0, inf]
    """
    _check_jobs(n_jobs)
    given = list(problems)
    return Table(_in_order(_solve_line, given, n_jobs))


def solve_grid(problem: Problem, *, n_jobs: int = 1, **axes: Sequence[float]) -> xarray.Dataset:
    """Solve a problem at every combination of values.

    Args:
        problem: what is the same at every point.
        n_jobs: processes to use; -1 for all processors.
        axes: values of any of ``d``, ``gamma``, ``noise``, ``n`` or ``n_eff``, and ``lam``.

    Returns:
        A dataset with a dimension for each axis, in the order given, and the variables of `MEANINGS`. Points that
        could not be solved have status ``"not converged"`` and nan for numbers.

    Raises:
        InvalidInput: an axis is none of these, has no values, or a value is outside its range.

    >>> p = Problem("diagonal", gamma=1, d=100, n=150, lam=0, noise=2)
    >>> grid = solve_grid(p, n=[150, 200], lam=[0, 1])
    >>> round(float(grid.error.sel(n=200, lam=0)), 9), str(grid.status.sel(n=200, lam=1).item())
    (2.0, 'converged')
    """
    import xarray

    _check_jobs(n_jobs)
    values = _axes(axes)
    # neighbours are along the longest axis that a potential does not depend on
    along = max(
        (x for x in values if x not in ("d", "gamma")),
        key=lambda x: len(values[x]),
        default=next(iter(values)),
    )
    order = sorted(range(len(values[along])), key=lambda k: float(values[along][k]))
    line = {along: [values[along][k] for k in order]}
    sides = {name: x for name, x in values.items() if name != along} | line
    first = {name: x[0] for name, x in sides.items()}
    for name, x in sides.items():  # refused at once if it is to be
        for value in x:
            problem.replace(**(first | {name: value}))
    points = list(product(*sides.values()))
    rows = _in_order(partial(_solve_points, problem, tuple(sides)), points, n_jobs)
    data: dict[str, Any] = {}
    for (name, meaning), column in zip(MEANINGS.items(), zip(*rows, strict=True), strict=True):
        flat = np.array([str(x) for x in column] if name == "status" else column)
        data[name] = tuple(sides), flat.reshape([len(x) for x in sides.values()]), {"long_name": meaning}
    said = {name: str(value) for name, value in problem.to_dict().items() if name not in values}
    grid = xarray.Dataset(data, coords=sides, attrs=said)
    return grid.isel({along: np.argsort(order)}).transpose(*values)


def _axes(axes: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    values = {}
    for name, given in axes.items():
        if name not in _AXES:
            raise InvalidInput("axis", name, f"one of {', '.join(_AXES)}")
        values[name] = list(np.atleast_1d(np.asarray(given, dtype=object)))
        if not values[name]:
            raise InvalidInput(name, given, "at least one value")
    if not values:
        raise InvalidInput("axes", "none", f"values of at least one of {', '.join(_AXES)}")
    if "n" in values and "n_eff" in values:
        raise InvalidInput("n_eff", axes["n_eff"], "either n or n_eff, not both")
    return values


def _in_order(solve_piece: Callable[[list[Any]], list[Any]], points: list[Any], n_jobs: int) -> Iterator[Any]:
    size = TOGETHER if n_jobs == 1 else pieces(len(points))
    lines = [points[start : start + size] for start in range(0, len(points), size)]
    if n_jobs == 1 or len(lines) == 1:
        return chain.from_iterable(map(solve_piece, lines))
    from joblib import Parallel, delayed

    return chain.from_iterable(Parallel(n_jobs=n_jobs)(delayed(solve_piece)(line) for line in lines))


def _solve_points(problem: Problem, names: tuple[str, ...], points: list[Any]) -> list[tuple[Any, ...]]:
    """The numbers at some points of a grid: problems and solutions themselves do not leave the process."""
    problems = [problem.replace(**dict(zip(names, at, strict=True))) for at in points]
    return [tuple(getattr(s, name) for name in MEANINGS) for s in _solve_line(problems)]


def _solve_line(line: list[Problem]) -> list[Solution]:
    """Solve together, or as neighbours; one that fails is tried alone, and the line goes on after it."""
    found = solve_together(line)
    left = [problem for problem, solution in zip(line, found, strict=True) if solution is None]
    solved: list[Solution] = []
    while len(solved) < len(left):
        try:
            for solution in solve_curve(left[len(solved) :]):
                solved.append(solution)
        except _FAILURES:
            solved.append(_alone(left[len(solved)]))
    rest = iter(solved)
    return [next(rest) if solution is None else solution for solution in found]


def _alone(problem: Problem) -> Solution:
    try:
        return solve(problem)
    except _FAILURES:
        return Solution(problem, residual=math.inf)


def _check_jobs(n_jobs: int) -> None:
    if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or (n_jobs < 1 and n_jobs != -1):
        raise InvalidInput("n_jobs", n_jobs, "an integer >= 1, or -1 for all processors")
