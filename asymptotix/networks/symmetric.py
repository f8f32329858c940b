"""The symmetric network: a matrix of either sign, nuclear norm, its spectrum thresholded on both sides.

Signs of the teacher's eigenvalues do not matter to leading order: each is learned on its own side, and noise
leaks on both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asymptotix.networks.two_sided import TwoSided
from asymptotix.teacher import Spectrum

if TYPE_CHECKING:
    from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
    from asymptotix.asymptotics.sector import Scales, Sector

SIDES = 2


class Symmetric:
    """``sum (y - Tr S (xx'-I)/sqrt d)^2 + lam d ||S||_*``: ``S = U'U - W'W`` with weight decay, both wide."""

    name = "symmetric"
    sample_factor = 2.0
    noise_factor = 0.5
    penalty_factor = 0.5

    def bind(self, spectrum: Spectrum) -> TwoSided:
        return TwoSided(spectrum)


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
