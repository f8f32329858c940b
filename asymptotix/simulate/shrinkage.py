"""The elastic net's convex problem: a LASSO whose data have a row more for every coefficient.

    1/2 ||y - A theta||^2 + lam ||theta||_1 + lam ridge/2 ||theta||^2

is the LASSO of ``A`` above ``sqrt(lam ridge) I`` and ``y`` above zeros, and its certificate bounds this minimum.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from asymptotix.arrays import Array
from asymptotix.simulate.amp import Channel, scalar_channel
from asymptotix.simulate.data import DataSet
from asymptotix.simulate.features import soft
from asymptotix.simulate.fit import CONVERGED, GAP_TOLERANCE, STALLED, Fit
from asymptotix.simulate.lasso import Design, design, minimise


def fit_elastic(data: DataSet, lam: float, *, tolerance: float = GAP_TOLERANCE) -> Fit:
    """The minimiser with its duality gap.

    At ``lam = 0`` that is the limit: least squares, or of all that interpolate the one of least penalty.

    >>> from asymptotix.problem import Problem
    >>> from asymptotix.simulate.data import draw
    >>> p = Problem("elastic-net", gamma=1, d=50, n=100, lam=1, noise=0.1, ridge=0.5)
    >>> fit = fit_elastic(draw(p, np.random.SeedSequence(0)), p.lam)
    >>> fit.status, fit.gap < 1e-12, fit.support < 50
    ('converged', True, True)
    """
    problem, ridge = design(data), data.net.ridge_share
    if lam == 0:
        plain = len(problem.target) >= data.d or ridge == 0
        return (
            minimise(problem, 0.0, tolerance=tolerance) if plain else _interpolate(problem, ridge, tolerance)
        )
    rows = math.sqrt(lam * ridge) * np.eye(data.d)
    matrix = np.asfortranarray(np.vstack([problem.matrix, rows]))
    target = np.concatenate([problem.target, np.zeros(data.d)])
    fit = minimise(replace(problem, matrix=matrix, target=target), lam, tolerance=tolerance)
    return replace(fit, train_loss=2.0 * problem.loss(fit.weights) / data.n)


# Newton's method on a piecewise quadratic function ends once it knows the support: 10 to 30 steps are seen.
_STEPS = 300
# Sufficient increase, as usual.
_ARMIJO = 1e-4
# A start of the dual problem where nothing is learned has no curvature: this much is added, of the gradient's norm.
_DAMPING = 1e-6


def _interpolate(problem: Design, ridge: float, tolerance: float) -> Fit:
    """Minimise ``||theta||_1 + ridge ||theta||^2 / 2`` given ``A theta = y``, by Newton's method on its dual.

    ``theta = soft(A'u, 1)/ridge`` maximises the Lagrangian, which leaves the concave ``y.u - ridge ||theta||^2 / 2``.
    """
    a, y = problem.matrix, problem.target

    def at(u: Array) -> tuple[Array, float]:
        theta = soft(a.T @ u, 1.0, two_sided=True) / ridge
        return theta, float(y @ u) - 0.5 * ridge * float(theta @ theta)

    u = np.asarray(np.linalg.lstsq(a.T, np.sign(a.T @ y), rcond=None)[0], dtype=np.float64)
    theta, dual = at(u)
    for used in range(1, _STEPS + 1):  # noqa: B007  told to the user
        short = y - a @ theta
        gap = abs(float(u @ short)) + float(np.linalg.norm(u) * np.linalg.norm(short))
        gap /= max(float(np.abs(theta).sum()) + 0.5 * ridge * float(theta @ theta), np.finfo(float).tiny)
        if gap <= tolerance:
            break
        kept = a[:, theta != 0]
        curvature = kept @ kept.T / ridge
        damping = _DAMPING * (float(np.trace(curvature)) / len(y) * min(gap, 1.0) + 1e-9)
        step = np.asarray(np.linalg.solve(curvature + damping * np.eye(len(y)), short), dtype=np.float64)
        size, rise = 1.0, float(step @ short)
        while size > 1e-12 and at(u + size * step)[1] < dual + _ARMIJO * size * rise:
            size *= 0.5
        u = u + size * step
        theta, dual = at(u)
    objective = float(np.abs(theta).sum()) + 0.5 * ridge * float(theta @ theta)
    status = CONVERGED if gap <= tolerance else STALLED
    return Fit(theta, objective, gap, status, used, 2.0 * problem.loss(theta) / problem.samples)


def elastic_channel(data: DataSet) -> Channel:
    """Coefficients behind Gaussian noise, thresholded and shrunk."""

    def denoise(values: Array, eps: float, _: float) -> tuple[Array, float]:
        k = 1.0 / (1.0 + data.net.ridge_share * eps)
        kept = soft(values, eps, two_sided=True)
        return k * kept, k * float(np.count_nonzero(kept))

    # the certificate of the loop is that of a norm: this one watches the change of the iterates
    return replace(scalar_channel(data), denoise=denoise, convex=False)
