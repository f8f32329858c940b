r"""The error of the best denoiser of singular values, for matrices of any shape and dimension.

In units of ``tau`` the denoiser is ``xi(x) = x - 2 Re h - b/x`` (`information_noise`; for square matrices [BBPo] of the
symmetrised one; Troiani et al., arXiv 2203.07752), and ``xi`` times the density is what the
features share with the direction. Its error over ``tau^2`` is

    mmse = (b/2) sum a^2/(a^2 + |s_0|) + (2/pi) int Im[-r K] - d Im(-h) xi^2 dx,     K = sum a^2/(s - a^2)

with the first term for the columns beyond the rows, which show nothing of the features (``z(s_0) = 0``). Over the
bulk this is a positive integral. Beyond it, with ``v = Im(-h)``,

    v xi^2 = -Im[(x - b/x)^2 h - 2 (x - b/x) h^2 + (4/3) h^3] + (4/3) v^3,

and the last term makes ``1/(2 d)`` a lone outlier. All the rest is even in ``z``: it is led to the negative axis, for
what visible features add to hidden ones (`asymptotix.free_convolution.squares_paths`), so that nothing of the order of
``d`` is left. Good to 1e-3 from ``d = 400`` on where features at the bulk's end just become single ones, and better
elsewhere.
"""

from __future__ import annotations

import cmath
import math
from contextlib import suppress

import numpy as np

from asymptotix.errors import NotConverged
from asymptotix.free_convolution.added import Added
from asymptotix.free_convolution.bulk_quadrature import both_ends
from asymptotix.free_convolution.hidden_features import sums_along
from asymptotix.free_convolution.squares_paths import Path, Paths
from asymptotix.free_convolution.squares_plane import RootsPlane, SquaresPlane
from asymptotix.free_convolution.support_curve import Cut, SupportCurve
from asymptotix.networks.oblong_values import OblongValues
from asymptotix.networks.square_values import SingularValues
from asymptotix.risk.singular_parts import SERVED, argument, on_curve
from asymptotix.risk.spectral_bands import banded_error, narrow_ones
from asymptotix.risk.spectral_parts import surplus

# Square matrices of up to so many columns are followed band by band, up to rounding.
_BANDS = 400
# The bulk's end is pushed out, by this factor at a time, until the density is this low or a gap begins.
_LOW, _FURTHER = 1e-3, 1.1
# ... or features are so far apart, squared and times d, that each tells singly; sooner if they are more than so many.
_SINGLE, _SOONER, _MANY = 2.0, 0.25, 300
# Relative accuracy asked of the bulk's mass.
_AGREE = 1e-7
# The mass of the whole spectrum must come out this well.
_MASS = 1e-4


def least_error(potential: SingularValues, log_tau: float) -> float:
    """Of any estimator, over ``tau^2``.

    Raises:
        NotConverged: the spectrum's mass is not 1 to four digits.

    >>> from asymptotix.networks.square_values import SquareValues
    >>> from asymptotix.teacher import PowerLaw
    >>> here = [least_error(SquareValues(PowerLaw(1.25).spectrum(d)), -3.0) for d in (400, 401)]
    >>> abs(here[1] / here[0] - 1.0) < 2e-3
    True
    """
    spectrum = potential.spectrum
    if spectrum.d == potential.d <= _BANDS:
        a = spectrum.values() * math.exp(-log_tau)
        with suppress(NotConverged):  # bands that all but touch have not six digits of their mass
            # of the symmetrised matrix half the error
            return 0.5 * banded_error(np.concatenate([a, -a[::-1]]))
    plane = OblongValues(spectrum, potential.d).line(log_tau).plane
    curve = SupportCurve(plane)
    left = curve.left_end()
    cut = _end(curve, plane, left)
    if cut.w.real <= left:
        bulk, mass = 0.0, 0.0
    else:
        bulk, mass = _bulk(plane, math.sqrt(max(left, 0.0)), cut)
    others = cut.visible if cut.gap else cut.visible + surplus(curve, cut.w, cut.visible)
    if not abs((mass + others) / spectrum.d - 1.0) < _MASS:
        raise NotConverged(f"the singular values' mass is {(mass + others) / spectrum.d:.6g} in place of 1")
    paths = Paths(plane, cut.w, cut.visible)
    return bulk + _beyond(paths, cut) - _narrow_ones(plane, cut.visible) + _out_of_sight(paths)


