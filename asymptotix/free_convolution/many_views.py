"""The atoms as seen from many arcs at once: `view.View` for each, an array for each of its numbers.

No sum is shared between arcs, but Python's part of it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from copy import copy
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.arc import graded
from asymptotix.free_convolution.atoms import (
    ALONE,
    FINEST,
    ORDER,
    STEEP,
    TURNS,
    WINDOW,
    Atoms,
    Series,
    scaled,
)
from asymptotix.free_convolution.view import TailSums, View, from_poles, kernel_sums, power_series
from asymptotix.quadrature import owned_panels

if TYPE_CHECKING:
    from typing import Self  # from Python 3.11 on

Index = NDArray[np.intp]

_K = np.arange(1.0, ORDER + 2.0)
# Numbers in a block of the sums over near atoms.
_BLOCK = 65536


class Views:
    """The atoms as seen from many arcs ``|w| = r``: `atoms.View`, an array for each of its numbers."""

    view_of: ClassVar[type[View]] = View

    def __init__(
        self,
        atoms: Atoms,
        log_tau: Array,
        r: Array,
        centre: Array | None = None,
        distance: Array | None = None,
    ) -> None:
        self.atoms, self.log_tau, self.r, self.t = atoms, log_tau, r, 1.0 / atoms.d
        log_r = log_tau + np.log(r)
        self.last = atoms.cuts(log_r - math.log(2.0), up=False)
        self.first = np.minimum(atoms.cuts(log_r + math.log(2.0), up=True), self.last)
        self.centre = atoms.spectrum.counts_above(log_r) if centre is None else centre
        self.distance = np.zeros_like(r) if distance is None else distance
        log_a, self.weight, self.owner = _near(atoms, self.first, self.last, self.centre, self.distance)
        self.near = scaled(log_a - log_tau[self.owner])
        self._tail_scale, self._tail, self._tail_matrix = self._sums(atoms.tail, self.last)
        self._head_scale, self._head, self._head_matrix = self._sums(atoms.head, self.first)

    def _sums(self, known: Callable[[float], Series], cuts: Array) -> tuple[Array, Array, Array]:
        kinds, which = np.unique(cuts if cuts.size else np.ones(1), return_inverse=True)
        found = zip(*(known(float(cut)) for cut in kinds), strict=True)
        reference, sums, matrix = (np.array(x, dtype=float)[which[: cuts.size]] for x in found)
        return scaled(reference - self.log_tau), sums, matrix

    def totals(self, w: Complex) -> tuple[Complex, Complex]:
        """``t G(w)`` and ``t G'(w)`` at one point for each view."""
        (h, h_slope), tail = self.head(w), self.tail(w[:, None])
        return self.t * (h + tail.value[:, 0]), self.t * (h_slope + tail.slope[:, 0])

    def arcs(self, w: Complex, length: Array) -> Iterator[tuple[Index, Complex, Array]]:
        """Nodes of arcs on from a point for each, of such angles, and weights: those of as many nodes together."""
        apart, angle = np.abs(w), np.angle(w)
        np.minimum.at(apart, self.owner, np.abs(w[self.owner] - self.near))
        finest = np.minimum(apart / self.r, 1.0)
        rules = [graded(*arc) for arc in zip(length.tolist(), finest.tolist(), strict=True)]
        sizes = np.array([node.size for node, _ in rules])
        for size in np.unique(sizes):
            k = np.flatnonzero(sizes == size)
            beyond, weight = (np.array(x) for x in zip(*(rules[j] for j in k), strict=True))
            yield k, self.r[k, None] * np.exp(1j * (angle[k, None] + beyond)), weight

    def tail(self, w: Complex) -> TailSums:
        """`View.tail` at a row of points for each view."""
        return TailSums.of(self._tail_scale[:, None], self._tail_matrix, w)

    def head(self, w: Complex) -> tuple[Complex, Complex]:
        """`View.head` at one point for each view."""
        scale = self._head_scale
        value, slope = power_series((w / scale)[:, None], self._head_matrix)[:, :, 0].T
        x, v = w.real[self.owner] - self.near, w.imag
        q = 1.0 / (x * x + (v * v)[self.owner])
        wq, wxq = self.weight * q, self.weight * x * q
        h, h_slope = from_poles(v, *(self._sum(y) for y in (wq, wxq, wxq * q, wq * q)))
        return h - value / scale, h_slope - slope / scale / scale

    def beside(self, w: Complex, *kernels: tuple[float, Array]) -> list[tuple[Complex, Complex]]:
        """`View.head` at a row of points for each view; and `head_kernel`, given a sign (mirror) and angles."""
        weights, near = [self.weight], self.near
        for sign, angle in kernels:
            u, v = sign * self.r * np.cos(angle), self.r * np.sin(angle)
            omega = 1.0 / ((near - u[self.owner]) ** 2 + (v * v)[self.owner])
            weights.append(self.t * self.weight * omega)
        found = self._poles(w, weights)
        scale = self._head_scale[:, None]
        series = power_series(w / scale, self._head_matrix).swapaxes(0, 1)
        found[0] = found[0][0] - series[0] / scale, found[0][1] - series[1] / scale / scale
        n = np.arange(ORDER - 2.0)
        for k, (sign, angle) in enumerate(kernels, 1):
            windows = np.lib.stride_tricks.sliding_window_view(self._head, n.size, axis=1)[:, 3 : 3 + n.size]
            waves = self._waves(angle, sign * self.r / self._head_scale)[:, : n.size]
            moments = self.t * np.einsum("pij,pj->pi", windows, waves)
            slopes = np.append(n[1:] * moments[:, 1:], np.zeros((self.r.size, 1)), axis=1)
            value, slope = power_series(w / scale, np.stack([moments, slopes], axis=2)).swapaxes(0, 1)
            cube = scale * scale * scale
            found[k] = found[k][0] - value / cube, found[k][1] - slope / cube / scale
        return found

    def _poles(self, w: Complex, weights: list[Array]) -> list[tuple[Complex, Complex]]:
        """`view.poles` over each view's near atoms at a row of points for each, with several weights."""
        order = np.argsort(self.owner, kind="stable")
        counts = np.bincount(self.owner, minlength=self.r.size)
        most, starts = int(counts.max(initial=0)), counts.cumsum() - counts
        # atoms of weight 0 fill up the rows, beside the last of each view
        place = np.arange(most)
        index = np.minimum(starts[:, None] + place, np.maximum(starts + counts - 1, 0)[:, None])
        index = order[np.minimum(index, max(order.size - 1, 0))] if order.size else np.zeros_like(index)
        there = place < counts[:, None]
        near = self.near[index] if order.size else np.ones(index.shape)
        weight = np.stack([np.where(there, x[index], 0.0) if order.size else index for x in weights], axis=-1)
        sums = np.empty((4, *w.shape, len(weights)))
        rows = max(1, _BLOCK // max(1, most * w.shape[1]))
        for start in range(0, self.r.size, rows):
            part = slice(start, start + rows)
            x, v = w.real[part, :, None] - near[part, None, :], w.imag[part, :, None]
            q = 1.0 / (x * x + v * v)
            sums[0, part] = q @ weight[part]
            x *= q
            sums[1, part] = x @ weight[part]
            x *= q
            sums[2, part] = x @ weight[part]
            sums[3, part] = np.square(q, out=q) @ weight[part]
        return [from_poles(w.imag, *sums[..., k]) for k in range(len(weights))]

    def _sum(self, terms: Array) -> Array:
        return np.asarray(np.bincount(self.owner, terms, self.r.size), dtype=float)

    def head_angles(self, w: Complex) -> Array:
        """`View.head_angles`."""
        total = self._sum(self.weight * np.arctan2(w.imag[self.owner], self.near - w.real[self.owner]))
        x, matrix = w / self._head_scale, (self._head[:, 1 : ORDER + 2] / _K)[:, :, None]
        return total + (x[:, None] * power_series(x[:, None], matrix)[:, 0])[:, 0].imag

    def kernel(self, w: Complex, angle: Array, sign: float = 1.0) -> tuple[Complex, Complex]:
        """`View.kernel` at a row of points for each view; with ``sign`` -1 in the mirror."""
        windows = np.lib.stride_tricks.sliding_window_view(self._tail, ORDER + 1, axis=1)
        waves = self._waves(angle, sign * self._tail_scale / self.r)
        moments = np.einsum("pij,pj->pi", windows, waves) * (self.t / self.r**2)[:, None]
        return kernel_sums(self._tail_scale[:, None], moments, w)

    def _waves(self, angle: Array, ratio: Array) -> Array:
        """``ratio^n U_n(cos angle)``."""
        values = np.sin(np.multiply.outer(angle, _K)) / np.sin(angle)[:, None]
        return np.asarray(values * ratio[:, None] ** (_K - 1.0))

    def share(self, angle: Array, power: int, mirror: bool = False) -> Array:
        """``t sum_i a_i^power omega_i`` over all atoms (`View.share`)."""
        sign, n = (-1.0 if mirror else 1.0), np.arange(ORDER + 1)

        def series(sums: Array, ratio: Array) -> Array:
            return np.asarray((sums * self._waves(angle, sign * ratio)).sum(axis=1))

        total = (
            series(self._tail[:, n + power], self._tail_scale / self.r) * self._tail_scale**power / self.r**2
        )
        total += series(self._head[:, n + 2 - power], self.r / self._head_scale) * self._head_scale ** (
            power - 2.0
        )
        u, v = sign * self.r * np.cos(angle), self.r * np.sin(angle)
        omega = 1.0 / ((self.near - u[self.owner]) ** 2 + (v * v)[self.owner])
        return np.asarray(self.t * (total + self._sum(self.weight * self.near**power * omega)))

    @property
    def tail_square(self) -> Array:
        """``sum_tail a^2``."""
        return np.asarray(self._tail[:, 2] * self._tail_scale * self._tail_scale)

    def at(self, k: Index) -> Self:
        """Some of them."""
        if k.size == self.r.size:
            return self
        views = copy(self)
        for name in (
            "log_tau",
            "r",
            "last",
            "first",
            "centre",
            "distance",
            "_tail_scale",
            "_tail",
            "_tail_matrix",
            "_head_scale",
            "_head",
            "_head_matrix",
        ):
            setattr(views, name, getattr(self, name)[k])
        new = np.full(self.r.size, -1)
        new[k] = np.arange(k.size)
        kept = new[self.owner] >= 0
        views.near, views.weight, views.owner = self.near[kept], self.weight[kept], new[self.owner][kept]
        return views

    def each(self) -> list[View]:
        """One by one."""
        order = np.argsort(self.owner, kind="stable")
        near, weight = self.near[order], self.weight[order]
        ends = np.searchsorted(self.owner[order], np.arange(self.r.size + 1))
        parts = [slice(*pair) for pair in pairwise(ends)]
        places = zip(
            self.log_tau.tolist(), self.r.tolist(), self.centre.tolist(), self.distance.tolist(), strict=True
        )
        cuts = zip(self.first.tolist(), self.last.tolist(), parts, strict=True)
        return [
            self.view_of(self.atoms, *place, seen=(first, last, near[part], weight[part]))
            for place, (first, last, part) in zip(places, cuts, strict=True)
        ]


def _near(
    atoms: Atoms, first: Array, last: Array, centre: Array, distance: Array
) -> tuple[Array, Array, Index]:
    """`Atoms.near` for many places: nodes, weights, and whose they are."""
    whole = (last - first <= ALONE) | atoms.few
    k = np.flatnonzero(whole & (last > first))
    start, stop, owner = [first[k]], [last[k]], [k]
    k = np.flatnonzero(~whole)
    if k.size:
        low, high = first[k, None], last[k, None]
        middle = np.clip(np.floor(centre[k, None]), low, high)
        finest = np.maximum(np.maximum(WINDOW, np.floor(distance[k, None])), np.floor(FINEST * middle))
        doublings = math.ceil(max(1.0, float(np.log2((high - low) / finest).max()) + 2.0))
        apart = np.floor(finest * np.append(0.0, 2.0 ** np.arange(doublings)))
        turns = high * STEEP ** np.arange(-TURNS, 0.0) // 1.0
        breaks = np.concatenate([middle - apart, middle + apart[:, 1:], turns], axis=1)
        breaks = np.sort(np.clip(breaks, low, high), axis=1)
        start, stop = [*start, breaks[:, :-1].ravel()], [*stop, breaks[:, 1:].ravel()]
        owner.append(np.repeat(k, breaks.shape[1] - 1))
    whose = np.concatenate(owner)
    index, weight, whose = owned_panels(np.concatenate(start), np.concatenate(stop), whose, whole[whose])
    return atoms.spectrum.log_value(index), weight, whose
