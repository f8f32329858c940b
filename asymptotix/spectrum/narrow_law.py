"""The law of the eigenvalues of a network of ``p`` hidden units: the ``p`` largest of the noisy ones, lowered alike.

Width cuts the law of ``S + delta Z`` at its quantile ``q``, the threshold lowers it by ``c <= q``: what is learned is
the law beyond ``q``, moved up by ``gap = q - c`` against a threshold at ``q``. No weight lies between 0 and ``gap``.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from asymptotix.arrays import Array
from asymptotix.networks.narrow import Narrow
from asymptotix.networks.threshold_line import SpectralResponse
from asymptotix.spectrum.eigenvalue_law import spectral_law
from asymptotix.spectrum.network_law import Law


def narrow_law(potential: Narrow, response: SpectralResponse, log_tau: float) -> Law:
    """The law at the response's place; ``c`` and all positions in units of ``tau``."""
    cut = potential.cut(log_tau)
    if cut is None or response.constraint == "threshold":
        return spectral_law(potential.wide, response, log_tau)
    gap, wide = cut.c - response.c, spectral_law(potential.wide, cut, log_tau)

    def density(x: Array) -> Array:
        beyond = np.abs(x) - gap
        return np.where(beyond >= 0.0, wide.density(np.copysign(np.maximum(beyond, 0.0), x)), 0.0)

    return replace(
        wide,
        zero_mass=1.0 - potential.width / potential.spectrum.d,
        edges=_apart(wide.edges, gap),
        spikes=tuple((position + gap, overlap) for position, overlap in wide.spikes),
        density=density,
        above=lambda x: wide.above(max(x - gap, 0.0)),
    )


def _apart(edges: tuple[float, ...], gap: float) -> tuple[float, ...]:
    """The ends of a bulk around zero, its two sides moved apart."""
    if not edges:
        return ()
    low, high = edges[0], edges[-1]
    negative = (low - gap, -gap) if low < 0.0 else ()
    return negative + ((gap, high + gap) if high > 0.0 else ())
