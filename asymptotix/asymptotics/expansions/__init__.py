"""Sector expansions: what a network's potential becomes in every corner of (tau, kappa).

``gaussian_sectors`` and ``spectral_sectors`` take the number of sides on which the network may learn (one for
nonnegative weights or a positive semidefinite matrix, two for either sign) and return the sectors that the
engine of dominant balance consumes. The teacher's features are positive; on two sides their signs do not matter,
because each is learned on its own side by the same share of the potential.
"""

from __future__ import annotations

from functools import cache

from asymptotix.asymptotics.expansions import scalar_threshold, spectral_threshold
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
from asymptotix.asymptotics.expansions.sectors import build_sectors
from asymptotix.asymptotics.sector import Sector

__all__ = ["build_sectors", "gaussian_sectors", "gaussian_shares", "spectral_sectors", "spectral_shares"]


def gaussian_shares(sides: int) -> tuple[NoiseShare, FeatureShare]:
    """What bare noise and one feature contribute to the potential of a scalar soft threshold."""
    return scalar_threshold.noise_share(sides), scalar_threshold.feature_share()


def spectral_shares(sides: int) -> tuple[NoiseShare, FeatureShare]:
    """What bare noise and one feature contribute to the potential of a spectral soft threshold."""
    return spectral_threshold.noise_share(sides), spectral_threshold.feature_share()


@cache
def gaussian_sectors(sides: int = 2) -> tuple[Sector, ...]:
    """Sectors of a scalar soft threshold of Gaussian data: diagonal networks.

    >>> [sector.name for sector in gaussian_sectors()][:2]
    ['nothing learned', 'features above the threshold']
    """
    return build_sectors(*gaussian_shares(sides))


@cache
def spectral_sectors(sides: int = 1) -> tuple[Sector, ...]:
    """Sectors of a spectral soft threshold of a matrix in semicircle noise: quadratic networks.

    >>> spectral_sectors()[-1].risk[0].powers["d"]
    1
    """
    return build_sectors(*spectral_shares(sides))
