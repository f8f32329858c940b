"""Data of any shape: networks on independent inputs whose variances differ (`theory.md` 11)."""

from __future__ import annotations

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


def record_on(net: Network, inputs: Inputs, potential: Any, **parts: Any) -> Network:
    """The record of a network on such inputs; parts are those that it has.

    No benchmark of least error is one here: penalties that differ favour the places of large coefficients, and a known
    basis helps an estimator, which the exchangeable and the rotation-invariant one do not know.
    """
    law = f"{BETA}{inputs.beta}" if isinstance(inputs, PowerVariances) else " on unequal inputs"
    about = {"name": f"{net.name}{law}", "objective": f"{net.objective}, inputs of variance v_i"}
    return net.kin(("simulation",), **{**about, "inputs": inputs, "potential": potential, **parts})


def shares_on(net: Network, inputs: Inputs) -> Any:
    """A law of variances has phases."""
    return net.shares if isinstance(inputs, PowerVariances) else None


@cache
def diagonal_on(inputs: Inputs) -> Network:
    """The record of the diagonal network on such inputs.

    >>> diagonal_on(PowerVariances(0.5)).objective
    '1/2 sum (y - yhat)^2 + lam ||theta||_1, inputs of variance v_i'
    """
    potential, digits = partial(ShapedSequence, inputs=inputs), "asymptotix.precise.term_by_term:TERM_BY_TERM"
    return record_on(
        DIAGONAL,
        inputs,
        potential,
        shares=shares_on(DIAGONAL, inputs),
        digits=digits,
    )


@cache
def quadratic_on(inputs: Inputs) -> Network:
    """The record of the quadratic network on such inputs, ``C`` their covariance.

    >>> quadratic_on(PowerVariances(1)).prediction
    "Tr S (x x'-C) / sqrt(d)"
    """
    prediction = QUADRATIC.prediction.replace("-I", "-C")
    potential = partial(ShapedMatrix, inputs=inputs)
    return record_on(
        QUADRATIC,
        inputs,
        potential,
        prediction=prediction,
        shares=shares_on(QUADRATIC, inputs),
    )


_NO_FUNCTION = (
    "on unequal inputs a nuclear norm is no function of the whitened matrix's singular values, "
    "and its minimiser has no closed form: train it by simulate"
)


@cache
def symmetric_on(inputs: Inputs) -> Network:
    """The record of the symmetric network on such inputs: trained, but without a state evolution.

    ``||C^(-1/2) T C^(-1/2)||_*`` couples what is learned with either sign; where all is positive it is ``Tr C^-1 T``,
    the quadratic network's.

    >>> symmetric_on(PowerVariances(1)).potential is None
    True
    """
    prediction = SYMMETRIC.prediction.replace("-I", "-C")
    return _without_potential(SYMMETRIC, inputs, prediction=prediction)


@cache
def bilinear_on(inputs: Inputs) -> Network:
    """The record of the bilinear network with both vectors of such inputs: trained, without a state evolution."""
    return _without_potential(BILINEAR, inputs)


def _without_potential(net: Network, inputs: Inputs, **parts: Any) -> Network:
    return record_on(
        net,
        inputs,
        None,
        lacks=(("potential", _NO_FUNCTION), ("shares", _NO_FUNCTION)),
        **parts,
    )
