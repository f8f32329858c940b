"""The law of the learned coefficients: a Gaussian sequence, thresholded softly or with a jump."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm

from asymptotix.arrays import Array
from asymptotix.gaussian import density as gaussian
from asymptotix.networks.base import Response
from asymptotix.networks.deep_sequence import PowerPenaltySequence
from asymptotix.networks.diagonal import GaussianSequence
from asymptotix.networks.elastic_net import ShrunkSequence
from asymptotix.networks.gaussian_sums import REACH
from asymptotix.networks.jump_map import Jump
from asymptotix.risk.parts import Parts
from asymptotix.risk.scalar_parts import coefficients, jump_parts, scalar_parts
from asymptotix.spectrum.spectrum_types import LISTED, Law
from asymptotix.teacher import Spectrum

# No threshold at all is one too small to matter: the map is the identity to rounding.
_LEAST = math.log(1e-12)


def scalar_law(potential: GaussianSequence, response: Response, log_tau: float) -> Law:
    """The law at the response's place; ``c`` and all positions in units of ``tau``.

    The noise has no sharp edge: the bulk ends where half a hidden coefficient is expected beyond.
    """
    spectrum, c, both = potential.spectrum, response.c, potential.sides == 2
    parts = scalar_parts(potential, response, log_tau)
    edge = _last(spectrum, parts, c) - c
    spikes = tuple(
        (float(x) - c, float(norm.sf(c - x) + both * norm.sf(c + x)))
        for x in _largest(spectrum, parts, log_tau)
    )

    def density(x: Array) -> Array:
        found: Array = _observed(spectrum, x, np.abs(x) + c, log_tau) * ((x > 0) | both)
        return found

    return Law(
        zero_mass=max(1.0 - response.dof / spectrum.d, 0.0),
        edges=(-edge if both else 0.0, edge) if edge > 0 else (),
        detached=False,
        learned_noise=parts.learned,
        spikes=spikes,
        spike_count=parts.visible,
        density=density,
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


def jump_law(potential: PowerPenaltySequence, response: Response, log_tau: float) -> Law:
    """The law of a deep network's coefficients: none between zero and where the estimate jumps to, ``u*``.

    All positions are estimates, in units of ``tau``. The bulk is two pieces, from ``u*`` to where half a hidden
    coefficient is expected beyond, on either side.
    """
    spectrum = potential.spectrum
    jump = Jump(potential.q, math.exp(max(response.path, _LEAST)))
    parts = jump_parts(potential, response, log_tau)
    top = float(jump.estimate(np.array([_last(spectrum, parts, 0.0)]))[0])
    a = _largest(spectrum, parts, log_tau)
    learned = ndtr(a - jump.threshold) + ndtr(-a - jump.threshold)

    def number(y: float) -> float:
        """Expected number of coefficients observed beyond ``y``."""
        a, weight, rest = coefficients(spectrum, y, log_tau, y - REACH)
        near = float(weight @ (ndtr(a - y) + ndtr(-a - y)))
        return spectrum.d - rest - float(weight.sum()) + near + 2.0 * rest * float(ndtr(-y))

    def above(x: float) -> float:
        # an estimate comes from the observation u + bias(u)
        return number(x + float(jump.bias(np.array([x]))[0]) if x > jump.size else jump.threshold)

    def density(x: Array) -> Array:
        size = np.maximum(np.abs(x), jump.size)
        found: Array = _observed(spectrum, x, size + jump.bias(size), log_tau) / jump.slope(size)
        return found

    return Law(
        zero_mass=max(1.0 - number(jump.threshold) / spectrum.d, 0.0),
        edges=(-top, -jump.size, jump.size, top) if top > jump.size else (),
        detached=True,
        learned_noise=parts.learned,
        spikes=tuple(zip(jump.estimate(a).tolist(), learned.tolist(), strict=True)),
        spike_count=parts.visible,
        density=density,
        above=above,
    )


def _last(spectrum: Spectrum, parts: Parts, none: float) -> float:
    """Beyond which half a hidden coefficient is observed; ``none`` if there are none."""
    hidden = spectrum.d - parts.visible
    return float(norm.isf(min(0.25 / hidden, 0.5))) if hidden > 0 else none


def _largest(spectrum: Spectrum, parts: Parts, log_tau: float) -> Array:
    """Visible coefficients, as many as are listed."""
    index = np.arange(1.0, int(min(parts.visible, LISTED)) + 1.0)
    found: Array = np.exp(np.minimum(spectrum.log_value(index) - log_tau, 700.0))
    return found


def _observed(spectrum: Spectrum, x: Array, y: Array, log_tau: float) -> Array:
    """``(1/d) sum_i phi(y -+ a_i)`` by the sign of ``x``; the teacher's do not matter, here they are positive."""
    if x.size == 0:
        return np.empty(0)
    a, weight, rest = coefficients(spectrum, float(y.max()), log_tau)
    terms = gaussian(y[:, None] - np.sign(x)[:, None] * a) @ weight + rest * gaussian(y)
    found: Array = terms / spectrum.d
    return found
