"""Singular values of a square matrix at many places at once: what `mirrored` is for one."""

from __future__ import annotations

import math

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.arc import Right, leak_through
from asymptotix.free_convolution.many_planes import Planes
from asymptotix.free_convolution.many_views import Views
from asymptotix.free_convolution.mirrored import (
    FEW,
    MirroredAtoms,
    MirroredView,
    below,
    right_of,
    sums_of,
    up_terms,
)
from asymptotix.free_convolution.view import power_series


class MirroredViews(Views):
    """`MirroredView`, many at once; ``beside`` sees the positive head alone."""

    view_of = MirroredView

    def head(self, w: Complex) -> tuple[Complex, Complex]:
        (h, h_slope), (n, n_slope) = super().head(w), super().head(-w)
        return 0.5 * (h - n), 0.5 * (h_slope + n_slope)

    def mirrored(self, w: Complex) -> tuple[Complex, Complex]:
        """`MirroredView.mirrored` at a row of points for each view."""
        ((value, slope),) = self.beside(-w)
        return -value, slope

    def share(self, angle: Array, power: int, mirror: bool = False) -> Array:
        sign = -1.0 if power % 2 else 1.0
        return 0.5 * (super().share(angle, power) + sign * super().share(angle, power, mirror=True))

    def head_missed(self, w: Complex) -> Array:
        """`MirroredView.head_missed`."""
        square = w * w
        terms = np.arctan2(square.imag[self.owner], np.square(self.near) - square.real[self.owner])
        x, even = square / self._head_scale**2, self._head[:, 2::2]
        series = power_series(x[:, None], (even / np.arange(1.0, even.shape[1] + 1.0))[:, :, None])[:, 0, 0]
        return np.asarray((self._sum(self.weight * terms) + (x * series).imag) / math.pi)


class MirroredPlanes(Planes):
    """``z(w) = w + S(w)`` at many noise scales."""

    views_of = MirroredViews


def respond_to_mirrored(views: MirroredViews, w: Complex, c: Array) -> Array:
    """`mirrored.respond` from each place, in rows; real places are in gaps of the spectrum."""
    size, t, m, angle = w.size, views.t, views.last, np.angle(w)
    h, tail = np.zeros((2, size), dtype=complex)
    leaked, between, up, missed = np.zeros((6, size)), np.zeros(size), np.zeros((4, size)), np.zeros(size)
    k = np.flatnonzero(m > 0)
    if k.size:
        some = views.at(k)
        h[k], tail[k] = t * some.head(w[k])[0], t * some.tail(w[k, None]).value[:, 0]
        missed[k], up[:, k] = some.head_missed(w[k]), _up(some, w[k], angle[k], c[k])
    k = np.flatnonzero(angle > 0)
    if k.size:
        some, at = views.at(k), angle[k]
        arc = Right.of(some.r[:, None], at[:, None])
        sums = some.tail(arc.w)
        leaked[:, k] = leak_through(arc, t, sums, some.kernel(arc.w, at), w[k, None], h[k, None])
        between[k] = right_of(arc, t * sums.value, t * some.mirrored(arc.w)[0])
    k = np.flatnonzero(m >= max(FEW / t, 1.0))
    if k.size:
        between[k] -= 0.5 * t**2 * _repulsion(views.at(k))
    found = sums_of(t, m, views.atoms.d - m, c, w, views.tail_square, leaked, h, tail, missed, between, up)
    return np.array([found.rho, found.dof, found.slope, found.count, found.excess, found.drift])


def _up(views: MirroredViews, w: Complex, angle: Array, c: Array) -> Array:
    """The arcs up: those with as many nodes together."""
    found = np.zeros((4, w.size))
    for k, along, weight in views.arcs(w, 0.5 * math.pi - angle):
        some = views.at(k)
        ((h, h_slope),) = some.beside(along)
        terms = up_terms(views.t, along, c[k, None], some.tail(along), (h, h_slope), some.mirrored(along))
        found[:, k] = [(f * (weight * along)).real.sum(axis=1) for f in terms]
    return found


def _repulsion(views: MirroredViews) -> Array:
    """``Q`` of each view."""
    atoms = views.atoms
    assert isinstance(atoms, MirroredAtoms)
    axis, weight, steps, low = below(atoms, views.log_tau, views.r)
    kept = [
        atoms.repulsion(*cut) for cut in zip(views.last.tolist(), steps.astype(int).tolist(), strict=True)
    ]
    return np.asarray(kept / low - (weight * np.square(np.abs(views.mirrored(axis)[0]))).sum(axis=1))
