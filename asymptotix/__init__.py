"""asymptotix: the asymptotics of learning, derived, solved to high precision, and simulated."""

from asymptotix.errors import AsymptotixError, InvalidInput, NotConverged
from asymptotix.problem import Problem
from asymptotix.solution import Solution
from asymptotix.state_evolution import solve, solve_curve
from asymptotix.teacher import FiniteRank, Geometric, PowerLaw, Spectrum, Values

__version__ = "0.1.0"

__all__ = [
    "AsymptotixError",
    "FiniteRank",
    "Geometric",
    "InvalidInput",
    "NotConverged",
    "PowerLaw",
    "Problem",
    "Solution",
    "Spectrum",
    "Values",
    "__version__",
    "solve",
    "solve_curve",
]
