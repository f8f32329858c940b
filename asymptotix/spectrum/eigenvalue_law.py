"""The law of the learned eigenvalues: free convolution with a semicircle, cut at a threshold, or by width.

A network of ``p`` hidden units has the ``p`` largest of the noisy ones, lowered alike. Width cuts the law of
``S + delta Z`` at its quantile ``q``, the threshold lowers it by ``c <= q``: what is learned is the law beyond ``q``,
moved up by ``gap = q - c`` against a threshold at ``q``. No weight lies between 0 and ``gap``.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from asymptotix.arrays import Array
from asymptotix.free_convolution.arc import respond
from asymptotix.free_convolution.support_curve import Cut, SupportCurve
from asymptotix.free_convolution.view import View
from asymptotix.networks.narrow import Narrow
from asymptotix.networks.spectral import OneSided
from asymptotix.networks.threshold_line import Line, SpectralResponse
from asymptotix.networks.two_sided import TwoSidedLine
from asymptotix.risk.spectral_parts import learned_cut, mirrored_point
from asymptotix.spectrum.spectrum_types import LISTED, Law

# Edges this near the threshold, relatively, are known by the angle there.
_HAIR = 1e-8


def spectral_law(potential: OneSided, response: SpectralResponse, log_tau: float) -> Law:
    """The law at the response's place; ``c`` and all positions in units of ``tau``."""
    line = potential.line(log_tau)
    curve = SupportCurve(line.plane)
    c, d = response.c, line.atoms.d
    cut, start = learned_cut(line, curve, response)
    below = mirrored_point(line, response)
    upper = curve.x(cut.w) - c if start != cut.w and cut.visible < d else 0.0
    lower = -curve.x(complex(curve.left_end())) - c if below is not None else 0.0
    if abs(upper) < _HAIR * c and response.bulk:
        upper = 0.5 * c * line.bend(response.point)[1][0]  # the threshold falls with the square of the angle
    if abs(lower) < _HAIR * c and below is not None:
        lower = (below.imag / abs(below)) ** 2
    edges = () if upper <= 0 and lower <= 0 else (0.0 - max(lower, 0.0), max(upper, 0.0))
    return Law(
        zero_mass=min(max(1.0 - response.count / d, 0.0), 1.0),
        edges=edges,
        detached=cut.gap,
        learned_noise=max(response.count - cut.visible, 0.0),
        spikes=_spikes(curve, cut, c),
        spike_count=cut.visible,
        density=lambda x: np.array([_density(line, c, float(v)) for v in x]),
        above=lambda x: _above(line, x + c),
    )


def _density(line: Line, c: float, x: float) -> float:
    """``Im w / pi`` where ``z = x +- c``."""
    if x >= 0:
        place = line.plane.place(x + c)
        return place.w.imag / math.pi if place.angle > 0 else 0.0
    if not isinstance(line, TwoSidedLine):
        return 0.0
    point = line._below(line.plane.place(c - x), c - x)
    return point.imag / math.pi if point is not None else 0.0


def _above(line: Line, x: float) -> float:
    """Number of eigenvalues above ``x >= 0``."""
    if x >= line.top:
        return 0.0
    place = line.plane.place(x)
    if place.angle == 0:
        return place.above
    return respond(place.view, place.angle, x, place.clearance).count


def _spikes(curve: SupportCurve, cut: Cut, c: float) -> tuple[tuple[float, float], ...]:
    """Position above the threshold and squared overlap of the largest outliers."""
    found = []
    for index in range(1, int(min(cut.visible, LISTED)) + 1):
        shift, loss = _others(curve, float(index))
        a = curve.atom(float(index))
        found.append((max(a + shift - c, 0.0), min(max(1.0 - loss, 0.0), 1.0)))
    return tuple(found)


def _others(curve: SupportCurve, index: float) -> tuple[float, float]:
    """``t sum_{j != i} 1/(a_i - a_j)`` and ``t sum_{j != i} 1/(a_i - a_j)^2``; equal features count as one."""
    a = curve.atom(index)
    view = View(curve.plane.atoms, curve.plane.log_tau, a, index, 0.0)
    apart = np.abs(view.near - a) > 1e-12 * a
    at = np.array([complex(a)])
    (value, slope), tail = view.beside(at, view.near[apart], view.weight[apart]), view.tail(at)
    return curve.t * float((tail.value + value)[0].real), -curve.t * float((tail.slope + slope)[0].real)


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
