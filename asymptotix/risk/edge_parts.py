r"""Overfitting where the threshold cuts off so little of the bulk that double precision cannot resolve it.

The support curve meets the real axis at ``r``; the threshold's point is ``r e^{i phi}``. To leading order in ``phi``,

    w = r e^{i theta},      x - c = k (phi^2 - theta^2),      dx = -2 k theta dtheta,        0 <= theta <= phi,

with ``k = r^2 K(w_c)`` (`asymptotix.free_convolution.arc`), and a density ``d r theta/pi``, so that

    learned noise   d (2 k r/pi) phi^3/3              its second moment   d (2 k^3 r/pi) (8/105) phi^7

(and the first, for what is learned by ``gap`` more than beyond the threshold: ``d (2 k^2 r/pi) (2/15) phi^5``).

A hidden feature at ``a = r (1 - s)`` shares in it with weight ``(2 k/pi r) (phi - s arctan(phi/s))``: features within
``phi`` of the edge are half learned. Their distances are ``s_j = (j - f) h``, ``j = 1, 2, ...``, with ``h = gamma/i*``
and ``f`` the fraction of a feature between the last visible one and ``r``; their sum is taken one by one, and by
Euler-Maclaurin where they are many. All this up to a relative ``phi``.
"""

from __future__ import annotations

import math

import numpy as np

from asymptotix.free_convolution.atoms import MANY
from asymptotix.free_convolution.support_curve import SupportCurve
from asymptotix.free_convolution.view import View

# Below this angle the expansion is better than sums over features that are resolved up to `FINEST`.
_NARROW = 1e-6
# So many features are added one by one; the sum over the others starts so smoothly.
_SUMMED = 2000


def narrow(curve: SupportCurve, start: complex, visible: float) -> bool:
    """Whether the learned part of the bulk is too narrow, among too many features, to be resolved."""
    return MANY < visible < curve.d and 0.0 < start.imag < _NARROW * start.real


def edge_sums(
    curve: SupportCurve, start: complex, visible: float, gap: float = 0.0
) -> tuple[float, float, float]:
    """Overfitting, second moment and number of the learned directions below a narrow edge, in units of ``tau``."""
    r, phi = abs(start), math.atan2(start.imag, start.real)
    shape = r * r * _kernel(curve, start, phi)
    whole = 2.0 * shape * r / math.pi * curve.d
    moment = moment_at_edge(whole, shape, phi, gap)
    # a = r for all that are half learned, of which gap is
    half = 2.0 * shape * r / math.pi * half_learned(curve, r, phi, visible) * (1.0 - gap / r) ** 2
    return moment + half, moment, whole * phi**3 / 3.0


def moment_at_edge(whole: float, shape: float, phi: float, gap: float = 0.0) -> float:
    """``sum (x - c + gap)^2`` over the learned noise."""
    first, second = 2.0 / 15.0 * shape * phi**5, 8.0 / 105.0 * shape**2 * phi**7
    return whole * (second + 2.0 * gap * first + gap**2 * phi**3 / 3.0)


def lower_sums(curve: SupportCurve, mirrored: complex, gap: float = 0.0) -> tuple[float, float, float] | None:
    """The same on the other side of a two-sided threshold, where there are no features; None if it is not narrow."""
    r, phi = abs(mirrored), math.atan2(mirrored.imag, mirrored.real)
    if not 0.0 < phi < _NARROW:
        return None
    view, point = View(curve.plane.atoms, curve.plane.log_tau, r), np.array([-mirrored.conjugate()])
    kernel = view.kernel(point, phi, mirror=True)[0] + view.head_kernel(point, phi, mirror=True)[0]
    shape = -r * r * float(kernel[0].real)
    whole = 2.0 * shape * r / math.pi * curve.d
    moment = moment_at_edge(whole, shape, phi, gap)
    return moment, moment, whole * phi**3 / 3.0


def _kernel(curve: SupportCurve, start: complex, phi: float) -> float:
    """``K(w_c)`` without the features at the edge, which are a fraction ``phi`` of it and less."""
    plane = curve.plane
    view = View(plane.atoms, plane.log_tau, abs(start))
    return float(view.kernel(np.array([start]), phi)[0][0].real)


def half_learned(curve: SupportCurve, r: float, phi: float, visible: float) -> float:
    """``sum_j (phi - s_j arctan(phi/s_j))``."""
    last, following = curve.atom(visible), curve.atom(visible + 1.0)
    spectrum, width = curve.plane.atoms.spectrum, max(1.0, 1e-6 * visible)
    logs = spectrum.log_value(np.array([visible - width, visible + width]))
    step = float(logs[0] - logs[1]) / (2.0 * width)
    apart = last - following
    fraction = min(max((last - r) / apart, 0.0), 1.0) if apart > 0 else 0.5
    s = (np.arange(1.0, _SUMMED + 1.0) - fraction) * step
    s = np.maximum(s, 1e-300)
    total = float((phi - s * np.arctan(phi / s)).sum())
    # midpoint rule for the rest: int_x^inf (phi - s arctan(phi/s)) ds
    x = (_SUMMED + 0.5 - fraction) * step
    angle = math.atan(phi / x)
    rest = 0.5 * (x * x * angle + phi * phi * angle - phi * x)
    if phi < 1e-3 * x:  # the same without cancellation
        rest = phi**3 / (3.0 * x)
    return total + rest / step
