"""Where the error comes from, how small it can be made, and by which estimator."""

from asymptotix.risk.decomposition import Decomposition, decompose
from asymptotix.risk.optimum import Optimum, optimum

__all__ = ["Decomposition", "Optimum", "decompose", "optimum"]
