"""Responses at many thresholds and noise scales at once: `threshold_line`, in step for all points."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from asymptotix.arrays import Array, Complex
from asymptotix.free_convolution.arcs import leak_below_each, respond_to_many
from asymptotix.free_convolution.atoms import Atoms
from asymptotix.free_convolution.many_planes import LAST, Planes
from asymptotix.free_convolution.many_views import Index, Views
from asymptotix.free_convolution.mirrored_places import MirroredPlanes, MirroredViews, respond_to_mirrored
from asymptotix.free_convolution.subordination import FLAT
from asymptotix.networks.base import Responses
from asymptotix.networks.threshold_line import (
    LARGE,
    RADIUS,
    SHARP,
    TINY,
    distance_below_edge,
    last_angle,
    rho_at_threshold,
)

# Below this distance from 2 the threshold on the other side is known by its angle only.
EDGE = 1e-3
# Steps to the point on that side; an iteration that contracts by a half arrives at rounding within 53.
_STEPS = 60


class Lines:
    """A place on the line of thresholds of each of many noise scales."""

    planes_of: ClassVar[type[Planes]] = Planes

    def __init__(self, atoms: Atoms, path: Array, log_tau: Array, finest: float, sides: int) -> None:
        self.atoms, self.path, self.log_tau, self.sides = atoms, path, log_tau, sides
        self.last, self.moves = last_angle(atoms, log_tau, finest)
        self.planes = self.planes_of(atoms, log_tau)

    @np.errstate(all="ignore")  # what is not finite is no response
    def responses(self) -> Responses:
        """`Line.at` everywhere; nan where that needs more than steps in common."""
        size, d = self.path.size, self.atoms.d
        w, log_c, by_path, by_tau = self._thresholds()
        c, angled = np.exp(np.minimum(log_c, 700.0)), ~np.isnan(w)
        nothing = c >= np.exp(np.minimum(self.atoms.log_largest - self.log_tau, 700.0)) + RADIUS
        everything = ~nothing & (self.bottom() > c + RADIUS)
        k = np.flatnonzero(~angled & ~nothing & ~everything)
        w[k] = self.planes.at(k).place(c[k])
        sums = np.zeros((6, size))  # rho, dof, slope, count, excess, drift
        k = np.flatnonzero(~nothing & ~everything & (w.imag > FLAT * np.abs(w)))
        sums[:, k] = self._arcs(k, w[k], self.planes.at(k).views(w[k]), c[k])
        k = np.flatnonzero(~nothing & ~everything & (w.imag <= FLAT * np.abs(w)))
        flat, above = self.planes.at(k).gap(w.real[k])
        sums[:, k] = self._arcs(
            k,
            np.asarray(flat, dtype=complex),
            self.planes.views_of(self.atoms, self.log_tau[k], flat, above),
            c[k],
        )
        sums[:, np.isnan(w)] = np.nan
        nothing[k] |= above == 0
        sums[:, nothing] = 0.0
        rho, dof, slope, _, excess, drift = sums
        rho[nothing] = np.exp(-2.0 * self.log_tau[nothing])
        rho[everything], dof[everything] = d * (1.0 + c[everything] ** 2), d
        excess[everything] = -c[everything] * d
        for values in (slope, drift):
            values[everything] = 0.0
        risk_below, dof_below = np.where(everything, [-d * c * c, np.zeros(size)], np.nan)
        risk, count = -2.0 * excess * c, -slope * c  # derivatives by log c
        rho_by_tau = rho_at_threshold(rho, dof, c, excess, drift) + risk * by_tau
        slopes = risk * by_path, count * by_path, rho_by_tau, drift + count * by_tau, by_path, by_tau
        return Responses(c, rho, dof, np.where(everything, d, 0.0), risk_below, dof_below, *slopes)

    def bottom(self) -> Array:
        """`Line.bottom`."""
        return np.exp(np.minimum(self.planes.atom(np.full(self.path.size, self.atoms.d)), 700.0))

    def _thresholds(self) -> tuple[Complex, Array, Array, Array]:
        """The points where angles are positions, ``log c``, and how that moves with path and ``log tau``."""
        path, size = self.path, self.path.size
        w: Complex = np.full(size, complex(math.nan))
        log_c, by_path, by_tau = path.copy(), np.ones(size), np.zeros(size)
        if self.atoms.d < LARGE:
            return w, log_c, by_path, by_tau
        bent = self.atoms.log_at(0.5 * self.atoms.d + 1.0) - self.log_tau < TINY
        joint = np.clip(path, 0.0, self.last)
        ray, every = self._ray(np.arange(size), joint), np.arange(size)
        c, log_by_path, log_by_tau = self._threshold(every, ray)
        k = np.flatnonzero(~bent & (joint > 0.0))
        first = np.where(bent, 0.0, c)
        first[k] = self._threshold(k, self._ray(k, np.zeros(k.size)))[0]
        k = np.flatnonzero(bent | ((first > 0.0) & (c >= first)))
        joint, ray, c, log_by_path, by_tau[k] = joint[k], ray[k], c[k], log_by_path[k], log_by_tau[k]
        on = path[k] == joint
        w[k[on]], by_path[k[on]] = ray[on], log_by_path[on]
        log_c[k] = np.log(c) + path[k] - joint
        beyond = k[path[k] > joint]
        by_tau[beyond] += (log_by_path[path[k] > joint] - 1.0) * self.moves[beyond]
        return w, log_c, by_path, by_tau

    def _ray(self, k: Index, path: Array) -> Complex:
        return self.planes.at(k).on_ray(np.arctan(np.exp(-path)))

    def _threshold(self, k: Index, w: Complex) -> tuple[Array, Array, Array]:
        """`Line.bend`: the threshold at points of the support curve; how its logarithm moves."""
        angle, views = np.angle(w), self.planes.at(k).views(w)
        value, slope = views.totals(w)
        c = w.real + value.real
        kernel, share = w * (1.0 + slope) / (2j * w.imag), 2.0 * w.real - c
        small = np.flatnonzero(angle <= SHARP)  # there both are small differences
        if small.size:
            each = views.each()
            kernel[small] = [each[j].kernel_at(complex(w[j]), float(angle[j])) for j in small]
            share[small] = views.share(angle, 1)[small]
        by_path = np.sin(2.0 * angle) * w.imag * np.abs(kernel) ** 2 / kernel.real
        return c, by_path / c, -(share + 2.0 * w.imag * kernel.imag / kernel.real) / c

    def _arcs(self, k: Index, w: Complex, views: Views, c: Array) -> Array:
        """`ArcSums` from each place."""
        angle = np.angle(w)
        sums = np.array(respond_to_many(views, w, c))
        if self.sides == 2:
            point = self._below(k, views, angle, c)
            some = np.flatnonzero(np.abs(point) > 0)
            below = Views(self.atoms, self.log_tau[k[some]], np.abs(point[some]))
            sums[:, some] += leak_below_each(below, np.angle(point[some]))
        return sums

    def _below(self, k: Index, views: Views, angle: Array, c: Array) -> Complex:
        """The mirror images of the points where ``z = -c``; 0 where no eigenvalue is below ``-c``."""
        point = np.zeros(k.size, dtype=complex)
        at = np.flatnonzero(c < 2.0)
        w, left = 0.5 * c + 1j * np.sqrt(np.maximum(1.0 - 0.25 * c * c, 0.0)), at
        for _ in range(_STEPS):
            value, slope = self.planes.at(k[left]).shift(-w[left])
            step = (w[left] - value - c[left]) / (1.0 + slope)
            there = w[left] - step
            w[left] = there = there.real + 1j * np.abs(there.imag)
            size = np.abs(there)
            left = left[np.abs(step) > size * np.where(there.imag > 1e-3 * size, LAST, 4e-16)]
            if not left.size:
                break
        point[at] = np.where(w[at].imag > 1e-9, w[at], 0.0)
        excess = np.where(
            angle > 0, distance_below_edge(views, np.where(angle > 0, angle, 1.0), False)[0], np.inf
        )
        near = np.flatnonzero(np.abs(excess) < EDGE)
        point[near] = self._near_edge(k[near], excess[near])
        return point

    def _near_edge(self, k: Index, excess: Array) -> Complex:
        """The mirrored points with ``2 - c = excess``: angle and radius by fixed-point iteration."""
        angle = 2.0 * np.arcsin(np.sqrt(0.25 * np.maximum(excess, 0.0)))
        views, some = Views(self.atoms, self.log_tau[k], np.ones_like(angle)), angle > 0
        for _ in range(_STEPS):
            angle[~some] = 1.0
            apart, views.r = distance_below_edge(views, angle, True)
            square = excess - apart + 4.0 * np.sin(0.5 * angle) ** 2
            last, angle = angle, 2.0 * np.arcsin(np.sqrt(0.25 * np.maximum(square, 0.0)))
            some &= square > 0
            if not (some & (np.abs(angle - last) > 4e-16 * last)).any():
                break
        return np.asarray(np.where(some, views.r * np.exp(1j * angle), 0.0))


class MirroredLines(Lines):
    """`square_values.MirroredLine`, in step for all points."""

    planes_of = MirroredPlanes

    def bottom(self) -> Array:
        return np.zeros(self.path.size)

    def _arcs(self, k: Index, w: Complex, views: Views, c: Array) -> Array:
        assert isinstance(views, MirroredViews)
        return respond_to_mirrored(views, w, c)
