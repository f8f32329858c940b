"""How far measured errors at a finite size may lie from the state evolution, for reasons that are known."""

from __future__ import annotations

from asymptotix.experiments.measurements import Measured
from asymptotix.finite_size.band import FEATURES, FINITE_SIZE
from asymptotix.networks.base import Geometry, Network
from asymptotix.simulate.data import GOE


def has_own_features(network: Network, inputs: str) -> bool:
    """Whether data have the network's own features ``x x'``, which no input makes Gaussian."""
    return network.geometry is not Geometry.SEQUENCE and inputs != GOE


def allowance(point: Measured) -> float:
    """Relative deviation of known origin: finite ``d`` and the quadratic network's own features."""
    return FINITE_SIZE / point.plan.problem.d + own_features(point)


def own_features(point: Measured) -> float:
    """The part of the `allowance` that the features ``x x'`` make; none for Gaussian features."""
    problem = point.plan.problem
    own = has_own_features(problem.net, point.plan.inputs)
    return FEATURES / problem.n_eff if own else 0.0