def _end(curve: SupportCurve, plane: SquaresPlane, left: float) -> Cut:
    """The bulk's end, pushed out through a band of features."""

    def single(u: float) -> bool:
        apart = _SOONER if plane.count(u) > _MANY else _SINGLE
        return (0.5 * plane.spacing(u)) ** 2 > apart * u / plane.atoms.columns

    cut = curve.cut
    if cut.gap and cut.visible < curve.d:
        return cut
    u, last = plane.detectable, curve.atom(curve.d)
    if cut.visible >= curve.d:
        if left > 0.0 and single(curve.atom(curve.d - 1.0)):
            return Cut(complex(left), curve.d, True)
        u = max(u, _FURTHER * last)
    top = curve.atom(1.0)
    while u < 2.0 * top:
        if curve.height(u) < _LOW * math.sqrt(u) or single(u):
            break
        u *= _FURTHER
    height = curve.height(u)
    return Cut(complex(u, height), plane.count(u), height < 1e-9 * u)


def _bulk(plane: SquaresPlane, left: float, cut: Cut) -> tuple[float, float]:
    """The error's share up to the bulk's end, and the number of singular values there."""
    d, end = plane.atoms.columns, cmath.sqrt(cut.w)
    nodes = both_ends(SupportCurve(RootsPlane(plane)), left, end, _AGREE)
    on = (nodes.weight != 0.0) & (nodes.w.imag > 0.0)
    s, dx = nodes.w[on] ** 2, nodes.weight[on]
    p, r = on_curve(plane, s, nodes.beyond[on])
    first = sums_along(plane, s, 0.0, SERVED).first
    error = -(r * first).imag - first.imag**2 / (d * p.imag)
    return 2.0 / math.pi * float(np.maximum(error, 0.0) @ dx), 2.0 * d / math.pi * float(p.imag @ dx)


def _beyond(paths: Paths, cut: Cut) -> float:
    """The share of what is beyond the bulk, but for the widths of outliers."""
    if paths.visible == 0 and cut.gap:
        return 0.0
    on, b, seen, hidden = paths.left, paths.b, paths.seen, paths.hidden

    def columns(x: Path) -> Added:
        """What ``log z^2`` is multiplied by."""
        return -0.25 * b * (x.s * x.f - Added(hidden, seen)) - 0.5 * b * b * (x.f / x.one)

    def regular(x: Path) -> Added:
        s, f, one, rest = x.s, x.f, x.one, x.rest
        sums = 0.5 * (s * f - Added(hidden, seen)) + b * f + f * f * f * (b / 3.0 / one - 2.0 / 3.0 * s)
        return f * (s * f - 0.5 * rest) * x.square_slope + sums * x.by_one

    alone = paths.zero.s[0].real - paths.moved
    shift = 0.25 * b * (seen - paths.moved)  # of the columns' factor at the zero
    at_zero = 0.25 * b * (1.0 - seen + alone) - 0.5 * b * (b + alone)
    part = columns(on) - Added(at_zero, shift)
    total = -on.integral((regular(on) + part * on.log_slope).extra)
    total += math.pi * (shift - 0.5 * seen * (1.0 + hidden))
    if paths.point.imag > 0.0 and b > 0.0:
        total += at_zero * argument(paths)
    if not cut.gap:
        right = paths.right
        total += right.integral(regular(right).base + (columns(right) * right.log_slope).base)
    return -2.0 / math.pi * total / paths.t


def _narrow_ones(plane: SquaresPlane, visible: float) -> float:
    """``(8 d/3 pi) int (Im h)^3`` over all outliers: ``t = 1/2d`` for a lone one, more beside others."""
    atoms, log_tau = plane.atoms, plane.log_tau
    return narrow_ones(atoms.spectrum, visible, log_tau, 0.5 / atoms.columns, power=0.5)


def _out_of_sight(paths: Paths) -> float:
    """What columns beyond the rows hide."""
    if paths.b == 0.0:
        return 0.0
    at = paths.zero
    seen = paths.seen - (at.s[0] * at.f.extra[0]).real
    return float(0.5 * paths.b * (seen - at.first[0].real) / paths.t)
