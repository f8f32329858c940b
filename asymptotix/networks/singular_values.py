r"""The singular values of a matrix behind a Gaussian one, thresholded: the numbers behind the bilinear network.

``Y = A + Z`` has ``m`` rows and ``d >= m`` columns, ``A`` the singular values ``a_i``, ``Z`` independent entries of
variance ``1/d`` (units of ``tau``); ``b = 1 - m/d``. With ``F(s) = (1/d) sum 1/(s - a_i^2)`` the squares of the
singular values are where Dozier and Silverstein's

    z^2 = s (1 + F)^2 + b (1 + F)

is real (J. Multivariate Anal. 98, 2007), and ``h = z F/(1 + F)``, ``k = h + b/z`` are the traces over ``d`` of the two
blocks of the resolvent of ``((0, Y), (Y', 0))``; square matrices have ``w^2 = s``, ``z = w (1 + F)``: the law of
``+-a_i`` freely convolved with a semicircle. From ``s_c``, where ``z = c``, to any real point right of all features

    dof = -(2 d/pi) Im int (z - c) h k dz
    rho = U - (m/pi) Im s_c + (2 d/pi) Im int [H - h (k - c)^2 dz/ds] ds
    H   = (F/2) [s (s F (1 + F) - b)/D + q^2 (2 s + b/(1 + F)) F'],    D = s (1 + F) + b,    q^2 = s^2 (1 + F)/D

where ``U = (1/pi) sum a_i^2 arg(a_i^2 - conj(s_c))`` is what features below the threshold cost: no two terms as large
as the teacher cancel (`derivations/15_bilinear`). Errors of rounding are of the order of ``d`` units in the last place.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from asymptotix.errors import NotConverged, TooLarge
from asymptotix.free_convolution.information_noise import Features, contour, log_real_root
from asymptotix.networks.balances import threshold_balance
from asymptotix.networks.base import Response, saturated_exp
from asymptotix.rootfinding import bracket, increasing_root
from asymptotix.teacher import Spectrum

# Beyond it rounding, d units in the last place, is no longer small beside the few learned.
_LARGEST = 10**8
# Features taken one by one; further ones as Gauss nodes of panels that grow by this ratio, finest at the threshold.
_FEW, _GROWTH, _WINDOW = 300, 1.2, 24.0
# Features serve a point whose count is off by this share of their window's width, or of itself.
_SERVED = 0.1
# log c where nothing and all is below the threshold.
_LOW, _HIGH = -40.0, 80.0


@dataclass(frozen=True)
class SingularResponse(Response):
    """A `Response` that remembers its point ``s_c``."""

    point: complex = 0j


@dataclass(frozen=True)
class SingularValues:
    """The potential of soft thresholding the singular values of ``S + delta Z``; ``path = log c``.

    ``spectrum``: the teacher's singular values, as many as rows; ``columns``: as many unless given.

    >>> from asymptotix.teacher import FiniteRank
    >>> noise = SingularValues(FiniteRank([1.0]).spectrum(100))
    >>> here = noise.response(-math.inf, 20.0)
    >>> here.dof, here.rho
    (100.0, 100.0)
    """

    spectrum: Spectrum
    columns: float | None = None
    _last: list[complex] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def d(self) -> float:
        """Columns."""
        return float(self.spectrum.d if self.columns is None else self.columns)

    def features(self, log_tau: float, *log_u: float) -> Features:
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
        return Features(squares, weight, float(spectrum.d), self.d)

    def place(self, c: float, log_tau: float, near: complex | None = None) -> tuple[Features, complex]:
        """The point of a threshold, and the features seen from there: exact around the count of its ``Re w``."""
        if self.d > _LARGEST:
            raise TooLarge("d", self.d, f"at most {_LARGEST:.0e} for singular values one by one")
        log_u = math.log(c) if near is None else log_real_root(near)
        while True:
            features = self.features(log_tau, log_u)
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


def missed(features: Features, s: complex) -> float:
    """``U``: the features' own share that is below the threshold."""
    angle = np.arctan2(s.imag, features.squares - s.real)
    return float((features.weight * features.squares * angle).sum()) / math.pi


def _integrals(features: Features, s_c: complex, c: float) -> tuple[float, float]:
    """``rho`` and ``dof`` from ``s_c``."""
    on, ds = contour(features, s_c)
    d, b, s, f = features.d, features.spare, on.s, on.f
    one, rest = 1.0 + f, s * (1.0 + f) + b
    dof = -2.0 * d / math.pi * float(((on.z - c) * on.h * on.k * on.z_slope * ds).imag.sum())
    kept = 0.5 * f * (s * (s * f * one - b) / rest + s * s * one / rest * (2.0 * s + b / one) * on.f_slope)
    moved = (kept - on.h * (on.k - c) ** 2 * on.z_slope) * ds
    rho = missed(features, s_c) + 2.0 * d / math.pi * float(moved.imag.sum())
    return rho - features.rows / math.pi * s_c.imag, dof
