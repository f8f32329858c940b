"""The arc integrals of many places at once: what `arc` is for one."""

from __future__ import annotations

import math

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.arc import Right, leak_in_mirror, leak_through, left_terms, sums_of
from asymptotix.free_convolution.many_views import Views


def respond_to_many(views: Views, w: Complex, c: Array) -> Array:
    """`ArcSums` from each place, in rows; real places are in gaps of the spectrum."""
    size, t, m, angle = w.size, views.t, views.last, np.angle(w)
    share, turned = (views.atoms.d - m) * t, np.zeros(size)
    leak, left, held = (
        np.zeros((6, size)),
        np.zeros((4, size)),
        np.where(m > 0, m - views.head_angles(w) / math.pi, 0.0),
    )
    k = np.flatnonzero(angle > 0)
    if k.size:
        some, wc = views.at(k), w[k, None]
        h: Complex = np.where(m[k] > 0, some.head(w[k])[0], 0.0)[:, None].astype(complex)
        arc = Right.of(some.r[:, None], angle[k, None])
        leak[:, k] = leak_through(
            arc, t, some.tail(arc.w), some.kernel(arc.w, angle[k]), wc, np.asarray(t * h)
        )
        held[k] += t / math.pi * (h * some.tail(wc).value + 0.5 * h * h)[:, 0].imag
        turned[k] = h[:, 0].imag
    k = np.flatnonzero(m > 0)
    left[:, k] = _left(views.at(k), w[k], angle[k], c[k])
    found = sums_of(m, c, share, views.tail_square, held, turned, left, leak)
    return np.array([found.rho, found.dof, found.slope, found.count, found.excess, found.drift])


def leak_below_each(views: Views, angle: Array) -> Array:
    """`leak_below` of each view, in rows."""
    arc = Right.of(views.r[:, None], angle[:, None])
    head, kernel = views.beside(-arc.w, (-1.0, angle))
    tail, tail_kernel = views.tail(-arc.w), views.kernel(-arc.w, angle, -1.0)
    return np.array(leak_in_mirror(arc, views.t, views.last[:, None], tail, head, tail_kernel, kernel))


def _left(views: Views, w: Complex, angle: Array, c: Array) -> Array:
    """The left arcs: those with as many nodes together."""
    found = np.zeros((4, w.size))
    for k, along, weight in views.arcs(w, math.pi - angle):
        some = views.at(k)
        (head,) = some.beside(along)
        terms = left_terms(views.t, along, c[k, None], some.tail(along), *head)
        measure = -(weight / math.pi) * along
        found[:, k] = [(f * measure).real.sum(axis=1) for f in terms]
    return found
