"""A spectrum thresholded from above: the numbers behind the quadratic network."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

from asymptotix.arrays import Array
from asymptotix.free_convolution.arc import missed_moments
from asymptotix.free_convolution.atoms import Atoms
from asymptotix.networks.base import Response, Responses, over_noise
from asymptotix.networks.threshold_line import LARGE, Line, SpectralResponse
from asymptotix.networks.threshold_lines import Lines
from asymptotix.teacher import Spectrum


@dataclass(frozen=True)
class Thresholded(ABC):
    """A potential whose responses are found on the `Line` of an effective noise."""

    spectrum: Spectrum

    @abstractmethod
    def line(self, log_tau: float) -> Line:
        """All thresholds at one effective noise."""

    def response(self, path: float, log_tau: float) -> SpectralResponse:
        """Respond at a position and an effective noise.

        >>> from asymptotix.teacher import FiniteRank
        >>> noise = OneSided(FiniteRank([1.0]).spectrum(10**4))
        >>> round(noise.response(-math.inf, 20.0).dof / 10**4, 8)
        0.5
        """
        return self.line(log_tau).at(path)

    def nearby(self, path: float, log_tau: float, near: SpectralResponse) -> SpectralResponse:
        """`response` from that at a similar place."""
        return self.line(log_tau).at(path, near.point)

    def threshold(
        self, log_tau: float, nu: float, penalty: float, near: Response | None = None
    ) -> SpectralResponse:
        """Solve ``s / nu + penalty / (nu kappa) = 1`` at fixed effective noise."""
        line = self.line(log_tau)
        force = over_noise(penalty, log_tau)
        guess = near if isinstance(near, SpectralResponse) else None
        if force / nu >= line.top:
            return line.beyond(force / nu)
        if penalty == 0 and (zero := line.at(-math.inf)).dof <= nu:
            return zero
        return line.solve(nu, force, guess)


@dataclass(frozen=True)
class OneSided(Thresholded):
    """The potential of ``ReLU(S + delta Z - eps)`` for a positive semidefinite teacher ``S``.

    ``finest``: angles are resolved down to ``d^-finest``.
    """

    finest: float = 0.25
    sides: ClassVar[int] = 1
    lines: ClassVar[type[Lines]] = Lines

    @cached_property
    def atoms(self) -> Atoms:
        return _shared(self.spectrum) if self.spectrum.smooth else Atoms(self.spectrum)

    def line(self, log_tau: float) -> Line:
        return Line(self.atoms, log_tau, self.finest)

    def path_of(self, c: float, log_tau: float) -> float:
        """The position of threshold ``c``; a little off where only the angle tells."""
        line = self.line(log_tau)
        if c <= 0:
            return -math.inf
        low, high = line.joints
        if c <= low[1]:
            return math.log(c / low[1]) + low[0]
        if c >= high[1]:
            return math.log(c / high[1]) + high[0]
        w = line.plane.solve(c)
        return min(max(math.log(w.real / max(w.imag, 1e-300)), low[0]), high[0])

    def responses(self, path: Array, log_tau: Array) -> Responses:
        """`response` at many places at once.

        >>> import numpy as np
        >>> from asymptotix.teacher import PowerLaw
        >>> spectrum = OneSided(PowerLaw(1.0).spectrum(10**9))
        >>> both = spectrum.responses(np.array([-1.0, 2.0]), np.array([-3.0, -4.0]))
        >>> bool(abs(both.dof[1] / spectrum.response(2.0, -4.0).dof - 1) < 1e-13)
        True
        """
        return self.lines(self.atoms, path, log_tau, self.finest, self.sides).responses()

    def guess(self, log_tau: float, nu: float, penalty: float) -> float:
        """Where the penalty alone, or the noise alone (as many eigenvalues as samples), puts the threshold.

        Of bare noise ``s = sides d (8 / 15 pi) angle^5`` for a small angle of the subordination point, at which
        ``c = 2 cos angle``, and ``s = sides d / 2`` at threshold 0.
        """
        spare = nu - 0.5 * self.sides * self.atoms.d
        force = math.log(penalty) - log_tau if penalty > 0 else -math.inf
        if spare > 0:
            return self._noise_path(force - math.log(spare), log_tau)
        angle = (15.0 * math.pi / 8.0 * nu / self.atoms.d / self.sides) ** 0.2  # at most 1.25
        large, end = self.atoms.d >= LARGE, self.line(log_tau).end[0]
        edge = min(-math.log(math.tan(angle)), end) if large else math.log(2.0 * math.cos(angle))
        return max(edge, self._noise_path(force - math.log(nu), log_tau))

    def _noise_path(self, log_c: float, log_tau: float) -> float:
        """The position of a threshold among bare noise."""
        if self.atoms.d < LARGE:
            return log_c
        end, share = self.line(log_tau).end[0], 0.5 * math.exp(min(log_c, 1.0))
        if share >= 1.0:
            return end + log_c - math.log(2.0)
        low = log_c - 0.5 * math.log(2.0)
        return low if low < 0 else min(math.log(share) - 0.5 * math.log1p(-share * share), end)

    def potential(self, c: float, log_tau: float) -> tuple[float, float, float]:
        """``(J, delta dJ/d delta, eps dJ/d eps)`` with ``J = int (x - eps)_+^2 mu_delta(dx)``.

        The plain formulas, for dimensions that fit in memory: the risk ``Q0 - J + delta Jd + eps Je`` made
        from them loses its digits where it is small, so nothing but tests and figures should use it.

        >>> from asymptotix.teacher import PowerLaw
        >>> spectrum = OneSided(PowerLaw(1.0).spectrum(50))
        >>> J, dJd, eJe = spectrum.potential(1.0, -2.0)
        >>> abs(1 - J + dJd + eJe - math.exp(-4.0) * spectrum.response(0.0, -2.0).rho) < 1e-13
        True
        """
        line = self.line(log_tau)
        here = line.at_c(c)
        if c >= line.top:
            return 0.0, 0.0, 0.0
        a, tau = self.spectrum.values() / math.exp(log_tau), math.exp(log_tau)
        place = line.plane.place(c)
        first, second = missed_moments(place.view, place.angle, c, place.clearance)
        first, second = float((a - c).sum()) - first, float(((a - c) ** 2 + 1.0).sum()) - second
        return tau**2 * second, 2.0 * tau**2 * here.dof, -2.0 * tau**2 * c * first


@lru_cache(maxsize=8)
def _shared(spectrum: Spectrum) -> Atoms:
    """The lines of a map are solved one after the other, and need the same power sums."""
    return Atoms(spectrum)
