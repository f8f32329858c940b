r"""Diagonal networks of ``L`` layers: ``f = sum_i (u_1 u_2 ... u_L)_i x_i / sqrt d`` with weight decay on every layer.

The least ``sum_l |u_l|^2`` with a given product ``theta`` is ``L |theta|^(2/L)``, so that decay is the penalty
``lam |theta|^q`` with ``q = 2/L``; two layers are the LASSO (`theory.md` 10).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache, partial

from asymptotix.networks.base import DEPTH, Network
from asymptotix.networks.deep_sequence import PowerPenaltySequence

#: What numbers for more than two layers rest on: the penalty is not convex.
ASSUMES = (
    "the penalty is not convex: this is the minimum that message passing reaches from zero (replica symmetry, "
    "not proved); gradient descent depends on its start"
)


@cache
def of_depth(net: Network, layers: int) -> Network:
    """The record of the diagonal network with that many layers.

    >>> from asymptotix.networks import get
    >>> of_depth(get("diagonal"), 3).objective
    '1/2 sum (y - yhat)^2 + lam sum |theta_i|^(2/3)'
    """
    return replace(
        net,
        name=f"{net.name}{DEPTH}{layers}",
        objective=f"1/2 sum (y - yhat)^2 + lam sum |theta_i|^(2/{layers})",
        potential=partial(PowerPenaltySequence, q=2.0 / layers),
        assumes=ASSUMES,
        power=Fraction(2, layers),
        shares="asymptotix.asymptotics.expansions.power:power_shares",
        digits="asymptotix.precise.jumps:JUMPS",
        weights="asymptotix.spectrum.coefficient_law:jump_law",
        error_parts="asymptotix.risk.scalar_parts:jump_parts",
        simulation="asymptotix.simulate.kinds:DEEP_SEQUENCE",
        diagnosis=None,
        deeper_layers=None,
        unequal_inputs="asymptotix.networks.shaped:powers_on",
    )
