"""Approximate message passing for both networks: one loop, two denoisers.

With ``v`` the variance of one coordinate of a feature (``1/d`` diagonal, ``2/d`` quadratic, in an orthonormal
basis of the weights), iteration t is

    h_t   = w_t + A'(r_t) / (n v)                 the weights seen through Gaussian noise of size delta_t
    w_t+1 = soft(h_t; eps_t)                      scalar threshold, or threshold of the eigenvalues
    r_t+1 = y - A(w_t+1) + r_t div_t / n          div_t: divergence of the denoiser at h_t (Onsager)

The divergence of the soft threshold is the number of survivors; that of the spectral threshold is the sum
over ``i <= j`` of the divided differences ``(p_i - p_j)/(z_i - z_j)`` of the thresholded eigenvalues. For a
penalty ``|theta|^q`` its proximal map takes the soft threshold's place.

State evolution says that ``h_t - teacher`` behaves as Gaussian noise: independent coordinates of size
``delta_t`` (diagonal), or ``delta_t`` times a GOE matrix with entries of variance ``1/d`` off the diagonal;
with ``(n/d) delta_t+1^2 = noise + error_t+1``, respectively ``(4 n/d^2) delta_t+1^2 = noise + 2 error_t+1``.
Every iteration's numbers are returned so that this can be compared. At a fixed point the weights minimise
the convex objective exactly, with ``lam = penalty_scale * eps (1 - div/n)``.

Sources: Donoho, Maleki, Montanari 2009; Bayati, Montanari 2011; for spectral denoisers Berthier, Montanari,
Nguyen 2020, and Erba et al. arXiv 2505.17958.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from asymptotix.arrays import Array
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.simulate.certificate import Convex, relative_gap
from asymptotix.simulate.data import DataSet, adjoint, predict
from asymptotix.simulate.features import LowRank, features_of, soft, threshold_derivative
from asymptotix.simulate.fit import CONVERGED, DIVERGED, MAX_ITERATIONS, Fit
from asymptotix.validate import count, number

# A gap costs as much as an iteration.
_CHECK_EVERY = 5
_EXPLODED = 1e3
"""AMP is called diverging when its residual exceeds this many times the labels."""


@dataclass(frozen=True, eq=False)
class Channel:
    """What AMP needs of a network.

    Attributes:
        variance: ``v`` above.
        noise_scale: ``delta = noise_scale |r|``.
        penalty_scale: ``lam = penalty_scale eps (1 - div/n)`` at a fixed point.
        decompose: ``h -> (values, rebuild)``: what is thresholded, and the way back to weights.
        denoise: ``(values, eps, delta)`` -> what is kept of the values, and the divergence there.
        silent: values -> an ``eps`` from which on nothing is kept.
        convex: whether a duality gap certifies what is found; else it is compared with the iterate before.
        apply: ``A``.
    """

    variance: float
    noise_scale: float
    penalty_scale: float
    decompose: Callable[[Array], tuple[Array, Callable[[Array], Array]]]
    denoise: Callable[[Array, float, float], tuple[Array, float]]
    silent: Callable[[Array], float] = lambda values: float(np.abs(values).max(initial=0.0))
    convex: bool = True
    apply: Callable[[DataSet, Array], Array] = predict


def softly(
    two_sided: bool, divergence: Callable[[Array, Array], float]
) -> Callable[..., tuple[Array, float]]:
    """The soft threshold as a denoiser; its divergence from values and thresholded values."""

    def denoise(values: Array, eps: float, _: float) -> tuple[Array, float]:
        kept = soft(values, eps, two_sided=two_sided)
        return kept, divergence(values, kept)

    return denoise


def channel(data: DataSet) -> Channel:
    """The channel of a data set's network."""
    make = data.net.supply("simulation").channel
    if data.scale is not None:
        raise InvalidInput(
            "method", "amp", "on inputs of equal variance: message passing is written for those"
        )
    if make is None:
        raise NotSupplied(data.net.name, "message passing")
    made: Channel = make(data)
    return made


def scalar_channel(data: DataSet) -> Channel:
    """Coefficients behind Gaussian noise."""
    return Channel(
        variance=1.0 / data.d,
        noise_scale=math.sqrt(data.d) / data.n,
        penalty_scale=data.n / data.d,
        decompose=lambda h: (h, lambda values: values),
        denoise=softly(data.net.sides == 2, lambda _, kept: float(np.count_nonzero(kept))),
    )


def matrix_channel(data: DataSet) -> Channel:
    """Eigenvalues of a symmetric matrix behind a Gaussian one."""

    def decompose(h: Array) -> tuple[Array, Callable[[Array], Array]]:
        values, vectors = np.linalg.eigh(h)
        return values, lambda kept: np.asarray((vectors * kept) @ vectors.T)

    def apply(data: DataSet, s: Array) -> Array:
        values, vectors = np.linalg.eigh(s)
        values[np.abs(values) <= 1e-13 * np.abs(values).max(initial=0.0)] = 0.0
        return features_of(data).apply(LowRank.of(vectors, values))

    def divergence(values: Array, thresholded: Array) -> float:
        omega = threshold_derivative(values, thresholded)
        return float(omega.sum() + np.trace(omega)) / 2.0

    return Channel(
        variance=2.0 / data.d,
        noise_scale=data.d / (2.0 * data.n),
        penalty_scale=4.0 * data.n / data.d**2,
        decompose=decompose,
        denoise=softly(data.net.sides == 2, divergence),
        apply=apply,
    )


