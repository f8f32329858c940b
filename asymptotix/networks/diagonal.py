"""The diagonal network: a LASSO, which thresholds every coefficient on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asymptotix.asymptotics.sector import Scales, Sector

SIDES = 2


def scales() -> Scales:
    """How ``n_eff``, ``Delta`` and ``lam`` enter the two shared equations."""
    import sympy as sp

    from asymptotix.asymptotics.sector import Scales

    return Scales(samples=sp.Integer(1), noise=sp.Integer(1), penalty=sp.Integer(1))


def sectors() -> tuple[Sector, ...]:
    """Sector expansions of risk and degrees of freedom, derived from the potential."""
    from asymptotix.asymptotics.expansions import gaussian_sectors

    return gaussian_sectors(SIDES)
