r"""The spectral networks' error by pairs of a feature and a learned direction.

In units of ``tau`` (`asymptotix.free_convolution.arc`), with ``P = z - c``, hidden sums ``T = sum_{i>m} 1/(w - a_i)``,
``F = sum a_i/(w - a_i)``, ``F_2 = sum a_i^2/(w - a_i)``, visible ``h = sum_{i<=m} 1/(w - a_i)``, and ``w_c``, ``w_b``
the points of threshold and bulk end:

* underfitting, an arc from the negative axis: ``-(1/pi) Im int^{w_c} F_2 z' dw``;
* overfitting, a positive integral over the bulk: ``int_c^b (Im w/pi) sum_{i>m} |x - c - a_i|^2/|w - a_i|^2 dx``;
* approximation, the visible features' own risk and the noise in their outliers,

      m (1 + c^2) - (1/pi) int_left Re P (P - 2w) h z' w dphi                                (from w_c)
      m n_t/d + V - (1/pi) int_left Re [(P^2 T - 2 P F) t h' + t h ((P + P_t) T - 2 F) z_t'] w dphi
                + sum_{i>m} a_i^2 - underfitting at w_b                                       (from w_b)

  with ``V`` the leak of the hidden features alone beyond ``w_b``, zero where the bulk ends in a gap.

Three independent evaluations: that they sum to the response's ``rho`` certifies them. Above the bulk ``w_b = w_c``,
and there is no overfitting; where all features are learned, none is hidden.
"""

from __future__ import annotations

import cmath
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.errors import NotConverged
from asymptotix.free_convolution.arc import graded
from asymptotix.free_convolution.bulk_quadrature import BulkNodes, bulk_nodes, stretch_nodes, up_to_one
from asymptotix.free_convolution.hidden_features import HiddenSums, SplitView
from asymptotix.free_convolution.support_curve import Cut, SupportCurve
from asymptotix.networks.spectral import OneSided, Thresholded
from asymptotix.networks.threshold_line import Line, SpectralResponse
from asymptotix.networks.two_sided import TwoSidedLine
from asymptotix.risk.edge_parts import edge_sums, lower_sums, narrow
from asymptotix.risk.parts import Parts
from asymptotix.rootfinding import bracket, increasing_root

# A threshold this little beyond the end of the bulk is at its edge.
_TOUCHING = 1e-12
# Atoms are not resolved more finely than this.
_CLOSEST = 1e-14
_AT_ONE = (
    "nearly all features are visible: the bulk is taken to end where they become so, not by their number"
)
# How far below 1 a bulk's end is looked for first.
_SHALLOW = 1e-2
# Two thresholds are close up to this distance, relative to their own.
_CLOSE = 0.5
# Wider angles of a mirrored threshold are not followed in the angle.
_WIDE = 0.3
# Relative accuracy asked of the noise's mass there.
_AGREE = 1e-11
# As on the right arc of `free_convolution.arc`.
_RIGHT = np.polynomial.legendre.leggauss(28)


def spectral_parts(
    potential: OneSided, response: SpectralResponse, log_tau: float, c: float | None = None
) -> Parts:
    """Split the risk of what is learned beyond the response's place and lowered by ``c``, where that is less."""
    c = response.c if c is None else c
    line = potential.line(log_tau)
    curve = SupportCurve(line.plane)
    gap = response.c - c
    if response.dof == 0.0 and not response.bulk and response.spikes == 0:
        energy = energy_beyond(potential, 0.0, log_tau)
        return Parts(0.0, energy, 0.0, 0.0, 0.0, 0.0, energy)
    cut, start = learned_cut(line, curve, response)
    below = mirrored_point(line, response)
    if cut.visible >= curve.d:
        return Parts(0.0, 0.0, _visible_risk(curve, cut, start, c, below), curve.d, 0.0, 0.0, 0.0)
    hidden = energy_beyond(potential, cut.visible, log_tau)
    lower = _below(curve, cut.visible, below, gap)
    missed = _missed(curve, cut, start, below)
    above = start == cut.w
    upper = np.zeros(3) if above else _learned_bulk(curve, cut, start, response.c, gap)
    approximation = _visible_risk(curve, cut, start, c, below) + _contamination(curve, cut, c, hidden)
    overfitting, moment, learned = map(float, upper + lower)
    return Parts(overfitting, missed, approximation, cut.visible, learned, moment, hidden)


