"""Data of any shape: networks on independent inputs whose variances differ (`theory.md` 11)."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from asymptotix.inputs import Inputs, PowerVariances
from asymptotix.networks.base import BETA, Network
from asymptotix.networks.shaped_matrix import ShapedMatrix
from asymptotix.networks.shaped_sequence import ShapedPowerSequence, ShapedSequence


def _on(net: Network, inputs: Inputs, **parts: Any) -> Network:
    """The record of a network on such inputs, ``C`` their covariance; parts are those that it has.

    No benchmark of least error is one here: penalties that differ favour the places of large coefficients, and a known
    basis helps an estimator, which the exchangeable and the rotation-invariant one do not know.
    """
    law = f"{BETA}{inputs.beta}" if isinstance(inputs, PowerVariances) else " on unequal inputs"
    return net.kin(
        ("simulation",),
        name=f"{net.name}{law}",
        prediction=net.prediction.replace("-I", "-C"),
        objective=f"{net.objective}, inputs of variance v_i",
        inputs=inputs,
        **parts,
    )


def _solved_on(net: Network, inputs: Inputs, potential: Any, digits: str | None = None) -> Network:
    """The same, of a potential; a law of variances has phases."""
    shares = net.shares if isinstance(inputs, PowerVariances) else None
    return _on(net, inputs, potential=partial(potential, inputs=inputs), shares=shares, digits=digits)


@cache
def sequence_on(net: Network, inputs: Inputs) -> Network:
    """The record of the diagonal network on such inputs.

    >>> from asymptotix.networks import get
    >>> sequence_on(get("diagonal"), PowerVariances(0.5)).objective
    '1/2 sum (y - yhat)^2 + lam ||theta||_1, inputs of variance v_i'
    """
    return _solved_on(net, inputs, ShapedSequence, "asymptotix.precise.term_by_term:TERM_BY_TERM")


@cache
def powers_on(net: Network, inputs: Inputs) -> Network:
    """The record of a diagonal network of more layers on such inputs."""
    return _solved_on(net, inputs, partial(ShapedPowerSequence, q=float(net.power)))


@cache
def matrix_on(net: Network, inputs: Inputs) -> Network:
    """The record of the quadratic network on such inputs.

    >>> from asymptotix.networks import get
    >>> matrix_on(get("quadratic"), PowerVariances(1)).prediction
    "Tr S (x x'-C) / sqrt(d)"
    """
    return _solved_on(net, inputs, ShapedMatrix)


_NO_FUNCTION = (
    "on unequal inputs a nuclear norm is no function of the whitened matrix's singular values, "
    "and its minimiser has no closed form: train it by simulate"
)


@cache
def without_potential(net: Network, inputs: Inputs) -> Network:
    """The record of a matrix of either sign, or of none, on such inputs: trained, but without a state evolution.

    ``||C^(-1/2) T C^(-1/2)||_*`` couples what is learned with either sign; where all is positive it is ``Tr C^-1 T``,
    the quadratic network's. Both vectors of a bilinear network have such inputs.

    >>> from asymptotix.networks import get
    >>> without_potential(get("symmetric"), PowerVariances(1)).potential is None
    True
    """
    return _on(net, inputs, lacks=(("potential", _NO_FUNCTION), ("shares", _NO_FUNCTION)))
