"""Sector expansions: what a network's potential becomes in every corner of (tau, kappa).

Sector builders take the shares of bare noise and of one feature. Those of scalars and of spectra take the number of
sides on which the network may learn (one for nonnegative weights or a positive semidefinite matrix, two for either
sign). The teacher's features are positive; on two sides their signs do not matter, because each is learned on its own
side by the same share of the potential.
"""

from __future__ import annotations

from asymptotix.asymptotics.expansions import scalar_threshold, spectral_threshold
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare


def gaussian_shares(sides: int) -> tuple[NoiseShare, FeatureShare]:
    """What bare noise and one feature contribute to the potential of a scalar soft threshold."""
    return scalar_threshold.noise_share(sides), scalar_threshold.feature_share()


def spectral_shares(sides: int) -> tuple[NoiseShare, FeatureShare]:
    """What bare noise and one feature contribute to the potential of a spectral soft threshold."""
    return spectral_threshold.noise_share(sides), spectral_threshold.feature_share()
