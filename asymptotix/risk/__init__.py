"""Where the error comes from, how small it can be made, and by which estimator."""

from asymptotix.risk.bayes import bayes_error
from asymptotix.risk.decomposition import Decomposition, decompose
from asymptotix.risk.optimum import Optimum, optimum
from asymptotix.risk.pruning import error_after_pruning, prune, pruning_threshold
from asymptotix.risk.ridge import ridge_error

__all__ = [
    "Decomposition",
    "Optimum",
    "bayes_error",
    "decompose",
    "error_after_pruning",
    "optimum",
    "prune",
    "pruning_threshold",
    "ridge_error",
]
