r"""The error of the best denoiser of singular values, for matrices of any shape and many dimensions.

In units of ``tau`` the denoiser is ``xi(x) = x - 2 Re h - b/x`` (`asymptotix.networks.singular_values`; for square
matrices [BBPo] of the symmetrised one; Troiani et al., arXiv 2203.07752), and ``xi`` times the density is what the
features share with the direction. Its error over ``tau^2`` is positive from ``dx`` to ``dx``,

    mmse = (b/2) sum a^2/(a^2 + |s_0|) + (2/pi) int Im[-r K] - d Im(-h) xi^2 dx,     K = sum a^2/(s - a^2)

with the first term for the columns beyond the rows, which show nothing of the features (``z(s_0) = 0``). Over the
bulk this is a quadrature. Beyond it, with ``v = Im(-h)``,

    v xi^2 = -Im[(x - b/x)^2 h - 2 (x - b/x) h^2 + (4/3) h^3] + (4/3) v^3,

and the last term makes ``1/(2 d)`` a lone outlier; the others go along a path above the curve. Good to 1e-3 from
``d = 400`` on where features at the bulk's end just become single ones, and better elsewhere.
"""

from __future__ import annotations

import math

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.errors import NotConverged
from asymptotix.free_convolution.information_noise import Features, contour
from asymptotix.networks.singular_values import End, SingularValues, end_of_noise
from asymptotix.risk.spectral_bands import ONE_BY_ONE, banded_error, outlier_widths

# Square matrices of up to so many columns are followed band by band, up to rounding.
_BANDS = 400
# The bulk's end is pushed out, by this factor at a time, until the density is this low or a gap begins.
_LOW, _FURTHER, _PUSHES = 1e-3, 1.05, 200
# ... or features are so far apart, squared and times d, that each tells singly.
_SINGLE = 2.0
# Panels of the bulk are halved until mass and error agree to this, or so many times; the mass must come out this well.
_AGREE, _HALVED, _MASS = 1e-8, 12, 1e-4
# Where a gap ends is looked for on a grid, and then by bisection.
_GRID, _HALVINGS = 200, 60
_RULE = np.polynomial.legendre.leggauss(12)


def least_error(potential: SingularValues, log_tau: float) -> float:
    """Of any estimator, over ``tau^2``.

    Raises:
        NotConverged: the spectrum's mass is not 1 to four digits.

    >>> from asymptotix.teacher import PowerLaw
    >>> here = [least_error(SingularValues(PowerLaw(1.25).spectrum(d)), -3.0) for d in (400, 401)]
    >>> abs(here[1] / here[0] - 1.0) < 2e-3
    True
    """
    spectrum = potential.spectrum
    if spectrum.d == potential.d <= _BANDS:
        a = spectrum.values() * math.exp(-log_tau)
        # of the symmetrised matrix half the error
        return 0.5 * banded_error(np.concatenate([a, -a[::-1]]))
    end = end_of_noise(potential, 0.0, log_tau)
    x, end = _pushed(potential, end, log_tau)
    features = end.features
    bulk, mass = _bulk(features, end.point, x)
    beyond, others = _beyond(features, end)
    if not abs((mass + others) / features.rows - 1.0) < _MASS:
        raise NotConverged(
            f"the singular values' mass is {(mass + others) / features.rows:.6g} in place of 1"
        )
    return bulk + beyond + _unseen(features)


def _pushed(potential: SingularValues, end: End, log_tau: float) -> tuple[float, End]:
    """The bulk's end, pushed out through a band of features."""
    x = end.features.edge
    for _ in range(_PUSHES):
        on = end.features.sheet(np.array([end.point]))
        low = end.point.imag == 0.0 or -float(on.h[0].imag) < _LOW
        if low or x > end.features.top or _spacing(potential, end, log_tau) ** 2 > _SINGLE / potential.d:
            break
        x *= _FURTHER
        end = end_of_noise(potential, x, log_tau)
    return x, end


def _spacing(potential: SingularValues, end: End, log_tau: float) -> float:
    """Distance of the last visible feature to the one before."""
    if end.visible < 2:
        return math.inf
    above, last = potential.spectrum.log_value(np.array([end.visible - 1.0, end.visible])) - log_tau
    return math.exp(last) * math.expm1(above - last)


