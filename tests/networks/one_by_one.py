r"""Thresholded singular values from paths one feature at a time: slow, of limited dimension, and a witness.

In the notation of `asymptotix.free_convolution.information_noise`, from ``s_c``, where ``z = c``, to any real point
right of all features,

    dof = -(2 d/pi) Im int (z - c) h k dz
    rho = U - (m/pi) Im s_c + (2 d/pi) Im int [H - h (k - c)^2 dz/ds] ds
    H   = (F/2) [s (s F (1 + F) - b)/D + q^2 (2 s + b/(1 + F)) F'],    D = s (1 + F) + b,    q^2 = s^2 (1 + F)/D

where ``U = (1/pi) sum a_i^2 arg(a_i^2 - conj(s_c))`` is what features below the threshold cost: no two terms as large
as the teacher cancel. Errors of rounding are of the order of ``d`` units in the last place.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from asymptotix.arrays import Complex
from asymptotix.errors import NotConverged
from asymptotix.free_convolution.information_noise import Features, log_real_root
from asymptotix.networks.balances import threshold_balance
from asymptotix.networks.base import Response, saturated_exp
from asymptotix.networks.square_values import SquareValues
from asymptotix.rootfinding import bracket, increasing_root

# 16 nodes on a panel twice as long as its distance from a pole are good to 1e-18; shorter distances are not resolved.
_RULE = np.polynomial.legendre.leggauss(16)
_TRIPLE, _FINEST = 3.0, 1e-12
# The way down to the real axis: by this factor a time, or up to such a one where that leads astray, so far, with these
# many steps of Newton's method at most.
_DOWN, _SHORTEST, _CLOSE, _STEPS = 0.4, 0.999, 1e-6, 40
# From here on a step is rounding, and steps so large are good enough on the way.
_ROUNDING, _ROUGH = 2e-16, 1e-6
# A point this near the real axis (relative) is a gap's; a curve that is this far on the wrong side is another sheet's.
_REAL, _OTHER_SHEET = 1e-9, -1e-12
# Features taken one by one; further ones as Gauss nodes of panels that grow by this ratio, finest at the threshold.
_FEW, _GROWTH, _WINDOW = 300, 1.2, 24.0
# Features serve a point whose count is off by this share of their window's width, or of itself.
_SERVED = 0.1
# log c where nothing and all is below the threshold.
_LOW, _HIGH = -40.0, 80.0


@dataclass(frozen=True)
class Sheet:
    """Everything about ``z`` at points ``s`` of the physical sheet."""

    s: Complex
    f: Complex
    f_slope: Complex
    z: Complex
    z_slope: Complex
    h: Complex
    k: Complex


@dataclass(frozen=True)
class Walked(Features):
    """Features with the way to a threshold's point."""

    @property
    def edge(self) -> float:
        """Where bare noise ends, ``1 + sqrt(m/d)``."""
        return 1.0 + math.sqrt(self.rows / self.d)

    @property
    def top(self) -> float:
        """No singular value is above."""
        return math.sqrt(float(self.squares.max())) + self.edge

    def sheet(self, s: Complex) -> Sheet:
        """At points above the curve."""
        f, slope = self.sums(s)
        one, rest = 1.0 + f, s * (1.0 + f) + self.spare
        z: Complex = np.sqrt(one * rest)
        h: Complex = z * f / one
        return Sheet(
            s, f, slope, z, (slope * rest + one * (one + s * slope)) / (2.0 * z), h, h + self.spare / z
        )

    def point(self, c: float, near: complex | None = None) -> complex:
        """``s_c``: by Newton's method from a point nearby, else down from far above ``c``, where ``s = z^2``."""
        if near is not None and (found := self._newton(near, complex(c * c), _ROUNDING)) is not None:
            return found
        height, down = 3.0 * (c + self.top), _DOWN
        s: complex = complex(c, height) ** 2
        while height > _CLOSE * c:
            z = complex(c, height)
            found = self._newton(s, z * z, _ROUGH)
            if found is not None and self._physical(found, z):
                s, height, down = found, height * down, max(down**2, _DOWN)
                continue
            # too far: from the last good height by a shorter step
            height, down = height / math.sqrt(down), math.sqrt(down)
            if down > _SHORTEST:
                break
        found = self._newton(s, complex(c * c), _ROUNDING)
        return s if found is None else found

    def _physical(self, s: complex, z: complex) -> bool:
        """Of all solutions at ``Im z > 0`` one has ``Im h, Im k < 0`` (Helton, Rashidi Far, Speicher 2007)."""
        f = complex(self.sums(np.array([s]))[0][0])
        p = z / (1.0 + f)
        return min(p.imag, (s / p).imag) >= (1.0 - _ROUGH) * z.imag

    def _newton(self, s: complex, target: complex, accuracy: float) -> complex | None:
        """The nearest root of ``z^2 = target`` in the upper half plane; real if it is all but real."""
        last = math.inf
        for _ in range(_STEPS):
            value, slope = self.square(s)
            step = (value - target) / slope if slope != 0 else math.nan
            s = s - step
            if not math.isfinite(abs(s)):
                return None
            s = complex(s.real, abs(s.imag))
            small = abs(step) <= accuracy * abs(s)
            if small or (abs(step) >= last and abs(step) < _ROUGH * abs(s)):  # at rounding steps stop falling
                real = target.imag == 0.0 and s.imag <= _REAL * abs(s)
                return complex(s.real) if real else s
            last = abs(step)
        return None


