"""The quadratic network's convex problem, trace-norm matrix sensing, with certificates.

    min  ||y - A(S)||^2 + c ||S||_*,      c = lam d,      S >= 0 (quadratic) or S = S' (symmetric)

with ``A(S)_mu = Tr S (x_mu x_mu' - I)/sqrt(d)``. Two methods take turns:

* accelerated proximal gradient with backtracking and restart [Beck, Teboulle 2009; O'Donoghue, Candes 2015],
  one ``eigh`` a step: it finds the rank;
* semismooth Newton on the fixed point ``S = prox(S - t grad f(S))``: with ``Omega`` the derivative of the
  spectral threshold at ``Z``, ``H`` the Hessian and ``N`` the residual, ``dS = Omega^1/2 E`` solves
  ``(1 - Omega + t Omega^1/2 H Omega^1/2) E = -t Omega^1/2 N``, by conjugate gradients in the eigenbasis of
  ``Z``. The system is as well conditioned as the data are on matrices of the rank that was found; a few
  steps take the gap to rounding.

Certificate: any ``u`` for which no eigenvalue of ``A*(u)`` exceeds ``c`` (in absolute value, when ``S`` is
only symmetric) bounds the minimum from below by ``u'y - ||u||^2/4``; ours is the residual, scaled.

A small gap fixes the objective, not always the weights: for ``n`` of order ``d`` and small ``lam`` the
minimisers of the semidefinite problem can form a face (the dual matrix has ``c`` as an eigenvalue of
multiplicity of order ``d``), and different starts end at different points of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy.sparse.linalg import LinearOperator, cg

from asymptotix.arrays import Array
from asymptotix.simulate.certificate import Convex
from asymptotix.simulate.data import DataSet
from asymptotix.simulate.features import LowRank, features_of, soft, threshold_derivative
from asymptotix.simulate.fit import GAP_TOLERANCE, STALLED, Fit
from asymptotix.simulate.proximal import Iterate, NuclearProblem, proximal_gradient

_BLOCK = 12
"""Proximal gradient steps before the first Newton attempt; doubled whenever Newton does not help."""
_NEWTON_STEPS = 12  # they square the gap once the active directions are right, and lead nowhere before
# A limit on inner steps: a direction that is not finished is one of descent all the same.
_CONJUGATE_GRADIENTS = 150
_FORCING = 0.02  # residual of a Newton step, relative: more digits are lost to the step itself
_ROUNDS = 12  # doublings of the blocks between Newton attempts: 12 times 2^12 steps at most
_LOOSE = 1e-3  # gap on the way down in lam, where only a start is wanted
RIDGELESS_FRACTION = 1e-6
"""``lam = 0`` is solved at this fraction of the smallest penalty that kills the estimator."""


class Sensing(NuclearProblem):
    """One data set of symmetric features at one penalty."""

    def __init__(self, data: DataSet, lam: float) -> None:
        curvature = 2.0 * data.d * (1.0 + np.sqrt(2.0 * data.n) / data.d) ** 2
        super().__init__(data, lam, features_of(data), curvature)
        self.two_sided = data.net.sides == 2

    def prox(self, z: Array, step: float) -> tuple[Array, Array, Array]:
        """Eigenvectors, eigenvalues and thresholded eigenvalues of ``z``."""
        values, vectors = np.linalg.eigh(z)
        return vectors, values, soft(values, step * self.c, two_sided=self.two_sided)

    def shrink(self, z: Array, step: float) -> LowRank:
        vectors, _, thresholded = self.prox(z, step)
        return LowRank.of(vectors, thresholded)


def _newton(problem: Sensing, start: Iterate, tolerance: float) -> Iterate:
    """Semismooth Newton steps for as long as they lower the objective; return the best iterate."""
    step = 1.0 / problem.curvature
    best = start
    adjoint = problem.features.adjoint(problem.y - start.predictions)
    z = start.s.matrix + 2.0 * step * adjoint
    for _ in range(_NEWTON_STEPS):
        vectors, values, thresholded = problem.prox(z, step)
        s = LowRank.of(vectors, thresholded)
        here = problem.iterate(s)
        r = problem.y - here.predictions
        adjoint = problem.features.adjoint(r)
        problem.improve_dual(r, adjoint)
        improved = here.objective < best.objective * (1.0 - 1e-14)
        if here.objective < best.objective:
            best = here
        if problem.relative_gap(best.objective) <= tolerance or not improved:
            break
        matrix = s.matrix
        normal = -2.0 * adjoint + (z - matrix) / step
        move = _newton_move(problem, vectors, values, thresholded, normal, step)
        a = here.predictions + problem.features.apply_product(*move)
        product = move[0] @ move[1].T
        z = matrix + product + product.T + 2.0 * step * problem.features.adjoint(problem.y - a)
    return best


def _newton_move(
    problem: Sensing, q: Array, values: Array, thresholded: Array, normal: Array, step: float
) -> tuple[Array, Array]:
    """Factors ``(v, c)`` of the Newton step ``v c' + c v'``."""
    omega = threshold_derivative(values, thresholded)
    root = np.sqrt(omega)
    active = thresholded != 0.0
    v = np.ascontiguousarray(q[:, active])
    hessian = problem.features.gauss_newton(v)

    def factor(e: Array) -> Array:
        """Columns ``c`` with ``v c' + c v' = Q e Q'`` for ``e`` that vanishes between inactive directions."""
        columns = e[:, active].copy()
        columns[active] *= 0.5
        return np.asarray(q @ columns)

    def operator(e: Array) -> Array:
        columns = q.T @ hessian(factor(root * e))
        image = np.zeros_like(e)
        image[:, active] = columns
        image[active, :] = columns.T
        # active x active is counted once: both assignments agree there up to rounding
        return np.asarray((1.0 - omega) * e + 2.0 * step * root * image)

    rhs = -step * root * (q.T @ normal @ q)
    e = _conjugate_gradients(operator, rhs)
    return v, factor(root * e)


