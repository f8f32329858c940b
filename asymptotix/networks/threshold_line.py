"""All thresholds at one effective noise: each is a point of the support curve, or of a gap, with its response.

A threshold is found by its place (`asymptotix.free_convolution.subordination`), its response is an integral along the
arc that leads there (`asymptotix.free_convolution.arc`). In large dimensions a threshold a hair below the edge of the
noise cannot be told by its value; there the position is the argument of the subordination point.
"""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from asymptotix.errors import NotConverged
from asymptotix.free_convolution.arc import ArcSums, respond
from asymptotix.free_convolution.atoms import MANY, Atoms
from asymptotix.free_convolution.subordination import Place, Subordination
from asymptotix.networks.base import Response, Slopes, saturated_exp
from asymptotix.rootfinding import Bracket, increasing_root

# From this dimension on the edge of the noise is resolved by angles down to d^(-1/4), or as asked for.
LARGE = 1e5
# But no further than to where features in their thousands of millions take over from the noise: of a share x they turn
# the point r e^{i angle} out to r = 1 + pi x / (2 angle), which is beside the angle from its root on. There the angle
# says how dense features are, and hardly where the threshold is. At least this far.
_SHARE, _WIDE = 0.5, 3.0
# Their number changes smoothly over this.
_STRETCH = 0.02
# Half of the atoms below this, in logarithms and units of the noise, are as good as zeros.
TINY = -4.6
# At larger angles z' has digits enough for a slope.
SHARP = 1e-4
# Noise has no eigenvalue beyond 2; with room for rounding.
RADIUS = 2.5
# Bisection, where Newton's method fails, needs 53 halvings and some more to find the size.
_STEPS = 100
# Rounding in degrees of freedom, beside what they cancel to.
_LOST = 1e-12
# Two units in the last place of a number near 1.
_ACCURATE = 4e-16


def last_angle(atoms: Atoms, log_tau: Any, finest: float) -> tuple[Any, Any]:
    """The position at which angles end, and how it moves with ``log tau``; of one noise scale, or of many."""
    level = log_tau + math.log(2.0)
    above, low, high = (atoms.spectrum.counts_above(level + x) for x in (0.0, -_STRETCH, _STRETCH))
    last, many = finest * math.log(atoms.d), np.maximum(above, MANY)
    end = np.maximum(_SHARE * np.log(atoms.d / many), _WIDE)
    moves = (above > MANY) & (end > _WIDE) & (end < last)
    drift = _SHARE / (2.0 * _STRETCH) * np.log(np.maximum(low, 1.0) / np.maximum(high, 1.0))
    return np.where(above > MANY, np.minimum(end, last), last), np.where(moves, drift, 0.0)


def rho_at_threshold(rho: Any, dof: Any, c: Any, excess: Any, drift: Any) -> Any:
    """How ``rho`` moves with ``log tau`` at a fixed ``c``; numbers or arrays.

    Of bare noise it does not, and the degrees of freedom cancel; where no digits are left it is kept between what it
    can be, as ``rho`` falls with the noise and the risk rises.
    """
    slope = 2.0 * (dof - rho - c * excess + drift)
    return np.where(_LOST * dof > rho, np.clip(slope, -2.0 * rho, 0.0), slope)


@dataclass(frozen=True)
class SpectralResponse(Response):
    """A `Response` that remembers where it was taken.

    Attributes:
        point: the subordination point, in units of ``tau``.
        slope: ``-ds/dc``.
        spikes: number of teacher atoms above the threshold's place.
        bulk: whether the threshold lies inside the spectrum rather than in a gap.
        count: number of learned eigenvalues beyond the threshold.
        excess: ``slope - c count``, without cancellation.
        drift: ``ds / d log tau`` at fixed ``c``.
        turn: half of ``d rho / d log tau`` there, where its terms are known to cancel.
        density: ``-d count / dc``.
        truth: mean coefficient of the directions whose eigenvalue is ``c``.
        apart: what that of the upper ones is above it.
        steepens: ``d slope / d log tau`` where the count stays.
        count_slopes: of ``count`` by path and ``log tau``.
    """

    point: complex = 0j
    slope: float = 0.0
    spikes: float = 0.0
    bulk: bool = False
    count: float = 0.0
    excess: float = 0.0
    drift: float = 0.0
    turn: float | None = None
    density: float = 0.0
    truth: float = 0.0
    apart: float = 0.0
    steepens: float = 0.0
    count_slopes: tuple[float, float] = (0.0, 0.0)

    def moving(
        self, log_c_by_path: float, log_c_by_tau: float, pull: float | None = None
    ) -> SpectralResponse:
        """With slopes, from how the threshold moves; the risk's by ``R = Q - J + delta J_delta + eps J_eps``.

        Eigenvalues at ``c`` move by ``-truth`` with ``log tau``. ``pull``: how the threshold leaves them behind, where
        both are known to cancel.
        """
        by_c = -2.0 * self.excess * self.c, -self.slope * self.c  # by log c
        plain = rho_at_threshold(self.rho, self.dof, self.c, self.excess, self.drift)
        at_c = float(plain) if self.turn is None else 2.0 * self.turn
        slopes = Slopes(
            by_c[0] * log_c_by_path,
            by_c[1] * log_c_by_path,
            at_c + by_c[0] * log_c_by_tau,
            self.drift + by_c[1] * log_c_by_tau,
            log_c_by_path,
            log_c_by_tau,
        )
        away = self.truth + self.c * log_c_by_tau if pull is None else pull
        by_path = self.c * log_c_by_path
        return replace(self, slopes=slopes, count_slopes=(-self.density * by_path, -self.density * away))


