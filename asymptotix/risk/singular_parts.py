r"""The bilinear network's error by pairs of a feature and a learned direction, at any dimension.

The symmetrised matrix has the features ``+-a_i`` and the learned directions ``+-x``; half of its pairs are the error's.
With the blocks ``p, q`` of the resolvent (`information_noise`), ``r = (p + q)/2`` and ``f = z - c``,
pairs of features ``X``, of which the hidden ones go with the columns beyond the rows, have

    I_X = f^2 r sum_X 1/(s - a^2) + (r - 2 f) sum_X a^2/(s - a^2) [+ f^2 (d - m)/(2p)]     times -(2/pi) Im int dz,

* overfitting: hidden features, over the bulk beyond the threshold, where every term is positive;
* underfitting: ``r sum a^2/(s - a^2)`` of hidden features, up to the threshold;
* approximation: visible features, and hidden ones beyond the bulk.

In the last nothing of the order of ``d`` or of the visible features' squares is taken from another: what is even in
``z`` is led to the negative axis, with a residue at infinity; what is odd goes up the imaginary one; and of hidden
features beyond the bulk there is what visible ones add (`asymptotix.free_convolution.squares_paths`,
`derivations/15_bilinear`).
"""

from __future__ import annotations

import cmath
import math
from dataclasses import replace

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.added import Added
from asymptotix.free_convolution.bulk_quadrature import both_ends, bulk_nodes
from asymptotix.free_convolution.hidden_features import sums_along
from asymptotix.free_convolution.oblong import kernel
from asymptotix.free_convolution.squares_paths import Path, Paths
from asymptotix.free_convolution.squares_plane import RootsPlane, SquaresPlane
from asymptotix.free_convolution.support_curve import Cut, SupportCurve
from asymptotix.free_convolution.view import View
from asymptotix.networks.oblong_values import OblongValues
from asymptotix.networks.square_values import SingularValues
from asymptotix.networks.threshold_line import SpectralResponse
from asymptotix.risk.edge_parts import half_learned, moment_at_edge, narrow
from asymptotix.risk.parts import Parts
from asymptotix.risk.spectral_parts import energy_beyond, learned_cut

# A view serves places whose features are this near its own, in units of their distance from the curve.
SERVED = 0.1
# Relative accuracy asked of the mass of a bulk all of which is learned.
_AGREE = 1e-11


def singular_parts(potential: SingularValues, response: SpectralResponse, log_tau: float) -> Parts:
    """Split ``rho`` at the response's threshold."""
    c = response.c
    if response.dof == 0.0 and not response.bulk and response.spikes == 0:
        energy = energy_beyond(potential, 0.0, log_tau)
        return Parts(0.0, energy, 0.0, 0.0, 0.0, 0.0, energy)
    line = OblongValues(potential.spectrum, potential.d).line(log_tau)
    curve, plane = SupportCurve(line.plane), line.plane
    here = replace(response, point=potential.among_squares(response.point))
    cut, start = learned_cut(line, curve, here)
    paths = Paths(plane, start, cut.visible)
    hidden = paths.view.hidden_count > 0
    end = paths if cut.visible >= curve.d or start == cut.w else Paths(plane, cut.w, cut.visible)
    over, moment, learned = (0.0,) * 3 if not hidden or start == cut.w else _bulk(curve, cut, start, c)
    approximation = _visible(paths, c) + _unseen(end, c, cut.gap or not hidden)
    return Parts(
        over,
        _missed(paths) if hidden else 0.0,
        approximation,
        cut.visible,
        learned,
        moment,
        energy_beyond(potential, cut.visible, log_tau) if hidden else 0.0,
    )


def _missed(paths: Paths) -> float:
    """What hidden features lose below the threshold."""
    on, at, b = paths.left, paths.zero, paths.b
    whole = on.first * on.by_one.whole - 0.5 * b * (on.first - at.first) * on.log_slope.whole
    return float((-on.integral(whole) / math.pi - 0.5 * b * at.first[0].real) / paths.t)


def _visible(paths: Paths, c: float) -> float:
    """The visible features' own risk."""
    if paths.visible == 0:
        return 0.0
    on, at, b = paths.left, paths.zero, paths.b
    seen, f, square = on.f.extra, on.f.whole, c * c
    even = 0.5 * seen * ((on.s * (f - 1.0) + 0.5 * b) * on.square_slope.whole + square * on.by_one.whole)
    even = even - 0.25 * b * square * (seen - at.f.extra) * on.log_slope.whole
    odd = sum(
        x.integral((x.s * x.f.whole + 0.5 * b) * x.f.extra * x.square_slope.whole / (2.0 * x.z.whole))
        for x in paths.ray(c)
    )
    constant = paths.seen * (square + 1.0 - 0.5 * b) + 0.5 * b * square * at.f.extra[0].real
    return float((constant + 2.0 / math.pi * (on.integral(even) + 2.0 * c * odd)) / paths.t)


