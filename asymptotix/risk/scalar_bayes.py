r"""The error of the posterior mean when the sizes of the coefficients are known and their places are not.

In units of ``tau``: ``y = a_I + z`` with ``I`` uniform, and the error is ``sum_i int phi(y - a_i) (a_i - m(y))^2 dy``
with ``m(y) = sum a_i phi(y - a_i) / sum phi(y - a_i)``, a sum of squares. Far above the noise, and above the last
coefficient, only the neighbours of a coefficient matter, and they are nearly equidistant: its error is the mean of a
function of the spacings on both sides, 1 where they are dense and 0 where they are apart.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from scipy.interpolate import CubicSpline

from asymptotix.arrays import Array
from asymptotix.networks.diagonal import GaussianSequence
from asymptotix.quadrature import integer_panels
from asymptotix.risk.scalar_parts import coefficients
from asymptotix.teacher import Spectrum

# A normal variable beyond this many standard deviations weighs less than 1e-18 of one within.
_REACH = 9.0
# Step of the trapezoidal rule over y: the integrand is analytic, and 8 points a standard deviation are plenty.
_STEP = 0.1
# From here on a coefficient's error depends on its spacings alone, and on how fast the densest change, to 1e-4.
_FAR = 60.0
# If the last coefficient is beyond this, those that feel that none follow are less than a millionth of all.
_ENDLESS = 1e6
# The largest logarithm of a coefficient over the noise that doubles hold with room to spare.
_LARGEST = 700.0
# Numbers in one array of the sum: 4 MB.
_BLOCK = 500_000
# Beyond this spacing neighbours are never confused; below the other they blur into a continuum.
_APART, _DENSE = 20.0, 0.3
# Closer than this, they blur enough for the slope of their density to matter.
_BLURRED = 2.5


def posterior_mean_error(spectrum: Spectrum, log_tau: float) -> float:
    """The least error over ``tau^2``."""
    if spectrum.smooth and spectrum.rank > 2:
        last = math.exp(min(float(spectrum.log_value(np.array([spectrum.rank]))[0]) - log_tau, _LARGEST))
        top = max(_FAR, last + 2.0 * _REACH) if last < _ENDLESS else _FAR
        a, weight, rest = coefficients(spectrum, top + _REACH, log_tau)
        near = _mixture_error(a, weight, rest, top)
        return near + _far_error(spectrum, spectrum.count_above(math.log(top) + log_tau), log_tau)
    a = np.exp(np.minimum(spectrum.log_value(np.arange(1.0, spectrum.rank + 1.0)) - log_tau, _LARGEST))
    return _mixture_error(a, np.ones(a.size), spectrum.zeros, math.inf)


def _mixture_error(a: Array, weight: Array, zeros: float, top: float) -> float:
    """Errors of all coefficients up to ``top``; those above only take part in the posterior."""
    if zeros > 0:
        a, weight = np.append(a, 0.0), np.append(weight, zeros)
    log_weight, counted = np.log(weight), a <= top
    total = 0.0
    y = _grid(a[counted])
    rows = max(1, _BLOCK // max(a.size, 1))
    for start in range(0, y.size, rows):
        part = y[start : start + rows, None]
        exponent = log_weight - 0.5 * (part - a) ** 2
        largest = exponent.max(axis=1, keepdims=True)
        mass = np.exp(exponent - largest)
        mean = (mass @ a) / mass.sum(axis=1)
        error = (mass * (a - mean[:, None]) ** 2)[:, counted].sum(axis=1)
        total += float((error * np.exp(largest[:, 0])).sum())
    return total * _STEP / math.sqrt(2.0 * math.pi)


def _grid(a: Array) -> Array:
    """Multiples of the step within reach of some coefficient."""
    if a.size == 0:
        return np.empty(0)
    centres = np.unique(np.round(a / _REACH)) * _REACH
    offsets = np.arange(-1.5 * _REACH, 1.5 * _REACH, _STEP)
    steps = np.unique(np.round((centres[:, None] + offsets) / _STEP).ravel())
    return steps * _STEP


def _far_error(spectrum: Spectrum, count: float, log_tau: float) -> float:
    """``sum_{i <= count} M(a_i - a_{i+1})``, of the last spacing one half: they shrink with ``i``.

    Where they are dense, as ``a^-b``, the posterior's mean is ``y - b/y``, and an error ``1 + (b^2 + 2 b)/a^2``.
    """
    if count < 1:
        return 0.0

    def size(index: float) -> float:
        return math.exp(min(float(spectrum.log_value(np.array([index]))[0]) - log_tau, _LARGEST))

    def spacing(index: float) -> float:
        return size(index) * float(spectrum.spacings(np.array([index]))[1][0])

    def bent(index: float) -> float:
        """The sum up to there of what the density's slope adds: the smallest coefficients' in the main."""
        if index < 1:
            return 0.0
        a = size(index)
        gamma = index * spacing(index) / a
        b = 1.0 + 1.0 / gamma
        return index * (b * b + 2.0 * b) / (a * a * (1.0 + 2.0 * gamma))

    apart, dense = (_first_below(spacing, level, count) for level in (_APART, _DENSE))
    dense = max(dense, apart)
    total = count - dense
    if dense > apart:
        if dense - apart < _PANELS:
            breaks = np.arange(apart, dense + 1.0)
        else:
            breaks = np.unique(np.floor(np.geomspace(apart + 1.0, dense + 1.0, _PANELS)) - 1.0)
            breaks[0], breaks[-1] = apart, dense
        index, weight = integer_panels(breaks[:-1], breaks[1:])
        total += float(sum(w * lattice_error(spacing(float(i))) for i, w in zip(index, weight, strict=True)))
    if count > (blurred := _first_below(spacing, _BLURRED, count)):
        total += bent(count) - bent(blurred)
    return total - (0.5 if count < spectrum.rank else 1.0) * lattice_error(spacing(count))


# Over the panels the spacing falls from 20 to 0.3, in each by a fifth, and the error of a lattice is smooth in it.
_PANELS = 24


def _first_below(spacing, level: float, count: float) -> float:  # type: ignore[no-untyped-def]
    """Number of leading coefficients whose spacing exceeds ``level``."""
    low, high = 0.0, count
    while high - low > 1.0 and high - low > 1e-12 * high:
        middle = float(math.floor(0.5 * (low + high)))
        if spacing(middle) > level:
            low = middle
        else:
            high = middle
    return high if spacing(high) > level else low


def lattice_error(spacing: float) -> float:
    """Error of the posterior mean over equidistant equal masses, per mass.

    >>> round(lattice_error(0.2), 9), lattice_error(50.0) < 1e-9
    (1.0, True)
    """
    if spacing <= _DENSE:
        return 1.0
    if spacing >= _APART:
        return 0.0
    return float(_between()(spacing))


@lru_cache(maxsize=1)
def _between() -> CubicSpline:
    """The error in between: it falls from 1 to 0 over spacings of a few units, so that a spline is good to 1e-9."""
    spacings = np.linspace(_DENSE, _APART, 500)
    return CubicSpline(spacings, [_lattice_error(float(s)) for s in spacings])


def _lattice_error(spacing: float) -> float:
    reach = math.ceil(2.0 * _REACH / spacing)
    a = spacing * np.arange(-reach, reach + 1.0)
    y = np.arange(-_REACH, _REACH, _STEP)
    mass = np.exp(-0.5 * (y[:, None] - a) ** 2)
    mean = (mass @ a) / mass.sum(axis=1)
    return float((np.exp(-0.5 * y * y) * mean**2).sum() * _STEP / math.sqrt(2.0 * math.pi))


def least_error(potential: GaussianSequence, log_tau: float) -> float:
    """Error of the posterior mean over ``tau^2`` at one noise scale."""
    return posterior_mean_error(potential.spectrum, log_tau)
