"""The arc integrals of many places at once: what `arc` is for one."""

from __future__ import annotations

import math

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.arc import Right, graded, leak_through, left_terms, sums_of
from asymptotix.free_convolution.many_points import Views
from asymptotix.free_convolution.view import TailSums


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


def _left(views: Views, w: Complex, angle: Array, c: Array) -> Array:
    """The left arcs: their nodes one after the other, sums over poles arc by arc."""
    if not w.size:
        return np.zeros((4, 0))
    points, weights, tails, heads = [], [], [], []
    for view, place, turn in zip(views.each(), w.tolist(), angle.tolist(), strict=True):
        beyond, weight = graded(math.pi - turn, min(view.clearance(place) / view.r, 1.0))
        at = view.r * np.exp(1j * (turn + beyond))
        tail = view.tail(at)
        points.append(at)
        weights.append(weight)
        tails.append((tail.value, tail.slope, tail.first, tail.moves))
        heads.append(view.head(at))
    counts = np.array([at.size for at in points])
    along = np.concatenate(points)
    tail = TailSums(*(np.concatenate(x) for x in zip(*tails, strict=True)))
    h, h_slope = (np.concatenate(x) for x in zip(*heads, strict=True))
    measure = -(np.concatenate(weights) / math.pi) * along
    starts = np.append(0, counts.cumsum()[:-1])
    terms = left_terms(views.t, along, np.repeat(c, counts), tail, h, h_slope)
    return np.array([np.add.reduceat((f * measure).real, starts) for f in terms])