def learned_cut(line: Line, curve: SupportCurve, response: SpectralResponse) -> tuple[Cut, complex]:
    """Beyond which point directions are outliers, and where the threshold is: the same above the bulk."""
    cut, c = curve.cut, response.c
    if response.bulk:
        above = response.point.real > cut.w.real * (1.0 + _TOUCHING)
    else:
        above = response.spikes <= cut.visible and response.spikes < curve.d
    if not above:
        return cut if cut.gap else ranked(curve, cut.visible), complex(response.point)
    start = complex(response.point if response.bulk else line.plane.place(c).w)
    return Cut(start, line.plane.count(start.real), not response.bulk), start


def ranked(curve: SupportCurve, visible: float) -> Cut:
    """Where the bulk ends without a gap: beyond are as many eigenvalues as there are visible features.

    At ``Re w = 1`` there are mostly more, of the noise, in the band that hidden features form with visible ones; or
    fewer, where visible features reach into the bulk. Then it ends below 1, unless so near to 0 that arcs around all
    hidden features, which the parts are made of, do not pass there: then it is put at 1, with a warning.

    Raises:
        NotConverged: there is no such place.
    """

    def too_few(u: float) -> float:
        return -surplus(curve, complex(u, curve.height(u)), visible)

    tolerance, one = 1e-9 * visible, curve.plane.detectable
    nearest = _CLOSEST * one
    closest = math.log(nearest)
    if too_few(one + nearest) < 0.0:
        start, most = math.log(max(curve.height(one), nearest)), math.log(2.0 * curve.atom(1.0))
        u = one + _rising(lambda x: too_few(one + math.exp(x)), start, (closest, most), tolerance)
    else:
        u = _around_hidden(curve, visible)
        if too_few(u) < 0.0:
            limits = closest, math.log(one - u)
            u = one - _rising(
                lambda x: -too_few(one - math.exp(x)), math.log(_SHALLOW * one), limits, tolerance
            )
        else:
            u = one
            warnings.warn(_AT_ONE, RuntimeWarning, stacklevel=2)
    height = curve.height(u)
    return Cut(complex(u, height), visible, height == 0.0)


def _around_hidden(curve: SupportCurve, visible: float) -> float:
    """The least ``Re w`` below 1 at which the circle through the curve holds all hidden features."""
    first = curve.atom(visible + 1.0)
    low, high = 0.0, curve.plane.detectable
    finest = _SHALLOW * _SHALLOW * high
    while high - low > finest:
        u = 0.5 * (low + high)
        low, high = (low, u) if abs(complex(u, curve.height(u))) > first else (u, high)
    return high


def _rising(
    f: Callable[[float], float], start: float, limits: tuple[float, float], tolerance: float
) -> float:
    """``exp`` of the root of an increasing function."""
    ends = bracket(f, start, 0.5, *limits)
    if ends is None:
        raise NotConverged(
            "no place on the spectrum has as many eigenvalues beyond as there are visible features"
        )
    return math.exp(increasing_root(f, ends, tolerance=tolerance))


def surplus(curve: SupportCurve, w: complex, visible: float) -> float:
    """By how much the eigenvalues beyond a point of the curve outnumber the visible features.

    They are ``(1/pi) Im (sum log(w - a_i) + t G^2 / 2)``, of which each visible feature would make 1.
    """
    arc = LeftArc.of(curve, w, visible)
    here = np.array([w])
    g = complex(arc.view.hidden(here).zeroth[0] + arc.view.seen(here)[0][0])
    # features beyond where the arc meets the axis have turned by pi already
    hidden = arc.view.hidden_beyond + right_integral(arc.view, w, lambda _, sums: sums.zeroth)
    return hidden - arc.integral(arc.h) + curve.plane.turned(w, g) / math.pi


def right_integral(view: SplitView, end: complex, f: Callable[[Complex, HiddenSums], Complex]) -> float:
    """``(1/pi) int Re(f w) dphi`` from the positive axis to a point, finest at the axis where hidden features are near.

    Of ``f(w, sums)``, by what the hidden features make of each place.
    """
    finest = min(max(view.hidden_gap / view.r, _CLOSEST), 1.0)
    phi, weight = graded(math.atan2(end.imag, end.real), finest)
    w = abs(end) * np.exp(1j * phi)
    return float(((f(w, view.hidden(w)) * w).real * weight).sum()) / math.pi


def mirrored_point(line: Line, response: SpectralResponse) -> complex | None:
    """The mirror image of the point where ``z = -c``, for two-sided networks whose noise reaches there."""
    if not isinstance(line, TwoSidedLine) or response.c >= line.top:
        return None
    plane = line.plane
    return line._below(plane.inside(response.point) if response.bulk else plane.place(response.c), response.c)


