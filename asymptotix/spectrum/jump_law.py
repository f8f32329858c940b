"""The law of the learned coefficients of a deep diagonal network: none between zero and where the estimate jumps to."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm

from asymptotix.arrays import Array
from asymptotix.gaussian import density as gaussian
from asymptotix.networks.base import Response
from asymptotix.networks.deep_sequence import Jump, PowerPenaltySequence
from asymptotix.risk.jump_parts import jump_parts
from asymptotix.risk.scalar_parts import coefficients
from asymptotix.spectrum.network_law import LISTED, Law


def jump_law(potential: PowerPenaltySequence, response: Response, log_tau: float) -> Law:
    """The law at the response's place; all positions are estimates, in units of ``tau``.

    The bulk is two pieces, from ``u*`` to where half a hidden coefficient is expected beyond, on either side.
    """
    spectrum = potential.spectrum
    jump = Jump(potential.q, math.exp(max(response.path, _LEAST)))
    parts = jump_parts(potential, response, log_tau)
    hidden = spectrum.d - parts.visible
    last = float(norm.isf(min(0.25 / hidden, 0.5))) if hidden > 0 else 0.0
    top = float(jump.estimate(np.array([last]))[0])
    shown = int(min(parts.visible, LISTED))
    a = np.exp(np.minimum(spectrum.log_value(np.arange(1.0, shown + 1.0)) - log_tau, 700.0))
    learned = ndtr(a - jump.threshold) + ndtr(-a - jump.threshold)

    def above(x: float) -> float:
        size = max(x, jump.size)
        return _number(potential, jump.threshold if size == jump.size else _observed(jump, size), log_tau)

    return Law(
        zero_mass=max(1.0 - _number(potential, jump.threshold, log_tau) / spectrum.d, 0.0),
        edges=(-top, -jump.size, jump.size, top) if top > jump.size else (),
        detached=True,
        learned_noise=parts.learned,
        spikes=tuple(zip(jump.estimate(a).tolist(), learned.tolist(), strict=True)),
        spike_count=parts.visible,
        density=lambda x: _density(potential, jump, log_tau, x),
        above=above,
    )


# No threshold at all is one too small to matter: the map is the identity to rounding.
_LEAST = math.log(1e-12)


def _observed(jump: Jump, size: float) -> float:
    """The observation that an estimate comes from, ``u + bias(u)``."""
    return size + float(jump.bias(np.array([size]))[0])


def _number(potential: PowerPenaltySequence, y: float, log_tau: float) -> float:
    """Expected number of coefficients observed beyond ``y``."""
    a, weight, rest = coefficients(potential.spectrum, y, log_tau)
    few = 2.0 * rest * float(ndtr(-y))
    return (
        potential.spectrum.d - rest - float(weight.sum()) + float(weight @ (ndtr(a - y) + ndtr(-a - y))) + few
    )


def _density(potential: PowerPenaltySequence, jump: Jump, log_tau: float, x: Array) -> Array:
    """``(1/d) sum_i phi(y -+ a_i) dy/dx`` with ``y = |x| + bias(|x|)``; signs of the teacher are taken positive."""
    if x.size == 0:
        return np.empty(0)
    size = np.maximum(np.abs(x), jump.size)
    y = size + jump.bias(size)
    a, weight, rest = coefficients(potential.spectrum, float(y.max()), log_tau)
    terms = gaussian(y[:, None] - np.sign(x)[:, None] * a) @ weight + rest * gaussian(y)
    found: Array = terms / jump.slope(size) / potential.spectrum.d
    return found
