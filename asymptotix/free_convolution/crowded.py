r"""Thresholded singular values of few rows, ``y = m/d << 1``: what noise alone makes is within ``sqrt(y)`` of 1.

There features of squares ``a^2 << 1`` (units of ``tau``) learn of the order of ``a^2`` only, and in the sums of
`asymptotix.free_convolution.oblong` over a head with ``z`` and ``c`` apart all of that would cancel. The integrands

    f^2 h - 2 f A      f P      P      h      f h - A      f/z Y      ((z^2)' A/2 + f/z Y) / z'          all times dz

(``f = z - c = (z^2 - c^2)/(z + c)``, ``A = sum t a^2/(s - a^2)``: risk, degrees of freedom, their slope, count, excess,
drift, and half of the risk's slope in ``log tau``) are kept whole here. With all features within ``|s| = 1/4`` ``z``
is real from the left of the point of the threshold to there, so that what a feature adds leads from that point to
the negative axis, and then around the feature on a circle of its own size: shell by shell of features, each as an
addition to the smaller ones, so that none is larger than what it adds. What is beyond that circle is far from 1, and is
led to infinity as of many rows.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.added import Added
from asymptotix.free_convolution.arc import ArcSums, onward
from asymptotix.free_convolution.atoms import scaled
from asymptotix.free_convolution.oblong import OblongSums, Traces
from asymptotix.free_convolution.view import TailSums, View

#: So few rows are few, and so far from 0 their features end: half way to where ``z`` is 0.
FEW_ROWS, FARTHEST = 0.01, 0.25
# Features of a shell are within this ratio of each other, in logarithms, which costs as many of their digits.
_SHELL = math.log(16.0)
# Of a half circle at twice the largest feature: the rule of midpoints leaves 2^-64.
_ANGLES = math.pi * (np.arange(32) + 0.5) / 32


class CrowdedSums(OblongSums):
    """The sums of one threshold among few rows."""

    def crowded(self) -> tuple[ArcSums, float]:
        """The sums; and half of the slope of the risk by ``log tau``."""
        view, t = self.view, self.t
        total = np.array(self.leak()) if self.angle > 0 else np.zeros(7)
        if view.head_count > 0:
            total += self._along() + self._around()
        far = View(view.atoms, view.log_tau, FARTHEST)
        n, missed = far.head_count, float(far._tail[1]) * far._tail_scale
        if n > 0:
            beyond = OblongSums(self.plane, far, math.pi, self.c, self.x, far.clearance(-FARTHEST + 0j))
            ray = np.array(beyond.ray()) * 2.0 / (t * math.pi)
            dof, excess = n * (1.0 + far.tail_count * t) + self.c * ray[0], -ray[0] - self.c * n
            rho = dof + self.c * (self.c * n + ray[0])
            drift = self.c * ray[1]
            total += rho, dof, -ray[0], n, excess, drift, dof - rho - self.c * excess + drift
        rho, dof, slope, count, excess, drift, turn = map(float, total)
        return ArcSums(rho + missed, dof, slope, count, excess, drift), turn - missed

    def _along(self) -> Array:
        """What the head adds from the threshold's point to the negative axis."""
        if self.angle == math.pi:
            return np.zeros(7)
        s, weight = onward(self.view, self.angle, math.pi, self.clearance)
        on, first = self._near(s), self.t * self.view.tail(s).first
        added = self._added(on, first, s * on.head - self.t * self.view.head_count)
        return np.array([-2.0 / (math.pi * self.t) * float(((x * s) @ weight).real) for x in added])

    def _around(self) -> Array:
        """What shells add around them, within the farthest circle."""
        atoms, log_tau, t = self.view.atoms, self.view.log_tau, self.t
        last = self.view.head_count
        levels = math.log(0.5 * FARTHEST) + log_tau - _SHELL * np.arange(200.0)
        levels = levels[levels > math.log(0.5 * self.view.r) + log_tau]
        cuts = np.unique(np.minimum(np.append(atoms.cuts(levels, up=False), last), last))
        if cuts.size < 2:
            return np.zeros(7)
        shells = [atoms.between(*pair) for pair in pairwise(cuts.tolist())]
        below = [atoms.tail(cut) for cut in cuts[1:].tolist()]
        size = scaled(np.array([x[0] for x in shells]) - log_tau)[:, None]
        s = 2.0 * size * np.exp(1j * _ANGLES)
        own = TailSums.of(size, np.array([x[2] for x in shells]), s)
        rest = scaled(np.array([x[0] for x in below]) - log_tau)[:, None]
        base = TailSums.of(rest, np.array([x[2] for x in below]), s)
        on = Traces(s, t * base.value, t * base.slope, t * own.value, t * own.slope, self.b)
        added = self._added(on, t * base.first, t * own.first)
        return np.array([2.0 / (t * _ANGLES.size) * float((x * s).real.sum()) for x in added])

    def _added(self, on: Traces, first: Complex, head_first: Complex) -> list[Any]:
        """What the head adds to the integrands by ``s``."""
        s, b, c = on.s, self.b, self.c
        f, slope, squares = Added(on.f, on.head), Added(on.slope, on.head_slope), Added(first, head_first)
        one = 1.0 + f
        apart = f * (s * (2.0 + f) + b) + (s - self.plane.share - self.x)
        z = (apart + c * c).root()
        above, rise = apart / (z + c), one * one + slope * (2.0 * (s * one) + b)
        z_slope, h, p = rise / z * 0.5, z * f / one, f * (s * f + b)
        moves = (f + s * slope) * (2.0 * (s * f * one) + b * (1.0 + 2.0 * f)) * (above / z)
        part = (above * h - squares) * z_slope
        terms = (
            above * part - above * squares * z_slope,
            above * p * z_slope,
            p * z_slope,
            h * z_slope,
            part,
            moves,
            0.5 * rise * squares + moves,
        )
        return [x.extra for x in terms]