def energy_beyond(potential: Thresholded, visible: float, log_tau: float) -> float:
    """``sum_{i > visible} a_i^2`` in units of ``tau``."""
    spectrum = potential.spectrum
    return math.exp(min(spectrum.log_power_sum(visible, spectrum.rank, 2.0) - 2.0 * log_tau, 700.0))


def _learned_bulk(curve: SupportCurve, cut: Cut, start: complex, place: float, gap: float) -> Array:
    """Overfitting, second moment and number of the bulk's learned directions, on the teacher's side."""
    if narrow(curve, start, cut.visible):
        return np.array(edge_sums(curve, start, cut.visible, gap))
    return _over(curve, cut.visible, bulk_nodes(curve, start, cut, place), gap)


def _over(curve: SupportCurve, visible: float, nodes: BulkNodes, gap: float) -> Array:
    """Sums over learned directions of the bulk; every term is non-negative."""
    over = moment = learned = 0.0
    for w, x, dx in zip(nodes.w, nodes.beyond + gap, nodes.weight, strict=True):
        if dx == 0.0 or w.imag <= 0:
            continue
        sums = SplitView(curve.plane, complex(w), visible).hidden(np.array([w]))
        zeroth, first, second = (-float(s.imag[0]) / math.pi for s in (sums.zeroth, sums.first, sums.second))
        over += dx * max(x * x * zeroth - 2.0 * x * first + second, 0.0)
        density = curve.d * w.imag / math.pi
        moment += dx * x * x * density
        learned += dx * density
    return np.array([over, moment, learned])


def _below(curve: SupportCurve, visible: float, mirrored: complex | None, gap: float) -> Array:
    """The learned noise on the other side of a two-sided threshold."""
    if mirrored is None or mirrored.imag <= 0:
        return np.zeros(3)
    sums = lower_sums(curve, mirrored, gap)
    return _over(curve, visible, lower_nodes(curve, mirrored), -gap) if sums is None else np.array(sums)


def lower_nodes(curve: SupportCurve, mirrored: complex) -> BulkNodes:
    """Nodes for eigenvalues below ``-c``: ``beyond`` is ``x + c < 0``, on the curve left of ``-conj(mirrored)``.

    There are no features on this side. Near the end the curve is followed in the angle, which keeps digits there;
    from further on in ``Re w``, as the curve need not go around the origin where all features are learned.
    """
    if math.atan2(mirrored.imag, mirrored.real) > _WIDE:
        end = -mirrored.conjugate()
        left = curve.left_end()
        nodes = stretch_nodes(curve, complex(left), left - end.real, _AGREE)
        return BulkNodes(nodes.w, np.minimum(nodes.beyond - curve.x(end), 0.0), nodes.weight)
    node, weight = np.polynomial.legendre.leggauss(40)
    s = 0.5 * (1.0 + node)
    angle = math.atan2(mirrored.imag, mirrored.real)
    w = np.empty(s.size, dtype=complex)
    rate = np.empty(s.size)
    near: complex | None = mirrored
    for k, phi in enumerate(angle * s):
        near = curve.plane.on_ray(complex(-math.cos(phi), math.sin(phi)), near)
        if near is None:
            raise NotConverged(f"no support curve at an angle of {phi} from the negative axis")
        w[k] = near
        slope = 1.0 + curve.plane.shift(near)[1]
        # along the curve dw = (r'/r - i) w dphi' (angles from the negative axis), and z' dw is real:
        # dx/dphi = Re(z' w i) - (Im(z' w i)/Im(z' w)) Re(z' w) = -|z' w|^2 / Im(z' w)
        product = slope * near
        rate[k] = abs(product) ** 2 / abs(product.imag)
    return BulkNodes(w, -angle * up_to_one(s, rate), 0.5 * weight * rate * angle)