def contour(features: Walked, s: complex) -> tuple[Sheet, Complex]:
    """Nodes on the physical sheet and weights: up from ``s``, then down to the real axis beyond all features.

    Raises:
        NotConverged: what is above ``s`` is another sheet.
    """

    def path(squared: bool) -> tuple[Complex, Complex]:
        far = 4.0 * max(float(features.squares.max()), abs(s)) + 9.0
        place, end = (s, far) if squared else (first_quadrant(s), math.sqrt(far))
        up = _upwards(features, s, end - place.real, squared)
        return _nodes(np.concatenate([up, up[-1] + (end - up[-1]) * np.arange(1, 5) / 4.0]), squared)

    return _on_sheet(features, path)


def _on_sheet(features: Walked, path: Callable[[bool], tuple[Complex, Complex]]) -> tuple[Sheet, Complex]:
    """The first path with ``Im z^2 > 0``: upwards in ``s``, or in its root, where the curve leans over 0."""
    for squared in (True, False):
        places, weights = path(squared)
        on = features.sheet(places)
        if float(((on.z * on.z).imag / np.abs(on.z) ** 2).min()) >= _OTHER_SHEET:
            return on, weights
    raise NotConverged("no path on the physical sheet from a threshold's point to the real axis")


def first_quadrant(s: complex) -> complex:
    """In the first quadrant."""
    root = complex(np.sqrt(s))
    return complex(root.real, abs(root.imag))


def _upwards(features: Walked, s: complex, height: float, squared: bool) -> Complex:
    """Ends of panels from ``s`` up: the first as long as the distance to the nearest singularity."""
    value, slope = features.square(s)
    clearance = min(float(np.abs(features.squares - s).min()), abs(value / slope) if slope != 0 else math.inf)
    start, scale = (
        (s, 1.0) if squared else (first_quadrant(s), 2.0 * max(abs(first_quadrant(s)), math.sqrt(clearance)))
    )
    first = min(max(clearance / scale, _FINEST * abs(start)), height)
    count = math.ceil(math.log(height / first) / math.log(_TRIPLE) - 1e-9)
    steps = np.concatenate([[0.0], height * _TRIPLE ** -np.arange(float(count), -1.0, -1.0)])
    ends: Complex = start + 1j * steps
    return ends


def _nodes(corners: Complex, squared: bool) -> tuple[Complex, Complex]:
    """Gauss nodes ``s`` and weights on a path of panels in ``s``, or in its root."""
    half, middle = 0.5 * np.diff(corners), 0.5 * (corners[1:] + corners[:-1])
    node, weight = _RULE
    places: Complex = (middle[:, None] + half[:, None] * node).ravel()
    weights = np.asarray((half[:, None] * weight).ravel(), dtype=np.complex128)
    return (places, weights) if squared else (places * places, 2.0 * places * weights)


@dataclass(frozen=True)
class SingularResponse(Response):
    """A `Response` that remembers its point ``s_c``."""

    point: complex = 0j