def _bulk(features: Features, end: complex, top: float) -> tuple[float, float]:
    """The error's share up to the bulk's end, and the number of singular values there."""
    low, high = _edges(features, end, top)
    near: list[complex] = []

    def panel(first: float, last: float) -> Array:
        node, weight = _RULE
        y, dy = 0.5 * (first + last) + 0.5 * (last - first) * node, 0.5 * (last - first) * weight
        # at both ends the density is a square root
        x, dx = low + (high - low) * np.sin(0.5 * math.pi * y) ** 2, np.sin(math.pi * y) * dy
        points = []
        for place in map(float, x):
            points.append(features.on_curve(place, near[-1] if near else None))
            near[:] = points[-1:]
        on = features.sheet(np.array(points))
        v = np.where(on.s.imag > 0.0, np.maximum(-on.h.imag, 0.0), 0.0)
        xi = x - 2.0 * on.h.real - features.spare / x
        shared = -(_mean(features, on.z, on.f) * _squares(features, on.s)).imag / features.d
        error = np.where(v > 0.0, shared - v * xi * xi, 0.0)
        total: Array = features.d * (high - low) * np.array([error @ dx, v @ dx])
        return total

    def halved(first: float, last: float, whole: Array, left: int) -> Array:
        middle = 0.5 * (first + last)
        parts = panel(first, middle), panel(middle, last)
        total: Array = parts[0] + parts[1]
        if left == 0 or bool((np.abs(total - whole) <= _AGREE * scale).all()):
            return total
        return halved(first, middle, parts[0], left - 1) + halved(middle, last, parts[1], left - 1)

    whole = panel(0.0, 1.0)
    scale = np.maximum(np.abs(whole), 1.0)
    error, mass = halved(0.0, 1.0, whole, _HALVED)
    return float(error), float(mass)


def _edges(features: Features, end: complex, top: float) -> tuple[float, float]:
    """Where the bulk begins and ends: there ``z^2`` turns from rising to falling; else at 0 and ``top``."""
    low, high = 0.0, top
    below = features.squares[features.squares < end.real]
    if end.imag == 0.0 and below.size:
        high = math.sqrt(features.square(complex(_turn(features, end.real, float(below.max()))))[0].real)
    if features.spare > 0.0:
        turn = _turn(features, -_depth(features), float(features.squares.min()))
        low = math.sqrt(max(features.square(complex(turn))[0].real, 0.0))
    return low, high


def _turn(features: Features, rising: float, pole: float) -> float:
    """Where ``z^2`` first stops to rise on the way from a gap to a feature."""
    way = rising + (pole - rising) * (1.0 - (1.0 - np.arange(_GRID) / _GRID) ** 3)
    falls = np.flatnonzero(_rises(features, way) <= 0.0)
    if falls.size == 0:
        return float(way[-1])
    k = int(falls[0])
    rising, falling = float(way[max(k - 1, 0)]), float(way[k])
    for _ in range(_HALVINGS):
        middle = 0.5 * (rising + falling)
        up = features.square(complex(middle))[1].real > 0.0
        rising, falling = (middle, falling) if up else (rising, middle)
    return rising


def _beyond(features: Features, end: End) -> tuple[float, float]:
    """The error's share beyond the bulk, and the number of outliers."""
    on, weights = contour(features, end.point)
    x = on.z - features.spare / on.z
    cubes = x * x * on.h - 2.0 * x * on.h**2 + 4.0 / 3.0 * on.h**3
    constant = 0.5 * features.rows / features.d  # is integrated by itself
    terms = _mean(features, on.z, on.f) * _squares(features, on.s) / features.d - cubes
    total = float(((terms * on.z_slope + constant) * weights).imag.sum()) + constant * end.point.imag
    mass = float((on.h * on.z_slope * weights).imag.sum()) * -2.0 * features.d / math.pi
    return -2.0 * features.d / math.pi * total - _narrow_ones(features, end.visible), mass


def _rises(features: Features, s: Array) -> Array:
    """The derivative of ``z^2`` on the real axis."""
    f, slope = features.sums(s.astype(complex))
    one = 1.0 + f
    found: Array = (slope * (s * one + features.spare) + one * (one + s * slope)).real
    return found


def _narrow_ones(features: Features, visible: float) -> float:
    """``(8 d/3 pi) int (Im h)^3`` over all outliers: ``t = 1/2d`` for a lone one, more beside others."""
    t, few = 0.5 / features.d, int(min(visible, ONE_BY_ONE))
    a = np.append(np.sort(np.sqrt(features.squares))[::-1], -math.inf)[: few + 1]
    return t * (float(outlier_widths(a, t).sum()) + max(visible - few, 0.0))


def _unseen(features: Features) -> float:
    """What columns beyond the rows hide."""
    share = features.weight * features.squares / (features.squares + _depth(features))
    return 0.5 * features.spare * float(share.sum())


def _depth(features: Features) -> float:
    """``z(-s) = 0``: ``s (1 + F) + b = 0``, between ``b`` and 1."""
    low, high = features.spare, 1.0
    for _ in range(_HALVINGS):
        s = 0.5 * (low + high)
        used = float((features.weight / (features.squares / s + 1.0)).sum()) / features.d
        low, high = (s, high) if s - used < features.spare else (low, s)
    return high


def _mean(features: Features, z: Complex, f: Complex) -> Complex:
    """``r = (p + q)/2``."""
    return z / (1.0 + f) - 0.5 * features.spare / z


def _squares(features: Features, s: Complex) -> Complex:
    """``K = sum a^2/(s - a^2)``."""
    total: Complex = (1.0 / (s[:, None] - features.squares)) @ (features.weight * features.squares)
    return total