def _missed(curve: SupportCurve, cut: Cut, start: complex, mirrored: complex | None) -> float:
    """``sum_{i>m} a_i^2 P_i(f = 0)``."""
    whole = _missed_below(curve, cut.visible, start)
    if mirrored is None or mirrored.imag <= 0:
        return whole
    low = complex(-mirrored.real, mirrored.imag)
    if abs(cmath.log(start / low)) > _CLOSE:
        return whole - _missed_below(curve, cut.visible, low)
    # between two thresholds that are close: the short way, without taking one large number from another
    view = SplitView(curve.plane, start if abs(start) < abs(low) else low, cut.visible)
    node, weight = _RIGHT
    panels = np.linspace(0.0, 1.0, 9)
    x = (panels[:-1, None] + 0.125 * 0.5 * (1.0 + node)).ravel()
    dx = np.tile(0.125 * 0.5 * weight, 8)
    # along a circle about the origin, radius and angle interpolated
    log_low, log_start = np.log(low), np.log(start)
    w = np.exp(log_low + (log_start - log_low) * x)
    sums, (_, h_slope) = view.hidden(w), view.seen(w)
    z_slope = 1.0 + view.t * (sums.slope + h_slope)
    return -float((sums.second * z_slope * w * (log_start - log_low) * dx).imag.sum()) / math.pi


def _missed_below(curve: SupportCurve, visible: float, w_end: complex) -> float:
    """``sum_{i>m} a_i^2`` times the weight of direction ``i`` below the point ``w_end``."""
    arc = LeftArc.of(curve, w_end, visible)
    return arc.integral(arc.hidden.second * arc.z_slope)


def _visible_risk(curve: SupportCurve, cut: Cut, start: complex, c: float, mirrored: complex | None) -> float:
    """``sum_{i<=m} int (f - a_i)^2 O_i dx``."""
    if cut.visible == 0:
        return 0.0
    risk = cut.visible * (1.0 + c * c)
    ends = (
        [(start, -1.0)] if start.imag > 0 or start.real > curve.left_end() else []
    )  # else none cuts the spectrum
    if mirrored is not None and mirrored.imag > 0:
        ends.append((complex(-mirrored.real, mirrored.imag), 1.0))
    for end, sign in ends:
        arc = LeftArc.of(curve, end, cut.visible)
        p = arc.w + arc.view.t * (arc.hidden.zeroth + arc.h) + sign * c
        risk += sign * arc.integral(p * (p - 2.0 * arc.w) * arc.h * arc.z_slope)
    return risk


def _contamination(curve: SupportCurve, cut: Cut, c: float, energy: float) -> float:
    """``sum_{i>m} int (f - a_i)^2 O_i dx`` over the outliers, which lie beyond the cut."""
    if cut.visible == 0 and cut.gap:
        return 0.0
    arc = LeftArc.of(curve, cut.w, cut.visible)
    t, sums, h = arc.view.t, arc.hidden, arc.h
    pt = arc.w + t * sums.zeroth - c
    p = pt + t * h
    zt_slope = 1.0 + t * sums.slope
    integrand = (p * p * sums.zeroth - 2.0 * p * sums.first) * t * arc.h_slope
    integrand = integrand + t * h * ((p + pt) * sums.zeroth - 2.0 * sums.first) * zt_slope
    fitted = cut.visible * arc.view.hidden_count * t - arc.integral(integrand)
    return fitted + _leak(arc.view, cut, c) + energy - arc.integral(sums.second * arc.z_slope)


def _leak(view: SplitView, cut: Cut, c: float) -> float:
    """The hidden features' own leak beyond a cut that is no gap."""
    if cut.gap:
        return 0.0

    def share(w: Complex, sums: HiddenSums) -> Complex:
        p = w + view.t * sums.zeroth - c
        return (p * p * sums.zeroth - 2.0 * p * sums.first) * (1.0 + view.t * sums.slope)

    return right_integral(view, cut.w, share)


@dataclass(frozen=True)
class LeftArc:
    """The arc from the negative axis to a point, with the sums along it."""

    view: SplitView
    w: Complex
    weight: Array
    hidden: HiddenSums
    h: Complex
    h_slope: Complex
    z_slope: Complex

    @classmethod
    def of(cls, curve: SupportCurve, w_end: complex, visible: float) -> LeftArc:
        view = SplitView(curve.plane, w_end, visible)
        angle = math.atan2(w_end.imag, w_end.real)
        clearance = max(view.clearance(w_end) / view.r, _CLOSEST)
        beyond, weight = graded(math.pi - angle, min(clearance, 1.0))
        w = view.r * np.exp(1j * (angle + beyond))
        hidden = view.hidden(w)
        h, h_slope = view.seen(w)
        return cls(view, w, weight, hidden, h, h_slope, 1.0 + view.t * (hidden.slope + h_slope))

    def integral(self, integrand: Complex) -> float:
        """``(1/pi) int Re(integrand w) dphi``, which is ``-(1/pi) Im int integrand dw`` up to the point."""
        return float(((integrand * self.w).real * self.weight).sum()) / math.pi
