r"""The error's parts for a network of ``p`` hidden units (`asymptotix.risk.decomposition`).

Width cuts the spectrum at its quantile ``q``. Where features are cut off, nothing of the bulk is learned, and what is
missed of the features ``i > m`` that are not held is, with ``w_q`` the point of ``q``,

    -(1/pi) Im int^{w_q} sum_{i>m} a_i^2/(w - a_i) z' dw.

The features that stay below threshold or noise make up the underfitting; those that do not, ``m < i <= m_c``, could be
learned with more units, and are what width cannot hold.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from asymptotix.arrays import Complex
from asymptotix.free_convolution.hidden_features import SplitView
from asymptotix.free_convolution.support_curve import SupportCurve
from asymptotix.free_convolution.view import View
from asymptotix.networks.narrow import Narrow
from asymptotix.networks.threshold_line import Line, SpectralResponse
from asymptotix.risk.parts import Parts
from asymptotix.risk.spectral_parts import LeftArc, energy_beyond, learned_cut, spectral_parts


def narrow_parts(potential: Narrow, response: SpectralResponse, log_tau: float) -> Parts:
    """Split ``rho`` at the response's place."""
    cut = potential.cut(log_tau)
    if cut is None or response.constraint == "threshold":
        return spectral_parts(potential.wide, response, log_tau)
    parts = spectral_parts(potential.wide, cut, log_tau, response.c)
    line = potential.line(log_tau)
    curve = SupportCurve(line.plane)
    place, start = learned_cut(line, curve, cut)
    visible = _visible(line, curve, response.c)
    if start != place.w or visible <= place.visible:  # the cut is in the bulk, or all features are held
        return parts
    arc = LeftArc.of(curve, start, place.visible)
    below = min(arc.integral(_second(curve, arc, start, visible) * arc.z_slope), parts.underfitting)
    return replace(
        parts,
        underfitting=below,
        hidden_energy=energy_beyond(potential.wide, visible, log_tau),
        width_limited=parts.underfitting - below,
    )


def _visible(line: Line, curve: SupportCurve, c: float) -> float:
    """Number of features that leave the bulk and exceed the threshold, whatever the width."""
    bulk = curve.cut
    end = curve.x(bulk.w) if bulk.visible < curve.d else line.bottom - 2.0
    return bulk.visible if c <= end else line.plane.count(line.plane.place(c).w.real)


def _second(curve: SupportCurve, arc: LeftArc, start: complex, first: float) -> Complex:
    """``sum_{i > first} a_i^2/(w - a_i)`` along the arc."""
    if first < arc.view.last:
        return SplitView(curve.plane, start, first).hidden(arc.w).second
    atoms, log_tau, none = curve.plane.atoms, curve.plane.log_tau, np.empty(0)
    return View(atoms, log_tau, arc.view.r, first, seen=(first, first, none, none)).tail_squares(arc.w)