def _unseen(paths: Paths, c: float, gap: bool) -> float:
    """Hidden features, and columns beyond the rows, beyond the bulk."""
    if paths.visible == 0 and gap:
        return 0.0
    on, at, b, square = paths.left, paths.zero, paths.b, c * c
    alone = Added(on.f.base, 0.0)

    def regular(x: Path) -> Added:
        even = 0.5 * alone * x.rest + 0.25 * b * (1.0 + Added(0.0, x.f.extra)) - x.first
        return even * x.square_slope + 0.5 * (x.first + square * alone) * x.by_one

    shift = paths.moved + (square + at.s[0].real) * at.f.extra[0].real  # of W at the zero
    alone_at = -(at.s[0].real - paths.moved + b) - paths.hidden  # of hidden features' sum there
    w = Added(alone_at - on.first, square * on.f.extra - shift)
    total = -on.integral(regular(on).extra + 0.25 * b * (w * on.log_slope).extra)
    total += 0.25 * math.pi * b * shift - math.pi * paths.seen * (0.5 * paths.hidden + 0.25 * b)
    if paths.point.imag > 0.0 and b > 0.0:
        total += 0.25 * b * (square - alone_at) * argument(paths)
    for x in paths.ray(c):
        odd = x.s * x.f.base * x.f + b * x.f.base + 0.5 * b * Added(1.0, x.f.extra) + paths.hidden
        total -= 2.0 * c * x.integral((odd * (x.square_slope / (2.0 * x.z))).extra)
    if not gap:
        total += _leak(paths, c)
    return float(-2.0 / math.pi * total / paths.t)


def argument(paths: Paths) -> float:
    """Of ``z^2`` of the hidden features alone at a point where that of all is real."""
    at = paths.at(paths.point)
    base = at.square.base[0]
    return math.atan2(-float(at.square.extra[0].imag), float(base.real))


def _leak(paths: Paths, c: float) -> float:
    """Of the hidden features alone from a point of the curve to the positive axis."""
    on, b = paths.right, paths.b
    f = on.f.base
    one, z = 1.0 + f, on.z.base
    above, r = z - c, z / one - 0.5 * b / z
    pairs = above**2 * (r * f + 0.5 * b * one / z) + (r - 2.0 * above) * on.first
    return on.integral(pairs * on.square_slope.base / (2.0 * z))


def on_curve(plane: SquaresPlane, s: Complex, x: Array) -> tuple[Complex, Complex]:
    """``p`` and ``r`` at points of the curve, where ``z = x``; ``Im p = -Im h``."""
    p = x / (1.0 + plane.trace(s)[0])
    return p, p - 0.5 * plane.spare / x


def _bulk(curve: SupportCurve, cut: Cut, start: complex, c: float) -> tuple[float, float, float]:
    """The bulk's learned directions; every term is non-negative."""
    plane = curve.plane
    assert isinstance(plane, SquaresPlane)
    if narrow(curve, start, cut.visible):
        return _edge(plane, curve, start, cut.visible, c)
    roots, ends = SupportCurve(RootsPlane(plane)), (cmath.sqrt(start), cmath.sqrt(cut.w))
    left = math.sqrt(max(curve.left_end(), 0.0))
    further = left + min(0.5 * (ends[1].real - left), 1.0)
    if left == 0.0 or (start.imag > 0.0 and ends[0].real > further):
        nodes = bulk_nodes(roots, ends[0], replace(cut, w=ends[1]), c)
    else:  # near where the curve begins, which is a square root
        nodes = both_ends(roots, left, ends[1], _AGREE, max(ends[0].real, left))
    on = (nodes.weight != 0.0) & (nodes.w.imag > 0.0)
    s, dx = nodes.w[on] ** 2, nodes.weight[on]
    # x^2 - c^2 from what both differ from 1 by, which is little of few rows
    squares = plane.beyond(s) - (plane.beyond(start) if start.imag > 0.0 else (c - 1.0) * (c + 1.0))
    above = np.maximum(squares / (np.sqrt(np.maximum(c * c + squares, 0.0)) + c), 0.0)
    p, r = on_curve(plane, s, above + c)
    sums, d = sums_along(plane, s, cut.visible, SERVED), plane.atoms.columns
    pairs = above**2 * (r * sums.zeroth + 0.5 * (d - plane.atoms.d) / p) + (r - 2.0 * above) * sums.first
    moment, learned = (2.0 * d / math.pi * float((above**k * p.imag) @ dx) for k in (2, 0))
    return 2.0 / math.pi * float(np.maximum(-pairs.imag, 0.0) @ dx), moment, learned


def _edge(
    plane: SquaresPlane, curve: SupportCurve, start: complex, visible: float, c: float
) -> tuple[float, float, float]:
    """A narrow edge (`asymptotix.risk.edge_parts`), ``x - c = k (phi^2 - theta^2)`` at ``s = r e^{i theta}``."""
    r, phi, d = abs(start), cmath.phase(start), plane.atoms.columns
    f, slope = plane.trace(start)
    view, at = View(plane.atoms, plane.log_tau, r), np.array([start])
    second = plane.share * complex(view.kernel(at, phi)[0][0])
    shape = r * r * kernel(start, f, slope, (second, 0j), start, f, plane.spare)[0].real / (2.0 * c)
    mean = (c / (1.0 + f) - 0.5 * plane.spare / c).real
    whole = 2.0 * shape * d * r / (math.pi * mean)
    moment = moment_at_edge(whole, shape, phi)
    half = 4.0 * shape * mean / math.pi * half_learned(curve, r, phi, visible)
    return moment + half, moment, whole * phi**3 / 3.0
