"""The elastic net's convex problem: a LASSO whose data have a row more for every coefficient.

    1/2 ||y - A theta||^2 + lam ||theta||_1 + lam ridge/2 ||theta||^2

is the LASSO of ``A`` above ``sqrt(lam ridge) I`` and ``y`` above zeros, and its certificate bounds this minimum.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput
from asymptotix.simulate.amp import Channel, scalar_channel
from asymptotix.simulate.data import DataSet
from asymptotix.simulate.features import soft
from asymptotix.simulate.fit import GAP_TOLERANCE, Fit
from asymptotix.simulate.lasso import design, minimise


def fit_elastic(data: DataSet, lam: float, *, tolerance: float = GAP_TOLERANCE) -> Fit:
    """The minimiser with its duality gap.

    Raises:
        InvalidInput: ``lam`` is 0.

    >>> from asymptotix.problem import Problem
    >>> from asymptotix.simulate.data import draw
    >>> p = Problem("elastic-net", gamma=1, d=50, n=100, lam=1, noise=0.1, ridge=0.5)
    >>> fit = fit_elastic(draw(p, np.random.SeedSequence(0)), p.lam)
    >>> fit.status, fit.gap < 1e-12, fit.support < 50
    ('converged', True, True)
    """
    if lam <= 0:
        raise InvalidInput("lam", lam, "a weight decay > 0: the elastic net has no ridgeless fit here")
    problem = design(data)
    rows = math.sqrt(lam * data.net.ridge_share) * np.eye(data.d)
    matrix = np.asfortranarray(np.vstack([problem.matrix, rows]))
    target = np.concatenate([problem.target, np.zeros(data.d)])
    fit = minimise(replace(problem, matrix=matrix, target=target), lam, tolerance=tolerance)
    return replace(fit, train_loss=2.0 * problem.loss(fit.weights) / data.n)


def elastic_channel(data: DataSet) -> Channel:
    """Coefficients behind Gaussian noise, thresholded and shrunk."""

    def denoise(values: Array, eps: float, _: float) -> tuple[Array, float]:
        k = 1.0 / (1.0 + data.net.ridge_share * eps)
        kept = soft(values, eps, two_sided=True)
        return k * kept, k * float(np.count_nonzero(kept))

    # the certificate of the loop is that of a norm: this one watches the change of the iterates
    return replace(scalar_channel(data), denoise=denoise, convex=False)
