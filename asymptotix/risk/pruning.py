"""Pruning: lowering the weights of a network already trained, in place of training it with more weight decay."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from asymptotix.equations import System
from asymptotix.errors import InvalidInput, NotSupplied
from asymptotix.networks.base import Network
from asymptotix.solution import Solution


def pruning_threshold(solution: Solution) -> float:
    """By how much to lower the weights: what the threshold lacks of the noise's edge ([P] Corollary 2).

    ``2 delta - eps`` for spectral networks, ``sqrt(2 log d) delta - eps`` for the diagonal one; 0 where the threshold
    is there already.

    >>> from asymptotix import Problem, solve
    >>> s = solve(Problem("quadratic", gamma=1.25, d=400, n=60_000, lam=0, noise=0.1))
    >>> abs(pruning_threshold(s) - (2 * s.delta - s.eps)) < 1e-12
    True
    """
    d = solution.problem.d
    return max(solution.problem.net.noise_edge(float(d)) * solution.delta - solution.eps, 0.0)


def check_prunable(net: Network) -> None:
    """Lowering all weights alike is a larger threshold of the same estimator.

    Raises:
        NotSupplied: it is not: thresholds differ (inputs of unequal variance), or weights are shrunk otherwise, too.
    """
    if net.inputs is not None or net.ridge_share > 0 or net.power != 1:
        raise NotSupplied(net.name, "pruning: weights lowered alike are not those of a larger threshold")


def error_after_pruning(solution: Solution, threshold: float) -> float:
    """The error once the weights of a solved network are lowered by ``threshold``: the noise stays what it was.

    Raises:
        NotSupplied: see `check_prunable`.

    >>> from asymptotix import Problem, solve
    >>> s = solve(Problem("quadratic", gamma=1.25, d=400, n=60_000, lam=0, noise=0.1))
    >>> error_after_pruning(s, pruning_threshold(s)) < s.error
    True
    """
    check_prunable(solution.problem.net)
    system = System.of(solution.problem)
    log_tau = solution.log_delta - 0.5 * math.log(solution.problem.d)
    c = (solution.eps + threshold) / solution.delta
    response = system.potential.response(system.potential.path_of(c, log_tau), log_tau)
    return response.risk(log_tau)


def prune(weights: ArrayLike, threshold: float) -> NDArray[np.float64]:
    """Lower trained weights by a threshold: coefficients (1-d), or the singular values of a matrix.

    Those of a symmetric matrix are the sizes of its eigenvalues, which keep their signs.

    Raises:
        InvalidInput: not a vector or a matrix of finite numbers, or a negative threshold.

    >>> prune([3.0, -2.0, 0.5], 1.0).tolist()
    [2.0, -1.0, 0.0]
    """
    array = np.asarray(weights, dtype=float)
    if not threshold >= 0:
        raise InvalidInput("threshold", threshold, "a number >= 0")
    if not np.all(np.isfinite(array)):
        raise InvalidInput("weights", "nan or infinity", "finite numbers")
    if array.ndim == 1:
        return _lowered(array, threshold)
    if array.ndim != 2:
        raise InvalidInput("weights", f"shape {array.shape}", "a vector or a matrix")
    left, values, right = np.linalg.svd(array, full_matrices=False)
    result: NDArray[np.float64] = (left * _lowered(values, threshold)) @ right
    return result


def _lowered(values: NDArray[np.float64], threshold: float) -> NDArray[np.float64]:
    result: NDArray[np.float64] = np.sign(values) * np.maximum(np.abs(values) - threshold, 0.0)
    return result