class Line:
    """All thresholds at one effective noise."""

    sides: ClassVar[int] = 1

    def __init__(self, atoms: Atoms, log_tau: float, finest: float = 0.25) -> None:
        self.atoms, self.log_tau, self.finest = atoms, log_tau, finest
        self.plane = Subordination(atoms, log_tau)

    @cached_property
    def top(self) -> float:
        """No eigenvalue is above: the norm of the teacher and that of the noise."""
        return saturated_exp(self.atoms.log_largest - self.log_tau) + RADIUS

    @cached_property
    def bottom(self) -> float:
        """The smallest atom."""
        return saturated_exp(self.atoms.log_at(self.atoms.d) - self.log_tau)

    @cached_property
    def end(self) -> tuple[float, float]:
        """`last_angle`."""
        last, moves = last_angle(self.atoms, np.array([self.log_tau]), self.finest)
        return float(last[0]), float(moves[0])

    @cached_property
    def joints(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """``(path, c)`` where the position turns from ``log c`` to ``log cot arg w`` and back."""
        if self.atoms.d < LARGE:
            return (0.0, 1.0), (0.0, 1.0)
        places = []
        for path in (0.0, self.end[0]):
            w = self.on_ray(path)
            if w is None:
                return (0.0, 1.0), (0.0, 1.0)
            places.append((path, self.threshold_at(w)))
        if not 0.0 < places[0][1] < places[1][1]:
            return (0.0, 1.0), (0.0, 1.0)
        return places[0], places[1]

    @cached_property
    def bent(self) -> bool:
        """Whether half of the atoms are so small that there surely is a point of the support curve on each ray.

        The curve's mass on the ray is then above 1 at ``r = 1/2``, and ``c = t sum omega (2 u - a)`` is positive: of an
        atom beyond ``2 u`` the term is at most 0.207/u below 0, of a small one nearly 1/u above.
        """
        d = self.atoms.d
        return d >= LARGE and self.atoms.log_at(0.5 * d + 1.0) - self.log_tau < TINY

    def at(self, path: float, near: complex | None = None) -> SpectralResponse:
        if not self.bent:
            (p1, c1), (p0, c0) = self.joints
            if p0 > p1 and p1 <= path <= p0:
                return self.at_angle(path, near)
        elif 0.0 <= path <= self.end[0]:
            return self.at_angle(path, near)
        elif path > -math.inf:
            joint = 0.0 if path < 0.0 else self.end[0]
            c, moves = self._joint(joint)
            return self.at_c(c * saturated_exp(path - joint), path, near).moving(1.0, moves)
        if path == -math.inf:
            return self.at_c(0.0, path, near)
        joint, c = (p1, c1) if path < p1 or p0 == p1 else (p0, c0)
        moves = self._joint(joint)[1] if p0 > p1 else 0.0
        return self.at_c(c * saturated_exp(path - joint), path, near).moving(1.0, moves)

    def _joint(self, path: float) -> tuple[float, float]:
        """The threshold at one end of the angles, and how its logarithm moves with ``log tau`` at a path beyond."""
        c, (by_path, by_tau) = self.bend(self.ray(path))
        return c, by_tau + (by_path - 1.0) * self.end[1] if path > 0.0 else by_tau

    def ray(self, path: float, near: complex | None = None) -> complex:
        """The point of the support curve with argument ``arccot exp(path)``."""
        w = self.on_ray(path, near)
        if w is None:
            raise NotConverged(f"no support curve at path = {path}, log tau = {self.log_tau}")
        return w

    def on_ray(self, path: float, near: complex | None = None) -> complex | None:
        """The same, or None where there is none."""
        return self.plane.on_ray(cmath.rect(1.0, math.atan(math.exp(-path))), near)

    def threshold_at(self, w: complex) -> float:
        """``c`` at a point of the support curve."""
        return w.real + self.plane.shift(w)[0].real

    def bend(self, w: complex) -> tuple[float, tuple[float, float]]:
        """The threshold at a point of the support curve; how its logarithm moves with path and ``log tau``."""
        c, by_path, share, turned = self._bend(w)
        return c, (by_path / c, -(share + turned) / c)

    def _bend(self, w: complex) -> tuple[float, float, float, float]:
        """The same, not by logarithms; of the latter the two parts, both falling: the truth there, and a turn."""
        angle = math.atan2(w.imag, w.real)
        value, slope = self.plane.shift(w)
        c = w.real + value.real
        if angle > SHARP:
            kernel, share = w * (1.0 + slope) / (2j * w.imag), 2.0 * w.real - c
        else:  # there both are small differences
            view = self.plane.inside(w).view
            kernel, share = view.kernel_at(w, angle), view.share(angle, 1)
        by_path = math.sin(2.0 * angle) * w.imag * abs(kernel) ** 2 / kernel.real
        return c, by_path, share, 2.0 * w.imag * kernel.imag / kernel.real

    def at_c(self, c: float, path: float | None = None, near: complex | None = None) -> SpectralResponse:
        if path is None:
            (p1, c1), (p0, c0) = self.joints
            path = -math.inf if c == 0 else p1 + math.log(c / c1) if c <= c1 else p0 + math.log(c / c0)
        if c >= self.top:
            return self.beyond(c, path)
        if self.bottom > c + RADIUS:
            return self.everything(c, path)
        return self.respond(self.plane.place(c, near), c, path)

    def at_angle(self, path: float, near: complex | None = None) -> SpectralResponse:
        w = self.ray(path, near)
        c, by_path, share, turned = self._bend(w)
        here = self.respond(self.plane.inside(w), c, path)
        # towards the axis the lower ones mirror them
        apart = here.apart if w.imag > SHARP * w.real else (self.sides - 1) * share
        return here.moving(by_path / c, -(share + turned) / c, -turned - apart)

    def beyond(self, c: float, path: float | None = None) -> SpectralResponse:
        """Above all eigenvalues: nothing is learned, the risk is that of the null estimator, 1."""
        if path is None:
            (_, _), (p0, c0) = self.joints
            path = p0 + math.log(c / c0)
        return SpectralResponse(path, c, saturated_exp(-2.0 * self.log_tau), 0.0, point=complex(c))

    def everything(self, c: float, path: float) -> SpectralResponse:
        """Below all eigenvalues: the estimator is ``S + delta Z - eps``, without clipping."""
        d = self.atoms.d
        return SpectralResponse(
            path,
            c,
            d * (1.0 + c * c),
            d,
            d,
            -d * c * c,
            0.0,
            point=complex(c),
            spikes=d,
            count=d,
            excess=-c * d,
        )

    def respond(self, place: Place, c: float, path: float) -> SpectralResponse:
        """Evaluate the arc integrals from one place."""
        if place.above == 0 and place.angle == 0:
            return self.beyond(c, path)
        sums = respond(place.view, place.angle, c, place.clearance)
        density = self.atoms.d * place.w.imag / math.pi if place.angle > 0 else self._dense(place)
        return self.from_sums(
            place,
            c,
            path,
            sums,
            density=density,
            truth=2.0 * place.w.real - c if density > 0 else 0.0,
            steepens=sums.slope - 4.0 / 3.0 * density * place.w.imag**2,
        )

    def from_sums(self, place: Place, c: float, path: float, sums: ArcSums, **more: Any) -> SpectralResponse:
        """The response whose integrals these are."""
        return SpectralResponse(
            path,
            c,
            sums.rho,
            sums.dof,
            point=place.w,
            slope=sums.slope,
            spikes=place.above,
            bulk=place.angle > 0,
            count=sums.count,
            excess=sums.excess,
            drift=sums.drift,
            **more,
        )

    def _dense(self, place: Place) -> float:
        """How many features there are to an eigenvalue, where they hardly widen each other and are as good as dense."""
        if place.above <= MANY:
            return 0.0
        level = self.log_tau + math.log(place.w.real)
        more, fewer = (self.atoms.spectrum.count_above(level + x) for x in (-_STRETCH, _STRETCH))
        return (more - fewer) / (2.0 * _STRETCH * place.w.real)

    def solve(self, nu: float, force: float, near: SpectralResponse | None) -> SpectralResponse:
        """Find the piece of the line that holds the root, then the root."""
        (p1, c1), (p0, c0) = self.joints
        if p0 == p1:
            return self._solve_c(nu, force, near.c if near is not None else None, 0.0, math.inf, near)
        low = self.at(p1)
        if excess(low, nu, force) <= 0:
            return self._solve_c(nu, force, None, 0.0, c1, low)
        high = self.at(p0)
        if excess(high, nu, force) >= 0:
            return self._solve_c(nu, force, None, c0, math.inf, high)
        found: dict[float, SpectralResponse] = {p1: low, p0: high}

        def balance(path: float) -> float:
            if path not in found:
                found[path] = self.at_angle(path)
            return -excess(found[path], nu, force)

        ends = Bracket(p1, p0, balance(p1), balance(p0))
        return found[increasing_root(balance, ends, tolerance=_ACCURATE)]

    def _solve_c(
        self,
        nu: float,
        force: float,
        guess: float | None,
        low: float,
        high: float,
        near: SpectralResponse | None,
    ) -> SpectralResponse:
        """Newton's method in ``c``, exact where ``s`` is linear in it (gaps), with bisection as a guard."""
        c = guess if guess is not None and low < guess < high else self._start(nu, force, low, high)
        point = near.point if near is not None else None
        best, least = None, math.inf
        for _ in range(_STEPS):
            here = self.at_c(c, None, point)
            point = here.point if here.bulk else None
            off = excess(here, nu, force)
            if abs(off) < least:
                best, least = here, abs(off)
            if abs(off) <= _ACCURATE:
                break
            low, high = (c, high) if off > 0 else (low, c)
            step = _next(here, nu, force)
            if not low < step < high:
                step = _between(low, high, c)
            if step in (low, high, c):
                break
            c = step
        if best is None:
            raise NotConverged(f"no threshold at log tau = {self.log_tau}, nu = {nu}")
        return best

    def _start(self, nu: float, force: float, low: float, high: float) -> float:
        c = max(force / nu, 1.0 if nu < 0.4 * self.atoms.d else 0.1)
        return c if low < c < high else _between(low, high, max(low, 1.0))


def excess(here: SpectralResponse, nu: float, force: float) -> float:
    """``log(s / nu + L / (nu kappa))``, falling with the threshold."""
    total = here.dof / nu + (force / nu / here.c if force > 0 else 0.0) if here.c > 0 else math.inf
    return math.log(total) if total > 0 else -math.inf


def _next(here: SpectralResponse, nu: float, force: float) -> float:
    """The root with ``s`` replaced by its tangent: ``beta c^2 + (nu - alpha) c - force = 0``."""
    beta = here.slope
    b = nu - here.dof - beta * here.c
    if beta <= 0:
        return force / b if b > 0 else math.nan
    root = math.sqrt(b * b + 4.0 * beta * force)
    return 2.0 * force / (b + root) if b > 0 else (root - b) / (2.0 * beta)


def _between(low: float, high: float, c: float) -> float:
    if high == math.inf:
        return 2.0 * c
    if low == 0.0:
        return 0.25 * high
    return math.sqrt(low * high) if high > 4.0 * low else 0.5 * (low + high)


def distance_below_edge(view: Any, angle: Any, mirror: bool) -> tuple[Any, Any]:
    """``2 - c`` from the angle of a point of the support curve, without cancellation, and the point's radius.

    ``r^2 - 1 = t sum (2 u a - a^2) omega`` and ``c = 2 u - t sum a omega``. Of one view, or of many and their angles.
    """
    sign = -1.0 if mirror else 1.0
    first, second = (view.share(angle, power, mirror) for power in (1, 2))
    square = sign * 2.0 * view.r * np.cos(angle) * first - second
    beyond = square / (1.0 + np.sqrt(1.0 + square))
    apart = 4.0 * np.sin(0.5 * angle) ** 2 - 2.0 * beyond * np.cos(angle) + sign * first
    return apart, 1.0 + beyond
