"""The quadratic network: a positive semidefinite matrix whose spectrum is thresholded on one side."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
    from asymptotix.asymptotics.sector import Scales, Sector

SIDES = 1


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
