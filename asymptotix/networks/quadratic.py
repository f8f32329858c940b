"""The quadratic network: a positive semidefinite matrix whose spectrum is thresholded on one side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asymptotix.networks.spectral import OneSided
from asymptotix.teacher import Spectrum

if TYPE_CHECKING:
    from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
    from asymptotix.asymptotics.sector import Scales, Sector

SIDES = 1


class Quadratic:
    """``sum (y - Tr S (xx'-I)/sqrt d)^2 + lam d Tr S``: ``S = W'W`` with weight decay on a wide ``W``."""

    name = "quadratic"
    sample_factor = 2.0
    noise_factor = 0.5
    penalty_factor = 0.5

    def bind(self, spectrum: Spectrum) -> OneSided:
        return OneSided(spectrum)


def scales() -> Scales:
    """How ``n_eff``, ``Delta`` and ``lam`` enter the two shared equations."""
    import sympy as sp

    from asymptotix.asymptotics.sector import Scales

    return Scales(samples=sp.Integer(2), noise=sp.Rational(1, 2), penalty=sp.Rational(1, 2))


def shares() -> tuple[NoiseShare, FeatureShare]:
    """The potential's two shares: what bare noise and one learned feature contribute."""
    from asymptotix.asymptotics.expansions import spectral

    return spectral.noise_share(SIDES), spectral.feature_share()


def sectors() -> tuple[Sector, ...]:
    """Sector expansions of risk and degrees of freedom, derived from the potential."""
    from asymptotix.asymptotics.expansions import spectral_sectors

    return spectral_sectors(SIDES)
