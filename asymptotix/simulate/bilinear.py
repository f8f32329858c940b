"""Training bilinear networks: pairs of inputs, nuclear-norm matrix sensing, two layers, message passing.

    network    S = U'V / sqrt(p d);   ||y - A(S)||^2 + (lam/2) sqrt(d/p) (||U||_F^2 + ||V||_F^2)
    penalty    ||y - A(S)||^2 + lam d ||S||_*,      A(S)_mu = x'_mu' S x_mu / sqrt(d)

The least ``(||U||^2 + ||V||^2)/2`` for a given ``U'V`` is its nuclear norm. A sample is ``x'`` followed by ``x``. The
convex problem is solved by accelerated proximal gradient (`asymptotix.simulate.proximal`), one singular value
decomposition a step, and certified by the duality gap of `asymptotix.simulate.certificate`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from asymptotix.arrays import Array
from asymptotix.simulate.amp import Channel, softly
from asymptotix.simulate.data import DataSet, adjoint, predict
from asymptotix.simulate.factors import Evaluation, Factors, Floats
from asymptotix.simulate.features import features_of, soft, threshold_derivative
from asymptotix.simulate.fit import GAP_TOLERANCE, MAX_ITERATIONS, Fit
from asymptotix.simulate.proximal import NuclearProblem, proximal_gradient

_ITERATIONS = 20_000  # a limit: a few hundred are usual, more near interpolation
# Momentum starts anew, from the best matrix so far, after so many.
_BLOCK = 1000
# lam = 0 is solved at this fraction of the smallest penalty that kills the estimator.
_RIDGELESS = 1e-5


def _curvature(data: DataSet) -> float:
    """Of the sum of squared residuals: twice the largest eigenvalue of ``A*A`` for Gaussian features."""
    return 2.0 * (math.sqrt(data.weights.size) + math.sqrt(data.n)) ** 2 / data.d


@dataclass(frozen=True, eq=False)
class Shrunk:
    """A matrix and its nuclear norm."""

    matrix: Array
    nuclear_norm: float


class PairSensing(NuclearProblem):
    """One data set of pairs at one penalty."""

    def __init__(self, data: DataSet, lam: float) -> None:
        super().__init__(data, lam, features_of(data), _curvature(data))

    def shrink(self, z: Array, step: float) -> Shrunk:
        left, values, right = np.linalg.svd(z, full_matrices=False)
        kept = soft(values, step * self.c, two_sided=True)
        return Shrunk((left * kept) @ right, float(kept.sum()))


def fit_bilinear(data: DataSet, lam: float, *, tolerance: float = GAP_TOLERANCE) -> Fit:
    """Fit the convex problem of the bilinear network to a data set.

    Args:
        data: a bilinear data set.
        lam: weight decay; 0 is the limit ``lam -> 0+``, solved at a small fraction of the penalty that kills all.
        tolerance: relative duality gap asked for.

    Returns:
        A `Fit` whose ``gap`` is the relative duality gap.

    Examples:
        >>> from asymptotix.problem import Problem
        >>> from asymptotix.simulate.data import draw
        >>> p = Problem("bilinear", gamma=1, d=15, n=200, lam=1, noise=0.1)
        >>> fit = fit_bilinear(draw(p, np.random.SeedSequence(0)), p.lam)
        >>> fit.status, bool(fit.gap < 1e-8), 0 < fit.support < 15
        ('converged', True, True)
    """
    if lam == 0:
        lam = _RIDGELESS * 2.0 * float(np.linalg.norm(adjoint(data, data.labels), 2)) / data.d
    problem = PairSensing(data, lam)
    best = problem.iterate(Shrunk(np.zeros(data.weights.shape), 0.0))
    steps, gap = 0, math.inf
    while steps < _ITERATIONS and gap > tolerance:
        best, taken = proximal_gradient(problem, best, _BLOCK, tolerance)
        steps, gap = steps + taken, problem.relative_gap(best.objective)
    return problem.fitted(best, tolerance, steps, MAX_ITERATIONS)


class BilinearNetwork(Factors):
    """``S = U'V / sqrt(p d)``; the parameters are ``U`` (p, m), then ``V`` (p, d), row by row."""

    def __init__(self, data: DataSet, lam: float, dtype: str = "float64", width: int | None = None) -> None:
        super().__init__(data, lam, dtype)
        self.rows, self.columns = data.weights.shape
        self.width = self.units(self.rows if width is None else width)
        self.size = self.width * (self.rows + self.columns)
        self.norm = math.sqrt(self.width * data.d)
        self.decay = 0.5 * lam * math.sqrt(data.d / self.width)

    def _layers(self, parameters: Floats) -> tuple[Array, Array]:
        u, v = np.split(parameters.astype(np.float64), [self.width * self.rows])
        return u.reshape(self.width, self.rows), v.reshape(self.width, self.columns)

    def evaluate(self, parameters: Floats) -> Evaluation:
        u, v = self._layers(parameters)
        r = self.data.labels - predict(self.data, u.T @ v / self.norm)
        slope = -2.0 / self.norm * adjoint(self.data, r)
        into_u, into_v = v @ slope.T + 2.0 * self.decay * u, u @ slope + 2.0 * self.decay * v
        gradient = np.concatenate([into_u.ravel(), into_v.ravel()])
        squares = float(r @ r)
        decay = self.decay * (float((u * u).sum()) + float((v * v).sum()))
        return Evaluation(squares + decay, gradient.astype(self.dtype), squares)

    def weights(self, parameters: Floats) -> Array:
        u, v = self._layers(parameters)
        return np.asarray(u.T @ v / self.norm)

    def curvature(self) -> float:
        strength = float(np.linalg.norm(adjoint(self.data, self.data.labels), 2))
        reached = strength * self.data.d / self.data.n
        return (2.0 * _curvature(self.data) * reached + 2.0 * strength) / self.norm + 2.0 * self.decay


def singular_channel(data: DataSet) -> Channel:
    """Singular values of a matrix behind one of independent Gaussian entries of variance ``delta^2/d``.

    The divergence adds to the divided differences ``(p_i - p_j)/(z_i - z_j)`` those of opposite signs, and ``p_i/z_i``
    for every column beyond the rows.
    """

    def divergence(values: Array, thresholded: Array) -> float:
        m, d = data.weights.shape
        rest = float((thresholded / np.where(values > 0.0, values, 1.0)).sum())
        both = threshold_derivative(np.append(values, -values), np.append(thresholded, -thresholded))
        same, opposite = both[:m, :m], both[:m, m:]
        pairs = same.sum() - np.trace(same) + opposite.sum() - np.trace(opposite)
        return float(np.trace(same) + 0.5 * pairs + (d - m) * rest)

    def decompose(h: Array) -> tuple[Array, Callable[[Array], Array]]:
        left, values, right = np.linalg.svd(h, full_matrices=False)
        return values, lambda kept: np.asarray((left * kept) @ right)

    return Channel(
        variance=1.0 / data.d,
        noise_scale=data.d / data.n,
        penalty_scale=2.0 * data.n / data.d**2,
        decompose=decompose,
        denoise=softly(True, divergence),
    )
