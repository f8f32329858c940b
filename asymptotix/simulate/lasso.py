"""The diagonal network's convex problem, the LASSO, with certificates; and that of nonnegative weights.

    min  1/2 ||y - A theta||^2 + lam ||theta||_1,      A = X / sqrt(d)

Finding the support is scikit-learn's work (coordinate descent, or the LARS homotopy where coordinate
descent crawls); near interpolation the path is followed from its other end (`asymptotix.simulate.homotopy`).
The certificate is ours. Any ``u`` with ``||A'u||_inf <= lam`` bounds the minimum from below
by ``u'y - ||u||^2 / 2``; the residual, scaled down until it is feasible, is such a ``u``. Once the support
and the signs are right the minimiser solves a linear system, so a *polish* on the support takes the gap to
rounding. With ``theta >= 0`` only the largest entry of ``A'u`` is bounded.

``lam = 0`` means ``lam -> 0+``: least squares for ``n >= d``; for ``n < d`` the interpolator of least l1
norm, certified as the linear programme ``min ||theta||_1, A theta = y``, whose dual is ``max u'y,
||A'u||_inf <= 1``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cholesky, lstsq, qr, solve_triangular
from scipy.optimize import linprog, nnls
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import lars_path, lasso_path

from asymptotix.arrays import Array
from asymptotix.simulate.certificate import dual_bound, relative_gap
from asymptotix.simulate.data import DataSet
from asymptotix.simulate.fit import CONVERGED, GAP_TOLERANCE, STALLED, Fit
from asymptotix.simulate.homotopy import ascend
from asymptotix.simulate.pursuit import basis_pursuit

# Rounds that exchange wrong signs: a few are usual, more mean that descent had not come near.
_POLISH_ROUNDS = 25
# Directions this much fainter than others lose half of the digits when squared.
_FAINT = 1e-4
_DESCENT = ((1e-7, 1_000), (1e-10, 5_000))
"""(tolerance, iterations) of coordinate descent before the homotopy takes over."""
_BREAKPOINTS = 4000  # some of the path of a thousand coefficients; each costs a product with all columns
# Nonnegative weights that miss the labels by less than this share interpolate them.
_INTERPOLATED = 1e-10


@dataclass(frozen=True, eq=False)
class Design:
    """A least-squares problem ``1/2 ||z - R theta||^2 + constant`` equal to that of the data set."""

    matrix: Array
    target: Array
    constant: float
    samples: int
    sides: int = 2

    def steepest(self, u: Array) -> float:
        """``max |A'u|``, or ``max A'u`` where weights are nonnegative."""
        slopes = self.matrix.T @ u
        return float(np.abs(slopes).max() if self.sides == 2 else slopes.max())

    def residual(self, theta: Array) -> Array:
        """``z - R theta``."""
        return np.asarray(self.target - self.matrix @ theta)

    def loss(self, theta: Array) -> float:
        """``1/2 ||y - A theta||^2``."""
        r = self.residual(theta)
        return 0.5 * float(r @ r) + self.constant

    def fitted(self, theta: Array, objective: float, gap: float, tolerance: float, tries: int = 1) -> Fit:
        """What is handed back; converged if the gap is as small as was asked for."""
        status = CONVERGED if gap <= tolerance else STALLED
        return Fit(theta, objective, gap, status, tries, 2.0 * self.loss(theta) / self.samples)


def design(data: DataSet) -> Design:
    """Reduce a data set to at most ``2 d`` rows without changing the least-squares problem.

    For ``n > 2 d`` the Gram matrix is well conditioned and its Cholesky factor replaces the data: one pass
    over the chunks, after which the number of samples no longer matters. Measured inputs may make it singular (a pixel
    that is dark in all samples but a few); the data then stay as they are.
    """
    scale, y = np.sqrt(data.d), data.labels
    if data.n > 2 * data.d:
        gram, moment = np.zeros((data.d, data.d)), np.zeros(data.d)
        for rows, x in data.chunks():
            gram += x.T @ x
            moment += x.T @ y[rows]
        r = _root(gram / data.d)
        if r is not None:
            z = solve_triangular(r, moment / scale, trans="T")
            left = 0.5 * max(float(y @ y - z @ z), 0.0)
            return Design(np.asfortranarray(r), z, left, data.n, data.net.sides)
    return Design(np.asfortranarray(data.matrix / scale), y, 0.0, data.n, data.net.sides)


def _root(gram: Array) -> Array | None:
    """The upper Cholesky factor; None where half of the digits would be lost."""
    try:
        r = np.asarray(cholesky(gram))
    except np.linalg.LinAlgError:
        return None
    diagonal = np.abs(np.diag(r))
    return r if diagonal.min() > _FAINT * diagonal.max() else None


def duality_gap(problem: Design, theta: Array, lam: float, dual: Array | None = None) -> tuple[float, float]:
    """Return ``(objective, relative duality gap)`` at ``theta`` for ``lam > 0``.

    ``dual`` is what bounds the minimum from below, by default the residual: a residual that is known otherwise
    is better where it is lost in the rounding of ``theta``.

    >>> p = Design(np.eye(2), np.array([3.0, 0.5]), 0.0, 2)
    >>> duality_gap(p, np.array([2.0, 0.0]), 1.0)
    (2.625, 0.0)
    """
    r = problem.residual(theta)
    objective = 0.5 * float(r @ r) + problem.constant + lam * float(np.abs(theta).sum())
    u = r if dual is None else dual
    bound = dual_bound(u, problem.target, 0.5, lam, problem.steepest(u)) + problem.constant
    return objective, relative_gap(objective, bound)


def fit_lasso(
    data: DataSet, lam: float, *, start: Array | None = None, tolerance: float = GAP_TOLERANCE
) -> Fit:
    """Fit the diagonal network's convex problem to a data set.

    Args:
        data: a diagonal data set.
        lam: weight decay; 0 is the limit ``lam -> 0+``.
        start: weights to start from, for instance those at a nearby ``lam``.
        tolerance: relative duality gap asked for.

    Returns:
        A `Fit` whose ``gap`` is the relative duality gap (for ``lam = 0``: of the linear programme, or of
        least squares).

    Examples:
        >>> from asymptotix.problem import Problem
        >>> from asymptotix.simulate.data import draw
        >>> p = Problem("diagonal", gamma=1, d=50, n=100, lam=1, noise=0.1)
        >>> fit = fit_lasso(draw(p, np.random.SeedSequence(0)), p.lam)
        >>> fit.status, fit.gap < 1e-12, fit.support < 50
        ('converged', True, True)
    """
    return next(lasso_curve(data, [lam], start=start, tolerance=tolerance))


def lasso_curve(
    data: DataSet, lams: Sequence[float], *, start: Array | None = None, tolerance: float = GAP_TOLERANCE
) -> Iterator[Fit]:
    """Yield the fits at each of ``lams`` in turn, every one started from the one before."""
    problem = design(data)
    for lam in lams:
        fit = minimise(problem, lam, start, tolerance)
        yield fit
        start = fit.weights


def minimise(
    problem: Design, lam: float, start: Array | None = None, tolerance: float = GAP_TOLERANCE
) -> Fit:
    """The certified minimiser for a design that is given; see `fit_lasso`."""
    if lam > 0:
        return _penalised(problem, lam, start, tolerance)
    if problem.sides == 1:
        return _nonnegative_least_squares(problem, tolerance)
    rows, d = problem.matrix.shape
    return _least_squares(problem, tolerance) if rows >= d else _least_norm(problem, tolerance)


def _penalised(problem: Design, lam: float, start: Array | None, tolerance: float) -> Fit:
    origin = np.zeros(problem.matrix.shape[1]) if start is None else start
    best, tries = (np.inf, origin, np.inf), 0
    for theta in _candidates(problem, lam, origin):
        tries += 1
        objective, gap = duality_gap(problem, theta, lam)
        if gap < best[0]:
            best = (gap, theta, objective)
        if best[0] > tolerance * 1e-3:
            best = _polish(problem, theta, lam, best)
        if best[0] <= tolerance:
            break
    gap, theta, objective = best
    return problem.fitted(theta, objective, gap, tolerance, tries)


def _candidates(problem: Design, lam: float, start: Array) -> Iterator[Array]:
    """Increasingly expensive guesses at the minimiser."""
    # scikit-learn minimises ||z - R theta||^2 / (2 rows) + alpha ||theta||_1
    rows = problem.matrix.shape[0]
    alpha = lam / rows
    theta = start
    for tolerance, iterations in _DESCENT:
        theta = _descend(problem, alpha, theta, tolerance, iterations)
        yield theta
    yield _homotopy(problem, alpha)
    if problem.sides == 1:
        return
    # close to interpolation both have to pass, or invert, nearly singular Gram matrices on their way down: come up
    if rows < theta.size:
        limit = basis_pursuit(problem.matrix, problem.target, theta)
    else:
        limit = np.asarray(lstsq(problem.matrix, problem.target)[0])
    if limit is not None:
        path = ascend(problem.matrix, problem.target, limit, lam, breakpoints=_BREAKPOINTS)
        yield limit if path is None else path


def _descend(problem: Design, alpha: float, start: Array, tolerance: float, iterations: int) -> Array:
    limits = {"tol": tolerance, "max_iter": iterations, "coef_init": np.ascontiguousarray(start)}
    return np.asarray(_path(lasso_path, problem, alphas=[alpha], precompute=False, **limits)[1][:, -1])


def _homotopy(problem: Design, alpha: float) -> Array:
    # the path has about min(n, d) joins and as many returns; far beyond that it is cycling
    limits = {"alpha_min": alpha, "max_iter": 20 * min(problem.matrix.shape) + 100}
    return np.asarray(_path(lars_path, problem, method="lasso", return_path=False, **limits)[2])


def _path(follow: Callable[..., Any], problem: Design, **how: Any) -> Any:
    """What scikit-learn finds, whether it says that it converged or not: the duality gap judges."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return follow(problem.matrix, problem.target, positive=problem.sides == 1, **how)


