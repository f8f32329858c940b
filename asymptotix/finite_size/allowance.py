"""How far measured errors at a finite size may lie from the state evolution, for reasons that are known."""

from __future__ import annotations

from asymptotix.finite_size.band import FEATURES, FINITE_SIZE
from asymptotix.networks.base import Network
from asymptotix.problem import Problem
from asymptotix.simulate.data import GOE


def has_own_features(network: Network, inputs: str) -> bool:
    """Whether data have the network's own features ``x x'``, which no input makes Gaussian."""
    return not network.is_sequence and inputs != GOE


def allowance(problem: Problem, inputs: str) -> float:
    """Relative deviation of known origin: finite ``d`` and the quadratic network's own features."""
    return FINITE_SIZE / problem.d + own_features(problem, inputs)


def own_features(problem: Problem, inputs: str) -> float:
    """The part of the `allowance` that the features ``x x'`` make; none for Gaussian features."""
    return FEATURES / problem.n_eff if has_own_features(problem.net, inputs) else 0.0


def reasons(network: Network, inputs: str) -> str:
    """What the `allowance` is for, in words."""
    own = f" + own features {FEATURES:.0f}/n_eff" if has_own_features(network, inputs) else ""
    return f" + finite size {FINITE_SIZE:.0f}/d{own}"
