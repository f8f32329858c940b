"""Data of any shape: the diagonal network on independent inputs whose variances differ (`theory.md` 11)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, partial

from asymptotix.inputs import Inputs, PowerVariances
from asymptotix.networks.base import BETA, Network
from asymptotix.networks.diagonal import DIAGONAL
from asymptotix.networks.shaped_sequence import ShapedSequence


@cache
def diagonal_on(inputs: Inputs) -> Network:
    """The record of the diagonal network on such inputs.

    >>> diagonal_on(PowerVariances(0.5)).objective
    '1/2 sum (y - yhat)^2 + lam ||theta||_1, inputs of variance v_i'
    """
    law = isinstance(inputs, PowerVariances)
    return replace(
        DIAGONAL,
        name=f"{DIAGONAL.name}{BETA}{inputs.beta}" if law else f"{DIAGONAL.name} on unequal inputs",
        objective=f"{DIAGONAL.objective}, inputs of variance v_i",
        potential=partial(ShapedSequence, inputs=inputs),
        inputs=inputs,
        shares=DIAGONAL.shares if law else None,
        digits=None,
        weights=None,
        error_parts=None,
        diagnosis=None,
        deeper_layers=None,
        unequal_inputs=None,
    )
