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
    name, shares = f"{DIAGONAL.name} on unequal inputs", None
    if isinstance(inputs, PowerVariances):  # a law has phases, and a name that says all
        name, shares = f"{DIAGONAL.name}{BETA}{inputs.beta}", DIAGONAL.shares
    return replace(
        DIAGONAL,
        name=name,
        objective=f"{DIAGONAL.objective}, inputs of variance v_i",
        inputs=inputs,
        potential=partial(ShapedSequence, inputs=inputs),
        shares=shares,
        digits=None,
        weights=None,
        error_parts=None,
        diagnosis=None,
        deeper_layers=None,
        unequal_inputs=None,
    )
