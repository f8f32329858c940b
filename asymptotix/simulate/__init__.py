"""The third witness: real data, real optimisers.

Nothing here knows the theory: the only shared code is the definition of the problem.
"""

from asymptotix.callable_room import callable_as
from asymptotix.simulate.amp import amp
from asymptotix.simulate.data import INPUTS, DataSet, draw
from asymptotix.simulate.fit import Fit
from asymptotix.simulate.lasso import fit_lasso, lasso_curve
from asymptotix.simulate.run import METHODS, simulate
from asymptotix.simulate.runs import Run, Runs
from asymptotix.simulate.sensing import fit_sensing, sensing_curve
from asymptotix.simulate.train import train

__all__ = [
    "INPUTS",
    "METHODS",
    "DataSet",
    "Fit",
    "Run",
    "Runs",
    "amp",
    "draw",
    "fit_lasso",
    "fit_sensing",
    "lasso_curve",
    "sensing_curve",
    "simulate",
    "train",
]

callable_as(simulate)
