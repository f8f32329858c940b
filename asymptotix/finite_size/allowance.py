"""How far errors at a finite size may lie from the state evolution, for reasons that are known."""

from __future__ import annotations

from asymptotix.experiments.measurements import Measured
from asymptotix.networks.base import Geometry, Network
from asymptotix.simulate.data import GOE

#: Own features raise the error by at most this over n_eff; measured 0.6 to 2.5 (`asymptotix.simulate`).
FEATURES = 3.0

#: Relative deviation at finite d, in units of 1/d: the quadratic network has d(d+1)/2 unknowns, not d^2/2. Measured
#: with Gaussian features at n_eff = 6, noise = 1, d = 20, 40, 80: 1.0(3), 1.0(5), 2.2(13) at lam = 0.3 and
#: 1.1(4), 0.4(4), 0.9(13) at lam = 1.
FINITE_SIZE = 2.0


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