def amp(
    data: DataSet,
    lam: float,
    *,
    ratio: float | None = None,
    damping: float = 0.0,
    iterations: int = 200,
    tolerance: float = 1e-6,
) -> Fit:
    """Run AMP on a data set.

    Args:
        data: any data set.
        lam: weight decay. The threshold of every iteration is the one whose fixed point has this ``lam``.
        ratio: use ``eps_t = ratio * delta_t`` instead; the fixed point then has the penalty given as
            ``history["lam"][-1]``. State evolution converges for a fixed ratio where it is repelled for a
            fixed ``lam`` (interpolating regimes).
        damping: in [0, 1): weight of the previous iterate. With damping the fixed points are the same, but an
            iteration no longer follows the undamped state evolution.
        iterations: at most this many.
        tolerance: relative duality gap at which to stop.

    Returns:
        A `Fit` with the certified gap of its weights (of a penalty that is not convex: their last relative squared
        change), and in ``history`` one entry an iteration: ``delta``
        (from the residual), ``eps``, ``error`` (after the threshold), ``dof`` (divergence), ``lam`` (the
        penalty this iteration stands for; the gap is at this penalty).

    Raises:
        InvalidInput: ``damping``, ``ratio`` or ``iterations`` out of range.

    Examples:
        >>> from asymptotix.problem import Problem
        >>> from asymptotix.simulate.data import draw
        >>> p = Problem("diagonal", gamma=1, d=400, n=300, lam=1, noise=0.1)
        >>> fit = amp(draw(p, np.random.SeedSequence(0)), p.lam)
        >>> fit.status, len(fit.history["error"]) == fit.iterations
        ('converged', True)
    """
    if ratio is not None:
        number("ratio", ratio, "a threshold in units of the noise, >= 0", least=0.0)
    number("damping", damping, "a number in [0, 1)", least=0.0, below=1.0)
    count("iterations", iterations)
    system, y = channel(data), data.labels
    weights, r = np.zeros_like(data.weights), y
    history: dict[str, list[float]] = {name: [] for name in ("delta", "eps", "error", "dof", "lam")}
    status, gap, objective, last = MAX_ITERATIONS, math.inf, math.inf, (weights, r)
    for t in range(1, iterations + 1):
        delta = system.noise_scale * float(np.linalg.norm(r))
        h = weights + adjoint(data, r) / (data.n * system.variance)
        values, rebuild = system.decompose(h)
        eps = _threshold(system, values, delta, lam, data.n) if ratio is None else ratio * delta
        kept, dof = system.denoise(values, eps, delta)
        if ratio is None and eps > 0.0:
            # on a jump of the divergence the threshold satisfies its equation with a fraction of the jump
            dof = data.n * (1.0 - lam / (system.penalty_scale * eps))
        before, weights = weights, damping * weights + (1.0 - damping) * rebuild(kept)
        predictions = system.apply(data, weights)
        r = damping * r + (1.0 - damping) * (y - predictions + (dof / data.n) * r)
        implied = system.penalty_scale * eps * (1.0 - dof / data.n)
        for name, value in zip(history, (delta, eps, data.error(weights), dof, implied), strict=True):
            history[name].append(value)
        if not np.linalg.norm(r) <= _EXPLODED * np.linalg.norm(y):
            status, weights = DIVERGED, last[0]
            predictions = system.apply(data, weights)
            break
        last = (weights, r)
        if implied > 0.0 and (t % _CHECK_EVERY == 0 or t == iterations):
            if system.convex:
                convex, residual = Convex(data.net, data.d, implied), y - predictions
                objective = convex.objective(residual, weights)
                gap = relative_gap(objective, convex.bound(residual, y, adjoint(data, residual)))
            else:
                gap = float(np.sum((weights - before) ** 2) / max(np.sum(weights**2), np.finfo(float).tiny))
            if gap <= tolerance:
                status = CONVERGED
                break
    loss = float(np.mean((y - predictions) ** 2))
    series = {name: np.array(values) for name, values in history.items()}
    return Fit(weights, objective, gap, status, len(history["eps"]), loss, series)


def _threshold(system: Channel, values: Array, delta: float, lam: float, n: int) -> float:
    """The root of ``penalty_scale eps (1 - div(eps)/n) = lam``, by bisection.

    The left side increases in ``eps`` wherever the survivors number fewer than ``n``.
    """

    def excess(eps: float) -> float:
        return system.penalty_scale * eps * (1.0 - system.denoise(values, eps, delta)[1] / n) - lam

    low, high = 0.0, max(system.silent(values), lam / system.penalty_scale)
    if lam == 0.0:
        low = 1e-12 * high
        if excess(low) >= 0.0:
            return 0.0
    for _ in range(60):
        middle = (low + high) / 2.0
        low, high = (middle, high) if excess(middle) < 0.0 else (low, middle)
    return high
