"""The error of a deep diagonal network by coordinates: as for two layers, with the proximal map of ``|theta|^q``.

A coordinate is visible if ``a > max(y*, 1)`` (in units of ``tau``): it exceeds both the threshold, where the estimate
jumps, and the noise.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr

from asymptotix.arrays import Array
from asymptotix.networks.base import Response
from asymptotix.networks.deep_sequence import Jump, PowerPenaltySequence, each, estimates, even_sum
from asymptotix.risk.parts import Parts


def jump_parts(potential: PowerPenaltySequence, response: Response, log_tau: float) -> Parts:
    """Split ``rho`` at the response's threshold."""
    spectrum = potential.spectrum
    if response.path == -math.inf:  # nothing is shrunk: the noise of every coordinate is learned
        visible = spectrum.count_above(log_tau)
        hidden = spectrum.d - visible
        energy = math.exp(spectrum.log_power_sum(visible, spectrum.rank, 2.0) - 2.0 * log_tau)
        return Parts(hidden, 0.0, visible, visible, hidden, hidden + energy, energy)
    jump = Jump(potential.q, math.exp(response.path))
    floor = max(jump.threshold, 1.0)
    a, weight, first, last = potential.nodes(jump, log_tau)
    seen = a > floor
    risk = float(weight[seen] @ each(jump, a[seen])[0])
    a, weight = a[~seen], weight[~seen]
    few, moments = potential.small(jump, log_tau, first, last)
    missed = float(weight @ (a * a * _missed(jump, a)))
    missed += even_sum(few, _missed(jump, few), moments[1:]) if few.size else moments[1]
    fitted, moment, learned = (
        float(weight @ f) + (even_sum(few, g, moments) if few.size else 0.0)
        for f, g in zip(_learned(jump, a), _learned(jump, few), strict=True)
    )
    visible = spectrum.count_above(math.log(floor) + log_tau)
    return Parts(fitted, missed, risk, visible, learned, moment, float(weight @ (a * a)) + moments[1])


def _missed(jump: Jump, a: Array) -> Array:
    """``P(|a + z| <= y*)``."""
    missed: Array = ndtr(jump.threshold - a) - ndtr(-jump.threshold - a)
    return missed


def _learned(jump: Jump, a: Array) -> tuple[Array, Array, Array]:
    """``E (u - a)^2`` and ``E u^2`` where learned, and the probability of it."""
    fitted, moment, learned = np.zeros_like(a), np.zeros_like(a), np.zeros_like(a)
    if not a.size:
        return fitted, moment, learned
    for signed in (a, -a):
        u, weight = estimates(jump, signed)
        z = u + jump.bias(u) - signed[:, None]
        mass = weight * np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi) / jump.slope(u)
        fitted += (mass * (u - signed[:, None]) ** 2).sum(axis=1)
        moment += (mass * u**2).sum(axis=1)
        learned += ndtr(signed - jump.threshold)
    return fitted, moment, learned
