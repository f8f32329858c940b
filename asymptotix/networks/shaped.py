"""Data of any shape: networks on independent inputs whose variances differ (`theory.md` 11)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from typing import Any

from asymptotix.inputs import Inputs, PowerVariances
from asymptotix.networks.base import BETA, Network
from asymptotix.networks.bilinear import BILINEAR
from asymptotix.networks.diagonal import DIAGONAL
from asymptotix.networks.quadratic import QUADRATIC
from asymptotix.networks.shaped_matrix import ShapedMatrix
from asymptotix.networks.shaped_sequence import ShapedSequence
from asymptotix.networks.symmetric import SYMMETRIC


def _on(net: Network, inputs: Inputs, potential: Any, **parts: Any) -> Network:
    """The record of a network on such inputs; parts are those that it keeps."""
    law = f"{BETA}{inputs.beta}" if isinstance(inputs, PowerVariances) else " on unequal inputs"
    return replace(
        net,
        **{
            "name": f"{net.name}{law}",
            "objective": f"{net.objective}, inputs of variance v_i",
            "inputs": inputs,
            "potential": potential,
            "shares": None,
            "digits": None,
            "weights": None,
            "error_parts": None,
            "diagnosis": None,
            "deeper_layers": None,
            "unequal_inputs": None,
            "narrower": None,
            "fewer_rows": None,
            "any_width": None,
            **parts,
        },
    )


_LOGARITHMS = "at beta = 1 there are logarithms, which are not derived"


def _shares(net: Network, inputs: Inputs) -> Any:
    """A law of variances has phases."""
    return net.shares if isinstance(inputs, PowerVariances) else None


@cache
def diagonal_on(inputs: Inputs) -> Network:
    """The record of the diagonal network on such inputs.

    >>> diagonal_on(PowerVariances(0.5)).objective
    '1/2 sum (y - yhat)^2 + lam ||theta||_1, inputs of variance v_i'
    """
    potential, digits = partial(ShapedSequence, inputs=inputs), "asymptotix.precise.term_by_term:TERM_BY_TERM"
    return _on(DIAGONAL, inputs, potential, shares=_shares(DIAGONAL, inputs), digits=digits)


@cache
def quadratic_on(inputs: Inputs) -> Network:
    """The record of the quadratic network on such inputs, ``C`` their covariance.

    >>> quadratic_on(PowerVariances(1)).prediction
    "Tr S (x x'-C) / sqrt(d)"
    """
    prediction = QUADRATIC.prediction.replace("-I", "-C")
    potential = partial(ShapedMatrix, inputs=inputs)
    logs = inputs == PowerVariances(Fraction(1))
    return _on(
        QUADRATIC,
        inputs,
        potential,
        prediction=prediction,
        shares=None if logs else _shares(QUADRATIC, inputs),
        lacks=(("shares", _LOGARITHMS),) if logs else (),
        least_error=None,  # a known basis helps an estimator: the rotation-invariant benchmark is none
    )


@cache
def symmetric_on(inputs: Inputs) -> Network:
    """The record of the symmetric network on such inputs: trained, but without a state evolution.

    >>> symmetric_on(PowerVariances(1)).potential is None
    True
    """
    prediction = SYMMETRIC.prediction.replace("-I", "-C")
    return _on(SYMMETRIC, inputs, None, prediction=prediction, least_error=None)


@cache
def bilinear_on(inputs: Inputs) -> Network:
    """The record of the bilinear network with both vectors of such inputs: trained, without a state evolution."""
    return _on(BILINEAR, inputs, None, least_error=None)
