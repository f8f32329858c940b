"""Quadrature over the eigenvalues between a threshold and the end of the bulk, along the support curve.

Nodes are finest at the curve's end, where its density vanishes like a square root, and where single features raise
bumps; very near the end, where ``Re w`` has no digits left, they go by the curve's height.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.support_curve import Cut, SupportCurve

# How many decides the cost and not the accuracy: a stretch is halved until its mass does not change.
_LEGENDRE = np.polynomial.legendre.leggauss(24)
# Narrower stretches of the curve, in units of where it ends, are parametrised by their height.
_NARROW = 1e-3
# ... and lower ones: a stretch is as wide as the square of its height, 0.03^2 being about as narrow.
_LOW = 0.03
# Halvings of a stretch, and the relative change of its mass below which it is accurate.
_DEPTH = 7
# A digit below the residual that a solve may have.
_AGREE = 1e-11


@dataclass(frozen=True)
class BulkNodes:
    """Quadrature over eigenvalues between the threshold and the bulk's end.

    Attributes:
        w: points of the support curve.
        beyond: ``x - c``, how far above the threshold.
        weight: weights of ``dx``.
    """

    w: Complex
    beyond: Array
    weight: Array


def bulk_nodes(curve: SupportCurve, start: complex, cut: Cut, c: float) -> BulkNodes:
    """Nodes from ``start`` (where ``x = c``) to the cut, resolving the square root at its end."""
    width, size = cut.w.real - start.real, curve.plane.detectable
    if cut.gap and (width < _NARROW * size or start.imag < _LOW * size):
        return _nodes_by_height(curve, start, cut)
    return _refined(curve, cut.w.real, c, width, _AGREE)


def stretch_nodes(
    curve: SupportCurve, end: complex, width: float, agree: float, skipped: float = 0.0
) -> BulkNodes:
    """Nodes on the curve from ``end`` to ``width`` left of it (right, if negative), finest at ``end``.

    ``skipped``: what is left out at the end, as the root of its share.
    """
    return _refined(curve, end.real, 0.0, width, agree, skipped)


def both_ends(
    curve: SupportCurve, left: float, end: complex, agree: float, start: float | None = None
) -> BulkNodes:
    """Nodes on all of the curve from ``left``, or from ``start`` near it, finest at both ends; ``beyond`` is ``x``."""
    middle = 0.5 * (left + min(end.real, left + 2.0))
    skipped = math.sqrt(min((start - left) / (middle - left), 1.0)) if start is not None else 0.0
    low = stretch_nodes(curve, complex(left), left - middle, agree, skipped)
    return joined([low, stretch_nodes(curve, end, end.real - middle, agree)])


def _refined(
    curve: SupportCurve, end: float, c: float, width: float, agree: float, first: float = 0.0
) -> BulkNodes:
    """Halve stretches until their mass does not change; single features raise bumps on the curve near its end.

    All stretches of one length are evaluated together.
    """
    nodes = _stretches(curve, end, c, width, [(first, 1.0)], None)
    known, open_ones = nodes[0], [(first, 1.0, nodes[0])]
    done: list[tuple[float, BulkNodes]] = []
    for depth in range(_DEPTH, -1, -1):
        pieces = [x for low, high, _ in open_ones for x in _halves(low, high)]
        halves = _stretches(curve, end, c, width, pieces, known)
        further = []
        for k, (low, high, whole) in enumerate(open_ones):
            both = joined([halves[2 * k], halves[2 * k + 1]])
            if depth == 0 or abs(_mass(both) - _mass(whole)) <= agree * _mass(both) * (high - low):
                done.append((low, both))
            else:
                further += [(*pieces[i], halves[i]) for i in (2 * k, 2 * k + 1)]
        open_ones = further
        if not open_ones:
            break
        known = joined([nodes for _, _, nodes in open_ones])
    return joined([nodes for _, nodes in sorted(done, key=lambda x: x[0])])


def _halves(low: float, high: float) -> tuple[tuple[float, float], tuple[float, float]]:
    middle = 0.5 * (low + high)
    return (low, middle), (middle, high)


def joined(parts: list[BulkNodes]) -> BulkNodes:
    """All stretches together."""
    return BulkNodes(
        *(np.concatenate([getattr(x, name) for x in parts]) for name in ("w", "beyond", "weight"))
    )


def _mass(nodes: BulkNodes) -> float:
    return float(nodes.weight @ nodes.w.imag)


def _stretches(
    curve: SupportCurve,
    end: float,
    c: float,
    width: float,
    pieces: list[tuple[float, float]],
    known: BulkNodes | None,
) -> list[BulkNodes]:
    """Nodes for ``low < s < high`` where ``u = end - width s^2``, for several pieces; ``known`` nodes guide them."""
    node, weight = _LEGENDRE
    ends = np.array(pieces)
    half = 0.5 * (ends[:, 1] - ends[:, 0])[:, None]
    s, ds = (ends[:, :1] + half * (1.0 + node)).ravel(), (half * weight).ravel()
    u = end - width * s * s
    guess = None
    if known is not None:
        order = np.argsort(known.w.real)
        guess = np.interp(u, known.w.real[order], known.w.imag[order])
    w = u + 1j * curve.heights(u, guess)
    beyond, measure = np.zeros(s.size), np.zeros(s.size)
    on = w.imag > 0
    value, slope = curve.plane.shifts(w[on])
    along = 1.0 + slope  # dx/du = |z'|^2 / Re z' on the curve
    beyond[on] = u[on] + value.real - c
    measure[on] = np.abs(along) ** 2 / along.real * 2.0 * abs(width) * s[on] * ds[on]
    k = node.size
    return [BulkNodes(w[i : i + k], beyond[i : i + k], measure[i : i + k]) for i in range(0, s.size, k)]


def _nodes_by_height(curve: SupportCurve, start: complex, cut: Cut) -> BulkNodes:
    """Near the edge ``Im w`` keeps its digits where ``Re w`` has none left."""
    node, weight = _LEGENDRE
    s = 0.5 * (1.0 + node)
    v = start.imag * s
    w = np.empty(s.size, dtype=complex)
    rate = np.empty(s.size)
    u = cut.w.real
    for k in range(s.size):
        u = curve.beside(float(v[k]), u)
        w[k] = complex(u, v[k])
        along = 1.0 + curve.plane.shift(w[k])[1]
        # dx/dv = -|z'|^2 / Im z', and close to the edge |z'| is nearly |Im z'|
        rate[k] = (along.imag**2 + along.real**2) / along.imag
    return BulkNodes(w, start.imag * up_to_one(s, rate), 0.5 * weight * rate * start.imag)


def up_to_one(s: Array, rate: Array) -> Array:
    """The integral of a positive function from each node of (0, 1) to 1."""
    fit = np.polynomial.legendre.Legendre.fit(s, rate, s.size - 1, domain=[0.0, 1.0])
    total = fit.integ(lbnd=0.0)
    return np.maximum(total(1.0) - total(s), 0.0)
