r"""The error of the optimal spectral denoiser, at any dimension and without cancellation.

In small dimensions band by band (`asymptotix.risk.spectral_bands`); in large ones bulk and outliers apart, good to
about 1e-3 where features at the bulk's end just become single ones, and to 1e-4 elsewhere.

In units of ``tau`` the denoiser is ``xi(x) = x - 2 Re g = 2 Re w - x`` with ``g = t G(w)``, and its error

    sum_i int (a_i - xi)^2 O_i dx = d (1 - (4 pi^2/3) int rho^3 dx)

is of the order of the number of features, not of ``d``. Over the bulk it is a positive integral, the variance of
``a`` under the weights ``t/|w - a_i|^2``. Beyond the bulk's end ``w_b``, with ``g = g_t + t h`` split into hidden
and visible features and ``d xi^2 rho = -(d/pi) Im (w^2 g + g^3/3) + (4 pi^2/3) d rho^3``, it is

    m + (1/pi) int_left Re D w dphi - leak - (4 pi^2/3) d int rho^3
    D = d [w t h' + (g^3 - g_t^3)/3 (1 + g') + (g_t^3/3) t h']

in which nothing of order ``d`` is left; the last term is ``t`` for a lone outlier's narrow semicircle.
"""

from __future__ import annotations

import math

import numpy as np

from asymptotix.arrays import Complex
from asymptotix.errors import NotConverged
from asymptotix.free_convolution.atoms import scaled
from asymptotix.free_convolution.bulk_quadrature import BulkNodes, both_ends
from asymptotix.free_convolution.hidden_features import HiddenSums, SplitView, sums_along
from asymptotix.free_convolution.support_curve import Cut, SupportCurve
from asymptotix.networks.spectral import OneSided
from asymptotix.risk.spectral_bands import banded_error, narrow_ones
from asymptotix.risk.spectral_parts import LeftArc, right_integral

# Where features form a band, the bulk is followed until the curve is this low, or single features tell.
_LOW = 1e-3
# The end is only pushed until it lies beyond the band; in steps of a tenth it lands close enough behind.
_FURTHER = 1.1
# Up to this dimension every band is followed.
_FEW = 400
# So far out of the noise features are outliers, and apart if this little crowded: a relative error of so many t.
_FAR, _CROWDED, _LONELY = 10.0, 1.0, 1e-12
# Squared distance over t from which features tell singly; sooner if they are more than so many: where the bulk ends
# matters by a part of one of them.
_SINGLE, _SOONER, _MANY = 3.0, 0.5, 2000
# A stretch narrower than this, relative to where it is, has no room for nodes 1e-10 of it apart.
_RESOLVED = 1e-6
# A view serves places whose features are this near its own, in units of their distance from the curve.
_SERVED = 0.1
# Relative accuracy asked of the bulk's mass.
_AGREE = 1e-7


def least_error(potential: OneSided, log_tau: float) -> float:
    """Error of the optimal denoiser over ``tau^2`` at one noise scale."""
    plane = potential.line(log_tau).plane
    curve = SupportCurve(plane)
    few, last = curve.d <= _FEW, curve.atom(curve.d)
    # if every feature is an outlier apart from all others; the last two are the closest
    alone = math.sqrt(curve.t / (_LONELY if few else _CROWDED))
    if last > _FAR and alone < curve.atom(curve.d - 1.0) - last:
        return curve.d - _narrow_ones(curve, curve.d)
    if few:
        features = scaled(plane.atoms.log_all - plane.log_tau)
        return banded_error(np.pad(features, (0, int(curve.d) - features.size)))
    cut = _end(curve)
    return _bulk_error(curve, cut) + _outlier_error(curve, cut)


def _end(curve: SupportCurve) -> Cut:
    """The bulk's end, pushed out through a band of features."""
    cut = curve.cut
    if cut.gap and cut.visible < curve.d:
        return cut
    # from the last feature on, where all are visible: there is no spacing below it
    u = max(cut.w.real, _FURTHER * curve.atom(curve.d)) if cut.visible >= curve.d else 1.0
    top = curve.atom(1.0)
    while u < 2.0 * top:
        single = _SOONER if curve.plane.count(u) > _MANY else _SINGLE
        if curve.height(u) < _LOW or curve.plane.spacing(u) ** 2 > single * curve.t:
            break
        u *= _FURTHER
    height = curve.height(u)
    return Cut(complex(u, height), curve.plane.count(u), height < 1e-9)


def _bulk_error(curve: SupportCurve, cut: Cut) -> float:
    left = curve.left_end()
    if left >= cut.w.real:
        return 0.0
    middle = 0.5 * (left + min(cut.w.real, left + 2.0))
    if middle - left < _RESOLVED * abs(left):
        raise NotConverged(f"a bulk that begins at {left:.3g} effective noises is too narrow for doubles")
    return _variance(curve, both_ends(curve, left, cut.w, _AGREE))


def _variance(curve: SupportCurve, nodes: BulkNodes) -> float:
    """``(d/pi) int v (t sum a^2 omega - (t sum a omega)^2) dx``."""
    on = (nodes.weight != 0.0) & (nodes.w.imag > 0)
    w, dx = nodes.w[on], nodes.weight[on]
    sums = sums_along(curve.plane, w, 0.0, _SERVED)
    first, second = (-curve.t * x.imag / w.imag for x in (sums.first, sums.second))
    total = float(dx @ (w.imag * np.maximum(second - first * first, 0.0)))
    return curve.d * total / math.pi


def _outlier_error(curve: SupportCurve, cut: Cut) -> float:
    if cut.visible == 0:
        return 0.0
    arc = LeftArc.of(curve, cut.w, cut.visible)
    t, d, w = curve.t, curve.d, arc.w
    gt, th, th_slope = t * arc.hidden.zeroth, t * arc.h, t * arc.h_slope
    g = gt + th
    cubes = th * (g * g + g * gt + gt * gt) / 3.0
    difference = d * (w * th_slope + cubes * arc.z_slope + gt**3 / 3.0 * th_slope)
    narrow = _narrow_ones(curve, cut.visible)
    return cut.visible + arc.integral(difference) - narrow - _leak(curve, arc.view, cut)


def _narrow_ones(curve: SupportCurve, visible: float) -> float:
    """``(4 pi^2/3) d int rho^3`` over all outliers."""
    return narrow_ones(curve.plane.atoms.spectrum, visible, curve.plane.log_tau, curve.t)


def _leak(curve: SupportCurve, view: SplitView, cut: Cut) -> float:
    """The hidden features' own share beyond an end that is no gap."""
    if cut.w.imag <= 0:
        return 0.0

    def share(w: Complex, sums: HiddenSums) -> Complex:
        return curve.d * (w + (curve.t * sums.zeroth) ** 3 / 3.0) * (1.0 + curve.t * sums.slope)

    return right_integral(view, cut.w, share)
