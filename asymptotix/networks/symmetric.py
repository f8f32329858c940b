"""The symmetric network: a matrix of either sign, nuclear norm, its spectrum thresholded on both sides.

Signs of the teacher's eigenvalues do not matter to leading order: each is learned on its own side, and noise
leaks on both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asymptotix.networks.base import MATRIX_UNITS
from asymptotix.networks.two_sided import TwoSided
from asymptotix.teacher import Spectrum

if TYPE_CHECKING:
    from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
    from asymptotix.asymptotics.sector import Sector

SIDES = 2
scales = MATRIX_UNITS.scales


class Symmetric:
    """``sum (y - Tr S (xx'-I)/sqrt d)^2 + lam d ||S||_*``: ``S = U'U - W'W`` with weight decay, both wide."""

    name = "symmetric"
    units = MATRIX_UNITS

    def bind(self, spectrum: Spectrum) -> TwoSided:
        return TwoSided(spectrum)


def shares() -> tuple[NoiseShare, FeatureShare]:
    """The potential's two shares: what bare noise and one learned feature contribute."""
    from asymptotix.asymptotics.expansions import spectral

    return spectral.noise_share(SIDES), spectral.feature_share()


def sectors() -> tuple[Sector, ...]:
    """Sector expansions of risk and degrees of freedom, derived from the potential."""
    from asymptotix.asymptotics.expansions import spectral_sectors

    return spectral_sectors(SIDES)
