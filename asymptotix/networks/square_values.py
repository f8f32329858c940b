"""The singular values of a square matrix behind a Gaussian one, thresholded, at any dimension.

The symmetrised matrix has the eigenvalues ``+-x``: its upper half is thresholded as the quadratic network's.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from asymptotix.arrays import Array
from asymptotix.free_convolution.information_noise import Features
from asymptotix.free_convolution.mirrored import MirroredAtoms, MirroredPlane, MirroredView, respond
from asymptotix.free_convolution.subordination import Place
from asymptotix.networks.base import Response, Responses
from asymptotix.networks.spectral import OneSided
from asymptotix.networks.threshold_line import Line, SpectralResponse
from asymptotix.networks.threshold_lines import Lines, MirroredLines
from asymptotix.teacher import Spectrum

# Features taken one by one; further ones as Gauss nodes of panels that grow by this ratio.
_FEW, _GROWTH = 300, 1.2


class MirroredLine(Line):
    """All thresholds at one effective noise."""

    def __init__(self, atoms: MirroredAtoms, log_tau: float, finest: float) -> None:
        super().__init__(atoms, log_tau, finest)
        self.plane = MirroredPlane(atoms, log_tau)

    @cached_property
    def bottom(self) -> float:
        """No eigenvalue of a symmetric spectrum is known to be above a threshold."""
        return 0.0

    def at_c(self, c: float, path: float | None = None, near: complex | None = None) -> SpectralResponse:
        if c > 0:
            return super().at_c(c, path, near)
        d = self.atoms.d  # nothing is thresholded: all of the noise is learned, whatever the teacher
        everything = SpectralResponse(-math.inf, 0.0, d, d, point=1j, bulk=True, count=d)
        return replace(everything, reference=d, rho_below=0.0, dof_below=0.0)

    def respond(self, place: Place, c: float, path: float) -> SpectralResponse:
        if (place.above == 0 and place.angle == 0) or not isinstance(place.view, MirroredView):
            return self.beyond(c, path)
        return self.from_sums(place, c, path, respond(place.view, place.angle, c, place.clearance))


@dataclass(frozen=True)
class Mirrored(OneSided):
    """Half of each feature at ``+a_i``, half at ``-a_i``, thresholded from above."""

    sides: ClassVar[int] = 2
    lines: ClassVar[type[Lines]] = MirroredLines

    @cached_property
    def atoms(self) -> MirroredAtoms:
        return MirroredAtoms(self.spectrum)

    def line(self, log_tau: float) -> Line:
        return MirroredLine(self.atoms, log_tau, self.finest)


@dataclass(frozen=True)
class SingularValues(ABC):
    """The potential of soft thresholding the singular values of ``S + delta Z``.

    ``spectrum``: the teacher's singular values, as many as rows; ``columns``: as many unless given.
    """

    spectrum: Spectrum
    columns: float | None = None

    @property
    def d(self) -> float:
        """Columns."""
        return float(self.spectrum.d if self.columns is None else self.columns)

    def features(self, log_tau: float) -> Features:
        """The teacher's at an effective noise: the first one by one, then nodes of panels that grow."""
        spectrum, rank = self.spectrum, float(self.spectrum.rank)
        if rank <= 2 * _FEW or not spectrum.smooth:
            breaks = np.arange(rank + 1.0)
        else:
            tail = _FEW * _GROWTH ** np.arange(math.log(rank / _FEW) / math.log(_GROWTH))
            breaks = np.unique(np.floor(np.concatenate([np.arange(_FEW), tail, [rank]])))
        log_a, weight = spectrum.nodes(breaks)
        squares = np.exp(np.minimum(2.0 * (log_a - log_tau), 300.0))
        if spectrum.d > rank:
            squares, weight = np.append(squares, 0.0), np.append(weight, spectrum.d - rank)
        return Features(squares, weight, float(spectrum.d), self.d)

    @cached_property
    @abstractmethod
    def thresholded(self) -> OneSided:
        """Values on a line whose thresholding from above is that of the singular values."""

    @abstractmethod
    def among_squares(self, point: complex) -> complex:
        """A response's point in the plane of squares."""

    def response(self, path: float, log_tau: float) -> SpectralResponse:
        return self.thresholded.response(path, log_tau)

    def nearby(self, path: float, log_tau: float, near: SpectralResponse) -> SpectralResponse:
        return self.thresholded.nearby(path, log_tau, near)

    def guess(self, log_tau: float, nu: float, penalty: float) -> float:
        return self.thresholded.guess(log_tau, nu, penalty)

    def threshold(
        self, log_tau: float, nu: float, penalty: float, near: Response | None = None
    ) -> SpectralResponse:
        return self.thresholded.threshold(log_tau, nu, penalty, near)

    def path_of(self, c: float, log_tau: float) -> float:
        return self.thresholded.path_of(c, log_tau)


class SquareValues(SingularValues):
    """Of a square matrix."""

    @cached_property
    def thresholded(self) -> OneSided:
        return Mirrored(self.spectrum)

    def responses(self, path: Array, log_tau: Array) -> Responses:
        return self.thresholded.responses(path, log_tau)

    def among_squares(self, point: complex) -> complex:
        return point * point