def _polish(
    problem: Design, theta: Array, lam: float, best: tuple[float, Array, float]
) -> tuple[float, Array, float]:
    """Solve the optimality conditions on the support, correct the support, and keep what lowers the gap."""
    signs = np.sign(theta)
    for _ in range(_POLISH_ROUNDS):
        support = np.flatnonzero(signs)
        if support.size > problem.matrix.shape[0]:
            break
        a = problem.matrix[:, support]
        # QR, not the normal equations: at the interpolation point the support's Gram matrix is near singular
        q, r = qr(a, mode="economic")
        if np.abs(np.diag(r)).min(initial=1.0) == 0.0:
            break
        shrink = solve_triangular(r, signs[support], trans="T")
        candidate = np.zeros_like(theta)
        along = q.T @ problem.target
        candidate[support] = solve_triangular(r, along - lam * shrink)
        beyond = problem.target - q @ along
        # once more: a small penalty's dual is far below the rounding of the first projection
        dual = beyond - q @ (q.T @ beyond) + lam * (q @ shrink)
        objective, gap = duality_gap(problem, candidate, lam, dual)
        if gap < best[0] and (problem.sides == 2 or candidate.min() >= 0):
            best = (gap, candidate, objective)
        correlation = problem.matrix.T @ dual
        new = np.where(candidate * signs > 0, signs, 0.0)
        size = np.abs(correlation) if problem.sides == 2 else correlation
        joins = (size > lam * (1 + 1e-9)) & (signs == 0)
        new[joins] = np.sign(correlation[joins])
        if (new == signs).all():
            break
        signs = new
    return best