def _conjugate_gradients(operator: Callable[[Array], Array], rhs: Array) -> Array:
    size = rhs.size
    flat = LinearOperator(
        (size, size), matvec=lambda e: operator(e.reshape(rhs.shape)).ravel(), dtype=rhs.dtype
    )
    solution, _ = cg(flat, rhs.ravel(), rtol=_FORCING, maxiter=_CONJUGATE_GRADIENTS)
    return np.asarray(solution.reshape(rhs.shape))


def fit_sensing(
    data: DataSet, lam: float, *, start: Array | None = None, tolerance: float = GAP_TOLERANCE
) -> Fit:
    """Fit the convex problem of the quadratic (``S >= 0``) or symmetric network to a data set.

    Args:
        data: a quadratic or symmetric data set.
        lam: weight decay; 0 is the limit ``lam -> 0+``, solved at `RIDGELESS_FRACTION` of the penalty
            that kills the estimator.
        start: a symmetric matrix to start from, for instance the minimiser at a nearby ``lam``.
        tolerance: relative duality gap asked for.

    Returns:
        A `Fit` whose ``gap`` is the relative duality gap.

    Examples:
        >>> from asymptotix.problem import Problem
        >>> from asymptotix.simulate.data import draw
        >>> p = Problem("quadratic", gamma=1, d=20, n=300, lam=1, noise=0.1)
        >>> fit = fit_sensing(draw(p, np.random.SeedSequence(0)), p.lam)
        >>> fit.status, bool(fit.gap < 1e-8), 0 < fit.support < 20
        ('converged', True, True)
    """
    return next(sensing_curve(data, [lam], start=start, tolerance=tolerance))


def sensing_curve(
    data: DataSet, lams: Sequence[float], *, start: Array | None = None, tolerance: float = GAP_TOLERANCE
) -> Iterator[Fit]:
    """Yield the fits at each of ``lams`` in turn, every one started from the one before."""
    largest = largest_useful_penalty(data)
    for given in lams:
        lam = given if given > 0 else RIDGELESS_FRACTION * largest
        if start is None:
            # coming down from the penalty that kills the estimator is faster than starting at a small one
            for step in range(1, 1 + max(0, int(np.log10(largest / lam)) if largest > lam > 0 else 0)):
                start = _solve(Sensing(data, largest * 10.0**-step), data, start, _LOOSE).weights
        fit = _solve(Sensing(data, lam), data, start, tolerance)
        yield fit
        start = fit.weights


def largest_useful_penalty(data: DataSet) -> float:
    """The smallest ``lam`` at which ``S = 0`` is the minimiser: ``2 lambda_max(A*(y)) / d``."""
    steepest = Convex(data.net, data.d, 0.0).steepest(features_of(data).adjoint(data.labels))
    return max(2.0 * steepest, 0.0) / data.d


def _solve(problem: Sensing, data: DataSet, start: Array | None, tolerance: float) -> Fit:
    best = problem.iterate(_feasible(problem, data.d, start))
    block, steps = _BLOCK, 0
    for _ in range(_ROUNDS):
        best, taken = proximal_gradient(problem, best, block, tolerance)
        steps += taken
        if problem.relative_gap(best.objective) <= tolerance:
            break
        before = problem.relative_gap(best.objective)
        best = _newton(problem, best, tolerance)
        gap = problem.relative_gap(best.objective)
        if gap <= tolerance:
            break
        if gap > 0.1 * before:
            block *= 2
    return problem.fitted(best, tolerance, steps, STALLED)


def _feasible(problem: Sensing, d: int, start: Array | None) -> LowRank:
    if start is None:
        return LowRank(np.zeros((d, 0)), np.zeros(0))
    values, vectors = np.linalg.eigh(start)
    return LowRank.of(vectors, values if problem.two_sided else np.maximum(values, 0.0))
