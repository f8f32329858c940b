r"""The law of the learned singular values: information plus noise, cut at a threshold.

With ``s`` the point where ``z = x`` (`asymptotix.networks.singular_values`), the density of all ``m`` at ``x`` is
``(2 d/pi) Im(-h)``, and above ``x`` are ``(d/pi) Im(mean log(s - a_i^2) + b log(z/(1 + F)) + h k)``. A feature beyond
``a^4 = m/d`` is an outlier where ``s = a^2``; its overlap is the product of those of the two singular vectors,
``2 a dz/ds`` [Benaych-Georges, Nadakuditi, J. Multivariate Anal. 111, 2012].
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from asymptotix.free_convolution.information_noise import Features, Sheet
from asymptotix.networks.base import saturated_exp
from asymptotix.networks.singular_values import SingularResponse, SingularValues, end_of_noise
from asymptotix.spectrum.network_law import LISTED, Law


def singular_law(potential: SingularValues, response: SingularResponse, log_tau: float) -> Law:
    """The law of the learned singular values; ``c`` and all positions in units of ``tau``."""
    m, c = float(potential.spectrum.d), response.c
    top = saturated_exp(float(potential.spectrum.log_value(np.ones(1))[0]) - log_tau) + 2.0

    def at(x: float) -> tuple[Features, Sheet]:
        features, s = potential.place(x, log_tau)
        return features, features.sheet(np.array([s]))

    def density(x: float) -> float:
        features, on = at(x)
        return max(-2.0 * features.d / math.pi * float(on.h[0].imag), 0.0) if on.s[0].imag > 0 else 0.0

    def above(x: float) -> float:
        if x <= 0:
            return m
        return 0.0 if x >= top else count_above(*at(x))

    end = end_of_noise(potential, c, log_tau)
    features, s, visible = end.features, end.point, end.visible
    positive, bulk = above(c), c < features.edge
    return Law(
        zero_mass=min(max(1.0 - positive / m, 0.0), 1.0),
        edges=(max(_lower_end(features) - c, 0.0), features.edge - c) if bulk else (),
        detached=not bulk or s.imag == 0.0,
        learned_noise=max(positive - visible, 0.0),
        spikes=_spikes(features, visible, c),
        spike_count=visible,
        density=lambda x: np.array([density(float(v) + c) / m for v in x]),
        above=lambda x: above(x + c),
    )


def count_above(features: Features, on: Sheet) -> float:
    """Number of singular values above ``z``."""
    s, z = complex(on.s[0]), complex(on.z[0])
    angle = float(features.weight @ np.arctan2(s.imag, s.real - features.squares))
    rest = features.spare * np.angle(z / (1.0 + complex(on.f[0]))) + complex(on.h[0] * on.k[0]).imag
    return (angle + features.d * float(rest)) / math.pi


def _lower_end(features: Features) -> float:
    """Where bare noise begins."""
    return 2.0 - features.edge


def _spikes(features: Features, visible: float, c: float) -> tuple[tuple[float, float], ...]:
    """Position above the threshold and overlap of the largest outliers; equal features count as one."""
    found = []
    order = np.argsort(-features.squares)[: int(min(visible, LISTED))]
    for k in order:
        square = float(features.squares[k])
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