def _nonnegative_least_squares(problem: Design, tolerance: float) -> Fit:
    """Without penalty: any ``u`` with ``A'u <= 0`` bounds the minimum; where data are interpolated, the least norm."""
    theta, misfit = nnls(problem.matrix, problem.target)
    if misfit < _INTERPOLATED * np.linalg.norm(problem.target) and problem.constant == 0:
        return _least_norm(problem, tolerance)
    u, objective = problem.residual(theta), problem.loss(theta)
    # what infeasibility of the dual is worth, and what is left of complementarity
    gap = max(problem.steepest(u), 0.0) * float(theta.sum()) + abs(float(u @ (problem.matrix @ theta)))
    return problem.fitted(theta, objective, gap / objective, tolerance)


def _least_squares(problem: Design, tolerance: float) -> Fit:
    theta = np.asarray(lstsq(problem.matrix, problem.target)[0])
    null = 0.5 * float(problem.target @ problem.target) + problem.constant
    objective = problem.loss(theta)
    # what another Newton step would gain, against the objective, or against rounding of the null objective
    step = np.asarray(lstsq(problem.matrix, problem.residual(theta))[0])
    gain = 0.5 * float(np.sum((problem.matrix @ step) ** 2))
    gap = gain / max(objective, 1e-16 * null, np.finfo(float).tiny)
    return problem.fitted(theta, objective, gap, tolerance)


