"""A network in symbols: its units, the shares of noise and feature in its potential, and the sectors that follow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp

from asymptotix.asymptotics.expansions.few_rows import build_few_rows_sectors
from asymptotix.asymptotics.expansions.potential import FeatureShare, NoiseShare
from asymptotix.asymptotics.expansions.power import PowerPenalty
from asymptotix.asymptotics.expansions.ridge_sectors import build_ridge_sectors
from asymptotix.asymptotics.expansions.sectors import build_sectors
from asymptotix.asymptotics.expansions.shaped import build_shaped_sectors
from asymptotix.asymptotics.expansions.shaped_matrix import build_shaped_matrix_sectors
from asymptotix.asymptotics.expansions.width import build_narrow_sectors
from asymptotix.asymptotics.sector import Scales, Sector
from asymptotix.asymptotics.symbols import RATIO
from asymptotix.networks import get
from asymptotix.networks.base import ANY_ASPECT, Network


@dataclass(frozen=True)
class Definition:
    """What the engine of dominant balance asks of a network."""

    network: Network

    def scales(self) -> Scales:
        """The units as exact numbers."""
        units = self.network.units
        samples, noise, penalty = map(sp.Rational, (units.samples, units.noise, units.penalty))
        power = self.network.power
        if power == 1:
            return Scales(samples, noise, penalty)
        form = PowerPenalty(sp.Rational(power))
        return Scales(samples, noise, penalty / form.strength, form.degree, form.q / 2)

    def shares(self) -> tuple[NoiseShare, FeatureShare]:
        """The potential's two shares: what bare noise and one learned feature contribute."""
        network = self.network
        known: tuple[Any, ...] = (network.sides,) if network.power == 1 else (network.sides, network.power)
        if network.aspect is not None:
            known = (*known, RATIO if network.aspect == ANY_ASPECT else sp.Rational(network.aspect))
        noise, feature = network.supply("shares")(*known)
        return noise, feature

    @cache  # noqa: B019  definitions, equal where their networks are, are few
    def sectors(self) -> tuple[Sector, ...]:
        """Sector expansions of risk and degrees of freedom, derived from the potential."""
        beta = getattr(self.network.inputs, "beta", None)
        if self.network.sized == "ridge":
            return build_ridge_sectors(*self.shares())
        if self.network.sized == "rows":
            return build_few_rows_sectors(*self.shares())
        if self.network.sized:
            return build_narrow_sectors(*self.shares())
        if beta is None:
            return build_sectors(*self.shares())
        sequence = self.network.is_sequence
        return (build_shaped_sectors if sequence else build_shaped_matrix_sectors)(*self.shares(), beta)


def definition(name: str) -> Definition:
    """The network of that name, in symbols.

    Raises:
        NotSupplied: the network has no symbols.

    >>> definition("quadratic").scales().samples
    2
    """
    return Definition(get(name))
