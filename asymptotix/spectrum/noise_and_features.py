r"""A first look at measured weights: where the noise ends, how large it is, and what lies beyond.

The bulk of a learned spectrum is a semicircle cut at ``c = eps/delta``: the share of zeros among directions that carry
no feature tells ``c``, the size of the bulk tells ``delta``, and what lies beyond the edge ``delta (2 - c)`` are
features, at ``a + delta^2/a - eps``. For coefficients (diagonal network) a Gaussian takes the semicircle's place, and
its edge is where one of ``d`` is expected beyond.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.stats import norm

from asymptotix.arrays import Array
from asymptotix.networks import get

# Fewer learned directions that look like noise are taken for weak features.
_FEWEST_NOISE = 4


@dataclass(frozen=True)
class Noise:
    """The law of the noise's own directions in units of ``delta``.

    Attributes:
        above: fraction beyond a threshold ``c``.
        edge, margin: where the noise ends, and how much further its largest may be.
        behind: the feature behind an outlier.
        symmetric: whether the weights are a symmetric matrix; else sizes are singular values.
    """

    above: Callable[[float], float]
    edge: float
    margin: float
    behind: Callable[[Array], Array]
    symmetric: bool = True


@dataclass(frozen=True)
class Look:
    """Features and noise told apart; ``c`` and ``delta`` are None where no noise is seen."""

    spikes: Array
    bulk: Array
    c: float | None
    delta: float | None


def look(network: str, sizes: Array, *, cut: bool = False) -> Look:
    """Split decreasing sizes into features, learned noise and zeros: the fewest features with a bulk within its edge.

    Where width cuts the spectrum all learned are beyond its quantile ``q``, lowered by a threshold below it: the share
    of the learned among directions that carry no feature tells ``q``, and how far the noise stretches from there,
    ``delta (2 - q)``, its size; what the least is above zero is ``delta q - eps``. Else ``q`` is ``c`` and that is 0.
    """
    d, learned, noise = sizes.size, int(np.count_nonzero(sizes)), noise_of(network, sizes.size)
    nothing, most = Look(sizes[:learned], sizes[:0], None, None), noise.above(0.0)
    if not cut and most < 0.9 < learned / d:  # nearly all are positive: features, not noise
        return nothing
    least = float(sizes[learned - 1]) if cut else 0.0
    for features in range(learned - _FEWEST_NOISE + 1):
        bulk = sizes[features:learned]
        share = min(bulk.size / (d - features), most)
        q = _threshold(share, noise)
        # the median is not moved by the features still among them
        delta = (float(np.median(bulk)) - least) / (_threshold(0.5 * share, noise) - q)
        if delta * q < least:  # a threshold below zero
            continue
        if bulk[0] - least <= delta * (noise.edge - q + noise.margin):
            return Look(sizes[:features], bulk, q - least / delta, delta)
    return nothing


def gaussian_noise(sides: int, d: int) -> Noise:
    """Coefficients: the largest of ``d`` fluctuates by a few tenths."""
    edge = float(norm.isf(0.25 / d))
    return Noise(lambda c: sides * float(norm.sf(c)), edge, 0.3, behind=lambda x: x)


def semicircle_noise(sides: int, d: int) -> Noise:
    """Eigenvalues: the largest fluctuates as ``d^(-2/3)`` (Tracy and Widom)."""
    margin = 3.0 * d ** (-2.0 / 3.0)
    return Noise(lambda c: sides * _semicircle_above(c), 2.0, margin, behind=_behind_outlier)


def singular_noise(sides: int, d: int) -> Noise:
    """Singular values of a square matrix: those of a semicircle without signs."""
    return replace(semicircle_noise(sides, d), symmetric=False)


def oblong_noise(ratio: float, d: int) -> Noise:
    """Singular values of a matrix of ``d = ratio`` times its columns rows (Marchenko and Pastur)."""
    edge, margin = 1.0 + math.sqrt(ratio), 3.0 * d ** (-2.0 / 3.0)
    return Noise(partial(_oblong_above, ratio), edge, margin, partial(_behind_oblong, ratio), False)


def _oblong_above(ratio: float, c: float) -> float:
    """``(2/pi) int_0^t sin(t)^2 / x^2 dt`` with ``x^2 = 1 + ratio + 2 sqrt(ratio) cos(t)``, to where ``x = c``."""
    root, squares = math.sqrt(ratio), 1.0 + ratio
    cosine = (max(c, 0.0) ** 2 - squares) / (2.0 * root)
    t = math.acos(min(max(cosine, -1.0), 1.0))
    angle = math.atan2((1.0 - root) * math.sin(0.5 * t), (1.0 + root) * math.cos(0.5 * t))
    return (squares * t - 2.0 * root * math.sin(t) - 2.0 * (1.0 - ratio) * angle) / (2.0 * math.pi * ratio)


def _behind_oblong(ratio: float, x: Array) -> Array:
    """``a`` with ``(a^2 + 1) (a^2 + ratio) = a^2 x^2`` [Benaych-Georges, Nadakuditi]."""
    middle = 0.5 * (np.maximum(x, 1.0 + math.sqrt(ratio)) ** 2 - 1.0 - ratio)
    result: Array = np.sqrt(middle + np.sqrt(np.maximum(middle * middle - ratio, 0.0)))
    return result


def noise_of(network: str, d: int) -> Noise:
    """The law of the noise in the weights of a network.

    Raises:
        NotSupplied: its measured weights cannot be read.
    """
    net = get(network)
    made: Noise = net.supply("diagnosis")(net.sides, d)
    return made


def _behind_outlier(x: Array) -> Array:
    """``a`` with ``a + 1/a = x`` [BBP]."""
    x = np.maximum(x, 2.0)
    result: Array = 0.5 * (x + np.sqrt(x * x - 4.0))
    return result


def _semicircle_above(c: float) -> float:
    """``int_c^2 rho`` of the semicircle of radius 2."""
    if c >= 2.0:
        return 0.0
    angle = math.acos(max(c, -2.0) / 2.0)
    return (angle - 0.5 * math.sin(2.0 * angle)) / math.pi


def _threshold(share: float, noise: Noise) -> float:
    """The threshold that a share of noise exceeds."""
    low, high = 0.0, noise.edge
    if share >= noise.above(0.0):
        return 0.0
    for _ in range(60):
        c = 0.5 * (low + high)
        low, high = (c, high) if noise.above(c) > share else (low, c)
    return 0.5 * (low + high)


def outliers(network: str, spikes: Array, c: float | None, delta: float | None) -> Array:
    """Sizes of the features behind outliers."""
    if c is None or delta is None:
        return spikes
    result: Array = delta * noise_of(network, max(spikes.size, 1)).behind(spikes / delta + c)
    return result


def decay(outliers: Array) -> float | None:
    """``-d log a / d log i`` by least squares over the visible features."""
    if outliers.size < 3:
        return None
    index = np.log(np.arange(1.0, outliers.size + 1.0))
    slope = float(np.polyfit(index, np.log(outliers), 1)[0])
    return -slope
