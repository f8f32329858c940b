r"""Training diagonal networks of ``L > 2`` layers, and the penalised problem that weight decay on them amounts to.

    network    theta = u_1 u_2 ... u_L;   1/2 ||y - A theta||^2 + (lam / L) sum_l ||u_l||^2
    penalty    1/2 ||y - A theta||^2 + lam sum_i |theta_i|^q,        q = 2/L,      A = X / sqrt(d)

The least ``sum_l u_l^2`` with a given product is ``L |theta|^q``. Neither problem is convex: there is no dual bound,
and what is found depends on the start. `fit_deep` starts from the LASSO's solution and descends coordinate by
coordinate, each to its own global minimum, so that it cannot end where one coordinate could still do better.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput
from asymptotix.simulate.amp import Channel, scalar_channel
from asymptotix.simulate.data import DataSet
from asymptotix.simulate.factors import DiagonalNetwork, Floats
from asymptotix.simulate.fit import CONVERGED, GAP_TOLERANCE, MAX_ITERATIONS, Fit
from asymptotix.simulate.lasso import design, fit_lasso

# Sweeps over all coordinates, each of which gains: some ten are usual.
_SWEEPS = 2000
# Newton's method on the convex function u + c q u^(q-1) from above doubles its digits.
_NEWTON = 60


def jump_of(c: float, q: float) -> float:
    """The least size that the penalty ``c |u|^q`` leaves: there the minimum at zero is as good."""
    return math.pow(2.0 * c * (1.0 - q), 1.0 / (2.0 - q))


def shrink(y: float, c: float, q: float) -> float:
    """``argmin_u (y - u)^2 / 2 + c |u|^q``: zero, or the larger root of ``u + c q u^(q-1) = |y|``.

    `proximal` of one value: coordinate descent asks for one after the other, and an array of one takes 30 times as long
    (12 microseconds to 0.4), which would make a fit three times as long.

    >>> shrink(1.4, 1.0, 0.5), round(shrink(-4.0, 1.0, 0.5), 4)
    (0.0, -3.7415)
    """
    size, jump = abs(y), jump_of(c, q)
    if 2.0 * size * (1.0 - q) <= jump * (2.0 - q):
        return 0.0
    u = size
    for _ in range(_NEWTON):
        bias = c * q * math.pow(u, q - 1.0)
        step = (u + bias - size) / (1.0 - (1.0 - q) * bias / u)
        u = max(u - step, jump)
        if abs(step) <= 1e-15 * u:
            break
    return math.copysign(u, y)


def proximal(y: Array, c: float, q: float) -> tuple[Array, Array]:
    """`shrink` of many values, and its derivative where they are kept (0 elsewhere, and no jump).

    >>> kept, slope = proximal(np.array([1.4, -4.0]), 1.0, 0.5)
    >>> kept.round(4).tolist(), slope.round(4).tolist()
    ([0.0, -3.7415], [0.0, 1.0358])
    """
    size, jump = np.abs(y), jump_of(c, q)
    kept = 2.0 * size * (1.0 - q) > jump * (2.0 - q)
    u, target = size[kept], size[kept]
    for _ in range(_NEWTON):
        bias = c * q * u ** (q - 1.0)
        slope = 1.0 / (1.0 - (1.0 - q) * bias / u)
        step = (u + bias - target) * slope
        u = np.maximum(u - step, jump)
        if np.all(np.abs(step) <= 1e-15 * u):
            break
    found, derivative = np.zeros_like(y), np.zeros_like(y)
    found[kept] = np.copysign(u, y[kept])
    derivative[kept] = 1.0 / (1.0 - (1.0 - q) * c * q * u ** (q - 2.0))
    return found, derivative


# Width of the kernel that counts observations at the jump, in units of their noise: its bias, of fourth order in the
# width, is then a few per cent of the count, and so is its noise where there are hundreds.
_KERNEL = 0.25


def jumping_channel(data: DataSet) -> Channel:
    """Coefficients behind Gaussian noise, seen by the proximal map of ``eps |theta|^q``.

    Its divergence has the slope of what is kept and the jump ``u*`` times the density of observations there, which is
    estimated by a kernel of order four.
    """
    q = 2.0 / data.problem.depth

    def denoise(values: Array, eps: float, delta: float) -> tuple[Array, float]:
        if eps <= 0.0:
            return values, float(values.size)
        kept, slope = proximal(values, eps, q)
        jump = jump_of(eps, q)
        threshold, width = jump * (2.0 - q) / (2.0 - 2.0 * q), _KERNEL * delta
        t = (np.abs(values) - threshold) / width
        density = float(np.sum((3.0 - t * t) * np.exp(-0.5 * t * t))) / (
            2.0 * math.sqrt(2.0 * math.pi) * width
        )
        return kept, float(slope.sum()) + jump * max(density, 0.0)

    def silent(values: Array) -> float:
        largest = float(np.abs(values).max(initial=0.0)) * (2.0 - 2.0 * q) / (2.0 - q)
        return math.pow(largest, 2.0 - q) / (2.0 - 2.0 * q)

    return replace(scalar_channel(data), denoise=denoise, silent=silent, convex=False)


def fit_deep(
    data: DataSet, lam: float, *, tolerance: float = GAP_TOLERANCE, start: Array | None = None
) -> Fit:
    """Fit the penalised problem of a deep diagonal network.

    Args:
        data: a diagonal data set; ``data.problem.depth`` layers.
        lam: weight decay, > 0.
        tolerance: of the relative gain of a whole sweep.
        start: of the descent, the LASSO's solution unless given. With little weight decay that
            ends in a local minimum: other starts find lower ones, which is where the prediction is.

    Returns:
        A `Fit`; its ``gap`` is what the last sweep over all coordinates gained, relative to the objective: a
        stationarity, no bound of the distance to the least minimum.

    Raises:
        InvalidInput: ``lam`` is 0.

    Examples:
        >>> from asymptotix.problem import Problem
        >>> from asymptotix.simulate.data import draw
        >>> p = Problem("diagonal", depth=3, gamma=1, d=50, n=100, lam=1, noise=0.1)
        >>> fit = fit_deep(draw(p, np.random.SeedSequence(0)), p.lam)
        >>> fit.status, fit.support < 50
        ('converged', True)
    """
    if lam <= 0:
        raise InvalidInput("lam", lam, "a weight decay > 0: more than two layers have no ridgeless fit here")
    q, problem = 2.0 / data.problem.depth, design(data)
    theta = np.array(fit_lasso(data, lam).weights if start is None else start)
    columns = np.ascontiguousarray(problem.matrix.T)
    squares = (columns**2).sum(axis=1)
    residual = problem.residual(theta)

    def objective() -> float:
        penalty = lam * float((np.abs(theta) ** q).sum())
        return 0.5 * float(residual @ residual) + problem.constant + penalty

    def sweep(indices: NDArray[np.intp]) -> None:
        for i in indices:
            old = theta[i]
            new = shrink(old + float(columns[i] @ residual) / squares[i], lam / squares[i], q)
            if new != old:
                residual[:] -= (new - old) * columns[i]
                theta[i] = new

    before, gain, sweeps = objective(), math.inf, 0
    while gain > tolerance and sweeps < _SWEEPS:
        # those that are learned settle first: a sweep over all is for the others
        active, settled = np.flatnonzero(theta), before
        for _ in range(50):
            sweep(active)
            now = objective()
            if settled - now <= tolerance * now:
                break
            settled = now
        sweep(np.arange(theta.size))
        after = objective()
        gain, before, sweeps = (before - after) / after, after, sweeps + 1
    status = CONVERGED if gain <= tolerance else MAX_ITERATIONS
    loss = (float(residual @ residual) + 2.0 * problem.constant) / data.n
    return Fit(theta, before, max(gain, 0.0), status, sweeps, loss)


class DeepDiagonalNetwork(DiagonalNetwork):
    """More than two layers: no convex problem, and no certificate."""

    def bound(self, parameters: Floats) -> float:
        """No dual problem bounds this one from below."""
        return math.nan

    def curvature(self) -> float:
        pull = np.abs(self.design.matrix.T @ self.design.target)
        largest = float(np.linalg.norm(self.design.matrix, 2)) ** 2
        reached = float(pull.max()) / largest * self.layers
        return 2.0 * largest * math.pow(max(reached, 1.0), 2.0 - 2.0 / self.layers) + 2.0 * self.lam