@dataclass(frozen=True)
class OneByOne(SquareValues):
    """The potential of soft thresholding the singular values of ``S + delta Z``; ``path = log c``."""

    _last: list[complex] = field(default_factory=list, init=False, repr=False, compare=False)

    def around(self, log_tau: float, *log_u: float) -> Walked:
        """The teacher's, finest around each ``exp(log_u)``, where one panel ends."""
        spectrum, rank = self.spectrum, float(self.spectrum.rank)
        if rank <= 2 * _FEW or not spectrum.smooth:
            log_a, weight = spectrum.nodes(np.arange(rank + 1.0))
        else:
            tail = _FEW * _GROWTH ** np.arange(math.log(rank / _FEW) / math.log(_GROWTH))
            window = _WINDOW * 2.0 ** np.arange(math.log2(rank / _WINDOW))
            around = np.concatenate([-window, [0.0], window])
            breaks = [np.arange(_FEW), tail, np.array([rank])]
            breaks += [spectrum.count_above(x + log_tau) + around for x in log_u]
            log_a, weight = spectrum.nodes(np.unique(np.floor(np.clip(np.concatenate(breaks), 0.0, rank))))
        squares = np.exp(np.minimum(2.0 * (log_a - log_tau), 300.0))
        if spectrum.d > rank:
            squares, weight = np.append(squares, 0.0), np.append(weight, spectrum.d - rank)
        return Walked(squares, weight, float(spectrum.d), self.d)

    def place(self, c: float, log_tau: float, near: complex | None = None) -> tuple[Walked, complex]:
        """The point of a threshold, and the features seen from there: exact around the count of its ``Re w``."""
        log_u = math.log(c) if near is None else log_real_root(near)
        while True:
            features = self.around(log_tau, log_u)
            s = features.point(c, near)
            following = log_real_root(s)
            centre, now = (self.spectrum.count_above(x + log_tau) for x in (log_u, following))
            if features.squares.size <= 2 * _FEW + 1 or abs(now - centre) <= _SERVED * max(_WINDOW, now):
                return features, s
            log_u = following

    def response(self, path: float, log_tau: float) -> Response:
        """Respond at the threshold ``exp(path)``, at effective noise ``exp(log_tau)``."""
        if path == -math.inf:  # nothing is thresholded: all of the noise is learned
            m = float(self.spectrum.d)
            return SingularResponse(path, 0.0, m, m, reference=m, rho_below=0.0, dof_below=0.0)
        c = saturated_exp(path)
        top = saturated_exp(float(self.spectrum.log_value(np.ones(1))[0]) - log_tau)
        if c >= top + 2.0:
            return SingularResponse(path, c, saturated_exp(-2.0 * log_tau), 0.0, point=complex(c * c))
        m = float(self.spectrum.d)
        for near in self._last:  # most often right, and known to be wrong where it is
            with suppress(NotConverged):
                return self._at(path, c, m, log_tau, near)
        return self._at(path, c, m, log_tau, None)

    def _at(self, path: float, c: float, m: float, log_tau: float, near: complex | None) -> SingularResponse:
        features, s = self.place(c, log_tau, near)
        rho, dof = _integrals(features, s, c)
        self._last[:] = [s]
        return SingularResponse(path, c, max(rho, 0.0), min(max(dof, 0.0), m), point=s)

    def threshold(self, log_tau: float, nu: float, penalty: float, near: Response | None) -> Response:
        """Solve ``s / nu + penalty / (nu kappa) = 1`` at fixed effective noise."""
        nothing = self.response(-math.inf, log_tau)
        if penalty == 0 and nothing.dof <= nu:
            return nothing
        found: dict[float, Response] = {}

        def balance(path: float) -> float:
            found[path] = self.response(path, log_tau)
            return threshold_balance(found[path], log_tau, nu, penalty).value

        high = max(_HIGH, math.log(max(penalty / nu, 1e-300)) - log_tau + 1.0)
        ends = bracket(balance, near.path if near and math.isfinite(near.path) else 0.0, 0.5, _LOW, high)
        if ends is None:
            raise NotConverged(f"no threshold at log tau = {log_tau}, nu = {nu}")
        root = increasing_root(balance, ends)
        return found[root] if root in found else self.response(root, log_tau)

    def path_of(self, c: float, log_tau: float) -> float:
        """The position of threshold ``c``."""
        return math.log(c) if c > 0 else -math.inf


def missed(features: Walked, s: complex) -> float:
    """``U``: the features' own share that is below the threshold."""
    angle = np.arctan2(s.imag, features.squares - s.real)
    return float((features.weight * features.squares * angle).sum()) / math.pi


def _integrals(features: Walked, s_c: complex, c: float) -> tuple[float, float]:
    """``rho`` and ``dof`` from ``s_c``."""
    on, ds = contour(features, s_c)
    d, b, s, f = features.d, features.spare, on.s, on.f
    one, rest = 1.0 + f, s * (1.0 + f) + b
    dof = -2.0 * d / math.pi * float(((on.z - c) * on.h * on.k * on.z_slope * ds).imag.sum())
    kept = 0.5 * f * (s * (s * f * one - b) / rest + s * s * one / rest * (2.0 * s + b / one) * on.f_slope)
    moved = (kept - on.h * (on.k - c) ** 2 * on.z_slope) * ds
    rho = missed(features, s_c) + 2.0 * d / math.pi * float(moved.imag.sum())
    return rho - features.rows / math.pi * s_c.imag, dof
