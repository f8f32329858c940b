"""The law of the learned coefficients: a Gaussian sequence, thresholded softly."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.stats import norm

from asymptotix.arrays import Array
from asymptotix.gaussian import density as gaussian
from asymptotix.networks.base import Response
from asymptotix.networks.diagonal import GaussianSequence
from asymptotix.networks.elastic_net import ShrunkSequence
from asymptotix.risk.scalar_parts import coefficients, scalar_parts
from asymptotix.spectrum.network_law import LISTED, Law


def scalar_law(potential: GaussianSequence, response: Response, log_tau: float) -> Law:
    """The law at the response's place; ``c`` and all positions in units of ``tau``.

    The noise has no sharp edge: the bulk ends where half a hidden coefficient is expected beyond.
    """
    spectrum, c, both = potential.spectrum, response.c, potential.sides == 2
    parts = scalar_parts(spectrum, response, log_tau, potential.sides)
    hidden = spectrum.d - parts.visible
    edge = float(norm.isf(min(0.25 / hidden, 0.5))) - c if hidden > 0 else 0.0
    shown = int(min(parts.visible, LISTED))
    a = np.exp(np.minimum(spectrum.log_value(np.arange(1.0, shown + 1.0)) - log_tau, 700.0))
    spikes = tuple((float(x) - c, float(norm.sf(c - x) + both * norm.sf(c + x))) for x in a)
    return Law(
        zero_mass=max(1.0 - response.dof / spectrum.d, 0.0),
        edges=(-edge if both else 0.0, edge) if edge > 0 else (),
        detached=False,
        learned_noise=parts.learned,
        spikes=spikes,
        spike_count=parts.visible,
        density=lambda x: _density(potential, c, log_tau, x),
        above=lambda x: potential.response(math.log(x + c), log_tau).dof if x + c > 0 else spectrum.d,
    )


def shrunk_law(potential: ShrunkSequence, response: Response, log_tau: float) -> Law:
    """The law of an elastic net's coefficients: that of a soft threshold's, times ``k``."""
    k, _ = potential.shrinkage(response.path, log_tau)
    law = scalar_law(potential.soft, potential.soft.response(response.path, log_tau), log_tau)
    return replace(
        law,
        edges=tuple(k * x for x in law.edges),
        spikes=tuple((k * x, weight) for x, weight in law.spikes),
        density=lambda x: law.density(x / k) / k,
        above=lambda x: law.above(x / k),
    )


def _density(potential: GaussianSequence, c: float, log_tau: float, x: Array) -> Array:
    """``(1/d) sum_i phi(|x| + c -+ a_i)``; signs of the teacher do not matter, here they are positive."""
    spectrum = potential.spectrum
    if x.size == 0:
        return np.empty(0)
    reach = float(np.abs(x).max()) + c
    a, weight, rest = coefficients(spectrum, reach, log_tau)
    shifted = np.abs(x) + c
    terms = gaussian(shifted[:, None] - np.sign(x)[:, None] * a) @ weight + rest * gaussian(shifted)
    result: Array = terms / spectrum.d * ((x > 0) | (potential.sides == 2))
    return result
