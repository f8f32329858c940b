r"""The optimal denoiser's error in a dimension in which every band of the spectrum can be followed.

In units of ``tau``, with ``t = 1/d``: over each band, from edge to edge of the curve ``t sum 1/|w - a_i|^2 = 1``,

    mmse = (d/pi) int Im w Var(a) dx,      Var(a) of the weights t/|w - a_i|^2, which sum to 1 there

is a positive integral in which nothing cancels. Bands are found from their features: between two of them
``(t sum 1/(u - a_i)^2)^(-1/2)`` is concave, and linear beside a lone one, so Newton's method never passes an edge.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from asymptotix.arrays import Array
from asymptotix.errors import NotConverged
from asymptotix.free_convolution.atoms import scaled
from asymptotix.quadrature import integer_panels
from asymptotix.teacher import Spectrum

# Between breaks the height of a band is analytic, once the square roots at its ends are taken out.
_NODES = np.polynomial.legendre.leggauss(24)
# Newton's method on convex functions comes from one side and cannot overshoot: it is slow where bands all but touch.
_STEPS = 60
# Two units in the last place of a number near 1.
_ROUNDING = 4e-16
# Breaks between panels are at least so many widths of a lone band apart.
_APART = 0.5
# Outliers whose widths are found one by one; those of more, which hardly matter, by so many panels.
ONE_BY_ONE, _PANELS = 300, 30
# The spectrum's mass is found with the error's own quadrature, and tells how good it is.
_MASS = 1e-6


def banded_error(a: Array) -> float:
    """The least error over ``tau^2``, for features ``a`` in units of ``tau``, the largest first.

    Raises:
        NotConverged: the bands' mass is not 1 to six digits.

    Features far from each other are known but for their directions:

    >>> round(banded_error(np.array([3e6, 2e6, 1e6, 0.0])), 9)
    3.0
    """
    t = 1.0 / a.size
    error = mass = 0.0
    for first, last, left, right in _bands(a, t):
        part, share = _band(a, t, first, last, left, right)
        error, mass = error + part, mass + share
    if not abs(mass - 1.0) < _MASS:
        raise NotConverged(f"the bands of the spectrum have mass {mass:.9g} in place of 1")
    return error


def narrow_ones(spectrum: Spectrum, visible: float, log_tau: float, t: float, power: float = 1.0) -> float:
    """``(4 pi^2/3) d int rho^3`` over the first ``visible`` features: ``t`` for each that is alone.

    Features are ``(a_i / tau)^power``.
    """
    few = min(visible, ONE_BY_ONE) if spectrum.smooth else visible
    further = np.floor(np.geomspace(few, visible, _PANELS)) if visible > few else np.empty(0)
    breaks = np.unique(np.concatenate([np.arange(few + 1.0), further]))
    index, weight = integer_panels(breaks[:-1], breaks[1:])
    a = scaled(power * (spectrum.log_value(index) - log_tau))
    before, after = spectrum.spacings(index, power)
    after = np.where(index > spectrum.rank - 1.0, 1.0 if spectrum.rank < spectrum.d else math.inf, after)
    return t * float(weight @ outlier_widths(a * before, a * after, t))


def outlier_widths(before: Array, after: Array, t: float) -> Array:
    """``(4 pi^2/3) d int rho^3`` over outliers, over ``t``, by the distances to their neighbours.

    1 for a lone semicircle of mass ``t``; in a row at equal distances ``D``, with ``x = (pi^2/3) t/D^2``, nearly
    ``1/(1 - x)`` up to ``x = 1/2``, and ``4 x`` where they form a band.
    """
    crowd = t * (np.maximum(before, 1e-150) ** -2 + np.maximum(after, 1e-150) ** -2)
    x = math.pi**2 / 6.0 * np.minimum(crowd, 1.0 / t)
    widths: Array = np.where(x < 0.5, 1.0 / np.maximum(1.0 - x, 0.5), 4.0 * x)
    return widths


def _bands(a: Array, t: float) -> Iterator[tuple[int, int, float, float]]:
    """First and last feature of each band, and how far its edges are left of the last and right of the first."""
    left, right = _reach(a, t, -1.0), _reach(a, t, 1.0)
    first = 0
    for k in range(a.size):
        if k + 1 == a.size or left[k] + right[k + 1] < a[k] - a[k + 1]:
            yield first, k, float(left[k]), float(right[first])
            first = k + 1


def _reach(a: Array, t: float, side: float) -> Array:
    """Distance from each feature to the edge on one side; infinite where there is none before the next feature."""
    reach = np.full(a.size, math.sqrt(t))
    limit = np.append(math.inf, a[:-1] - a[1:]) if side > 0 else np.append(a[:-1] - a[1:], math.inf)
    open_ones = np.flatnonzero(limit > reach)
    reach[limit <= reach] = math.inf
    for _ in range(_STEPS):
        if open_ones.size == 0:
            return reach
        s = reach[open_ones]
        inverse = 1.0 / (a[open_ones, None] - a + side * s[:, None])
        excess = t * np.square(inverse).sum(axis=1)
        rate = side * t * (inverse**3).sum(axis=1) / excess  # of -log(excess)/2
        step = np.where(rate > 0, (np.sqrt(excess) - 1.0) / np.where(rate > 0, rate, 1.0), math.inf)
        reach[open_ones] = np.where(s + step < limit[open_ones], s + step, math.inf)
        open_ones = open_ones[np.isfinite(reach[open_ones]) & (step > _ROUNDING * s)]
    reach[open_ones] = math.inf  # nearly touching bands are one
    return reach


def _band(a: Array, t: float, first: int, last: int, left: float, right: float) -> tuple[float, float]:
    """The error's and the mass's share of one band."""
    offset = a[first] - a  # distances from the band's first feature keep their digits
    low, high = -float(offset[last]) - left, right
    breaks = _breaks(-offset[first : last + 1][::-1], low, high, _APART * math.sqrt(t))
    s, ds = _panels(breaks)
    distance = s[:, None] + offset
    v = np.sqrt(_height(np.square(distance), t))
    weight = t / (np.square(distance) + np.square(v)[:, None])
    # z' = 1 - t sum 1/(x + i v)^2, where t sum 1/(x^2 + v^2) = 1: nothing cancels in
    real = 2.0 * np.square(v) / t * np.einsum("ij,ij->i", weight, weight)
    imaginary = 2.0 * v / t * np.einsum("ij,ij,ij->i", weight, weight, distance)
    weight /= weight.sum(axis=1, keepdims=True)
    mean = weight @ offset
    variance = np.einsum("ij,ij->i", weight, np.square(offset - mean[:, None]))
    dx = (real + np.square(imaginary) / real) * ds
    return float((v * variance * dx).sum()) / (math.pi * t), float((v * dx).sum()) / math.pi


def _breaks(features: Array, low: float, high: float, apart: float) -> Array:
    """The edges, and features and the middles between them as far as they are apart."""
    chosen = [low]
    inner = np.sort(np.append(features, 0.5 * (features[1:] + features[:-1])))
    for x in inner:
        if x - chosen[-1] > apart and high - x > apart:
            chosen.append(float(x))
    return np.array([*chosen, high])


def _panels(breaks: Array) -> tuple[Array, Array]:
    """Nodes and weights: towards both ends, where the height is a square root, quadratic in the variable."""
    node, weight = _NODES
    if breaks.size == 2:
        breaks = np.array([breaks[0], 0.5 * (breaks[0] + breaks[1]), breaks[1]])
    y = 0.5 * (1.0 + node)
    places, weights = [], []
    for k, (low, high) in enumerate(pairwise(breaks)):
        width = high - low
        if k == 0:
            places.append(low + width * y * y)
            weights.append(width * y * weight)
        elif k == breaks.size - 2:
            places.append(high - width * y * y)
            weights.append(width * y * weight)
        else:
            places.append(low + width * y)
            weights.append(0.5 * width * weight)
    return np.concatenate(places), np.concatenate(weights)


def _height(square: Array, t: float) -> Array:
    """``v^2`` with ``t sum 1/(x + v^2) = 1`` for squared distances ``x``: the sum's inverse is concave in ``v^2``."""
    q: Array = np.maximum(t - square.min(axis=1), 0.0)
    inverse = np.empty_like(square)
    for _ in range(_STEPS):
        np.add(square, q[:, None], out=inverse)
        np.divide(1.0, inverse, out=inverse)
        total = t * inverse.sum(axis=1)
        step = total * (total - 1.0) / (t * np.einsum("ij,ij->i", inverse, inverse))
        q += np.maximum(step, 0.0)
        if not (step > _ROUNDING * q).any():
            break
    return q
