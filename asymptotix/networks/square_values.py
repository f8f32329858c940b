"""The singular values of a square matrix behind a Gaussian one, thresholded, at any dimension.

The symmetrised matrix has the eigenvalues ``+-x``: its upper half is thresholded as the quadratic network's.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from asymptotix.free_convolution.information_noise import Features
from asymptotix.free_convolution.mirrored import MirroredAtoms, MirroredPlane, MirroredView, respond
from asymptotix.free_convolution.subordination import Place
from asymptotix.networks.spectral import OneSided, Thresholded
from asymptotix.networks.threshold_line import Line, SpectralResponse
from asymptotix.networks.threshold_lines import Lines, MirroredLines

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
        return unthresholded(self.atoms.d, 1j)

    def respond(self, place: Place, c: float, path: float) -> SpectralResponse:
        if (place.above == 0 and place.angle == 0) or not isinstance(place.view, MirroredView):
            return self.beyond(c, path)
        return self.from_sums(place, c, path, respond(place.view, place.angle, c, place.clearance))


def unthresholded(d: float, point: complex) -> SpectralResponse:
    """All of the noise is learned, whatever the teacher."""
    return SpectralResponse(-math.inf, 0.0, d, d, d, 0.0, 0.0, point=point, bulk=True, count=d)


@dataclass(frozen=True)
class SingularValues(Thresholded):
    """The potential of soft thresholding the singular values of ``S + delta Z``.

    ``spectrum``: the teacher's singular values, as many as rows; ``columns``: as many unless given.
    """

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

    @abstractmethod
    def among_squares(self, point: complex) -> complex:
        """A response's point in the plane of squares."""


@dataclass(frozen=True)
class SquareValues(OneSided, SingularValues):
    """Of a square matrix: half of each value at ``+a_i``, half at ``-a_i``, thresholded from above."""

    sides: ClassVar[int] = 2
    lines: ClassVar[type[Lines]] = MirroredLines

    @cached_property
    def atoms(self) -> MirroredAtoms:
        return MirroredAtoms(self.spectrum)

    def line(self, log_tau: float) -> Line:
        return MirroredLine(self.atoms, log_tau, self.finest)

    def among_squares(self, point: complex) -> complex:
        return point * point
