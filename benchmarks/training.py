"""How long training takes to a relative duality gap of 1e-8: ours against what a user would otherwise pick.

For the diagonal network scikit-learn's coordinate descent, at the loosest of its tolerances that reaches the gap;
for the quadratic one SciPy's L-BFGS on the square factor ``W``, as far as it gets. Run as
``python -m benchmarks.training``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import Lasso
from threadpoolctl import threadpool_limits

from asymptotix import Problem
from asymptotix.simulate.data import DataSet, draw
from asymptotix.simulate.lasso import design, duality_gap, fit_lasso
from asymptotix.simulate.sensing import fit_sensing
from benchmarks.timing import once

T = TypeVar("T")

GAP = 1e-8
DIAGONAL = ((400, 300, 1.0), (400, 300, 0.01), (2000, 1000, 0.1), (2000, 8000, 0.1))
QUADRATIC = ((40, 1600, 0.3), (100, 4000, 0.3), (100, 4000, 0.03))


def by_coordinate_descent(data: DataSet, lam: float) -> float:
    """The duality gap that scikit-learn's Lasso reaches."""
    problem = design(data)
    gap = np.inf
    for tolerance in (1e-6, 1e-8, 1e-10, 1e-12):
        model = Lasso(lam / len(problem.target), fit_intercept=False, tol=tolerance, max_iter=200_000)
        theta = model.fit(problem.matrix, problem.target).coef_
        gap = duality_gap(problem, theta, lam)[1]
        if gap <= GAP:
            break
    return float(gap)


def by_factor(data: DataSet, lam: float, least: float) -> float:
    """How far above the minimum ``least``, relatively, L-BFGS on ``S = W'W`` ends."""
    x, y, d = data.matrix, data.labels, data.d

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        w = flat.reshape(d, d)
        projected = x @ w.T
        r = y - (np.sum(projected**2, axis=1) - np.sum(w**2)) / np.sqrt(d)
        slope = -4.0 / np.sqrt(d) * ((projected * r[:, None]).T @ x - r.sum() * w) + 2.0 * lam * d * w
        return float(r @ r) + lam * d * float(np.sum(w**2)), slope.ravel()

    start = 0.1 * np.random.default_rng(0).standard_normal(d * d)
    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 20_000, "maxfun": 40_000, "ftol": 1e-15, "gtol": 1e-10},
    )
    return float(found.fun / least - 1.0)


def lines() -> Iterator[str]:
    """Measure and yield Markdown."""
    yield "## Training"
    yield ""
    yield "To a relative duality gap of 1e-8, or as far as the method gets (one data set, one thread)."
    yield ""
    yield "| problem (gamma = 5/4, noise = 0.1) | ours, s | gap | the usual way | s | gap | ratio |"
    yield "|---|---|---|---|---|---|---|"
    with threadpool_limits(1):
        for d, n, lam in DIAGONAL:
            p = Problem("diagonal", gamma=1.25, d=d, n=n, lam=lam, noise=0.1)
            data = draw(p, np.random.SeedSequence(0))
            ours, fit = _timed(partial(fit_lasso, data, lam))
            theirs, gap = _timed(partial(by_coordinate_descent, data, lam))
            yield _row(p, ours, fit.gap, "scikit-learn Lasso", theirs, gap)
        for d, n, lam in QUADRATIC:
            p = Problem("quadratic", gamma=1.25, d=d, n=n, lam=lam, noise=0.1)
            data = draw(p, np.random.SeedSequence(0))
            ours, fit = _timed(partial(fit_sensing, data, lam), 1)
            theirs, gap = _timed(partial(by_factor, data, lam, float(fit.objective)), 1)
            yield _row(p, ours, fit.gap, "SciPy L-BFGS on W", theirs, gap)


def _timed(job: Callable[[], T], repeats: int = 3) -> tuple[float, T]:
    """Least processor seconds of a few runs, and what the last gave."""
    found: list[T] = []
    return min(once(lambda: found.append(job())) for _ in range(repeats)), found[-1]


def _row(p: Problem, ours: float, gap: float, name: str, theirs: float, other: float) -> str:
    what = f"{p.network}, d = {p.d}, n = {float(p.n):g}, lam = {float(p.lam):g}"
    return f"| {what} | {ours:.3f} | {gap:.0e} | {name} | {theirs:.3f} | {other:.0e} | {theirs / ours:.1f} |"


if __name__ == "__main__":
    print("\n".join(lines()))
