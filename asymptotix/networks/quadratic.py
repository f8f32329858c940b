"""The quadratic network: a positive semidefinite matrix whose spectrum is thresholded on one side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asymptotix.networks.base import MATRIX_UNITS
from asymptotix.networks.spectral import OneSided
from asymptotix.teacher import Spectrum

if TYPE_CHECKING:
    from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
    from asymptotix.asymptotics.sector import Sector

SIDES = 1
scales = MATRIX_UNITS.scales


class Quadratic:
    """``sum (y - Tr S (xx'-I)/sqrt d)^2 + lam d Tr S``: ``S = W'W`` with weight decay on a wide ``W``."""

    name = "quadratic"
    units = MATRIX_UNITS

    def bind(self, spectrum: Spectrum) -> OneSided:
        return OneSided(spectrum)


def shares() -> tuple[NoiseShare, FeatureShare]:
    """The potential's two shares: what bare noise and one learned feature contribute."""
    from asymptotix.asymptotics.expansions import spectral

    return spectral.noise_share(SIDES), spectral.feature_share()


def sectors() -> tuple[Sector, ...]:
    """Sector expansions of risk and degrees of freedom, derived from the potential."""
    from asymptotix.asymptotics.expansions import spectral_sectors

    return spectral_sectors(SIDES)
