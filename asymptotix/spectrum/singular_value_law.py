r"""The law of the learned singular values: information plus noise, cut at a threshold, in any dimension.

With ``s`` the point where ``z = x`` (`asymptotix.free_convolution.oblong`), the density of all ``m`` at ``x`` is
``(2 d/pi) Im(-h)``; how many are above ``x`` comes with the response there. A feature beyond
``a^4 = m/d`` is an outlier where ``s = a^2``; its overlap is the product of those of the two singular vectors,
``2 a dz/ds`` [Benaych-Georges, Nadakuditi, J. Multivariate Anal. 111, 2012].
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from asymptotix.arrays import Array
from asymptotix.free_convolution.information_noise import Features, log_real_root
from asymptotix.free_convolution.oblong import curvature
from asymptotix.networks.oblong_values import OblongValues
from asymptotix.networks.square_values import SingularValues
from asymptotix.networks.threshold_line import SpectralResponse
from asymptotix.spectrum.spectrum_types import LISTED, Law

# A threshold among the noise has all visible features above, but for those next to it.
_NEARLY = 0.999
# Features further beyond the noise than this, squared, are learned as if alone, up to rounding.
_ALONE = 1e100
# Below this angle of the threshold's point the end of the noise is found from there.
_NARROW = 1e-3


def singular_law(potential: SingularValues, response: SpectralResponse, log_tau: float) -> Law:
    """The law of the learned singular values; ``c`` and all positions in units of ``tau``."""
    spectrum, d, m, c = potential.spectrum, potential.d, float(potential.spectrum.d), response.c
    line = OblongValues(spectrum, d).line(log_tau)
    plane, root = line.plane, math.sqrt(m / d)
    edge, onset = 1.0 + root, 0.5 * math.log(root)

    def density(x: float) -> float:
        place = plane.place(x)
        f = plane.trace(place.w)[0]
        return max(-2.0 * d / math.pi * (x * f / (1.0 + f)).imag, 0.0) if 0.0 < place.angle < math.pi else 0.0

    # a hair below the end of the noise the value of a threshold may be beyond that of bare noise
    end, all_visible = plane.place(max(c, edge)), spectrum.count_above(onset + log_tau)
    log_u = max(log_real_root(end.w), onset)
    touching = c >= edge and response.bulk and spectrum.count_above(log_u + log_tau) >= _NEARLY * all_visible
    visible = all_visible if touching else spectrum.count_above(log_u + log_tau)
    bulk = c < edge or touching
    point = potential.among_squares(response.point)
    upper, angle = max(edge - c, 0.0), math.atan2(point.imag, point.real)
    if response.bulk and angle < _NARROW:  # where the curve comes down: its values have no digits left
        upper = 2.0 * abs(point) * math.sin(0.5 * angle) ** 2 * curvature(plane, point).real / c
    return Law(
        zero_mass=min(max(1.0 - response.count / m, 0.0), 1.0),
        edges=(max(1.0 - root - c, 0.0), upper) if bulk and upper > 0.0 else (),
        detached=not bulk or end.angle == 0.0,
        learned_noise=max(response.count - visible, 0.0),
        spikes=_spikes(potential, log_tau, visible, c),
        spike_count=visible,
        density=lambda x: np.array([density(float(v) + c) / m for v in x]),
        above=lambda x: line.at_c(x + c).count,
    )


def _spikes(
    potential: SingularValues, log_tau: float, visible: float, c: float
) -> tuple[tuple[float, float], ...]:
    """Position above the threshold and overlap of the largest outliers; equal features count as one."""
    found, count = [], int(min(visible, LISTED))
    features = potential.features(log_tau)
    log_a: Array = potential.spectrum.log_value(np.arange(1.0, count + 1.0)) - log_tau
    for k, feature in zip(np.argsort(-features.squares)[:count], log_a, strict=True):
        square = float(features.squares[k])
        if square > _ALONE:
            found.append((math.exp(min(feature, 700.0)) - c, 1.0))
            continue
        apart = np.abs(features.squares - square) > 1e-12 * square
        others = replace(features, squares=features.squares[apart], weight=features.weight[apart])
        z, overlap = _outlier(others, square, float(features.weight[k]))
        found.append((max(z - c, 0.0), min(max(overlap, 0.0), 1.0)))
    return tuple(found)


def _outlier(others: Features, square: float, weight: float) -> tuple[float, float]:
    """``z`` at ``s = a^2`` and ``2 a dz/ds``; the feature's own share is half a unit of ``z^2``."""
    value, slope = (x.real for x in others.square(complex(square)))
    if value <= 0.0:
        return 0.0, 0.0
    return math.sqrt(value + 0.5 * weight / others.d), math.sqrt(square / value) * slope