def _least_norm(problem: Design, tolerance: float) -> Fit:
    best, tries = (np.inf, np.zeros(problem.matrix.shape[1])), 0
    for found in _interpolators(problem):
        tries += 1
        best = min(best, found, key=lambda one: one[0])
        if best[0] <= tolerance:
            break
    gap, theta = best
    return problem.fitted(theta, float(np.abs(theta).sum()), gap, tolerance, tries)


def _interpolators(problem: Design) -> Iterator[tuple[float, Array]]:
    """Increasingly expensive guesses at the interpolator of least norm, each with its gap."""
    homotopy = _homotopy(problem, 0.0)
    yield _interpolate(problem, homotopy)
    pursued = basis_pursuit(problem.matrix, problem.target, homotopy) if problem.sides == 2 else None
    if pursued is not None:
        yield _interpolate(problem, pursued)
    yield _linear_programme(problem)


def _interpolate(problem: Design, theta: Array) -> tuple[float, Array]:
    """Interpolate on the support of ``theta`` exactly; return the linear programme's relative gap with it."""
    support = np.flatnonzero(theta)
    a = problem.matrix[:, support]
    values = np.asarray(lstsq(a, problem.target)[0])
    exact = np.zeros_like(theta)
    exact[support] = values
    dual = np.asarray(lstsq(a.T, np.sign(values))[0])
    dual = dual / max(problem.steepest(dual), 1.0)
    if problem.sides == 1 and values.min(initial=0.0) < 0:
        return np.inf, exact
    norm = float(np.abs(exact).sum())
    # a primal point off the constraint by r is worth at most ||u|| ||r|| less than one on it
    missed = float(np.linalg.norm(problem.residual(exact)) * np.linalg.norm(dual))
    if norm == 0.0:
        return (0.0 if not problem.target.any() else np.inf), exact
    return (abs(norm - float(dual @ problem.target)) + missed) / norm, exact


def _linear_programme(problem: Design) -> tuple[float, Array]:
    d, sides = problem.matrix.shape[1], problem.sides
    both = np.hstack([problem.matrix, -problem.matrix][:sides])
    result = linprog(np.ones(sides * d), A_eq=both, b_eq=problem.target, method="highs")
    if result.x is None:
        return np.inf, np.zeros(d)
    theta = result.x[:d] - result.x[d:] if sides == 2 else result.x
    return _interpolate(problem, np.where(np.abs(theta) > 1e-12 * np.abs(theta).max(), theta, 0.0))
